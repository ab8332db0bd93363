// Finds the match that RE2 would find at a given place, for the rules and the text of which a shape knows everything:
// rules without assertions and groups, text in ASCII. Of other text it says so, and RE2 is asked.
#pragma once

#include "_masker_dfa.h"

namespace aigate {

class FirstMatch {
  public:
    enum class Answer { Match, None, AskRe2 };

    // start: where in the shape an exact rule begins.
    FirstMatch(const Shape& shape, uint32_t start) : dfa_(shape, {start}, Dfa::Kind::Preferred) {}

    // The match that begins at text[from], as RE2 prefers it among all that do. *match_end is where it ends.
    Answer at(const char* text, size_t from, size_t end, size_t* match_end) const {
        Answer answer = Answer::None;
        const Dfa::State* state = dfa_.start();
        for (size_t at = from; at < end; ++at) {
            const auto byte = static_cast<unsigned char>(text[at]);
            if (byte >= 0x80) return Answer::AskRe2;
            state = dfa_.step(state, byte);
            if (!state->notable) continue;
            if (state->full) return Answer::AskRe2;
            if (!state->matched.empty()) {
                answer = Answer::Match;
                *match_end = at + 1;
            }
            if (state->dead) break;
        }
        return answer;
    }

  private:
    Dfa dfa_;
};

}  // namespace aigate
