// See values.h.
#include "values.h"

#include <algorithm>

#include "spellings.h"

namespace aigate {

namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr size_t kWord = sizeof(uint64_t);
constexpr size_t kMostOffsets = 32;
constexpr size_t kMostStride = 8;
constexpr size_t kShortGram = 6, kShortestGram = 4;
constexpr size_t kFilterBits = 24;  // for each gram
constexpr size_t kLeastFilter = 512;  // words
constexpr size_t kAtOnce = 4;         // places that are looked at before asking what was seen

bool is_little() { return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__; }

// The first bytes of a text, the first one highest, with zeros behind its end.
uint64_t key_of(const char* text, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, text, std::min(size, kWord));
    return is_little() ? __builtin_bswap64(word) : word;
}

// Kinds of bytes: where one follows another, words seldom look so.
constexpr int kMark = 3;
int kind(char c) {
    if (is_digit(c)) return 0;
    if (c >= 'a' && c <= 'z') return 1;
    return c >= 'A' && c <= 'Z' ? 2 : kMark;
}

}  // namespace

Values::Values(const std::vector<std::string>& values) {
    collect(values);
    put_in_order();
    choose_grams();
}

void Values::collect(const std::vector<std::string>& values) {
    for (const std::string& value : values)
        for (const std::string& spelling : spellings(value)) {
            const size_t size = spelling.size();
            spellings_.push_back({key_of(spelling.data(), size), static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(size), kNone});
            bytes_ += spelling;
            longest_ = std::max(longest_, size);
            shortest_ = std::min(shortest_, size);
        }
}

// Whether a spelling comes before a text.
bool Values::before(const Spelling& spelling, uint64_t key, const char* text, size_t size) const {
    if (spelling.key != key) return spelling.key < key;
    const int order = std::memcmp(text_of(spelling), text, std::min<size_t>(spelling.size, size));
    return order ? order < 0 : spelling.size < size;
}

void Values::put_in_order() {
    std::sort(spellings_.begin(), spellings_.end(), [this](const Spelling& a, const Spelling& b) { return before(a, b.key, text_of(b), b.size); });
    const auto same = [this](const Spelling& a, const Spelling& b) {
        return a.key == b.key && a.size == b.size && !std::memcmp(text_of(a), text_of(b), a.size);
    };
    spellings_.erase(std::unique(spellings_.begin(), spellings_.end(), same), spellings_.end());
    uint32_t last = kNone;
    for (uint32_t at = 0; at < spellings_.size(); ++at) {
        Spelling& spelling = spellings_[at];
        while (last != kNone && (spellings_[last].size > spelling.size || std::memcmp(text_of(spellings_[last]), text_of(spelling), spellings_[last].size)))
            last = spellings_[last].parent;
        spelling.parent = last;
        last = at;
    }
}

void Values::choose_grams() {
    if (spellings_.empty()) return;
    gram_ = shortest_ >= kWord + kMostStride - 1 ? kWord : shortest_ >= kWord ? kShortGram : kShortestGram;
    stride_ = std::min(kMostStride, shortest_ - gram_ + 1);
    mask_ = ~uint64_t{0};
    if (gram_ < kWord) mask_ = is_little() ? (uint64_t{1} << 8 * gram_) - 1 : ~(~uint64_t{0} >> 8 * gram_);
    const size_t most = spellings_.size() * stride_;
    filter_.assign(std::max(kLeastFilter, most * kFilterBits / 64), 0);
    grams_.assign(2 * most, Gram{0, 0});
    for (const Spelling& spelling : spellings_) {
        const size_t offset = best_offset(spelling);
        for (size_t at = offset; at < offset + stride_; ++at) add(load(text_of(spelling) + at, spelling.size - at), at);
    }
}

