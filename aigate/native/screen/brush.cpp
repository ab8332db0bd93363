// See brush.h.
#include "brush.h"

#include <algorithm>

#include "width.h"

namespace aigate {

namespace {

void move_by(std::string& out, size_t number, char final) {
    out += "\x1b[";
    out += std::to_string(number);
    out += final;
}

}  // namespace

void Brush::begin() {
    if (model_.cursor().origin) out_ += "\x1b[?6l";
    if (lifts_sides()) out_ += "\x1b[?69l";
    if (model_.inserts()) out_ += "\x1b[4l";
    if (has_other_letters()) out_ += "\x0f\x1b(B";
    if (!link_.empty()) out_ += "\x1b]8;;\x1b\\";
}

void Brush::cells(const std::vector<uint32_t>& numbers) {
    const size_t columns = model_.grid().columns();
    Style style;
    for (size_t i = 0; i < numbers.size(); ++i) {
        const uint32_t at = numbers[i];
        const Cell& drawn = cell(at);
        const bool beside = i && at % columns && numbers[i - 1] / columns == at / columns && numbers[i - 1] + cell(numbers[i - 1]).width == at;
        if (!beside) move(at / columns, at % columns);
        if (drawn.style != style || !i) drawn.style.write(out_);
        style = drawn.style;
        show(drawn);
    }
}

void Brush::save_again() {
    const Model::Cursor* const saved = model_.saved();
    if (!saved || saved->slack != model_.cursor().slack) return;
    move(saved->row, saved->column);
    saved->style.write(out_);
    out_ += "\x1b\x37";
}

void Brush::end() {
    const Model::Cursor& cursor = model_.cursor();
    if (model_.inserts()) out_ += "\x1b[4h";
    if (lifts_sides()) {
        out_ += "\x1b[?69h\x1b[" + std::to_string(model_.left_side() + 1);
        out_ += ';' + std::to_string(model_.right_side() + 1) + 's';
    }
    move(cursor.row, cursor.column);
    if (cursor.pending) draw_last_again();
    if (cursor.origin) {
        out_ += "\x1b[?6h";
        go(cursor.row - std::min(model_.top(), cursor.row), cursor.column - std::min(model_.left_side(), cursor.column));
        if (cursor.pending) draw_last_again();
    }
    if (has_other_letters()) {
        out_ += "\x1b(";
        out_ += cursor.sets[0];
        if (cursor.shift) out_ += cursor.shift == 1 ? "\x0e" : cursor.shift == 2 ? "\x1bn" : "\x1bo";
    }
    cursor.style.write(out_);
    out_ += link_;
}

void Brush::go(size_t row, size_t column) {
    out_ += "\x1b[" + std::to_string(row + 1);
    out_ += ';' + std::to_string(column + 1) + 'H';
}

void Brush::move(size_t to_row, size_t column) {
    if (!model_.cursor().slack) return go(to_row, column);
    if (to_row < row_) move_by(out_, row_ - to_row, 'A');
    if (to_row > row_) move_by(out_, to_row - row_, 'B');
    move_by(out_, column + 1, 'G');
    row_ = to_row;
}

void Brush::show(const Cell& cell) {
    const size_t letters = cell.flags & Cell::Masked ? 1 : shared_letters(cell.code);
    if (letters > 1) out_ += "\x1b]66;n=1:d=" + std::to_string(letters) + ":w=1;";
    else if (cell.scale > 1) out_ += "\x1b]66;s=" + std::to_string(cell.scale) + ';';
    if (cell.flags & Cell::Masked) out_.append(cell.width, '*');
    else append_character(out_, cell.code ? cell.code : U' ');
    if (cell.scale > 1 || letters > 1) out_ += "\x1b\\";
}

// A cursor behind the last column is only to be had by drawing there.
void Brush::draw_last_again() {
    const Model::Cursor& cursor = model_.cursor();
    const Row& row = model_.grid().row(cursor.row);
    const Cell* last = &row.cells[cursor.column];
    if (!last->width && cursor.column) {
        --last;
        out_ += '\b';
    }
    last->style.write(out_);
    show(*last);
}

}  // namespace aigate
