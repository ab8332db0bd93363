// See spellings.h.
#include "spellings.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "bytes.h"
#include "text.h"

namespace aigate {

namespace {

constexpr char kLower[] = "0123456789abcdef";
constexpr char kUpper[] = "0123456789ABCDEF";

bool holds(const char* set, char c) { return c && std::strchr(set, c); }

bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }

// What no way of escaping changes.
bool is_plain(char c) { return is_word(static_cast<unsigned char>(c)) || c == '-' || c == '.'; }

template <typename Write>
std::string written(const std::string& value, Write write) {
    std::string out;
    out.reserve(value.size() + 8);
    for (char c : value) write(c, out);
    return out;
}

void append_hex(std::string& out, unsigned char byte, const char* digits) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

std::string hexadecimal(const std::string& value, const char* digits) {
    return written(value, [&](char c, std::string& out) { append_hex(out, static_cast<unsigned char>(c), digits); });
}

void append_unit(std::string& out, uint32_t unit, const char* digits) {
    out += "\\u";
    append_hex(out, static_cast<unsigned char>(unit >> 8), digits);
    append_hex(out, static_cast<unsigned char>(unit), digits);
}

// A code point as JSON has it: beyond U+FFFF as a surrogate pair (RFC 8259).
void append_point(std::string& out, uint32_t point, const char* digits) {
    if (point < 0x10000) return append_unit(out, point, digits);
    append_unit(out, 0xd800 + ((point - 0x10000) >> 10), digits);
    append_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff), digits);
}

uint32_t point_of(const unsigned char* p, size_t length) {
    if (length == 1) return p[0];
    uint32_t point = p[0] & (0x7fu >> length);
    for (size_t at = 1; at < length; ++at) point = point << 6 | (p[at] & 0x3f);
    return point;
}

// numbered: characters that are written as \uXXXX, besides control characters. slashed: as \/. beyond: those beyond ASCII are
// numbered.
struct Json {
    const char* numbered;
    bool slashed;
    bool beyond;
    const char* digits;
};

// JSON.stringify and most others; Python; the same in capitals; PHP; Go; Gson; System.Text.Json.
constexpr Json kJson[] = {
    {"", false, false, kLower}, {"", false, true, kLower}, {"", false, true, kUpper}, {"", true, true, kLower},
    {"<>&", false, false, kLower}, {"<>&='", false, false, kLower}, {"\"<>&'+`", false, true, kUpper},
};

std::string json(const std::string& value, const Json& way) {
    std::string out;
    const auto* p = reinterpret_cast<const unsigned char*>(value.data());
    const unsigned char* const end = p + value.size();
    while (p != end) {
        const size_t length = utf8_character(p, static_cast<size_t>(end - p));
        const char c = static_cast<char>(*p);
        const char* const named = "\b\f\t";
        if (length > 1 && way.beyond) append_point(out, point_of(p, length), way.digits);
        else if (length != 1) out.append(reinterpret_cast<const char*>(p), std::max<size_t>(length, 1));
        else if (holds(way.numbered, c)) append_unit(out, *p, way.digits);
        else if (c == '"' || c == '\\' || (c == '/' && way.slashed)) (out += '\\') += c;
        else if (holds(named, c)) (out += '\\') += "bft"[std::strchr(named, c) - named];
        else if (*p < 0x20 || (*p == 0x7f && way.beyond)) append_unit(out, *p, way.digits);
        else out += c;
        p += std::max<size_t>(length, 1);
    }
    return out;
}

std::string replaced(const std::string& value, char what, const char* with) {
    return written(value, [&](char c, std::string& out) { c == what ? out += with : out += c; });
}

std::string backslashed(const std::string& value, const char* set) {
    return written(value, [&](char c, std::string& out) {
        if (holds(set, c)) out += '\\';
        out += c;
    });
}

