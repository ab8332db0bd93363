// See literal.h. tests/support/literal.py says the same in Python.
#include "literal.h"

#include <algorithm>
#include <string>

#include "text.h"

namespace aigate {

namespace {

constexpr size_t kShortest[] = {0, 1, 6, 16};  // by check
constexpr size_t kFewDigits = 2;
constexpr size_t kMostWords = 4;
constexpr const char* kPlaceholders[] = {"password", "passwd", "passphrase", "pwd", "secret", "token", "user:pass"};
constexpr const char* kStandIns[] = {"changeme", "change-me", "change_me", "placeholder", "redacted", "your", "xxxx", "****", "...",
                                     "${", "$(", "{{", "%(", "#{", "<"};
constexpr const char* kNames[] = {"password", "passwd", "secret", "token", "apikey", "_key", "-key", "credential", "auth"};
constexpr const char* kAlgorithms[] = {"sha1", "sha2", "sha3", "sha5", "md5", "aes", "rsa", "hs256", "rs256", "es256", "base64", "utf8",
                                       "utf-8", "25519", "x509", "oauth2", "pbkdf2", "pkcs", "p256", "secp", "argon2", "8859", "ipv4",
                                       "ipv6", "http2"};

bool is_one_of(char c, const char* set) { return c && std::strchr(set, c); }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }

template <size_t kCount>
bool holds(const std::string& text, const char* const (&words)[kCount]) {
    return std::any_of(words, words + kCount, [&](const char* word) { return text.find(word) != std::string::npos; });
}

// Where a value without quotes ends: before an escape, a quote, a semicolon, a tag, or the next `name=`; without what closes something else.
size_t end_of_bare(const char* text, size_t begin, size_t end) {
    for (size_t at = begin; at < end; ++at) {
        if (text[at] == '\\' || text[at] == ';' || is_quote(text[at]) || (text[at] == '<' && at > begin)) end = at;
        if (at >= end || !is_one_of(text[at], ",&|")) continue;
        size_t name = at + 1;
        while (name < end && is_name(text[name])) ++name;
        if (name > at + 1 && name < end && (text[name] == '=' || text[name] == ':')) end = at;
    }
    while (end > begin && is_one_of(text[end - 1], ",;)]}>'\"`.:")) --end;
    return end;
}

// Digits, and what dates, versions and numbers have besides.
bool is_number(const std::string& value) {
    return value.find_first_not_of("0123456789._,:+-eExXTZv^~<>= ") == std::string::npos &&
           std::count_if(value.begin(), value.end(), is_letter) <= 2;
}

// Of base64 that happens to begin like a path, the padding or a plus tells.
bool is_path(const std::string& value) {
    if (value.size() >= 24 && value.find_first_of("+=") != std::string::npos && value.find("://") == std::string::npos) return false;
    return value.find("://") != std::string::npos || value[0] == '/' || value[0] == '~' || value.compare(0, 2, "./") == 0 ||
           value.compare(0, 3, "../") == 0;
}

// #rrggbb and its like.
bool is_colour(const std::string& value) {
    return value[0] == '#' && value.size() <= 9 && std::all_of(value.begin() + 1, value.end(), is_hexadecimal);
}

// Names with dots in between.
bool is_dotted(const std::string& value) {
    if (value.size() >= 40 || value.find('.') == std::string::npos) return false;
    bool first = true;
    for (char c : value) {
        if (first ? !is_letter(c) && c != '_' : !is_letter(c) && !is_digit(c) && c != '_' && c != '.') return false;
        first = c == '.';
    }
    return !first;
}

enum class Kind : unsigned char { Lower, Upper, Digit, Other };

Kind kind_of(char c) {
    return is_digit(c) ? Kind::Digit : c >= 'a' && c <= 'z' ? Kind::Lower : c >= 'A' && c <= 'Z' ? Kind::Upper : Kind::Other;
}

struct Shape {
    size_t letters = 0;
    size_t digits = 0;
    size_t marks = 0;    // that names do not have
    size_t changes = 0;  // from one kind of character to another
    size_t words = 1;

    explicit Shape(const std::string& value) {
        for (size_t at = 0; at < value.size(); ++at) {
            const char c = value[at];
            letters += is_letter(c);
            digits += is_digit(c);
            marks += is_one_of(c, "!@#$%^&*+=~?");
            words += c == ' ';
            changes += at && kind_of(c) != kind_of(value[at - 1]);
        }
    }
};

bool is_placeholder(const std::string& value, const std::string& lower) {
    if (is_one_of(value[0], "$%<{*@")) return value[0] != '$' || is_letter(value[1]) || is_one_of(value[1], "{(_");
    if (std::all_of(value.begin(), value.end(), [&](char c) { return c == value[0]; })) return true;
    const auto equal = [&](const char* word) { return lower == word; };
    return std::any_of(std::begin(kPlaceholders), std::end(kPlaceholders), equal) || holds(lower, kStandIns);
}

bool is_code(const std::string& value, bool quoted) {
    return value.find_first_of(quoted ? "{}" : "([{}") != std::string::npos || is_path(value) || is_number(value) || is_colour(value) ||
           (is_dotted(value) && (!quoted || Shape(value).digits <= kFewDigits));
}

bool is_literal(const std::string& value, const std::string& lower) {
    const Shape shape(value);
    if (!shape.letters || shape.words > kMostWords) return false;
    if (!shape.digits) return shape.marks && value.size() >= 8 && shape.words == 1;
    if (shape.digits <= kFewDigits && holds(lower, kNames)) return false;
    return value.size() >= 24 || !holds(lower, kAlgorithms);
}

bool is_random(const std::string& value, const std::string& lower) {
    const Shape shape(value);
    if (value.size() < 24 && holds(lower, kAlgorithms)) return false;
    return shape.letters > 1 && shape.digits > 1 && shape.words == 1 && shape.changes * 6 >= value.size();
}

}  // namespace

bool is_value(Check check, const char* text, size_t* begin, size_t* end) {
    size_t from = *begin;
    while (from < *end && text[from] == '\\') ++from;
    const bool quoted = from < *end && is_quote(text[from]);
    *begin = quoted ? from + 1 : *begin;
    if (!quoted) *end = end_of_bare(text, *begin, *end);
    if (*end < *begin + kShortest[static_cast<size_t>(check)]) return false;
    const std::string value(text + *begin, *end - *begin);
    std::string lower = value;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (is_placeholder(value, lower)) return false;
    if (check == Check::Placeholder) return true;
    if (is_code(value, quoted)) return false;
    return check == Check::Random ? is_random(value, lower) : is_literal(value, lower);
}

}  // namespace aigate
