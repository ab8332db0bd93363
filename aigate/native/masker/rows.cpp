// See rows.h.
#include "rows.h"

#include <algorithm>
#include <map>
#include <utility>

namespace aigate {

namespace {

constexpr size_t kMostWays = 1 << 14;  // a fingerprint that begins in more ways is in every row

// All ways to choose three bytes, the first one lowest; upper and lower case are the same.
std::vector<uint32_t> ways_of(const ByteSet* sets) {
    std::vector<uint32_t> ways{0};
    for (unsigned at = 0; at < Rows::kHashed; ++at) {
        ByteSet alike;
        sets[at].each([&](unsigned byte) { alike.set(byte | 0x20); });
        if (ways.size() * alike.count() > kMostWays) return {};
        std::vector<uint32_t> longer;
        alike.each([&](unsigned byte) {
            for (uint32_t way : ways) longer.push_back(way | byte << 8 * at);
        });
        ways = std::move(longer);
    }
    return ways;
}

}  // namespace

const Rows::Kinds Rows::kKinds;

Rows::Kinds::Kinds() {
    uint8_t next = 1;  // 0 has the rest: control characters, what is beyond ASCII, and rare marks
    for (unsigned byte = 'a'; byte <= 'z'; ++byte) of[byte] = of[byte - 0x20] = next++;
    for (unsigned char byte : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ' ', '\t', '_', '-', '+', '=', '.', '/', '~', '%', ':', ';', ',', '"',
                               '\'', '\\', '|', '$', '&', '@', '<', '>', '(', ')', '[', ']'})
        of[byte] = next++;
}

Rows::Behind Rows::behind_of(const Entry& entry) {
    Behind behind;
    for (size_t at = 0; at < kLooked; ++at)
        entry.sets[kHashed + at].each([&](unsigned byte) { behind.kinds[at] |= uint64_t{1} << kKinds.of[byte]; });
    return behind;
}

void Rows::fill(std::vector<Entry> entries) {
    std::vector<std::pair<uint16_t, uint32_t>> found;  // hash and number
    for (uint32_t number = 0; number < entries.size(); ++number) {
        const std::vector<uint32_t> ways = ways_of(entries[number].sets.data());
        for (uint32_t way : ways) found.push_back({static_cast<uint16_t>(hash(way)), number});
        for (size_t all = 0; ways.empty() && all < size_t{1} << kHashBits; ++all) found.push_back({static_cast<uint16_t>(all), number});
    }
    std::vector<Behind> behinds;
    for (const Entry& entry : entries) behinds.push_back(behind_of(entry));
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::map<std::vector<uint32_t>, uint16_t> known;  // hashes that share their fingerprints share a row
    for (size_t at = 0; at < found.size();) {
        const uint16_t hash = found[at].first;
        std::vector<uint32_t> numbers;
        for (; at < found.size() && found[at].first == hash; ++at) numbers.push_back(found[at].second);
        const auto [place, fresh] = known.try_emplace(std::move(numbers), static_cast<uint16_t>(behind_.size()));
        of_[hash] = place->second;
        if (!fresh) continue;
        Behind any;
        uint32_t distances = 0;
        for (uint32_t number : place->first) {
            distances |= uint32_t{1} << entries[number].before;
            const Behind& behind = behinds[number];
            masks_.push_back(entries[number].mask);
            values_.push_back(entries[number].value);
            behinds_.push_back(behind);
            numbers_.push_back(number);
            for (size_t i = 0; i < kLooked; ++i) any.kinds[i] |= behind.kinds[i];
        }
        ends_.push_back(static_cast<uint32_t>(numbers_.size()));
        behind_.push_back(any);
        distances_.push_back(distances);
    }
}

}  // namespace aigate
