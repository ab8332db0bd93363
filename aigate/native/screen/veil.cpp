// See veil.h.
#include "veil.h"

#include <algorithm>

#include "../masker/text.h"
#include "brush.h"
#include "glimpse.h"
#include "width.h"

namespace aigate {

namespace {

constexpr size_t kMostText = size_t{1} << 22;  // bytes: more than any screen holds
constexpr size_t kLooks = 8;        // so often at a time what only passes by is looked at
constexpr size_t kByChance = 2;     // cells
constexpr size_t kRawKept = size_t{1} << 20;  // a longer sequence is passed on while it comes, cut where no token is
constexpr size_t kMostEnds = 64;    // texts that may grow at a time,
constexpr size_t kShortestEnd = 4;  // and their letters
constexpr size_t kLongestEnd = 512;
constexpr size_t kRestPlain = 512;  // bytes for which going line by line is worth while

// ESC and one of P X ] ^ _, or the two as one character.
bool begins_string(const char* p) {
    if (p[0] == kEscape) return sequence::is_string_introducer(p[1]);
    return p[0] == '\xc2' && static_cast<unsigned char>(p[1]) >= 0x80 && sequence::is_string_introducer(static_cast<char>(p[1] - 0x40));
}

}  // namespace

Veil::Veil(SharedRules rules, size_t rows, size_t columns)
    : rules_(std::move(rules)),
      engine_(rules_, kMostText, false),
      front_(rules_->shape(), rules_->values()),
      certain_(*rules_),
      model_(rows, columns, *this),
      counts_(rules_->counted(), 0),
      payload_(*rules_, counts_) {
    engine_.masker().note_hits(&hits_);
}

void Veil::resize(size_t rows, size_t columns) {
    look();
    model_.resize(rows, columns);
}

void Veil::replay(const char* data, size_t size) {
    replaying_ = true;
    take(data, size, false);
    base_ += out_.size() + raw_.size() - raw_shown_;
    raw_shown_ = raw_.size();
    out_.clear();
    repeats_.clear();
    again_.clear();
    whole_ = parser_.is_whole();
    look();
    replaying_ = false;
}

size_t Veil::take(const char* data, size_t size, bool may_stop) {
    for (size_t at = 0; at < size; ++at) {
        const auto byte = static_cast<unsigned char>(data[at]);
        const bool in_string = parser_.in_string();
        Parser::Event event = parser_.take(byte);
        if (parser_.again()) {
            handle(event, in_string);
            event = parser_.take(byte);
        }
        raw_ += data[at];
        if (event != Parser::Event::None) handle(event, in_string);
        else if (raw_.size() > kRawKept && parser_.in_string()) pass_part();
        else if (in_string && !parser_.in_string() && parser_.is_ground()) begin_sized();
        if (!may_stop || byte != '\n' || size - at < kRestPlain) continue;
        may_stop = false;
        if (!parser_.is_ground() || !model_.is_plain()) continue;
        if (fresh_) look();
        if (!armor_) return at + 1;
    }
    return size;
}

// Lets the model do what was found, and passes the bytes on that it consists of.
void Veil::handle(Parser::Event event, bool in_string) {
    const bool prints = event == Parser::Event::Print;
    const bool repeats = event == Parser::Event::Csi && parser_.final() == 'b' && !parser_.prefix() && parser_.intermediates().empty();
    const uint64_t before = last_print_;
    model_.apply(parser_, event);
    if (event == Parser::Event::Csi && parser_.intermediates() == "$") fresh_ = true;
    if (prints) {
        fresh_ = true;
        last_print_ = place();
        spoiled_ = false;
        changed_ = true;
    } else if (event == Parser::Event::Csi && parser_.final() != 'm') {
        changed_ = true;
    }
    if (repeats && model_.last()) {
        fresh_ = true;
        repeats_.push_back({out_.size(), raw_.size() - raw_shown_, spoiled_ ? 0 : before, model_.last(), parser_.number(0), raw_shown_ > 0});
    }
    if (in_string && !replaying_) append_string(raw_, raw_shown_, out_);
    else out_.append(raw_, raw_shown_);
    raw_.clear();
    raw_shown_ = 0;
    whole_ = parser_.is_whole();
}

// What introduces sized text is a sequence, and no part of its first character.
void Veil::begin_sized() {
    out_.append(raw_, raw_shown_);
    raw_.clear();
    raw_shown_ = 0;
    whole_ = false;
}

// Passes on what there is of a sequence that has no end so far, up to a blank in it.
void Veil::pass_part() {
    const size_t blank = raw_.find_last_of(" \n");
    const size_t end = blank == std::string::npos || blank < raw_.size() / 2 ? raw_.size() : blank;
    const std::string rest = raw_.substr(end);
    raw_.resize(end);
    if (replaying_) out_.append(raw_, std::min(raw_shown_, end));
    else append_string(raw_, std::min(raw_shown_, end), out_);
    raw_shown_ -= std::min(raw_shown_, end);
    raw_ = rest;
    whole_ = false;
}

// Appends a sequence that carries text, or a part of one that is too long to be kept, masked.
void Veil::append_string(const std::string& raw, size_t shown, std::string& out) {
    const char* const data = raw.data();
    const char* const end = data + raw.size();
    const char* begin = data;
    while (end - begin > 1 && !begins_string(begin)) ++begin;
    const char* const from = end - begin > 1 ? begin : data;
    if (data + shown < from) out.append(data + shown, from);
    const auto before = static_cast<size_t>(from - data);
    if (end - begin > 1) payload_.write(from, static_cast<size_t>(end - from), shown - std::min(shown, before), sink_);
    else payload_.text(data, end, data + shown, sink_);
    for (const Sink::Piece& piece : sink_.pieces()) out.append(piece.data, piece.size);
    sink_.clear();
}

// Called by the model before it does anything: what is here so far is looked at while it stands.
void Veil::leaving(bool into_scrollback) {
    if (!fresh_ || replaying_) return;
    if (!into_scrollback && looks_ >= kLooks) return;
    ++looks_;
    look();
}

// Finds what the screen shows of matches, and hides it.
void Veil::look(bool showing) {
    fresh_ = changed_ = false;
    looked_ = base_ + out_.size();
    model_.grid().looked();
    hits_.clear();
    sink_.clear();
    reading_.read(model_.grid());
    const std::string& text = reading_.text();
    engine_.run(text.data(), text.size(), 0, true, sink_);
    armor_ = engine_.masker().in_armor();
    hide(hits_, sink_);
    sink_.clear();
    if (showing) {
        foresee();
        foresee_growth();
    }
    uncover(showing);
    draw_over();
}

void Veil::hide(const std::vector<LineMasker::Hit>& hits, const Sink& sink) {
    const char* const begin = reading_.text().data();
    const char* const end = begin + reading_.text().size();
    const char* at = begin;
    const auto until = [&](const char* to) {
        for (; at < to; ++at) hide_cell(reading_.cells()[static_cast<size_t>(at - begin)]);
    };
    for (const Sink::Piece& piece : sink.pieces()) {
        if (piece.data < begin || piece.data >= end) continue;  // a star
        until(piece.data);
        at = piece.data + piece.size;
    }
    until(end);
    count(hits);
}

void Veil::hide_cell(uint32_t at) {
    if (at == Reading::kNowhere) return;
    Cell& hidden = cell(at);
    if (!hidden.code) return;
    hidden.flags |= Cell::Hidden;
    const bool foreseen = hidden.flags & Cell::Foreseen;
    hidden.flags &= static_cast<uint8_t>(~Cell::Foreseen);
    model_.grid().row(at / model_.grid().columns()).masked = true;
    if (hidden.flags & Cell::Masked && !foreseen) return;
    hidden.flags |= Cell::Masked;
    if (!(hidden.flags & Cell::Counted) && !replaying_) hidden.flags |= Cell::New;
    hidden.flags |= Cell::Counted;
    if (foreseen) return;
    if (hidden.stamp >= base_ && !(hidden.flags & Cell::Redrawn)) edit(hidden.stamp, hidden.width);
    else over_.push_back(at);
}

// A program that draws over a match leaves cells alone that hold the right letter by chance. Such a cell, alone or with one
// more, is shown again; more of them stay masked, since they may be what is left of a match.
void Veil::uncover(bool showing) {
    for (size_t row = 0; row < model_.grid().rows(); ++row)
        if (model_.grid().row(row).masked) uncover(row, showing);
}

void Veil::uncover(size_t row, bool showing) {
    Row& cells = model_.grid().row(row);
    const auto first = static_cast<uint32_t>(row * model_.grid().columns());
    size_t run = 0;          // masked cells that are part of no match, up to here,
    bool beside = false;     // and whether one that is stands before them
    cells.masked = false;
    for (size_t at = 0; at <= cells.used; ++at) {
        const uint8_t flags = at < cells.used ? cells.cells[at].flags : 0;
        cells.masked |= (flags & Cell::Masked) != 0;
        const bool foreseen = (flags & (Cell::Masked | Cell::Foreseen | Cell::Hidden)) == (Cell::Masked | Cell::Foreseen);
        if (foreseen && showing) {
            cells.cells[at].flags &= static_cast<uint8_t>(~(Cell::Masked | Cell::Foreseen));
            over_.push_back(first + static_cast<uint32_t>(at));
        } else if (flags & Cell::Masked && !(flags & Cell::Hidden) && !foreseen) {
            ++run;
            continue;
        }
        for (size_t back = at - run; run <= kByChance && !beside && !(flags & Cell::Hidden) && back < at; ++back) {
            cells.cells[back].flags &= static_cast<uint8_t>(~Cell::Masked);
            over_.push_back(first + static_cast<uint32_t>(back));
        }
        run = 0;
        beside = (flags & Cell::Hidden) != 0;
        if (beside) cells.cells[at].flags &= static_cast<uint8_t>(~Cell::Hidden);
    }
}

// Puts a star in place of a character that was not written yet.
void Veil::edit(uint64_t stamp, size_t width) {
    while (stamp >= base_) {
        edit_one(static_cast<size_t>(stamp - base_), width);
        const auto again = std::lower_bound(again_.begin(), again_.end(), std::pair{stamp, uint64_t{0}});
        if (again == again_.end() || again->first != stamp) return;
        stamp = again->second;
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

void Veil::drawn_again(uint64_t before) {
    if (before >= base_ && before < place()) again_.emplace_back(place(), before);
}

// Counts the matches that hide something which was not hidden, or not by a match that was counted.
void Veil::count(const std::vector<LineMasker::Hit>& hits) {
    const char* const text = reading_.text().data();
    const auto cells_of = [&](const LineMasker::Hit& hit, auto use) {
        for (const char* at = hit.begin; at < hit.end; ++at) {
            const uint32_t where = reading_.cells()[static_cast<size_t>(at - text)];
            if (where != Reading::kNowhere) use(cell(where));
        }
    };
    for (const LineMasker::Hit& hit : hits) {
        const Cell* first = nullptr;  // of those that are hidden: a match that grows is the same
        cells_of(hit, [&](Cell& held) { if (!first && held.flags & Cell::Masked) first = &held; });
        if (!first || !(first->flags & Cell::New)) continue;
        ++counts_[hit.rule];
        cells_of(hit, [&](Cell& held) { held.flags &= static_cast<uint8_t>(~Cell::New); });
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

// Reads the text in front of the cursor. Returns from where in it on everything is masked as it comes, since what stands
// there makes a rule certain; its end where there is no such thing.
size_t Veil::locate() {
    open_begin_ = open_end_ = 0;
    before_.clear();
    const Model::Cursor& cursor = model_.cursor();
    if (!model_.after_text() || !parser_.is_ground()) return 0;
    before_.read_before(model_.grid(), cursor.row, cursor.pending ? model_.grid().columns() : cursor.column);
    front_.reset();
    for (char byte : before_.text()) front_.advance(static_cast<unsigned char>(byte));
    const size_t end = open_end_ = before_.text().size();
    open_begin_ = armor_ ? 0 : end - front_.undecided();
    size_t begin = 0;
    size_t shown = 0;
    if (open_begin_ == end || !certain_.find(before_.text().substr(open_begin_), &begin, &shown)) return end;
    open_end_ = open_begin_ + begin;
    return std::min(open_end_ + shown, end);
}

void Veil::foresee() {
    for (size_t at = locate(); at < before_.text().size(); ++at) foresee(before_.cells()[at]);
}

void Veil::foresee(uint32_t where) {
    if (where == Reading::kNowhere) return;
    Cell& hidden = cell(where);
    if (hidden.flags & Cell::Hidden || !hidden.code) return;
    hidden.flags |= Cell::Hidden;
    model_.grid().row(where / model_.grid().columns()).masked = true;
    if (hidden.flags & Cell::Masked) return;
    hidden.flags |= Cell::Masked | Cell::Foreseen;
    if (hidden.stamp >= base_ && !(hidden.flags & Cell::Redrawn)) edit(hidden.stamp, hidden.width);
    else over_.push_back(where);
}

// A program may let a text grow anywhere and put the cursor elsewhere. What ends in front of blanks, begins as a rule has it
// for certain, and has become longer since the last look, is masked as it comes; what stands still is not.
void Veil::foresee_growth() {
    const std::string& text = reading_.text();
    std::vector<End> ends;
    size_t word = 0;  // where the text of letters and marks begins that stands in front of `at`
    bool marked = false;
    for (size_t at = 0; at < text.size() && ends.size() < kMostEnds; ++at) {
        const char byte = text[at];
        if (is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-') {
            marked |= byte == '_' || byte == '-';
            continue;
        }
        const bool ends_here = byte == '\n' || (byte == ' ' && (text[at + 1] == ' ' || text[at + 1] == '\n'));
        const size_t first = std::exchange(word, at + 1);
        const bool may = std::exchange(marked, false) && ends_here && at - first >= kShortestEnd && at - first <= kLongestEnd;
        size_t begin = 0;
        size_t shown = 0;
        if (!may || !certain_.find(text.substr(first, at - first), &begin, &shown)) continue;
        std::string found = text.substr(first + begin, at - first - begin);
        const bool grows = std::any_of(ends_.begin(), ends_.end(), [&](const End& before) {
            return found.compare(0, before.text.size(), before.text) == 0 && (before.foreseen || found.size() > before.text.size());
        });
        for (size_t hidden = first + begin + shown; grows && hidden < at; ++hidden) foresee(reading_.cells()[hidden]);
        ends.push_back({std::move(found), grows});
    }
    ends_.swap(ends);
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
