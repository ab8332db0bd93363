// See kept.h.
#include "kept.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace aigate {

namespace {

constexpr std::string_view kMagic = "aigate mask 1\n";
constexpr off_t kMostKept = 4 << 20;
constexpr uint32_t kPolynomial = 0xEDB88320;  // CRC-32 as zlib has it (RFC 1952, section 8)
constexpr size_t kWordSize = 4;

uint32_t checksum(std::string_view text) {
    uint32_t sum = ~uint32_t{0};
    for (const char c : text) {
        sum ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ (sum & 1 ? kPolynomial : 0);
    }
    return ~sum;
}

// Reads numbers of four bytes, the lowest first, and texts behind such a number, which is their length.
class Fields {
  public:
    explicit Fields(std::string_view text) : left_(text) {}

    bool empty() const { return left_.empty(); }
    bool number(uint32_t* value) {
        if (left_.size() < kWordSize) return false;
        *value = 0;
        for (size_t i = kWordSize; i-- > 0;) *value = *value << 8 | static_cast<unsigned char>(left_[i]);
        left_.remove_prefix(kWordSize);
        return true;
    }
    bool text(std::string* value) {
        uint32_t size;
        if (!number(&size) || left_.size() < size) return false;
        *value = left_.substr(0, size);
        left_.remove_prefix(size);
        return true;
    }
    std::string_view left() const { return left_; }

  private:
    std::string_view left_;
};

bool is_own(const struct stat& found) {
    return found.st_uid == geteuid() && !(found.st_mode & (S_IWGRP | S_IWOTH));
}

std::optional<std::string> content_of(int file, off_t most, const std::function<bool(const struct stat&)>& accepted) {
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > most || !accepted(found)) return std::nullopt;
    std::string content(static_cast<size_t>(found.st_size) + 1, '\0');  // one more: it may be growing
    size_t size = 0;
    while (size < content.size()) {
        const ssize_t got = read(file, content.data() + size, content.size() - size);
        if (got == 0) {
            content.resize(size);
            return content;
        }
        if (got < 0 && errno != EINTR) break;
        if (got > 0) size += static_cast<size_t>(got);
    }
    return std::nullopt;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::optional<Kept> rules_in(Fields fields) {
    Kept kept;
    std::string presets, flags;
    if (!fields.text(&presets)) return std::nullopt;
    kept.presets = lines_of(presets);
    while (!fields.empty()) {
        KeptPattern pattern;
        std::string shown;
        if (!fields.text(&pattern.regex) || !fields.text(&shown) || !fields.text(&flags)) return std::nullopt;
        const auto read = std::from_chars(shown.data(), shown.data() + shown.size(), pattern.show_prefix);
        if (read.ec != std::errc() || read.ptr != shown.data() + shown.size()) return std::nullopt;
        pattern.case_insensitive = flags == "i";
        kept.patterns.push_back(std::move(pattern));
    }
    return kept;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, int flags, off_t most, const std::function<bool(const struct stat&)>& accepted) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    if (file < 0) return std::nullopt;
    std::optional<std::string> content = content_of(file, most, accepted);
    close(file);
    return content;
}

std::optional<Kept> kept_of(const std::string& path, const std::string& config, const std::string& identity) {
    const std::optional<std::string> entry = read_file(path, O_NOFOLLOW, kMostKept, is_own);
    if (!entry || entry->compare(0, kMagic.size(), kMagic) != 0) return std::nullopt;
    Fields fields(std::string_view(*entry).substr(kMagic.size()));
    uint32_t sum;
    std::string of_identity, of_config;
    if (!fields.number(&sum) || sum != checksum(fields.left())) return std::nullopt;
    if (!fields.text(&of_identity) || !fields.text(&of_config) || of_identity != identity || of_config != config) return std::nullopt;
    return rules_in(fields);
}

}  // namespace aigate
