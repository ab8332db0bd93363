// See link.h.
#include "link.h"

#include <algorithm>
#include <cstddef>

namespace aigate {

namespace {

// Of files that are often named by themselves; others with a dot in their name may be hosts.
constexpr const char* kFiles[] = {"c", "cc", "cfg", "conf", "cpp", "css", "csv", "go", "h", "hpp", "htm", "html", "ini", "java", "js", "json", "jsx",
                                  "kt", "lock", "log", "lua", "md", "pdf", "php", "png", "py", "rb", "rs", "rst", "sh", "sql", "svg", "swift", "toml",
                                  "ts", "tsx", "txt", "xml", "yaml", "yml"};

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

bool is_letter(char byte) { return (lower(byte) >= 'a' && lower(byte) <= 'z') || static_cast<unsigned char>(byte) >= 0x80; }

bool is_name(char byte) { return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_'; }

bool begins(const std::string& text, const std::string& with) { return text.compare(0, with.size(), with) == 0; }

bool ends(const std::string& text, const std::string& with) {
    return text.size() >= with.size() && text.compare(text.size() - with.size(), with.size(), with) == 0;
}

size_t host_end(const std::string& address) { return std::min(address.find_first_of("/?#"), address.size()); }

// Without the scheme, scheme and host in small letters.
std::string without_scheme(const std::string& address) {
    const size_t scheme = address.find("://");
    std::string rest = scheme == std::string::npos ? address : address.substr(scheme + 3);
    std::transform(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(host_end(rest)), rest.begin(), lower);
    return rest;
}

std::string scheme_of(const std::string& address) {
    std::string scheme = address.substr(0, address.find(':') == std::string::npos ? 0 : address.find(':'));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), lower);
    return scheme;
}

// Names with dots between, the last of them of letters: what may be a host.
bool may_be_host(const std::string& word) {
    const std::string host = word.substr(0, std::min(word.find_first_of("/?#:"), word.size()));
    const size_t dot = host.rfind('.');
    if (dot == std::string::npos || dot == 0 || host.size() - dot < 3) return false;
    return is_letter(host[dot + 1]) && std::all_of(host.begin(), host.end(), [](char byte) { return is_name(byte) || byte == '.'; });
}

// A shortened address ends like this.
bool cut_ellipsis(std::string* word) {
    for (const char* dots : {"\u2026", "..."}) {
        const std::string mark = dots;
        if (!ends(*word, mark)) continue;
        word->erase(word->size() - mark.size());
        return true;
    }
    return false;
}

bool is_file_of(const std::string& word, const std::string& target) {
    const std::string name = word.substr(0, std::min(word.find(':'), word.size()));
    const std::string path = target.substr(0, std::min(target.find_first_of("?#"), target.size()));
    if (!ends(path, "/" + name)) return false;
    const std::string kind = name.substr(name.rfind('.') + 1);
    return std::any_of(std::begin(kFiles), std::end(kFiles), [&](const char* known) { return kind == known; });
}

// Whether an address in the text is the target, or a beginning of it with its whole host.
bool leads_to(std::string word, const std::string& target) {
    const bool cut = cut_ellipsis(&word);
    const size_t scheme = word.find("://");
    if (scheme != std::string::npos && scheme_of(word) != scheme_of(target)) return false;
    const std::string said = without_scheme(word);
    const std::string real = without_scheme(target);
    if (said == real) return true;
    if (said.empty() || host_end(said) != host_end(real) || !begins(real, said)) return false;
    return cut || ends(said, "/") || std::string("/?#").find(real[said.size()]) != std::string::npos;
}

bool is_word_honest(const std::string& word, const std::string& target) {
    const std::string scheme = scheme_of(target);
    const bool address = word.find("://") != std::string::npos;
    if (scheme == "mailto") return word.find('@') == std::string::npos ? !address : begins(target.substr(7) + '?', word + '?');
    if (!address && !may_be_host(word)) return true;
    if (leads_to(word, target)) return true;
    return !address && is_file_of(word, target);
}

}  // namespace

bool is_honest(const std::string& text, const std::string& target) {
    const std::string scheme = scheme_of(target);
    if (scheme != "http" && scheme != "https" && scheme != "file" && scheme != "mailto") return false;
    const std::string address = without_scheme(target);
    if (scheme != "mailto" && address.substr(0, host_end(address)).find_first_of("@\\") != std::string::npos) return false;
    const std::string between = " \t\r\n\"'`<>()[]{}|,;";
    size_t at = 0;
    while ((at = text.find_first_not_of(between, at)) != std::string::npos) {
        const size_t end = std::min(text.find_first_of(between, at), text.size());
        std::string word = text.substr(at, end - at);
        while (!word.empty() && !ends(word, "...") && std::string(".:!").find(word.back()) != std::string::npos) word.pop_back();
        if (!is_word_honest(word, target)) return false;
        at = end;
    }
    return true;
}

}  // namespace aigate
