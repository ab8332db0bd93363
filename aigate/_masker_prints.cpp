// See _masker_prints.h.
#include "_masker_prints.h"

#include <algorithm>
#include <cmath>

namespace aigate {

namespace {

constexpr size_t kMostPrints = 96;        // per waypoint; more are merged
constexpr size_t kFewPrints = 28;         // as many as one set of tables keeps apart well enough
constexpr double kInnerPenalty = 8;       // a hit inside a match costs a search of the line
constexpr double kGoodEnough = 1e-5;     // below this no other waypoint is looked at
constexpr double kRareEnough = 1.0 / 150;  // above this a rule is swept: testing its hits would cost more

// How often a byte occurs in logs, code and prose. Rough, and only ever a matter of speed.
double frequency(unsigned byte) {
    static const char* const common = " etaoinsrlcdup_mhgf";
    if (byte >= 0x80) return 0.0002;
    if (byte == ' ') return 0.14;
    if (const char* found = byte ? std::char_traits<char>::find(common, 19, static_cast<char>(byte)) : nullptr)
        return 0.055 - 0.0023 * static_cast<double>(found - common);
    if (byte >= 'a' && byte <= 'z') return 0.009;
    if (byte >= '0' && byte <= '9') return 0.012;
    if (byte >= 'A' && byte <= 'Z') return 0.003;
    if (byte == '\n' || byte == '"' || byte == '/' || byte == '.' || byte == '-' || byte == ':') return 0.012;
    return byte < 0x20 ? 0.0002 : 0.003;
}

double frequency(const ByteSet& set) {
    static const auto table = [] {
        std::array<double, 256> all{};
        for (unsigned byte = 0; byte < 256; ++byte) all[byte] = frequency(byte);
        return all;
    }();
    double sum = 0;
    set.each([&](unsigned byte) { sum += table[byte]; });
    return sum;
}

double frequency(const Print& print) {
    double product = 1;
    for (const ByteSet& set : print) product *= std::min(frequency(set), 1.0);
    return product;
}

double frequency(const std::vector<Print>& prints) {
    double sum = 0;
    for (const Print& print : prints) sum += frequency(print);
    return sum;
}

// Walks the shape four bytes deep and lists what those bytes can be.
class Lister {
  public:
    explicit Lister(const Shape& shape) : shape_(shape), mark_(shape.steps.size(), 0) {}

    std::vector<Print> list(uint32_t start) {
        std::vector<Branch> branches(1);
        close({start}, branches[0]);
        for (size_t depth = 0; depth < kPrintLength; ++depth) {
            std::vector<Branch> deeper;
            for (const Branch& branch : branches) extend(branch, depth, deeper);
            if (deeper.size() > kMostPrints) merge(deeper);
            branches.swap(deeper);
        }
        std::vector<Print> prints;
        for (const Branch& branch : branches) prints.push_back(branch.print);
        return prints;
    }

  private:
    struct Branch {
        Print print;
        std::vector<uint32_t> steps;  // Bytes steps
        bool ended = false;           // a match may be over: any bytes may follow
    };

    void close(std::vector<uint32_t> todo, Branch& into) {
        ++generation_;
        while (!todo.empty()) {
            const uint32_t at = todo.back();
            todo.pop_back();
            if (mark_[at] == generation_) continue;
            mark_[at] = generation_;
            const Shape::Step& step = shape_.steps[at];
            if (step.kind == Shape::Kind::Match) into.ended = true;
            if (step.kind == Shape::Kind::Bytes) into.steps.push_back(at);
            if (step.kind == Shape::Kind::Bytes || step.kind == Shape::Kind::Match) continue;
            todo.push_back(step.next);
            if (step.kind == Shape::Kind::Split) todo.push_back(step.value);
        }
    }

    void extend(const Branch& branch, size_t depth, std::vector<Branch>& into) {
        if (branch.ended) {
            Branch any = branch;
            for (size_t rest = depth; rest < kPrintLength; ++rest) any.print[rest].fill();
            any.steps.clear();
            into.push_back(std::move(any));
            return;
        }
        std::vector<std::pair<uint32_t, std::vector<uint32_t>>> by_set;
        for (uint32_t at : branch.steps) {
            const Shape::Step& step = shape_.steps[at];
            auto same = std::find_if(by_set.begin(), by_set.end(), [&](const auto& entry) { return entry.first == step.value; });
            if (same == by_set.end()) same = by_set.insert(same, {step.value, {}});
            same->second.push_back(step.next);
        }
        for (auto& [set, next] : by_set) {
            Branch deeper;
            deeper.print = branch.print;
            deeper.print[depth] = shape_.sets[set];
            close(std::move(next), deeper);
            into.push_back(std::move(deeper));
        }
    }

    static void merge(std::vector<Branch>& branches) {
        Branch all = branches[0];
        for (const Branch& branch : branches) {
            for (size_t i = 0; i < kPrintLength; ++i) all.print[i] |= branch.print[i];
            all.steps.insert(all.steps.end(), branch.steps.begin(), branch.steps.end());
            all.ended |= branch.ended;
        }
        std::sort(all.steps.begin(), all.steps.end());
        all.steps.erase(std::unique(all.steps.begin(), all.steps.end()), all.steps.end());
        branches.assign(1, std::move(all));
    }

