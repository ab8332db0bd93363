// See payload.h. tests/support/payload.py says the same in Python.
#include "payload.h"

#include <algorithm>
#include <cstring>

#include "cpu.h"
#include "text.h"

namespace aigate {

namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned kNoDigit = 64;
constexpr char kCommand = '\x9d';  // OSC as one character, of which this is the second byte in UTF-8

// Of base64 and of base64url.
unsigned digit_of(char c) {
    if (c == '-') return 62;
    if (c == '_') return 63;
    const void* const found = c ? std::memchr(kDigits, c, kNoDigit) : nullptr;
    return found ? static_cast<unsigned>(static_cast<const char*>(found) - kDigits) : kNoDigit;
}

// What base64 stands for, whatever else stands between.
std::string decoded(const char* from, const char* to) {
    std::string bytes;
    unsigned word = 0;
    unsigned bits = 0;
    for (; from != to; ++from) {
        const unsigned digit = digit_of(*from);
        if (digit == kNoDigit) continue;
        word = word << 6 | digit;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(word >> bits);
    }
    return bytes;
}

std::string encoded(const std::string& bytes) {
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += 3) {
        const size_t some = std::min<size_t>(3, bytes.size() - at);
        unsigned word = 0;
        for (size_t i = 0; i < 3; ++i) word = word << 8 | (i < some ? static_cast<unsigned char>(bytes[at + i]) : 0);
        for (size_t i = 0; i < 4; ++i) text += i <= some ? kDigits[word >> (18 - 6 * i) & 63] : '=';
    }
    return text;
}

// Where an OSC holds what (xterm's control sequences for 0 to 52; kitty's for 99 and 5522; iTerm2's for 1337).
struct Fields {
    const char* first;   // the text of one line begins here,
    const char* mark;    // and ends here;
    const char* second;  // and behind a mark there may be another one, up to the end
    bool in_base64;      // which is written so
};

bool is_number(const char* from, const char* to, const char* number) {
    return static_cast<size_t>(to - from) == std::strlen(number) && std::memcmp(from, number, to - from) == 0;
}

bool holds_field(const char* from, const char* to, const char* field) {
    const size_t length = std::strlen(field);
    for (const char* at = from; at < to; ++at) {
        const char* const end = std::find(at, to, ':');
        if (static_cast<size_t>(end - at) == length && std::memcmp(at, field, length) == 0) return true;
        at = end;
    }
    return false;
}

Fields fields_of(const char* from, const char* to) {
    const char* digits = from;
    while (digits != to && is_digit(*digits)) ++digits;
    if (digits == from || digits == to || *digits != ';') return {from, to, to, false};
    const char* const rest = digits + 1;
    const auto number = [&](const char* wanted) { return is_number(from, digits, wanted); };
    const auto cut = [&](char mark, bool in_base64) {
        const char* const at = std::find(rest, to, mark);
        return Fields{rest, at, at == to ? to : at + 1, in_base64};
    };
    if (number("8") || number("777")) return cut(';', false);
    if (number("52") || number("5522")) return cut(';', true);
    if (number("99")) return cut(';', holds_field(rest, std::find(rest, to, ';'), "e=1"));
    if (number("1337") && to - rest > 5 && std::memcmp(rest, "Copy=", 5) == 0) return cut(':', true);
    return {rest, to, to, false};
}

// Asked about all output: blocks are told to hold none without a branch for each byte.
__attribute__((always_inline)) inline const char* find_by_blocks(const char* p, const char* end) {
    constexpr ptrdiff_t kBlock = 128;
    for (; end - p > kBlock; p += kBlock) {
        unsigned char some = 0;
        for (ptrdiff_t i = 0; i < kBlock; ++i)
            some |= static_cast<unsigned char>((p[i] == kEscape) & ((p[i + 1] & 0x70) == 0x50) & (p[i + 1] != '['));
        if (!some) continue;
        for (ptrdiff_t i = 0; i < kBlock; ++i)
            if (p[i] == kEscape && sequence::is_string_introducer(p[i + 1])) return p + i;
    }
    for (; end - p > 1; ++p)
        if (p[0] == kEscape && sequence::is_string_introducer(p[1])) return p;
    return end;
}