// As bash's `printf %q` and its completion write a word: # and ~ count where they stand first.
std::string quoted(const std::string& value) {
    std::string out = backslashed(value, " \t'\"\\|&;()<>!{}*[]?^$`,");
    if (!value.empty() && (value[0] == '#' || value[0] == '~')) out.insert(out.begin(), '\\');
    return out;
}

// RFC 3986; encodeURIComponent; Python's quote; encodeURI; forms as URLSearchParams and Java have them; PHP's.
struct Percent {
    const char* kept;
    bool plus;  // for a blank
};
constexpr Percent kPercent[] = {
    {"-._~", false}, {"-._~!'()*", false}, {"-._~/", false}, {"-._~!'()*;/?:@&=+$,#", false}, {"-._*", true}, {"-._", true},
};

std::string percent(const std::string& value, const Percent& way, const char* digits) {
    return written(value, [&](char c, std::string& out) {
        if (is_alphanumeric(c) || holds(way.kept, c)) out += c;
        else if (c == ' ' && way.plus) out += '+';
        else append_hex(out += '%', static_cast<unsigned char>(c), digits);
    });
}

struct Html {
    const char* quote;
    const char* apostrophe;
    const char* plus;
};
// Text alone; most templates; Python; XML; Go.
constexpr Html kHtml[] = {
    {"\"", "'", "+"}, {"&quot;", "'", "+"}, {"&quot;", "&#39;", "+"}, {"&quot;", "&#039;", "+"},
    {"&quot;", "&#x27;", "+"}, {"&quot;", "&apos;", "+"}, {"&#34;", "&#39;", "+"}, {"&#34;", "&#39;", "&#43;"},
};

std::string html(const std::string& value, const Html& way) {
    return written(value, [&](char c, std::string& out) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += way.quote; break;
            case '\'': out += way.apostrophe; break;
            case '+': out += way.plus; break;
            default: out += c;
        }
    });
}

// The characters that the value alone decides, where `before` bytes of a group stand in front of it.
std::string base64(const std::string& value, size_t before) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    const auto byte = [&](size_t at) { return at < before ? 0u : static_cast<unsigned char>(value[at - before]); };
    const size_t bits = 8 * (before + value.size());
    for (size_t bit = 6 * ((8 * before + 5) / 6); bit + 6 <= bits; bit += 6) {
        const size_t at = bit / 8;
        const unsigned two = byte(at) << 8 | (8 * (at + 1) < bits ? byte(at + 1) : 0u);
        out += kDigits[two >> (10 - bit % 8) & 63];
    }
    return out;
}

void add_escaped(const std::string& value, std::vector<std::string>& found) {
    for (const Json& way : kJson) found.push_back(json(value, way));
    found.push_back(replaced(value, '\'', "'\\''"));
    found.push_back(replaced(value, '\'', "'\"'\"'"));
    found.push_back(quoted(value));
    found.push_back(backslashed(value, "\"\\$`"));
    found.push_back(backslashed(value, "\\'"));
    for (const Percent& way : kPercent)
        for (const char* digits : {kUpper, kLower}) found.push_back(percent(value, way, digits));
    for (const Html& way : kHtml) found.push_back(html(value, way));
}

}  // namespace

std::vector<std::string> spellings(const std::string& value) {
    std::vector<std::string> found{value};
    if (!std::all_of(value.begin(), value.end(), is_plain)) add_escaped(value, found);
    for (const char* digits : {kLower, kUpper}) found.push_back(hexadecimal(value, digits));
    for (size_t before = 0; before < 3; ++before) {
        found.push_back(base64(value, before));
        if (found.back().find_first_of("+/") == std::string::npos) continue;
        found.push_back(found.back());
        for (char& c : found.back()) c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    std::sort(found.begin() + 1, found.end());
    found.erase(std::unique(found.begin() + 1, found.end()), found.end());
    found.erase(std::remove(found.begin() + 1, found.end(), value), found.end());
    return found;
}

}  // namespace aigate
