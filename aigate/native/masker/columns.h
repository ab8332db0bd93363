// The bytes that an automaton tells apart: those that none of its steps does share a column of its tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "shape.h"

namespace aigate {

struct Columns {
    uint8_t of[256] = {};
    size_t count = 1;
    bool asks = false;  // an assertion is among the steps

    // Of the steps that these lead to. words: where there are assertions, the bytes of words are told apart from others.
    Columns(const Shape& shape, const std::vector<uint32_t>& starts, bool words);
};

}  // namespace aigate
