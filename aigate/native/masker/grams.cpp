// See grams.h.
#include "grams.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sample.h"

namespace aigate {

namespace {

constexpr size_t kHashes = size_t{1} << 16;
constexpr unsigned char kCase = 0x20;  // the bit in which a letter's cases differ; what else it makes alike does no harm
constexpr size_t kCommon = Sample::kPlaces / 128;  // places at which a fingerprint may show itself that is looked for so

// Of two times two bytes, as they lie in memory. Sixteen bits are all that the oldest vectors multiply at once.
inline uint16_t hash(uint16_t first, uint16_t second) {
    constexpr uint16_t kBoth = kCase << 8 | kCase;
    const auto a = static_cast<uint16_t>((first | kBoth) * 40503u);
    const auto b = static_cast<uint16_t>((second | kBoth) * 60493u);
    return static_cast<uint16_t>(a + b);
}

inline uint16_t two_at(const char* text) {
    uint16_t two;
    std::memcpy(&two, text, sizeof two);
    return two;
}

// All ways to choose one byte of each of these sets.
std::vector<uint16_t> hashes_of(const ByteSet* sets) {
    std::vector<std::array<char, 4>> ways{{}};
    for (size_t at = 0; at < 4; ++at) {
        std::vector<std::array<char, 4>> longer;
        sets[at].each([&](unsigned byte) {
            for (auto way : ways) {
                way[at] = static_cast<char>(byte);
                longer.push_back(way);
            }
        });
        ways = std::move(longer);
    }
    std::vector<uint16_t> hashes;
    for (const auto& way : ways) hashes.push_back(hash(two_at(way.data()), two_at(way.data() + 2)));
    return hashes;
}

size_t product(const size_t* counts) { return counts[0] * counts[1] * counts[2] * counts[3]; }

// In how many places of a sample of output the first four of these bytes stand.
size_t in_sample(const ByteSet* sets) {
    Sample::Places all;
    all.fill(~uint64_t{0});
    for (size_t at = 0; at < 4; ++at) {
        const Sample::Places some = Sample::text().places(sets[at], at);
        for (size_t word = 0; word < Sample::kWords; ++word) all[word] &= some[word];
    }
    size_t count = 0;
    for (uint64_t word : all) count += ones(word);
    return count;
}

}  // namespace

bool Grams::take(const PrintBytes& sets, size_t most_ways) {
    ByteSet alike[kLength + 1];
    size_t counts[kLength + 1];
    for (size_t at = 0; at <= kLength; ++at) {
        sets[at].each([&](unsigned byte) { alike[at].set(byte | kCase); });
        counts[at] = alike[at].count();
    }
    if (product(counts) + product(counts + 1) > most_ways) return false;
    if (std::max(in_sample(alike), in_sample(alike + 1)) > kCommon) return false;
    if (shows_.empty()) shows_.assign(kHashes, 0);
    for (uint16_t found : hashes_of(alike)) shows_[found] |= 2;
    for (uint16_t found : hashes_of(alike + 1)) shows_[found] |= 1;
    return true;
}

// First all hashes, which vectors do, then what they show: a load that follows the store too closely would wait for it.
void Grams::find(const char* text, size_t blocks, uint64_t* places) const {
    uint16_t hashes[kChunk / 2];
    for (size_t at = 0; at < 32 * blocks; ++at) hashes[at] = hash(two_at(text + 2 * at + 1), two_at(text + 2 * at + 3));
    const uint8_t* const shows = shows_.data();
    for (size_t block = 0; block < blocks; ++block) {
        const uint16_t* const at = hashes + 32 * block;
        uint64_t found = 0;
#pragma GCC unroll 32
        for (int i = 31; i >= 0; --i) found = found * 4 + shows[at[i]];
        places[block] = found;
    }
}

}  // namespace aigate
