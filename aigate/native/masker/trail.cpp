// See trail.h.
#include "trail.h"

#include <algorithm>

namespace aigate {

bool Traced::at(size_t mark, Mark* found) const {
    if (marks_.empty() || mark > last_) return false;
    const Mark& known = marks_[std::min(last_ - mark, marks_.size() - 1)];  // in front of the first one the group had begun
    if (last_ - mark >= marks_.size() && !known.opened) return false;
    *found = known;
    return true;
}

void Trail::keep(Found* found) {
    if (fresh_.empty() || found->looked < farthest_) return;
    if (count_ == kMostWalks || (!places_.empty() && fresh_first_ < first_)) clear();
    if (places_.empty()) first_ = fresh_first_;
    const size_t from = fresh_first_ - first_;
    if (places_.size() < from + fresh_.size()) places_.resize(from + fresh_.size());
    for (size_t at = 0; at < fresh_.size(); ++at) {
        Places& places = places_[from + at];
        const auto free = std::find_if(places.begin(), places.end(), [](const Place& place) { return !place.state; });
        (free == places.end() ? places[count_ % places.size()] : *free) = {fresh_[at], count_};
    }
    if (walks_.size() == count_) walks_.emplace_back();
    found->walk = count_;
    walks_[count_].found = *found;
    walks_[count_].traced.begin(0);
    ++count_;
    farthest_ = found->looked;
}

}  // namespace aigate
