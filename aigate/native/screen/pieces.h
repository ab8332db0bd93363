// Pieces of tokens: what an edge of the screen or of a box has cut, or `…` stands for the rest of. Owns what was hidden of
// late, to know its pieces again, and where on a screen such pieces stand; hides nothing itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../masker/certain.h"
#include "../masker/front.h"
#include "grid.h"
#include "reading.h"

namespace aigate {

class Pieces {
  public:
    struct Piece {  // cells of one row
        size_t row;
        size_t begin;
        size_t end;
        bool known;  // of what was hidden before; else its beginning makes a rule certain, and nothing speaks against it
    };

    Pieces(const RuleSet& rules, Certain& certain) : rules_(rules), certain_(certain) {}

    // Keeps what was hidden, if it looks like nothing else.
    void remember(const std::string& hidden);
    // Finds the pieces on a screen that was read; good until the next call.
    const std::vector<Piece>& find(const Grid& grid, const Reading& reading);
    // Whether what was hidden began as a text does behind its first letters, `prefix` of them at most.
    bool has_begun(const std::string& text, size_t prefix) const;
    // Whether something that was hidden begins in a text and does not end there.
    bool has_cut(const std::string& text) const;

  private:
    struct Place {
        size_t known;
        size_t offset;
    };

    void find_in_row(const Grid& grid, const Reading& reading, size_t row);
    bool goes_on(const Grid& grid, size_t row) const;
    void find_beside_dots(const Row& row);
    void cut_on_left(const Row& row, size_t begin, size_t end, bool on_right);
    void cut_on_right(const Row& row, size_t begin, size_t end);
    size_t shared(const Place& place, const std::string& text, size_t at) const;
    bool is_open(const std::string& text);
    void add(size_t begin, size_t end, bool known) { pieces_.push_back({row_, begin, end, known}); }

    const RuleSet& rules_;
    Certain& certain_;
    std::unique_ptr<Front> front_;  // made when it is first asked
    std::unordered_map<std::string, bool> open_;
    std::vector<std::string> known_;
    size_t bytes_ = 0;  // of what is known
    std::unordered_multimap<uint64_t, Place> places_;  // by their first letters
    std::vector<Piece> pieces_;
    size_t row_ = 0;
};

}  // namespace aigate
