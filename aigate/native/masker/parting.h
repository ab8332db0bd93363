// Where in a match the group named secret begins, without RE2's search for groups, which takes several times as long as its
// search for the match: by a shape of what stands in front of the group, and one of the group. Shapes accept more than
// the expression does, so where there is one place only at which a match can be parted, it is the place. Of several it is the one
// that what stands in front prefers, where the shape of that says all.
#pragma once

#include <memory>
#include <string>

#include "dfa.h"
#include "first.h"

namespace aigate {

class Parting {
  public:
    static constexpr size_t kUnknown = SIZE_MAX;
    // Of the walk over a group to an end that went farthest, and whether it can be matched from there.
    struct Way {
        Trail trail;
        size_t end = 0;
        size_t looked = 0;
        bool takes = false;
        size_t steps = 0;  // of all that was walked for the match at hand
    };

    // Whether an expression ends with the group, or with one byte behind it, so that it has these two halves.
    static bool halve(const std::string& regex, std::string* front, std::string* secret, size_t* tail);
    // For such an expression, if both halves are known for what they are; nullptr for any other.
    static std::unique_ptr<const Parting> of(const std::string& regex, bool case_insensitive);

    // Where the group begins in text[from, end), which is a match of the expression; kUnknown where RE2 has to be asked.
    // exact: of an expression that is matched without RE2, and all of it is ASCII. way: of walks over this text; or nullptr.
    size_t at(const char* text, size_t from, size_t end, bool exact, Way* way) const;
    // How many bytes of a match lie behind the group.
    size_t tail() const { return tail_; }

  private:
    // One half of the expression.
    class Half {
      public:
        Half(const std::string& regex, bool case_insensitive);
        const Dfa& dfa() const { return *dfa_; }
        // Whether it is more than "anything", which has a byte at least.
        bool known() const { return shape_.rules.back().known; }
        // Whether it can match all of this text.
        bool takes(const char* text, size_t from, size_t end, Way* way) const;
        // Whether its shape says all.
        bool exact() const { return shape_.rules.back().exact; }

      private:
        Shape shape_;
        std::unique_ptr<Dfa> dfa_;
    };

    Parting(const std::string& front, const std::string& secret, size_t tail, bool case_insensitive);

    size_t preferred(const char* text, size_t from, size_t end) const;

    Half front_;
    Half secret_;
    std::unique_ptr<const FirstMatch> first_;  // of what stands in front, where the shapes of both halves say all
    size_t tail_;
};

}  // namespace aigate
