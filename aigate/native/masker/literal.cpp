// See literal.h. tests/support/literal.py says the same in Python.
#include "literal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "text.h"

namespace aigate {

namespace {

// Words by their first byte: most of a text begins none of them.
class Words {
  public:
    Words(std::initializer_list<std::string_view> words) {
        for (std::string_view word : words) of_[static_cast<unsigned char>(word[0])].push_back(word);
    }
    // How long the longest of them is that a text begins with; 0 if there is none.
    size_t beginning(std::string_view text) const {
        size_t size = 0;
        if (text.empty()) return size;
        for (std::string_view word : of_[static_cast<unsigned char>(text[0])])
            if (word.size() > size && text.substr(0, word.size()) == word) size = word.size();
        return size;
    }
    bool in(std::string_view text) const {
        for (; !text.empty(); text.remove_prefix(1))
            if (beginning(text)) return true;
        return false;
    }

  private:
    std::array<std::vector<std::string_view>, 256> of_;
};

constexpr size_t kShortest[] = {0, 1, 6, 16, 16};  // by check
constexpr size_t kCdata = 9;  // what begins a value in XML
constexpr size_t kFewDigits = 2;
constexpr size_t kLongestPath = 48;  // names with dots in between
constexpr size_t kMostWords = 4;
constexpr size_t kMostBetween = 8;   // characters between a name and its value
constexpr size_t kLongestUser = 48;
constexpr size_t kLongestPrefix = 2;  // of a string in code
constexpr size_t kLongestName = 15;  // of which a name's end tells
constexpr const char* kPlaceholders[] = {"password", "passwd", "passphrase", "pwd", "secret", "token", "pass", "mypassword", "user:pass"};
const Words kStandIns{"changeme", "change-me", "change_me", "placeholder", "redacted", "your", "xxxx", "****", "...",
                                     "${", "$(", "{{", "%(", "#{", "(?:", "][", "<"};
const Words kNames{"password", "passwd", "secret", "token", "apikey", "_key", "-key", "credential", "auth"};
// What says of a token in front of it that it is none that opens anything. The last letters do: more need not be there.
constexpr const char* kHarmless[] = {"next", "page", "tinuation", "gination", "starting", "request", "client", "potency", "change", "lock",
                                     "output", "input", "action", "backward", "forward", "update", "creation", "publickey"};
// Likewise of a key: one that finds or tells apart.
constexpr const char* kFinding[] = {"foreign", "primary", "partition", "cache", "sort", "public", "lookup", "object", "routing", "potency", "unique", "dedup", "restore"};
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
    const std::string word(text + at, std::min<size_t>(end - at, 6));
    return word.compare(0, 6, "&quot;") == 0 || word.compare(0, 6, "&apos;") == 0 || word.compare(0, 5, "&#34;") == 0 || word.compare(0, 5, "&#39;") == 0;
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
    for (const char* quote : {"'\\''", "'\"'\"'"}) {
        const size_t size = std::strlen(quote);
        if (end - at >= size && std::memcmp(text + at, quote, size) == 0) return size;
    }
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
bool is_number(const std::string& value) {
    return value.find_first_not_of("0123456789._,:+-eExXTZv^~<>= ") == std::string::npos &&
           std::count_if(value.begin(), value.end(), is_letter) <= 2;
}

// Of base64 that happens to begin like a path, the padding or a plus tells.
bool is_path(const std::string& value) {
    if (value.compare(0, 4, "arn:") == 0) return true;
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
    if (value.size() >= kLongestPath || value.find('.') == std::string::npos) return false;
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
            marks += kMarks[c];
            words += c == ' ';
            changes += at && kind_of(c) != kind_of(value[at - 1]);
        }
    }
};

bool is_placeholder(const std::string& value, const std::string& lower) {
    if (is_one_of(value[0], "$%<{*@")) return value[0] != '$' || value.size() < 2 || is_letter(value[1]) || is_one_of(value[1], "{(_");
    if (std::all_of(value.begin(), value.end(), [&](char c) { return c == value[0]; })) return true;
    const auto equal = [&](const char* word) { return lower == word; };
    return std::any_of(std::begin(kPlaceholders), std::end(kPlaceholders), equal) || kStandIns.in(lower);
}

// What validators check, one behind the other: `required|min:8`.
bool is_validation(const std::string& value) {
    if (value.find('|') == std::string::npos || value.back() == '|') return false;
    bool first = true;
    for (char c : value) {
        if (first ? kind_of(c) != Kind::Lower : kind_of(c) == Kind::Upper || (!is_name(c) && !is_one_of(c, "|:,"))) return false;
        first = c == '|';
    }
    return true;
}

bool is_code(const std::string& value, bool quoted) {
    if (value.compare(0, 4, "ENC(") == 0 || value.compare(0, 4, "ENC[") == 0) return true;  // encrypted, to be kept with the sources
    const bool selector = quoted && (value[0] == '[' ? value.back() == ']' : value[0] == '+' && value.back() == '+');
    return selector || value.find_first_of(quoted ? "{}" : "([{}") != std::string::npos || is_path(value) || is_number(value) || is_colour(value) ||
           (is_dotted(value) && (!quoted || Shape(value).digits <= kFewDigits)) || is_validation(value);
}

