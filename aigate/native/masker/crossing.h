// Whether an expression can match nothing but what crosses the end of a line.
#pragma once

#include <string>

namespace aigate {

// The expression is one that RE2 takes.
bool only_across_lines(const std::string& regex, bool case_insensitive);

}  // namespace aigate
