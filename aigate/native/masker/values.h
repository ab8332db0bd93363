// Known values: literal texts that are hidden wherever they stand, in each way that programs write them. However many there
// are, a place is told from one that shows none by a look at a few of its bytes, and not every place is looked at.
// Owns what is looked for and the search; knows no line, no escape sequence and no rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "text.h"

namespace aigate {

class Values {
  public:
    static constexpr size_t kShortest = 4;  // bytes of a value
    static constexpr size_t kLongest = 4096;
    static constexpr size_t kNowhere = SIZE_MAX;

    // values: of kShortest to kLongest bytes each, without line ends.
    explicit Values(const std::vector<std::string>& values);

    // Bytes of the longest spelling.
    size_t longest() const { return longest_; }

    // Calls use(begin, end) for each place in text[from, size) where a value stands, with the end of the longest that begins
    // there, until it returns false. A place may come twice, and places that share bytes in any order.
    template <typename Use>
    void each(const char* text, size_t from, size_t size, Use use) const {
        for (size_t at = from; (at = grams_at(text, at, size)) < size; at += stride_)
            for (uint32_t offsets = offsets_of(load(text + at, size - at)); offsets; offsets &= offsets - 1) {
                const auto offset = static_cast<size_t>(__builtin_ctz(offsets));
                if (offset > at - from) break;
                const size_t begin = at - offset;
                const size_t length = longest_at(text + begin, size - begin);
                if (length && !use(begin, begin + length)) return;
            }
    }
    // A place where a value stands, or kNowhere; on the lines before it there is none.
    size_t first(const char* text, size_t size) const {
        size_t found = kNowhere;
        each(text, 0, size, [&](size_t begin, size_t) { return (found = begin, false); });
        return found;
    }

  private:
    friend class ValueFront;
    friend class ValueSweep;

    // One way to write a value. parent: the longest other one that it begins with.
    struct Spelling {
        uint64_t key;  // the first bytes, the first one highest
        uint32_t at;
        uint32_t size;
        uint32_t parent;
    };
    // Bytes that are looked for, told from others by some bits of a hash, and how far behind the beginning of a spelling
    // they may stand.
    struct Gram {
        uint32_t tag;
        uint32_t offsets;
    };

    static constexpr uint64_t kScatter = 0x9e3779b97f4a7c15u;
    static constexpr uint64_t kFolded = 0xdfdfdfdfdfdfdfdfu;  // without case, so that hexadecimal digits are alike
    static constexpr uint64_t kEach = 0x0101010101010101u;

    uint64_t load(const char* p, size_t left) const;
    static uint64_t hash_of(uint64_t gram) { return (gram & kFolded) * kScatter; }
    bool may_be(uint64_t gram) const {
        const uint64_t hash = hash_of(gram);
        return (~filter_[place(hash, filter_.size())] & bits_of(hash)) == 0;
    }
    static uint64_t bits_of(uint64_t hash) {
        return uint64_t{1} << (hash >> 32 & 63) | uint64_t{1} << (hash >> 26 & 63);
    }
    // The top bits of a hash as a place among so many.
    static size_t place(uint64_t hash, size_t many) { return (hash >> 32) * many >> 32; }
    size_t grams_at(const char* text, size_t at, size_t size) const;
    uint32_t offsets_of(uint64_t gram) const;
    size_t longest_at(const char* text, size_t size) const;
    const char* text_of(const Spelling& spelling) const { return bytes_.data() + spelling.at; }
    bool before(const Spelling& spelling, uint64_t key, const char* text, size_t size) const;
    void collect(const std::vector<std::string>& values);
    void put_in_order();
    void choose_grams();
    size_t best_offset(const Spelling& spelling) const;
    void add(uint64_t gram, size_t offset);

    std::string bytes_;
    std::vector<Spelling> spellings_;  // in order
    size_t longest_ = 0;
    size_t shortest_ = SIZE_MAX;
    size_t gram_ = 0;    // bytes of a gram,
    size_t stride_ = 1;  // and how far apart the places are that are looked at: each spelling shows a gram at one of them
    uint64_t mask_ = 0;  // the bytes of a word that make a gram
    std::vector<uint64_t> filter_;  // some bits for each gram
    std::vector<Gram> grams_;
};

// Follows the text of a line byte by byte, and knows how much of its end may be the beginning of a value.
class ValueFront {
  public:
    explicit ValueFront(const Values& values);

    void reset();
    void advance(unsigned char byte);
    size_t undecided() const { return attempts_.empty() ? 0 : at_ - attempts_.front().start; }

  private:
    // The spellings that begin with the text from `start` on.
    struct Attempt {
        uint32_t low;
        uint32_t high;
        size_t start;
    };

    bool follow(Attempt& attempt, size_t depth, unsigned char byte) const;

    const Values& values_;
    std::vector<Attempt> attempts_;  // the oldest first
    size_t at_ = 0;
};

// Finds lines that hold known values in raw bytes, where escape sequences may stand between.
class ValueSweep {
  public:
    // values: nullptr where there are none. [begin, end) is whole lines, or a part of one.
    ValueSweep(const Values* values, const char* begin, const char* end) : values_(values), end_(end), found_(begin), escape_(begin), apart_(begin) {}

    // The first place at or after `from` on a line that holds a value there or behind it, or the end. Places must not go back.
    const char* next(const char* from);

  private:
    static constexpr std::ptrdiff_t kPiece = 16 * 1024;

    const char* look(const char* at);
    const char* escape_from(const char* at);
    const char* piece_end(const char* line, const char* escape) const;
    bool holds(const char* at, const char* stop);
    static char* copy_text(const char** at, const char* end, const char* stop, char* out);

    const Values* values_;
    const char* end_;
    const char* found_;
    const char* escape_;  // there is none before it that was not seen
    bool known_ = false;
    bool escape_known_ = false;
    const char* apart_;  // lines before it are looked at one by one
    std::vector<char> text_;
};

}  // namespace aigate