bool is_literal(const std::string& value, const std::string& lower) {
    const Shape shape(value);
    if (!shape.letters || shape.words > kMostWords) return false;
    const size_t edges = (is_one_of(value.back(), "*?=") ? 1 : 0) + (value[0] == '?' ? 1 : 0);
    if (!shape.digits) return shape.marks > edges && value.size() >= 8 && shape.words == 1;
    if (shape.digits <= kFewDigits && kNames.in(lower)) return false;
    return value.size() >= 24 || !kAlgorithms.in(lower);
}

// The names of types, with what stands between them, and expressions.
bool is_expression(const std::string& value) {
    if (value[0] == ':') return true;  // of `Token::Name`
    const size_t star = value.find('*');
    if (star <= 2 && std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(star), is_digit) && std::all_of(value.begin() + static_cast<std::ptrdiff_t>(star) + 1, value.end(), is_letter)) return true;
    if (value.compare(0, 2, "!!") == 0 || value.find("===") != std::string::npos || value.find("??") != std::string::npos || value.substr(0, value.size() - std::min<size_t>(2, value.size())).find("==") != std::string::npos) return true;
    const auto all = [&](const char* more) {
        return std::all_of(value.begin(), value.end(), [&](char c) { return is_name(c) || is_one_of(c, more); });
    };
    if (value.find('|') != std::string::npos && all("| ")) return true;
    const size_t question = value.find('?');
    if (question != std::string::npos && value.find(':', question) != std::string::npos && all("$?:!")) return true;
    if (value.find(',') <= 2) return true;
    const size_t equals = value.find('=');
    if (equals != std::string::npos && is_dotted(value.substr(0, equals)) && all("=$")) return true;
    if (value.back() == '!' && is_dotted(value.substr(0, value.size() - 1))) return true;
    return value.find('$') != std::string::npos && value.find_first_of("0123456789.-") == std::string::npos && all("$");
}

// A name with a number at its end, as types and variables have it, and what follows it in code.
bool is_numbered_name(const std::string& value, const char* text, size_t begin, size_t end, size_t stop) {
    if (begin < 2 || end == stop || text[begin - 1] != ' ' || text[begin - 2] != ':' || !is_one_of(text[end], ",;")) return false;
    const size_t letters = value.find_first_of("0123456789");
    if (letters == std::string::npos || value.size() - letters > 4 || value.find_first_not_of("0123456789", letters) != std::string::npos) return false;
    bool hump = false;
    for (size_t at = 1; at < letters; ++at) hump |= kind_of(value[at - 1]) == Kind::Lower && kind_of(value[at]) == Kind::Upper;
    return hump && std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(letters), [](char c) { return is_letter(c) || c == '_'; });
}

// Whether a name ends in a word that has one of several in front of it.
template <size_t kCount>
bool ends_in_one(std::string name, const std::string& last, const char* const (&words)[kCount]) {
    const auto ends = [&](const std::string& word) {
        return name.size() >= word.size() && name.compare(name.size() - word.size(), word.size(), word) == 0;
    };
    if (!ends(last)) return false;
    name.resize(name.size() - last.size());
    return std::any_of(words, words + kCount, ends);
}

// Whether the name in front of a value says that it is none: of a token that leads to the next page, say, or of a secret that
// is only named (Amazon's resource names).
bool is_harmless(const char* text, size_t begin) {
    size_t at = begin;
    while (at && begin - at < kMostBetween && (is_quote(text[at - 1]) || is_one_of(text[at - 1], " \t:=>\\"))) --at;
    const size_t end = at;
    while (at && end - at < kLongestName && (is_letter(text[at - 1]) || is_one_of(text[at - 1], "_-"))) --at;
    std::string name(text + at, end - at);
    if (name == "secret" && at && text[at - 1] == ':' && text[begin - 1] == ':') return true;
    name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return !is_letter(c); }), name.end());
    for (char& c : name) c = static_cast<char>(c | 0x20);
    return ends_in_one(name, "token", kHarmless) || ends_in_one(name, "key", kFinding);
}

bool is_random(const std::string& value, const std::string& lower) {
    const Shape shape(value);
    if (value.size() < 24 && kAlgorithms.in(lower)) return false;
    if (shape.letters <= 1 || shape.words != 1) return false;
    return shape.digits > 1 ? shape.changes * 6 >= value.size() : shape.changes * 2 >= value.size();
}

// How many bytes of a value say whose token it is: the longest such beginning, in front of what tokens consist of.
size_t beginning_of(const std::string& value) {
    const size_t size = kBeginnings.beginning(value);
    if (!size || value.size() < size + kShortestToken) return 0;
    return std::all_of(value.begin() + static_cast<std::ptrdiff_t>(size), value.end(), [](char c) { return is_name(c); }) ? size : 0;
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
    const std::string value(text + *begin, *end - *begin);
    std::string lower = value;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (is_placeholder(value, lower)) return false;
    if (check == Check::Placeholder) return true;
    if (is_code(value, quoted) || is_harmless(text, first)) return false;
    if (!quoted && (is_expression(value) || is_numbered_name(value, text, *begin, *end, stop))) return false;
    if (check >= Check::Random ? !is_random(value, lower) : !is_literal(value, lower)) return false;
    *begin += beginning_of(value);
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
