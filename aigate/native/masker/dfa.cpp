// See dfa.h.
#include "dfa.h"

#include <algorithm>
#include <array>
#include <new>

#include "text.h"

namespace aigate {

namespace {

constexpr size_t kFirstIndex = 64;      // slots to begin with
constexpr size_t kMostPreferred = 256;  // states of one rule

size_t hash_of(const std::vector<uint32_t>& words) {
    size_t hash = 1469598103934665603u;
    for (uint32_t word : words) hash = (hash ^ word) * 1099511628211u;
    return hash ^ (hash >> 29);
}

}  // namespace

Dfa::Dfa(const Shape& shape, std::vector<uint32_t> starts, Kind kind, size_t most_states)
    : shape_(shape), everywhere_(kind == Kind::Everywhere ? shape.steps.size() : 0), kind_(kind),
      most_states_(kind == Kind::Preferred ? kMostPreferred : most_states), index_(kFirstIndex, 0), reached_(shape.steps.size()),
      settled_(kind == Kind::Preferred ? shape.steps.size() : 0) {
    classify(starts);
    Owner full = make();
    full->full = full->notable = true;
    for (size_t i = 0; i < class_count_; ++i) full->next[i].store(Next::packed(full.get()));
    full_ = full.get();
    states_.push_back(std::move(full));
    if (kind == Kind::Everywhere) {
        for (uint32_t start : starts) reach(start, waiting_);
        std::swap(everywhere_, reached_);
        led_to_.resize(class_count_);
        starts.clear();
    }
    for (const Front front : {Front::Nothing, Front::Word, Front::Other})
        start_[static_cast<size_t>(front)] = front != Front::Nothing && !asks_ ? start_[0] : begin(starts, front);
}

const Dfa::State* Dfa::begin(const std::vector<uint32_t>& starts, Front front) const {
    std::vector<uint32_t> reached;
    reached_.clear();
    for (uint32_t start : starts)
        if (!reach(start, reached)) break;
    return intern(std::move(reached), 0, front, false);
}

// A state that leads nowhere yet, with room for where it will.
Dfa::Owner Dfa::make() const {
    const size_t more = (class_count_ - 1) * sizeof(std::atomic<uintptr_t>);
    Owner state(new (::operator new(sizeof(State) + more)) State());
    for (size_t i = 0; i < class_count_; ++i) new (&state->next[i]) std::atomic<uintptr_t>(0);
    return state;
}

void Dfa::Release::operator()(State* state) const {
    state->~State();
    ::operator delete(state);
}

// Bytes that no reachable step tells apart share a column of the tables.
void Dfa::classify(const std::vector<uint32_t>& starts) {
    std::vector<ByteSet> used;
    std::vector<bool> seen_sets(shape_.sets.size(), false);
    std::vector<bool> seen(shape_.steps.size(), false);
    std::vector<uint32_t> todo = starts;
    while (!todo.empty()) {
        const uint32_t at = todo.back();
        todo.pop_back();
        if (seen[at]) continue;
        seen[at] = true;
        const Shape::Step& step = shape_.steps[at];
        if (step.kind == Shape::Kind::Match) continue;
        if (step.kind == Shape::Kind::Assert && kind_ == Kind::Preferred) asks_ = true;
        if (step.kind == Shape::Kind::Bytes && !seen_sets[step.value]) {
            seen_sets[step.value] = true;
            used.push_back(shape_.sets[step.value]);
        }
        if (step.kind == Shape::Kind::Split) todo.push_back(step.value);
        todo.push_back(step.next);
    }
    if (asks_) {
        used.emplace_back();
        for (unsigned byte = 0; byte < 256; ++byte)
            if (is_word(static_cast<unsigned char>(byte))) used.back().set(byte);
    }
    class_count_ = 1;
    for (const ByteSet& set : used) {
        std::array<std::array<int, 2>, 256> refined;  // by class so far, and whether the set holds the byte
        refined.fill({-1, -1});
        size_t count = 0;
        for (unsigned byte = 0; byte < 256; ++byte) {
            int& fresh = refined[classes_[byte]][set[byte]];
            if (fresh < 0) fresh = static_cast<int>(count++);
            classes_[byte] = static_cast<uint8_t>(fresh);
        }
        class_count_ = count;
    }
}

uintptr_t Dfa::build(const State* state, unsigned char byte) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<uint32_t> reached;
    reached_.clear();
    if (kind_ == Kind::Everywhere) follow_starts(byte, reached);
    const size_t sorted = reached.size();
    std::vector<uint32_t> settled;
    const bool word = is_word(byte);
    const bool matched = asks_ && settle(*state, state->word != word, false, settled);
    for (uint32_t at : asks_ ? settled : state->steps) {
        const Shape::Step& step = shape_.steps[at];
        if (shape_.sets[step.value][byte] && !reach(step.next, reached)) break;
    }
    const uintptr_t next = Next::packed(intern(std::move(reached), sorted, word ? Front::Word : Front::Other, matched));
    state->next[classes_[byte]].store(next, std::memory_order_release);
    return next;
}

