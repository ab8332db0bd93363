// How a cell looks: colours and attributes, as SGR sets them (ECMA-48 8.3.117; xterm's and kitty's additions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aigate {

// A parameter of a control sequence. missing: nothing stood there. sub: it follows a colon.
struct Parameter {
    uint32_t value = 0;
    bool missing = true;
    bool sub = false;
};
using Parameters = std::vector<Parameter>;

class Style {
  public:
    // Takes the parameters of one SGR sequence. What it does not know changes nothing.
    void apply(const Parameters& parameters);
    // Turns bold, underline, blink and inverse around, as far as they are named (DECRARA).
    void reverse(const Parameters& parameters, size_t from);
    // How a cell looks that is erased while this is in force: its background alone (terminfo's bce).
    Style erased() const {
        Style style;
        style.background_ = background_;
        return style;
    }
    // Appends the sequence that makes any terminal's state this one.
    void write(std::string& out) const;

    bool operator==(const Style& other) const {
        return foreground_ == other.foreground_ && background_ == other.background_ && line_ == other.line_ &&
               attributes_ == other.attributes_;
    }
    bool has_background_of(const Style& other) const { return background_ == other.background_; }
    bool operator!=(const Style& other) const { return !(*this == other); }

  private:
    size_t colour(const Parameters& parameters, size_t at, uint32_t* colour) const;
    size_t one(const Parameters& parameters, size_t at);
    void set(uint32_t attribute) { attributes_ |= uint32_t{1} << attribute; }
    void clear(uint32_t attribute) { attributes_ &= ~(uint32_t{1} << attribute); }
    bool has(uint32_t attribute) const { return attributes_ >> attribute & 1; }

    // 0 is the default colour; otherwise the top byte says which kind of number it is.
    uint32_t foreground_ = 0;
    uint32_t background_ = 0;
    uint32_t line_ = 0;        // of an underline
    uint32_t attributes_ = 0;  // bit n: SGR n; the kind of an underline (4:1 to 4:5) in bits kUnderline and above
};

}  // namespace aigate
