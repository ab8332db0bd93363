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
    Node root;
    close({start}, root);
    nodes_.push_back(std::move(root));
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
    std::vector<std::pair<uint32_t, std::vector<uint32_t>>> by_set;
    for (uint32_t found : nodes_[at].steps) {
        const Shape::Step& step = shape_.steps[found];
        auto same = std::find_if(by_set.begin(), by_set.end(), [&](const auto& entry) { return entry.first == step.value; });
        if (same == by_set.end()) same = by_set.insert(same, {step.value, {}});
        same->second.push_back(step.next);
    }
    if (by_set.size() > kMostChildren) return;
    nodes_[at].grown = true;
    for (auto& [set, next] : by_set) {
        Node child;
        child.parent = at;
        child.set = set;
        child.depth = nodes_[at].depth + 1;
        close(std::move(next), child);
        weigh(child);
        nodes_.push_back(std::move(child));
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
    Node ahead;
    ahead.steps = nodes_[at].steps;
    ahead.ended = nodes_[at].ended;
    while (known.size() < most && !ahead.ended && ahead.steps.size() <= kMostAhead) {
        ByteSet all;
        std::vector<uint32_t> following;
        for (uint32_t step : ahead.steps) {
            all |= shape_.sets[shape_.steps[step].value];
            following.push_back(shape_.steps[step].next);
        }
        known.push_back(all);
        ahead = Node();
        close(std::move(following), ahead);
    }
    return known;
}

void Paths::close(std::vector<uint32_t> todo, Node& into) {
    reached_.clear();
    while (!todo.empty()) {
        const uint32_t at = todo.back();
        todo.pop_back();
        if (!reached_.add(at)) continue;
        const Shape::Step& step = shape_.steps[at];
        if (step.kind == Shape::Kind::Match) into.ended = true;
        if (step.kind == Shape::Kind::Bytes) into.steps.push_back(at);
        if (step.kind == Shape::Kind::Bytes || step.kind == Shape::Kind::Match) continue;
        todo.push_back(step.next);
        if (step.kind == Shape::Kind::Split) todo.push_back(step.value);
    }
}

}  // namespace aigate
