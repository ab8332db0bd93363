// What is text and what is not: line ends, terminal escape sequences, UTF-8.
// Owns no state and knows no rule. Byte classes follow ECMA-48 (control functions) and RFC 3629 (UTF-8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace aigate {

constexpr char kEscape = '\x1b';

// A sequence longer than this is not one: an unterminated OSC must not hide what follows it from the rules.
constexpr size_t kSequenceMax = 4096;

inline bool is_line_end(char c) { return c == '\n' || c == '\r'; }

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

inline bool is_ascii(const std::string& text) {
    for (char c : text)
        if (c & 0x80) return false;
    return true;
}

inline bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

inline bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Of the colour that a CSI sequence sets.
inline bool is_parameter(char c) { return is_digit(c) || c == ';'; }

// The first line end in [p, end), or end. Looks for both kinds in ever longer stretches: each alone may be far away.
inline const char* find_line_end(const char* p, const char* end) {
    for (ptrdiff_t stretch = 256; p != end; stretch *= 4) {
        const char* const stop = end - p > stretch ? p + stretch : end;
        const auto* feed = static_cast<const char*>(std::memchr(p, '\n', stop - p));
        const char* const until = feed ? feed : stop;
        const auto* carriage = static_cast<const char*>(std::memchr(p, '\r', until - p));
        if (carriage) return carriage;
        if (feed) return feed;
        p = stop;
    }
    return end;
}

// The last byte of this kind in [p, end), nullptr when there is none.
inline const char* find_last(const char* p, const char* end, char byte) {
#ifdef __linux__
    return static_cast<const char*>(memrchr(p, byte, static_cast<size_t>(end - p)));
#else
    while (end != p)
        if (*--end == byte) return end;
    return nullptr;
#endif
}

// The last line end in [p, end), or nullptr.
inline const char* find_last_line_end(const char* p, const char* end) {
    const char* const feed = find_last(p, end, '\n');
    const char* const carriage = find_last(feed ? feed + 1 : p, end, '\r');
    return carriage ? carriage : feed;
}

// The number of the first byte in memory of which the top bit is set, in a word that was loaded from there.
inline size_t first_byte(uint64_t tops) {
    return (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_ctzll(tops) : __builtin_clzll(tops)) / 8;
}

namespace sequence {

constexpr long kNone = 0;        // the ESC is text
constexpr long kUnfinished = -1; // more bytes are needed to tell

// CSI: parameters 30-3F, intermediates 20-2F, one final byte 40-7E.
inline long control(const char* p, size_t size) {
    size_t at = 2;
    while (at < size && p[at] >= 0x30 && p[at] <= 0x3f) ++at;
    while (at < size && p[at] >= 0x20 && p[at] <= 0x2f) ++at;
    if (at == size) return kUnfinished;
    return p[at] >= 0x40 && p[at] <= 0x7e ? static_cast<long>(at + 1) : kNone;
}

// OSC, DCS, SOS, PM, APC: anything up to ST (ESC \), for OSC also up to BEL as xterm has it. CAN and SUB abort.
inline long string(const char* p, size_t size, bool bell_ends) {
    for (size_t at = 2; at < size; ++at) {
        const char c = p[at];
        if (c == '\x07' && bell_ends) return static_cast<long>(at + 1);
        if (c == '\x18' || c == '\x1a' || is_line_end(c)) return kNone;
        if (c != kEscape) continue;
        if (at + 1 == size) return kUnfinished;
        return p[at + 1] == '\\' ? static_cast<long>(at + 2) : kNone;
    }
    return kUnfinished;
}

// OSC 66, sized text: what it shows is text of its line, so the sequence is `ESC ] 66 ; metadata ;` alone. ST behind the text
// is a sequence by itself.
inline long sized(const char* p, size_t size) {
    for (size_t at = 5; at < size; ++at) {
        const char c = p[at];
        if (c == ';') return static_cast<long>(at + 1);
        if (c == '\x07' || c == '\x18' || c == '\x1a' || c == kEscape || is_line_end(c)) return kNone;
    }
    return kUnfinished;
}

// What begins with ESC ].
inline long system_command(const char* p, size_t size) {
    const size_t known = size < 5 ? size : 5;
    if (std::memcmp(p, "\x1b]66;", known) == 0) {
        const long found = known < 5 ? kUnfinished : sized(p, size);
        if (found != kNone) return found;
    }
    return string(p, size, true);
}

// What begins a sequence that carries text: ESC and one of P X ] ^ _.
inline bool is_string_introducer(char c) { return c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_'; }

// Whether a whole sequence carries text beside its line.
inline bool carries_text(const char* p, size_t size) {
    return size > 2 && is_string_introducer(p[1]) && p[size - 1] != ';';  // with which the beginning of an OSC 66 ends
}

// Intermediates 20-2F and a final byte 30-7E: ESC ( B and its like, and with none of them the two-byte sequences.
inline long plain(const char* p, size_t size) {
    size_t at = 1;
    while (at < size && p[at] >= 0x20 && p[at] <= 0x2f) ++at;
    if (at == size) return kUnfinished;
    return p[at] >= 0x30 && p[at] <= 0x7e ? static_cast<long>(at + 1) : kNone;
}

// How long the escape sequence at p (an ESC) is, kNone or kUnfinished.
inline long length(const char* p, size_t size) {
    const bool cut = size > kSequenceMax;
    if (cut) size = kSequenceMax;
    if (size < 2) return kUnfinished;
    long found = kNone;
    switch (p[1]) {
        case '[': found = control(p, size); break;
        case ']': found = system_command(p, size); break;
        case 'P': case 'X': case '^': case '_': found = string(p, size, false); break;
        default: found = plain(p, size);
    }
    return found == kUnfinished && (cut || size == kSequenceMax) ? kNone : found;
}

// Whether a whole sequence moves the cursor: CUU to CUP, CHT, CBT, HPA, HPR, VPA, VPR, HVP; RI, IND, NEL, DECRC (ECMA-48,
// xterm's list of control sequences). A program that draws moves over a blank instead of sending it.
inline bool moves_cursor(const char* p, size_t size) {
    const char last = p[size - 1];
    if (p[1] != '[') return size == 2 && (last == '8' || last == 'D' || last == 'E' || last == 'M');
    if (p[2] >= 0x3c && p[2] <= 0x3f) return false;  // private parameters
    return (last >= 'A' && last <= 'I') || last == 'Z' || last == '`' || (last >= 'd' && last <= 'f') || last == 'a';
}

// Steps over the escape sequence at p (an ESC), if it is one. CSI with few parameters, which most are, goes without a
// branch for each of them: among eight bytes at once the first one that is no parameter is found.
inline const char* skip_one(const char* p, const char* end) {
    if (end - p > 10 && p[1] == '[') {
        uint64_t bytes;
        std::memcpy(&bytes, p + 2, sizeof bytes);
        const uint64_t high = (bytes ^ 0x3030303030303030u) >> 4 & 0x0f0f0f0f0f0f0f0fu;  // zero for 30 to 3F
        const uint64_t others = (high + 0x7f7f7f7f7f7f7f7fu) & 0x8080808080808080u;
        if (others) {
            const char* const last = p + 2 + first_byte(others);
            if (*last >= 0x40 && *last <= 0x7e) return last + 1;
        }
    }
    const long found = length(p, static_cast<size_t>(end - p));
    return found > 0 ? p + found : p;
}

// Steps over the escape sequences at p.
inline const char* skip(const char* p, const char* end) {
    while (p != end && *p == kEscape) {
        const char* const behind = skip_one(p, end);
        if (behind == p) break;
        p = behind;
    }
    return p;
}

}  // namespace sequence

// The length of the well-formed UTF-8 character at p, or 0. `size` is at least 1.
inline size_t utf8_character(const unsigned char* p, size_t size) {
    const unsigned char lead = p[0];
    if (lead < 0x80) return 1;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size < length) return 0;
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; ++i)
        if ((p[i] & 0xc0) != 0x80) return 0;
    return length;
}

