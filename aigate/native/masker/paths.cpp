// See paths.h.
#include "paths.h"

#include <algorithm>
#include <array>
#include <queue>

namespace aigate {

namespace {

constexpr size_t kMostNodes = 200;      // of a tree,
constexpr size_t kFewNodes = 16;        // at least so many,
constexpr size_t kAllNodes = 80000;     // and of all. Most rules need few, so that the others
constexpr size_t kShares = 4;           // may take so many times what is left for each.
constexpr size_t kManyRules = 800;      // With more rules there are fewer in all: a thousand are to start in half a second
constexpr size_t kMostChildren = 24;    // a path that branches more goes no further
constexpr size_t kMostAhead = 400;      // ways on from a fingerprint that are looked at together
constexpr double kRareAlready = 1e-6;   // a path with such a fingerprint goes no further
constexpr double kSecondLook = 0.02;    // what a place costs that shows the bytes that a fingerprint is listed by
constexpr double kEscapeBehind = 1e-4;  // how often a byte has a sequence behind it, which may hide anything
constexpr double kOnePrint = 1e-6;      // what one more fingerprint costs: all share a few groups

bool only_runs(const ByteSet& set) {
    static const ByteSet runs = [] {
        ByteSet all;
        for (unsigned byte = 0; byte < 256; ++byte)
            if (is_run(static_cast<unsigned char>(byte))) all.set(byte);
        return all;
    }();
    return set.without(runs) == ByteSet();
}

static_assert(kRunFrom + kRun == kPrintLength + kAround);

}  // namespace

Paths::Paths(const Shape& shape)
    : shape_(shape), left_(kAllNodes * kManyRules / std::max(kManyRules, shape.rules.size())), rules_left_(shape.rules.size()),
      reached_(shape.steps.size()) {
    profiles_.reserve(shape.sets.size() + 1);
    for (const ByteSet& set : shape.sets) profiles_.push_back(Rarity::profile(set));
    profiles_.push_back(Rarity::profile(ByteSet().fill()));  // any byte: behind the end of a match
}

double Paths::choose(uint32_t start, std::vector<Print>& prints) {
    most_nodes_ = std::min(kMostNodes, kFewNodes + kShares * left_ / std::max(rules_left_, size_t{1}));
    rules_left_ -= std::min(rules_left_, size_t{1});
    grow(start, kMostBefore + kPrintLength);
    return settle(prints);
}

double Paths::list(uint32_t start, std::vector<Print>& prints) {
    grow(start, kPrintLength);
    return settle(prints);
}

// Lets the tree grow where its fingerprints are the least rare.
void Paths::grow(uint32_t start, size_t depth) {
    nodes_.clear();
    steps_.clear();
    Node root;
    todo_.assign(1, start);
    root.ended = close(steps_);
    root.count = steps_.size();
    nodes_.push_back(root);
    std::priority_queue<std::pair<double, uint32_t>> open;
    open.push({1, 0});
    while (!open.empty() && nodes_.size() < most_nodes_) {
        const auto [cost, at] = open.top();
        open.pop();
        if (cost <= kRareAlready) break;
        if (nodes_[at].ended || nodes_[at].depth == depth) continue;
        const size_t before = nodes_.size();
        extend(at);
        for (size_t child = before; child < nodes_.size(); ++child) open.push({nodes_[child].cost, static_cast<uint32_t>(child)});
    }
    left_ -= std::min(left_, nodes_.size());
}

void Paths::extend(uint32_t at) {
    const size_t first = nodes_[at].first;
    const size_t end = first + nodes_[at].count;
    sets_.clear();
    for (size_t step = first; step < end; ++step) {
        const uint32_t set = shape_.steps[steps_[step]].value;
        if (std::find(sets_.begin(), sets_.end(), set) != sets_.end()) continue;
        if (sets_.size() == kMostChildren) return;
        sets_.push_back(set);
    }
    nodes_[at].grown = true;
    for (uint32_t set : sets_) {
        Node child;
        child.parent = at;
        child.set = set;
        child.depth = nodes_[at].depth + 1;
        child.first = steps_.size();
        todo_.clear();
        for (size_t step = first; step < end; ++step)
            if (shape_.steps[steps_[step]].value == set) todo_.push_back(shape_.steps[steps_[step]].next);
        child.ended = close(steps_);
        child.count = steps_.size() - child.first;
        weigh(child);
        nodes_.push_back(child);
    }
}

// The rarest of the parent's fingerprints and the new one, the last eight bytes. Before there are eight, others follow.
void Paths::weigh(Node& node) {
    const Node& parent = nodes_[node.parent];
    node.cost = parent.cost;
    node.end = parent.end;
    std::array<const Rarity::Profile*, kPrintLength> last;
    last.fill(&profiles_.back());
    const size_t known = std::min(node.depth, kPrintLength);
    const Node* back = &node;
    for (size_t i = known; i-- > 0; back = &nodes_[back->parent]) last[i] = &profiles_[back->set];
    float listed = 0;
    const double whole = Rarity::of(last.data(), kPrintLength, &listed);
    const double cost = whole + kSecondLook * listed + kEscapeBehind * last[0]->alone;
    if (node.depth > kPrintLength && cost >= node.cost) return;
    node.cost = cost;
    node.end = std::max(node.depth, kPrintLength);
}

// From the leaves to the root: a node's own fingerprint, or those of its children, whatever is rarer.
double Paths::settle(std::vector<Print>& prints) {
    std::vector<double> best(nodes_.size());
    std::vector<double> below(nodes_.size(), 0);
    for (size_t at = nodes_.size(); at-- > 0;) {
        best[at] = nodes_[at].cost + kOnePrint;
        if (nodes_[at].grown && below[at] < best[at]) best[at] = below[at];
        else nodes_[at].grown = false;
        if (at) below[nodes_[at].parent] += best[at];
    }
    std::vector<bool> wanted(nodes_.size(), false);
    wanted[0] = true;
    for (size_t at = 0; at < nodes_.size(); ++at) {
        if (at) wanted[at] = wanted[nodes_[at].parent] && nodes_[nodes_[at].parent].grown;
        if (wanted[at] && !nodes_[at].grown) take(static_cast<uint32_t>(at), prints);
    }
    return best[0];
}

// Notes a node's fingerprint: the bytes of its path and of what can follow that, and what stands around.
void Paths::take(uint32_t at, std::vector<Print>& prints) {
    Print print;
    for (ByteSet& set : print.bytes) set.fill();
    const size_t begin = nodes_[at].end < kPrintLength ? 0 : nodes_[at].end - kPrintLength;
    print.before = static_cast<uint32_t>(begin);
    const std::vector<ByteSet> known = known_from(at, begin + kRunFrom + kRun);
    for (size_t i = begin; i < std::min(known.size(), begin + kPrintLength); ++i) print.bytes[i - begin] = known[i];
    print.run = known.size() >= begin + kRunFrom + kRun
                && std::all_of(known.begin() + static_cast<std::ptrdiff_t>(begin + kRunFrom), known.end(), only_runs);
    Around& around = print.around;
    for (; around.fronts < std::min(begin, kAround); ++around.fronts) around.front[around.fronts] = known[begin - 1 - around.fronts];
    for (size_t i = begin + kPrintLength; i < known.size() && around.behinds < kAround; ++i) around.behind[around.behinds++] = known[i];
    prints.push_back(print);
}

// The first bytes of the matches that pass a node, at most so many: its path, then all that any way on from there takes, one
// place after the other, as long as no match can be over.
std::vector<ByteSet> Paths::known_from(uint32_t at, size_t most) {
    std::vector<ByteSet> known(nodes_[at].depth);
    for (const Node* node = &nodes_[at]; node->parent != kNone; node = &nodes_[node->parent])
        known[node->depth - 1] = shape_.sets[node->set];
    ahead_.assign(steps_.begin() + static_cast<std::ptrdiff_t>(nodes_[at].first),
                  steps_.begin() + static_cast<std::ptrdiff_t>(nodes_[at].first + nodes_[at].count));
    bool ended = nodes_[at].ended;
    while (known.size() < most && !ended && ahead_.size() <= kMostAhead) {
        ByteSet all;
        todo_.clear();
        uint32_t last = kNone;  // neighbours have the same set most of the time
        for (uint32_t step : ahead_) {
            const Shape::Step& ahead = shape_.steps[step];
            if (ahead.value != last) all |= shape_.sets[last = ahead.value];
            todo_.push_back(ahead.next);
        }
        known.push_back(all);
        ahead_.clear();
        ended = close(ahead_);
    }
    return known;
}

// Appends the Bytes steps that those of todo_ lead to without a byte. Returns whether a match may be over there.
bool Paths::close(std::vector<uint32_t>& into) {
    reached_.clear();
    bool ended = false;
    while (!todo_.empty()) {
        const uint32_t at = todo_.back();
        todo_.pop_back();
        if (!reached_.add(at)) continue;
        const Shape::Step& step = shape_.steps[at];
        if (step.kind == Shape::Kind::Match) ended = true;
        if (step.kind == Shape::Kind::Bytes) into.push_back(at);
        if (step.kind == Shape::Kind::Bytes || step.kind == Shape::Kind::Match) continue;
        todo_.push_back(step.next);
        if (step.kind == Shape::Kind::Split) todo_.push_back(step.value);
    }
    return ended;
}

}  // namespace aigate
