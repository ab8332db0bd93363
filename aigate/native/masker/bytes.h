// Sets of bytes, and which bytes belong to words. Knows no expression.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace aigate {

// A set of bytes.
class ByteSet {
  public:
    bool operator[](unsigned byte) const { return words_[byte >> 6] >> (byte & 63) & 1; }
    bool operator==(const ByteSet& other) const { return words_ == other.words_; }
    bool operator!=(const ByteSet& other) const { return words_ != other.words_; }
    bool operator<(const ByteSet& other) const { return words_ < other.words_; }
    ByteSet& set(unsigned byte) {
        words_[byte >> 6] |= uint64_t{1} << (byte & 63);
        return *this;
    }
    void flip_ascii() {
        words_[0] = ~words_[0];
        words_[1] = ~words_[1];
    }
    // Of letters that are in it in one case takes both.
    void fold() {
        constexpr uint64_t kUpper = 0x07fffffe, kLower = kUpper << 32;
        const uint64_t letters = words_[1];
        words_[1] |= (letters & kUpper) << 32 | (letters & kLower) >> 32;
    }
    ByteSet& remove(unsigned byte) {
        words_[byte >> 6] &= ~(uint64_t{1} << (byte & 63));
        return *this;
    }
    ByteSet& fill() {
        words_.fill(~uint64_t{0});
        return *this;
    }
    ByteSet& operator|=(const ByteSet& other) {
        for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
        return *this;
    }
    bool beyond_ascii() const { return (words_[2] | words_[3]) != 0; }
    size_t count() const {
        size_t sum = 0;
        for (uint64_t word : words_) sum += static_cast<size_t>(__builtin_popcountll(word));
        return sum;
    }
    ByteSet without(const ByteSet& other) const {
        ByteSet left = *this;
        for (size_t i = 0; i < words_.size(); ++i) left.words_[i] &= ~other.words_[i];
        return left;
    }
    size_t hash() const {
        uint64_t mixed = 0;
        for (uint64_t word : words_) mixed = (mixed ^ word) * 0x9e3779b97f4a7c15u ^ mixed >> 29;
        return static_cast<size_t>(mixed ^ mixed >> 32);
    }
    // Whether all of these bytes belong to words; whether none does.
    bool only_words() const { return !((words_[0] & ~kDigits) | (words_[1] & ~kLetters) | words_[2] | words_[3]); }
    bool no_words() const { return !((words_[0] & kDigits) | (words_[1] & kLetters)); }
    template <typename Use>
    void each(Use use) const {
        for (size_t i = 0; i < words_.size(); ++i)
            for (uint64_t word = words_[i]; word; word &= word - 1)
                use(static_cast<unsigned>(64 * i) + static_cast<unsigned>(__builtin_ctzll(word)));
    }

  private:
    static constexpr uint64_t kDigits = 0x03ff000000000000, kLetters = 0x07fffffe87fffffe;  // which is_word() knows
    std::array<uint64_t, 4> words_{};
};

inline bool is_word(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// Bytes of which most tokens have many in a row, and ordinary text seldom.
inline bool is_run(unsigned char c) {
    return is_word(c) || c == '-' || c == '+' || c == '=' || c == '.' || c == '/' || c == '~' || c == '%';
}

// How many bits are set. The oldest processors have no instruction for it.
inline unsigned ones(uint64_t word) {
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    return static_cast<unsigned>(((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}


}  // namespace aigate
