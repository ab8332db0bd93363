// Which fingerprints share a bit in the tables that a scanner looks bytes up in. Chosen so that little of a sample of
// ordinary output passes. Looks for nothing itself.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bytes.h"

namespace aigate {

constexpr size_t kPrintLength = 8;   // neighbouring bytes that a fingerprint tells something about
constexpr size_t kRunFrom = 4;       // behind so many bytes of most fingerprints there is a run:
constexpr size_t kRun = 12;          // bytes in a row that are all is_run(), looked for with one test
constexpr size_t kBuckets = 8;       // that one set of tables tells apart, one bit each
constexpr size_t kLevels = 3;        // how many sets of tables there are,
constexpr size_t kRunSets[kLevels] = {1, 2, 2};    // for fingerprints before runs
constexpr size_t kPlainSets[kLevels] = {1, 2, 4};  // and for the others: more of them need more to be told apart
constexpr size_t kMostSets = 6;

// By place in a fingerprint: the bytes that may stand there.
using PrintBytes = std::array<ByteSet, kPrintLength>;

// By place and byte: the buckets that hold a fingerprint with this byte there, as bits. Those before runs come first.
struct Buckets {
    uint64_t of[kPrintLength][256] = {};
    size_t level = 0;
    bool any = false;  // there is a fingerprint at all
    float cost = 0;    // how many places of a byte of text are looked at, and what the tables cost, as so many places
};

// Fingerprints in order, so that neighbours are alike. runs: those with a run behind kRunFrom bytes. by_nibbles: the tables
// are looked up in by halves of bytes, which lets more pass than whole bytes do.
Buckets share_out(const std::vector<PrintBytes>& runs, const std::vector<PrintBytes>& plain, bool by_nibbles);

}  // namespace aigate
