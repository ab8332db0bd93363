// See preferred.h.
#include "preferred.h"

#include <algorithm>
#include <new>

#include "text.h"

namespace aigate {

Preferred::Preferred(const Shape& shape, uint32_t start)
    : shape_(shape), columns_(shape, {start}, true), reached_(shape.steps.size()), settled_(shape.steps.size()) {
    opens_.resize(shape.steps.size());
    for (bool changed = true; changed;) {  // most steps stand behind those that they lead to
        changed = false;
        for (size_t at = 0; at < shape.steps.size(); ++at) {
            const Shape::Step& step = shape.steps[at];
            const bool opens = step.kind != Shape::Kind::Match && ((step.kind == Shape::Kind::Mark && step.value == Shape::kOpened) || opens_[step.next] ||
                                                                   (step.kind == Shape::Kind::Split && opens_[step.value]));
            changed |= opens && !opens_[at];
            opens_[at] = opens;
        }
    }
    Owner full = make();
    full->full = full->notable = true;
    for (size_t column = 0; column < columns_.count; ++column) full->transitions[column].next.store(Next::packed(full.get()));
    full_ = full.get();
    states_.push_back(std::move(full));
    std::vector<Reached> reached;
    reach(start, Origin(), reached);
    for (const Reached& one : reached) passed_.push_back(one.origin.behind);
    for (const Front front : {Front::Nothing, Front::Word, Front::Other})
        start_[static_cast<size_t>(front)] = front != Front::Nothing && !columns_.asks ? start_[0] : intern(reached, front, false);
}

// A state that leads nowhere yet, with room for where it will.
Preferred::Owner Preferred::make() const {
    Owner state(new (::operator new(sizeof(State) + (columns_.count - 1) * sizeof(State::Transition))) State());
    for (size_t column = 1; column < columns_.count; ++column) new (&state->transitions[column]) State::Transition();
    return state;
}

void Preferred::Release::operator()(State* state) const {
    state->~State();
    ::operator delete(state);
}

uintptr_t Preferred::build(const State* state, unsigned char byte) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    State::Transition& transition = state->transitions[columns_.of[byte]];
    if (const uintptr_t known = transition.next.load(std::memory_order_relaxed)) return known;
    const bool word = is_word(byte);
    std::vector<Reached> here;
    const bool matched = settle(*state, state->word != word, false, here);
    Origins& made = origins_.emplace_back();
    if (matched) {
        made.before = here.back().origin;
        here.pop_back();
    }
    std::vector<Reached> reached;
    reached_.clear();
    for (const Reached& from : here) {
        const Shape::Step& step = shape_.steps[from.step];
        if (shape_.sets[step.value][byte] && !reach(step.next, from.origin, reached)) break;
    }
    made.same = !reached.empty() && !matched;
    for (size_t way = 0; way < reached.size(); ++way) {
        const Origin& origin = reached[way].origin;
        made.same &= origin.way == way && !origin.front && !origin.behind;
        made.of.push_back(origin);
    }
    const State* const next = intern(reached, word ? Front::Word : Front::Other, matched);
    if (next != full_) transition.origins = &made;
    transition.next.store(Next::packed(next), std::memory_order_release);
    return Next::packed(next);
}

// Appends what a step leads to without a byte, the preferred ones first: Bytes, assertions that wait, and a match. Returns false
// when that is one, to which only what was found before is preferred.
bool Preferred::reach(uint32_t start, Origin origin, std::vector<Reached>& into) const {
    todo_.assign(1, {start, 0});
    while (!todo_.empty()) {
        const auto [at, passed] = todo_.back();
        todo_.pop_back();
        if (!reached_.add(at)) continue;
        const Shape::Step& step = shape_.steps[at];
        switch (step.kind) {
            case Shape::Kind::Bytes:
            case Shape::Kind::Assert:
            case Shape::Kind::Match:
                origin.behind = passed;
                into.push_back({at, origin});
                if (step.kind == Shape::Kind::Match) return false;
                break;
            case Shape::Kind::Split:
                todo_.push_back({step.value, passed});
                todo_.push_back({step.next, passed});
                break;
            case Shape::Kind::Mark: todo_.push_back({step.next, static_cast<uint8_t>(passed | step.value)}); break;
        }
    }
    return true;
}

// What the ways of a state come to once it is known what stands behind it: Bytes, in order, and a match if it ends with true.
bool Preferred::settle(const State& state, bool boundary, bool end, std::vector<Reached>& into) const {
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
    for (size_t way = 0; way < state.ways.size(); ++way) {
        todo_.assign(1, {state.ways[way], 0});
        while (!todo_.empty()) {
            const auto [at, passed] = todo_.back();
            todo_.pop_back();
            if (!settled_.add(at)) continue;
            const Shape::Step& step = shape_.steps[at];
            switch (step.kind) {
                case Shape::Kind::Bytes:
                case Shape::Kind::Match:
                    into.push_back({at, {static_cast<uint16_t>(way), passed, 0}});
                    if (step.kind == Shape::Kind::Match) return true;
                    break;
                case Shape::Kind::Split:
                    todo_.push_back({step.value, passed});
                    todo_.push_back({step.next, passed});
                    break;
                case Shape::Kind::Assert: if (holds(step)) todo_.push_back({step.next, passed}); break;
                case Shape::Kind::Mark: todo_.push_back({step.next, static_cast<uint8_t>(passed | step.value)}); break;
            }
        }
    }
    return false;
}

// The one state that stands for what was reached.
const Preferred::State* Preferred::intern(const std::vector<Reached>& reached, Front front, bool matched_before) const {
    Owner fresh = make();
    bool waits = false;
    for (const Reached& one : reached) {
        const Shape::Kind kind = shape_.steps[one.step].kind;
        waits |= kind == Shape::Kind::Assert;
        if (kind == Shape::Kind::Match) fresh->matched = true;
        else fresh->ways.push_back(one.step);
    }
    fresh->matched_before = matched_before;
    if (waits) {
        fresh->word = front == Front::Word;
        fresh->first = front == Front::Nothing;
        std::vector<Reached> at_end;
        fresh->ends = settle(*fresh, fresh->word, true, at_end);
        if (fresh->ends) fresh->ending = at_end.back().origin;
    }
    for (const Owner& known : states_) {
        if (known->ways == fresh->ways && known->matched == fresh->matched && known->matched_before == matched_before &&
            known->word == fresh->word && known->first == fresh->first && !known->full)
            return known.get();
    }
    if (states_.size() >= kMostStates || reached.size() > UINT16_MAX) return full_;
    fresh->dead = fresh->ways.empty();
    fresh->inside = std::none_of(fresh->ways.begin(), fresh->ways.end(), [&](uint32_t step) { return opens_[step]; });
    fresh->notable = fresh->dead || matched_before || fresh->matched;
    states_.push_back(std::move(fresh));
    return states_.back().get();
}

}  // namespace aigate
