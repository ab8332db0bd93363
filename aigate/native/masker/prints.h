// Fingerprints: for each rule, sets of eight neighbouring byte classes such that every match of the rule shows one of
// them, at a known distance from its beginning or, where that does not work, somewhere. Chosen by how rarely ordinary
// output looks like them.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <vector>

#include "buckets.h"
#include "grams.h"
#include "rows.h"
#include "shape.h"

namespace aigate {

constexpr size_t kMostBefore = 28;
constexpr size_t kAround = 8;    // bytes that are known on either side of a fingerprint

// What else a match that shows a fingerprint holds around it, the nearest bytes first: a place that looks right by its
// own bytes alone is told from one that is, without walking from it.
struct Around {
    std::array<ByteSet, kAround> front;
    std::array<ByteSet, kAround> behind;
    uint8_t fronts = 0;   // so many bytes of either are worth a look
    uint8_t behinds = 0;

    // Of two fingerprints that are the same.
    Around& operator|=(const Around& other);
};

// before: how many bytes of text a match of the rule has before it, or kAnywhere.
struct Print {
    static constexpr uint32_t kAnywhere = 31;

    PrintBytes bytes;
    uint32_t before = 0;
    uint32_t rule = 0;
    bool run = false;  // a run lies behind its first kRunFrom bytes
    Around around;

    bool operator<(const Print& other) const { return std::tie(bytes, before) < std::tie(other.bytes, other.before); }
    bool operator==(const Print& other) const { return bytes == other.bytes && before == other.before; }
};

// A fingerprint as it is looked at again: exactly, and together with the rules that have it. Bytes that stand alone, or
// beside their other case, are compared all at once; the others one by one, in their sets: of thousands of fingerprints these
// are a few hundred, so each has its number.
struct Member {
    uint64_t mask = 0;
    uint64_t value = 0;
    std::array<uint16_t, kPrintLength> sets{};
    std::array<uint16_t, kAround> front{};  // see Around
    std::array<uint16_t, kAround> behind{};
    uint8_t fronts = 0;
    uint8_t behinds = 0;
    uint8_t classes = 0;  // which of the bytes are to be looked for in sets[], as bits
    bool exact = false;   // its rules are matched exactly without RE2
    uint32_t before = 0;  // how many bytes of text a match has before it, or kAnywhere
    std::vector<uint32_t> rules;
};
static_assert(kPrintLength <= 8 * sizeof(Member::classes));

// The bytes at a place, as many as a fingerprint has, the first one lowest whatever the machine.
inline uint64_t word_at(const char* place) {
    uint64_t word;
    static_assert(sizeof word == kPrintLength);
    std::memcpy(&word, place, sizeof word);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

// What to look for and what to do about it.
struct Prints {
    Grams grams;      // finds most of them,
    Buckets buckets;  // and the others
    std::vector<Member> members;
    std::vector<ByteSet> sets;  // by number
    bool any = false;
    Rows rows;  // of the members, by their numbers

    std::vector<uint32_t> anchored;  // the rules found by a fingerprint at a known distance,
    std::vector<uint32_t> anchors;   // the steps that they begin with,
    std::vector<uint32_t> midword;   // and those of them that can follow a byte of a word
    std::vector<uint32_t> inner;     // steps: from a fingerprint somewhere in a match on, the shape goes on here
    std::vector<uint32_t> starts;    // the first steps of all rules
    std::vector<uint32_t> sweeps;    // and of those without a fingerprint worth the name
    std::vector<uint32_t> swept;     // whose numbers are these
    size_t rules = 0;

    // Whether the bytes fit that are not compared by mask and value.
    bool fits(const Member& member, uint64_t word) const {
        for (uint32_t left = member.classes; left; left &= left - 1) {
            const auto at = static_cast<size_t>(__builtin_ctz(left));
            if (!sets[member.sets[at]][word >> 8 * at & 0xff]) return false;
        }
        return true;
    }
};

// by_nibbles: see share_out().
Prints choose_prints(const Shape& shape, bool by_nibbles);

// Nothing to look for: each byte is looked at. Known at once, where choosing takes milliseconds.
Prints no_prints(const Shape& shape);

}  // namespace aigate
