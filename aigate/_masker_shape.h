// The shape of a rule: a finite automaton over bytes that accepts every match of the rule, and perhaps more.
//
// RE2 alone decides what is a match. The shape answers the questions that RE2 does not: which bytes can a match begin
// with, can these bytes still become one, can a match be empty. It errs on one side only: assertions are taken to
// hold, a character beyond ASCII stands for any one to four bytes from 80 to FF (so one shape serves both encodings),
// and an expression that this parser does not know becomes "anything". No match holds a line end, so no set does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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
    void flip(unsigned byte) { words_[byte >> 6] ^= uint64_t{1} << (byte & 63); }
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
    template <typename Use>
    void each(Use use) const {
        for (size_t i = 0; i < words_.size(); ++i)
            for (uint64_t word = words_[i]; word; word &= word - 1)
                use(static_cast<unsigned>(64 * i) + static_cast<unsigned>(__builtin_ctzll(word)));
    }

  private:
    std::array<uint64_t, 4> words_{};
};

inline bool is_word(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

inline bool only_words(const ByteSet& set) {
    bool only = true;
    set.each([&](unsigned byte) { only &= is_word(static_cast<unsigned char>(byte)); });
    return only;
}

struct Shape {
    enum class Kind : uint8_t { Bytes, Split, Assert, Match };
    // Bytes: one byte of `sets[value]`, then `next`. Split: `next` or, if that does not work out, `value`. Assert: a position that an assertion
    // looks at (\b if `value` is 1), then `next`. Match: of the rule number `value`.
    struct Step {
        Kind kind;
        uint32_t next;
        uint32_t value;
    };

    // The steps that every match of one alternative of a rule passes, in order.
    using Way = std::vector<uint32_t>;
    struct Rule {
        uint32_t start;
        uint32_t number;
        std::vector<Way> ways;  // one for each alternative
        bool exact = false;     // in ASCII text the shape accepts the matches of the rule and nothing else
    };

    std::vector<Step> steps;
    std::vector<uint32_t> owners;  // by step: the number of its rule
    std::vector<ByteSet> sets;
    std::vector<Rule> rules;

    // Adds one rule under a number of the caller's choice.
    void add(const std::string& regex, bool case_insensitive, uint32_t number);
    // Whether the rule that begins at this step can match nothing.
    bool can_match_nothing(uint32_t start) const;
};

}  // namespace aigate