// Where in a spelling the bytes lie that are looked for: where its kinds of bytes change most, for `https://` stands in
// every log, and without marks, so that both kinds of base64 are alike.
size_t Values::best_offset(const Spelling& spelling) const {
    const char* const text = text_of(spelling);
    const size_t wide = gram_ + stride_ - 1;
    const size_t last = std::min(kMostOffsets - stride_, spelling.size - wide);
    const auto change = [&](size_t at) {
        if (kind(text[at]) == kMark) return -1;
        return kind(text[at]) != kind(text[at - 1]) ? 1 : 0;
    };
    int changes = 0;
    for (size_t at = 1; at < wide; ++at) changes += change(at);
    size_t best = 0;
    int most = changes;
    for (size_t offset = 1; offset <= last; ++offset) {
        changes += change(offset + wide - 1);
        changes -= change(offset);
        if (changes <= most) continue;
        most = changes;
        best = offset;
    }
    return best;
}

void Values::add(uint64_t gram, size_t offset) {
    const uint64_t hash = hash_of(gram);
    filter_[place(hash, filter_.size())] |= bits_of(hash);
    const auto tag = static_cast<uint32_t>(hash >> 8);
    size_t at = place(hash, grams_.size());
    while (grams_[at].offsets && grams_[at].tag != tag) at = at + 1 == grams_.size() ? 0 : at + 1;
    grams_[at].tag = tag;
    grams_[at].offsets |= uint32_t{1} << offset;
}

// How far behind the beginning of a spelling these bytes may stand, as bits.
uint32_t Values::offsets_of(uint64_t gram) const {
    const uint64_t hash = hash_of(gram);
    const auto tag = static_cast<uint32_t>(hash >> 8);
    for (size_t at = place(hash, grams_.size()); grams_[at].offsets; at = at + 1 == grams_.size() ? 0 : at + 1)
        if (grams_[at].tag == tag) return grams_[at].offsets;
    return 0;
}

// The gram at p, of which there are `left` bytes, not fewer than a gram has.
uint64_t Values::load(const char* p, size_t left) const {
    uint64_t word = 0;
    if (left >= kWord) std::memcpy(&word, p, kWord);
    else std::memcpy(&word, p, left);
    return word & mask_;
}

// The first of the places at, at + stride ... where a gram may stand, or `size`.
size_t Values::grams_at(const char* text, size_t at, size_t size) const {
    if (!gram_ || size < gram_) return size;
    const size_t whole = size < kWord ? 0 : size - kWord + 1;  // the places before it have a word behind them
    const auto look = [&](size_t place) {
        uint64_t word;
        std::memcpy(&word, text + place, kWord);
        return may_be(word & mask_);
    };
    for (const size_t stride = stride_; at + (kAtOnce - 1) * stride < whole; at += kAtOnce * stride)
        if (look(at) | look(at + stride) | look(at + 2 * stride) | look(at + 3 * stride)) break;
    for (; at + gram_ <= size; at += stride_)
        if (may_be(load(text + at, size - at))) return at;
    return size;
}

// How long the longest spelling is that the text begins with, or 0.
size_t Values::longest_at(const char* text, size_t size) const {
    const uint64_t key = key_of(text, size);
    const auto behind = std::partition_point(spellings_.begin(), spellings_.end(), [&](const Spelling& spelling) {
        return before(spelling, key, text, size) || (spelling.size == size && !std::memcmp(text_of(spelling), text, size));
    });
    if (behind == spellings_.begin()) return 0;
    const Spelling* found = &behind[-1];
    const size_t shared = std::min<size_t>(found->size, size);
    const char* const own = text_of(*found);
    const auto common = static_cast<size_t>(std::mismatch(own, own + shared, text).first - own);
    while (found->size > common) {
        if (found->parent == kNone) return 0;
        found = &spellings_[found->parent];
    }
    return found->size;
}

ValueFront::ValueFront(const Values& values) : values_(values) {}

void ValueFront::reset() {
    attempts_.clear();
    at_ = 0;
}

void ValueFront::advance(unsigned char byte) {
    size_t kept = 0;
    attempts_.push_back({0, static_cast<uint32_t>(values_.spellings_.size()), at_});
    for (Attempt& attempt : attempts_)
        if (follow(attempt, at_ - attempt.start, byte)) attempts_[kept++] = attempt;
    attempts_.resize(kept);
    ++at_;
}

