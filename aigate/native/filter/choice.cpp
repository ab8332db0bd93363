// See choice.h.
#include "choice.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kept.h"
#include "presets.h"

namespace aigate {

namespace {

using Names = std::vector<std::string_view>;

constexpr std::string_view kAll = "all", kOption = "--preset";
constexpr off_t kMostConfig = 1 << 20;  // as in config/files.py

// Which of the table's rules a name stands for: `all`, else a preset's, else a group's. Returns false for an unknown one.
bool choose(std::string_view name, std::vector<bool>* chosen) {
    bool known = false;
    const auto take = [&](const auto& matches) {
        for (size_t i = 0; i < kPresetRuleCount; ++i)
            if (matches(kPresetRules[i])) (*chosen)[i] = known = true;
    };
    take([&](const PresetRule& rule) { return name == kAll || name == rule.preset; });
    if (!known) take([&](const PresetRule& rule) { return name == rule.group; });
    return known;
}

std::unique_ptr<RuleSet> rules_of(const Names& names, const std::vector<KeptPattern>& patterns = {}) {
    std::vector<bool> chosen(kPresetRuleCount);
    for (const std::string_view name : names)
        if (!choose(name, &chosen)) return nullptr;
    auto rules = std::make_unique<RuleSet>();
    for (size_t i = 0; i < kPresetRuleCount; ++i) {
        const PresetRule& rule = kPresetRules[i];
        if (chosen[i])
            rules->trust(new Rule(rule.regex, rule.show_prefix, rule.case_insensitive, rule.token, rule.armored,
                                  rule.check, rule.below ? rule.below : ""));
    }
    for (const KeptPattern& pattern : patterns)
        rules->trust(new Rule(pattern.regex, pattern.show_prefix, pattern.case_insensitive, false, false, Check{}));
    return rules;
}

bool is_packed(std::string_view path) {
    for (const std::string_view end : {".gz", ".zst", ".bz2", ".xz"})
        if (path.size() >= end.size() && path.substr(path.size() - end.size()) == end) return true;
    return false;
}

// Returns the presets that are named, and lists the files. Nothing where anything else is said.
std::optional<Names> named(char** words, std::vector<const char*>* paths) {
    Names names;
    for (; *words; ++words) {
        const std::string_view word = *words;
        if (word == kOption && words[1]) names.push_back(*++words);
        else if (word.substr(0, kOption.size()) == kOption && word.substr(kOption.size(), 1) == "=")
            names.push_back(word.substr(kOption.size() + 1));
        else if ((word.substr(0, 1) == "-" && word != "-") || is_packed(word)) return std::nullopt;
        else paths->push_back(*words);
    }
    return names;
}

enum class Presence { There, Absent, Unknown };

Presence presence(const std::string& path) {
    struct stat found;
    if (lstat(path.c_str(), &found) == 0) return Presence::There;
    return errno == ENOENT || errno == ENOTDIR ? Presence::Absent : Presence::Unknown;
}

// Whether no file of a project applies in the working directory: see project_files() in config/files.py.
bool is_no_project(const char* home) {
    char real_home[PATH_MAX], buffer[PATH_MAX];
    if (!realpath(home, real_home) || !getcwd(buffer, sizeof buffer)) return false;
    const std::string end = std::string(real_home) + "/";
    std::string folder = buffer;
    if (folder[0] != '/') return false;  // out of reach, see getcwd(3)
    while (folder.size() > 1 && end.compare(0, folder.size() + 1, folder + "/") != 0) {
        if (presence(folder + "/.aigate.yaml") != Presence::Absent) return false;
        folder.erase(std::max<size_t>(folder.rfind('/'), 1));
    }
    return true;
}

// The user's config as it may be relied on, see config/files.py; nothing where it may not, or cannot be read.
std::optional<std::string> config_at(const std::string& path) {
    return read_file(path, 0, kMostConfig, [](const struct stat& found) { return !(found.st_mode & S_IWOTH); });
}

std::unique_ptr<RuleSet> configured_rules() {
    if (getenv("AIGATE_CALLER_AIGATE_SANDBOX")) return nullptr;
    const char* home = getenv("HOME");
    if (!home || !*home) return rules_of({kAll});
    const std::string state = std::string(home) + "/.aigate", path = state + "/config.yaml";
    const Presence there = presence(path);
    if (there == Presence::Absent) return rules_of({kAll});
    if (there == Presence::Unknown || !is_no_project(home)) return nullptr;
    const std::optional<std::string> config = config_at(path);
    if (!config) return nullptr;
    const std::optional<Kept> kept = kept_of(state + "/cache/mask", *config, kIdentity);
    if (!kept) return nullptr;
    return rules_of({kept->presets.begin(), kept->presets.end()}, kept->patterns);
}

}  // namespace

Work chosen_work(char** words) {
    Work work;
    const std::optional<Names> names = named(words, &work.paths);
    if (names) work.rules = names->empty() ? configured_rules() : rules_of(*names);
    return work;
}

}  // namespace aigate
