// An expression in RE2's syntax, as a tree. Reads what RE2's syntax page lists; what the tree says about characters
// beyond ASCII is rough. Builds and matches nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bytes.h"

namespace aigate::syntax {

// What a character class holds: ASCII exactly, the rest as "none" or "perhaps any".
struct Class {
    ByteSet ascii;
    bool high = false;
    bool kelvin = false;   // U+212A, which folds to k
    bool long_s = false;   // U+017F, which folds to s
};

struct Node;
using NodePtr = std::unique_ptr<Node>;

struct Node {
    enum class Kind { Empty, Assert, Class, Byte, Concat, Either, Repeat } kind;
    Class characters;
    std::vector<NodePtr> parts;
    bool word_boundary = false;  // of Assert: it is \b,
    bool end = false;            // or the end of the line
    int least = 0;
    int most = 0;  // -1: no limit
    bool lazy = false;           // of Repeat: less is preferred
};

// exact: the tree says all that the expression says, if a character class that has any character beyond ASCII has all.
struct Parsed {
    NodePtr root;
    bool exact;
};

struct Unknown {};  // thrown for an expression that the parser does not know

// fold: case does not matter. latin1: each byte of the expression is a character of its own.
Parsed parse(const std::string& regex, bool fold, bool latin1);

// Whether the expression can match without taking a byte.
bool can_be_empty(const Node& node);

}  // namespace aigate::syntax
