// Fingerprints: for each rule, sets of four neighbouring byte classes such that every match of the rule shows one of
// them, at its beginning or further in. Chosen by how rarely ordinary output looks like them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "_masker_shape.h"

namespace aigate {

constexpr size_t kPrintLength = 4;
constexpr size_t kBuckets = 8;   // the groups that one set of vector tables tells apart, one bit each
constexpr size_t kMostSets = 2;  // sets of tables; more rules need more to be told apart
constexpr size_t kGroups = 64;   // and those that tell a place that looks right from one that does not

using Print = std::array<ByteSet, kPrintLength>;

// What to look for and what to do about it.
struct Prints {
    // By position and byte: the buckets, and the smaller groups, that hold a fingerprint with this byte there.
    uint8_t buckets[kMostSets][kPrintLength][256] = {};
    size_t sets = 1;
    uint64_t groups[kPrintLength][256] = {};
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
