// What a model does with rectangles of its screen (DEC STD 070; xterm's ctlseqs); see model.h.
#include "model.h"

#include <algorithm>
#include <utility>

namespace aigate {

namespace {

bool can_fill(char32_t code) { return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x100); }

}  // namespace

// The parameters from `first` on: top, left, bottom and right, counted from 1, within the margins where origin mode is on.
Model::Box Model::box(const Parser& parser, size_t first) const {
    const auto rows = static_cast<uint32_t>(grid().rows());
    const auto columns = static_cast<uint32_t>(grid().columns());
    const size_t down = cursor_.origin ? top_ : 0;
    const size_t across = cursor_.origin ? left_ : 0;
    const size_t last_row = cursor_.origin ? bottom_ + 1 : rows;
    const size_t last_column = cursor_.origin ? right_ + 1 : columns;
    return {std::min(down + parser.number(first) - 1, last_row), std::min(across + parser.number(first + 1) - 1, last_column),
            std::min(down + parser.number(first + 2, rows), last_row), std::min(across + parser.number(first + 3, columns), last_column)};
}

void Model::rectangle(const Parser& parser) {
    if (cursor_.slack) return lose();  // of which rows is not known
    watcher_.leaving(false);
    switch (parser.final()) {
        case 'x':
            if (can_fill(parser.number(0, 0))) fill_box(box(parser, 1), parser.number(0, 0));
            break;
        case 'z': case '{':
            for (Box of = box(parser, 0); !of.empty(); ++of.top)
                parser.final() == 'z' ? grid().erase(of.top, of.left, of.right) : grid().erase_selected(of.top, of.left, of.right);
            break;
        case 'v': copy_box(parser); break;
        case 'r': case 't': colour_box(parser, parser.final() == 't'); break;
        default: break;
    }
}

void Model::fill_box(const Box& of, char32_t code) {
    Cell cell;
    cell.code = code;
    cell.style = cursor_.style;
    cell.stamp = watcher_.place();
    cell.flags = Cell::Redrawn;
    for (size_t row = of.top; row < of.bottom; ++row)
        for (size_t column = of.left; column < of.right; ++column) grid().put(row, column, cell);
}

// From one place to another; the two may share cells. Pages are one and the same.
void Model::copy_box(const Parser& parser) {
    Box from = box(parser, 0);
    const size_t top = (cursor_.origin ? top_ : 0) + parser.number(5) - 1;
    const size_t left = (cursor_.origin ? left_ : 0) + parser.number(6) - 1;
    if (from.empty() || top >= grid().rows() || left >= grid().columns()) return;
    from.bottom = std::min(from.bottom, from.top + grid().rows() - top);
    from.right = std::min(from.right, from.left + grid().columns() - left);
    std::vector<Cell> cells;
    for (size_t row = from.top; row < from.bottom; ++row)
        cells.insert(cells.end(), grid().row(row).cells.begin() + static_cast<std::ptrdiff_t>(from.left), grid().row(row).cells.begin() + static_cast<std::ptrdiff_t>(from.right));
    const size_t wide = from.right - from.left;
    for (size_t at = 0; at < cells.size(); ++at) {
        Cell& cell = cells[at];
        cell.flags |= Cell::Redrawn;
        if (!cell.width) continue;  // comes with the one in front of it
        const size_t row = top + at / wide;
        const size_t column = left + at % wide;
        if (cell.code && at % wide + cell.width <= wide) grid().put(row, column, cell);
        else grid().erase(row, column, column + 1);
        grid().row(row).masked |= (cell.flags & Cell::Masked) != 0;
    }
}

// From its first cell to its last one through all the rows in between, unless it is to be a rectangle.
void Model::colour_box(const Parser& parser, bool reverse) {
    const Box of = box(parser, 0);
    Parameters wanted(parser.parameters().begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(4, parser.parameters().size())), parser.parameters().end());
    for (size_t row = of.top; row < of.bottom && !of.empty(); ++row) {
        const size_t begin = exact_ || row == of.top ? of.left : 0;
        const size_t end = exact_ || row + 1 == of.bottom ? of.right : grid().columns();
        for (size_t column = begin; column < end; ++column) {
            Cell& cell = grid().row(row).cells[column];
            if (reverse) cell.style.reverse(wanted, 0);
            else cell.style.apply(wanted);
        }
        grid().row(row).coloured = true;
    }
}

}  // namespace aigate
