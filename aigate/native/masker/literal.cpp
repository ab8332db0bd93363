// See literal.h. tests/support/literal.py says the same in Python.
#include "literal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "text.h"
#include "value.h"

namespace aigate {

namespace {

constexpr size_t kShortest[] = {0, 1, 6, 16, 16};  // by check
constexpr size_t kCdata = 9;  // what begins a value in XML
constexpr size_t kFewDigits = 2;
constexpr size_t kLongestPath = 48;  // names with dots in between
constexpr size_t kMostWords = 4;
constexpr size_t kMostBetween = 8;   // characters between a name and its value
constexpr size_t kLongestUser = 48;
constexpr size_t kLongestPrefix = 2;  // of a string in code
constexpr size_t kLongestName = 15;  // of which a name's end tells
constexpr std::string_view kPlaceholders[] = {"password", "passwd", "passphrase", "pwd", "secret", "token", "pass", "mypassword", "user:pass"};
const Words kStandIns{"changeme", "change-me", "change_me", "placeholder", "redacted", "your", "xxxx", "****", "...",
                                     "${", "$(", "{{", "%(", "#{", "(?:", "][", "<"};
const Words kNames{"password", "passwd", "secret", "token", "apikey", "_key", "-key", "credential", "auth"};
// What says of a token in front of it that it is none that opens anything. The last letters do: more need not be there.
constexpr std::string_view kHarmless[] = {"next", "page", "tinuation", "gination", "starting", "request", "client", "potency", "change", "lock",
                                     "output", "input", "action", "backward", "forward", "update", "creation", "publickey"};
// Likewise of a key: one that finds or tells apart.
constexpr std::string_view kFinding[] = {"foreign", "primary", "partition", "cache", "sort", "public", "lookup", "object", "routing", "potency", "unique", "dedup", "restore"};
const Words kAlgorithms{"sha1", "sha2", "sha3", "sha5", "md5", "aes", "rsa", "hs256", "rs256", "es256", "base64", "utf8",
                                       "utf-8", "25519", "x509", "oauth2", "pbkdf2", "pkcs", "p256", "secp", "argon2", "8859", "ipv4",
                                       "ipv6", "http2"};

// How tokens of vendors begin, with a mark or four letters that say whose they are: this much of a value stays readable.
const Words kBeginnings{
    "AGE-SECRET-KEY-", "AIza", "AKIA", "APP_USR-", "ASIA", "AVNS_", "BBDC-", "CCDB1_", "CFPAT-", "CLOJARS_", "GOCSPX-",
    "HRKU-", "KGAT_", "Mid-server-", "PMAK-", "PMAT-", "RGAPI-", "SWMKEY-1-", "SWMTKN-1-", "akab-", "api_org_",
    "apify_api_", "bb_live_", "bedrock-api-key-", "cfk_", "cosmo_", "cpk_", "csk-", "ctx7sk-", "cxtp_", "cxup_", "dapi",
    "dbtc_", "dbtu_", "dckr_oat_", "dckr_pat_", "ddapp_", "ddo_", "ddp_", "dnkey-", "doo_v1_", "dop_v1_", "dor_v1_",
    "dos_v1_", "dtn_", "dvc_server_", "e2b_", "esecret_", "essu_", "fio-u-", "fo1_", "gcntfy-", "gho_", "ghp_", "ghr_",
    "ghs_", "ghu_", "github_pat_", "glagent-", "glc_", "glcbt-", "gldt-", "glft-", "glimt-", "gloas-", "glpat-", "glptt-",
    "glrt-", "glsa_", "glsoat-", "gsk_", "hf_", "jca_", "jina_", "jsrp_", "kpat_", "lin_api_", "lin_oauth_", "llx-",
    "mdb_sa_sk_", "mergify_application_key_", "napi_", "nbp_", "nfb_", "nfc_", "nfo_", "nfp_", "nfu_", "npm_", "ntn_",
    "nvapi-", "ory_", "ovsxat_", "p8e-", "packagist_", "packagist_ack_", "pcsk_", "phx_", "plane_api_", "pnb_", "pnu_",
    "pplx-", "pscale_", "pylf_", "pypi-", "r8_", "ramp_sec_", "rdme_", "rk_live_", "rk_test_", "rnd_", "rootly_", "rpa_",
    "rqsty-sk-", "rubygems_", "samsara_api_", "sb_secret_", "sbp_", "scp-live-", "sgamp_user_", "sgp_", "shpat_", "shpca_",
    "shppa_", "shpss_", "sk-", "sk-ant-", "sk_car_", "sk_live_", "sk_org_", "sk_test_", "sktsec_", "slk_", "sm_aat_",
    "sm_sat_", "sntrys_", "sntryu_", "spat_", "sqa_", "sqp_", "squ_", "tfp_", "tgp_v1_", "tk-us-", "tpuf_", "tskey-",
    "tss_", "tvly-", "ucat_", "unkey_", "vca_", "vcc_", "vci_", "vck_", "vcp_", "vcr_", "vtwn_", "waka_", "wandb_v1_",
    "whsec_", "xaat-", "xai-", "xapp-", "xapt-", "xau_", "xoxa-", "xoxb-", "xoxd-", "xoxe-", "xoxp-", "xoxr-", "xoxs-",
    "xwfp-", "zpka_", "zut_", "zwt_"};
constexpr size_t kShortestToken = 16;  // behind such a beginning

bool is_one_of(char c, std::string_view set) {
    bool found = false;
    for (char one : set) found |= one == c;
    return found;
}

// Characters, for a look at each of many.
class Set {
  public:
    explicit Set(std::string_view characters) {
        for (char c : characters) has_[static_cast<unsigned char>(c)] = true;
    }
    bool operator[](char c) const { return has_[static_cast<unsigned char>(c)]; }

