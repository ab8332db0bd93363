// A name at the end of one line and its value on a line below (`"name": "DB_PASSWORD",`, then `"value": "x"`): which names
// wait, and where the value is. Looks at the text of whole lines; finds no name itself and hides nothing.
#pragma once

#include <cstddef>
#include <vector>

#include "rules.h"

namespace aigate {

class Below {
  public:
    struct Value {
        size_t rule;
        size_t begin;
        size_t end;
    };

    explicit Below(const RuleSet& rules) : rules_(&rules) {}

    // A rule's name was found on the line at hand: what it says holds from the next line on.
    void expect(size_t rule) { named_.push_back({rule, kMostLines}); }
    // Takes the line at hand, and returns the values that names above it were waiting for. No name waits any longer that
    // found its value, or something that can't stand in between.
    const std::vector<Value>& take(const char* line, size_t size);
    void end_line();
    // Whether the next line has to be looked at as a whole.
    bool waits() const { return !waiting_.empty(); }
    void rest() { waiting_.clear(); }
    void forget() {
        rest();
        named_.clear();
    }

    // A name ends this near to its line's end, a line is no longer, and no more of them may be between.
    static constexpr size_t kTail = 256;
    static constexpr size_t kLongest = 4096;
    static constexpr unsigned kMostLines = 5;

  private:
    struct Waiting {
        size_t rule;
        unsigned lines;
    };

    bool look(const Waiting& name, const char* line, size_t size);

    const RuleSet* rules_;  // so that it can be copied
    std::vector<Waiting> waiting_;
    std::vector<Waiting> named_;
    std::vector<Value> found_;
    FirstMatch::Way way_;
};

}  // namespace aigate
