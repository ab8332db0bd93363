// The bytes that an automaton tells apart: those that none of its steps does share a column of its tables. And what such a
// table holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "shape.h"

namespace aigate {

// Where a byte leads in an automaton. Whether that state is notable is told beside it, so that it need not be looked at itself.
template <typename State>
class NextOf {
  public:
    explicit NextOf(uintptr_t packed) : packed_(packed) {}
    static uintptr_t packed(const State* state) { return reinterpret_cast<uintptr_t>(state) | (state->notable ? 1 : 0); }
    const State* state() const { return reinterpret_cast<const State*>(packed_ & ~uintptr_t{1}); }
    bool notable() const { return packed_ & 1; }

  private:
    uintptr_t packed_;
};

struct Columns {
    uint8_t of[256] = {};
    size_t count = 1;
    bool asks = false;  // an assertion is among the steps

    // Of the steps that these lead to. words: where there are assertions, the bytes of words are told apart from others.
    Columns(const Shape& shape, const std::vector<uint32_t>& starts, bool words);
};

}  // namespace aigate
