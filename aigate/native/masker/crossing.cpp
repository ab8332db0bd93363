// See crossing.h.
#include "crossing.h"

#include <re2/re2.h>

namespace aigate {

namespace {

// A program that can match nothing is the one instruction that fails.
constexpr int kNothing = 1;

// The expression with every CR that stands in it as an LF.
std::string one_kind_of_end(const std::string& regex) {
    std::string changed;
    for (size_t at = 0; at < regex.size(); ++at) {
        const char byte = regex[at];
        changed += byte == '\r' ? '\n' : byte;
        if (byte != '\\' || at + 1 == regex.size()) continue;
        const char next = regex[++at];
        changed += next == 'r' ? 'n' : next;
    }
    return changed;
}

}  // namespace

bool only_across_lines(const std::string& regex, bool case_insensitive) {
    if (regex.find_first_of("\n\r") == std::string::npos && regex.find('\\') == std::string::npos) return false;
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!case_insensitive);
    options.set_never_nl(true);
    const re2::RE2 without(one_kind_of_end(regex), options);
    return without.ok() && without.ProgramSize() <= kNothing;
}

}  // namespace aigate