  private:
    std::array<bool, 256> has_{};
};
const Set kMarks("!@#$%^&*+=~?");

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }

// Whether a quote begins there as HTML writes it.
bool is_entity(const char* text, size_t at, size_t end) {
    const std::string_view word(text + at, std::min<size_t>(end - at, 6));
    return word == "&quot;" || word == "&apos;" || word.substr(0, 5) == "&#34;" || word.substr(0, 5) == "&#39;";
}

// Whether a URL's user stands in front, as in `https://x-access-token:`.
bool is_in_authority(const char* text, size_t begin) {
    size_t at = begin;
    while (at && begin - at < kLongestUser && (is_name(text[at - 1]) || text[at - 1] == ':')) --at;
    return at >= 3 && at < begin && text[at - 1] == '/' && text[at - 2] == '/' && text[at - 3] == ':';
}

// In front of the last @ before what ends an authority (RFC 3986, section 3.2), which may stand right behind; 0 if there is none.
size_t end_of_password(const char* text, size_t size, size_t begin, size_t end) {
    size_t found = 0;
    for (size_t at = begin; at < size && at <= end && !is_one_of(text[at], "/?#"); ++at)
        if (text[at] == '@') found = at;
    return found;
}

// How long a quote is that ends no word: one that a shell writes within a word in single quotes, closing and opening these again,
// or an apostrophe between letters that is none behind the prefix of a string (`N'`, `rb'`); 0 if there is none.
size_t quote_in_word(const char* text, size_t begin, size_t at, size_t end) {
    if (text[at] != '\'') return 0;
    for (std::string_view quote : {"'\\''", "'\"'\"'"})
        if (std::string_view(text + at, std::min(end - at, quote.size())) == quote) return quote.size();
    const auto in_word = [](char c) { return is_letter(c) || is_digit(c); };
    return at > begin + kLongestPrefix && at + 1 < end && in_word(text[at - 1]) && in_word(text[at + 1]) ? 1 : 0;
}

// Where a value without quotes ends: before an escape, a quote, a semicolon, a tag, or the next `name=`; without what closes something else.
size_t end_of_bare(const char* text, size_t size, size_t begin, size_t end) {
    if (is_in_authority(text, begin))
        if (const size_t password = end_of_password(text, size, begin, end)) return password;
    static const Set ends("\\;\"'`<,&|");
    for (size_t at = begin; at < end; ++at) {
        if (!ends[text[at]]) continue;
        if (const size_t quote = quote_in_word(text, begin, at, end)) {
            at += quote - 1;
            continue;
        }
        if (text[at] == '\\' || text[at] == ';' || is_quote(text[at]) || (text[at] == '<' && at > begin)) end = at;
        if (at >= end || !is_one_of(text[at], ",&|")) continue;
        size_t name = at + 1;
        while (name < end && is_name(text[name])) ++name;
        if (name > at + 1 && name < end && (text[name] == '=' || text[name] == ':')) end = at;
        if (text[at] == '&' && is_entity(text, at, end)) end = at;
    }
    while (end > begin && is_one_of(text[end - 1], ",;)]}>'\"`.:")) --end;
    return end;
}

// Digits, and what dates, versions and numbers have besides.
bool is_number(const Value& value) {
    static constexpr Characters numbers("0123456789._,:+-eExXTZv^~<>= ");
    return value.has_only(numbers) && std::count_if(value.text.begin(), value.text.end(), is_letter) <= 2;
}

// Of base64 that happens to begin like a path, the padding or a plus tells.
bool is_path(const Value& value) {
    static constexpr Characters base64("+=");
    if (value.begins_with("arn:")) return true;
    const bool is_url = value.holds("://");
    if (value.text.size() >= 24 && value.has_one_of(base64) && !is_url) return false;
    return is_url || value.text[0] == '/' || value.text[0] == '~' || value.begins_with("./") || value.begins_with("../");
}

// #rrggbb and its like.
bool is_colour(std::string_view value) {
    return value[0] == '#' && value.size() <= 9 && std::all_of(value.begin() + 1, value.end(), is_hexadecimal);
}

// Names with dots in between.
bool is_dotted(std::string_view value) {
    if (value.size() >= kLongestPath || value.find('.') == std::string_view::npos) return false;
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

    explicit Shape(std::string_view value) {
        for (size_t at = 0; at < value.size(); ++at) {
            const char c = value[at];
            letters += is_letter(c);
            digits += is_digit(c);
            marks += kMarks[c];
            words += c == ' ';
            changes += at && kind_of(c) != kind_of(value[at - 1]);
        }
    }
};

bool is_placeholder(const Value& value) {
    const std::string_view text = value.text;
    if (is_one_of(text[0], "$%<{*@")) return text[0] != '$' || text.size() < 2 || is_letter(text[1]) || is_one_of(text[1], "{(_");
    if (std::all_of(text.begin(), text.end(), [&](char c) { return c == text[0]; })) return true;
    const auto equal = [&](std::string_view word) { return value.lower == word; };
    return std::any_of(std::begin(kPlaceholders), std::end(kPlaceholders), equal) || kStandIns.in(value.lower);
}

// What validators check, one behind the other: `required|min:8`.
bool is_validation(const Value& value) {
    if (!value.has('|') || value.text.back() == '|') return false;
    bool first = true;
    for (char c : value.text) {
        if (first ? kind_of(c) != Kind::Lower : kind_of(c) == Kind::Upper || (!is_name(c) && !is_one_of(c, "|:,"))) return false;
        first = c == '|';
    }
    return true;
}

bool is_code(const Value& value, bool quoted) {
    static constexpr Characters brackets("([{}");
    static constexpr Characters braces("{}");
    const std::string_view text = value.text;
    if (value.begins_with("ENC(") || value.begins_with("ENC[")) return true;  // encrypted, to be kept with the sources
    const bool selector = quoted && (text[0] == '[' ? text.back() == ']' : text[0] == '+' && text.back() == '+');
    return selector || value.has_one_of(quoted ? braces : brackets) || is_path(value) || is_number(value) || is_colour(text) ||
           (is_dotted(text) && (!quoted || Shape(text).digits <= kFewDigits)) || is_validation(value);
}

bool is_literal(const Value& value) {
    const Shape shape(value.text);
    if (!shape.letters || shape.words > kMostWords) return false;
    const size_t edges = (is_one_of(value.text.back(), "*?=") ? 1 : 0) + (value.text[0] == '?' ? 1 : 0);
    if (!shape.digits) return shape.marks > edges && value.text.size() >= 8 && shape.words == 1;
    if (shape.digits <= kFewDigits && kNames.in(value.lower)) return false;
    return value.text.size() >= 24 || !kAlgorithms.in(value.lower);
}

// The names of types, with what stands between them, and expressions.
bool is_expression(const Value& value) {
    static constexpr Characters signs("*!=?|,$");
    static constexpr Characters numbers("0123456789.-");
    const std::string_view text = value.text;
    if (text[0] == ':') return true;  // of `Token::Name`
    if (!value.has_one_of(signs)) return false;
    const size_t star = text.find('*');
    if (star <= 2 && std::all_of(text.begin(), text.begin() + star, is_digit) && std::all_of(text.begin() + star + 1, text.end(), is_letter)) return true;
    const std::string_view front = text.substr(0, text.size() - std::min<size_t>(2, text.size()));
    if (value.begins_with("!!") || value.holds("===") || value.holds("??") || front.find("==") != std::string_view::npos) return true;
    const auto all = [&](std::string_view more) {
        return std::all_of(text.begin(), text.end(), [&](char c) { return is_name(c) || is_one_of(c, more); });
    };
    if (value.has('|') && all("| ")) return true;
    const size_t question = text.find('?');
    if (question != std::string_view::npos && text.find(':', question) != std::string_view::npos && all("$?:!")) return true;
    if (text.find(',') <= 2) return true;
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos && is_dotted(text.substr(0, equals)) && all("=$")) return true;
    if (text.back() == '!' && is_dotted(text.substr(0, text.size() - 1))) return true;
    return value.has('$') && !value.has_one_of(numbers) && all("$");
}

