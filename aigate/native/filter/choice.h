// Which rules `aigate mask` is to use, where that is plain: by presets that are named, by all of them where there is no
// config, or by what was kept of the user's config. Everything else is left to cli/mask.py, which also words what is wrong.
#pragma once

#include <memory>

#include "../masker/rules.h"

namespace aigate {

// Returns the rules of a command line; nullptr where it is not plain. words: what follows `mask`, ended by nullptr.
std::unique_ptr<RuleSet> chosen_rules(char** words);

}  // namespace aigate
