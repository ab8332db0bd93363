// See plain.h.
#include "plain.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "../masker/text.h"

namespace aigate {

namespace {

constexpr size_t kControls = 0xc2;  // begins C1 controls in UTF-8,
constexpr size_t kFrames = 0xe2;    // and what boxes are drawn with

// What can be skipped: text, line feeds, tabs and bells.
constexpr std::array<bool, 256> kText = [] {
    std::array<bool, 256> text{};
    for (size_t byte = 0x20; byte < 256; ++byte) text[byte] = byte != 0x7f && byte != kControls && byte != kFrames;
    text['\n'] = text['\t'] = text['\a'] = true;
    return text;
}();

// The first byte from `at` on that cannot be skipped. Letters of ASCII go eight at a time.
size_t skip_text(const char* data, size_t at, size_t size) {
    constexpr uint64_t kEach = 0x0101010101010101u;
    while (at < size) {
        uint64_t word;
        for (; size - at >= sizeof word; at += sizeof word) {
            std::memcpy(&word, data + at, sizeof word);
            if ((word | (word - 0x20 * kEach) | (word + kEach)) & 0x80 * kEach) break;
        }
        const size_t stop = std::min(size, at + sizeof word);
        while (at < stop && kText[static_cast<unsigned char>(data[at])]) ++at;
        if (at < stop) break;
    }
    return at;
}

// Private modes that mean where the cursor goes, or another screen.
bool is_moving_mode(long mode) {
    switch (mode) {
        case 3: case 6: case 7: case 45: case 47: case 69: case 95: case 1047: case 1048: case 1049: return true;
        default: return false;
    }
}

bool sets_moving_mode(const char* p, const char* end) {
    long mode = 0;
    for (; p != end; ++p) {
        if (is_digit(*p)) mode = mode * 10 + (*p - '0');
        else if (is_moving_mode(mode)) return true;
        else mode = 0;
        if (mode > 1 << 20) return true;
    }
    return false;
}

// Whether a whole control sequence (CSI) leaves the cursor where it is, and the text, too.
bool is_plain_control(const char* p, size_t size) {
    const char last = p[size - 1];
    const char prefix = size > 3 && p[2] >= '<' && p[2] <= '?' ? p[2] : 0;
    if (last == 'm') return true;
    if (prefix == '?' && (last == 'h' || last == 'l')) return !sets_moving_mode(p + 3, p + size);
    if (prefix) return last == 'u' || last == 'c' || last == 'q' || last == 'n';
    if (last == 'K') return size == 3 || (size == 4 && p[2] == '0');
    if (last == 'q') return p[size - 2] == ' ';  // the cursor's shape
    return last == 'n' || last == 'c';
}

// Whether a character that begins like this is a control or a part of a box.
bool is_drawn(unsigned char first, unsigned char second) {
    return first == kControls ? second < 0xa0 : second == 0x94 || second == 0x95;
}

bool is_plain_sequence(const char* p, size_t size) {
    switch (p[1]) {
        case '[': return is_plain_control(p, size);
        case ']': return true;
        case '(': return size == 3 && p[2] == 'B';
        case '=': case '>': case '\\': return size == 2;
        default: return false;
    }
}

}  // namespace

Plain find_plain(const char* data, size_t size, bool final) {
    size_t at = 0;
    while (true) {
        at = skip_text(data, at, size);
        if (at == size) return {size, false};
        const size_t left = size - at;
        const auto byte = static_cast<unsigned char>(data[at]);
        if (byte == '\r') {
            size_t next = 1;
            while (next < left && data[at + next] == '\r') ++next;
            if (next == left) return {at, !final};
            if (data[at + next] != '\n') return {at, false};
            at += next;
        } else if (byte == kControls || byte == kFrames) {
            if (left == 1) return {at, !final};
            if (is_drawn(byte, static_cast<unsigned char>(data[at + 1]))) return {at, false};
            ++at;
        } else if (byte == static_cast<unsigned char>(kEscape)) {
            const long length = sequence::length(data + at, left);
            if (length == sequence::kUnfinished) return {at, !final && left < kSequenceMax};
            if (length == sequence::kNone || !is_plain_sequence(data + at, static_cast<size_t>(length))) return {at, false};
            at += static_cast<size_t>(length);
        } else {
            return {at, false};
        }
    }
}

}  // namespace aigate
