// See prints.h.
#include "prints.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "paths.h"

namespace aigate {

namespace {

constexpr double kCrowded = 5e-4;          // what one set of tables may cost more than two
constexpr double kInnerPenalty = 8;        // a hit inside a match costs a search of the line
constexpr size_t kMostWords = 256;          // that a fingerprint is listed by
constexpr double kRare = 2e-4;             // below this the beginning of a rule is looked for without a second thought
constexpr double kRareEnough = 1.0 / 40;   // above this a rule is swept: testing its hits would cost more

struct Choice {
    std::vector<Print> prints;
    std::vector<uint32_t> inner;  // steps; empty when the fingerprints lie at known distances
    double cost = 0;
};

// The rarest waypoint of each way of a rule, for a rule whose beginning is not worth looking for.
Choice choose_inner(const Shape::Rule& rule, Paths& paths) {
    Choice chosen;
    for (const Shape::Way& way : rule.ways) {
        Choice best;
        best.cost = 2;
        for (uint32_t step : way) {
            Choice found;
            found.cost = kInnerPenalty * paths.list(step, found.prints);
            if (found.cost >= best.cost) continue;
            best = std::move(found);
            best.inner.assign(1, step);
        }
        chosen.cost += best.cost;
        chosen.prints.insert(chosen.prints.end(), best.prints.begin(), best.prints.end());
        chosen.inner.insert(chosen.inner.end(), best.inner.begin(), best.inner.end());
    }
    for (Print& print : chosen.prints) print.before = Print::kAnywhere;
    return chosen;
}

Choice choose(const Shape::Rule& rule, Paths& paths) {
    Choice chosen;
    chosen.cost = paths.choose(rule.start, chosen.prints);
    if (chosen.cost <= kRare) return chosen;
    Choice inner = choose_inner(rule, paths);
    return chosen.cost <= kRareEnough && chosen.cost <= inner.cost ? chosen : inner;
}

double alone(const ByteSet& set) {
    static const auto table = [] {
        std::array<double, 256> all{};
        for (unsigned byte = 0; byte < 256; ++byte) all[byte] = Rarity::profile(ByteSet().set(byte)).alone;
        return all;
    }();
    double sum = 0;
    set.each([&](unsigned byte) { sum += table[byte]; });
    return sum;
}

// Fingerprints that are told apart no longer.
struct Group {
    std::array<ByteSet, kPrintLength> bytes{};
    uint32_t before = 0;  // a set
    std::vector<Member> members;
};

// Shares the fingerprints, which are in order, out among `most` groups so that the groups' unions are as rare as can
// be: neighbours in order of their bytes stay together, and dynamic programming finds the best places to cut.
std::vector<Group> share_out(const std::vector<Group>& prints, size_t most) {
    const size_t count = prints.size();
    if (count <= most) return prints;
    const size_t widest = 3 * ((count + most - 1) / most) + 2;  // prints in a group
    std::vector<std::vector<double>> cost(most + 1, std::vector<double>(count + 1, HUGE_VAL));
    std::vector<std::vector<size_t>> cut(most + 1, std::vector<size_t>(count + 1, 0));
    for (auto& row : cost) row[0] = 0;
    for (size_t end = 1; end <= count; ++end) {
        Group merged;
        std::array<double, kPrintLength> sums{};
        for (size_t begin = end; begin-- > 0 && end - begin <= widest;) {
            double one = 1;
            for (size_t i = 0; i < kPrintLength; ++i) {
                sums[i] += alone(prints[begin].bytes[i].without(merged.bytes[i]));
                merged.bytes[i] |= prints[begin].bytes[i];
                one *= std::min(sums[i], 1.0);
            }
            for (size_t groups = 1; groups <= most; ++groups) {
                const double sum = cost[groups - 1][begin] + one;
                if (sum >= cost[groups][end]) continue;
                cost[groups][end] = sum;
                cut[groups][end] = begin;
            }
        }
    }
    std::vector<Group> shared;
    for (size_t groups = most, end = count; end > 0; end = cut[groups--][end]) {
        Group merged;
        for (size_t begin = cut[groups][end]; begin < end; ++begin) {
            for (size_t i = 0; i < kPrintLength; ++i) merged.bytes[i] |= prints[begin].bytes[i];
            merged.before |= prints[begin].before;
            merged.members.insert(merged.members.end(), prints[begin].members.begin(), prints[begin].members.end());
        }
        shared.push_back(merged);
    }
    std::reverse(shared.begin(), shared.end());
    return shared;
}

// Fingerprints that share a bucket.
struct Bucket {
    std::array<Rarity::Profile, kPrintLength> bytes;
    float cost = 0;

