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

// What an expression may ask of a place: of the text ^ and $, as \A and \z; of words \b and \B.
enum class Assertion : uint8_t { Begin, End, Boundary, NoBoundary };

struct Node {
    enum class Kind { Empty, Assert, Class, Byte, Concat, Either, Repeat } kind;
    Class characters;
    std::string bytes;  // of Class: the one character beyond ASCII that it is, where that is known
    std::vector<NodePtr> parts;
    Assertion assertion = Assertion::Begin;
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
