// See beginning.h.
#include "beginning.h"

#include <algorithm>
#include <cstring>

#include "text.h"

namespace aigate {

namespace {

constexpr std::ptrdiff_t kFarBack = 64;  // what looks like parameters for longer may be a sequence's
constexpr std::ptrdiff_t kReach = kSequenceMax + 32;  // from so far in front a sequence may reach to what is before a place

}  // namespace

bool Beginning::plain(const char* place, size_t before) {
    if (static_cast<size_t>(place - begin_) < before) return false;
    return !near_escape(place, before) || !behind_sequence(place, before);
}

// Whether a sequence that begins in front of the place may reach to its last bytes. Asked for places in order: no byte is
// looked at twice, and most of those far from any place not once.
bool Beginning::near_escape(const char* place, size_t before) {
    if (place > escapes_known_) {
        const char* const from = place - std::min(place - escapes_known_, kReach);
        if (const char* const found = find_last(from, place, kEscape)) last_escape_ = found;
        escapes_known_ = place;
    }
    return last_escape_ && place - last_escape_ <= static_cast<std::ptrdiff_t>(kSequenceMax + before);
}

const char* Beginning::of(const char* place, size_t before) {
    return plain(place, before) ? place - before : look_back(place, before);
}

// Whether what introduces sized text (OSC 66) may end at this byte or somewhat before.
bool Beginning::ends_sized(const char* last) const {
    const char* const from = last - std::min(static_cast<std::ptrdiff_t>(kSequenceMax), last - begin_);
    const char* at = last;
    while (at != from && *at != kEscape) --at;
    return *at == kEscape;
}

// Whether one of the `before` bytes in front of the place may be the last of an escape sequence: BEL, or a byte behind
// ESC, behind ESC and intermediates, or behind ESC [ and parameters.
bool Beginning::behind_sequence(const char* place, size_t before) const {
    const char* const stop = place - std::min(before, static_cast<size_t>(place - begin_));
    if (before) {
        const void* const mark = std::memchr(stop, ';', static_cast<size_t>(place - stop));
        if (mark && ends_sized(place - 1)) return true;
    }
    for (const char* last = place; last > stop;) {
        if (*--last == '\x07') return true;
        if (last == begin_) return false;
        const char* p = last;
        while (p != begin_ && last - p < kFarBack && p[-1] >= 0x20 && p[-1] <= 0x3f) --p;
        if (p == begin_) return false;
        if (last - p == kFarBack || p[-1] == kEscape) return true;
        if (p[-1] == '[' && p - 1 != begin_ && p[-2] == kEscape) return true;
        last = std::min(last, p);
    }
    return false;
}

// Reads the text again from the line's beginning, or from where it was read before.
const char* Beginning::look_back(const char* place, size_t before) {
    if (!before) return place;
    const char* feed = place > at_ ? find_last_line_end(at_, place) : nullptr;
    if (feed) {
        at_ = feed + 1;
        count_ = 0;
    }
    while (at_ < place) {
        const long length = *at_ == kEscape ? sequence::length(at_, end_ - at_) : sequence::kNone;
        if (length > 0) {
            at_ += length;
        } else {
            known_[count_++ % kKept] = at_++;
        }
    }
    return at_ > place || count_ < before ? nullptr : known_[(count_ - before) % kKept];
}

}  // namespace aigate
