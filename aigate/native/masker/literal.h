// Whether what stands behind a name is a literal value or code. Looks at one value; knows no rule and no name.
#pragma once

#include <cstddef>

namespace aigate {

// What a rule asks of the text that it would hide.
// Placeholder: that it stands for no value. Literal: that it is a value and not code, a type, a number, a version, a path
// or a template. Random: that as well, and that it has 16 characters and changes its kind of character often. Apart: that
// as well, and that it is no piece of a longer text in base64, see stands_apart().
enum class Check : unsigned char { None, Placeholder, Literal, Random, Apart };

// A rejected value that is longer than this holds no name of its own that would be looked for.
constexpr size_t kRejected = 64;

// Finds the value in text[*begin, *end), which may begin with a quote and, where it has none, go on too far. Returns
// whether it is to be hidden. size: of the text.
bool is_value(Check check, const char* text, size_t size, size_t* begin, size_t* end);

// Whether text[begin, end) has no character of base64 in front that is not one of a word's, none behind it, and is no digest
// of which the algorithm stands in front.
bool stands_apart(const char* text, size_t size, size_t begin, size_t end);

}  // namespace aigate
