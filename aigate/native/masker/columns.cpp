// See columns.h.
#include "columns.h"

#include <array>

#include "text.h"

namespace aigate {

Columns::Columns(const Shape& shape, const std::vector<uint32_t>& starts, bool words) {
    std::vector<ByteSet> used;
    std::vector<bool> seen_sets(shape.sets.size(), false);
    std::vector<bool> seen(shape.steps.size(), false);
    std::vector<uint32_t> todo = starts;
    while (!todo.empty()) {
        const uint32_t at = todo.back();
        todo.pop_back();
        if (seen[at]) continue;
        seen[at] = true;
        const Shape::Step& step = shape.steps[at];
        if (step.kind == Shape::Kind::Match) continue;
        if (step.kind == Shape::Kind::Assert) asks = true;
        if (step.kind == Shape::Kind::Bytes && !seen_sets[step.value]) {
            seen_sets[step.value] = true;
            used.push_back(shape.sets[step.value]);
        }
        if (step.kind == Shape::Kind::Split) todo.push_back(step.value);
        todo.push_back(step.next);
    }
    if (asks && words) {
        used.emplace_back();
        for (unsigned byte = 0; byte < 256; ++byte)
            if (is_word(static_cast<unsigned char>(byte))) used.back().set(byte);
    }
    for (const ByteSet& set : used) {
        std::array<std::array<int, 2>, 256> refined;  // by column so far, and whether the set holds the byte
        refined.fill({-1, -1});
        size_t columns = 0;
        for (unsigned byte = 0; byte < 256; ++byte) {
            int& fresh = refined[of[byte]][set[byte]];
            if (fresh < 0) fresh = static_cast<int>(columns++);
            of[byte] = static_cast<uint8_t>(fresh);
        }
        count = columns;
    }
}

}  // namespace aigate
