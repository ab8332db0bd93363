// See below.h.
#include "below.h"

#include <algorithm>

namespace aigate {

const std::vector<Below::Value>& Below::take(const char* line, size_t size) {
    found_.clear();
    const auto over = [&](Waiting& name) { return !look(name, line, size) || !--name.lines; };
    waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), over), waiting_.end());
    return found_;
}

// Whether the name goes on waiting. The expression matches a value, and lines that may stand in between without its group.
bool Below::look(const Waiting& name, const char* line, size_t size) {
    const Rule& rule = (*rules_)[name.rule];
    Match match;
    size_t looked;
    if (size > kLongest) return false;
    way_.trail.clear();
    if (!rule.below->match_here(Encoding::Latin1, line, 0, size, &match, &way_, &looked)) return false;
    if (!match.limited) return true;
    size_t begin = match.secret.begin;
    size_t end = match.secret.end;
    const bool is_one = rule.check == Check::None || is_value(rule.check, line, size, &begin, &end);
    if (is_one && begin < end) found_.push_back({name.rule, begin, end});  // what is empty is none
    return false;
}

// A name that stands there once more waits anew.
void Below::end_line() {
    for (const Waiting& name : named_) {
        const auto same = [&](const Waiting& other) { return other.rule == name.rule; };
        waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), same), waiting_.end());
        waiting_.push_back(name);
    }
    named_.clear();
}

}  // namespace aigate
