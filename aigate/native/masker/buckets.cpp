// See buckets.h.
#include "buckets.h"

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>

#include "sample.h"

namespace aigate {

namespace {

constexpr size_t kMostAtFirst = 512;  // windows that are looked at one by one
constexpr size_t kMostPairs = 56;     // that are looked at in pairs
constexpr float kNearMiss = 1.0F / 24;  // what a place counts that fails one test only: another text has others
// What one more set of tables costs, in places of text that pass for each byte.
constexpr float kPerSet = 2e-2F;
constexpr float kPerSetOfNibbles = 5e-2F;
constexpr float kRunsAreRare = 0.1F;  // how many places have a run behind them

// Places of the sample by what must stand there; many fingerprints ask for the same.
class Known {
  public:
    const Sample::Places* at(const ByteSet& set, size_t behind) {
        const auto [found, fresh] = places_[behind].try_emplace(set);
        if (fresh) found->second = Sample::text().places(set, behind);
        return &found->second;
    }

  private:
    std::map<ByteSet, Sample::Places> places_[kPrintLength];
};

ByteSet by_low(const ByteSet& set) {
    uint16_t halves = 0;
    set.each([&](unsigned byte) { halves |= static_cast<uint16_t>(1 << (byte & 15)); });
    ByteSet all;
    for (unsigned byte = 0; byte < 256; ++byte)
        if (halves >> (byte & 15) & 1) all.set(byte);
    return all;
}

ByteSet by_high(const ByteSet& set) {
    uint16_t halves = 0;
    set.each([&](unsigned byte) { halves |= static_cast<uint16_t>(1 << (byte >> 4)); });
    ByteSet all;
    for (unsigned byte = 0; byte < 256; ++byte)
        if (halves >> (byte >> 4) & 1) all.set(byte);
    return all;
}

// Windows that share a bucket: what of the sample passes each of its tests, and how much passes all.
struct Bucket {
    PrintBytes window;
    std::vector<Sample::Places> tests;
    float cost = 0;
};

// How much of the sample passes if two buckets become one.
float cost_of(const Bucket& a, const Bucket& b) {
    float sum = 0;
    const size_t tests = a.tests.size();
    for (size_t word = 0; word < Sample::kWords; ++word) {
        uint64_t all = ~uint64_t{0};  // that passed each test so far,
        uint64_t but_one = 0;         // and all but one
        for (size_t test = 0; test < tests; ++test) {
            const uint64_t passes = a.tests[test][word] | b.tests[test][word];
            but_one = (but_one & passes) | (all & ~passes);
            all &= passes;
            if (!(all | but_one)) break;
        }
        if (all) sum += static_cast<float>(ones(all));
        if (but_one) sum += kNearMiss * static_cast<float>(ones(but_one));
    }
    return sum / Sample::kPlaces;
}

Bucket bucket_of(const PrintBytes& window, size_t length, bool by_nibbles, Known& known) {
    Bucket bucket;
    bucket.window = window;
    for (size_t at = 0; at < length; ++at) {
        if (by_nibbles) {
            bucket.tests.push_back(*known.at(by_low(window[at]), at));
            bucket.tests.push_back(*known.at(by_high(window[at]), at));
        } else {
            bucket.tests.push_back(*known.at(window[at], at));
        }
    }
    bucket.cost = cost_of(bucket, bucket);
    return bucket;
}

void join(Bucket& into, const Bucket& other, float cost) {
    for (size_t at = 0; at < kPrintLength; ++at) into.window[at] |= other.window[at];
    for (size_t test = 0; test < into.tests.size(); ++test)
        for (size_t word = 0; word < Sample::kWords; ++word) into.tests[test][word] |= other.tests[test][word];
    into.cost = cost;
}

float more_of(const Bucket& a, const Bucket& b) { return cost_of(a, b) - a.cost - b.cost; }

// As many windows as there are to be, each the union of some neighbours.
std::vector<PrintBytes> thin_out(const std::vector<PrintBytes>& windows, size_t most) {
    if (windows.size() <= most) return windows;
    std::vector<PrintBytes> fewer(most);
    for (size_t at = 0; at < windows.size(); ++at)
        for (size_t i = 0; i < kPrintLength; ++i) fewer[at * most / windows.size()][i] |= windows[at][i];
    return fewer;
}

// Joins the two neighbours that cost the least together, until there are no more than `most`.
std::vector<Bucket> join_neighbours(std::vector<Bucket> buckets, size_t most) {
    const size_t count = buckets.size();
    std::vector<size_t> next(count);
    std::vector<size_t> before(count);
    std::vector<size_t> version(count, 0);  // zero and then more with each change; gone is SIZE_MAX
    using Entry = std::tuple<float, size_t, size_t, size_t, size_t>;  // cost, the two, and which versions of them
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    const auto weigh = [&](size_t a, size_t b) {
        if (b < count) open.emplace(more_of(buckets[a], buckets[b]), a, b, version[a], version[b]);
    };
    for (size_t at = 0; at < count; ++at) next[at] = at + 1, before[at] = at - 1;
    for (size_t at = 0; at < count; ++at) weigh(at, next[at]);
    for (size_t left = count; left > most;) {
        const auto [more, a, b, a_version, b_version] = open.top();
        open.pop();
        if (version[a] != a_version || version[b] != b_version) continue;
        join(buckets[a], buckets[b], more + buckets[a].cost + buckets[b].cost);
        ++version[a];
        version[b] = SIZE_MAX;
        next[a] = next[b];
        if (next[a] < count) before[next[a]] = a;
        weigh(a, next[a]);
        if (before[a] < count) weigh(before[a], a);
        --left;
    }
    std::vector<Bucket> kept;
    for (size_t at = 0; at < count; ++at)
        if (version[at] != SIZE_MAX) kept.push_back(std::move(buckets[at]));
    return kept;
}

// Buckets, and what joining any two of them costs: for few of them, since it looks at all pairs.
class Pairs {
  public:
    explicit Pairs(std::vector<Bucket> buckets) : buckets_(std::move(buckets)), more_(buckets_.size()) {
        for (size_t high = 0; high < buckets_.size(); ++high) {
            more_[high].resize(high);
            for (size_t low = 0; low < high; ++low) more_[high][low] = more_of(buckets_[high], buckets_[low]);
        }
    }

