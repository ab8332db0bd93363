// See column.h.
#include "column.h"

#include <cstring>

namespace aigate {

namespace {

constexpr size_t kBlock = 128 * 1024;
}  // namespace

Column::Column(SharedRules rules, size_t max_line)
    : rules_(std::move(rules)), max_line_(max_line), counts_(rules_->counted(), 0) {}

template <typename Offset> void Column::run(const char* data, const Offset* offsets, size_t count) {
    ends_.reserve(count);
    text_.reserve(static_cast<size_t>(offsets[count] - offsets[0]));
    for (size_t first = 0; first < count;) {
        line_ends_.clear();
        used_ = 0;
        size_t next = first;
        for (; next < count && used_ < kBlock; ++next) {
            const auto size = static_cast<size_t>(offsets[next + 1] - offsets[next]);
            if (used_ + size >= block_.size()) block_.resize(used_ + size + kBlock);
            std::memcpy(block_.data() + used_, data + offsets[next], size);
            used_ += size;
            line_ends_.push_back(used_);
            block_[used_++] = '\n';
        }
        const Block found = mask_block();
        if (found == Block::Reaching) {
            for (size_t index = first; index < next; ++index)
                mask_alone(data + offsets[index], static_cast<size_t>(offsets[index + 1] - offsets[index]));
        } else if (found == Block::Clean) {
            const size_t before = text_.size();
            text_.insert(text_.end(), data + offsets[first], data + offsets[next]);
            for (size_t index = first; index < next; ++index)
                ends_.push_back(before + static_cast<size_t>(offsets[index + 1] - offsets[first]));
        }
        first = next;
    }
}

void Column::mask_alone(const char* data, size_t size) {
    Engine engine(rules_, max_line_, false);
    engine.run(data, size, 0, true, sink_);
    for (const Sink::Piece& piece : sink_.pieces()) text_.insert(text_.end(), piece.data, piece.data + piece.size);
    ends_.push_back(text_.size());
    sink_.clear();
    add_counts(engine);
}

// The line ends between the texts pass as they are, so what passes tells where each text ends. A key's body and a name reach
// over lines, and would reach over texts: where they may, or nothing is hidden, nothing was written.
Column::Block Column::mask_block() {
    Engine engine(rules_, max_line_, false);
    engine.run(block_.data(), used_, 0, true, sink_);
    if (engine.masker().reaches_over()) {
        sink_.clear();
        return Block::Reaching;
    }
    const char* const begin = block_.data();
    const char* const end = begin + used_;
    const bool clean = sink_.pieces().size() == 1 && sink_.size() == used_;
    auto next = line_ends_.begin();
    for (const Sink::Piece& piece : sink_.pieces()) {
        if (clean) break;
        const char* at = piece.data;
        const char* const stop = at + piece.size;
        if (at < begin || at >= end) {  // it stands for what is hidden
            text_.insert(text_.end(), at, stop);
            continue;
        }
        while (next != line_ends_.end() && begin + *next < stop) {
            text_.insert(text_.end(), at, begin + *next);
            ends_.push_back(text_.size());
            at = begin + *next++ + 1;
        }
        text_.insert(text_.end(), at, stop);
    }
    sink_.clear();
    add_counts(engine);
    return clean ? Block::Clean : Block::Masked;
}

void Column::add_counts(const Engine& engine) {
    for (size_t rule = 0; rule < counts_.size(); ++rule) counts_[rule] += engine.counts()[rule];
}

template void Column::run(const char* data, const int32_t* offsets, size_t count);
template void Column::run(const char* data, const int64_t* offsets, size_t count);

}  // namespace aigate
