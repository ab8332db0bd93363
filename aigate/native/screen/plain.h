// Which output is plain: lines, and sequences that neither move the cursor nor change what moving means.
#pragma once

#include <cstddef>

namespace aigate {

struct Plain {
    size_t size;  // so many bytes are plain,
    bool open;    // and what follows may turn out to be
};

// final: nothing follows.
Plain find_plain(const char* data, size_t size, bool final);

}  // namespace aigate
