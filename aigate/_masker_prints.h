// Fingerprints: for each rule, sets of four neighbouring byte classes such that every match of the rule shows one of
// them, at its beginning or further in. Chosen by how rarely ordinary output looks like them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "_masker_shape.h"

namespace aigate {

constexpr size_t kPrintLength = 4;
constexpr size_t kBuckets = 8;

using Print = std::array<ByteSet, kPrintLength>;

// What to look for and what to do about it.
struct Prints {
    // By position and byte: the buckets that hold a fingerprint with this byte there. One bit each.
    uint8_t classes[kPrintLength][256] = {};
    bool any = false;

    std::vector<uint32_t> anchors;  // steps: from a fingerprint on, the shape goes on here
    std::vector<uint32_t> midword;  // those of them that may follow a byte of a word
    std::vector<uint32_t> starts;   // the first steps of all rules
    std::vector<uint32_t> sweeps;   // and of those without a fingerprint worth the name
    std::vector<uint32_t> swept;    // whose numbers are these
    std::vector<bool> inner;        // by rule number: its fingerprint may lie anywhere in the match
};

Prints choose_prints(const Shape& shape);

}  // namespace aigate
