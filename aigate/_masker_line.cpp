// See _masker_line.h.
#include "_masker_line.h"

#include <algorithm>

#include "_masker_text.h"

namespace aigate {

LineMasker::LineMasker(const RuleSet& rules, std::vector<uint64_t>& counts)
    : rules_(rules), counts_(counts), progress_(rules.size()), in_block_(rules.size(), false) {}

size_t LineMasker::mask(const Window& window, size_t shown, Sink& sink) {
    find_hidden(window);
    emit(window.data, shown, sink);
    if (partial_) carry_over();
    else end_line();
    return decided_raw_;
}

void LineMasker::preview(const Window& window, size_t shown, Sink& sink) {
    const auto progress = progress_;
    const auto in_block = in_block_;
    const auto counts = counts_;
    const auto carried = carried_;
    find_hidden(window);
    emit(window.data, shown, sink);
    progress_ = progress;
    in_block_ = in_block;
    counts_ = counts;
    carried_ = carried;
}

void LineMasker::find_hidden(const Window& window) {
    read_text(window);
    hidden_.swap(carried_);
    carried_.clear();
    const bool utf8 = text_is_utf8();
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
        matches_.clear();
        if (rules_[rule].until) {
            apply_block(rule);
            continue;
        }
        apply(rule, Encoding::Utf8);
        if (!utf8) apply(rule, Encoding::Latin1);
        count_matches(rule);
    }
    merge_hidden();
}

void LineMasker::end_line() {
    std::fill(progress_.begin(), progress_.end(), Progress());
    carried_.clear();
    hidden_.clear();
    first_window_ = true;
    last_hidden_ = false;
    context_ = 0;
}

void LineMasker::read_text(const Window& window) {
    partial_ = window.partial;
    settled_ = window.settled;
    decided_raw_ = window.stride;
    sequences_.clear();
    const auto* escape = static_cast<const char*>(std::memchr(window.data, kEscape, window.limit));
    if (!escape && !context_) {
        text_ = window.data;
        text_size_ = window.limit;
        decided_text_ = decided_raw_;
        return;
    }
    scratch_.clear();
    if (context_) scratch_.push_back(context_byte_);
    decided_text_ = context_;
    read_sequences(window, escape);
    text_ = scratch_.data();
    text_size_ = scratch_.size();
}

// Copies the text between the sequences, and finds where in it the window's decision ends.
void LineMasker::read_sequences(const Window& window, const char* escape) {
    const char* at = window.data;
    const char* const limit = window.data + window.limit;
    const char* const stride = window.data + window.stride;
    decided_text_ += window.stride;
    while (true) {
        const char* next = escape ? escape : limit;
        long length = sequence::kNone;
        if (escape) length = sequence::length(escape, window.data + window.size - escape);
        if (escape && length <= 0) {
            escape = static_cast<const char*>(std::memchr(escape + 1, kEscape, limit - escape - 1));
            continue;
        }
        scratch_.insert(scratch_.end(), at, next);
        if (!escape) return;
        sequences_.push_back({static_cast<size_t>(next - window.data), static_cast<size_t>(length), scratch_.size()});
        at = next + length;
        if (next < stride) {
            if (at > stride) decided_raw_ = at - window.data;
            decided_text_ -= std::min(at, stride) - next;
        }
        if (at >= limit) return;
        escape = static_cast<const char*>(std::memchr(at, kEscape, limit - at));
    }
}

// A character that a window's edge cuts is no reason to call its text ill-formed.
bool LineMasker::text_is_utf8() const {
    size_t begin = context_;
    size_t end = text_size_;
    if (!first_window_)
        for (size_t skipped = 0; skipped < 3 && begin < end && is_continuation(text_[begin]); ++skipped) ++begin;
    if (partial_) {
        size_t back = 1;
        while (back < 3 && end - begin > back && is_continuation(text_[end - back])) ++back;
        if (end - begin >= back && static_cast<unsigned char>(text_[end - back]) >= 0xc0) end -= back;
    }
    return is_utf8(text_ + begin, end - begin);
}

void LineMasker::apply(size_t index, Encoding encoding) {
    const Rule& rule = rules_[index];
    const auto slot = static_cast<size_t>(encoding);
    Progress& progress = progress_[index];
    if (progress.open[slot]) return hide(context_, text_size_);
    size_t next = std::max(progress.next[slot], context_);
    Span match;
    while (next < text_size_ && rule.pattern.find(encoding, text_, next, text_size_, &match)) {
        if (partial_ && match.begin >= decided_text_) break;
        matches_.push_back(match);
        hide(cut(rule, match), match.end);
        next = std::max(match.end, next + 1);
        if (partial_ && !settled_ && match.end == text_size_) {
            progress.open[slot] = true;
            break;
        }
    }
    progress.next[slot] = next;
}

