// See classes.h.
#include "classes.h"

namespace aigate::syntax {

bool in_named(const std::string& name, unsigned char c) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    const bool graph = c > 0x20 && c < 0x7f;
    if (name == "alnum") return lower || upper || digit;
    if (name == "alpha") return lower || upper;
    if (name == "ascii") return true;
    if (name == "blank") return c == ' ' || c == '\t';
    if (name == "cntrl") return c < 0x20 || c == 0x7f;
    if (name == "digit") return digit;
    if (name == "graph") return graph;
    if (name == "lower") return lower;
    if (name == "print") return graph || c == ' ';
    if (name == "punct") return graph && !(lower || upper || digit);
    if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
    if (name == "upper") return upper;
    if (name == "word") return lower || upper || digit || c == '_';
    if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    throw Unknown();
}

void range(ByteSet& set, uint32_t low, uint32_t high) {
    for (uint32_t c = low; c <= high && c < 128; ++c) set.set(c);
}

void fold(ByteSet& set) { set.fold(); }

void word(ByteSet& set) {
    range(set, '0', '9');
    range(set, 'A', 'Z');
    range(set, 'a', 'z');
    set.set('_');
}

void widest(Class& set) {
    range(set.ascii, 0, 127);
    set.high = true;
}

void negate(Class& set) {
    set.ascii.flip_ascii();
    set.high = true;
}

void join(Class& set, const Class& other) {
    set.ascii |= other.ascii;
    set.high |= other.high;
}

}  // namespace aigate::syntax
