// See reading.h.
#include "reading.h"

#include <algorithm>

#include "width.h"

namespace aigate {

namespace {

constexpr size_t kMostApart = 4;  // rows
constexpr size_t kBefore = 512;  // cells of text that may decide whether what follows is undecided

// Lines and blocks that boxes are drawn with (U+2500 to U+259F): blank to a reader.
bool is_frame(char32_t code) { return code >= 0x2500 && code <= 0x259f; }

size_t bytes_of(char32_t code) {
    std::string text;
    append_character(text, code);
    return text.size();
}

}  // namespace

void Reading::clear() {
    text_.clear();
    cells_.clear();
}

// first: the number of the row's first cell.
// odd: what is odd is something, too.
void Reading::add(const Row& row, size_t begin, size_t end, uint32_t first, bool odd) {
    end = std::min(end, row.used);
    for (size_t at = begin; at < end; ++at) {
        const Cell& cell = row.cells[at];
        if (!cell.width) continue;
        const auto where = first == kNowhere ? kNowhere : first + static_cast<uint32_t>(at);
        if (cell.code < 0x80) {
            text_.push_back(cell.code ? static_cast<char>(cell.code) : ' ');
            cells_.push_back(where);
            continue;
        }
        if (!odd && is_odd(cell.code)) continue;
        const size_t before = text_.size();
        append_character(text_, is_frame(cell.code) ? U' ' : cell.code);
        cells_.insert(cells_.end(), text_.size() - before, where);
    }
}

void Reading::end_line() {
    text_ += '\n';
    cells_.push_back(kNowhere);
}

void Reading::read(const Grid& grid, const std::vector<Loose::Text>& known) {
    clear();
    const auto end_key = [&] { for (int blank = 0; blank < 3; ++blank) end_line(); };  // of many lines
    end_key();
    add_joined(grid);
    add_ended(grid);
    add_known(grid, known);
    add_apart(grid);
    end_key();
    size_t rows = grid.rows();
    while (rows && !grid.row(rows - 1).used) --rows;
    const auto columns = static_cast<uint32_t>(grid.columns());
    const auto line = [&](const Row& row, uint32_t first) {
        add(row, 0, row.used, first);
        if (!row.wrapped) end_line();
    };
    for (const Row& row : grid.history()) line(row, kNowhere);
    for (size_t at = 0; at < rows; ++at) line(grid.row(at), static_cast<uint32_t>(at) * columns);
}

void Reading::add_known(const Grid& grid, const std::vector<Loose::Text>& known) {
    for (const Loose::Text& text : known) {
        for (const Loose::Span& span : text) add(grid.row(span.row), span.begin, span.end, static_cast<uint32_t>(span.row * grid.columns()));
        end_line();
    }
}

// Adds what may be read by itself besides: rows that the one above has gone on in, and what was drawn there since is something
// else; and rows with what is odd: xterm.js leaves bytes out that are no character.
void Reading::add_apart(const Grid& grid) {
    const auto columns = static_cast<uint32_t>(grid.columns());
    for (size_t at = 0; at < grid.rows(); ++at) {
        const Row& row = grid.row(at);
        const auto number = static_cast<uint32_t>(at) * columns;
        if (row.odd) add(row, 0, row.used, number, false);
        if (row.odd) end_line();
        if (!at || !row.used || !grid.row(at - 1).wrapped) continue;
        const Cell& last = grid.cell(at - 1, grid.columns() - 1);
        if (last.blank() || (row.cells[0].stamp > last.stamp && row.cells[0].stamp - last.stamp == bytes_of(last.code))) continue;
        for (size_t next = at; next < std::min(at + kMostApart, grid.rows()); ++next) {
            add(grid.row(next), 0, grid.row(next).used, static_cast<uint32_t>(next) * columns);
            if (!grid.row(next).wrapped) break;
        }
        end_line();
    }
}

void Reading::read_before(const Grid& grid, size_t row, size_t column) {
    clear();
    size_t first = row;
    while (first && grid.row(first - 1).wrapped && (row - first + 1) * grid.columns() < kBefore) --first;
    for (; first <= row; ++first)
        add(grid.row(first), 0, first == row ? column : grid.columns(), static_cast<uint32_t>(first * grid.columns()));
}

// Finds the borders of each row. Returns whether there is anything that may go on in the next row.
bool Reading::find_columns(const Grid& grid) {
    columns_.resize(grid.rows());
    bool any = false;
    for (size_t at = 0; at < grid.rows(); ++at) {
        const Row& row = grid.row(at);
        std::vector<Column>& columns = columns_[at];
        columns.assign(1, {0, grid.columns()});
        any |= row.used + grid.columns() / 4 >= grid.columns();
        for (size_t side : {at - (at > 0), at}) {  // what was wrapped between margins
            if (!grid.row(side).side_end) continue;
            columns.push_back({grid.row(side).side_begin, std::min(grid.row(side).side_end, grid.columns())});
            any = true;
            if (!at) break;
        }
        if (!row.framed) continue;
        size_t begin = 0;
        for (size_t column = 0; column < row.used; ++column) {
            if (!is_border(row.cells[column].code)) continue;
            if (column > begin) columns.push_back({begin, column});
            begin = column + 1;
        }
        if (begin && begin < grid.columns()) columns.push_back({begin, grid.columns()});
        any |= columns.size() > 1;
    }
    return any;
}

Reading::Content Reading::content(const Row& row, const Column& column) const {
    Content found{column.begin, std::min(column.end, row.used)};
    while (found.begin < found.end && row.cells[found.begin].blank()) ++found.begin;
    while (found.begin < found.end && row.cells[found.end - 1].blank() && row.cells[found.end - 1].width) --found.end;
    if (found.begin >= found.end) return {};
    return found;
}

// Whether what stands in a column of a row is cut by the column's edge and goes on in the row below: it leaves no more
// room on the right than there is on the left, where people leave a margin.
bool Reading::goes_on(const Grid& grid, size_t row, const Column& column) const {
    if (row + 1 >= grid.rows()) return false;
    const std::vector<Column>& below = columns_[row + 1];
    if (std::find(below.begin(), below.end(), column) == below.end()) return false;
    const Content here = content(grid.row(row), column);
    if (here.empty()) return false;
    const bool whole = column.begin == 0 && column.end == grid.columns();
    const size_t room = column.end - here.end;
    if (room > grid.columns() / 4) return false;
    const Content next = content(grid.row(row + 1), column);
    if (next.empty()) return false;
    const size_t margin = std::min(here.begin, next.begin) - column.begin;
    return room <= (whole ? margin : std::max<size_t>(margin, 1));
}

// Adds once more, to its end, what was cut by the edge just where it ended: what stands below is something else.
void Reading::add_ended(const Grid& grid) {
    for (const Ended& ended : ends_) {
        const size_t first = ended.row - std::min(ended.rows, kMostApart);
        bool marked = false;
        for (size_t row = first; row <= ended.row; ++row) marked |= grid.row(row).marked;
        for (size_t row = first; marked && row <= ended.row; ++row) {
            const Content here = content(grid.row(row), ended.column);
            add(grid.row(row), here.begin, here.end, static_cast<uint32_t>(row * grid.columns()));
        }
        if (marked) end_line();
    }
    ends_.clear();
}

// Adds what goes on in the next row, each such text as one line.
void Reading::add_joined(const Grid& grid) {
    if (!find_columns(grid)) return;
    for (size_t at = 0; at < grid.rows(); ++at) {
        for (const Column& column : columns_[at]) {
            const auto& above = at ? columns_[at - 1] : columns_[at];
            const bool known = at && std::find(above.begin(), above.end(), column) != above.end() && goes_on(grid, at - 1, column);
            if (known || !goes_on(grid, at, column)) continue;
            bool more = true;
            for (size_t row = at; more; ++row) {
                more = goes_on(grid, row, column);
                if (row > at && more) ends_.push_back({row, column, row - at});
                const Content here = content(grid.row(row), column);
                add(grid.row(row), here.begin, here.end, static_cast<uint32_t>(row * grid.columns()));
            }
            end_line();
        }
    }
}

}  // namespace aigate
