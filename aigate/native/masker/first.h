// Finds the match that RE2 would find at a given place, and the group named secret in it, for rules of which a shape can say
// everything but for assertions, which are looked after.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "preferred.h"

namespace aigate {

struct Span {
    size_t begin;
    size_t end;
};

class FirstMatch {
  public:
    enum class Answer : uint8_t { Match, None, AskRe2 };
    // Which way matched: one that comes to a match behind a byte, one of which that is known by the byte behind it, or by the
    // end of the text.
    enum class Last : uint8_t { Plain, Before, AtEnd };
    struct Found {
        Answer answer;
        size_t end;     // of the match
        size_t looked;  // where the looking ended; in front of the match's end where another walk had been
        bool ascii;     // and nothing but ASCII was seen until there: both encodings agree
        Last last = Last::Plain;
        size_t joined = 0;   // the mark at which another walk had been that found the match; 0 if it is this one's
        bool leads = false;  // others can follow this walk from now on
    };
    // The states in which a walk was at certain places, for others over the same text that begin further on: one that comes into
    // the same state at the same place goes the same way from there. So all walks over a long stretch together take one pass.
    class Trail {
      public:
        static constexpr size_t kMark = 64;  // such a place; a walk that begins has none before the next one

        void clear() { states_.clear(); }
        bool empty() const { return states_.empty(); }
        // Whether the walk was in this state at a place, which is told in marks.
        bool passes(const Preferred::State* state, size_t mark) const {
            return mark >= first_ && mark - first_ < states_.size() && states_[mark - first_] == state;
        }
        // Another walk begins, of which the first place is told, and comes to the next one in a state.
        void begin(size_t mark) {
            fresh_first_ = mark;
            fresh_.clear();
        }
        void leave(const Preferred::State* state) { fresh_.push_back(state); }
        // It is the one that others can follow from now on. Returns whether it has left anything.
        bool keep() {
            if (fresh_.empty()) return false;
            states_.swap(fresh_);
            first_ = fresh_first_;
            return true;
        }

      private:
        std::vector<const Preferred::State*> states_;
        size_t first_ = 0;
        std::vector<const Preferred::State*> fresh_;
        size_t fresh_first_ = 0;
    };
    // What is known of a group at each mark of a walk, of those behind the mark and of the ways that are left.
    struct Traced {
        struct Mark {
            uint16_t way;
            bool opened, closed;
        };
        size_t last = 0;          // the first of the marks is this one, and the next one is in front of it
        std::vector<Mark> marks;
        Span group{};

        void begin(size_t mark) {
            last = mark;
            marks.clear();
        }
        // Sets what is known at a mark. Returns false where nothing is.
        bool at(size_t mark, Mark* found) const;
    };
    // Of the walk over a text that went farthest, and what it came to.
    struct Way {
        Trail trail;
        Found found{};
        Traced traced;
        std::vector<const Preferred::State*> states;  // of secret(),
        size_t steps = 0;                             // and how many it took
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
    // Sets where the group named secret begins and ends in the match that at() has found there last. Returns false where it has
    // no part in it.
    bool secret(const char* text, size_t from, const Found& found, Way* way, Span* group) const;

  private:
    const Preferred::State* start(const char* text, size_t from) const;
    size_t find_tail() const;
    bool agree(const char* text, size_t from, size_t at, const std::vector<const Preferred::State*>& states, const Preferred::State* state,
               size_t* begin) const;
    static constexpr size_t kUnknown = SIZE_MAX, kNowhere = SIZE_MAX;

    Shape shape_;
    std::unique_ptr<Preferred> automaton_;
    ByteSet begins_;
    bool asks_;
    bool has_group_;
    size_t tail_;  // bytes of any match behind the group, kUnknown where they are not always as many
};

}  // namespace aigate
