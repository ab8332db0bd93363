// Finds the match that RE2 would find at a given place, for rules of which a shape can say everything: no assertion but a \b in
// front, or one that always holds. What of a match is a group is another's question (parting.h).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "dfa.h"

namespace aigate {

class FirstMatch {
  public:
    enum class Answer { Match, None, AskRe2 };
    struct Found {
        Answer answer;
        size_t end;     // of the match
        size_t looked;  // where the looking ended; in front of the match's end where another walk had been
        bool ascii;     // and nothing but ASCII was seen until there: both encodings agree
    };
    // Where a walk has been, for others over the same text that begin further on: one that comes into the same state at the
    // same place goes the same way from there. So all walks over a long value together take one pass.
    class Trail {
      public:
        void clear() { states_.clear(); }

      private:
        friend class FirstMatch;
        static constexpr size_t kMark = 64;  // a walk leaves its state at each such place, but for the first bytes

        bool passes(const Dfa::State* state, size_t mark) const {
            return mark >= first_ && mark - first_ < states_.size() && states_[mark - first_] == state;
        }

        std::vector<const Dfa::State*> states_;
        size_t first_ = 0;  // the place of the first one, in marks
        std::vector<const Dfa::State*> fresh_;  // of the walk that is being made
        Found found_{};     // what the walk came to
    };

    // For a rule whose shape is exact.
    FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters);

    // The match that begins at text[from], as RE2 prefers it among all that do. A rule with very many states is not
    // followed to the end. trail: of walks over this text up to `end`; or nullptr.
    Found at(const char* text, size_t from, size_t end, Trail* trail = nullptr) const;

  private:
    Shape shape_;
    std::unique_ptr<Dfa> anywhere_;
    std::unique_ptr<Dfa> behind_word_;
};

}  // namespace aigate
