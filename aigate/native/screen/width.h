// How many cells a character fills. Owns no state.
#pragma once

#include <cstddef>
#include <string>

namespace aigate {

// 0 for a mark that stands on the character before and for what is not seen, 2 for a wide character, else 1.
size_t cell_width(char32_t code);

// The cells that text of any bytes fills; an ill-formed byte fills one.
size_t text_width(const char* text, size_t size);

// Reads the character at p, of which `size` bytes are there; *length is 1 and the code U+FFFD where it is ill-formed.
char32_t read_character(const char* p, size_t size, size_t* length);

// Appends a character in UTF-8, or the letters that share a cell.
void append_character(std::string& out, char32_t code);

// Small letters share a cell (OSC 66), up to four of them: they are one code, which is no character's. One that is not of
// ASCII becomes `?` there.
constexpr size_t kMostShared = 4;
char32_t share_cell(char32_t code, char32_t next);
// How many a code stands for.
size_t shared_letters(char32_t code);

}  // namespace aigate