    const std::vector<Bucket>& buckets() const { return buckets_; }

    float cost() const {
        float sum = 0;
        for (const Bucket& bucket : buckets_) sum += bucket.cost;
        return sum;
    }

    // Joins the two that cost the least together, until there are no more than `most`.
    void join_to(size_t most) {
        while (buckets_.size() > most) {
            size_t high = 1;
            size_t low = 0;
            for (size_t i = 1; i < buckets_.size(); ++i)
                for (size_t j = 0; j < i; ++j)
                    if (more_[i][j] < more_[high][low]) high = i, low = j;
            join(buckets_[low], buckets_[high], more_[high][low] + buckets_[low].cost + buckets_[high].cost);
            remove(high);
            for (size_t i = 0; i < buckets_.size(); ++i)
                if (i != low) more_[std::max(i, low)][std::min(i, low)] = more_of(buckets_[i], buckets_[low]);
        }
    }

  private:
    // The last one takes the place of the one that is gone.
    void remove(size_t gone) {
        const size_t last = buckets_.size() - 1;
        for (size_t i = 0; i < last; ++i)
            if (i != gone) more_[std::max(i, gone)][std::min(i, gone)] = more_[last][i];
        if (gone != last) buckets_[gone] = std::move(buckets_[last]);
        buckets_.pop_back();
        more_.pop_back();
    }

    std::vector<Bucket> buckets_;
    std::vector<std::vector<float>> more_;  // by pair, the higher one first
};

Pairs pairs_of(const std::vector<PrintBytes>& windows, size_t length, bool by_nibbles) {
    Known known;
    std::vector<Bucket> buckets;
    for (const PrintBytes& window : thin_out(windows, kMostAtFirst)) buckets.push_back(bucket_of(window, length, by_nibbles, known));
    return Pairs(join_neighbours(std::move(buckets), kMostPairs));
}

// Puts buckets into the sets from one on.
void put(const Pairs& pairs, size_t length, size_t first_set, Buckets& into) {
    for (size_t bucket = 0; bucket < pairs.buckets().size(); ++bucket) {
        const uint64_t bit = uint64_t{1} << (first_set * kBuckets + bucket);
        for (size_t i = 0; i < kPrintLength; ++i) {
            ByteSet bytes = pairs.buckets()[bucket].window[i];
            if (i >= length) bytes.fill();
            bytes.each([&](unsigned byte) { into.of[i][byte] |= bit; });
        }
    }
}

}  // namespace

Buckets share_out(const std::vector<PrintBytes>& runs, const std::vector<PrintBytes>& plain, bool by_nibbles) {
    Pairs first = pairs_of(runs, kRunFrom, by_nibbles);
    Pairs second = pairs_of(plain, kPrintLength, by_nibbles);
    const auto join_to = [&](size_t level) {
        first.join_to(kRunSets[level] * kBuckets);
        second.join_to(kPlainSets[level] * kBuckets);
        return kRunsAreRare * first.cost() + second.cost();
    };
    const float per_set = by_nibbles ? kPerSetOfNibbles : kPerSet;
    Buckets result;
    float cost = join_to(kLevels - 1);
    for (result.level = kLevels - 1; result.level > 0; --result.level) {
        const Pairs kept_first = first;
        const Pairs kept_second = second;
        const size_t fewer = result.level - 1;
        const size_t saved = kRunSets[result.level] + kPlainSets[result.level] - kRunSets[fewer] - kPlainSets[fewer];
        const float more = join_to(fewer);
        if (more - cost > per_set * static_cast<float>(saved)) {
            first = kept_first;
            second = kept_second;
            break;
        }
        cost = more;
    }
    put(first, kRunFrom, 0, result);
    put(second, kPrintLength, kRunSets[result.level], result);
    result.any = !runs.empty() || !plain.empty();
    result.cost = cost + per_set * static_cast<float>(kRunSets[result.level] + kPlainSets[result.level]);
    return result;
}

}  // namespace aigate