// What the steps that wait everywhere lead to, marked as reached and in order.
void Dfa::follow_starts(unsigned char byte, std::vector<uint32_t>& into) const {
    std::unique_ptr<const std::vector<uint32_t>>& known = led_to_[classes_[byte]];
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

// What the steps of a state come to once it is known what stands behind it, in order. Returns whether that is a match, to
// which only what was found before is preferred.
bool Dfa::settle(const State& state, bool boundary, bool end, std::vector<uint32_t>& into) const {
    const auto holds = [&](const Shape::Step& step) {
        switch (static_cast<syntax::Assertion>(step.value)) {
            case syntax::Assertion::Begin: return state.first;
            case syntax::Assertion::End: return end;
            case syntax::Assertion::Boundary: return boundary;
            case syntax::Assertion::NoBoundary: return !boundary;
        }
        return false;
    };
    settled_.clear();
    for (uint32_t from : state.steps) {
        todo_.assign(1, from);
        while (!todo_.empty()) {
            const uint32_t at = todo_.back();
            todo_.pop_back();
            if (!settled_.add(at)) continue;
            const Shape::Step& step = shape_.steps[at];
            switch (step.kind) {
                case Shape::Kind::Bytes: into.push_back(at); break;
                case Shape::Kind::Match: return true;
                case Shape::Kind::Split: todo_.push_back(step.value); todo_.push_back(step.next); break;
                case Shape::Kind::Assert: if (holds(step)) todo_.push_back(step.next); break;
            }
        }
    }
    return false;
}

// The one state that stands for these steps (Bytes and Match, and what waits), of which the first are in order.
const Dfa::State* Dfa::intern(std::vector<uint32_t> reached, size_t sorted, Front front, bool matched_before) const {
    const auto middle = reached.begin() + static_cast<std::ptrdiff_t>(sorted);
    if (kind_ != Kind::Preferred) {
        std::sort(middle, reached.end());
        std::inplace_merge(reached.begin(), middle, reached.end());
    }
    Owner fresh = make();
    for (uint32_t at : reached) {
        const Shape::Step& step = shape_.steps[at];
        if (step.kind == Shape::Kind::Match) (step.next && !asks_ ? fresh->ended : fresh->matched).push_back(step.value);
        else fresh->steps.push_back(at);
    }
    if (asks_ && std::any_of(fresh->steps.begin(), fresh->steps.end(), [&](uint32_t at) { return shape_.steps[at].kind == Shape::Kind::Assert; })) {
        std::vector<uint32_t> unused;
        fresh->word = front == Front::Word;
        fresh->first = front == Front::Nothing;
        fresh->ends = settle(*fresh, fresh->word, true, unused);
    }
    fresh->matched_before = matched_before;
    fresh->hash = hash_of(reached) + 4 * fresh->word + 2 * fresh->first + matched_before;
    size_t slot = fresh->hash % index_.size();
    for (; index_[slot]; slot = (slot + 1) % index_.size()) {
        const State& known = *states_[index_[slot] - 1];
        if (known.hash == fresh->hash && known.same(*fresh)) return &known;
    }
    if (states_.size() >= most_states_) return full_;
    fresh->dead = fresh->steps.empty() && kind_ != Kind::Everywhere;
    fresh->settled = std::all_of(fresh->steps.begin(), fresh->steps.end(), [&](uint32_t at) {
        return std::find(fresh->matched.begin(), fresh->matched.end(), shape_.owner(at)) != fresh->matched.end();
    });
    fresh->notable = fresh->dead || matched_before || !fresh->matched.empty() || !fresh->ended.empty();
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

// Follows the steps that take no byte, the preferred ones first. Returns false when nothing is preferred to what was
// found.
bool Dfa::reach(uint32_t start, std::vector<uint32_t>& into) const {
    todo_.assign(1, start);
    while (!todo_.empty()) {
        const uint32_t at = todo_.back();
        todo_.pop_back();
        if ((kind_ == Kind::Everywhere && everywhere_[at]) || !reached_.add(at)) continue;
        const Shape::Step& step = shape_.steps[at];
        const bool waits = step.kind == Shape::Kind::Assert && kind_ == Kind::Preferred;
        if (step.kind == Shape::Kind::Bytes || step.kind == Shape::Kind::Match || waits) {
            into.push_back(at);
            if (step.kind == Shape::Kind::Match && kind_ == Kind::Preferred) return false;
            continue;
        }
        if (step.kind == Shape::Kind::Split) todo_.push_back(step.value);
        todo_.push_back(step.next);
    }
    return true;
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
