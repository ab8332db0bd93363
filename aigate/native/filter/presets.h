// The built-in rules as setup.py writes them down from aigate/masking/presets, so that none has to be read at a start.
#pragma once

#include <cstddef>

#include "../masker/literal.h"

namespace aigate {

// One rule of a preset, in the order of the table. below: nullptr where there is none. The rest as in masking/rule.py.
struct PresetRule {
    const char* preset;
    const char* group;
    const char* regex;
    const char* below;
    size_t show_prefix;
    bool case_insensitive;
    bool token;
    bool armored;
    Check check;
};

extern const PresetRule kPresetRules[];
extern const size_t kPresetRuleCount;
extern const char kIdentity[];  // of aigate and this table, see identity() in cli/mask_kept.py

}  // namespace aigate
