// Where in a match the group named secret begins, without RE2's search for groups, which takes several times as long as its
// search for the match: by a shape of what stands in front of the group, and one of the group. Shapes accept more than
// the expression does, so where there is one place only at which a match can be parted, it is the place. Of several it is the one
// that what stands in front prefers, where the shapes of both say all: these are made for an encoding, when they are needed.
#pragma once

#include <memory>
#include <string>

#include "dfa.h"
#include "first.h"
#include "once.h"

namespace aigate {

class Parting {
  public:
    static constexpr size_t kUnknown = SIZE_MAX;
    // Whether a group can be matched: with too many states nobody knows.
    enum class Takes : uint8_t { No, Yes, Perhaps };
    // Of the walk over a group to an end that went farthest, and what it came to.
    struct Way {
        Trail trail;
        size_t end = 0;
        size_t looked = 0;
        Takes takes = Takes::No;
        size_t steps = 0;  // of all that was walked for the match at hand
    };

    // Whether an expression ends with the group, or with one byte behind it, so that it has these two halves.
    static bool halve(const std::string& regex, std::string* front, std::string* secret, size_t* tail);
    // For such an expression, if both halves are known for what they are; nullptr for any other.
    static std::unique_ptr<const Parting> of(const std::string& regex, bool case_insensitive);

    // Where the group begins in text[from, end), which is a match of the expression; kUnknown where RE2 has to be asked.
    // characters: what they are in this text; Any where that is not known. way: of walks over this text; or nullptr.
    size_t at(const char* text, size_t from, size_t end, Shape::Characters characters, Way* way) const;
    // How many bytes of a match lie behind the group.
    size_t tail() const { return tail_; }

  private:
    // One half of the expression.
    class Half {
      public:
        Half(const std::string& regex, bool case_insensitive, Shape::Characters characters);
        const Dfa& dfa() const { return *dfa_; }
        // Whether it is more than "anything", which has a byte at least.
        bool known() const { return shape_.rules.back().known; }
        // Whether it can match all of this text.
        Takes takes(const char* text, size_t from, size_t end, Way* way) const;
        // Whether its shape says all, but for what it asks of what stands around.
        bool exact() const { return shape_.rules.back().exact; }
        bool asks() const { return shape_.asks(); }
        bool can_match_nothing() const { return shape_.can_match_nothing(shape_.rules.back().start); }

      private:
        Shape shape_;
        std::unique_ptr<Dfa> dfa_;
    };

    Parting(const std::string& front, const std::string& secret, size_t tail, bool case_insensitive);

    // Both halves as they are in an encoding.
    struct Exact {
        FirstMatch front;
        Half secret;
    };
    const Exact* exact(Shape::Characters characters) const;

    Half front_;
    Half secret_;
    size_t tail_;
    std::string regexes_[2];  // of the halves
    bool case_insensitive_;
    bool decides_;  // both halves, made for an encoding, say where the group begins
    mutable Once once_[2];
    mutable std::unique_ptr<const Exact> exact_[2];
};

}  // namespace aigate
