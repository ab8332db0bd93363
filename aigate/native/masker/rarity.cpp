// See rarity.h.
#include "rarity.h"

#include <algorithm>
#include <cstring>

namespace aigate {

namespace {

// What stands in output far more often than its letters say. All of it together has 64 bytes at most, a bit for each.
struct Common {
    const char* text;
    float often;
};
constexpr Common kCommon[] = {{"https://", 6e-4F}, {"http://", 2e-4F}, {"tion ", 8e-4F}, {"tion:", 2e-4F}, {"ing ", 1e-3F},
                              {"ment", 4e-4F},     {"ent_", 4e-4F},    {".com/", 2e-4F}, {"test_", 4e-4F}, {"    ", 2e-2F},
                              {"\"type\":\"", 6e-4F}, {"t\":\"", 6e-4F}};

enum Kind { kLower, kUpper, kDigit, kGap, kBlanks, kPunctuation, kControl, kHigh };  // a gap is one blank, at first

using Kinds = std::array<float, Rarity::kKinds>;

constexpr Kinds kAlone = {0.52F, 0.06F, 0.07F, 0.10F, 0.04F, 0.18F, 0.02F, 0.01F};
// Row: the kind before. Counted in source code, documentation and logs, and rounded.
constexpr Kinds kAfter[Rarity::kKinds] = {
    {0.780F, 0.015F, 0.015F, 0.090F, 0.000F, 0.094F, 0.005F, 0.001F}, {0.250F, 0.500F, 0.030F, 0.080F, 0.000F, 0.120F, 0.010F, 0.010F},
    {0.070F, 0.020F, 0.550F, 0.080F, 0.000F, 0.250F, 0.029F, 0.001F}, {0.560F, 0.120F, 0.080F, 0.000F, 0.050F, 0.180F, 0.005F, 0.005F},
    {0.240F, 0.030F, 0.030F, 0.000F, 0.600F, 0.094F, 0.005F, 0.001F}, {0.320F, 0.060F, 0.100F, 0.180F, 0.000F, 0.280F, 0.050F, 0.010F},
    {0.300F, 0.100F, 0.100F, 0.000F, 0.300F, 0.140F, 0.050F, 0.010F}, {0.100F, 0.020F, 0.020F, 0.100F, 0.000F, 0.050F, 0.010F, 0.700F},
};
// A word that a rule asks for is one that people write, more often than its letters by themselves would say; and this
// is what they write next to it.
constexpr float kWord = 3e-4F;
constexpr float kShouted = 1e-5F;  // in capital letters
constexpr Kinds kBesideWord = {0.10F, 0.02F, 0.03F, 0.40F, 0.02F, 0.35F, 0.08F, 0.00F};
constexpr size_t kWordLetters = 2;
constexpr size_t kPart = 4;  // bytes of a common string that are compared at a time
constexpr float kLettersTogether = 2.5F;  // letters choose their neighbours
constexpr float kDrawn = 0.3F;            // how often a mark of punctuation is repeated

Kind classify(unsigned byte) {
    if (byte >= 'a' && byte <= 'z') return kLower;
    if (byte >= 'A' && byte <= 'Z') return kUpper;
    if (byte >= '0' && byte <= '9') return kDigit;
    if (byte == ' ' || byte == '\t') return kGap;
    if (byte >= 0x80) return kHigh;
    return byte < 0x20 || byte == 0x7f ? kControl : kPunctuation;
}

Kind kind_of(unsigned byte) {
    static const auto table = [] {
        std::array<Kind, 256> all{};
        for (unsigned c = 0; c < 256; ++c) all[c] = classify(c);
        return all;
    }();
    return table[byte];
}

// Relative to others of its kind.
float weight(unsigned byte) {
    static const char letters[] = "etsaornildcpuhfmgbywkvxjqz";
    static const char marks[] = "\":_.,-/()='>{}<+@][#\\;`%*|?&!$~^";
    const Kind kind = kind_of(byte);
    if (kind == kLower || kind == kUpper) {
        const auto rank = static_cast<float>(std::strchr(letters, static_cast<int>(byte | 0x20)) - letters);
        return 1 / (1 + rank * rank / 30);
    }
    if (kind == kPunctuation) return 1 / (2.0F + static_cast<float>(std::strchr(marks, static_cast<int>(byte)) - marks));
    if (kind == kGap) return byte == ' ' ? 1 : 0.02F;
    return 1;
}

// The part of its kind that each byte makes up.
const std::array<float, 256>& shares() {
    static const auto table = [] {
        std::array<float, 256> share{};
        Kinds total{};
        for (unsigned byte = 0; byte < 256; ++byte) total[kind_of(byte)] += weight(byte);
        for (unsigned byte = 0; byte < 256; ++byte) share[byte] = weight(byte) / total[kind_of(byte)];
        return share;
    }();
    return table;
}

float sum(const Kinds& kinds) {  // in pairs: one addition behind the other would wait for each
    static_assert(Rarity::kKinds == 8);
    return ((kinds[0] + kinds[4]) + (kinds[2] + kinds[6])) + ((kinds[1] + kinds[5]) + (kinds[3] + kinds[7]));
}

Kinds next_kinds(const Kinds& before) {
    using Lanes = float __attribute__((vector_size(sizeof(Kinds))));  // all kinds at once, which GCC does not see by itself
    Lanes sums{};
    for (size_t from = 0; from < Rarity::kKinds; ++from) {
        Lanes row;
        std::memcpy(&row, kAfter[from].data(), sizeof row);
        sums += before[from] * row;
    }
    Kinds after;
    std::memcpy(after.data(), &sums, sizeof sums);
    after[kLower] *= before[kLower] > 0.99F * sum(before) ? kLettersTogether : 1;
    return after;
}

float within(Kinds& kinds, const Kinds& share) {
    for (size_t kind = 0; kind < Rarity::kKinds; ++kind) kinds[kind] *= share[kind];
    return sum(kinds);
}

// Whether the letters among the sets can be a word: all in capitals, or none but the first.
bool wordlike(const Rarity::Profile* const* sets, size_t count, bool* capitals) {
    size_t letters = 0;
    size_t capital = 0;
    bool first = false;
    for (size_t at = 0; at < count; ++at) {
        if (!sets[at]->letters) continue;
        if (!letters) first = sets[at]->capital;
        ++letters;
        capital += sets[at]->capital;
    }
    *capitals = capital == letters;
    return letters >= kWordLetters && (capital == letters || capital == 0 || (capital == 1 && first));
}

uint64_t commons_of(const ByteSet& set) {
    uint64_t found = 0;
    size_t bit = 0;
    for (const Common& known : kCommon)
        for (const char* p = known.text; *p; ++p) found |= uint64_t{set[static_cast<unsigned char>(*p)]} << bit++;
    return found;
}

// How often so many of these sets show a part of a common string.
float common_part(const Rarity::Profile* const* sets, size_t count) {
    uint64_t starts = ~uint64_t{0};
    for (size_t at = 0; at < count; ++at) starts &= sets[at]->commons >> at;
    if (!starts) return 0;
    float found = 0;
    size_t begin = 0;
    for (const Common& known : kCommon) {
        const size_t size = std::strlen(known.text);
        for (size_t from = 0; from + count <= size; ++from)
            if (starts >> (begin + from) & 1) found += known.often;
        begin += size;
    }
    return found;
}

// Common strings may be shorter than what is asked for: the rarest of its parts decides.
float common(const Rarity::Profile* const* sets, size_t count) {
    const size_t size = std::min(count, kPart);
    float found = common_part(sets, size);
    for (size_t from = 1; found > 0 && from + size <= count; ++from) found = std::min(found, common_part(sets + from, size));
    return found;
}

}  // namespace

Rarity::Profile Rarity::profile(const ByteSet& set) {
    Profile found;
    found.set = set;
    found.commons = commons_of(set);
    const size_t count = set.count();
    const bool most = count > 128;  // counting what is missing is less work then
    if (most) found.share.fill(1);
    const float sign = most ? -1 : 1;
    (most ? ByteSet().fill().without(set) : set).each([&](unsigned byte) {
        const Kind kind = kind_of(byte);
        found.share[kind] += sign * shares()[byte];
        if (kind == kGap) found.share[kBlanks] += sign * shares()[byte];
    });
    for (size_t kind = 0; kind < kKinds; ++kind) found.alone += found.share[kind] * kAlone[kind];
    if (count > 2) return found;
    size_t letters = 0;
    unsigned folded = 0;
    set.each([&](unsigned byte) {
        letters += kind_of(byte) == kLower || kind_of(byte) == kUpper;
        folded = byte | 0x20;
    });
    found.letters = count && letters == count && (count == 1 || (set[folded] && set[folded ^ 0x20]));
    found.capital = found.letters && count == 1 && found.share[kUpper] > 0;
    found.mark = count == 1 && found.share[kPunctuation] > 0;
    return found;
}

Rarity::Profile Rarity::either(const Profile& a, const Profile& b) {
    if (a.set.without(b.set) == ByteSet()) return b;
    if (b.set.without(a.set) == ByteSet()) return a;
    ByteSet both = a.set;
    both |= b.set;
    if (a.set.without(b.set) != a.set) return profile(both);
    Profile found;
    found.set = both;
    found.commons = a.commons | b.commons;
    found.alone = a.alone + b.alone;
    for (size_t kind = 0; kind < kKinds; ++kind) found.share[kind] = a.share[kind] + b.share[kind];
    return found;
}

float Rarity::of(const Profile* const* sets, size_t count, float* first) {
    Kinds now = kAlone;
    float before = within(now, sets[0]->share);
    float word = sets[0]->letters ? 1 : 0;
    if (!sets[0]->letters)
        for (size_t kind = 0; kind < kKinds; ++kind) word += kBesideWord[kind] * sets[0]->share[kind];
    for (size_t at = 1; at < count; ++at) {
        const Profile& set = *sets[at];
        now = next_kinds(now);
        float after = within(now, set.share);
        if (set.mark && sets[at - 1]->mark && set.share == sets[at - 1]->share && after < kDrawn * before) {
            after = now[kPunctuation] = kDrawn * before;
        }
        if (!set.letters && sets[at - 1]->letters) {
            float beside = 0;
            for (size_t kind = 0; kind < kKinds; ++kind) beside += kBesideWord[kind] * set.share[kind];
            word *= beside;
        } else if (!set.letters && before > 0) {
            word *= after / before;
        }
        before = after;
        if (at + 1 == kPart) *first = before;
    }
    bool capitals = false;
    if (wordlike(sets, count, &capitals)) before += word * (capitals ? kShouted : kWord);
    return before + common(sets, count);
}

}  // namespace aigate
