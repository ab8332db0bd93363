// Where in the raw bytes a match begins, given a place that lies behind its beginning by some bytes of text. Knows escape
// sequences and line ends, and no rule.
#pragma once

#include <cstddef>

namespace aigate {

class Beginning {
  public:
    Beginning(const char* begin, const char* end) { move_to(begin, end); }

    // Goes on with another text.
    void move_to(const char* begin, const char* end) {
        begin_ = at_ = escapes_known_ = begin;
        end_ = end;
        last_escape_ = nullptr;
        count_ = 0;
    }

    // There is no ESC in [from, to).
    void clear(const char* from, const char* to) {
        if (escapes_known_ >= from && escapes_known_ < to) escapes_known_ = to;
    }
    // The byte of text that stands `before` bytes of text before `place`; nullptr when there is none on its line, or
    // when the place is no text. Places must not go back.
    const char* of(const char* place, size_t before);
    // Whether that many bytes before `place` are text for certain, so that counting back is enough.
    bool plain(const char* place, size_t before);
    // The same as of(), for a place for which plain() said no.
    const char* look_back(const char* place, size_t before);

  private:
    static constexpr size_t kKept = 32;

    bool near_escape(const char* place, size_t before);
    bool behind_sequence(const char* place, size_t before) const;
    bool ends_sized(const char* last) const;

    const char* begin_;
    const char* end_;
    const char* at_;              // text is known up to here,
    const char* last_escape_ = nullptr;  // the last ESC that is known, as far as one matters,
    const char* escapes_known_;   // and up to where there is no other one
    const char* known_[kKept];    // and its last bytes lie here, in a ring
    size_t count_ = 0;            // how many there are on this line
};

}  // namespace aigate
