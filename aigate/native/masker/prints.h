// Fingerprints: for each rule, sets of four neighbouring byte classes such that every match of the rule shows one of
// them, at a known distance from its beginning or, where that does not work, somewhere. Chosen by how rarely ordinary
// output looks like them.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <vector>

#include "shape.h"

namespace aigate {

constexpr size_t kPrintLength = 4;
constexpr size_t kBuckets = 8;   // the groups that one set of vector tables tells apart, one bit each
constexpr size_t kMostSets = 4;  // sets of tables, 1, 2 or 4; more rules need more to be told apart
constexpr size_t kGroups = 64;   // and those that tell a place that looks right from one that does not
constexpr size_t kMostBefore = 28;

// before: how many bytes of text a match of the rule has before it, or kAnywhere.
struct Print {
    static constexpr uint32_t kAnywhere = 31;

    std::array<ByteSet, kPrintLength> bytes;
    uint32_t before = 0;
    uint32_t rule = 0;

    bool operator<(const Print& other) const { return std::tie(bytes, before) < std::tie(other.bytes, other.before); }
    bool operator==(const Print& other) const { return bytes == other.bytes && before == other.before; }
};

// A fingerprint as it is looked at again: exactly, and together with the rules that have it. Bytes that stand alone, or
// beside their other case, are compared four at once; the others one by one, in their sets.
struct Member {
    uint32_t mask = 0;
    uint32_t value = 0;
    uint32_t classes = 0;  // which of the four bytes are to be looked for in sets[], as bits
    ByteSet sets[kPrintLength];
    uint32_t before = 0;             // how many bytes of text a match has before it, or kAnywhere
    std::vector<uint32_t> rules;
    bool narrow = false;             // few words show it
    bool exact = false;              // these are matched exactly without RE2

    bool fits(const char* place) const {
        uint32_t word;
        std::memcpy(&word, place, sizeof word);
        if ((word & mask) != value) return false;
        for (uint32_t left = classes; left; left &= left - 1) {
            const int at = __builtin_ctz(left);
            if (!sets[at][static_cast<unsigned char>(place[at])]) return false;
        }
        return true;
    }
};

// What to look for and what to do about it.
struct Prints {
    // By position and byte: the buckets, and the smaller groups, that hold a fingerprint with this byte there.
    uint8_t buckets[kMostSets][kPrintLength][256] = {};
    size_t sets = 1;
    uint64_t groups[kPrintLength][256] = {};
    uint32_t before[kGroups] = {};  // by group: the set of distances of its fingerprints
    std::vector<Member> members[kGroups];  // and these themselves
    bool any = false;
    // The fingerprints by a hash of their four bytes, as bits, but for the groups that hold one of very many bytes.
    std::vector<uint64_t> hashed;
    uint64_t unhashed = 0;

    static constexpr size_t kHashBits = 18;
    static uint32_t hash(uint32_t word) { return word * 0x9e3779b1u >> (32 - kHashBits); }
    bool may_show(uint64_t groups, uint32_t word) const {
        const uint32_t at = hash(word);
        return (hashed[at >> 6] >> (at & 63) & 1) || (groups & unhashed);
    }

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
