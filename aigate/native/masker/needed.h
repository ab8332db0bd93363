// What no match of an expression can do without: texts of which each holds one.
#pragma once

#include <string>
#include <vector>

namespace aigate {

// In lower case, and of matches that are ASCII alone, in whatever case they are. Empty where none are known.
std::vector<std::string> needed(const std::string& regex, bool case_insensitive);

}  // namespace aigate
