// Cuts bytes into characters, controls and sequences as terminals do (ECMA-48; Paul Williams' state machine for the DEC
// terminals; UTF-8). Owns where it stands; knows nothing of screens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "style.h"

namespace aigate {

class Parser {
  public:
    // What a byte completes. String: an OSC, DCS or the like is over, with what of it was kept.
    enum class Event { None, Print, Control, Escape, Csi, String };

    // Takes a byte. Where again() says so afterwards, the same byte has to be given once more.
    Event take(unsigned char byte);
    bool again() const { return again_; }
    // Whether a byte of text would be shown now.
    bool is_ground() const { return state_ == State::Ground && !expected_; }
    // Whether nothing is under way, sized text (OSC 66) among it: other sequences may be put in.
    bool is_whole() const { return is_ground() && !in_sized_; }
    // Whether a sequence is under way whose bytes mean nothing until its end, so that they need not be kept back.
    bool in_string() const { return state_ == State::String; }

    char32_t code() const { return code_; }          // of Print and Control
    char final() const { return final_; }            // of Escape and Csi
    char introducer() const { return introducer_; }  // of String: ] P X ^ _
    char prefix() const { return prefix_; }          // of Csi: one of < = > ?, or 0
    const std::string& intermediates() const { return intermediates_; }
    const std::string& string() const { return string_; }
    const Parameters& parameters() const { return parameters_; }
    // How Print's character is sized (OSC 66): so many times as high and as wide, in so many cells; 0: in as many as it needs.
    uint32_t scale() const { return scale_; }
    uint32_t sized_width() const { return sized_width_; }
    // How many times as many of them a cell holds, rounded up.
    uint32_t sized_share() const { return sized_share_; }
    // The number of its text among those that are sized.
    uint64_t sized() const { return sized_; }
    // The parameter as a count or a place: 0 and a missing one are `missing`.
    uint32_t number(size_t at, uint32_t missing = 1) const;

    static constexpr size_t kStringKept = 4096;

  private:
    enum class State : uint8_t { Ground, Escape, Csi, CsiIgnored, String };

    Event character(unsigned char byte);
    Event control(char32_t code);
    Event ill_formed(bool again);
    Event in_escape(unsigned char byte);
    Event in_csi(unsigned char byte);
    Event in_string(unsigned char byte);
    bool is_sized_text() const;
    void begin_sized();
    void end_sized();
    void begin();
    void add_digit(unsigned char byte);

    State state_ = State::Ground;
    bool again_ = false;
    char32_t code_ = 0;
    size_t expected_ = 0;  // bytes that a character still needs
    unsigned char low_ = 0x80, high_ = 0xbf;  // between which the next of them must be
    char32_t partial_ = 0;
    char final_ = 0;
    char introducer_ = 0;
    unsigned char before_ = 0;  // the byte before, in a string
    char prefix_ = 0;
    uint32_t scale_ = 1;
    uint32_t sized_width_ = 0;
    uint32_t sized_share_ = 1;
    uint64_t sized_ = 0;
    bool in_sized_ = false;
    std::string intermediates_;
    std::string string_;
    Parameters parameters_;
};

}  // namespace aigate
