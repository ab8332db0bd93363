// Finds the match that RE2 would find at a given place, and the group named secret in it, for rules of which a shape can say
// everything but for assertions, which are looked after.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "preferred.h"
#include "trail.h"

namespace aigate {

class FirstMatch {
  public:
    // Of walks over one text up to its end.
    struct Way {
        Trail trail;
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
