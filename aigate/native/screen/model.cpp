// See model.h.
#include "model.h"

#include <algorithm>

#include "width.h"

namespace aigate {

namespace {

constexpr size_t kTab = 8;

// DEC special graphics, 60 to 7E; the others of that set are as in ASCII.
constexpr char32_t kGraphics[] = U"\u25c6\u2592\u2409\u240c\u240d\u240a\u00b0\u00b1\u2424\u240b\u2518\u2510\u250c\u2514\u253c\u23ba"
                                 U"\u23bb\u2500\u23bc\u23bd\u251c\u2524\u2534\u252c\u2502\u2264\u2265\u03c0\u2260\u00a3\u00b7";

}  // namespace

Model::Model(size_t rows, size_t columns, Watcher& watcher) : watcher_(watcher), main_(rows, columns), other_(rows, columns), bottom_(rows - 1) {
    set_tabs();
    not_sure();
}

void Model::set_tabs() {
    tabs_.resize(grid().columns());
    for (size_t at = 0; at < tabs_.size(); ++at) tabs_[at] = at % kTab == 0;
}

void Model::resize(size_t rows, size_t columns) {
    main_.resize(rows, columns);
    other_.resize(rows, columns);
    top_ = 0;
    bottom_ = rows - 1;
    cursor_.column = std::min(cursor_.column, columns - 1);
    set_tabs();
    for (Cursor& saved : saved_) saved = Cursor();
    not_sure();
    main_slack_ = rows - 1;
}

// Where the cursor is and what stands around it is not known.
void Model::not_sure() {
    grid().clear();
    cursor_.row = grid().rows() - 1;
    cursor_.slack = cursor_.row;
    cursor_.pending = false;
}

void Model::lose() {
    watcher_.leaving(true);
    not_sure();
}

void Model::apply(const Parser& parser, Parser::Event event) {
    const char32_t last = last_;
    last_ = 0;
    if (event == Parser::Event::Csi && parser.final() == 'b') last_ = last;
    switch (event) {
        case Parser::Event::Print: return print(parser.code());
        case Parser::Event::Control: return control(parser.code());
        case Parser::Event::Escape: return escape(parser);
        case Parser::Event::Csi: return sequence(parser);
        case Parser::Event::String: return string(parser);
        case Parser::Event::None: return;
    }
}

char32_t Model::in_set(char32_t code) {
    const char set = cursor_.sets[once_ != kNoShift ? once_ : cursor_.shift];
    once_ = kNoShift;
    return set == '0' && code >= 0x60 && code < 0x7f ? kGraphics[code - 0x60] : code;
}

void Model::print(char32_t raw, bool repeated) {
    const char32_t code = in_set(raw);
    Grid& cells = grid();
    const size_t width = std::min(cell_width(code), cells.columns());
    if (!width) return;
    const bool full = cursor_.pending || cursor_.column + width > cells.columns();
    const bool wraps = wraps_ && full;
    if (wraps && cursor_.row == bottom_ && !repeated) row_leaves();
    if (wraps) {
        cells.row(cursor_.row).wrapped = true;
        line_feed();
        cursor_.column = 0;
    } else if (full) {
        cursor_.column = cells.columns() - width;
    }
    Cell cell;
    const Cell& before = cells.cell(cursor_.row, cursor_.column);
    if (!wraps && before.code && before.code != code && before.stamp >= watcher_.looked() && !repeated) watcher_.leaving(false);
    cell.code = code;
    cell.width = static_cast<uint8_t>(width);
    cell.style = cursor_.style;
    cell.stamp = watcher_.place();
    if (before.code == code) {
        cell.flags = before.flags & Cell::Counted;
        watcher_.drawn_again(before.stamp);
    }
    if (repeated) cell.flags |= Cell::Repeated;
    if (insert_) cells.insert(cursor_.row, cursor_.column, width);
    cells.put(cursor_.row, cursor_.column, cell);
    last_ = raw;
    cursor_.column += width;
    cursor_.pending = cursor_.column == cells.columns();
    if (cursor_.pending) --cursor_.column;
    after_text_ = true;
}

void Model::control(char32_t code) {
    switch (code) {
        case '\b': to_column(cursor_.column ? cursor_.column - 1 : 0); break;
        case '\t': tab(1); break;
        case '\n': case '\v': case '\f':
            if (cursor_.row == bottom_) row_leaves();
            line_feed();
            if (new_line_) cursor_.column = 0;
            break;
        case '\r': to_column(0); break;
        case 0x0e: cursor_.shift = 1; break;
        case 0x0f: cursor_.shift = 0; break;
        default: break;
    }
}

void Model::escape(const Parser& parser) {
    const std::string& between = parser.intermediates();
    const char final = parser.final();
    if (between.size() == 1) {
        const size_t set = std::string("()*+").find(between[0]);
        if (set != std::string::npos) cursor_.sets[set] = final;
        if (between[0] == '#' && final == '8') test_picture();
        return;
    }
    if (!between.empty()) return;
    switch (final) {
        case '7': save(); break;
        case '8': restore(); break;
        case 'D': control('\n'); break;
        case 'E': cursor_.column = 0; control('\n'); break;
        case 'H': tabs_[cursor_.column] = true; break;
        case 'M': reverse_feed(); break;
        case 'N': once_ = 2; break;
        case 'O': once_ = 3; break;
        case 'c': reset(); break;
        case 'n': cursor_.shift = 2; break;
        case 'o': cursor_.shift = 3; break;
        default: break;
    }
}

void Model::sequence(const Parser& parser) {
    const char final = parser.final();
    if (!parser.intermediates().empty()) {
        if (parser.intermediates() == "!" && final == 'p') reset_modes();
        return;
    }
    if (parser.prefix() == '?') {
        if (final == 'h' || final == 'l') return private_modes(parser, final == 'h');
        if (final == 'J') return erase_display(parser.number(0, 0));
        if (final == 'K') return erase_line(parser.number(0, 0));
    }
    if (parser.prefix()) return;
    const uint32_t count = parser.number(0);
    Grid& cells = grid();
    switch (final) {
        case '@':
            watcher_.leaving(false);
            cells.insert(cursor_.row, cursor_.column, count);
            cursor_.pending = false;
            break;
        case 'A': up(count); break;
        case 'B': down(count); break;
        case 'C': case 'a': to_column(cursor_.column + count); break;
        case 'D': to_column(cursor_.column - std::min<size_t>(count, cursor_.column)); break;
        case 'E': down(count); to_column(0); break;
        case 'F': up(count); to_column(0); break;
        case 'G': case '`': to_column(count - 1); break;
        case 'H': case 'f': to(count - 1, parser.number(1) - 1); break;
        case 'I': tab(count); break;
        case 'J': erase_display(parser.number(0, 0)); break;
        case 'K': erase_line(parser.number(0, 0)); break;
        case 'L': insert_lines(count); break;
        case 'M': delete_lines(count); break;
        case 'P':
            watcher_.leaving(false);
            cells.remove(cursor_.row, cursor_.column, count);
            cursor_.pending = false;
            break;
        case 'S': scroll_up(count); break;
        case 'T': case '^': if (parser.parameters().size() <= 1) scroll_down(count); break;
        case 'X':
            watcher_.leaving(false);
            cells.erase(cursor_.row, cursor_.column, cursor_.column + count);
            cursor_.pending = false;
            break;
        case 'Z': back_tab(count); break;
        case 'b': repeat(count); break;
        case 'd': to(count - 1, cursor_.column); break;
        case 'e': down_anywhere(count); break;
        case 'g':
            if (parser.number(0, 0) == 0) tabs_[cursor_.column] = false;
            else if (parser.number(0, 0) == 3) std::fill(tabs_.begin(), tabs_.end(), false);
            break;
        case 'h': case 'l':
            for (const Parameter& mode : parser.parameters()) {
                if (mode.value == 4) insert_ = final == 'h';
                if (mode.value == 20) new_line_ = final == 'h';
            }
            break;
        case 'm': cursor_.style.apply(parser.parameters()); break;
        case 'r': set_margins(parser); break;
        case 's': if (parser.parameters().empty()) save(); break;
        case 'u': restore(); break;
        default: break;
    }
}

void Model::private_modes(const Parser& parser, bool on) {
    for (const Parameter& mode : parser.parameters()) private_mode(mode.value, on);
}

void Model::private_mode(uint32_t mode, bool on) {
    switch (mode) {
        case 6: cursor_.origin = on; home(); break;
        case 7: wraps_ = on; if (!on) cursor_.pending = false; break;
        case 47: switch_screen(on); break;
        case 1047:
            watcher_.leaving(false);
            if (!on && alternate_) other_.clear();
            switch_screen(on);
            break;
        case 1048: on ? save() : restore(); break;
        case 1049:
            watcher_.leaving(false);
            if (on) {
                if (!alternate_) save();
                switch_screen(true);
                other_.clear();
            } else if (alternate_) {
                leave_alternate();
            } else {
                restore();
            }
            break;
        default: break;
    }
}

void Model::string(const Parser& parser) {
    const std::string& text = parser.string();
    const bool draws = parser.introducer() == 'P' ? text.find('q') < 16 && text.find_first_of("$+") > text.find('q')
                     : parser.introducer() == '_' ? text.rfind("G", 0) == 0
                     : parser.introducer() == ']' && text.rfind("1337;File", 0) == 0;
    if (draws) return lose();  // a picture, which moves the cursor as far as it is large
    if (parser.introducer() != ']' || text.rfind("8;", 0) != 0) return;
    const size_t address = text.find(';', 2);
    link_ = address == std::string::npos || address + 1 == text.size() || text.size() >= Parser::kStringKept ? "" : text;
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
    to_column(column);
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
    grid().up(top_, bottom_, 1, !alternate_);
    if (cursor_.slack) --cursor_.slack;
}

void Model::reverse_feed() {
    cursor_.pending = after_text_ = false;
    if (cursor_.slack && cursor_.row <= cursor_.slack) return lose();
    if (cursor_.row == top_) {
        watcher_.leaving(false);
        grid().down(top_, bottom_, 1);
    } else if (cursor_.row) {
        --cursor_.row;
    }
}

void Model::scroll_up(size_t count) {
    if (cursor_.slack) return lose();
    watcher_.leaving(top_ == 0 && !alternate_);
    grid().up(top_, bottom_, count, !alternate_);
}

void Model::scroll_down(size_t count) {
    if (cursor_.slack) return lose();
    watcher_.leaving(false);
    grid().down(top_, bottom_, count);
}

void Model::insert_lines(size_t count) {
    if (cursor_.row < top_ || cursor_.row > bottom_) return;
    watcher_.leaving(false);
    grid().down(cursor_.row, bottom_, count);
    to_column(0);
}

void Model::delete_lines(size_t count) {
    if (cursor_.row < top_ || cursor_.row > bottom_) return;
    watcher_.leaving(false);
    grid().up(cursor_.row, bottom_, count, false);
    to_column(0);
}

void Model::erase_display(uint32_t what) {
    if (what > 2) return;
    watcher_.leaving(true);
    Grid& cells = grid();
    if (what == 2) return cells.erase_rows(0, cells.rows());
    erase_line(what);
    if (what == 0) cells.erase_rows(cursor_.row + 1, cells.rows());
    else cells.erase_rows(0, cursor_.row);
}

void Model::erase_line(uint32_t what) {
    if (what > 2) return;
    watcher_.leaving(false);
    const size_t begin = what == 0 ? cursor_.column : 0;
    const size_t end = what == 1 ? cursor_.column + 1 : grid().columns();
    grid().erase(cursor_.row, begin, end);
}

void Model::tab(size_t count) {
    if (cursor_.pending) return;
    after_text_ = false;
    const size_t last = grid().columns() - 1;
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

void Model::save() { saved_[alternate_] = cursor_; }

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
    insert_ = new_line_ = false;
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
    cursor_.origin = false;
    home();
}

bool Model::is_plain() const {
    if (alternate_ || cursor_.column || cursor_.pending || cursor_.origin || insert_ || new_line_ || !wraps_ || shifted_once()) return false;
    if (top_ || bottom_ + 1 != grid().rows() || cursor_.sets[cursor_.shift] != 'B') return false;
    for (size_t at = cursor_.row; at < grid().rows(); ++at)
        if (grid().row(at).used) return false;
    return true;
}

}  // namespace aigate
