// See width.h.
#include "width.h"

#include <algorithm>
#include <iterator>

#include "../masker/text.h"
#include "width_table.h"

namespace aigate {

namespace {

constexpr char32_t kShared = 0x80000000;  // more than any character
constexpr unsigned kLetterBits = 7;

template <size_t kSize>
bool holds(const Range (&ranges)[kSize], char32_t code) {
    const Range* const found =
        std::upper_bound(std::begin(ranges), std::end(ranges), code, [](char32_t c, const Range& range) { return c < range.first; });
    return found != std::begin(ranges) && code <= found[-1].last;
}

}  // namespace

size_t cell_width(char32_t code) {
    if (code < 0x300) return 1;
    if (holds(kZeroWidth, code)) return 0;
    return code >= kWide[0].first && holds(kWide, code) ? 2 : 1;
}

char32_t read_character(const char* text, size_t size, size_t* length) {
    const auto* const p = reinterpret_cast<const unsigned char*>(text);
    const size_t known = utf8_character(p, size);
    *length = std::max<size_t>(known, 1);
    if (known == 1) return p[0];
    if (!known) return 0xfffd;
    char32_t code = p[0] & (0x7f >> known);
    for (size_t at = 1; at < known; ++at) code = code << 6 | (p[at] & 0x3f);
    return code;
}

size_t shared_letters(char32_t code) {
    if (!(code & kShared)) return 1;
    size_t letters = 0;
    for (char32_t left = code & ~kShared; left; left >>= kLetterBits) ++letters;
    return letters;
}

char32_t share_cell(char32_t code, char32_t next) {
    if (shared_letters(code) == kMostShared) return code;
    const auto letter = [](char32_t one) { return one < 0x80 ? one : U'?'; };
    const char32_t first = code & kShared ? code : kShared | letter(code);
    return kShared | (first << kLetterBits & ~kShared) | letter(next);
}

void append_character(std::string& out, char32_t code) {
    if (code & kShared) {
        for (size_t left = shared_letters(code); left--;) out += static_cast<char>(code >> kLetterBits * left & 0x7f);
        return;
    }
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    out += static_cast<char>((0xff00 >> (more + 1) & 0xff) | code >> 6 * more);
    for (int left = more - 1; left >= 0; --left) out += static_cast<char>(0x80 | (code >> 6 * left & 0x3f));
}

size_t text_width(const char* text, size_t size) {
    size_t cells = 0;
    for (size_t at = 0, length = 0; at < size; at += length) cells += cell_width(read_character(text + at, size - at, &length));
    return cells;
}

}  // namespace aigate
