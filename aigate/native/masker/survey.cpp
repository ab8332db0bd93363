// See survey.h.
#include "survey.h"

#include <cstdint>
#include <cstring>

namespace aigate {

bool Finder::Walk::may_be(const char* begin, const char* end, const char* place) {
    if (begin != begin_ || end != end_) beginning_.move_to(begin_ = begin, end_ = end);
    if (!look_again(place, Look::Brief)) return false;
    clear();
    examine(place, end);
    return !findings_.rules().empty();
}

// What is scanned beyond the end of a text only adds places: no match holds a byte from there. A sequence could hide what
// comes behind it, so texts that have one are left to those who know sequences.
template <typename Offset> std::vector<size_t> Survey::find(const char* data, const Offset* offsets, size_t count) {
    std::vector<size_t> shown;
    std::vector<size_t> escaped;
    const auto move = [&](size_t& index, const char* place) {
        while (data + offsets[index + 1] <= place) ++index;
    };
    const char* const end = data + offsets[count];
    size_t at_hand = 0;
    size_t at_escape = 0;
    for (const char* at = data + offsets[0]; at != end;) {
        const char* const from = at;
        hits_.count = 0;
        at = finder_.scanner_.scan(from, end, hits_);
        for (const char* next = from; next < at;) {
            const void* const escape = std::memchr(next, kEscape, static_cast<size_t>(at - next));
            if (!escape) break;
            move(at_escape, static_cast<const char*>(escape));
            if (escaped.empty() || escaped.back() != at_escape) escaped.push_back(at_escape);
            next = data + offsets[at_escape + 1];
        }
        finder_.sift_.list(hits_, end, places_);
        for (const char* place : places_) {
            move(at_hand, place);
            if (!shown.empty() && shown.back() == at_hand) continue;
            if (walk_.may_be(data + offsets[at_hand], data + offsets[at_hand + 1], place)) shown.push_back(at_hand);
        }
    }
    shown.insert(shown.end(), escaped.begin(), escaped.end());
    return shown;
}

template std::vector<size_t> Survey::find(const char* data, const int32_t* offsets, size_t count);
template std::vector<size_t> Survey::find(const char* data, const int64_t* offsets, size_t count);

}  // namespace aigate
