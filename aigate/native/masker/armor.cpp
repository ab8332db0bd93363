// See armor.h.
#include "armor.h"

#include <algorithm>

#include "text.h"

namespace aigate {

namespace {

constexpr size_t kShortest = 40;  // of a body line, unless it is the last
constexpr size_t kNone = static_cast<size_t>(-1);

bool is_base64(char c) { return is_digit(c) || is_letter(c) || c == '+' || c == '/'; }

// What stands behind, without the blanks that fill a box up.
std::string without_blanks(std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(), is_blank), text.end());
    return text;
}

// `Name: value`.
bool is_header(const char* line, size_t size) {
    size_t at = 0;
    while (at < size && (is_letter(line[at]) || is_digit(line[at]) || line[at] == '-')) ++at;
    return at && at + 1 < size && line[at] == ':' && line[at + 1] == ' ';
}

size_t digits_behind(const std::string& text) {
    size_t count = 0;
    while (count < text.size() && is_digit(text[text.size() - 1 - count])) ++count;
    return count;
}

}  // namespace

void Armor::begin(const std::string& before, const std::string& behind) {
    margin_ = before;
    behind_ = without_blanks(behind);
    loose_ = std::any_of(before.begin(), before.end(), is_letter) || (!before.empty() && std::strchr("\"'`", before.back()) && before.back());
    length_ = 0;
    phase_ = before.size() <= kMostBefore && behind.size() <= kMostBehind ? Phase::Headers : Phase::Rests;
}

// Where the line goes on behind the margin, or kNone. Runs of digits, and of blanks, are as good as one another, but for
// the last digits, which might be the body's.
size_t Armor::margin_of(const char* line, size_t size) const {
    const size_t last = margin_.size() - digits_behind(margin_);
    size_t at = 0;
    for (size_t own = 0; own < margin_.size(); ++own, ++at) {
        const char c = margin_[own];
        const auto kind = is_digit(c) ? is_digit : is_blank(c) ? is_blank : nullptr;
        if (at == size || (kind ? !kind(line[at]) : line[at] != c)) return kNone;
        if (!kind || own >= last) continue;
        while (own + 1 < last && kind(margin_[own + 1])) ++own;
        while (at + 1 < size && kind(line[at + 1])) ++at;
    }
    return at;
}

bool Armor::take(const char* line, size_t size, Body* body) {
    size_t begin = margin_of(line, size);
    if (begin == kNone && loose_) begin = static_cast<size_t>(std::find_if_not(line, line + size, is_blank) - line);
    const bool empty = std::all_of(line + (begin == kNone ? 0 : begin), line + size, is_blank);
    if (phase_ == Phase::Headers && begin != kNone && is_header(line + begin, size - begin)) return false;
    if (phase_ == Phase::Headers && empty) {
        phase_ = Phase::Blank;
        return false;
    }
    size_t end = begin;
    while (end != kNone && end < size && is_base64(line[end])) ++end;
    for (int pad = 0; end != kNone && pad < 2 && end < size && line[end] == '='; ++pad) ++end;
    const size_t length = end == kNone ? 0 : end - begin;
    const bool fits = length_ ? length && length <= length_ : length >= kShortest;
    if (!fits || without_blanks(std::string(line + end, std::min(size - end, kMostBehind + 1))) != behind_) {
        rest();
        return false;
    }
    *body = {begin, end, !length_};
    if (length_ && length < length_) rest();
    else phase_ = Phase::Body;
    if (!length_) length_ = length;
    return true;
}

}  // namespace aigate
