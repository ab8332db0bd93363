// Which output is plain: lines, and sequences that neither move the cursor nor change what moving means.
#pragma once

#include <cstddef>

namespace aigate {

struct Plain {
    size_t size;  // so many bytes are plain,
    bool open;    // and what follows may turn out to be
};

// final: nothing follows. columns: of the screen; a word that goes on behind a row that is full is none of a line. *cells: how
// many of them what is plain has filled since the last line end, about.
Plain find_plain(const char* data, size_t size, bool final, size_t columns, size_t* cells);

}  // namespace aigate
