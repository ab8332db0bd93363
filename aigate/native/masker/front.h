// Follows the text of a line byte by byte and knows where the undecided part begins: the first byte that could still
// turn out to belong to a match. Used where a person is looking and a partial line cannot wait for its end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "marks.h"
#include "shape.h"
#include "values.h"

namespace aigate {

class Front {
  public:
    // values: nullptr where none are known.
    Front(const Shape& shape, const Values* values);

    // The line begins anew.
    void reset();
    // Takes the next byte of text.
    void advance(unsigned char byte);
    // How many bytes at the end of the text are undecided.
    size_t undecided() const {
        const size_t rules = active_.empty() && pending_ == kNever ? 0 : at_ - first();
        return values_ ? std::max(rules, values_->undecided()) : rules;
    }

  private:
    // A step that waits for the text's next byte, and where in the text the attempt that reached it began.
    struct Thread {
        uint32_t step;
        size_t start;
    };
    static constexpr size_t kNever = SIZE_MAX;

    size_t first() const { return active_.empty() || pending_ < active_.front().start ? pending_ : active_.front().start; }
    void reach(uint32_t step, size_t start);

    const Shape& shape_;
    std::unique_ptr<ValueFront> values_;
    std::vector<uint32_t> beginnings_[256];  // by first byte: the steps behind it
    std::vector<Thread> active_;             // oldest attempt first
    std::vector<Thread> next_;
    Marks reached_;                          // the steps that were, at this position
    std::vector<uint32_t> todo_;
    size_t pending_ = kNever;                // the oldest attempt that waits for what an assertion looks at
    size_t at_ = 0;
};

}  // namespace aigate
