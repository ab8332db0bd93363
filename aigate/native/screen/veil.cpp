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
constexpr size_t kEndsKept = 6;     // looks: a program may take all away and draw it anew
constexpr size_t kMostEnds = 64;    // texts that may grow at a time,
constexpr size_t kShortestEnd = 4;  // and their letters,
constexpr size_t kRandom = 8;       // and those behind a beginning that are no words at first sight,
constexpr size_t kRandomDigits = 12;  // or with digits alone
constexpr size_t kLongestEnd = 512;
constexpr size_t kRestPlain = 512;  // bytes for which going line by line is worth while

// ESC and one of P X ] ^ _, or the two as one character.
bool begins_string(const char* p) {
    if (p[0] == kEscape) return sequence::is_string_introducer(p[1]);
    return p[0] == '\xc2' && static_cast<unsigned char>(p[1]) >= 0x80 && sequence::is_string_introducer(static_cast<char>(p[1] - 0x40));
}

// Whether what stands there was never written by a person.
bool is_random(const std::string& text, size_t at) {
    const auto count = [&](auto is) { return static_cast<size_t>(std::count_if(text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), text.end(), is)); };
    const size_t digits = count(is_digit);
    const bool mixed = count([](char byte) { return byte >= 'A' && byte <= 'Z'; }) && count([](char byte) { return byte >= 'a' && byte <= 'z'; });
    return text.size() >= at + (mixed ? kRandom : kRandomDigits) && (mixed ? digits > 0 : digits > 2);
}

}  // namespace

Veil::Veil(SharedRules rules, size_t rows, size_t columns)
    : rules_(std::move(rules)),
      engine_(rules_, kMostText, false),
      front_(rules_->shape(), rules_->values()),
      certain_(*rules_),
      pieces_(*rules_, certain_),
      loose_(certain_, [this](const std::string& word) { return matches(word); }),
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
        if (!armor_ && !pieces_.has_cut(std::string(data + at + 1, size - at - 1))) return at + 1;
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
    reading_.read(model_.grid(), loose_.find(model_.grid(), model_.cursor().row, model_.cursor().column));
    hits_.clear();
    sink_.clear();
    const std::string& text = reading_.text();
    engine_.run(text.data(), text.size(), 0, true, sink_);
    armor_ = engine_.masker().awaits();
    hide(hits_, sink_);
    hide_pieces();
    sink_.clear();
    if (showing) {
        foresee();
        foresee_growth();
    }
    uncover(showing);
    draw_over();
}

