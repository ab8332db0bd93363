// What a person reads on a screen, as text for the rules, and which cells hold what of it. Owns the text; finds nothing in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "grid.h"
#include "loose.h"

namespace aigate {

class Reading {
  public:
    static constexpr uint32_t kNowhere = UINT32_MAX;

    // Columns between two borders, or between a border and an edge.
    struct Column {
        size_t begin;
        size_t end;
        bool operator==(const Column& other) const { return begin == other.begin && end == other.end; }
    };
    // Where in a column something stands.
    struct Content {
        size_t begin = 0;
        size_t end = 0;
        bool empty() const { return begin == end; }
    };

    void clear();
    // Reads a screen: first what goes on in the next row of the screen or of a box, or is known to, each as one line, then all
    // rows.
    void read(const Grid& grid, const std::vector<Loose::Text>& known);
    // Reads what stands in front of a place in its row, and in those that it goes on from.
    void read_before(const Grid& grid, size_t row, size_t column);

    const std::string& text() const { return text_; }
    // By byte of text: its cell, counted row by row; kNowhere for none.
    const std::vector<uint32_t>& cells() const { return cells_; }
    // The columns of a row, first the row itself; and what stands in one.
    const std::vector<Column>& columns(size_t row) const { return columns_[row]; }
    Content content(const Row& row, const Column& column) const;

  private:
    void add(const Row& row, size_t begin, size_t end, uint32_t first, bool odd = true);
    void add_joined(const Grid& grid);
    void add_ended(const Grid& grid);
    void add_apart(const Grid& grid);
    void add_known(const Grid& grid, const std::vector<Loose::Text>& known);
    void end_line();
    bool find_columns(const Grid& grid);
    bool goes_on(const Grid& grid, size_t row, const Column& column) const;

    std::string text_;
    std::vector<uint32_t> cells_;
    struct Ended {  // what may end at the end of a row, and goes back over rows
        size_t row;
        Column column;
        size_t rows;
    };

    std::vector<std::vector<Column>> columns_;  // by row
    std::vector<Ended> ends_;
};

}  // namespace aigate
