// Many short texts that lie behind one another, as Apache Arrow keeps them, each masked by itself. Those that may hold
// something are put together with line ends between them and looked at in blocks: a call for each would cost more than the
// text.
#pragma once

#include <cstdint>
#include <vector>

#include "engine.h"

namespace aigate {

class Column {
  public:
    Column(SharedRules rules, size_t max_line);

    // Masks data[offsets[i], offsets[i + 1]) for each i below count. Call once.
    template <typename Offset> void run(const char* data, const Offset* offsets, size_t count);

    // Whether anything was hidden.
    bool changed() const { return written_ != 0; }
    // If so: the masked texts behind one another, and where each ends.
    const std::vector<char>& text() const { return text_; }
    const std::vector<uint64_t>& ends() const { return ends_; }
    const std::vector<uint64_t>& counts() const { return counts_; }

  private:
    enum class Block : unsigned char { Clean, Masked, Reaching };
    template <typename Offset> struct Texts {
        const char* data;
        const Offset* offsets;

        const char* begin(size_t index) const { return data + offsets[index]; }
        size_t size(size_t index) const { return static_cast<size_t>(offsets[index + 1] - offsets[index]); }
    };

    template <typename Offset> std::vector<size_t> suspects(const Texts<Offset>& texts, size_t count);
    template <typename Offset> Block mask_block(const Texts<Offset>& texts, const size_t* suspects);
    template <typename Offset> void mask_alone(const Texts<Offset>& texts, size_t index);
    template <typename Offset> void write(const Texts<Offset>& texts, size_t index);
    template <typename Offset> void write_before(const Texts<Offset>& texts, size_t index);
    void add_counts(const Engine& engine);

    SharedRules rules_;
    size_t max_line_;
    Sink sink_;
    std::vector<char> block_;        // texts with a line end behind each, so many bytes of it,
    size_t used_ = 0;
    std::vector<size_t> line_ends_;  // and where those are
    std::vector<char> masked_;       // one text
    size_t written_ = 0;             // so many texts are in what follows, up to the last one that was changed
    std::vector<char> text_;
    std::vector<uint64_t> ends_;
    std::vector<uint64_t> counts_;
};

}  // namespace aigate
