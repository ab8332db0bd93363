// Finds places in text that may be fingerprints. One algorithm, once per kind of processor; what the processor can do is
// asked at run time. Knows no escape sequences: who has some takes them out first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "buckets.h"
#include "grams.h"

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
        static constexpr size_t kMore = 16;  // so many blocks are scanned at a time, and then the last bytes
        static constexpr size_t kMost = kEnough + kMore + 4;

        size_t count = 0;
        Block blocks[kMost];

        // Without a branch that would be mispredicted each time that there are some.
        void note(const char* at, uint64_t places) {
            blocks[count] = {at, places};
            count += places != 0;
        }
    };

    Scanner(const Buckets& buckets, const Grams& grams);

    // Appends the places in [p, end) until there are enough of them, and returns where to go on. What lies behind `end`
    // is not looked at.
    const char* scan(const char* p, const char* end, Hits& hits) const;

    // The ways to scan that this processor has, the best first; the last is always "scalar".
    static std::vector<std::string> paths();
    // Makes scan() take one of them. Returns false for a way that there is not.
    bool use(const std::string& path);
    // The tables of a set for a place in a fingerprint: by byte, of which there are only those of ASCII; and by a byte's low
    // four bits and by its high four bits, exact for a single byte, perhaps too many for several.
    const uint8_t* whole(size_t set, size_t place) const { return whole_[set][place]; }
    const uint8_t* low(size_t set, size_t place) const { return low_[set][place]; }
    const uint8_t* high(size_t set, size_t place) const { return high_[set][place]; }

    // Whether the best way looks bytes up by their halves.
    static bool by_nibbles();

  private:
    // Scans so many bytes, which fill steps, reads some behind them, and adds the places as a word of bits for 64 bytes.
    using Scan = void (*)(const Scanner&, const char*, size_t, uint64_t*);
    struct Path {
        const char* name;
        Scan scan[kLevels];
    };
    friend struct Blocks;

    static const std::vector<Path>& all_paths();

    void chunk(const char* p, size_t size, Hits& hits) const;

    Buckets buckets_;
    Grams grams_;
    alignas(64) uint8_t whole_[kMostSets][kPrintLength][128] = {};
    alignas(16) uint8_t low_[kMostSets][kPrintLength][16] = {};
    alignas(16) uint8_t high_[kMostSets][kPrintLength][16] = {};
    const Path* path_ = nullptr;
};

}  // namespace aigate
