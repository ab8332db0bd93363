// Keys that go over many lines (RFC 7468, OpenPGP's armor): which lines behind a BEGIN are a key's body. Looks at the
// text of whole lines; finds no BEGIN itself and hides nothing.
#pragma once

#include <cstddef>
#include <string>

namespace aigate {

class Armor {
  public:
    struct Body {
        size_t begin;  // what of the line is to be hidden
        size_t end;
        bool first;  // of its key
    };

    // A line has ended that held a BEGIN: what stood before and behind it. Rests when a body can't follow.
    void begin(const std::string& before, const std::string& behind);
    // Takes the next line. Returns whether it belongs to a body; *body is what of it.
    bool take(const char* line, size_t size, Body* body);
    // Whether a body may follow or go on.
    bool waits() const { return phase_ != Phase::Rests; }
    void rest() { phase_ = Phase::Rests; }

    static constexpr size_t kMostBefore = 80;  // a margin is no longer,
    static constexpr size_t kMostBehind = 120;  // and what stands behind BEGIN neither, the blanks of a box included

  private:
    enum class Phase : unsigned char { Rests, Headers, Blank, Body };

    size_t margin_of(const char* line, size_t size) const;

    Phase phase_ = Phase::Rests;
    bool loose_ = false;  // BEGIN stands in a line of code, or behind a quote: what follows may have no margin
    std::string margin_;
    std::string behind_;
    size_t length_ = 0;  // of a body line
};

}  // namespace aigate
