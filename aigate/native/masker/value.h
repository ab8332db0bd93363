// A value that somebody may have meant to keep secret, as questions about it need it, and what those questions consist of. Asks none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace aigate {

// Words by their first byte: most of a text begins none of them.
class Words {
  public:
    Words(std::initializer_list<std::string_view> words) {
        for (std::string_view word : words) of_[static_cast<unsigned char>(word[0])].push_back(word);
    }
    // How long the longest of them is that a text begins with; 0 if there is none.
    size_t beginning(std::string_view text) const {
        size_t size = 0;
        if (text.empty()) return size;
        for (std::string_view word : of_[static_cast<unsigned char>(text[0])])
            if (word.size() > size && text.substr(0, word.size()) == word) size = word.size();
        return size;
    }
    bool in(std::string_view text) const {
        for (; !text.empty(); text.remove_prefix(1))
            if (beginning(text)) return true;
        return false;
    }

  private:
    std::array<std::vector<std::string_view>, 256> of_;
};

// Characters of ASCII, a bit for each.
struct Characters {
    uint64_t bits[2] = {0, 0};

    constexpr explicit Characters(std::string_view characters = {}) {
        for (char c : characters) bits[static_cast<unsigned char>(c) >> 6 & 1] |= uint64_t{1} << (c & 63);
    }
    constexpr bool meets(const Characters& other) const { return (bits[0] & other.bits[0]) | (bits[1] & other.bits[1]); }
    constexpr bool within(const Characters& other) const { return !((bits[0] & ~other.bits[0]) | (bits[1] & ~other.bits[1])); }
};

// A value, in small letters as well, and which characters it has: most questions are answered by that.
class Value {
  public:
    Value(const char* from, size_t size) : text(from, size), kept_(size > sizeof few_ ? size : 0, '\0') {
        char* const to = kept_.empty() ? few_ : kept_.data();
        uint64_t low = 0;
        uint64_t high = 0;
        unsigned char all = 0;
        for (size_t at = 0; at < size; ++at) {
            const auto c = static_cast<unsigned char>(from[at]);
            all |= c;
            (c & 64 ? high : low) |= uint64_t{c < 0x80} << (c & 63);
            to[at] = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }
        has_.bits[0] = low;
        has_.bits[1] = high;
        is_ascii_ = !(all & 0x80);
        lower = {to, size};
    }
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;

    bool has(char c) const { return has_.meets(Characters({&c, 1})); }
    bool has_one_of(const Characters& characters) const { return has_.meets(characters); }
    bool has_only(const Characters& characters) const { return is_ascii_ && has_.within(characters); }
    bool begins_with(std::string_view word) const { return text.substr(0, word.size()) == word; }
    // Mostly the first character is not there.
    bool holds(std::string_view word) const { return has(word[0]) && text.find(word) != std::string_view::npos; }

    const std::string_view text;
    std::string_view lower;

  private:
    char few_[128];
    std::string kept_;
    Characters has_;
    bool is_ascii_ = true;
};

}  // namespace aigate
