// Steps over escape sequences, and remembers the last ones: many walks come to the same flood of them.
#pragma once

#include "text.h"

namespace aigate {

class Skipper {
  public:
    // The first byte from p on that does not begin a sequence, or end. *p is an ESC. Each ESC in a row of sequences is
    // followed by the rest of them, also one that only ends a string.
    const char* skip(const char* p, const char* end) {
        if (p >= from_ && p < to_) return to_;
        from_ = p;
        return to_ = sequence::skip(p, end);
    }

  private:
    const char* from_ = nullptr;
    const char* to_ = nullptr;
};

}  // namespace aigate
