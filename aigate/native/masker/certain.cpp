// See certain.h.
#include "certain.h"

#include <algorithm>

#include "text.h"

namespace aigate {

namespace {

constexpr size_t kShortest = 4;   // bytes of a beginning that no ordinary word has
constexpr size_t kLongest = 24;
constexpr size_t kBranches = 512;  // steps that are followed for one rule
constexpr size_t kLooked = 512;    // bytes of text at its end
constexpr size_t kFew = 6;         // bytes that may stand at one place of a beginning

bool is_mark(char byte) { return byte == '_' || byte == '-'; }

bool is_word(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || is_mark(byte);
}

}  // namespace

void Certain::prepare() {
    prepared_ = true;
    for (const Shape::Rule& rule : rules_.shape().rules) {
        std::string text;
        size_t left = kBranches;
        collect(rules_.shape(), rule.start, rule.number, &text, &left);
    }
    std::sort(prefixes_.begin(), prefixes_.end());
}

// Follows a rule as long as it leaves little choice; a beginning ends in a mark.
void Certain::collect(const Shape& shape, uint32_t at, size_t rule, std::string* text, size_t* left) {
    if (!*left) return;
    --*left;
    const Shape::Step& step = shape.steps[at];
    if (step.kind == Shape::Kind::Match) return;
    if (step.kind == Shape::Kind::Assert) return collect(shape, step.next, rule, text, left);
    if (step.kind == Shape::Kind::Split) {
        collect(shape, step.next, rule, text, left);
        return collect(shape, step.value, rule, text, left);
    }
    std::string bytes;
    for (unsigned byte = 0; byte < 256 && bytes.size() <= kFew; ++byte)
        if (shape.sets[step.value][byte]) bytes += static_cast<char>(byte);
    if (bytes.size() > kFew || text->size() == kLongest) return;
    for (char byte : bytes) {
        *text += byte;
        if (text->size() >= kShortest && is_mark(byte) && std::any_of(text->begin(), text->end(), is_letter)) prefixes_.push_back({*text, rule});
        collect(shape, step.next, rule, text, left);
        text->pop_back();
    }
}

bool Certain::find(const std::string& text, size_t* begin, size_t* shown) {
    if (!prepared_) prepare();
    const size_t far = text.size() - std::min(text.size(), kLooked);
    const size_t first = text.size() - static_cast<size_t>(std::find_if_not(text.rbegin(), text.rend(), [](char byte) { return is_word(byte); }) - text.rbegin());
    const size_t word = std::max(first, far);
    for (size_t at = word; at + kShortest <= text.size(); ++at) {
        if (at > word && !is_mark(text[at - 1])) continue;
        const Prefix sought{text.substr(at, kLongest), 0};
        // What is a beginning of what stands there sorts before it.
        auto near = std::upper_bound(prefixes_.begin(), prefixes_.end(), sought);
        while (near != prefixes_.begin() && (--near)->text[0] == text[at]) {
            if (text.compare(at, near->text.size(), near->text) != 0) continue;
            const auto fits = [&](char byte) { return rules_.alphabet(near->rule)[static_cast<unsigned char>(byte)]; };
            if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), fits)) continue;
            *begin = at;
            *shown = std::max(near->text.size(), rules_[near->rule].show_prefix);
            return true;
        }
    }
    return false;
}

}  // namespace aigate
