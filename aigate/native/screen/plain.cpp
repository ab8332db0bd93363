// See plain.h.
#include "plain.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "../masker/text.h"
#include "width.h"

namespace aigate {

namespace {

constexpr char32_t kAccents = 0x34e;  // and marks like them, up to there
constexpr size_t kMostUnseen = 64;     // bytes of it at a time
constexpr size_t kNear = 8;  // bytes in which a digit or mark speaks for a token

// What can be skipped: text, line feeds, tabs and bells. Other characters are looked at.
constexpr std::array<bool, 256> kText = [] {
    std::array<bool, 256> text{};
    for (size_t byte = 0x20; byte < 0x7f; ++byte) text[byte] = true;
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

bool is_word(char byte) { return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-'; }

// Whether a character of that code is a control or a part of a box.
bool is_drawn(char32_t code) { return (code >= 0x80 && code < 0xa0) || (code >= 0x2500 && code < 0x2580); }

// How many bytes a character will have that begins like this; 1 where none does.
size_t length_of(unsigned char first) { return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4; }

// Whether what fills no cell, or is no character, stands within a word: a reader may see none of it.
bool is_within_word(const char* data, size_t at, size_t length, size_t size, bool sure) {
    if ((at && !is_word(data[at - 1])) || !is_word(data[at + length])) return false;
    if (sure) return true;
    const auto speaks = [](char byte) { return is_digit(byte) || byte == '_'; };
    bool spoken = false;
    for (size_t near = at; near && at - near < kNear && is_word(data[near - 1]); --near) spoken |= speaks(data[near - 1]);
    for (size_t near = at + length; near < size && near - at - length < kNear && is_word(data[near]); ++near) spoken |= speaks(data[near]);
    return spoken;
}

enum class Character : uint8_t { Plain, Drawn, Open };

// Whether a character of that many bytes shows nothing, but for accents; or is none, which some terminals leave out.
bool is_unseen(char32_t code, size_t length) { return length == 1 || code == 0xad || (code >= 0x300 && !cell_width(code)); }

// Looks at the character there, which is none of ASCII, with those behind it that show nothing if it does not. *cells: that it fills.
Character look_at(const char* data, size_t at, size_t size, size_t* length, size_t* cells) {
    bool sure = false;
    size_t end = at;
    for (char32_t code = 0; end < size && end - at < kMostUnseen && static_cast<unsigned char>(data[end]) >= 0x80; end += *length) {
        if (size - end < length_of(static_cast<unsigned char>(data[end]))) return Character::Open;
        code = read_character(data + end, size - end, length);
        if (is_unseen(code, *length)) {
            sure |= *length > 1 && (code == 0xad || code > kAccents);
            continue;
        }
        if (end > at) break;
        *cells += cell_width(code);
        return is_drawn(code) ? Character::Drawn : Character::Plain;
    }
    *length = end - at;
    if (at && !is_word(data[at - 1])) return Character::Plain;
    if (end == size) return Character::Open;
    return end - at < kMostUnseen && is_within_word(data, at, *length, size, sure) ? Character::Drawn : Character::Plain;
}

// Whether a word goes on behind a line end at `end` that stands where the row is full. *open: nobody knows yet.
bool goes_on(const char* data, size_t at, size_t end, size_t size, bool* open) {
    if (at && !is_word(data[at - 1])) return false;
    *open = end == size;
    return *open || is_word(data[end]);
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

Plain find_plain(const char* data, size_t size, bool final, size_t columns, size_t* cells) {
    size_t at = 0;
    while (true) {
        const size_t text = at;
        at = skip_text(data, at, size);
        *cells += at - text;
        if (at == size) return {size, false};
        const size_t left = size - at;
        const auto byte = static_cast<unsigned char>(data[at]);
        if (byte == '\r') {
            size_t next = 1;
            while (next < left && data[at + next] == '\r') ++next;
            if (next == left) return {at, !final};
            if (data[at + next] != '\n') return {at, false};
            bool open = false;
            if (*cells == columns && goes_on(data, at, at + next + 1, size, &open)) return {open && final ? size : at, open && !final};
            at += next + 1;
            *cells = 0;
        } else if (byte >= 0x80) {
            size_t length = 1;
            const Character found = look_at(data, at, size, &length, cells);
            if (found == Character::Open && final) return {size, false};
            if (found != Character::Plain) return {at, found == Character::Open};
            at += length;
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
