// See front.h.
#include "front.h"

#include <algorithm>

namespace aigate {

Front::Front(const Shape& shape, const Values* values)
    : shape_(shape), values_(values ? std::make_unique<ValueFront>(*values) : nullptr), reached_(shape.steps.size()) {
    for (const Shape::Rule& rule : shape.rules) reach(rule.start, 0);
    for (const Thread& thread : next_) {
        const Shape::Step& step = shape.steps[thread.step];
        for (unsigned byte = 0; byte < 256; ++byte)
            if (shape.sets[step.value][byte]) beginnings_[byte].push_back(step.next);
    }
    reset();
}

void Front::reset() {
    active_.clear();
    next_.clear();
    pending_ = kNever;
    if (values_) values_->reset();
}

void Front::advance(unsigned char byte) {
    const size_t begin = at_++;
    if (values_) values_->advance(byte);
    next_.clear();
    reached_.clear();
    pending_ = kNever;
    for (const Thread& thread : active_) {
        const Shape::Step& step = shape_.steps[thread.step];
        if (shape_.sets[step.value][byte]) reach(step.next, thread.start);
    }
    for (uint32_t step : beginnings_[byte]) reach(step, begin);
    active_.swap(next_);
}

// Follows the steps that take no byte. Attempts come oldest first, so the first to reach a step is the one to keep.
void Front::reach(uint32_t start, size_t began) {
    todo_.assign(1, start);
    while (!todo_.empty()) {
        const uint32_t at = todo_.back();
        todo_.pop_back();
        if (!reached_.add(at)) continue;
        const Shape::Step& step = shape_.steps[at];
        switch (step.kind) {
            case Shape::Kind::Bytes: next_.push_back({at, began}); break;
            case Shape::Kind::Match: break;
            case Shape::Kind::Assert: pending_ = std::min(pending_, began); todo_.push_back(step.next); break;
            case Shape::Kind::Split: todo_.push_back(step.value); todo_.push_back(step.next); break;
            case Shape::Kind::Mark: todo_.push_back(step.next); break;
        }
    }
}

}  // namespace aigate
