// See model.h.
#include "model.h"

#include <algorithm>

#include "width.h"

namespace aigate {

namespace {

// DEC special graphics, 60 to 7E; the others of that set are as in ASCII.
constexpr char32_t kGraphics[] = U"\u25c6\u2592\u2409\u240c\u240d\u240a\u00b0\u00b1\u2424\u240b\u2518\u2510\u250c\u2514\u253c\u23ba"
                                 U"\u23bb\u2500\u23bc\u23bd\u251c\u2524\u2534\u252c\u2502\u2264\u2265\u03c0\u2260\u00a3\u00b7";

}  // namespace

Model::Model(size_t rows, size_t columns, Watcher& watcher) : watcher_(watcher), main_(rows, columns, cursor_.style), other_(rows, columns, cursor_.style), bottom_(rows - 1) {
    set_tabs();
    reset_sides();
    not_sure();
}

void Model::apply(const Parser& parser, Parser::Event event) {
    const char32_t last = last_;
    last_ = 0;
    if (event == Parser::Event::Csi && parser.final() == 'b') last_ = last;
    switch (event) {
        case Parser::Event::Print:
            scale_ = parser.scale();
            sized_width_ = parser.sized_width();
            if (!print_within(parser.code(), parser)) print(parser.code());
            return;
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

// A text that is given a width stands in these cells, however many characters it has: those behind the first one go there,
// too, and share the last one where there are more than cells, or each where they are small.
bool Model::print_within(char32_t code, const Parser& parser) {
    if (!sized_width_) return false;
    if (!cell_width(code)) return true;
    const bool goes_on = sized_ == parser.sized();
    sized_ = parser.sized();
    if (!goes_on) {
        print(code);
        sized_end_ = cursor_.column + cursor_.pending;
        sized_at_ = sized_end_ - std::min<size_t>(sized_end_, scale_ * sized_width_) + 1;
        sized_letters_ = 1;
        return true;
    }
    sized_end_ = std::min(sized_end_, grid().columns());
    sized_at_ = std::min(sized_at_, sized_end_);
    grid().row(cursor_.row).fresh = true;
    if (sized_at_ >= sized_end_ || sized_letters_ < parser.sized_share()) {
        Cell& shared = grid().row(cursor_.row).cells[sized_at_ - 1];
        if (shared.flags & Cell::Masked) shared.flags |= Cell::Redrawn;  // its stamp tells of a star
        shared.flags &= static_cast<uint8_t>(~(Cell::Masked | Cell::Foreseen));
        shared.code = share_cell(shared.code, code);
        ++sized_letters_;
        return true;
    }
    sized_letters_ = 1;
    Cell& cell = grid().row(cursor_.row).cells[sized_at_++];
    cell.code = code;
    cell.width = 1;
    cell.style = cursor_.style;
    cell.stamp = watcher_.place();
    return true;
}

void Model::print(char32_t raw, bool repeated) {
    const char32_t code = in_set(raw);
    Grid& cells = grid();
    const size_t width = std::min(cell_width(code), cells.columns());
    if (!width) return;
    const size_t taken = std::min<size_t>(sized_width_ ? scale_ * sized_width_ : scale_ * width, cells.columns());
    const size_t end = edge();
    const bool full = cursor_.pending || cursor_.column + taken > end;
    const bool wraps = wraps_ && full;
    if (wraps && cursor_.row == bottom_ && !repeated) row_leaves();
    if (wraps) {
        Row& row = cells.row(cursor_.row);
        row.wrapped = is_whole();
        row.side_begin = left_;
        row.side_end = row.wrapped ? 0 : right_ + 1;
        const bool within = cursor_.column >= left_;
        line_feed();
        cursor_.column = within ? left_ : 0;
    } else if (full) {
        cursor_.column = end - std::min(end, taken);
    }
    Cell cell;
    const Cell& before = cells.cell(cursor_.row, cursor_.column);
    if (!wraps && before.code && before.code != code && before.stamp >= watcher_.looked() && !repeated) watcher_.leaving(false);
    cell.code = code;
    cell.width = static_cast<uint8_t>(width);
    cell.style = cursor_.style;
    cell.stamp = watcher_.place();
    cell.scale = static_cast<uint8_t>(scale_);
    if (before.code == code) {
        cell.flags = before.flags & Cell::Counted;
        watcher_.drawn_again(before.stamp);
    }
    if (repeated) cell.flags |= Cell::Redrawn;
    if (cursor_.protects) cell.flags |= Cell::Protected;
    if (insert_) cells.insert(cursor_.row, cursor_.column, width, edge());
    cells.put(cursor_.row, cursor_.column, cell);
    if (taken > width) cells.cover(cursor_.row, cursor_.column + width, cursor_.column + taken);
    last_ = raw;
    const size_t behind = edge();
    cursor_.column += taken;
    cursor_.pending = cursor_.column == behind;
    if (cursor_.pending) --cursor_.column;
    after_text_ = true;
}

void Model::control(char32_t code) {
    switch (code) {
        case '\b': back(); break;
        case '\t': tab(1); break;
        case '\n': case '\v': case '\f':
            if (cursor_.row == bottom_) row_leaves();
            line_feed();
            if (new_line_) cursor_.column = 0;
            break;
        case '\r': return_to_left(); break;
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
        case '6': index_column(true); break;
        case '7': save(); break;
        case '8': restore(); break;
        case '9': index_column(false); break;
        case 'D': control('\n'); break;
        case 'E': return_to_left(); control('\n'); break;
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
        const std::string& between = parser.intermediates();
        if (between == "!" && final == 'p') reset_modes();
        else if (between == "\"" && final == 'q') cursor_.protects = parser.number(0, 0) == 1;
        else if (between == "*" && final == 'x') exact_ = parser.number(0, 0) == 2;
        else if (between == "$" && !parser.prefix()) rectangle(parser);
        else if (between == " " && (final == '@' || final == 'A')) shift_columns(left_, parser.number(0), final == 'A');
        else if (between == "'" && (final == '}' || final == '~')) shift_columns(cursor_.column, parser.number(0), final == '}');
        return;
    }
    if (parser.prefix() == '?') {
        if (final == 'h' || final == 'l') return private_modes(parser, final == 'h');
        if (final == 'J') return erase_display(parser.number(0, 0), true);
        if (final == 'K') return erase_line(parser.number(0, 0), true);
    }
    if (parser.prefix()) return;
    asks_itself_ |= final == 'n' && parser.number(0, 0) == 6;
    const uint32_t count = parser.number(0);
    Grid& cells = grid();
    switch (final) {
        case '@':
            if (!is_between_sides()) break;
            watcher_.leaving(false);
            cells.insert(cursor_.row, cursor_.column, count, edge());
            cursor_.pending = false;
            break;
        case 'A': up(count); break;
        case 'B': down(count); break;
        case 'C': case 'a': to_column(std::min<size_t>(cursor_.column + count, edge() - 1)); break;
        case 'D': left(count); break;
        case 'E': down(count); return_to_left(); break;
        case 'F': up(count); return_to_left(); break;
        case 'G': case '`': to_column(count - 1); break;
        case 'H': case 'f': to(count - 1, parser.number(1) - 1); break;
        case 'I': tab(count); break;
        case 'J': erase_display(parser.number(0, 0)); break;
        case 'K': erase_line(parser.number(0, 0)); break;
        case 'L': insert_lines(count); break;
        case 'M': delete_lines(count); break;
        case 'P':
            if (!is_between_sides()) break;
            watcher_.leaving(false);
            cells.remove(cursor_.row, cursor_.column, count, edge());
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
        case 's':
            if (sided_) set_sides(parser);
            else if (parser.parameters().empty()) save();
            break;
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
        case 45: unwraps_ = on; break;
        case 69:
            sided_ = on;
            reset_sides();
            break;
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
    const bool sixel = parser.introducer() == 'P' && text.find('q') < 16 && text.find_first_of("$+") > text.find('q');
    if (sixel || (parser.introducer() == ']' && text.rfind("1337;File", 0) == 0)) return picture("", true);
    if (parser.introducer() == '_' && text.rfind("G", 0) == 0) return picture("," + text.substr(1, text.find(';') - 1) + ",", false);
    if (parser.introducer() != ']' || text.rfind("8;", 0) != 0) return;
    const size_t address = text.find(';', 2);
    link_ = address == std::string::npos || address + 1 == text.size() || text.size() >= Parser::kStringKept ? "" : text;
}

bool Model::is_plain() const {
    if (alternate_ || cursor_.column || cursor_.pending || cursor_.origin || insert_ || new_line_ || !wraps_ || shifted_once()) return false;
    if (top_ || !is_whole() || bottom_ + 1 != grid().rows() || cursor_.sets[cursor_.shift] != 'B') return false;
    for (size_t at = cursor_.row; at < grid().rows(); ++at)
        if (grid().row(at).used) return false;
    return true;
}

}  // namespace aigate