    const Shape& shape_;
    std::vector<uint32_t> mark_;
    uint32_t generation_ = 0;
};

struct Choice {
    std::vector<Print> prints;
    std::vector<uint32_t> anchors;
    std::vector<uint32_t> midword;
    bool inner = false;
    double cost = 0;
};

// The rarest waypoint of each way of a rule.
Choice choose(const Shape::Rule& rule, Lister& lister) {
    Choice chosen;
    for (const Shape::Way& way : rule.ways) {
        double best = 2;
        std::vector<Print> best_prints;
        const Shape::Waypoint* best_point = nullptr;
        for (const Shape::Waypoint& point : way) {
            if (best < kGoodEnough) break;
            std::vector<Print> prints = lister.list(point.step);
            const double cost = frequency(prints) * (point.first ? 1 : kInnerPenalty);
            if (cost >= best) continue;
            best = cost;
            best_prints = std::move(prints);
            best_point = &point;
        }
        chosen.cost += best;
        if (!best_point) continue;
        chosen.prints.insert(chosen.prints.end(), best_prints.begin(), best_prints.end());
        chosen.anchors.push_back(best_point->step);
        if (!best_point->starts_word) chosen.midword.push_back(best_point->step);
        chosen.inner |= !best_point->first;
    }
    return chosen;
}

// Shares the fingerprints, which are in order, out among `most` groups so that the groups' unions are as rare as can
// be: neighbours in order of their bytes stay together, and dynamic programming finds the best places to cut.
std::vector<Print> share_out(const std::vector<Print>& prints, size_t most) {
    const size_t count = prints.size();
    if (count <= most) return prints;
    const size_t widest = 3 * ((count + most - 1) / most) + 2;  // prints in a group
    std::vector<std::vector<double>> cost(most + 1, std::vector<double>(count + 1, HUGE_VAL));
    std::vector<std::vector<size_t>> cut(most + 1, std::vector<size_t>(count + 1, 0));
    for (auto& row : cost) row[0] = 0;
    for (size_t end = 1; end <= count; ++end) {
        Print merged;
        std::array<double, kPrintLength> sums{};
        for (size_t begin = end; begin-- > 0 && end - begin <= widest;) {
            double one = 1;
            for (size_t i = 0; i < kPrintLength; ++i) {
                sums[i] += frequency(prints[begin][i].without(merged[i]));
                merged[i] |= prints[begin][i];
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
    std::vector<Print> shared;
    for (size_t groups = most, end = count; end > 0; end = cut[groups--][end]) {
        Print merged;
        for (size_t begin = cut[groups][end]; begin < end; ++begin)
            for (size_t i = 0; i < kPrintLength; ++i) merged[i] |= prints[begin][i];
        shared.push_back(merged);
    }
    std::reverse(shared.begin(), shared.end());
    return shared;
}

template <typename Bits>
void fill_in(const std::vector<Print>& groups, Bits (&table)[kPrintLength][256]) {
    for (size_t group = 0; group < groups.size(); ++group)
        for (size_t i = 0; i < kPrintLength; ++i)
            groups[group][i].each([&](unsigned byte) { table[i][byte] |= static_cast<Bits>(Bits{1} << group); });
}

}  // namespace

Prints choose_prints(const Shape& shape) {
    Prints result;
    Lister lister(shape);
    std::vector<Print> prints;
    for (const Shape::Rule& rule : shape.rules) {
        if (rule.number < result.inner.size()) continue;  // how a block ends is looked for inside blocks only
        result.inner.push_back(false);
        result.starts.push_back(rule.start);
        const Choice choice = choose(rule, lister);
        if (choice.cost > kRareEnough) {
            result.sweeps.push_back(rule.start);
            result.swept.push_back(rule.number);
            continue;
        }
        prints.insert(prints.end(), choice.prints.begin(), choice.prints.end());
        result.anchors.insert(result.anchors.end(), choice.anchors.begin(), choice.anchors.end());
        result.midword.insert(result.midword.end(), choice.midword.begin(), choice.midword.end());
        result.inner.back() = choice.inner;
    }
    if (prints.empty()) return result;
    result.any = true;
    std::sort(prints.begin(), prints.end());
    prints.erase(std::unique(prints.begin(), prints.end()), prints.end());
    const std::vector<Print> groups = share_out(prints, kGroups);
    fill_in(groups, result.groups);
    result.sets = groups.size() > kFewPrints ? kMostSets : 1;
    const std::vector<Print> shared = share_out(groups, result.sets * kBuckets);
    const auto middle = shared.begin() + static_cast<std::ptrdiff_t>(std::min(shared.size(), kBuckets));
    fill_in({shared.begin(), middle}, result.buckets[0]);
    fill_in({middle, shared.end()}, result.buckets[1]);
    return result;
}

}  // namespace aigate