// Takes one more byte. Returns whether there are spellings that go on.
bool ValueFront::follow(Attempt& attempt, size_t depth, unsigned char byte) const {
    const auto begin = values_.spellings_.begin();
    const auto low = begin + attempt.low, high = begin + attempt.high;
    const auto at = [&](const Values::Spelling& spelling) {  // a spelling that ends before comes first
        return depth < spelling.size ? 1 + static_cast<unsigned char>(values_.text_of(spelling)[depth]) : 0;
    };
    const auto first = std::partition_point(low, high, [&](const Values::Spelling& spelling) { return at(spelling) < 1 + byte; });
    const auto last = std::partition_point(first, high, [&](const Values::Spelling& spelling) { return at(spelling) <= 1 + byte; });
    attempt.low = static_cast<uint32_t>(first - begin);
    attempt.high = static_cast<uint32_t>(last - begin);
    return first != last && last[-1].size > depth + 1;
}

const char* ValueSweep::next(const char* from) {
    if (!values_) return end_;
    if (known_ && found_ >= from) return found_;
    known_ = true;
    return found_ = look(std::max(found_, from));
}

const char* ValueSweep::look(const char* at) {
    while (at < end_) {
        const char* const escape = escape_from(at);
        const char* const feed = escape == end_ ? nullptr : find_last_line_end(at, escape);
        const char* const line = escape == end_ ? end_ : feed ? feed + 1 : at;
        const size_t found = values_->first(at, static_cast<size_t>(line - at));
        if (found != Values::kNowhere) return at + found;
        if (escape == end_) return end_;
        const char* const stop = piece_end(line, escape);
        if (holds(line, stop)) {
            if (line < apart_) return line;
            apart_ = stop;  // which of its lines it is
            at = line;
        } else {
            at = stop;
        }
    }
    return end_;
}

// Up to where lines are looked at together, the first of which has an ESC: one alone where a value is near.
const char* ValueSweep::piece_end(const char* line, const char* escape) const {
    if (line < apart_) return find_line_end(escape, end_);
    const char* const some = find_last_line_end(line, line + std::min(kPiece, end_ - line));
    return some && some > escape ? some : find_line_end(escape, end_);
}

// The first ESC from there on, or the end.
const char* ValueSweep::escape_from(const char* at) {
    if (!escape_known_ || escape_ < at) {
        const void* const found = std::memchr(at, kEscape, static_cast<size_t>(end_ - at));
        escape_ = found ? static_cast<const char*>(found) : end_;
        escape_known_ = true;
    }
    return escape_;
}

// Whether the text of lines, without their escape sequences, holds a value. Of a long line a piece at a time is looked at.
bool ValueSweep::holds(const char* at, const char* stop) {
    size_t kept = 0;
    while (at != stop) {
        const char* const end = at + std::min(kPiece, stop - at);
        text_.resize(std::max(text_.size(), kept + static_cast<size_t>(end - at) + kWord));
        const size_t size = static_cast<size_t>(copy_text(&at, end, stop, text_.data() + kept) - text_.data());
        if (values_->first(text_.data(), size) != Values::kNowhere) return true;
        kept = std::min(size, values_->longest());
        std::memmove(text_.data(), text_.data() + size - kept, kept);
    }
    return false;
}

// Copies [*at, end) without escape sequences, and perhaps some bytes behind it. A sequence that begins there may reach to
// `stop`. Returns the copy's end, and sets *at behind what was read.
char* ValueSweep::copy_text(const char** at, const char* end, const char* stop, char* out) {
    constexpr uint64_t kEach = Values::kEach;
    const char* p = *at;
    while (p < end) {
        if (stop - p >= static_cast<std::ptrdiff_t>(kWord)) {
            uint64_t word;
            std::memcpy(&word, p, kWord);
            std::memcpy(out, p, kWord);
            const uint64_t other = word ^ kEach * kEscape;
            const uint64_t escapes = (other - kEach) & ~other & kEach * 0x80;
            const size_t text = std::min(escapes ? first_byte(escapes) : kWord, static_cast<size_t>(end - p));
            p += text;
            out += text;
            if (!escapes || p == end) continue;
        }
        const char* const behind = *p == kEscape ? sequence::skip(p, stop) : p;
        if (behind == p) *out++ = *p++;
        else p = behind;
    }
    *at = p;
    return out;
}

}  // namespace aigate
