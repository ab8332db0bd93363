// See line.h.
#include "line.h"

#include <algorithm>

#include "merge.h"
#include "payload.h"
#include "../screen/width.h"
#include "text.h"

namespace aigate {

namespace {

void sort(std::vector<Span>& spans) {
    merge_runs(spans, [](const Span& a, const Span& b) { return a.begin < b.begin; });
}

}  // namespace

LineMasker::LineMasker(const RuleSet& rules, std::vector<uint64_t>& counts)
    : rules_(rules), counts_(counts), progress_(rules.counted()), below_(rules) {}

LineMasker::~LineMasker() = default;

size_t LineMasker::mask(const Window& window, size_t shown, const Findings* findings, Sink& sink) {
    if (findings && !shown && findings->rules().empty() && skip(window, sink)) return decided_raw_;
    find_hidden(window, findings);
    emit(window.data, shown, sink);
    keep_line();
    if (partial_) carry_over();
    else end_line();
    return decided_raw_;
}

void LineMasker::preview(const Window& window, size_t shown, Sink& sink) {
    const auto progress = progress_;
    const auto touched = touched_;
    const auto armor = armor_;
    const auto armored = armored_;
    const auto below = below_;
    const auto begun = begun_;
    const auto counts = counts_;
    const auto carried = carried_;
    previewing_ = true;
    find_hidden(window, nullptr);
    previewing_ = false;
    emit(window.data, shown, sink);
    progress_ = progress;
    touched_ = touched;
    armor_ = armor;
    armored_ = armored;
    below_ = below;
    begun_ = begun;
    counts_ = counts;
    carried_ = carried;
}

// Passes a window on which nothing was found, if nothing from before matters there. Looks at it no further.
bool LineMasker::skip(const Window& window, Sink& sink) {
    if (awaits() || begun_.found || open_rules_ || !carried_.empty()) return false;
    if (window.partial && window.stride < kBeforeToken) return false;  // too little to be the next one's context
    if (moved_ || std::memchr(window.data, kEscape, window.limit)) return false;
    partial_ = window.partial;
    decided_raw_ = window.stride;
    sink.pass(window.data, window.stride);
    if (window.stride) last_hidden_ = false;
    if (!partial_) {
        end_line();
        return true;
    }
    text_ = window.data - context_;
    decided_text_ = window.stride + context_;
    moves_.clear();
    hidden_.clear();
    keep_line();
    carry_over();
    return true;
}

void LineMasker::find_hidden(const Window& window, const Findings* findings) {
    read_text(window);
    hidden_.swap(carried_);
    carried_.clear();
    const bool utf8 = text_is_utf8();
    asked_twice_ = !utf8;
    ascii_from_ = text_size_;
    if (asked_twice_)
        while (ascii_from_ && static_cast<unsigned char>(text_[ascii_from_ - 1]) < 0x80) --ascii_from_;
    follow_armor();
    follow_names();
    if (findings && first_window_) {
        for (uint32_t rule : findings->rules())
            if (rule < rules_.size()) apply_rule(rule, window, findings, utf8);
    } else {
        for (size_t rule = 0; rule < rules_.size(); ++rule) apply_rule(rule, window, findings, utf8);
    }
    if (rules_.values()) apply_values(findings);
    merge_hidden();
}

// Hides known values, also where they share bytes. The window is wide enough for each that begins in it.
void LineMasker::apply_values(const Findings* findings) {
    const size_t rule = rules_.size();
    if (findings && findings->kind(static_cast<uint32_t>(rule)) == Findings::Kind::Nothing) return;
    touch(rule);
    matches_.clear();
    rules_.values()->each(text_, context_, text_size_, [&](size_t begin, size_t end) {
        if (partial_ && begin >= decided_text_) return true;
        matches_.push_back({begin, end});
        hide(begin, end);
        return true;
    });
    count_matches(rule);
}

void LineMasker::apply_rule(size_t rule, const Window& window, const Findings* findings, bool utf8) {
    const auto kind = findings ? findings->kind(rule) : Findings::Kind::Anywhere;
    if (rules_[rule].armored) {
        if (kind != Findings::Kind::Nothing) find_begin(rule);
        return;
    }
    if (rules_[rule].below) {
        if (kind != Findings::Kind::Nothing && !partial_ && names_one(rule, window.data, kind == Findings::Kind::Places ? findings : nullptr))
            below_.expect(rule);
        return;
    }
    if (kind == Findings::Kind::Nothing && first_window_) return;
    touch(rule);
    matches_.clear();
    tried_.clear();
    for (Encoding encoding : {Encoding::Utf8, Encoding::Latin1}) {
        if (encoding == Encoding::Latin1 && (utf8 || rules_.ascii(rule))) break;
        vain_ = wasted_ = 0;
        match_way_.trail.clear();
        if (progress_[rule].open[static_cast<size_t>(encoding)]) hide(context_, text_size_);
        else if (kind == Findings::Kind::Anywhere) search(rule, encoding);
        else if (kind == Findings::Kind::Places) visit(rule, encoding, window.data, *findings);
        else if (kind == Findings::Kind::Within) search_around(rule, encoding, window.data, *findings);
        if (!moves_.empty() && rules_[rule].pattern.token()) try_moves(rule, encoding);
    }
    count_matches(rule);
}

void LineMasker::end_line() {
    if (begun_.found) armor_.begin(begun_.before, begun_.behind);
    if (begun_.found) begun_ = Begun();
    below_.end_line();
    line_.clear();
    line_size_ = 0;
    for (size_t rule : touched_) progress_[rule] = Progress();
    touched_.clear();
    carried_.clear();
    hidden_.clear();
    first_window_ = true;
    last_hidden_ = false;
    moved_ = false;
    context_ = 0;
    open_rules_ = 0;
}

void LineMasker::read_text(const Window& window) {
    partial_ = window.partial;
    settled_ = window.settled;
    decided_raw_ = window.stride;
    sequences_.clear();
    moves_.clear();
    if (moved_) moves_.push_back(context_);
    const auto* escape = static_cast<const char*>(std::memchr(window.data, kEscape, window.limit));
    if (!escape && !context_) {
        text_ = window.data;
        text_size_ = window.limit;
        decided_text_ = decided_raw_;
        return;
    }
    scratch_.clear();
    scratch_.insert(scratch_.end(), context_bytes_, context_bytes_ + context_);
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
        if (sequence::moves_cursor(escape, length) && (moves_.empty() || moves_.back() != scratch_.size()))
            moves_.push_back(scratch_.size());
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

void LineMasker::touch(size_t rule) {
    if (!progress_[rule].touched) touched_.push_back(rule);
    progress_[rule].touched = true;
}

// Hides a line that belongs to a key. One that is too long to be looked at as a whole does not.
void LineMasker::follow_armor() {
    if (!armor_.waits() || (after_return_ && !text_size_)) return;
    Armor::Body body;
    if (!first_window_ || (partial_ && !previewing_)) return armor_.rest();
    if (!armor_.take(text_, text_size_, &body)) return;
    hide(body.begin, body.end);
    if (body.first) ++counts_[armored_];
    if (body.first && hits_) hits_->push_back({armored_, text_ + body.begin, text_ + body.end});
}

// Hides what names above were waiting for. A line that is too long to be looked at as a whole ends that.
void LineMasker::follow_names() {
    if (!below_.waits() || (after_return_ && !text_size_)) return;
    if (!first_window_ || (partial_ && !previewing_)) return below_.rest();
    for (const Below::Value& value : below_.take(text_, text_size_)) {
        hide(value.begin, value.end);
        reaches_over_ = true;
        ++counts_[value.rule];
        if (hits_) hits_->push_back({value.rule, text_ + value.begin, text_ + value.end});
    }
}

// Notes the last BEGIN on the line, unless it stands too far inside.
void LineMasker::find_begin(size_t rule) {
    size_t next = context_;
    Match match;
    while (next < text_size_ && rules_[rule].pattern.find(Encoding::Latin1, text_, next, text_size_, &match)) {
        if (partial_ && match.whole.begin >= decided_text_) break;
        next = match.whole.end;
        armored_ = rule;
        reaches_over_ = true;
        begun_ = Begun();
        begun_.found = line_size_ + match.whole.begin - context_ <= Armor::kMostBefore;
        begun_.before = line_;
        begun_.before.append(text_ + context_, match.whole.begin - context_);
        begun_.from = next;
    }
}

// Keeps what a BEGIN needs of the text that is decided.
void LineMasker::keep_line() {
    const size_t stop = partial_ ? decided_text_ : text_size_;
    if (begun_.found && begun_.from < stop) {
        const size_t room = Armor::kMostBehind + 1 - begun_.behind.size();
        begun_.behind.append(text_ + begun_.from, std::min(stop - begun_.from, room));
    }
    if (!partial_ || stop == context_) return;
    if (line_.size() <= Armor::kMostBefore) line_.append(text_ + context_, std::min(stop - context_, Armor::kMostBefore + 1 - line_.size()));
    line_size_ += stop - context_;
}

// Matches of the two encodings that share bytes count once.
void LineMasker::count_matches(size_t rule) {
    sort(matches_);
    size_t& counted = progress_[rule].counted;
    for (const Span& match : matches_) {
        if (match.begin >= counted) {
            ++counts_[rule];
            if (hits_) hits_->push_back({rule, text_ + match.begin, text_ + match.end});
        }
        counted = std::max(counted, match.end);
    }
}

void LineMasker::hide(size_t begin, size_t end) {
    if (begin < end) hidden_.push_back({begin, end});
}

// Where the hidden part of a match begins: never inside a character.
size_t LineMasker::cut(const Rule& rule, const Span& secret) const {
    if (secret.end - secret.begin <= rule.show_prefix) return secret.begin;
    size_t at = secret.begin + rule.show_prefix;
    while (at > secret.begin && is_continuation(text_[at])) --at;
    return at;
}

void LineMasker::merge_hidden() {
    sort(hidden_);
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
        raw = sequence.raw + sequence.size;
        if (shown < raw) emit_sequence(data + sequence.raw, sequence.size, std::max(sequence.raw, shown) - sequence.raw, sink);
        text = sequence.text;
    }
    text_until(decided_text_);
}

// Writes a sequence, but for its beginning that may have been shown before it was one.
void LineMasker::emit_sequence(const char* sequence, size_t size, size_t shown, Sink& sink) {
    if (!sequence::carries_text(sequence, size)) return sink.pass(sequence + shown, size - shown);
    if (!payload_) payload_ = std::make_unique<Payload>(rules_, counts_);
    payload_->write(sequence, size, shown, sink);
}

// Writes text_[begin, end), whose raw bytes stand together at `raw`.
void LineMasker::emit_text(const char* raw, size_t begin, size_t end, Sink& sink) {
    for (size_t at = begin; at < end;) {
        while (next_hidden_ < hidden_.size() && hidden_[next_hidden_].end <= at) ++next_hidden_;
        const Span span = next_hidden_ < hidden_.size() ? hidden_[next_hidden_] : Span{end, end};
        const bool hide = span.begin <= at;
        const size_t stop = std::min(end, hide ? span.end : span.begin);
        if (!hide) sink.pass(raw + (at - begin), stop - at);
        else if (keeps_width_) emit_stars(at, stop, sink);
        else if (!last_hidden_) sink.star();
        last_hidden_ = hide;
        at = stop;
    }
}

// As many stars as cells. A tab stays, since its width depends on where it stands.
void LineMasker::emit_stars(size_t begin, size_t end, Sink& sink) {
    while (last_hidden_ && begin < end && is_continuation(text_[begin])) ++begin;  // of a character that has its star
    while (begin < end) {
        const auto* const tab = static_cast<const char*>(std::memchr(text_ + begin, '\t', end - begin));
        const size_t stop = tab ? static_cast<size_t>(tab - text_) : end;
        sink.stars(text_width(text_ + begin, stop - begin));
        if (tab) sink.pass("\t", 1);
        begin = tab ? stop + 1 : end;
    }
}

// Moves what reaches behind the decision into the coordinates of the next window.
void LineMasker::carry_over() {
    const size_t kept = std::min(decided_text_, kBeforeToken);
    const auto moved = [&](size_t at) { return at > decided_text_ ? at - decided_text_ + kept : kept; };
    if (kept) std::memcpy(context_bytes_, text_ + decided_text_ - kept, kept);
    begun_.from = moved(begun_.from);
    for (const Span& span : hidden_)
        if (span.end > decided_text_) carried_.push_back({moved(span.begin), moved(span.end)});
    for (size_t rule : touched_) {
        Progress& progress = progress_[rule];
        for (size_t& next : progress.next) next = moved(next);
        progress.counted = moved(progress.counted);
    }
    moved_ = std::find(moves_.begin(), moves_.end(), decided_text_) != moves_.end();
    hidden_.clear();
    context_ = kept;
    first_window_ = false;
}

}  // namespace aigate
