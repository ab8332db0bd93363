// See first.h.
#include "first.h"

namespace aigate {

FirstMatch::FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters) {
    shape_.add(regex, case_insensitive, 0, characters);
    const uint32_t start = shape_.rules.back().start;
    anywhere_ = std::make_unique<Dfa>(shape_, shape_.first_steps(start, false), Dfa::Kind::Preferred);
    behind_word_ = std::make_unique<Dfa>(shape_, shape_.first_steps(start, true), Dfa::Kind::Preferred);
}

FirstMatch::Answer FirstMatch::at(const char* text, size_t from, size_t end, size_t* match_end) const {
    const Dfa& dfa = from && is_word(static_cast<unsigned char>(text[from - 1])) ? *behind_word_ : *anywhere_;
    Answer answer = Answer::None;
    const Dfa::State* state = dfa.start();
    for (size_t at = from; at < end; ++at) {
        const Dfa::State* const before = state;
        state = dfa.step(state, static_cast<unsigned char>(text[at]));
        if (!state->notable) continue;
        if (state == before) at = dfa.stay(state, text, at + 1, end) - 1;
        if (state->full) return Answer::AskRe2;
        if (!state->matched.empty()) {
            answer = Answer::Match;
            *match_end = at + 1;
        }
        if (state->dead) break;
    }
    return answer;
}

}  // namespace aigate
