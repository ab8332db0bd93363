// Finds places in raw output that may be fingerprints. One algorithm, once per kind of processor; what the processor
// can do is asked at run time. An escape sequence in the middle of a fingerprint is allowed for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "prints.h"

namespace aigate {

class Scanner {
  public:
    // Places that may be fingerprints, in order: blocks that have some, and which of their bytes these are, as bits.
    struct Hits {
        struct Block {
            const char* at;
            uint64_t places;
        };
        static constexpr size_t kEnough = 64;
        static constexpr size_t kLast = 3;  // the last bytes, which fill no block, may make some more

        size_t count = 0;
        Block blocks[kEnough + kLast];
    };

    explicit Scanner(const Prints& prints);

    // Appends the places in [p, end) until there are enough of them, and returns where to go on. What lies behind `end`
    // is not looked at; a fingerprint that `end` cuts counts.
    const char* scan(const char* p, const char* end, Hits& hits) const;
    // The groups of fingerprints that a place belongs to, as bits. Text begins at `begin`.
    uint64_t groups_at(const char* place, const char* begin, const char* end) const {
        if (end - place < static_cast<std::ptrdiff_t>(kPrintLength)) return groups_around_escapes(place, begin, end);
        const auto* p = reinterpret_cast<const unsigned char*>(place);
        if ((p[1] == 0x1b) | (p[2] == 0x1b) | (p[3] == 0x1b)) return groups_around_escapes(place, begin, end);
        return groups_[0][p[0]] & groups_[1][p[1]] & groups_[2][p[2]] & groups_[3][p[3]];
    }

    // The ways to scan that this processor has, the best first; the last is always "scalar".
    static std::vector<std::string> paths();
    // Makes scan() take one of them. Returns false for a way that there is not.
    bool use(const std::string& path);

  private:
    // Scans whole blocks of `width` bytes, each with three more behind it, and returns where it stopped.
    using Scan = const char* (*)(const Scanner&, const char*, const char*, Hits&);
    struct Path {
        const char* name;
        size_t width;
        Scan scan[3];  // for rules that need one set of tables, two or four
    };
    friend struct Blocks;

    static const std::vector<Path>& all_paths();
    uint64_t groups_around_escapes(const char* place, const char* begin, const char* end) const;

    // A byte's buckets are those of its low four bits and of its high four bits: exact for a single byte, perhaps
    // too many for several. groups_ has the last word.
    alignas(64) uint8_t buckets_[kMostSets][kPrintLength][256];
    alignas(16) uint8_t low_[kMostSets][kPrintLength][16] = {};
    alignas(16) uint8_t high_[kMostSets][kPrintLength][16] = {};
    size_t sets_;
    uint64_t groups_[kPrintLength][256];
    const Path* path_ = nullptr;
};

}  // namespace aigate