const char* find_anyhow(const char* p, const char* end) { return find_by_blocks(p, end); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) const char* find_by_avx2(const char* p, const char* end) { return find_by_blocks(p, end); }

const auto find_best = Cpu().avx2 ? find_by_avx2 : find_anyhow;
#else
const auto find_best = find_anyhow;
#endif

}  // namespace

const char* Payload::find(const char* p, const char* end) {
    constexpr ptrdiff_t kStretch = 4096;
    while (p != end) {
        const char* const stop = end - p > kStretch ? p + kStretch : end;
        const void* const escape = std::memchr(p, kEscape, static_cast<size_t>(stop - p));
        if (escape) {
            const char* const behind = std::min(stop + 1, end);  // of an ESC in front of it
            const char* const found = find_best(static_cast<const char*>(escape), behind);
            if (found != behind) return found;
        }
        p = stop;
    }
    return end;
}

Payload::Payload(const RuleSet& rules, std::vector<uint64_t>& counts)
    : rules_(rules), masker_(rules, counts), findings_(rules.counted()) {}

void Payload::write(const char* sequence, size_t size, size_t shown, Sink& sink) {
    const char* const begin = sequence + std::min<size_t>(2, size);
    const char* end = sequence + size;
    const char* const out = sequence + shown;
    const bool command = size > 1 && (sequence[1] == ']' || sequence[1] == kCommand);
    if (end - begin > 1 && end[-1] == '\\' && end[-2] == kEscape) end -= 2;
    else if (end != begin && (end[-1] == kEscape || (end[-1] == '\x07' && command))) --end;
    const auto pass = [&](const char* from, const char* to) {
        from = std::max(from, out);
        if (from < to) sink.pass(from, static_cast<size_t>(to - from));
    };
    const Fields fields = command ? fields_of(begin, end) : Fields{begin, end, end, false};
    pass(sequence, fields.first);
    text(fields.first, fields.mark, out, sink);
    pass(fields.mark, fields.second);
    if (fields.in_base64) base64(fields.second, end, out, sink);
    else text(fields.second, end, out, sink);
    pass(end, sequence + size);
}

// Writes text, masked, from `shown` on.
void Payload::text(const char* from, const char* to, const char* shown, Sink& sink) {
    const char* at = from;
    if (mask(from, to)) {
        for (const Sink::Piece& piece : sink_.pieces()) {
            if (piece.data < from || piece.data >= to) continue;  // a star, for what lies between
            if (at < piece.data && piece.data > shown) sink.star();
            const char* const first = std::max(piece.data, shown);
            at = piece.data + piece.size;
            if (first < at) sink.pass(first, static_cast<size_t>(at - first));
        }
        if (at < to && to > shown) sink.star();
    } else if (to > shown) {
        at = std::max(from, shown);
        sink.pass(at, static_cast<size_t>(to - at));
    }
    sink_.clear();
}

// Writes what is base64 of some text, masked. One of which a part was written already is not written to its end.
void Payload::base64(const char* from, const char* to, const char* shown, Sink& sink) {
    const std::string plain = decoded(from, to);
    if (!mask(plain.data(), plain.data() + plain.size())) {
        sink_.clear();
        return text(from, to, shown, sink);
    }
    std::string masked(sink_.size(), '\0');
    sink_.copy_to(masked.data());
    sink_.clear();
    if (shown <= from) sink.keep(encoded(masked));
}

// Masks lines into the sink. Returns whether anything is hidden.
bool Payload::mask(const char* from, const char* to) {
    Finder::Walk walk(rules_.finder(static_cast<size_t>(to - from)), from, to, findings_);
    for (const char* at = from; at < to; ++at) {
        const char* const stop = find_line_end(at, to);
        walk.collect(at, stop);
        masker_.mask(Window::whole(at, static_cast<size_t>(stop - at)), 0, &findings_, sink_);
        if (stop == to) break;
        sink_.pass(stop, 1);
        masker_.ended_by(*stop);
        at = stop;
    }
    findings_.clear();
    masker_.begin_again();
    const auto& pieces = sink_.pieces();
    return !(pieces.empty() ? from == to : pieces.size() == 1 && pieces[0].data == from && pieces[0].size == static_cast<size_t>(to - from));
}

}  // namespace aigate
