// Finds places in text by four bytes at a time, at every other byte: fingerprints that begin with five bytes of which few
// are in question show four of them at an odd place or at an even one. How many there are costs nothing. Knows nothing of
// the rest of a fingerprint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "buckets.h"

namespace aigate {

class Grams {
  public:
    static constexpr size_t kChunk = 1024;
    static constexpr size_t kBehind = 5;  // bytes behind a chunk that are read

    // Takes a fingerprint that begins in at most so many ways, upper and lower case being the same.
    bool take(const PrintBytes& sets, size_t most_ways);
    bool any() const { return !shows_.empty(); }
    // The places of text[0, 64 * blocks), at most a chunk, that may show a fingerprint: a word of bits for each block.
    void find(const char* text, size_t blocks, uint64_t* places) const;

  private:
    static constexpr size_t kLength = 4;
    // By hash: 2 if a fingerprint may begin with these bytes, 1 if one may begin with the byte before them.
    std::vector<uint8_t> shows_;
};

}  // namespace aigate