void LineMasker::apply_block(size_t index) {
    const Rule& rule = rules_[index];
    const size_t limit = partial_ ? decided_text_ : text_size_;
    size_t next = std::max(progress_[index].next[0], context_);
    bool after_begin = false;
    Span match;
    while (true) {
        const bool inside = in_block_[index];
        const Pattern& marker = inside ? *rule.until : rule.pattern;
        const bool found = next < text_size_ && marker.find(Encoding::Latin1, text_, next, text_size_, &match) &&
                           match.begin < limit;
        if (!found) {
            if (inside && next < limit && !(after_begin && blank(next, limit))) hide(next, limit);
            break;
        }
        if (inside && !blank(next, match.begin)) hide(next, match.begin);
        if (!inside) ++counts_[index];
        in_block_[index] = after_begin = !inside;
        next = match.end;
    }
    progress_[index].next[0] = std::max(next, limit);
}

// Matches of the two encodings that share bytes count once.
void LineMasker::count_matches(size_t rule) {
    std::sort(matches_.begin(), matches_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    size_t& counted = progress_[rule].counted;
    for (const Span& match : matches_) {
        if (match.begin >= counted) ++counts_[rule];
        counted = std::max(counted, match.end);
    }
}

void LineMasker::hide(size_t begin, size_t end) {
    if (begin < end) hidden_.push_back({begin, end});
}

bool LineMasker::blank(size_t begin, size_t end) const {
    return std::all_of(text_ + begin, text_ + end, [](char c) { return c == ' ' || c == '\t'; });
}

// Where the hidden part of a match begins: never inside a character.
size_t LineMasker::cut(const Rule& rule, const Span& match) const {
    if (match.end - match.begin <= rule.show_prefix) return match.begin;
    size_t at = match.begin + rule.show_prefix;
    while (at > match.begin && is_continuation(text_[at])) --at;
    return at;
}

void LineMasker::merge_hidden() {
    std::sort(hidden_.begin(), hidden_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    size_t kept = 0;
    for (const Span& span : hidden_) {
        if (kept && span.begin <= hidden_[kept - 1].end) {
            hidden_[kept - 1].end = std::max(hidden_[kept - 1].end, span.end);
        } else {
            hidden_[kept++] = span;
        }
    }
    hidden_.resize(kept);
}

void LineMasker::emit(const char* data, size_t shown, Sink& sink) {
    size_t raw = 0;
    size_t text = context_;
    next_hidden_ = 0;
    const auto text_until = [&](size_t end) {
        const size_t skipped = std::min(end - text, shown > raw ? shown - raw : 0);
        emit_text(data + raw + skipped, text + skipped, end, sink);
    };
    for (const Sequence& sequence : sequences_) {
        if (sequence.raw >= decided_raw_) break;
        text_until(sequence.text);
        if (sequence.raw >= shown) sink.pass(data + sequence.raw, sequence.size);
        raw = sequence.raw + sequence.size;
        text = sequence.text;
    }
    text_until(decided_text_);
}

// Writes text_[begin, end), whose raw bytes stand together at `raw`.
void LineMasker::emit_text(const char* raw, size_t begin, size_t end, Sink& sink) {
    for (size_t at = begin; at < end;) {
        while (next_hidden_ < hidden_.size() && hidden_[next_hidden_].end <= at) ++next_hidden_;
        const Span span = next_hidden_ < hidden_.size() ? hidden_[next_hidden_] : Span{end, end};
        const bool hide = span.begin <= at;
        const size_t stop = std::min(end, hide ? span.end : span.begin);
        if (!hide) sink.pass(raw + (at - begin), stop - at);
        else if (!last_hidden_) sink.star();
        last_hidden_ = hide;
        at = stop;
    }
}

// Moves what reaches behind the decision into the coordinates of the next window.
void LineMasker::carry_over() {
    const size_t kept = decided_text_ ? 1 : 0;
    const auto moved = [&](size_t at) { return at > decided_text_ ? at - decided_text_ + kept : kept; };
    if (kept) context_byte_ = text_[decided_text_ - 1];
    for (const Span& span : hidden_)
        if (span.end > decided_text_) carried_.push_back({moved(span.begin), moved(span.end)});
    for (Progress& progress : progress_) {
        for (size_t& next : progress.next) next = moved(next);
        progress.counted = moved(progress.counted);
    }
    hidden_.clear();
    context_ = kept;
    first_window_ = false;
}

}  // namespace aigate
