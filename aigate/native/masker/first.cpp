// See first.h.
#include "first.h"

namespace aigate {

FirstMatch::FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters) {
    shape_.add(regex, case_insensitive, 0, characters);
    const uint32_t start = shape_.rules.back().start;
    anywhere_ = std::make_unique<Dfa>(shape_, shape_.first_steps(start, false), Dfa::Kind::Preferred);
    behind_word_ = std::make_unique<Dfa>(shape_, shape_.first_steps(start, true), Dfa::Kind::Preferred);
}

FirstMatch::Found FirstMatch::at(const char* text, size_t from, size_t end) const {
    const Dfa& dfa = from && is_word(static_cast<unsigned char>(text[from - 1])) ? *behind_word_ : *anywhere_;
    Answer answer = Answer::None;
    size_t match_end = from;
    unsigned char seen = 0;
    size_t at = from;
    bool dead = dfa.start()->dead;
    for (const Dfa::State* state = dfa.start(); at < end && !dead;) {
        const Dfa::State* const before = state;
        const auto byte = static_cast<unsigned char>(text[at++]);
        seen |= byte;
        const Dfa::Next next = dfa.step(state, byte);
        state = next.state();
        if (__builtin_expect(!next.notable(), 1)) continue;
        dead = state->dead;
        if (state == before) at = dfa.stay(state, text, at, end);
        if (state->full) {
            answer = Answer::AskRe2;
            break;
        }
        if (state->matched.empty()) continue;
        answer = Answer::Match;
        match_end = at;
    }
    return {answer, match_end, at, seen < 0x80};
}

}  // namespace aigate
