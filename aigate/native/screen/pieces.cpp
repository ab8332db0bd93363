// See pieces.h.
#include "pieces.h"

#include <algorithm>

#include "../masker/text.h"

namespace aigate {

namespace {

constexpr size_t kLeast = 5;      // letters of a piece that is known again
constexpr size_t kEnough = 12;    // of one that may be anywhere in it
constexpr size_t kShortest = 16;  // bytes of what is kept,
constexpr size_t kLongest = 512;
constexpr size_t kMostBytes = 16 * 1024;  // all in all
constexpr size_t kMostOpen = 256;
constexpr uint64_t kNear = 1;       // byte of a letter of a token
constexpr char32_t kDots = 0x2026;
constexpr size_t kMostDots = 3;  // of letters: fzf has two

// The first letters of a text, as a number.
uint64_t letters(const std::string& text, size_t at) {
    uint64_t all = 0;
    for (size_t letter = 0; letter < kLeast; ++letter) all = all << 8 | static_cast<unsigned char>(text[at + letter]);
    return all;
}

bool has_digit(const std::string& text) { return std::any_of(text.begin(), text.end(), is_digit); }

// Whether a piece could as well be words.
bool is_plain(const std::string& text) {
    const auto capital = [](char byte) { return byte >= 'A' && byte <= 'Z'; };
    const auto small = [](char byte) { return byte >= 'a' && byte <= 'z'; };
    const bool mixed = std::any_of(text.begin() + 1, text.end(), capital) && std::any_of(text.begin(), text.end(), small);
    return !mixed && !has_digit(text);
}

bool is_text(const Cell& cell) { return cell.code > ' ' && cell.code < 0x7f && cell.code != '|' && cell.width == 1; }

std::string text_of(const Row& row, size_t begin, size_t end) {
    std::string text;
    for (; begin < end; ++begin) text += static_cast<char>(row.cells[begin].code);
    return text;
}

size_t first_of(const Row& row, size_t end, size_t limit) {
    while (end > limit && is_text(row.cells[end - 1])) --end;
    return end;
}

size_t end_of(const Row& row, size_t begin, size_t limit) {
    while (begin < limit && is_text(row.cells[begin])) ++begin;
    return begin;
}

}  // namespace

void Pieces::remember(const std::string& hidden) {
    if (hidden.size() < kShortest || hidden.size() > kLongest || !has_digit(hidden) || !std::any_of(hidden.begin(), hidden.end(), is_letter)) return;
    if (!std::all_of(hidden.begin(), hidden.end(), [](char byte) { return byte > ' ' && byte < 0x7f; })) return;
    const auto [first, last] = places_.equal_range(letters(hidden, 0));
    if (std::any_of(first, last, [&](const auto& place) { return place.second.offset == 0 && known_[place.second.known] == hidden; })) return;
    bytes_ += hidden.size();
    if (bytes_ > kMostBytes) {
        known_.clear();
        places_.clear();
        bytes_ = hidden.size();
    }
    for (size_t at = 0; at + kLeast <= hidden.size(); ++at) places_.emplace(letters(hidden, at), Place{known_.size(), at});
    known_.push_back(hidden);
}

const std::vector<Pieces::Piece>& Pieces::find(const Grid& grid, const Reading& reading) {
    pieces_.clear();
    for (row_ = 0; row_ < grid.rows(); ++row_)
        if (grid.row(row_).used) find_in_row(grid, reading, row_);
    return pieces_;
}

bool Pieces::has_begun(const std::string& text, size_t prefix) const {
    for (size_t at = 0; at <= prefix && at + kLeast <= text.size(); ++at) {
        const auto [first, last] = places_.equal_range(letters(text, at));
        const auto begins = [&](const auto& near) { return !near.second.offset && shared(near.second, text, at) == text.size() - at; };
        if (std::any_of(first, last, begins) && !is_plain(text.substr(at))) return true;
    }
    return false;
}

bool Pieces::has_cut(const std::string& text) const {
    for (size_t at = 0; !places_.empty() && at + kLeast <= text.size(); ++at) {
        const auto [first, last] = places_.equal_range(letters(text, at));
        const auto begins = [&](const auto& near) { return !near.second.offset; };
        const auto whole = [&](const auto& near) { return begins(near) && shared(near.second, text, at) == known_[near.second.known].size(); };
        if (std::any_of(first, last, begins) && std::none_of(first, last, whole)) return true;
    }
    return false;
}

// Whether the terminal has wrapped a row and what stands below goes on there: a pager draws a prompt over it.
bool Pieces::goes_on(const Grid& grid, size_t at) const {
    if (!grid.row(at).wrapped || at + 1 == grid.rows()) return false;
    const uint64_t last = grid.cell(at, grid.columns() - 1).stamp;
    const uint64_t next = grid.cell(at + 1, 0).stamp;
    return next > last && next - last <= kNear;
}

void Pieces::find_in_row(const Grid& grid, const Reading& reading, size_t at) {
    const Row& row = grid.row(at);
    for (const Reading::Column& column : reading.columns(at)) {
        const Reading::Content content = reading.content(row, column);
        if (content.empty()) continue;
        const bool on_right = content.end + 1 >= column.end && !goes_on(grid, at);
        cut_on_left(row, content.begin, end_of(row, content.begin, content.end), on_right);
        if (!on_right) continue;
        const bool marked = content.end == grid.columns() && row.cells[content.end - 1].code == '>';  // less -S: there is more
        const size_t end = content.end - marked;
        cut_on_right(row, first_of(row, end, content.begin), end);
    }
    find_beside_dots(row);
}

void Pieces::find_beside_dots(const Row& row) {
    for (size_t at = 0; at < row.used; ++at) {
        const auto is_dot = [&](size_t place) { return place < row.used && row.cells[place].code == '.'; };
        size_t behind = at;
        while (behind < at + kMostDots && is_dot(behind)) ++behind;
        if (behind < at + 2 && row.cells[at].code != kDots) continue;
        behind += behind == at;
        cut_on_right(row, first_of(row, at, 0), at);
        cut_on_left(row, behind, end_of(row, behind, row.used), false);
        at = behind - 1;
    }
}

// Looks at what begins behind a cut. on_right: there, another one may be.
void Pieces::cut_on_left(const Row& row, size_t begin, size_t end, bool on_right) {
    if (places_.empty() || end - begin < kLeast) return;
    const std::string text = text_of(row, begin, end);
    const auto [first, last] = places_.equal_range(letters(text, 0));
    size_t most = 0;
    for (auto near = first; near != last; ++near) {
        const size_t size = shared(near->second, text, 0);
        const bool ends = near->second.offset + size == known_[near->second.known].size();
        if (ends || size >= kEnough || (on_right && size == text.size())) most = std::max(most, size);
    }
    if (most && !is_plain(text.substr(0, most))) add(begin, begin + most, true);
}

// Looks at what ends in front of a cut.
void Pieces::cut_on_right(const Row& row, size_t begin, size_t end) {
    if (begin == end) return;
    const std::string text = text_of(row, begin, end);
    size_t from = 0;
    size_t shown = 0;
    if (certain_.find(text, &from, &shown) && from + shown < text.size() && !is_plain(text.substr(from + shown)) && is_open(text.substr(from))) {
        remember(text.substr(from + shown));
        return add(begin + from + shown, end, false);
    }
    for (size_t at = 0; !places_.empty() && at + kLeast <= text.size(); ++at) {
        const auto [first, last] = places_.equal_range(letters(text, at));
        for (auto near = first; near != last; ++near)
            if (!near->second.offset && shared(near->second, text, at) == text.size() - at && !is_plain(text.substr(at))) return add(begin + at, end, true);
    }
}

// How many letters of what is known stand there.
size_t Pieces::shared(const Place& place, const std::string& text, size_t at) const {
    const std::string& known = known_[place.known];
    const auto from = known.begin() + static_cast<std::ptrdiff_t>(place.offset);
    return static_cast<size_t>(std::mismatch(from, known.end(), text.begin() + static_cast<std::ptrdiff_t>(at), text.end()).first - from);
}

// Whether a rule could match what stands there and more.
bool Pieces::is_open(const std::string& text) {
    const auto known = open_.find(text);
    if (known != open_.end()) return known->second;
    if (!front_) front_ = std::make_unique<Front>(rules_.shape(), nullptr);
    front_->reset();
    for (char byte : text) front_->advance(static_cast<unsigned char>(byte));
    if (open_.size() == kMostOpen) open_.clear();
    return open_[text] = front_->undecided() == text.size();
}

}  // namespace aigate
