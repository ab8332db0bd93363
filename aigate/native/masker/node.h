// An expression as a tree. Reads none (syntax.h does), and matches nothing.
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
    bool secret = false;  // of Either: the group of that name
    int least = 0;
    int most = 0;  // -1: no limit
    bool lazy = false;           // of Repeat: less is preferred
};

// Whether the expression can match without taking a byte.
bool can_be_empty(const Node& node);

}  // namespace aigate::syntax
