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
constexpr size_t kAround = 8;    // bytes that are known on either side of a fingerprint

// What else a match that shows a fingerprint holds around it, the nearest bytes first: a place that looks right by its four
// bytes alone is told from one that is, without walking from it.
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

    std::array<ByteSet, kPrintLength> bytes;
    uint32_t before = 0;
    uint32_t rule = 0;
    Around around;

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
    bool exact = false;              // these are matched exactly without RE2
    Around around;

    // The bytes that it is made of, place by place.
    std::array<ByteSet, kPrintLength> all() const;
    // Whether the bytes that are not compared by mask and value fit.
    bool fits(const char* place) const {
        for (uint32_t left = classes; left; left &= left - 1) {
            const int at = __builtin_ctz(left);
            if (!sets[at][static_cast<unsigned char>(place[at])]) return false;
        }
        return true;
    }
};

// Which fingerprints may stand at a place, by a hash of its first bytes: a row of them for each. Whether there are any
// is told by bits, which fit into the nearest cache.
class Lists {
  public:
    // One fingerprint: what it is compared by first, and which it is.
    struct Entry {
        uint32_t mask;
        uint32_t value;
        uint32_t member;
    };

    // Fingerprints are listed by so many of their first bytes, and those by so many bits.
    Lists(size_t bytes, size_t bits) : ignored_(8 * (sizeof(uint32_t) - bytes)), bits_(bits) {}

    // members: those to be listed; `all` has each.
    void fill(const std::vector<uint32_t>& members, const std::vector<Member>& all);
    // 1 if there may be some, else 0. word: the bytes at a place, the first one lowest.
    uint64_t any(uint32_t word) const {
        const uint32_t at = hash(word);
        return any_[at >> 6] >> (at & 63) & 1;
    }
    // Calls use(Entry) for those that fit by mask and value.
    template <typename Use>
    void each(uint32_t word, Use use) const {
        const uint32_t row = hash(word) >> kShared;
        for (uint32_t at = rows_[row]; at < rows_[row + 1]; ++at)
            if ((word & entries_[at].mask) == entries_[at].value) use(entries_[at].member);
    }

  private:
    static constexpr size_t kShared = 4;  // bits of the hash that do not tell rows apart

    uint32_t hash(uint32_t word) const { return (word << ignored_) * 0x9e3779b1u >> (32 - bits_); }

    size_t ignored_;  // bits of a word
    size_t bits_;     // of a hash
    std::vector<uint64_t> any_;
    std::vector<uint32_t> rows_;
    std::vector<Entry> entries_;
};

// The four bytes at a place, the first one lowest whatever the machine.
inline uint32_t word_at(const char* place) {
    uint32_t word;
    std::memcpy(&word, place, sizeof word);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap32(word);
}

// What to look for and what to do about it.
struct Prints {
    // By position and byte: the buckets, and the smaller groups, that hold a fingerprint with this byte there.
    uint8_t buckets[kMostSets][kPrintLength][256] = {};
    size_t sets = 1;
    uint64_t groups[kPrintLength][256] = {};
    uint32_t before[kGroups] = {};  // by group: the set of distances of its fingerprints
    std::vector<Member> members;
    bool any = false;
    Lists by_word{4, 17};   // fingerprints that few words show,
    Lists by_three{3, 14};  // that few first three bytes show,
    Lists by_pair{2, 13};   // and the others

    // 1 if the four bytes may show one, else 0.
    uint64_t may_show(uint32_t word) const { return by_word.any(word) | by_three.any(word) | by_pair.any(word); }

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
