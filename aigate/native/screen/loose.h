// Tokens that go on in the next row of a column that has no sides. Owns what it has learned about single words; hides nothing.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../masker/certain.h"
#include "grid.h"

namespace aigate {

class Loose {
  public:
    struct Span {  // cells of one row
        size_t row;
        size_t begin;
        size_t end;
    };
    using Text = std::vector<Span>;

    // matches: whether a rule matches a word as it stands.
    Loose(Certain& certain, std::function<bool(const std::string&)> matches) : certain_(certain), matches_(std::move(matches)) {}

    // Finds them on a screen; good until the next call. row, column: of the cursor. A word that ends there is being written, and
    // goes on in its own row first.
    const std::vector<Text>& find(const Grid& grid, size_t row, size_t column);

  private:
    void find_in_row(const Grid& grid, size_t row);
    void follow(const Grid& grid, size_t at, size_t word, size_t end);
    bool follow(const Grid& grid, const Span& first, size_t word, bool marked);
    bool is_certain(const std::string& word);
    bool is_whole(const std::string& word);

    Certain& certain_;
    std::function<bool(const std::string&)> matches_;
    std::unordered_map<std::string, bool> whole_;
    std::vector<Text> texts_;
    size_t row_ = 0;
    size_t column_ = 0;
};

}  // namespace aigate
