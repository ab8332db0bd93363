// Sets of characters as classes of an expression make them: by name, by range, folded, negated, joined. Reads no expression.
#pragma once

#include <cstdint>
#include <string>

#include "syntax.h"

namespace aigate::syntax {

// Whether [[:name:]] holds a character of ASCII. Throws Unknown for a name that there is not.
bool in_named(const std::string& name, unsigned char c);

void range(ByteSet& set, uint32_t low, uint32_t high);
// Adds the other case of each letter.
void fold(ByteSet& set);
// Adds what \w holds.
void word(ByteSet& set);
// Adds everything.
void widest(Class& set);
void negate(Class& set);
void join(Class& set, const Class& other);

}  // namespace aigate::syntax
