// Which fingerprints may stand at a place, by a hash of its first three bytes: a row of them for each. What is asked of
// most places is answered by the row alone: whether the bytes behind those three may follow them (sift.h asks).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "bytes.h"

namespace aigate {

class Rows {
  public:
    static constexpr size_t kHashed = 3;
    static constexpr size_t kLooked = 8;                    // bytes behind those that are looked at
    static constexpr size_t kBytes = kHashed + kLooked;

    // A fingerprint: what stands at its first bytes, and how it is compared at once.
    struct Entry {
        std::array<ByteSet, kBytes> sets;
        uint64_t mask;
        uint64_t value;
        uint32_t before;  // see Print
    };

    // Once. Fingerprints have numbers, in this order.
    void fill(std::vector<Entry> entries);

    // 1 if a fingerprint may begin with the first four bytes there, else 0.
    size_t may_begin(const char* place) const {
        const uint32_t four = four_at(place);
        return behind_[of_[hash(four)]].kinds[0] >> kKinds.of[four >> 8 * kHashed] & 1;
    }
    // 1 if one may stand there, else 0. kBytes bytes are read.
    size_t may_show(const char* place) const {
        const auto* const bytes = reinterpret_cast<const unsigned char*>(place);
        return fits(behind_[of_[hash(four_at(place))]], bytes + kHashed);
    }
    // Whether one may begin with these three bytes, the first one lowest.
    bool begins(uint64_t word) const { return row_of(word) != 0; }
    // At which distances from a match's beginning those may stand that begin with these three bytes, as bits.
    uint32_t distances(uint64_t word) const { return distances_[row_of(word)]; }

  private:
    friend class Sift;
    friend struct PlainSift;
    friend struct VectorSift;
    // By place: the kinds of bytes that may stand there, as bits.
    struct alignas(64) Behind {
        std::array<uint64_t, kLooked> kinds{};
    };
    // Letters in either case, digits and most marks are kinds of their own, so that each has one bit.
    struct Kinds {
        alignas(64) std::array<uint8_t, 256> of{};
        Kinds();
    };
    static const Kinds kKinds;
    static constexpr size_t kHashBits = 16;
    static constexpr uint32_t kCase = 0x202020;  // upper and lower case have the same hash

    // The bytes at a place, the first one lowest whatever the machine.
    static uint32_t four_at(const char* place) {
        uint32_t four;
        std::memcpy(&four, place, sizeof four);
        return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? four : __builtin_bswap32(four);
    }
    // Of the lowest three bytes.
    static uint32_t hash(uint32_t bytes) { return ((bytes | kCase) << 8) * 0x9e3779b1u >> (32 - kHashBits); }
    static uint64_t fits(const Behind& behind, const unsigned char* bytes) {
        uint64_t all = 1;
        for (size_t at = 0; at < kLooked; ++at) all &= behind.kinds[at] >> kKinds.of[bytes[at]];
        return all & 1;
    }
    static Behind behind_of(const Entry& entry);
    size_t row_of(uint64_t word) const { return of_[hash(static_cast<uint32_t>(word))]; }

    std::vector<uint16_t> of_ = std::vector<uint16_t>(size_t{1} << kHashBits);  // rows by hash; the first one has nothing
    std::vector<Behind> behind_{1};      // by row: what may stand behind any of its fingerprints,
    std::vector<uint32_t> distances_{0};  // at which distances they stand,
    std::vector<uint32_t> ends_{0, 0};   // and where these are listed: from here to the next row's
    std::vector<uint64_t> masks_, values_;  // of those listed: how each is compared at once,
    std::vector<Behind> behinds_;           // what may stand behind,
    std::vector<uint32_t> numbers_;         // and which one it is
};

}  // namespace aigate
