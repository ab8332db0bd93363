// The states in which walks over a text were at certain places, for others over the same text that begin further on: one that
// comes into the same state at the same place goes the same way from there. So all walks over a long stretch together take few
// passes. Knows what each walk came to; decides nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "preferred.h"

namespace aigate {

struct Span {
    size_t begin;
    size_t end;
};

// What a walk came to.
struct Found {
    enum class Answer : uint8_t { Match, None, AskRe2 };
    // Which way matched: one that comes to a match behind a byte, one of which that is known by the byte behind it, or by the
    // end of the text.
    enum class Last : uint8_t { Plain, Before, AtEnd };
    static constexpr size_t kNone = SIZE_MAX;

    Answer answer;
    size_t end;     // of the match
    size_t looked;  // where the looking ended; in front of the match's end where another walk had been
    bool ascii;     // and nothing but ASCII was seen until there: both encodings agree
    Last last = Last::Plain;
    size_t joined = 0;    // the mark at which another walk had been that found the match; 0 if it is this one's
    size_t walk = kNone;  // that one's number in the trail; or this one's, if others can follow it from now on
};

// What is known of a group at the marks of a walk: which way matched, and what of the group lies behind.
class Traced {
  public:
    struct Mark {
        uint16_t way;
        bool opened, closed;
    };
    Span group{};

    // Marks follow from here on, each in front of the one before.
    void begin(size_t mark) {
        last_ = mark;
        marks_.clear();
    }
    void leave(const Mark& mark) { marks_.push_back(mark); }
    bool empty() const { return marks_.empty(); }
    // Sets what is known at a mark. Returns false where nothing is.
    bool at(size_t mark, Mark* found) const;

  private:
    size_t last_ = 0;
    std::vector<Mark> marks_;
};

class Trail {
  public:
    static constexpr size_t kMark = 64;  // such a place; a walk that begins has none before the next one

    struct Walk {
        Found found;
        Traced traced;
    };

    void clear() {
        first_ = 0;
        places_.clear();
        count_ = farthest_ = 0;
    }
    Walk& operator[](size_t walk) { return walks_[walk]; }
    // The walk that was in this state at a mark, or Found::kNone.
    size_t passed(const Preferred::State* state, size_t mark) const {
        if (mark < first_ || mark - first_ >= places_.size()) return Found::kNone;
        for (const Place& place : places_[mark - first_])
            if (place.state == state) return place.walk;
        return Found::kNone;
    }
    // Another walk begins, of which the first mark is told, and comes to the next one in a state.
    void begin(size_t mark) {
        fresh_first_ = mark;
        fresh_.clear();
    }
    void leave(const Preferred::State* state) { fresh_.push_back(state); }
    // It is one that others can follow from now on, if it has left anything and no other went farther, and has a number then.
    void keep(Found* found);

  private:
    struct Place {
        const Preferred::State* state = nullptr;
        size_t walk = 0;
    };
    // As many kinds of walks as go on side by side in one rule; more of them take each other's places.
    using Places = std::array<Place, 4>;
    static constexpr size_t kMostWalks = 256;  // then all is forgotten, and found out anew

    size_t first_ = 0;  // the mark of the first places
    std::vector<Places> places_;
    std::vector<Walk> walks_;  // of which so many count:
    size_t count_ = 0;
    size_t farthest_ = 0;  // that one of them looked
    std::vector<const Preferred::State*> fresh_;
    size_t fresh_first_ = 0;
};

}  // namespace aigate
