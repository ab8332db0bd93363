// See glimpse.h.
#include "glimpse.h"

#include <algorithm>

#include "width.h"

namespace aigate {

namespace {

constexpr const char* kSome = " aigate: masked on this screen; any key goes back ";
constexpr const char* kNone = " aigate: nothing is masked on this screen; any key goes back ";

}  // namespace

std::string last_masked(const Grid& grid, const Reading& reading) {
    const std::vector<uint32_t>& cells = reading.cells();
    const std::string& text = reading.text();
    const auto is_masked = [&](size_t at) {
        const uint32_t where = cells[at];
        return where != Reading::kNowhere && grid.cell(where / grid.columns(), where % grid.columns()).flags & Cell::Masked;
    };
    const auto goes_on = [&](size_t at) { return text[at] != '\n' && (text[at] != ' ' || is_masked(at)); };
    uint32_t last = Reading::kNowhere;
    for (size_t at = 0; at < text.size(); ++at)
        if (is_masked(at) && (last == Reading::kNowhere || cells[at] > last)) last = cells[at];
    std::string found;
    for (size_t at = 0; last != Reading::kNowhere && at < text.size(); ++at) {  // it may be read as a row and as part of a box
        if (cells[at] != last) continue;
        size_t begin = at;
        size_t end = at;
        while (begin && goes_on(begin - 1)) --begin;
        while (end < text.size() && goes_on(end)) ++end;
        if (end - begin > found.size()) found = text.substr(begin, end - begin);
    }
    return found;
}

std::string page_of(const std::string& text, size_t rows, size_t columns) {
    std::string page = "\x1b[m\x1b[H\x1b[2J\x1b[7m";
    page.append(text.empty() ? kNone : kSome, std::min(columns, std::char_traits<char>::length(text.empty() ? kNone : kSome)));
    page += "\x1b[m";
    size_t row = 1;
    size_t column = columns;
    for (size_t at = 0, length = 0; at < text.size(); at += length) {
        const char32_t code = read_character(text.data() + at, text.size() - at, &length);
        const size_t width = cell_width(code);
        if (column + width > columns) {
            if (++row > rows) break;
            page += "\x1b[" + std::to_string(row) + ";1H";
            column = 0;
        }
        page.append(text, at, length);
        column += width;
    }
    return page;
}

}  // namespace aigate