// A name with a number at its end, as types and variables have it, and what follows it in code.
bool is_numbered_name(std::string_view value, const char* text, size_t begin, size_t end, size_t stop) {
    if (begin < 2 || end == stop || text[begin - 1] != ' ' || text[begin - 2] != ':' || !is_one_of(text[end], ",;")) return false;
    const auto* const digits = std::find_if(value.begin(), value.end(), is_digit);
    const auto letters = static_cast<size_t>(digits - value.begin());
    if (digits == value.end() || value.size() - letters > 4 || !std::all_of(digits, value.end(), is_digit)) return false;
    bool hump = false;
    for (size_t at = 1; at < letters; ++at) hump |= kind_of(value[at - 1]) == Kind::Lower && kind_of(value[at]) == Kind::Upper;
    return hump && std::all_of(value.begin(), digits, [](char c) { return is_letter(c) || c == '_'; });
}

bool ends_with(std::string_view name, std::string_view word) {
    return name.size() >= word.size() && name.substr(name.size() - word.size()) == word;
}

// Whether a name ends in a word that has one of several in front of it.
template <size_t kCount>
bool ends_in_one(std::string_view name, std::string_view last, const std::string_view (&words)[kCount]) {
    if (!ends_with(name, last)) return false;
    name.remove_suffix(last.size());
    return std::any_of(words, words + kCount, [&](std::string_view word) { return ends_with(name, word); });
}

