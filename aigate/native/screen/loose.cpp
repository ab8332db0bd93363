// See loose.h.
#include "loose.h"

#include <algorithm>

namespace aigate {

namespace {

constexpr size_t kLongestHead = 24;  // letters of what makes a rule certain only with those below;
constexpr size_t kLeast = 20;        // of all of it
constexpr size_t kOut = 4;         // cells by which the first row may be set in
constexpr size_t kMostRows = 16;   // over which one token goes
constexpr size_t kMostTexts = 64;
constexpr size_t kMostKnown = 256;

bool is_text(const Row& row, size_t at) {
    return at < row.used && row.cells[at].code > ' ' && row.cells[at].code < 0x7f && row.cells[at].width == 1 && !is_border(row.cells[at].code);
}

bool is_blank(const Row& row, size_t at) { return at >= row.used || row.cells[at].blank(); }

// A mark that no token has in it: a bullet, a sign that a row goes on, a side of a box of letters.
bool is_mark(const Row& row, size_t at) {
    if (at >= row.used || row.cells[at].blank()) return false;
    const char32_t code = row.cells[at].code;
    return code >= 0x80 || !(code == '_' || code == '-' || (code >= '0' && code <= '9') || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z'));
}

bool has_other_background(const Row& row, size_t at) { return at && at < row.used && !row.cells[at].style.has_background_of(row.cells[at - 1].style); }

// Whether the room between two columns may begin there: two blanks, a side, another background.
bool is_gap(const Row& row, size_t at) {
    return at >= row.used || is_border(row.cells[at].code) || (is_blank(row, at) && is_blank(row, at + 1)) || has_other_background(row, at);
}

// The same, and where a mark is the side.
bool parts(const Row& row, size_t at) {
    if (is_gap(row, at)) return true;
    const size_t mark = at + is_blank(row, at);
    return is_mark(row, mark) && is_gap(row, mark + 1);
}

// Whether text begins there behind such room; beside: or behind another background.
bool begins(const Row& row, size_t at, bool beside) {
    if (!is_text(row, at)) return false;
    if (!at || is_border(row.cells[at - 1].code)) return true;
    if (has_other_background(row, at)) return beside;
    return is_blank(row, at - 1) && (at == 1 || is_blank(row, at - 2) || is_border(row.cells[at - 2].code) || (beside && has_other_background(row, at - 1)));
}

// Whether it begins there behind marks, or behind nothing but numbers and marks: a margin that each row has.
bool begins_behind_marks(const Row& row, size_t at) {
    if (!is_text(row, at) || is_mark(row, at) || !at) return false;
    size_t before = at - 1;
    while (before && is_blank(row, before)) --before;
    const auto is_dash = [&](size_t place) { return row.cells[place].code == '-'; };
    if ((!is_mark(row, before) && !is_dash(before)) || at - before > kOut) return false;
    const auto is_margin = [&](size_t place) { return is_mark(row, place) || is_dash(place) || is_blank(row, place) || (row.cells[place].code >= '0' && row.cells[place].code <= '9'); };
    while (before && at - before <= 2 * kOut && !is_gap(row, before - 1) && is_margin(before - 1)) --before;
    return !before || is_gap(row, before - 1) || is_blank(row, before - 1);
}

size_t end_of(const Row& row, size_t at) {
    do ++at; while (!parts(row, at));
    return at;
}

size_t end_of_word(const Row& row, size_t at) {
    while (is_text(row, at)) ++at;
    return at;
}

std::string text_of(const Row& row, size_t begin, size_t end) {
    std::string text;
    for (; begin < end; ++begin) text += static_cast<char>(row.cells[begin].code);
    return text;
}

// Whether a word could as well be none of a token's: no digit, and capital letters at its beginning at most.
bool is_plain(const std::string& word) {
    return std::none_of(word.begin(), word.end(), [](char byte) { return byte >= '0' && byte <= '9'; }) &&
           (word.empty() || std::none_of(word.begin() + 1, word.end(), [](char byte) { return byte >= 'A' && byte <= 'Z'; }));
}

}  // namespace

const std::vector<Loose::Text>& Loose::find(const Grid& grid, size_t row, size_t column) {
    texts_.clear();
    row_ = row;
    column_ = column;
    for (size_t at = 0; at + 1 < grid.rows() && texts_.size() < kMostTexts; ++at)
        if ((grid.row(at).marked || grid.row(at + 1).marked) && grid.row(at + 1).used) find_in_row(grid, at);
    return texts_;
}

// Looks at each word that ends where its column may end, and makes a rule certain, alone or with what stands below.
void Loose::find_in_row(const Grid& grid, size_t at) {
    const Row& row = grid.row(at);
    for (size_t begin = 0; begin < row.used; ++begin) {
        if (!is_text(row, begin)) continue;
        size_t end = end_of_word(row, begin);
        const size_t next = end;
        if (parts(row, end)) {
            if (is_mark(row, end - 1)) --end;
            const bool drawn = at == row_ && end == column_ && end < grid.columns() && !is_whole(text_of(row, begin, end));
            if (!drawn && (is_certain(text_of(row, begin, end)) || (grid.row(at + 1).marked && end - begin <= kLongestHead))) follow(grid, at, begin, end);
        }
        begin = next;
    }
}

// Follows a word into the rows below, from where its column begins or there behind another background.
void Loose::follow(const Grid& grid, size_t at, size_t word, size_t end) {
    const Row& row = grid.row(at);
    size_t beside = word;
    while (beside && !begins(row, beside, true)) --beside;
    size_t column = beside;
    while (column && !begins(row, column, false)) --column;
    if (!follow(grid, {at, beside, end}, word, false) && beside != column) follow(grid, {at, column, end}, word, false);
    follow(grid, {at, column, end}, word, true);
}

// Follows a word into the rows below. They begin where the column does, or behind marks there, and go no further than the word
// has gone. Which of them is the last is not known. Returns whether there is one.
bool Loose::follow(const Grid& grid, const Span& first, size_t word, bool marked) {
    Text text{first};
    std::string joined = text_of(grid.row(first.row), word, first.end);
    bool filled = true;
    bool certain = is_certain(joined);
    for (size_t at = first.row + 1; filled && at < grid.rows() && text.size() < kMostRows; ++at) {
        const Row& row = grid.row(at);
        size_t begin = first.begin - std::min(first.begin, kOut);
        while (begin <= word && !(marked ? begins_behind_marks(row, begin) : begins(row, begin, true))) ++begin;
        if (begin > word) break;
        const size_t end = end_of(row, begin);
        const size_t behind = end_of_word(row, begin);
        const std::string next = text_of(row, begin, behind);
        if (!certain && next.find_first_of("_-") >= kLongestHead) break;
        const bool whole = certain && is_whole(joined);
        if (end > first.end + 1 || is_certain(next) || (whole && is_plain(next))) break;  // something else begins there
        certain = certain || is_certain(joined + next);
        if (!certain) break;
        joined += next;
        text.push_back({at, begin, std::min(end, first.end)});
        filled = behind + 1 >= first.end;
        if (joined.size() < kLeast) continue;
        const bool edge = end + 1 >= first.end;  // something else says that the column ends there
        if (edge || text.size() > 2 || !whole) texts_.push_back(text);
    }
    return text.size() > 1;
}

bool Loose::is_certain(const std::string& word) {
    size_t from = 0;
    size_t shown = 0;
    return certain_.find(word, &from, &shown);
}

bool Loose::is_whole(const std::string& word) {
    const auto known = whole_.find(word);
    if (known != whole_.end()) return known->second;
    if (whole_.size() == kMostKnown) whole_.clear();
    return whole_[word] = matches_(word);
}

}  // namespace aigate
