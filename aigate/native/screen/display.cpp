// See display.h.
#include "display.h"

#include <algorithm>
#include <cstring>

#include "../masker/text.h"
#include "plain.h"
#include "width.h"

namespace aigate {

namespace {

constexpr size_t kPast = 32 * 1024;         // bytes: some screens of text
constexpr size_t kTerminalLine = 1 << 17;   // what is undecided is looked at again whenever more comes
constexpr size_t kMostCells = 1 << 18;      // of a screen that is modelled
constexpr size_t kReturns = 512;            // of so many bytes the rest may be lines again
constexpr size_t kWaits = 64 * 1024;        // bytes of one frame

bool is_modelled(size_t rows, size_t columns) { return rows > 1 && columns > 1 && rows <= kMostCells / columns; }

}  // namespace

Display::Display(SharedRules rules, size_t rows, size_t columns, uint32_t taken)
    : rules_(std::move(rules)), gate_(taken), counts_(rules_->counted(), 0) {
    resize(rows, columns);
    stay_plain();
}

void Display::stay_plain() {
    stream_ = std::make_unique<Stream>(rules_, kTerminalLine, true);
    stream_->keep_width();
    past_.clear();
    forgotten_ = false;
    cells_ = 0;
}

void Display::feed(const char* data, size_t size, bool final, bool soon, std::string& out) {
    const Gate::Bytes passed = gate_.pass(data, size, final);
    show(passed.data, passed.size, final, soon, out);
}

void Display::show(const char* data, size_t size, bool final, bool soon, std::string& out) {
    std::string joined;
    if (!tail_.empty()) {
        joined.swap(tail_);
        joined.append(data, size);
        data = joined.data();
        size = joined.size();
    }
    bool may_stop = size > kReturns;
    size_t at = stream_ ? lines(data, size, final, soon, out) : 0;
    while (!stream_) {
        at += veil_->take(data + at, size - at, may_stop);
        if (at == size) break;
        may_stop = false;
        veil_->show(out, true);
        stay_plain();
        at += lines(data + at, size - at, final, soon, out);
    }
    if (stream_ && veil_ && !final && !soon && stream_->held() && veil_->is_certain(stream_->unshown())) draw();
    if (!stream_ && (final || !soon || veil_->held() > kWaits)) veil_->show(out, final);
}

// Takes lines, and goes over to drawing where they end. Returns how many bytes that was.
size_t Display::lines(const char* data, size_t size, bool final, bool soon, std::string& out) {
    const Plain found = veil_ ? find_plain(data, size, final, veil_->model().grid().columns(), &cells_) : Plain{size, false};
    const bool moves = found.size < size && !found.open;
    stream_->feed(data, found.size, final && !moves, soon && !moves);
    for (const Sink::Piece& piece : stream_->sink().pieces()) out.append(piece.data, piece.size);
    stream_->settle();
    remember(data, found.size);
    if (moves) {
        draw();
        return found.size;
    }
    tail_.assign(data + found.size, size - found.size);
    return size;
}

void Display::remember(const char* data, size_t size) {
    if (!veil_) return;
    if (size > kPast) {  // the rest is forgotten anyway
        const auto* const end = static_cast<const char*>(std::memchr(data + size - kPast, '\n', kPast));
        const char* const begin = end ? end + 1 : data + size - kPast;
        past_.assign(begin, static_cast<size_t>(data + size - begin));
        forgotten_ = true;
        return;
    }
    past_.append(data, size);
    if (past_.size() <= 2 * kPast) return;
    const size_t cut = past_.find('\n', past_.size() - kPast);
    past_.erase(0, cut == std::string::npos ? past_.size() - kPast : cut + 1);
    forgotten_ = true;
}

// From here on the model says what is text. It is shown what came as lines; what the stream has kept back goes on there.
void Display::draw() {
    const std::string left = stream_->unshown();
    past_.erase(past_.size() - std::min(past_.size(), left.size()));
    add_counts();
    stream_.reset();
    if (forgotten_) veil_->lose();
    veil_->replay(past_.data(), past_.size());
    past_.clear();
    veil_->take(left.data(), left.size(), false);
}

void Display::add_counts() {
    for (size_t rule = 0; rule < counts_.size(); ++rule) counts_[rule] += stream_->counts()[rule];
}

void Display::release(std::string& out) {
    if (gate_.held()) {
        const Gate::Bytes passed = gate_.give_up();
        show(passed.data, passed.size, false, false, out);
    }
    if (stream_ && !veil_) {
        stream_->release();
        for (const Sink::Piece& piece : stream_->sink().pieces()) out.append(piece.data, piece.size);
        return stream_->settle();
    }
    if (stream_ && !waiting()) return;
    if (stream_) {
        draw();
        veil_->take(tail_.data(), tail_.size(), false);
        tail_.clear();
    }
    veil_->show(out, true);
}

bool Display::reveal(std::string& out, std::string& text) {
    if (!veil_) return false;
    if (stream_) {
        draw();
        veil_->take(tail_.data(), tail_.size(), false);
        tail_.clear();
    }
    if (!veil_->may_cover()) return false;
    text += veil_->cover(out);
    return true;
}

bool Display::asked() {
    if (!veil_ || held() || (stream_ && !past_.empty())) return false;  // what is not shown yet moves the cursor, too
    return veil_->asked();
}

void Display::conceal(std::string& out) { veil_->put_back(out); }

size_t Display::held() const { return gate_.held() + waiting(); }

size_t Display::waiting() const { return stream_ ? stream_->held() + tail_.size() : veil_->held(); }

std::vector<uint64_t> Display::counts() const {
    std::vector<uint64_t> all = counts_;
    for (size_t rule = 0; rule < all.size(); ++rule) {
        if (stream_) all[rule] += stream_->counts()[rule];
        if (veil_) all[rule] += veil_->counts()[rule];
    }
    return all;
}

std::vector<std::string> Display::rows() const {
    std::vector<std::string> rows;
    if (!veil_) return rows;
    const Grid& grid = veil_->model().grid();
    for (size_t at = 0; at < grid.rows(); ++at) {
        rows.emplace_back();
        for (const Cell& cell : grid.row(at).cells)
            if (cell.width) append_character(rows.back(), cell.code ? cell.code : U' ');
        rows.back().erase(rows.back().find_last_not_of(' ') + 1);
    }
    return rows;
}

void Display::resize(size_t rows, size_t columns) {
    if (!veil_) {
        if (is_modelled(rows, columns)) veil_ = std::make_unique<Veil>(rules_, rows, columns);
        return;
    }
    if (!is_modelled(rows, columns)) return;
    if (stream_) {
        past_.erase(0, past_.size() - std::min(past_.size(), stream_->unshown().size()));
        forgotten_ = true;
    }
    veil_->resize(rows, columns);
}

}  // namespace aigate
