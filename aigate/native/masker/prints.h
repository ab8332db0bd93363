// Fingerprints: for each rule, sets of four neighbouring byte classes such that every match of the rule shows one of
// them, at a known distance from its beginning or, where that does not work, somewhere. Chosen by how rarely ordinary
// output looks like them.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "shape.h"

namespace aigate {

constexpr size_t kPrintLength = 4;
constexpr size_t kBuckets = 8;   // the groups that one set of vector tables tells apart, one bit each
constexpr size_t kMostSets = 2;  // sets of tables; more rules need more to be told apart
constexpr size_t kGroups = 64;   // and those that tell a place that looks right from one that does not
constexpr size_t kMostBefore = 28;

// A rule that has a fingerprint, and how many bytes of text its match has before that, or kAnywhere.
struct Candidate {
    uint32_t rule;
    uint32_t before;

    bool operator==(const Candidate& other) const { return rule == other.rule && before == other.before; }
};

// before: as of a candidate.
struct Print {
    static constexpr uint32_t kAnywhere = 31;

    std::array<ByteSet, kPrintLength> bytes;
    uint32_t before = 0;
    uint32_t rule = 0;

    bool operator<(const Print& other) const { return std::tie(bytes, before) < std::tie(other.bytes, other.before); }
    bool operator==(const Print& other) const { return bytes == other.bytes && before == other.before; }
};

// What to look for and what to do about it.
struct Prints {
    // By position and byte: the buckets, and the smaller groups, that hold a fingerprint with this byte there.
    uint8_t buckets[kMostSets][kPrintLength][256] = {};
    size_t sets = 1;
    uint64_t groups[kPrintLength][256] = {};
    uint32_t before[kGroups] = {};  // by group: the set of distances of its fingerprints
    std::vector<Candidate> candidates[kGroups];  // and the rules that have them,
    uint64_t exact = 0;                          // where these are few, and matched exactly without RE2
    bool any = false;

    std::vector<uint32_t> anchored;  // the rules found by a fingerprint at a known distance,
    std::vector<uint32_t> anchors;   // the steps that they begin with,
    std::vector<uint32_t> midword;   // and those of them that can follow a byte of a word
    std::vector<uint32_t> inner;     // steps: from a fingerprint somewhere in a match on, the shape goes on here
    std::vector<uint32_t> starts;    // the first steps of all rules
    std::vector<uint32_t> sweeps;    // and of those without a fingerprint worth the name
    std::vector<uint32_t> swept;     // whose numbers are these
    size_t rules = 0;
};

Prints choose_prints(const Shape& shape);

}  // namespace aigate
