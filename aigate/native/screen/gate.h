// What of a program's output the terminal gets at all: sequences that reach past the screen are taken out, each kind if
// that is wanted, before anybody else sees them. Owns the bytes of a sequence that is not over and of a hyperlink whose
// text is not known; knows no secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "parser.h"
#include "reach.h"

namespace aigate {

class Gate {
  public:
    // taken: the kinds that are taken out, as bits by number.
    explicit Gate(uint32_t taken) : taken_(taken) {}

    struct Bytes {
        const char* data;
        size_t size;
    };
    // Takes output, and gives back what passes, good until the next call. final: nothing follows; what is not over is lost.
    Bytes pass(const char* data, size_t size, bool final);
    // Waits no longer for a hyperlink's text: it is none.
    Bytes give_up();
    // How many bytes wait for a hyperlink's end.
    size_t held() const { return link_.size(); }
    // By kind, how many were taken out.
    const std::array<uint64_t, kReaches>& counts() const { return counts_; }

  private:
    enum class Decided : uint8_t { No, Passes, Taken };

    bool is_idle() const { return token_.empty() && link_.empty() && !names_window_ && decided_ == Decided::No; }
    bool takes(Reach reach) const { return taken_ >> static_cast<unsigned>(reach) & 1; }
    bool take(Reach reach);
    void handle(Parser::Event event);
    void handle_string();
    void decide_early();
    void end_sequence(Parser::Event event);
    void emit(const std::string& bytes);
    void note_text(Parser::Event event);
    void open_link();
    void close_link(bool given_up);

    uint32_t taken_;
    Parser parser_;
    std::string out_;
    std::string token_;  // the sequence that is under way
    Decided decided_ = Decided::No;
    bool ends_taken_ = false;   // the ST of a string that was taken out may follow
    bool names_window_ = false;  // in a title as GNU screen has it
    std::string link_;           // what waits, from the sequence that opens the link
    size_t opening_ = 0;         // of that the sequence's size
    std::string target_;
    std::string shown_;   // the link's text, a blank wherever the cursor moved
    std::string joined_;  // and without those
    bool moved_ = false;
    std::array<uint64_t, kReaches> counts_{};
};

}  // namespace aigate
