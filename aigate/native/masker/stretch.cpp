// See stretch.h.
#include "stretch.h"

#include <algorithm>
#include <cstring>

namespace aigate {

const char* Stretch::read(const char* at, const char* end, size_t most) {
    text_.clear();
    pieces_.clear();
    piece_ = 0;
    while (at != end && text_.size() < most) {
        if (*at == kEscape) {
            const char* const behind = sequence::skip_one(at, end);
            if (behind != at) {
                at = behind;
                continue;
            }
        }
        // An ESC that begins no sequence is text.
        const size_t room = std::min(most - text_.size(), static_cast<size_t>(end - at));
        const void* const next = std::memchr(at + 1, kEscape, room - 1);
        const char* const stop = next ? static_cast<const char*>(next) : at + room;
        pieces_.push_back({text_.size(), at});
        text_.insert(text_.end(), at, stop);
        at = stop;
    }
    return at;
}

const char* Stretch::origin(const char* byte) {
    const auto at = static_cast<size_t>(byte - text_.data());
    while (piece_ + 1 < pieces_.size() && pieces_[piece_ + 1].text <= at) ++piece_;
    return pieces_[piece_].origin + (at - pieces_[piece_].text);
}

}  // namespace aigate
