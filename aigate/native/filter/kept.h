// What cli/mask_kept.py keeps of a config, read. An entry counts for the very bytes of the config that it holds.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace aigate {

struct KeptPattern {
    std::string regex;
    size_t show_prefix;
    bool case_insensitive;
};

struct Kept {
    std::vector<std::string> presets;
    std::vector<KeptPattern> patterns;
};

// Returns a regular file's content, nothing where it is no such file, is larger, cannot be read, or is not accepted.
// flags: of open(2), besides those for reading without waiting.
std::optional<std::string> read_file(const std::string& path, int flags, off_t most, const std::function<bool(const struct stat&)>& accepted);

// Returns the entry at a path if it is the user's own, whole, of this very aigate and for this config.
std::optional<Kept> kept_of(const std::string& path, const std::string& config, const std::string& identity);

}  // namespace aigate
