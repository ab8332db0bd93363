// See column.h.
#include "column.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "merge.h"
#include "survey.h"

namespace aigate {

namespace {

constexpr size_t kBlock = 128 * 1024;
}  // namespace

Column::Column(SharedRules rules, size_t max_line)
    : rules_(std::move(rules)), max_line_(max_line), counts_(rules_->counted(), 0) {}

template <typename Offset> void Column::run(const char* data, const Offset* offsets, size_t count) {
    const Texts<Offset> texts{data, offsets};
    const std::vector<size_t> some = suspects(texts, count);
    for (size_t first = 0; first < some.size();) {
        if (texts.size(some[first]) > max_line_) {  // in windows, whose edges are its own
            mask_alone(texts, some[first++]);
            continue;
        }
        line_ends_.clear();
        used_ = 0;
        size_t next = first;
        for (; next < some.size() && used_ < kBlock; ++next) {
            const size_t size = texts.size(some[next]);
            if (size > max_line_) break;
            if (used_ + size >= block_.size()) block_.resize(used_ + size + kBlock);
            std::memcpy(block_.data() + used_, texts.begin(some[next]), size);
            used_ += size;
            line_ends_.push_back(used_);
            block_[used_++] = '\n';
        }
        if (mask_block(texts, &some[first]) == Block::Reaching)
            for (size_t at = first; at < next; ++at) mask_alone(texts, some[at]);
        first = next;
    }
    if (changed()) write_before(texts, count);
}

// The texts that are to be looked at: all of them where they cannot be told apart, and those that are masked in windows, whose
// edges count as ends of lines.
template <typename Offset> std::vector<size_t> Column::suspects(const Texts<Offset>& texts, size_t count) {
    const auto bytes = static_cast<size_t>(texts.offsets[count] - texts.offsets[0]);
    if (!bytes) return {};
    const std::shared_ptr<const Finder> finder = rules_->finder(bytes);
    if (Survey::possible(*finder)) {
        Findings findings(rules_->counted());
        std::vector<size_t> found = Survey(finder, findings).find(texts.data, texts.offsets, count);
        for (size_t index = 0; index < count; ++index)
            if (texts.size(index) > max_line_) found.push_back(index);
        merge_runs(found, std::less<size_t>());
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }
    std::vector<size_t> all(count);
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
}

template <typename Offset> void Column::mask_alone(const Texts<Offset>& texts, size_t index) {
    Engine engine(rules_, max_line_, false);
    engine.run(texts.begin(index), texts.size(index), 0, true, sink_);
    masked_.clear();
    for (const Sink::Piece& piece : sink_.pieces()) masked_.insert(masked_.end(), piece.data, piece.data + piece.size);
    write(texts, index);
    sink_.clear();
    add_counts(engine);
}

// The line ends between the texts pass as they are, so what passes tells where each text ends. A key's body and a name reach
// over lines, and would reach over texts: where they may, or nothing is hidden, nothing was written.
template <typename Offset> Column::Block Column::mask_block(const Texts<Offset>& texts, const size_t* suspects) {
    Engine engine(rules_, max_line_, false);
    engine.run(block_.data(), used_, 0, true, sink_);
    if (engine.masker().reaches_over()) {
        sink_.clear();
        return Block::Reaching;
    }
    const char* const begin = block_.data();
    const char* const end = begin + used_;
    const bool clean = sink_.pieces().size() == 1 && sink_.size() == used_;
    masked_.clear();
    auto next = line_ends_.begin();
    for (const Sink::Piece& piece : sink_.pieces()) {
        if (clean) break;
        const char* at = piece.data;
        const char* const stop = at + piece.size;
        if (at < begin || at >= end) {  // it stands for what is hidden
            masked_.insert(masked_.end(), at, stop);
            continue;
        }
        while (next != line_ends_.end() && begin + *next < stop) {
            masked_.insert(masked_.end(), at, begin + *next);
            write(texts, suspects[next - line_ends_.begin()]);
            masked_.clear();
            at = begin + *next++ + 1;
        }
        masked_.insert(masked_.end(), at, stop);
    }
    sink_.clear();
    add_counts(engine);
    return clean ? Block::Clean : Block::Masked;
}

// Writes what was masked last, and all texts before it, if it was changed.
template <typename Offset> void Column::write(const Texts<Offset>& texts, size_t index) {
    const size_t size = texts.size(index);
    if (masked_.size() == size && std::equal(masked_.begin(), masked_.end(), texts.begin(index))) return;
    write_before(texts, index);
    text_.insert(text_.end(), masked_.begin(), masked_.end());
    ends_.push_back(text_.size());
    written_ = index + 1;
}

// Writes the texts that follow the last one written, as they are.
template <typename Offset> void Column::write_before(const Texts<Offset>& texts, size_t index) {
    const size_t before = text_.size();
    const Offset from = texts.offsets[written_];
    text_.insert(text_.end(), texts.begin(written_), texts.begin(index));
    const size_t known = ends_.size();
    ends_.resize(known + index - written_);
    for (size_t at = 0; at < index - written_; ++at) ends_[known + at] = before + static_cast<size_t>(texts.offsets[written_ + at + 1] - from);
    written_ = index;
}

void Column::add_counts(const Engine& engine) {
    for (size_t rule = 0; rule < counts_.size(); ++rule) counts_[rule] += engine.counts()[rule];
}

template void Column::run(const char* data, const int32_t* offsets, size_t count);
template void Column::run(const char* data, const int64_t* offsets, size_t count);

}  // namespace aigate
