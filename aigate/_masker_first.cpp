// See _masker_first.h.
#include "_masker_first.h"

namespace aigate {

namespace {

// Whether the bytes at p are one of those that only some versions of RE2 take for a character: too long an encoding,
// or beyond U+10FFFF.
bool disputed(const char* p, const char* end) {
    const auto lead = static_cast<unsigned char>(p[0]);
    if (end - p < 2 || (lead != 0xe0 && lead != 0xf0 && lead != 0xf4)) return false;
    const auto next = static_cast<unsigned char>(p[1]);
    return lead == 0xf4 ? next >= 0x90 : next < (lead == 0xe0 ? 0xa0 : 0x90);
}

}  // namespace

FirstMatch::FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters)
    : utf8_(characters == Shape::Characters::Utf8) {
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
        if (utf8_ && disputed(text + at, text + end)) return Answer::AskRe2;
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
