// See first.h.
#include "first.h"

#include <algorithm>
#include <cstdint>

namespace aigate {

using State = Dfa::State;

FirstMatch::FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters) {
    shape_.add(regex, case_insensitive, 0, characters);
    dfa_ = std::make_unique<Dfa>(shape_, std::vector<uint32_t>{shape_.rules.back().start}, Dfa::Kind::Preferred);
    asks_ = shape_.asks();
    for (unsigned byte = 0; byte < 256; ++byte)
        for (const Dfa::Front front : {Dfa::Front::Nothing, Dfa::Front::Word, Dfa::Front::Other}) {
            const State* const state = dfa_->step(dfa_->start(front), static_cast<unsigned char>(byte)).state();
            if (!state->dead || state->full || state->matched_before || !state->matched.empty()) begins_.set(byte);
        }
}

FirstMatch::Found FirstMatch::at(const char* text, size_t from, size_t end, Way* way) const {
    const Dfa& dfa = *dfa_;
    const State* state = dfa.start(!from ? Dfa::Front::Nothing : is_word(static_cast<unsigned char>(text[from - 1])) ? Dfa::Front::Word : Dfa::Front::Other);
    Found found{Answer::None, from, from, true};
    unsigned char seen = 0;
    size_t at = from;
    size_t mark = way ? from / Trail::kMark + 1 : SIZE_MAX / Trail::kMark;
    if (way) way->trail.begin(mark);
    bool dead = state->dead;
    if (!state->matched.empty()) found.answer = Answer::Match;  // of nothing
    while (at < end && !dead) {
        if (__builtin_expect(at == mark * Trail::kMark, 0)) {
            if (way->trail.passes(state, mark)) {
                const Found& rest = way->found;
                if (rest.answer == Answer::AskRe2 || (rest.answer == Answer::Match && rest.end >= at)) {
                    found.answer = rest.answer;
                    found.end = rest.end;
                }
                return {found.answer, found.end, at, seen < 0x80 && rest.ascii};
            }
            way->trail.leave(state);
            ++mark;
        }
        const State* const before = state;
        const auto byte = static_cast<unsigned char>(text[at++]);
        seen |= byte;
        const Dfa::Next next = dfa.step(state, byte);
        state = next.state();
        if (__builtin_expect(!next.notable(), 1)) continue;
        dead = state->dead;
        if (state == before) at = dfa.stay(state, text, at, std::min(end, mark * Trail::kMark));
        if (state->full) {
            found.answer = Answer::AskRe2;
            break;
        }
        if (state->matched.empty() && !state->matched_before) continue;
        found.answer = Answer::Match;
        found.end = state->matched.empty() ? at - 1 : at;
    }
    if (at == end && state->ends) {
        found.answer = Answer::Match;
        found.end = at;
    }
    found.looked = at;
    found.ascii = seen < 0x80;
    if (way && (way->trail.empty() || at >= way->found.looked) && way->trail.keep()) way->found = found;
    return found;
}

}  // namespace aigate