// Whether a rule matches a text that stands by itself.
bool Veil::matches(const std::string& text) {
    hits_.clear();
    engine_.run(text.data(), text.size(), 0, true, sink_);
    sink_.clear();
    return !hits_.empty();
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

// Hides what is left of tokens where they are cut.
void Veil::hide_pieces() {
    for (const LineMasker::Hit& hit : hits_) {
        const auto end = static_cast<size_t>(hit.end - reading_.text().data());
        auto at = static_cast<size_t>(hit.begin - reading_.text().data());
        while (at < end && (reading_.cells()[at] == Reading::kNowhere || !(cell(reading_.cells()[at]).flags & Cell::Hidden))) ++at;
        pieces_.remember(reading_.text().substr(at, end - at));
    }
    for (const Pieces::Piece& piece : pieces_.find(model_.grid(), reading_)) {
        const auto first = static_cast<uint32_t>(piece.row * model_.grid().columns());
        for (size_t at = piece.begin; at < piece.end; ++at)
            piece.known ? hide_cell(first + static_cast<uint32_t>(at)) : foresee(first + static_cast<uint32_t>(at));
    }
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
    if (hidden.stamp >= base_ && !(hidden.flags & Cell::Redrawn)) edit(hidden);
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

// Lets the rules' front be at the end of a text. Nearly always it is the last one and a little more, such as a key's echo.
void Veil::follow(const std::string& text) {
    if (text.compare(0, followed_.size(), followed_) != 0) {
        front_.reset();
        followed_.clear();
    }
    for (size_t at = followed_.size(); at < text.size(); ++at) front_.advance(static_cast<unsigned char>(text[at]));
    followed_ = text;
}

// Reads the text in front of the cursor. Returns from where in it on everything is masked as it comes, since what stands
// there makes a rule certain; its end where there is no such thing.
size_t Veil::locate() {
    open_begin_ = open_end_ = 0;
    before_.clear();
    const Model::Cursor& cursor = model_.cursor();
    if (!model_.after_text() || !parser_.is_ground()) return 0;
    before_.read_before(model_.grid(), cursor.row, cursor.pending ? model_.grid().columns() : cursor.column);
    follow(before_.text());
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
    if (hidden.stamp >= base_ && !(hidden.flags & Cell::Redrawn)) edit(hidden);
    else over_.push_back(where);
}

// A program may let a text grow anywhere and put the cursor elsewhere, or at its end with other text behind it. What ends in
// front of blanks or in front of the cursor, begins as a rule has it for certain, and has become longer since the last look,
// is masked as it comes, or at once where it begins as what was masked before; what stands still is not.
void Veil::foresee_growth() {
    const std::string& text = reading_.text();
    const auto stop = static_cast<uint32_t>(model_.cursor().row * model_.grid().columns() + model_.cursor().column);
    std::vector<End> ends;
    size_t word = 0;  // where the text of letters and marks begins that stands in front of `at`
    bool marked = false;
    for (size_t at = 0; at < text.size() && ends.size() < kMostEnds; ++at) {
        const char byte = text[at];
        const bool goes_on = is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
        const bool ends_here = byte == '\n' || (byte == ' ' && (text[at + 1] == ' ' || text[at + 1] == '\n'));
        // Where a cursor only walks over a text nothing grows.
        const bool typed = reading_.cells()[at] == stop && at > word && is_drawn(reading_.cells()[at - 1]);
        if (marked && (ends_here || reading_.cells()[at] == stop)) foresee_growth(word, at, ends_here || typed, ends);
        marked = goes_on && (marked || byte == '_' || byte == '-');
        if (!goes_on) word = at + 1;
    }
    for (End& before : ends_) {
        const auto goes_on = [&](const End& end) { return end.text.compare(0, before.text.size(), before.text) == 0; };
        if (++before.age < kEndsKept && ends.size() < kMostEnds && std::none_of(ends.begin(), ends.end(), goes_on)) ends.push_back(before);
    }
    seen_ = looked_;
    ends_.swap(ends);
}

// Whether a cell was drawn since the last time that this was asked for.
bool Veil::is_drawn(uint32_t at) { return at != Reading::kNowhere && cell(at).stamp >= seen_; }

// Looks at one such text, which may have grown or not. ends: those that were looked at before it.
void Veil::foresee_growth(size_t first, size_t at, bool may, std::vector<End>& ends) {
    const std::string& text = reading_.text();
    size_t begin = 0;
    size_t shown = 0;
    if (at - first < kShortestEnd || at - first > kLongestEnd) return;
    if (!certain_.find(text.substr(first, at - first), &begin, &shown)) return;
    std::string found = text.substr(first + begin, at - first - begin);
    bool grows = pieces_.has_begun(found, shown) || (may && is_random(found, shown));
    bool apart = before_.cells().empty() || before_.cells().back() != reading_.cells()[at - 1];
    for (const End& before : ends_) {
        if (found.compare(0, before.text.size(), before.text) != 0) continue;
        apart |= before.apart;
        grows |= before.foreseen || (may && apart && found.size() > before.text.size());
    }
    for (size_t hidden = first + begin + shown; grows && hidden < at; ++hidden) foresee(reading_.cells()[hidden]);
    ends.push_back({std::move(found), grows, apart, 0});
}

}  // namespace aigate
