// What `aigate mask` is to do, where that is plain: copy files, by presets that are named, by all of them where there is no
// config, or by what was kept of the user's config. Everything else is left to cli/mask.py, which also words what is wrong.
#pragma once

#include <memory>
#include <vector>

#include "../masker/rules.h"

namespace aigate {

struct Work {
    std::unique_ptr<RuleSet> rules;  // nullptr where it is not plain
    std::vector<const char*> paths;  // as they were typed, `-` for standard input; none means that, too
};

// words: what follows `mask`, ended by nullptr.
Work chosen_work(char** words);

}  // namespace aigate
