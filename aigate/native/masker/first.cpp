// See first.h.
#include "first.h"

#include <algorithm>

#include "text.h"

namespace aigate {

namespace {

using State = Preferred::State;
using Front = Preferred::Front;
using Answer = Found::Answer;
using Last = Found::Last;

}  // namespace

FirstMatch::FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters) {
    shape_.add(regex, case_insensitive, 0, characters, Shape::Groups::Marked);
    automaton_ = std::make_unique<Preferred>(shape_, shape_.rules.back().start);
    const auto some = [&](Shape::Kind kind) {
        return std::any_of(shape_.steps.begin(), shape_.steps.end(), [&](const Shape::Step& step) { return step.kind == kind; });
    };
    asks_ = some(Shape::Kind::Assert);
    has_group_ = some(Shape::Kind::Mark);
    tail_ = find_tail();
    for (unsigned byte = 0; byte < 256; ++byte)
        for (const Front front : {Front::Nothing, Front::Word, Front::Other}) {
            const State* const state = automaton_->step(automaton_->start(front), static_cast<unsigned char>(byte)).state();
            if (!state->dead || state->full || state->matched_before || state->matched) begins_.set(byte);
        }
}

size_t FirstMatch::find_tail() const {
    size_t tail = kUnknown;
    for (const Shape::Step& mark : shape_.steps) {
        if (mark.kind != Shape::Kind::Mark || mark.value != Shape::kClosed) continue;
        size_t bytes = 0;
        const Shape::Step* step = &shape_.steps[mark.next];
        for (; step->kind == Shape::Kind::Bytes || step->kind == Shape::Kind::Assert; step = &shape_.steps[step->next])
            bytes += step->kind == Shape::Kind::Bytes;
        if (step->kind != Shape::Kind::Match || (tail != kUnknown && tail != bytes)) return kUnknown;
        tail = bytes;
    }
    return tail;
}

const State* FirstMatch::start(const char* text, size_t from) const {
    const bool word = from && is_word(static_cast<unsigned char>(text[from - 1]));
    return automaton_->start(!from ? Front::Nothing : word ? Front::Word : Front::Other);
}

Found FirstMatch::at(const char* text, size_t from, size_t end, Way* way) const {
    const Preferred& automaton = *automaton_;
    const State* state = start(text, from);
    Found found{Answer::None, from, from, true};
    unsigned char seen = 0;
    size_t at = from;
    size_t mark = way ? from / Trail::kMark + 1 : SIZE_MAX / Trail::kMark;
    if (way) way->trail.begin(mark);
    bool dead = state->dead;
    if (state->matched) found.answer = Answer::Match;  // of nothing
    while (at < end && !dead) {
        if (__builtin_expect(at == mark * Trail::kMark, 0)) {
            if (const size_t walk = way->trail.passed(state, mark); walk != Found::kNone) {
                const Found& rest = way->trail[walk].found;
                if (rest.answer == Answer::AskRe2 || (rest.answer == Answer::Match && rest.end >= at)) {
                    found.answer = rest.answer;
                    found.end = rest.end;
                    found.last = rest.last;
                    found.joined = mark;
                    found.walk = walk;
                }
                found.looked = at;
                found.ascii = seen < 0x80 && rest.ascii;
                return found;
            }
            way->trail.leave(state);
            ++mark;
        }
        const State* const before = state;
        const auto byte = static_cast<unsigned char>(text[at++]);
        seen |= byte;
        const Preferred::Next next = automaton.step(state, byte);
        state = next.state();
        if (__builtin_expect(!next.notable(), 1)) continue;
        dead = state->dead;
        if (state == before) at = automaton.stay(state, text, at, std::min(end, mark * Trail::kMark));
        if (state->full) {
            found.answer = Answer::AskRe2;
            break;
        }
        if (!state->matched && !state->matched_before) continue;
        found.answer = Answer::Match;
        found.last = state->matched ? Last::Plain : Last::Before;
        found.end = state->matched ? at : at - 1;
    }
    if (at == end && state->ends) {
        found.answer = Answer::Match;
        found.last = Last::AtEnd;
        found.end = at;
    }
    found.looked = at;
    found.ascii = seen < 0x80;
    if (way) way->trail.keep(&found);
    return found;
}

