// Puts in order what is nearly in order: a few ascending runs behind one another. Never slower than that deserves,
// whatever the input: std::sort takes many times as long for such runs.
#pragma once

#include <algorithm>
#include <vector>

namespace aigate {

template <typename Item, typename Before>
void merge_runs(std::vector<Item>& items, Before before) {
    std::vector<size_t> ends;  // of the ascending runs
    for (size_t at = 1; at < items.size(); ++at)
        if (before(items[at], items[at - 1])) ends.push_back(at);
    if (ends.empty()) return;
    ends.push_back(items.size());
    while (ends.size() > 1) {
        std::vector<size_t> merged;
        size_t begin = 0;
        for (size_t run = 0; run + 1 < ends.size(); run += 2) {
            const auto at = [&](size_t index) { return items.begin() + static_cast<std::ptrdiff_t>(index); };
            std::inplace_merge(at(begin), at(ends[run]), at(ends[run + 1]), before);
            merged.push_back(begin = ends[run + 1]);
        }
        if (ends.size() % 2) merged.push_back(ends.back());
        ends.swap(merged);
    }
}

}  // namespace aigate