    explicit Bucket(const Group& group) {
        for (size_t i = 0; i < kPrintLength; ++i) bytes[i] = Rarity::profile(group.bytes[i]);
        weigh();
    }
    Bucket(const Bucket& a, const Bucket& b) {
        for (size_t i = 0; i < kPrintLength; ++i) bytes[i] = Rarity::either(a.bytes[i], b.bytes[i]);
        weigh();
    }

  private:
    void weigh() {
        std::array<const Rarity::Profile*, kPrintLength> sets;
        for (size_t i = 0; i < kPrintLength; ++i) sets[i] = &bytes[i];
        cost = Rarity::of(sets.data(), sets.size());
    }
};

float cost_of(const std::vector<Bucket>& buckets) {
    float sum = 0;
    for (const Bucket& bucket : buckets) sum += bucket.cost;
    return sum;
}

// Joins the two buckets that cost the least together, until there are no more than `most`. For few of them: it looks
// at all pairs, and so finds better company for each than share_out().
std::vector<Bucket> pair_up(std::vector<Bucket> buckets, size_t most) {
    std::vector<std::vector<float>> more(buckets.size());  // by pair, the higher one first: what joining them costs
    const auto weigh = [&](size_t a, size_t b) {
        more[std::max(a, b)][std::min(a, b)] = Bucket(buckets[a], buckets[b]).cost - buckets[a].cost - buckets[b].cost;
    };
    for (size_t high = 0; high < buckets.size(); ++high) {
        more[high].resize(high);
        for (size_t low = 0; low < high; ++low) weigh(high, low);
    }
    while (buckets.size() > most) {
        size_t high = 1;
        size_t low = 0;
        for (size_t i = 1; i < buckets.size(); ++i)
            for (size_t j = 0; j < i; ++j)
                if (more[i][j] < more[high][low]) high = i, low = j;
        buckets[low] = Bucket(buckets[low], buckets[high]);
        const size_t last = buckets.size() - 1;  // takes the place of the one that is gone
        buckets[high] = buckets[last];
        for (size_t i = 0; i < last; ++i)
            if (i != high) more[std::max(i, high)][std::min(i, high)] = more[last][i];
        buckets.pop_back();
        more.pop_back();
        for (size_t i = 0; i < last; ++i)
            if (i != low) weigh(i, low);
    }
    return buckets;
}

// Whether a set is one byte, or a letter in both cases. Sets *bit where the two differ.
bool is_letter(const ByteSet& set, unsigned* byte, unsigned* bit) {
    if (!set.count() || set.count() > 2) return false;
    unsigned low = 256;
    unsigned high = 0;
    set.each([&](unsigned one) {
        low = std::min(low, one);
        high = std::max(high, one);
    });
    *byte = low;
    *bit = low ^ high;
    return !*bit || *bit == 0x20;
}

Member member_of(const Print& print) {
    Member member;
    unsigned char mask[kPrintLength] = {};
    unsigned char value[kPrintLength] = {};
    for (size_t at = 0; at < kPrintLength; ++at) {
        unsigned byte = 0;
        unsigned bit = 0;
        if (is_letter(print.bytes[at], &byte, &bit)) {
            mask[at] = static_cast<unsigned char>(0xff & ~bit);
            value[at] = static_cast<unsigned char>(byte & mask[at]);
        } else {
            member.classes |= uint32_t{1} << at;
            member.sets[at] = print.bytes[at];
        }
    }
    member.mask = word_at(reinterpret_cast<const char*>(mask));
    member.value = word_at(reinterpret_cast<const char*>(value));
    member.before = print.before;
    member.around = print.around;
    return member;
}

// Equal fingerprints become one, of all the rules that have it.
std::vector<Group> unite(std::vector<Print>& prints, const std::vector<bool>& exact) {
    std::sort(prints.begin(), prints.end());
    std::vector<Group> groups;
    for (size_t at = 0; at < prints.size(); ++at) {
        if (!at || !(prints[at] == prints[at - 1])) {
            groups.push_back({prints[at].bytes, uint32_t{1} << prints[at].before, {member_of(prints[at])}});
            groups.back().members[0].exact = true;
        }
        Member& member = groups.back().members[0];
        member.exact = member.exact && exact[prints[at].rule];
        member.around |= prints[at].around;
        if (member.rules.empty() || member.rules.back() != prints[at].rule) member.rules.push_back(prints[at].rule);
    }
    return groups;
}

// In how many ways a fingerprint can begin, by its first so many bytes.
size_t ways_of(const std::array<ByteSet, kPrintLength>& sets, size_t bytes) {
    size_t ways = 1;
    for (size_t at = 0; at < bytes; ++at) ways *= sets[at].count();
    return ways;
}

// Lists each member by as many of its bytes as there are few ways to choose.
void list_members(const std::vector<Group>& groups, Prints& result) {
    std::vector<uint32_t> by[kPrintLength + 1];
    for (const Group& group : groups) {
        for (const Member& member : group.members) {
            const auto sets = member.all();
            size_t bytes = kPrintLength;
            while (bytes > 2 && ways_of(sets, bytes) > kMostWords) --bytes;
            by[bytes].push_back(static_cast<uint32_t>(result.members.size()));
            result.members.push_back(member);
        }
    }
    result.by_word.fill(by[4], result.members);
    result.by_three.fill(by[3], result.members);
    result.by_pair.fill(by[2], result.members);
}

void group_prints(std::vector<Print>& prints, const std::vector<bool>& exact, Prints& result) {
    const std::vector<Group> groups = share_out(unite(prints, exact), kGroups);
    list_members(groups, result);
    for (size_t group = 0; group < groups.size(); ++group) {
        result.before[group] = groups[group].before;
        for (size_t i = 0; i < kPrintLength; ++i)
            groups[group].bytes[i].each([&](unsigned byte) { result.groups[i][byte] |= uint64_t{1} << group; });
    }
    std::vector<Bucket> buckets = pair_up({groups.begin(), groups.end()}, kMostSets * kBuckets);
    for (result.sets = kMostSets; result.sets > 1; result.sets /= 2) {
        std::vector<Bucket> fewer = pair_up(buckets, result.sets / 2 * kBuckets);
        if (cost_of(fewer) - cost_of(buckets) > kCrowded) break;
        buckets = std::move(fewer);
    }
    for (size_t bucket = 0; bucket < buckets.size(); ++bucket) {
        const auto bit = static_cast<uint8_t>(1 << bucket % kBuckets);
        for (size_t i = 0; i < kPrintLength; ++i)
            buckets[bucket].bytes[i].set.each([&](unsigned byte) { result.buckets[bucket / kBuckets][i][byte] |= bit; });
    }
}

}  // namespace

Around& Around::operator|=(const Around& other) {
    fronts = std::min(fronts, other.fronts);
    behinds = std::min(behinds, other.behinds);
    for (size_t at = 0; at < fronts; ++at) front[at] |= other.front[at];
    for (size_t at = 0; at < behinds; ++at) behind[at] |= other.behind[at];
    return *this;
}

std::array<ByteSet, kPrintLength> Member::all() const {
    std::array<ByteSet, kPrintLength> found;
    for (size_t at = 0; at < kPrintLength; ++at) {
        if (classes >> at & 1) found[at] = sets[at];
        else found[at].set(value >> 8 * at & 0xff).set((value | ~mask) >> 8 * at & 0xff);
    }
    return found;
}

void Lists::fill(const std::vector<uint32_t>& members, const std::vector<Member>& all) {
    std::vector<std::pair<uint32_t, uint32_t>> found;  // row and member
    any_.assign((size_t{1} << bits_) / 64, 0);
    rows_.assign((size_t{1} << (bits_ - kShared)) + 1, 0);
    for (uint32_t member : members) {
        const auto sets = all[member].all();
        std::vector<uint32_t> words{0};
        for (size_t at = 0; at < kPrintLength - ignored_ / 8; ++at) {
            std::vector<uint32_t> longer;
            sets[at].each([&](unsigned byte) {
                for (uint32_t word : words) longer.push_back(word | byte << 8 * at);
            });
            words = std::move(longer);
        }
        for (uint32_t word : words) {
            const uint32_t at = hash(word);
            any_[at >> 6] |= uint64_t{1} << (at & 63);
            found.push_back({at >> kShared, member});
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    for (const auto& [row, member] : found) {
        ++rows_[row + 1];
        entries_.push_back({all[member].mask, all[member].value, member});
    }
    for (size_t row = 1; row < rows_.size(); ++row) rows_[row] += rows_[row - 1];
}

Prints choose_prints(const Shape& shape) {
    Prints result;
    Paths paths(shape);
    std::vector<Print> prints;
    std::vector<bool> exact;  // by rule: it is matched exactly, from a known distance on
    for (const Shape::Rule& rule : shape.rules) {
        ++result.rules;
        result.starts.push_back(rule.start);
        Choice choice = choose(rule, paths);
        exact.push_back(rule.exact && choice.inner.empty());
        for (Print& print : choice.prints) print.rule = rule.number;
        if (choice.cost > kRareEnough) {
            result.sweeps.push_back(rule.start);
            result.swept.push_back(rule.number);
            continue;
        }
        prints.insert(prints.end(), choice.prints.begin(), choice.prints.end());
        result.inner.insert(result.inner.end(), choice.inner.begin(), choice.inner.end());
        if (!choice.inner.empty()) continue;
        result.anchored.push_back(rule.number);
        result.anchors.push_back(rule.start);
        for (uint32_t step : shape.first_steps(rule.start, true)) result.midword.push_back(step);
    }
    result.any = !prints.empty();
    if (result.any) group_prints(prints, exact, result);
    return result;
}

}  // namespace aigate
