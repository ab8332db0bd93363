// How a model's cursor and rows move, and what is lost on the way; see model.h.
#include "model.h"

#include <algorithm>
#include <utility>

namespace aigate {

namespace {

constexpr size_t kTab = 8;

}  // namespace

void Model::set_tabs() {
    tabs_.resize(grid().columns());
    for (size_t at = 0; at < tabs_.size(); ++at) tabs_[at] = at % kTab == 0;
}

void Model::resize(size_t rows, size_t columns) {
    const bool keeps = alternate_ && !cursor_.slack && cursor_.row < rows;
    const size_t row = cursor_.row;
    main_.resize(rows, columns);
    if (keeps) other_.stretch(rows, columns);
    else other_.resize(rows, columns);
    top_ = 0;
    bottom_ = rows - 1;
    reset_sides();
    cursor_.column = std::min(cursor_.column, columns - 1);
    set_tabs();
    for (Cursor& saved : saved_) saved = Cursor();
    has_saved_[0] = has_saved_[1] = false;
    cursor_.pending = asked_ = false;
    if (keeps) cursor_.row = row;
    else not_sure();
    main_slack_ = rows - 1;
}

bool Model::asked() {
    asked_ = !alternate_ && !asks_itself_ && cursor_.slack > 0;
    asked_row_ = cursor_.row;
    asked_slack_ = cursor_.slack;
    return asked_;
}

// Since then the rows have moved up as often as there is less slack now, or on the terminal the cursor down.
void Model::stood(size_t row) {
    if (!asked_ || alternate_ || !cursor_.slack || row > asked_row_ || asked_row_ - row > asked_slack_) return;
    asked_ = false;
    const size_t scrolled = asked_slack_ - cursor_.slack;
    const size_t too_low = asked_row_ - row - std::min(asked_row_ - row, scrolled);
    main_.up(0, main_.rows() - 1, too_low, false);
    if (has_saved_[0] && saved_[0].slack == cursor_.slack) {
        saved_[0].row -= std::min(saved_[0].row, too_low);
        saved_[0].slack = 0;
    }
    cursor_.row -= too_low;
    cursor_.slack = 0;
}

// Where the cursor is and what stands around it is not known.
void Model::not_sure() {
    asked_ = false;
    grid().forget();
    cursor_.row = grid().rows() - 1;
    cursor_.slack = cursor_.row;
    cursor_.pending = false;
}

void Model::lose() {
    watcher_.leaving(true);
    not_sure();
}

void Model::to_column(size_t column) {
    cursor_.column = std::min(column, grid().columns() - 1);
    cursor_.pending = false;
    after_text_ = false;
}

void Model::to_row(size_t row) {
    if (cursor_.slack) {
        lose();
        cursor_.slack = 0;
    }
    const size_t first = cursor_.origin ? top_ : 0;
    const size_t last = cursor_.origin ? bottom_ : grid().rows() - 1;
    cursor_.row = std::min(first + row, last);
}

void Model::to(size_t row, size_t column) {
    to_row(row);
    to_column(cursor_.origin ? std::min(left_ + column, right_) : column);
}

void Model::return_to_left() { to_column(cursor_.column >= left_ || cursor_.origin ? left_ : 0); }

void Model::left(size_t count) {
    const size_t limit = cursor_.column >= left_ ? left_ : 0;
    to_column(cursor_.column - std::min(count, cursor_.column - limit));
}

void Model::reset_sides() {
    left_ = 0;
    right_ = grid().columns() - 1;
}

// Moves the rows from `top` on to the end of the scrolled region, as far as they lie between its sides.
void Model::region_up(size_t top, size_t count, bool keep) {
    if (is_whole()) grid().up(top, bottom_, count, keep);
    else grid().shift(top, bottom_, count, left_, right_ + 1, false);
}

void Model::region_down(size_t top, size_t count) {
    if (is_whole()) grid().down(top, bottom_, count);
    else grid().shift(top, bottom_, count, left_, right_ + 1, true);
}

void Model::home() { to(0, 0); }

void Model::up(size_t count) {
    const size_t limit = top_limit();
    after_text_ = cursor_.pending = false;
    if (cursor_.slack && cursor_.row < cursor_.slack + count) return lose();  // it may have been stopped on the way
    cursor_.row = cursor_.row - limit > count ? cursor_.row - count : limit;
}

void Model::down(size_t count) {
    const size_t limit = bottom_limit();
    after_text_ = cursor_.pending = false;
    if (cursor_.slack && cursor_.row + count > limit) return lose();
    cursor_.row = std::min(cursor_.row + count, limit);
}

// A backspace; with the mode for it (45), xterm goes back over a row that it has wrapped.
void Model::back() {
    if (!unwraps_ || !wraps_) return left(1);
    if (cursor_.pending) return to_column(cursor_.column);
    if (cursor_.column || cursor_.row == top_limit() || !grid().row(cursor_.row - 1).wrapped) return left(1);
    grid().row(--cursor_.row).wrapped = false;
    to_column(grid().columns() - 1);
}

// Moves columns within the margins, from one on, to the right or to the left.
void Model::shift_columns(size_t from, size_t count, bool away) {
    if (cursor_.slack) return lose();  // of which rows is not known
    if (cursor_.row < top_ || cursor_.row > bottom_ || !is_between_sides()) return;
    watcher_.leaving(false);
    cursor_.pending = false;
    for (size_t row = top_; row <= bottom_; ++row)
        away ? grid().insert(row, from, count, right_ + 1) : grid().remove(row, from, count, right_ + 1);
    for (size_t row = top_; row <= bottom_; ++row) grid().row(row).fresh = true;
}

// One column to the left or to the right; at the margin, what stands within moves instead.
void Model::index_column(bool away) {
    if (cursor_.column == (away ? left_ : right_)) return shift_columns(left_, 1, away);
    to_column(away ? cursor_.column - (cursor_.column > 0) : cursor_.column + 1);
}

// A picture moves the cursor as far as it is large, where a terminal knows it; where not, what stands in front of it in its
// row is still there. On the other screen all is placed by number. keys: of kitty's protocol, each between commas.
void Model::picture(const std::string& keys, bool moves) {
    const auto has = [&](const char* key) { return keys.find(key) != std::string::npos; };
    const bool places = (has(",a=T,") || has(",a=p,")) && !has(",C=1,") && !has(",U=1,");
    moves |= places || (placing_ && !has(",m=1,"));
    placing_ = has(",m=1,") && (places || placing_);
    if (!moves || alternate_) return;
    watcher_.leaving(true);
    Row before = grid().row(cursor_.row);
    before.wrapped = false;
    const bool full = cursor_.pending;
    not_sure();
    grid().row(cursor_.row) = std::move(before);
    if (!full) grid().erase(cursor_.row, cursor_.column, grid().columns());
}

// Margins do not stop it.
void Model::down_anywhere(size_t count) {
    after_text_ = cursor_.pending = false;
    if (cursor_.slack) return down(count);
    cursor_.row = std::min(cursor_.row + count, grid().rows() - 1);
}

// The first row of the scrolled region is about to be gone.
void Model::row_leaves() {
    if (grid().fresh(top_)) watcher_.leaving(top_ == 0 && !alternate_);
}

void Model::line_feed() {
    cursor_.pending = after_text_ = false;
    if (cursor_.row != bottom_) {
        if (cursor_.row + 1 < grid().rows()) ++cursor_.row;
        return;
    }
    if (!is_between_sides()) return;
    region_up(top_, 1, !alternate_);
    if (cursor_.slack) --cursor_.slack;
}

void Model::reverse_feed() {
    cursor_.pending = after_text_ = false;
    if (cursor_.slack && cursor_.row <= cursor_.slack) return lose();
    if (cursor_.row == top_) {
        if (!is_between_sides()) return;
        watcher_.leaving(false);
        region_down(top_, 1);
    } else if (cursor_.row) {
        --cursor_.row;
    }
}

void Model::scroll_up(size_t count) {
    if (cursor_.slack) return lose();
    watcher_.leaving(top_ == 0 && !alternate_);
    region_up(top_, count, !alternate_);
}

void Model::scroll_down(size_t count) {
    if (cursor_.slack) return lose();
    watcher_.leaving(false);
    region_down(top_, count);
}

void Model::insert_lines(size_t count) {
    if (cursor_.row < top_ || cursor_.row > bottom_ || !is_between_sides()) return;
    watcher_.leaving(false);
    region_down(cursor_.row, count);
    to_column(left_);
}

void Model::delete_lines(size_t count) {
    if (cursor_.row < top_ || cursor_.row > bottom_ || !is_between_sides()) return;
    watcher_.leaving(false);
    region_up(cursor_.row, count, false);
    to_column(left_);
}

void Model::erase_display(uint32_t what, bool selected) {
    if (what > 2) return;
    watcher_.leaving(true);
    Grid& cells = grid();
    if (what < 2) erase_line(what, selected);
    const size_t begin = what == 0 ? cursor_.row + 1 : 0;
    const size_t end = what == 1 ? cursor_.row : cells.rows();
    for (size_t row = begin; row < end; ++row)
        selected ? cells.erase_selected(row, 0, cells.columns()) : cells.erase(row, 0, cells.columns());
}

void Model::erase_line(uint32_t what, bool selected) {
    if (what > 2) return;
    watcher_.leaving(false);
    const size_t begin = what == 0 ? cursor_.column : 0;
    const size_t end = what == 1 ? cursor_.column + 1 : grid().columns();
    selected ? grid().erase_selected(cursor_.row, begin, end) : grid().erase(cursor_.row, begin, end);
}

void Model::tab(size_t count) {
    if (cursor_.pending) return;
    after_text_ = false;
    const size_t last = edge() - 1;
    for (; count && cursor_.column < last; --count)
        do ++cursor_.column; while (cursor_.column < last && !tabs_[cursor_.column]);
}

void Model::back_tab(size_t count) {
    cursor_.pending = after_text_ = false;
    for (; count && cursor_.column; --count)
        do --cursor_.column; while (cursor_.column && !tabs_[cursor_.column]);
}

void Model::repeat(size_t count) {
    if (!last_) return;
    watcher_.leaving(false);
    count = std::min(count, grid().rows() * grid().columns());
    for (; count; --count) print(last_, true);
}

void Model::set_margins(const Parser& parser) {
    const size_t rows = grid().rows();
    const size_t top = parser.number(0);
    const size_t bottom = std::min<size_t>(parser.number(1, static_cast<uint32_t>(rows)), rows);
    if (top >= bottom) return;
    top_ = top - 1;
    bottom_ = bottom - 1;
    home();
}

void Model::set_sides(const Parser& parser) {
    const size_t columns = grid().columns();
    const size_t left = parser.number(0);
    const size_t right = std::min<size_t>(parser.number(1, static_cast<uint32_t>(columns)), columns);
    if (left >= right) return;
    left_ = left - 1;
    right_ = right - 1;
    home();
}

void Model::save() {
    saved_[alternate_] = cursor_;
    has_saved_[alternate_] = true;
}

void Model::restore() {
    const size_t slack = cursor_.slack;
    const Cursor& saved = saved_[alternate_];
    if (slack != saved.slack) {  // the rows have moved meanwhile, or perhaps not
        lose();
        cursor_.style = saved.style;
        cursor_.column = std::min(saved.column, grid().columns() - 1);
        return;
    }
    cursor_ = saved;
    cursor_.row = std::min(cursor_.row, grid().rows() - 1);
    cursor_.column = std::min(cursor_.column, grid().columns() - 1);
    after_text_ = false;
}

void Model::switch_screen(bool alternate) {
    if (alternate == alternate_) return;
    watcher_.leaving(false);
    alternate_ = alternate;
    after_text_ = false;
    if (alternate) {
        main_slack_ = cursor_.slack;
    } else if (main_slack_ != cursor_.slack) {
        not_sure();  // where on the main screen a place with a number is
        cursor_.slack = cursor_.row = grid().rows() - 1;
    }
}

void Model::leave_alternate() {
    alternate_ = false;
    cursor_.slack = main_slack_;
    restore();
}

// DECSTR: modes as they were, and nothing moves.
void Model::reset_modes() {
    Cursor now;
    now.row = cursor_.row;
    now.column = cursor_.column;
    now.slack = cursor_.slack;
    cursor_ = now;
    top_ = 0;
    bottom_ = grid().rows() - 1;
    wraps_ = true;
    insert_ = new_line_ = sided_ = unwraps_ = placing_ = false;
    reset_sides();
    once_ = kNoShift;
}

// RIS.
void Model::reset() {
    watcher_.leaving(true);
    reset_modes();
    alternate_ = after_text_ = false;
    main_.clear();
    other_.clear();
    saved_[0] = saved_[1] = Cursor();
    has_saved_[0] = has_saved_[1] = false;
    link_.clear();
    last_ = 0;
    cursor_.row = cursor_.column = cursor_.slack = main_slack_ = 0;
    set_tabs();
}

// DECALN: a picture of letters, which is nobody's text.
void Model::test_picture() {
    watcher_.leaving(true);
    grid().clear();
    top_ = 0;
    bottom_ = grid().rows() - 1;
    reset_sides();
    cursor_.origin = false;
    home();
}

}  // namespace aigate
