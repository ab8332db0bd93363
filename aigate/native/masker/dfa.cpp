// See dfa.h.
#include "dfa.h"

#include <algorithm>
#include <array>
#include <new>

#include "text.h"

namespace aigate {

namespace {

constexpr size_t kFirstIndex = 64;      // slots to begin with

size_t hash_of(const std::vector<uint32_t>& words) {
    size_t hash = 1469598103934665603u;
    for (uint32_t word : words) hash = (hash ^ word) * 1099511628211u;
    return hash ^ (hash >> 29);
}

}  // namespace

Dfa::Dfa(const Shape& shape, std::vector<uint32_t> starts, Kind kind, size_t most_states)
    : shape_(shape), everywhere_(kind == Kind::Everywhere ? shape.steps.size() : 0), kind_(kind), most_states_(most_states),
      columns_(shape, starts, false), index_(kFirstIndex, 0), reached_(shape.steps.size()) {
    Owner full = make();
    full->full = full->notable = true;
    for (size_t i = 0; i < columns_.count; ++i) full->next[i].store(Next::packed(full.get()));
    full_ = full.get();
    states_.push_back(std::move(full));
    if (kind == Kind::Everywhere) {
        for (uint32_t start : starts) reach(start, waiting_);
        std::swap(everywhere_, reached_);
        led_to_.resize(columns_.count);
        starts.clear();
    }
    std::vector<uint32_t> reached;
    reached_.clear();
    for (uint32_t start : starts) reach(start, reached);
    start_ = intern(reached, 0);
}

// A state that leads nowhere yet, with room for where it will.
Dfa::Owner Dfa::make() const {
    const size_t more = (columns_.count - 1) * sizeof(std::atomic<uintptr_t>);
    Owner state(new (::operator new(sizeof(State) + more)) State());
    for (size_t i = 0; i < columns_.count; ++i) new (&state->next[i]) std::atomic<uintptr_t>(0);
    return state;
}

void Dfa::Release::operator()(State* state) const {
    state->~State();
    ::operator delete(state);
}

uintptr_t Dfa::build(const State* state, unsigned char byte) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<uint32_t>& reached = come_to_;
    reached.clear();
    reached_.clear();
    if (kind_ == Kind::Everywhere) follow_starts(byte, reached);
    const size_t sorted = reached.size();
    for (uint32_t at : state->steps) {
        const Shape::Step& step = shape_.steps[at];
        if (shape_.sets[step.value][byte]) reach(step.next, reached);
    }
    const uintptr_t next = Next::packed(intern(reached, sorted));
    state->next[columns_.of[byte]].store(next, std::memory_order_release);
    return next;
}

// What the steps that wait everywhere lead to, marked as reached and in order.
void Dfa::follow_starts(unsigned char byte, std::vector<uint32_t>& into) const {
    std::unique_ptr<const std::vector<uint32_t>>& known = led_to_[columns_.of[byte]];
    if (known) {
        into = *known;
        for (uint32_t step : into) reached_.add(step);
        return;
    }
    for (uint32_t at : waiting_) {
        const Shape::Step& step = shape_.steps[at];
        if (shape_.sets[step.value][byte]) reach(step.next, into);
    }
    std::sort(into.begin(), into.end());
    known = std::make_unique<const std::vector<uint32_t>>(into);
}

// The one state that stands for these steps (Bytes and Match), of which the first are in order.
const Dfa::State* Dfa::intern(std::vector<uint32_t>& reached, size_t sorted) const {
    const auto middle = reached.begin() + static_cast<std::ptrdiff_t>(sorted);
    std::sort(middle, reached.end());
    merged_.resize(reached.size());
    std::merge(reached.begin(), middle, middle, reached.end(), merged_.begin());
    const size_t hash = hash_of(merged_);
    reached.clear();  // for the Match ones now
    const auto is_match = [&](uint32_t at) {
        if (shape_.steps[at].kind != Shape::Kind::Match) return false;
        reached.push_back(at);
        return true;
    };
    merged_.erase(std::remove_if(merged_.begin(), merged_.end(), is_match), merged_.end());
    size_t slot = hash % index_.size();
    for (; index_[slot]; slot = (slot + 1) % index_.size()) {
        const State& known = *states_[index_[slot] - 1];
        if (known.hash == hash && known.steps == merged_ && known.matches == reached) return &known;
    }
    if (states_.size() >= most_states_) return full_;
    Owner fresh = make();
    fresh->hash = hash;
    fresh->steps = merged_;
    fresh->matches = reached;
    for (uint32_t at : fresh->matches) (shape_.steps[at].next ? fresh->ended : fresh->matched).push_back(shape_.steps[at].value);
    fresh->dead = fresh->steps.empty() && kind_ != Kind::Everywhere;
    fresh->settled = std::all_of(fresh->steps.begin(), fresh->steps.end(), [&](uint32_t at) {
        return std::find(fresh->matched.begin(), fresh->matched.end(), shape_.owner(at)) != fresh->matched.end();
    });
    fresh->notable = fresh->dead || !fresh->matched.empty() || !fresh->ended.empty();
    states_.push_back(std::move(fresh));
    index_[slot] = static_cast<uint32_t>(states_.size());
    if (4 * states_.size() > 3 * index_.size()) grow_index();
    return states_.back().get();
}

void Dfa::grow_index() const {
    std::vector<uint32_t> larger(4 * index_.size(), 0);
    for (size_t state = 1; state < states_.size(); ++state) {  // the first is not in the index
        size_t slot = states_[state]->hash % larger.size();
        while (larger[slot]) slot = (slot + 1) % larger.size();
        larger[slot] = static_cast<uint32_t>(state + 1);
    }
    index_.swap(larger);
}

// Follows the steps that take no byte.
void Dfa::reach(uint32_t start, std::vector<uint32_t>& into) const {
    todo_.assign(1, start);
    while (!todo_.empty()) {
        const uint32_t at = todo_.back();
        todo_.pop_back();
        if ((kind_ == Kind::Everywhere && everywhere_[at]) || !reached_.add(at)) continue;
        const Shape::Step& step = shape_.steps[at];
        if (step.kind == Shape::Kind::Bytes || step.kind == Shape::Kind::Match) {
            into.push_back(at);
            continue;
        }
        if (step.kind == Shape::Kind::Split) todo_.push_back(step.value);
        todo_.push_back(step.next);
    }
}

const Dfa::State* Leaps::end_of(const Dfa& dfa, uint64_t word) {
    const Dfa::State* state = dfa.start();
    for (size_t at = 0; at < kBytes; ++at, word >>= 8) {
        const auto byte = static_cast<unsigned char>(word);
        if (byte == kEscape) return dfa.start();
        const Dfa::Next next = dfa.step(state, byte);
        state = next.state();
        if (!next.notable()) continue;
        return state->dead && state->matched.empty() && state->ended.empty() ? nullptr : dfa.start();
    }
    return state;
}

}  // namespace aigate
