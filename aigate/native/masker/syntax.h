// Reads expressions in RE2's syntax, as RE2's syntax page lists it, into trees; what a tree says about characters beyond ASCII is
// rough. Matches nothing.
#pragma once

#include <string>

#include "node.h"

namespace aigate::syntax {

// exact: the tree says all that the expression says, if a character class that has any character beyond ASCII has all.
struct Parsed {
    NodePtr root;
    bool exact;
};

// Groups up to this number are told apart, as RE2 counts them.
constexpr int kMostGroups = 16;

struct Unknown {};  // thrown for an expression that the parser does not know

// fold: case does not matter. latin1: each byte of the expression is a character of its own.
Parsed parse(const std::string& regex, bool fold, bool latin1);

}  // namespace aigate::syntax
