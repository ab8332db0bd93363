// See _masker_rarity.h.
#include "_masker_rarity.h"

#include <cstring>

namespace aigate {

namespace {

enum Kind { kLower, kUpper, kDigit, kGap, kBlanks, kPunctuation, kControl, kHigh };  // a gap is one blank, at first

using Kinds = std::array<double, Rarity::kKinds>;

constexpr Kinds kAlone = {0.52, 0.06, 0.07, 0.10, 0.04, 0.18, 0.02, 0.01};
// Row: the kind before. Counted in source code, documentation and logs, and rounded.
constexpr Kinds kAfter[Rarity::kKinds] = {
    {0.780, 0.015, 0.015, 0.090, 0.000, 0.094, 0.005, 0.001}, {0.250, 0.500, 0.030, 0.080, 0.000, 0.120, 0.010, 0.010},
    {0.070, 0.020, 0.550, 0.080, 0.000, 0.250, 0.029, 0.001}, {0.560, 0.120, 0.080, 0.000, 0.050, 0.180, 0.005, 0.005},
    {0.240, 0.030, 0.030, 0.000, 0.600, 0.094, 0.005, 0.001}, {0.320, 0.060, 0.100, 0.180, 0.000, 0.280, 0.050, 0.010},
    {0.300, 0.100, 0.100, 0.000, 0.300, 0.140, 0.050, 0.010}, {0.100, 0.020, 0.020, 0.100, 0.000, 0.050, 0.010, 0.700},
};
// A word that a rule asks for is one that people write, more often than its letters by themselves would say; and this
// is what they write next to it.
constexpr double kWord = 3e-4;
constexpr double kShouted = 1e-5;  // in capital letters
constexpr Kinds kBesideWord = {0.10, 0.02, 0.03, 0.40, 0.02, 0.35, 0.08, 0.00};
constexpr size_t kWordLetters = 2;
constexpr double kLettersTogether = 2.5;  // letters choose their neighbours
constexpr double kDrawn = 0.3;            // how often a mark of punctuation is repeated

Kind kind_of(unsigned byte) {
    if (byte >= 'a' && byte <= 'z') return kLower;
    if (byte >= 'A' && byte <= 'Z') return kUpper;
    if (byte >= '0' && byte <= '9') return kDigit;
    if (byte == ' ' || byte == '\t') return kGap;
    if (byte >= 0x80) return kHigh;
    return byte < 0x20 || byte == 0x7f ? kControl : kPunctuation;
}

// Relative to others of its kind.
double weight(unsigned byte) {
    static const char letters[] = "etsaornildcpuhfmgbywkvxjqz";
    static const char marks[] = "\":_.,-/()='>{}<+@][#\\;`%*|?&!$~^";
    const Kind kind = kind_of(byte);
    if (kind == kLower || kind == kUpper) {
        const auto rank = static_cast<double>(std::strchr(letters, static_cast<int>(byte | 0x20)) - letters);
        return 1 / (1 + rank * rank / 30);
    }
    if (kind == kPunctuation) return 1 / (2.0 + static_cast<double>(std::strchr(marks, static_cast<int>(byte)) - marks));
    if (kind == kGap) return byte == ' ' ? 1 : 0.02;
    return 1;
}

// The part of its kind that each byte makes up.
const std::array<double, 256>& shares() {
    static const auto table = [] {
        std::array<double, 256> share{};
        Kinds total{};
        for (unsigned byte = 0; byte < 256; ++byte) total[kind_of(byte)] += weight(byte);
        for (unsigned byte = 0; byte < 256; ++byte) share[byte] = weight(byte) / total[kind_of(byte)];
        return share;
    }();
    return table;
}

double sum(const Kinds& kinds) {
    double all = 0;
    for (double kind : kinds) all += kind;
    return all;
}

Kinds next_kinds(const Kinds& before) {
    Kinds after{};
    for (size_t from = 0; from < Rarity::kKinds; ++from)
        for (size_t to = 0; to < Rarity::kKinds; ++to) after[to] += before[from] * kAfter[from][to];
    after[kLower] *= before[kLower] > 0.99 * sum(before) ? kLettersTogether : 1;
    return after;
}

double within(Kinds& kinds, const Kinds& share) {
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

}  // namespace

Rarity::Profile Rarity::profile(const ByteSet& set) {
    Profile found;
    size_t count = 0;
    size_t letter_kinds = 0;
    unsigned folded = 0;
    set.each([&](unsigned byte) {
        const Kind kind = kind_of(byte);
        found.share[kind] += shares()[byte];
        if (kind == kGap) found.share[kBlanks] += shares()[byte];
        found.alone += shares()[byte] * (kAlone[kind] + (kind == kGap ? kAlone[kBlanks] : 0));
        ++count;
        if (kind == kLower || kind == kUpper) ++letter_kinds;
        folded = byte | 0x20;
    });
    found.letters = letter_kinds == count && (count == 1 || (count == 2 && set[folded] && set[folded ^ 0x20]));
    found.capital = found.letters && count == 1 && found.share[kUpper] > 0;
    found.mark = count == 1 && found.share[kPunctuation] > 0;
    return found;
}

double Rarity::of(const Profile* const* sets, size_t count) {
    Kinds now = kAlone;
    double before = within(now, sets[0]->share);
    double word = sets[0]->letters ? 1 : 0;
    if (!sets[0]->letters)
        for (size_t kind = 0; kind < kKinds; ++kind) word += kBesideWord[kind] * sets[0]->share[kind];
    for (size_t at = 1; at < count; ++at) {
        const Profile& set = *sets[at];
        now = next_kinds(now);
        double after = within(now, set.share);
        if (set.mark && sets[at - 1]->mark && set.share == sets[at - 1]->share && after < kDrawn * before) {
            after = now[kPunctuation] = kDrawn * before;
        }
        if (!set.letters && sets[at - 1]->letters) {
            double beside = 0;
            for (size_t kind = 0; kind < kKinds; ++kind) beside += kBesideWord[kind] * set.share[kind];
            word *= beside;
        } else if (!set.letters && before > 0) {
            word *= after / before;
        }
        before = after;
    }
    bool capitals = false;
    if (wordlike(sets, count, &capitals)) before += word * (capitals ? kShouted : kWord);
    return before;
}

}  // namespace aigate
