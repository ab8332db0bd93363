// See _masker_prints.h.
#include "_masker_prints.h"

#include <algorithm>
#include <cmath>

#include "_masker_paths.h"

namespace aigate {

namespace {

constexpr double kCrowded = 5e-4;          // what one set of tables may cost more than two
constexpr double kInnerPenalty = 8;        // a hit inside a match costs a search of the line
constexpr double kRareEnough = 1.0 / 150;  // above this a rule is swept: testing its hits would cost more

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
    if (chosen.cost <= kRareEnough) return chosen;
    return choose_inner(rule, paths);
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
        }
        shared.push_back(merged);
    }
    std::reverse(shared.begin(), shared.end());
    return shared;
}

double cost_of(const Group& group) {
    double product = 1;
    for (const ByteSet& set : group.bytes) product *= std::min(alone(set), 1.0);
    return product;
}

double cost_of(const std::vector<Group>& groups) {
    double sum = 0;
    for (const Group& group : groups) sum += cost_of(group);
    return sum;
}

Group join(const Group& a, const Group& b) {
    Group both = a;
    for (size_t i = 0; i < kPrintLength; ++i) both.bytes[i] |= b.bytes[i];
    both.before |= b.before;
    return both;
}

// Joins the two groups that cost the least together, until there are no more than `most`. For few groups: it looks at
// all pairs, and so finds better company for each than share_out().
std::vector<Group> pair_up(std::vector<Group> groups, size_t most) {
    std::vector<double> cost;
    for (const Group& group : groups) cost.push_back(cost_of(group));
    std::vector<std::vector<double>> more(groups.size());  // by pair, the higher one first: what joining them costs
    const auto weigh = [&](size_t high, size_t low) {
        more[high][low] = cost_of(join(groups[high], groups[low])) - cost[high] - cost[low];
    };
    for (size_t high = 0; high < groups.size(); ++high) {
        more[high].resize(high);
        for (size_t low = 0; low < high; ++low) weigh(high, low);
    }
    while (groups.size() > most) {
        size_t high = 1;
        size_t low = 0;
        for (size_t i = 1; i < groups.size(); ++i)
            for (size_t j = 0; j < i; ++j)
                if (more[i][j] < more[high][low]) high = i, low = j;
        groups[low] = join(groups[low], groups[high]);
        cost[low] = cost_of(groups[low]);
        const size_t last = groups.size() - 1;  // takes the place of the one that is gone
        groups[high] = groups[last];
        cost[high] = cost[last];
        for (size_t i = 0; i < last; ++i)
            if (i != high) more[std::max(i, high)][std::min(i, high)] = more[last][i];
        groups.pop_back();
        more.pop_back();
        for (size_t i = 0; i < last; ++i)
            if (i != low) weigh(std::max(i, low), std::min(i, low));
    }
    return groups;
}

template <typename Bits>
void fill_in(const Group* begin, const Group* end, Bits (&table)[kPrintLength][256]) {
    for (const Group* group = begin; group != end; ++group)
        for (size_t i = 0; i < kPrintLength; ++i)
            group->bytes[i].each([&](unsigned byte) { table[i][byte] |= static_cast<Bits>(Bits{1} << (group - begin)); });
}

void group_prints(std::vector<Print>& prints, Prints& result) {
    std::sort(prints.begin(), prints.end());
    prints.erase(std::unique(prints.begin(), prints.end()), prints.end());
    std::vector<Group> all;
    for (const Print& print : prints) all.push_back({print.bytes, uint32_t{1} << print.before});
    const std::vector<Group> groups = share_out(all, kGroups);
    fill_in(groups.data(), groups.data() + groups.size(), result.groups);
    for (size_t i = 0; i < groups.size(); ++i) result.before[i] = groups[i].before;
    std::vector<Group> shared = pair_up(groups, kMostSets * kBuckets);
    std::vector<Group> fewer = pair_up(shared, kBuckets);
    result.sets = cost_of(fewer) - cost_of(shared) > kCrowded ? kMostSets : 1;
    if (result.sets == 1) shared = std::move(fewer);
    const Group* const end = shared.data() + shared.size();
    const Group* const middle = shared.data() + std::min(shared.size(), kBuckets);
    fill_in(shared.data(), middle, result.buckets[0]);
    fill_in(middle, end, result.buckets[1]);
}

}  // namespace

Prints choose_prints(const Shape& shape) {
    Prints result;
    Paths paths(shape);
    std::vector<Print> prints;
    for (const Shape::Rule& rule : shape.rules) {
        if (rule.number < result.rules) continue;  // how a block ends is looked for inside blocks only
        ++result.rules;
        result.starts.push_back(rule.start);
        const Choice choice = choose(rule, paths);
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
        paths.midword(rule.start, result.midword);
    }
    result.any = !prints.empty();
    if (result.any) group_prints(prints, result);
    return result;
}

}  // namespace aigate
