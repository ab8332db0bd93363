// The beginnings by which a rule is certain before its match is whole: `ghp_`, `sk-ant-`. Owns the list for a set of rules.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules.h"

namespace aigate {

class Certain {
  public:
    explicit Certain(const RuleSet& rules) : rules_(rules) {}

    // Whether such a beginning stands in text whose end is not decided, with nothing behind it that its rule cannot match.
    // *begin is where it stands, *shown how many bytes from there on are not hidden.
    bool find(const std::string& text, size_t* begin, size_t* shown);

  private:
    struct Prefix {
        std::string text;
        size_t rule;
        bool operator<(const Prefix& other) const { return text < other.text; }
    };

    void prepare();  // when it is first asked: most that is drawn never needs it
    void collect(const Shape& shape, uint32_t step, size_t rule, std::string* text, size_t* left);

    const RuleSet& rules_;
    bool prepared_ = false;
    std::vector<Prefix> prefixes_;
};

}  // namespace aigate