// The first byte beyond ASCII in [p, end), or end.
inline const unsigned char* skip_ascii(const unsigned char* p, const unsigned char* end) {
    constexpr size_t kWords = 16;
    uint64_t words[kWords];
    for (; static_cast<size_t>(end - p) >= sizeof words; p += sizeof words) {
        std::memcpy(words, p, sizeof words);
        uint64_t all = 0;
        for (uint64_t word : words) all |= word;
        if (all & 0x8080808080808080u) break;
    }
    for (; end - p >= 8; p += 8) {
        std::memcpy(words, p, 8);
        if (words[0] & 0x8080808080808080u) break;
    }
    while (p != end && *p < 0x80) ++p;
    return p;
}

// Whether [p, p+size) is well-formed UTF-8.
inline bool is_utf8(const char* text, size_t size) {
    const auto* p = reinterpret_cast<const unsigned char*>(text);
    const unsigned char* const end = p + size;
    while (true) {
        p = skip_ascii(p, end);
        if (p == end) return true;
        const size_t length = utf8_character(p, end - p);
        if (!length) return false;
        p += length;
    }
}

// So many bytes of text in front of a place may decide whether a token can begin there.
constexpr size_t kBeforeToken = 12;

// Whether the last bytes of text[0, at) are an escape of JSON, C or URLs, or a colour without its ESC.
inline bool ends_escape(const char* text, size_t at) {
    const auto hex = [&](size_t from, size_t count) {
        for (; count; --count, ++from)
            if (!is_hexadecimal(text[from])) return false;
        return true;
    };
    const char* const p = text + at;
    if (at >= 2 && p[-2] == '\\' && std::memchr("abfnrtv0", p[-1], 8)) return true;
    if (at >= 3 && p[-3] == '%' && hex(at - 2, 2)) return true;
    if (at >= 4 && p[-4] == '\\' && p[-3] == 'x' && hex(at - 2, 2)) return true;
    if (at >= 6 && p[-6] == '\\' && p[-5] == 'u' && hex(at - 4, 4)) return true;
    if (at >= 10 && p[-10] == '\\' && p[-9] == 'U' && hex(at - 8, 8)) return true;
    if (at >= 4 && p[-4] == '\\' && is_octal(p[-3]) && is_octal(p[-2]) && is_octal(p[-1])) return true;
    if (p[-1] != 'm') return false;
    for (size_t back = 2; back <= kBeforeToken && back <= at; ++back) {
        if (p[-static_cast<std::ptrdiff_t>(back)] == '[') return true;
        if (!is_parameter(p[-static_cast<std::ptrdiff_t>(back)])) return false;
    }
    return false;
}

inline bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace aigate
