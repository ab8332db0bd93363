// The cells of one screen, in rows. Owns what stands in them and how rows and cells move; knows no sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "style.h"

namespace aigate {

struct Cell {
    enum Flag : uint8_t {
        Masked = 1,    // the terminal shows a star
        New = 2,       // for the moment, while matches are counted
        Counted = 4,   // a match that holds this character here was counted
        Redrawn = 8,   // not by the bytes that its stamp tells: by a sequence that repeats, or over them
        Hidden = 16,   // for the moment: part of a match
        Protected = 64,  // selective erasing leaves it (DECSCA)
        Foreseen = 32,  // masked since it follows what makes a rule certain; there is no match yet
    };

    char32_t code = 0;  // 0 where nothing was drawn
    uint8_t width = 1;  // 2 for a wide character, 0 for the cell behind it
    uint8_t flags = 0;
    uint8_t scale = 1;   // how many times as wide and high it is drawn (OSC 66)
    uint64_t stamp = 0;  // where in the output its character began
    Style style;

    bool blank() const { return code == 0 || code == ' '; }
};

struct Row {
    std::vector<Cell> cells;
    size_t used = 0;       // behind these cells nothing was drawn
    bool wrapped = false;  // its text goes on in the next row
    bool framed = false;   // a side of a box may stand in it
    bool coloured = false;  // something was erased that has a background
    bool masked = false;   // the terminal shows stars in it
    bool marked = false;   // a `_` or `-` may stand in it, as in what a token begins with
    bool odd = false;      // what is odd may stand in it
    size_t side_begin = 0;  // between these its text has gone on in the next row,
    size_t side_end = 0;    // 0: between none
    bool fresh = false;    // something was drawn here that nobody has looked at
};

// What stands for bytes that are no character, and a hyphen that is seen where a line ends: terminals leave them out, or do not.
inline bool is_odd(char32_t code) { return code == 0xfffd || code == 0xad; }

// A box's left or right side.
bool is_border(char32_t code);

class Grid {
  public:
    // pen: how what is drawn looks now. What is erased takes its background.
    Grid(size_t rows, size_t columns, const Style& pen);

    size_t rows() const { return rows_.size(); }
    size_t columns() const { return columns_; }
    Row& row(size_t at) { return rows_[at]; }
    const Row& row(size_t at) const { return rows_[at]; }
    const Cell& cell(size_t row, size_t column) const { return rows_[row].cells[column]; }

    // Puts a character there; what it cuts of wide ones becomes blank.
    void put(size_t row, size_t column, const Cell& cell);
    // Makes [begin, end) of a row part of the character in front of it.
    void cover(size_t row, size_t begin, size_t end);
    // Blanks [begin, end) of a row.
    void erase(size_t row, size_t begin, size_t end);
    void erase_rows(size_t begin, size_t end);
    // The same of what is not protected.
    void erase_selected(size_t row, size_t begin, size_t end);
    // Moves what stands from `column` on to the right, or to the left; what leaves is lost.
    // end: what stands there and behind does not move.
    void insert(size_t row, size_t column, size_t count, size_t end);
    void remove(size_t row, size_t column, size_t count, size_t end);
    // Moves rows [top, bottom] up or down by `count`. Those that leave the first row upwards become history, if asked.
    void up(size_t top, size_t bottom, size_t count, bool keep);
    void down(size_t top, size_t bottom, size_t count);
    // The same of what stands in columns [begin, end) alone. down: or down.
    void shift(size_t top, size_t bottom, size_t count, size_t begin, size_t end, bool down);
    // Other sizes keep nothing, or what stands where it stood.
    void resize(size_t rows, size_t columns);
    void stretch(size_t rows, size_t columns);
    // Everything is gone; forget: or not known any more.
    void clear();
    void forget();
    // Somebody has looked at what was drawn.
    void looked();
    // Whether what stands in a row, or what it may go on in, was not looked at.
    bool fresh(size_t row) const;

    // The rows that have left, oldest first.
    const std::deque<Row>& history() const { return history_; }

  private:
    static constexpr size_t kHistory = 100;  // the lines of a large key
    static constexpr size_t kGoesOn = 16;    // rows over which one text goes

    void split(Row& row, size_t column);
    Cell blank() const {
        Cell cell;
        cell.style = pen_.erased();
        return cell;
    }

    std::vector<Row> rows_;
    std::deque<Row> history_;
    size_t columns_;
    const Style& pen_;
};

}  // namespace aigate
