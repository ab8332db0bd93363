// See stretch.h.
#include "stretch.h"

#include <algorithm>
#include <cstring>

namespace aigate {

namespace {

constexpr size_t kWord = sizeof(uint64_t);

// Which bytes of a word are ESC, as their highest bits.
inline uint64_t escapes_of(uint64_t word) {
    constexpr uint64_t kLow = 0x7f7f7f7f7f7f7f7fu;
    const uint64_t others = word ^ 0x0101010101010101u * kEscape;
    return ~(((others & kLow) + kLow) | others | kLow);
}

}  // namespace

// Text between sequences is short, so words are copied: to search and to copy one piece after the other takes twice as long.
const char* Stretch::read(const char* at, const char* end, size_t most) {
    pieces_.clear();
    piece_ = 0;
    if (text_.size() < most + kWord) text_.resize(most + kWord);
    char* to = text_.data();
    const char* const stop = to + most;
    while (at != end && to != stop) {
        if (*at == kEscape) {
            const char* const behind = sequence::skip_one(at, end);
            if (behind != at) {
                at = behind;
                continue;
            }
        }
        pieces_.push_back({static_cast<size_t>(to - text_.data()), at});
        *to++ = *at++;  // an ESC that begins no sequence is text
        uint64_t escapes = 0;
        while (!escapes && end - at >= static_cast<long>(kWord) && stop - to >= static_cast<long>(kWord)) {
            uint64_t word;
            std::memcpy(&word, at, kWord);
            std::memcpy(to, &word, kWord);
            escapes = escapes_of(word);
            const size_t text = escapes ? first_byte(escapes) : kWord;
            at += text;
            to += text;
        }
        while (!escapes && at != end && to != stop && *at != kEscape) *to++ = *at++;
    }
    size_ = static_cast<size_t>(to - text_.data());
    return at;
}

const char* Stretch::origin(const char* byte) {
    const auto at = static_cast<size_t>(byte - text_.data());
    while (piece_ + 1 < pieces_.size() && pieces_[piece_ + 1].text <= at) ++piece_;
    return pieces_[piece_].origin + (at - pieces_[piece_].text);
}

}  // namespace aigate
