// See grid.h.
#include "grid.h"

#include <algorithm>
#include <utility>

namespace aigate {

bool is_border(char32_t code) {
    if (code < 0x2300) return code == '|' || code == 0xa6;
    const auto within = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
    if (code < 0x2500) return within(0x239c, 0x239f) || within(0x23a2, 0x23a6) || within(0x23aa, 0x23ae) || code == 0x23b8 || code == 0x23b9 || code == 0x23d0;
    if (code < 0x2580) return within(0x2502, 0x2503) || within(0x2506, 0x250b) || within(0x251c, 0x252b) || within(0x253c, 0x254b) || within(0x254e, 0x254f) || code == 0x2551 || within(0x255e, 0x2563) || within(0x256a, 0x256c);
    return within(0x2588, 0x2595) || within(0x2758, 0x275a) || code == 0xff5c || within(0x1fb70, 0x1fb75) || within(0x1fb87, 0x1fb8b);
}

Grid::Grid(size_t rows, size_t columns, const Style& pen) : columns_(columns), pen_(pen) { resize(rows, columns); }

void Grid::resize(size_t rows, size_t columns) {
    columns_ = columns;
    rows_.assign(rows, Row());
    for (Row& row : rows_) row.cells.assign(columns, Cell());
    history_.clear();
}

void Grid::stretch(size_t rows, size_t columns) {
    columns_ = columns;
    rows_.resize(rows);
    for (Row& row : rows_) {
        if (row.cells.size() > columns && !row.cells[columns].width) row.cells[columns - 1] = Cell();
        row.cells.resize(columns);
        row.used = std::min(row.used, columns);
        row.wrapped = false;
    }
}

void Grid::clear() {
    erase_rows(0, rows());
    history_.clear();
}

void Grid::forget() { resize(rows(), columns_); }

void Grid::looked() {
    for (Row& row : rows_) row.fresh = false;
}

bool Grid::fresh(size_t at) const {
    const size_t most = std::min(at + std::min(rows() / 2, kGoesOn), rows());
    for (; at < most; ++at) {
        const Row& row = rows_[at];
        if (row.fresh) return true;
        if (!row.wrapped && !row.framed && row.used + columns_ / 4 < columns_) return false;
    }
    return false;
}

// Blanks a wide character whose two cells stand on both sides of `column`.
void Grid::split(Row& row, size_t column) {
    if (column == 0 || column >= columns_ || row.cells[column].width) return;
    for (size_t at = column - 1; at <= column; ++at) row.cells[at] = Cell();
}

void Grid::put(size_t at, size_t column, const Cell& cell) {
    Row& row = rows_[at];
    const size_t end = std::min(column + cell.width, columns_);
    split(row, column);
    split(row, end);
    row.cells[column] = cell;
    if (cell.width == 2 && end == column + 2) {
        row.cells[column + 1] = Cell();
        row.cells[column + 1].width = 0;
    }
    row.used = std::max(row.used, end);
    row.fresh = true;
    row.framed |= is_border(cell.code);
    row.marked |= cell.code == '_' || cell.code == '-';
    row.odd |= is_odd(cell.code);
    if (end == columns_) row.wrapped = false;
}

void Grid::cover(size_t at, size_t begin, size_t end) {
    Row& row = rows_[at];
    split(row, end);
    for (size_t column = begin; column < std::min(end, columns_); ++column) {
        row.cells[column] = Cell();
        row.cells[column].width = 0;
    }
    row.used = std::max(row.used, std::min(end, columns_));
}

void Grid::erase(size_t at, size_t begin, size_t end) {
    Row& row = rows_[at];
    end = std::min(end, columns_);
    if (begin >= end) return;
    split(row, begin);
    split(row, end);
    const Cell gone = blank();
    const bool plain = gone.style == Style();
    const size_t filled = plain && !row.coloured ? std::max(begin, std::min(end, row.used)) : end;
    std::fill(row.cells.begin() + begin, row.cells.begin() + filled, gone);
    if (!plain) row.coloured = true;
    else if (!begin && end == columns_) row.coloured = false;
    if (end == columns_) row.wrapped = false;
    if (row.used <= end) row.used = std::min(row.used, begin);
    if (row.used) return;
    row.framed = row.fresh = row.marked = row.odd = false;
    row.side_end = 0;
}

void Grid::erase_rows(size_t begin, size_t end) {
    for (size_t at = begin; at < std::min(end, rows()); ++at) erase(at, 0, columns_);
}

void Grid::erase_selected(size_t at, size_t begin, size_t end) {
    for (size_t column = begin; column < std::min(end, columns_); ++column)
        if (!(rows_[at].cells[column].flags & Cell::Protected)) erase(at, column, column + 1);
}

void Grid::insert(size_t at, size_t column, size_t count, size_t end) {
    Row& row = rows_[at];
    count = std::min(count, end - column);
    split(row, column);
    split(row, end);
    std::move_backward(row.cells.begin() + column, row.cells.begin() + end - count, row.cells.begin() + end);
    std::fill(row.cells.begin() + column, row.cells.begin() + column + count, blank());
    row.coloured |= blank().style != Style();
    if (row.cells[end - 1].width == 2) row.cells[end - 1] = Cell();
    if (row.used > column) row.used = std::min(std::max(row.used, std::min(row.used + count, end)), columns_);
    row.wrapped = false;
}

void Grid::remove(size_t at, size_t column, size_t count, size_t end) {
    Row& row = rows_[at];
    count = std::min(count, end - column);
    split(row, column);
    split(row, column + count);
    split(row, end);
    std::move(row.cells.begin() + column + count, row.cells.begin() + end, row.cells.begin() + column);
    std::fill(row.cells.begin() + end - count, row.cells.begin() + end, blank());
    row.coloured |= blank().style != Style();
    if (row.used > column && row.used <= end) row.used = std::max(column, row.used - std::min(row.used, count));
    row.wrapped = false;
}

void Grid::shift(size_t top, size_t bottom, size_t count, size_t begin, size_t end, bool down) {
    const size_t rows = bottom + 1 - top;
    count = std::min(count, rows);
    for (size_t at = top; at <= bottom; ++at) {
        split(rows_[at], begin);
        split(rows_[at], end);
    }
    for (size_t step = 0; step + count < rows; ++step) {
        Row& to = rows_[down ? bottom - step : top + step];
        Row& from = rows_[down ? bottom - step - count : top + step + count];
        std::copy(from.cells.begin() + begin, from.cells.begin() + end, to.cells.begin() + begin);
        to.used = std::max(to.used, std::min(from.used, end));
        to.masked |= from.masked;
        to.framed |= from.framed;
        to.marked |= from.marked;
        to.odd |= from.odd;
        to.coloured |= from.coloured;
        to.fresh = true;
        to.wrapped = false;
    }
    for (size_t step = 0; step < count; ++step) erase(down ? top + step : bottom - step, begin, end);
}

void Grid::up(size_t top, size_t bottom, size_t count, bool keep) {
    count = std::min(count, bottom - top + 1);
    for (size_t at = top; keep && top == 0 && at < count; ++at) {
        history_.push_back(rows_[at]);
        if (history_.size() > kHistory) history_.pop_front();
    }
    std::rotate(rows_.begin() + top, rows_.begin() + top + count, rows_.begin() + bottom + 1);
    erase_rows(bottom + 1 - count, bottom + 1);
}

void Grid::down(size_t top, size_t bottom, size_t count) {
    count = std::min(count, bottom - top + 1);
    std::rotate(rows_.begin() + top, rows_.begin() + bottom + 1 - count, rows_.begin() + bottom + 1);
    erase_rows(top, top + count);
}

}  // namespace aigate