// Whether the name in front of a value says that it is none: of a token that leads to the next page, say, or of a secret that
// is only named (Amazon's resource names).
bool is_harmless(const char* text, size_t begin) {
    size_t at = begin;
    while (at && begin - at < kMostBetween && (is_quote(text[at - 1]) || is_one_of(text[at - 1], " \t:=>\\"))) --at;
    const size_t end = at;
    while (at && end - at < kLongestName && (is_letter(text[at - 1]) || is_one_of(text[at - 1], "_-"))) --at;
    if (std::string_view(text + at, end - at) == "secret" && at && text[at - 1] == ':' && text[begin - 1] == ':') return true;
    char letters[kLongestName];
    size_t count = 0;
    for (; at < end; ++at)
        if (is_letter(text[at])) letters[count++] = static_cast<char>(text[at] | 0x20);
    const std::string_view name(letters, count);
    return ends_in_one(name, "token", kHarmless) || ends_in_one(name, "key", kFinding);
}

bool is_random(const Value& value) {
    const Shape shape(value.text);
    if (value.text.size() < 24 && kAlgorithms.in(value.lower)) return false;
    if (shape.letters <= 1 || shape.words != 1) return false;
    return shape.digits > 1 ? shape.changes * 6 >= value.text.size() : shape.changes * 2 >= value.text.size();
}

// How many bytes of a value say whose token it is: the longest such beginning, in front of what tokens consist of.
size_t beginning_of(std::string_view value) {
    const size_t size = kBeginnings.beginning(value);
    if (!size || value.size() < size + kShortestToken) return 0;
    return std::all_of(value.begin() + size, value.end(), [](char c) { return is_name(c); }) ? size : 0;
}

// Whether `sha256=` or its like stands in front, with the name of any such algorithm.
bool is_behind_digest(const char* text, size_t begin) {
    if (!begin || !is_one_of(text[begin - 1], "=:-")) return false;
    size_t at = begin - 1;
    while (at && is_digit(text[at - 1])) --at;
    if (at == begin - 1 || at < 3) return false;
    return (text[at - 3] | 0x20) == 's' && (text[at - 2] | 0x20) == 'h' && (text[at - 1] | 0x20) == 'a';
}

}  // namespace

bool is_value(Check check, const char* text, size_t size, size_t* begin, size_t* end) {
    const size_t first = *begin;
    const size_t stop = *end;
    if (*end - *begin > kCdata && std::memcmp(text + *begin, "<![CDATA[", kCdata) == 0) *begin += kCdata;
    size_t from = *begin;
    while (from < *end && text[from] == '\\') ++from;
    if (from + 1 < *end && text[from] == '$' && text[from + 1] == '\'') ++from;  // as bash quotes control characters
    const bool quoted = from < *end && is_quote(text[from]);
    *begin = quoted ? from + 1 : *begin;
    if (!quoted) *end = end_of_bare(text, size, *begin, *end);
    if (*end < *begin + kShortest[static_cast<size_t>(check)]) return false;
    const Value value(text + *begin, *end - *begin);
    if (is_placeholder(value)) return false;
    if (check == Check::Placeholder) return true;
    if (is_code(value, quoted) || is_harmless(text, first)) return false;
    if (!quoted && (is_expression(value) || is_numbered_name(value.text, text, *begin, *end, stop))) return false;
    if (check >= Check::Random ? !is_random(value) : !is_literal(value)) return false;
    *begin += beginning_of(value.text);
    return true;
}

bool stands_apart(const char* text, size_t size, size_t begin, size_t end) {
    if (begin && (text[begin - 1] == '+' || text[begin - 1] == '/')) return false;
    if (is_behind_digest(text, begin)) return false;
    if (end >= size) return true;
    const char behind = text[end];
    return !is_letter(behind) && !is_digit(behind) && !is_one_of(behind, "_+/=-");
}

}  // namespace aigate
