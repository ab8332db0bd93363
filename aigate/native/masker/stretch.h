// A stretch of output without its escape sequences, and where each byte of it came from. So whoever looks for something
// in text need not think of them.
#pragma once

#include <cstddef>
#include <vector>

#include "text.h"

namespace aigate {

class Stretch {
  public:
    // Reads from `at` on until there are so many bytes of text, or to `end`. Returns where it stopped.
    const char* read(const char* at, const char* end, size_t most);

    const char* begin() const { return text_.data(); }
    const char* end() const { return text_.data() + size_; }
    // Where a byte of the text came from. Bytes must not go back.
    const char* origin(const char* byte);

  private:
    struct Piece {
        size_t text;
        const char* origin;
    };

    std::vector<char> text_;  // of which so many bytes are text:
    size_t size_ = 0;
    std::vector<Piece> pieces_;
    size_t piece_ = 0;  // the one that was asked for last
};

}  // namespace aigate
