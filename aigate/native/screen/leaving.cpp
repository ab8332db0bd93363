// What leaves a veil: the bytes that wait, with what stands for some of them, and what is drawn over what was shown. See veil.h.
#include "veil.h"

#include <algorithm>

#include "../masker/text.h"
#include "brush.h"
#include "glimpse.h"
#include "width.h"

namespace aigate {

// Puts a star in place of a character that was not written yet.
void Veil::edit(const Cell& hidden) {
    uint64_t stamp = hidden.stamp;
    while (stamp >= base_) {
        if (const size_t letters = shared_letters(hidden.code); letters > 1) edit_shared(static_cast<size_t>(stamp - base_), letters);
        else edit_one(static_cast<size_t>(stamp - base_), hidden.width);
        const auto again = std::lower_bound(again_.begin(), again_.end(), std::pair{stamp, uint64_t{0}});
        if (again == again_.end() || again->first != stamp) return;
        stamp = again->second;
    }
}

// The letters that share a cell stand behind each other, with marks between them that fill none.
void Veil::edit_shared(size_t at, size_t letters) {
    for (size_t length = 0; letters && at < out_.size(); at += length) {
        const char32_t code = read_character(out_.data() + at, out_.size() - at, &length);
        if (code < U' ' || !cell_width(code)) continue;
        edit_one(at, cell_width(code));
        --letters;
    }
}

void Veil::edit_one(size_t at, size_t width) {
    if (static_cast<unsigned char>(out_[at]) < 0x80 && width == 1) {
        out_[at] = '*';
    } else {
        size_t length = 0;
        read_character(out_.data() + at, out_.size() - at, &length);
        edits_.push_back({at, length, std::string(width, '*')});
    }
}

// Draws cells again that do not show what they should, and leaves the terminal as it was.
void Veil::draw_over() {
    if (over_.empty()) return;
    if (!whole_ || model_.shifted_once()) {  // not in the middle of something: next time
        for (uint32_t at : over_) {
            cell(at).flags ^= Cell::Masked;
            if (cell(at).flags & Cell::Masked) cell(at).flags |= Cell::Foreseen;  // it is to be shown again
        }
        over_.clear();
        fresh_ = true;
        return;
    }
    std::sort(over_.begin(), over_.end());
    Brush brush(model_, open_link(), out_);
    brush.begin();
    brush.cells(over_);
    brush.end();
    for (uint32_t at : over_) cell(at).flags |= Cell::Redrawn;
    over_.clear();
    spoiled_ = true;
}

// What begins the link again that is open, empty for none.
std::string Veil::open_link() {
    std::string link;
    if (model_.link().empty()) return link;
    const auto counts = counts_;
    append_string("\x1b]" + model_.link() + "\x1b\\", 0, link);
    counts_ = counts;
    return link;
}

bool Veil::may_cover() const { return whole_ && !raw_shown_ && !model_.shifted_once(); }

std::string Veil::cover(std::string& out) {
    look();
    const std::string text = last_masked(model_.grid(), reading_);
    write(out_.size(), out);
    if (!model_.alternate()) out += "\x1b[?1049h";
    Brush(model_, open_link(), out).begin();
    out += page_of(text, model_.grid().rows(), model_.grid().columns());
    return text;
}

void Veil::put_back(std::string& out) {
    Brush brush(model_, open_link(), out);
    out += model_.alternate() ? "\x1b[m\x1b[2J" : "\x1b[?1049l";
    std::vector<uint32_t> drawn;
    const Grid& grid = model_.grid();
    for (uint32_t at = 0; model_.alternate() && at < grid.rows() * grid.columns(); ++at)
        if (const Cell& cell = this->cell(at); cell.width && (cell.code || cell.style != Style())) drawn.push_back(at);
    brush.cells(drawn);
    if (!model_.alternate()) brush.save_again();
    brush.end();
    spoiled_ = true;
}

// From where in the output the text in front of the cursor is undecided.
size_t Veil::undecided() {
    if (!model_.after_text() || out_.empty() || !parser_.is_ground()) return out_.size();
    uint64_t first = base_ + out_.size();
    for (size_t at = open_begin_; at < open_end_; ++at) {
        const uint64_t stamp = cell(before_.cells()[at]).stamp;
        if (stamp >= base_) first = std::min(first, stamp);
    }
    return static_cast<size_t>(first - base_);
}

bool Veil::edited(uint64_t stamp) const {
    if (stamp < base_) return false;
    const auto at = static_cast<size_t>(stamp - base_);
    return std::any_of(edits_.begin(), edits_.end(), [&](const Edit& edit) { return edit.at == at; });
}

// Where the terminal would repeat a star, or something else that was drawn meanwhile, the characters are sent themselves.
void Veil::expand_repeats(size_t until) {
    size_t kept = 0;
    for (const Repeat& repeat : repeats_) {
        if (repeat.at >= until) {
            repeats_[kept] = repeat;
            repeats_[kept++].at -= until;
            continue;
        }
        const bool star = repeat.of >= base_ && out_[static_cast<size_t>(repeat.of - base_)] == '*' && repeat.code != '*';
        if (repeat.of && !star && !edited(repeat.of)) continue;
        std::string text(repeat.begun, '\x18');  // CAN: what is out of the sequence shall be none
        const size_t most = model_.grid().rows() * model_.grid().columns();
        for (size_t left = std::min(repeat.count, most); left; --left) append_character(text, repeat.code);
        edits_.push_back({repeat.at, repeat.size, std::move(text)});
        spoiled_ |= repeat.of == last_print_;
    }
    repeats_.resize(kept);
}

void Veil::show(std::string& out, bool all) {
    looks_ = 0;
    if (fresh_ || changed_) look(true);
    else locate();
    const size_t until = all ? out_.size() : undecided();
    write(until, out);
    if (!all) return;
    const auto counts = counts_;
    if (parser_.in_string()) append_string(raw_, raw_shown_, out);
    else out.append(raw_, raw_shown_);
    counts_ = counts;
    base_ += raw_.size() - raw_shown_;
    raw_shown_ = raw_.size();
    whole_ = parser_.is_whole();
}

// Writes the first bytes of what waits, with what stands for some of them.
void Veil::write(size_t until, std::string& out) {
    const bool star = last_print_ >= base_ && last_print_ < base_ + until && out_[static_cast<size_t>(last_print_ - base_)] == '*' && model_.last() != '*';
    spoiled_ |= star || edited(last_print_);
    expand_repeats(until);
    std::sort(edits_.begin(), edits_.end());
    size_t at = 0;
    size_t kept = 0;
    for (Edit& edit : edits_) {
        if (edit.at >= until) {
            edits_[kept] = std::move(edit);
            edits_[kept++].at -= until;
            continue;
        }
        if (edit.at < at) continue;
        out.append(out_, at, edit.at - at);
        out += edit.text;
        at = edit.at + edit.size;
    }
    edits_.resize(kept);
    out.append(out_, at, until - at);
    out_.erase(0, until);
    base_ += until;
    again_.erase(again_.begin(), std::lower_bound(again_.begin(), again_.end(), std::pair{base_, uint64_t{0}}));
}

}  // namespace aigate
