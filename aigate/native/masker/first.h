// Finds the match that RE2 would find at a given place, for rules of which a shape can say everything but for assertions, which
// are looked after. What of a match is a group is another's question (parting.h).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

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
    // Of the walk over a text that went farthest, and what it came to.
    struct Way {
        Trail trail;
        Found found{};
    };

    // Of use where the shape turns out to be exact.
    FirstMatch(const std::string& regex, bool case_insensitive, Shape::Characters characters);
    bool exact() const { return shape_.rules.back().exact; }
    // Whether what stands around a match matters.
    bool asks() const { return asks_; }
    // Whether a match can begin with a byte.
    bool begins(unsigned char byte) const { return begins_[byte]; }

    // The match that begins at text[from], as RE2 prefers it among all that do. The text ends at `end`. A rule with very many states is not
    // followed to the end. way: of walks over this text up to `end`; or nullptr.
    Found at(const char* text, size_t from, size_t end, Way* way = nullptr) const;

  private:
    Shape shape_;
    std::unique_ptr<Dfa> dfa_;
    ByteSet begins_;
    bool asks_;
};

}  // namespace aigate