// Goes the way once more, and back along the one that matched: the last marks that it passed are the group's. Where another walk
// had been, what is known of that one is all that is needed.
bool FirstMatch::secret(const char* text, size_t from, const Found& found, Way* way, Span* group) const {
    way->steps = 0;
    if (!has_group_) return false;
    const Preferred& automaton = *automaton_;
    const auto byte_at = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
    Traced::Mark here{0, false, false};
    Traced* const traced = found.walk == Found::kNone ? nullptr : &way->trail[found.walk].traced;
    const bool known = found.joined && traced->at(found.joined, &here);
    if (known) *group = traced->group;
    if (here.opened) return true;
    const size_t stop = known ? found.joined * Trail::kMark : found.end;
    std::vector<const State*>& states = way->states;
    states.clear();
    const State* state = start(text, from);
    size_t at = from;
    if (tail_ != kUnknown) {
        for (; at < stop && !state->inside; ++at) {
            states.push_back(state);
            state = automaton.step(state, byte_at(at)).state();
        }
        way->steps = at - from;
        size_t begin;
        if (at < found.end && state->inside && agree(text, from, at, states, state, &begin)) {
            *group = {begin, found.end - tail_};
            return begin != kNowhere;
        }
    }
    way->steps = stop - from;
    while (at < stop) {
        const State* const before = state;
        states.push_back(before);
        state = automaton.step(state, byte_at(at++)).state();
        if (state != before) continue;
        const size_t other = automaton.stay(state, text, at, stop);
        states.insert(states.end(), other - at, state);
        at = other;
    }
    const auto pass = [&](uint8_t marks, size_t at) {
        if (!here.closed && marks & Shape::kClosed) {
            here.closed = true;
            group->end = at;
        }
        if (!here.opened && marks & Shape::kOpened) {
            here.opened = true;
            group->begin = at;
        }
    };
    if (!known) {
        here.way = static_cast<uint16_t>(state->ways.size());  // that of the match
        if (found.last == Last::Before) automaton.step(state, byte_at(found.end));
        if (found.last != Last::Plain) {
            const Preferred::Origin& last = found.last == Last::AtEnd ? state->ending : automaton.origins(state, byte_at(found.end))->before;
            pass(last.front, found.end);
            here.way = last.way;
        }
    }
    const bool leads = traced && !found.joined;
    if (leads) traced->begin(found.end / Trail::kMark);
    if (leads && stop % Trail::kMark == 0) traced->leave(here);
    for (at = stop; at > from && !here.opened;) {
        --at;
        const Preferred::Origins& origins = *automaton.origins(states[at - from], byte_at(at));
        if (!origins.same) {
            const Preferred::Origin& origin = origins.of[here.way];
            pass(origin.behind, at + 1);
            pass(origin.front, at);
            here.way = origin.way;
        }
        if (leads && at % Trail::kMark == 0) traced->leave(here);
    }
    if (!here.opened) pass(automaton.passed(here.way), from);
    if (leads && here.opened && traced->empty()) traced->leave(here);  // all of it lies behind the last mark
    if (leads) traced->group = *group;
    return here.opened;
}

// Whether all ways of a state have begun the group at the same place, which is set: kNowhere where none has.
bool FirstMatch::agree(const char* text, size_t from, size_t at, const std::vector<const State*>& states, const State* state, size_t* begin) const {
    constexpr size_t kMostWays = 8;
    if (state->ways.empty() || state->ways.size() > kMostWays) return false;
    for (size_t one = 0; one < state->ways.size(); ++one) {
        size_t way = one;
        size_t opened = kNowhere;
        const auto pass = [&](uint8_t marks, size_t place) {
            if (opened == kNowhere && marks & Shape::kOpened) opened = place;
        };
        for (size_t place = at; place > from && opened == kNowhere;) {
            --place;
            const Preferred::Origin& origin = automaton_->origins(states[place - from], static_cast<unsigned char>(text[place]))->of[way];
            pass(origin.behind, place + 1);
            pass(origin.front, place);
            way = origin.way;
        }
        if (opened == kNowhere) pass(automaton_->passed(way), from);
        if (one && opened != *begin) return false;
        *begin = opened;
    }
    return true;
}

}  // namespace aigate
