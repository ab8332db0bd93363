// See rules.h.
#include "rules.h"

#include <stdexcept>

#include "finder.h"

namespace aigate {

namespace {

constexpr int kMostGroups = 16;  // a group named secret behind more than these is not told apart from the match

// What RE2 takes for a character of UTF-8: since 2016 or so `.` accepts some byte sequences that are none, because that
// makes its programs smaller. Any: something else that is not known here.
Shape::Characters utf8_of_re2() {
    static const auto found = [] {
        const re2::RE2 any("(?s:.)");
        int loose = 0;
        for (const char* text : {"\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80"}) loose += re2::RE2::FullMatch(text, any);
        return loose == 0 ? Shape::Characters::Utf8 : loose == 3 ? Shape::Characters::Utf8Loose : Shape::Characters::Any;
    }();
    return found;
}

}  // namespace

Pattern::Pattern(std::string regex, bool case_insensitive)
    : regex_(std::move(regex)), case_insensitive_(case_insensitive) {}

const Pattern::Compiled& Pattern::compiled(Encoding encoding) const {
    Compiled& slot = encoding == Encoding::Utf8 ? utf8_ : latin1_;
    slot.once([&] {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_case_sensitive(!case_insensitive_);
        if (encoding == Encoding::Latin1) options.set_encoding(re2::RE2::Options::EncodingLatin1);
        slot.expression = std::make_unique<re2::RE2>(regex_, options);
        const auto& groups = slot.expression->NamedCapturingGroups();
        const auto secret = groups.find("secret");
        if (secret != groups.end()) slot.group = secret->second;
    });
    return slot;
}

std::string Pattern::refusal(long* position) const {
    const re2::RE2& expression = *compiled(Encoding::Utf8).expression;
    *position = -1;
    if (expression.ok()) return {};
    const std::string argument(expression.error_arg());
    const size_t found = regex_.find(argument);
    if (!argument.empty() && found != std::string::npos) *position = static_cast<long>(found);
    return expression.error();
}

bool Pattern::run(Encoding encoding, const char* text, size_t from, size_t end, re2::RE2::Anchor anchor,
                  Match* match) const {
    const Compiled& slot = compiled(encoding);
    if (!slot.expression->ok()) {
        // Code points beyond Latin-1 mean nothing there. Otherwise the rule should not have come this far.
        if (encoding == Encoding::Latin1) return false;
        throw std::runtime_error("a masking rule was not checked: " + slot.expression->error());
    }
    Piece found[kMostGroups + 1];
    const int groups = slot.group <= kMostGroups ? slot.group : 0;
    if (!slot.expression->Match(Piece(text, end), from, end, anchor, found, groups + 1)) return false;
    const auto span = [&](const Piece& piece) {
        const size_t begin = piece.data() - text;
        return Span{begin, begin + piece.size()};
    };
    match->whole = span(found[0]);
    match->secret = found[groups].data() ? span(found[groups]) : match->whole;
    return true;
}

bool Pattern::find(Encoding encoding, const char* text, size_t from, size_t end, Match* match) const {
    return run(encoding, text, from, end, re2::RE2::UNANCHORED, match);
}

bool Pattern::match_at(Encoding encoding, const char* text, size_t from, size_t end, Match* match) const {
    return run(encoding, text, from, end, re2::RE2::ANCHOR_START, match);
}

Rule::Rule(std::string regex, size_t show, bool case_insensitive, std::string until_regex)
    : pattern(std::move(regex), case_insensitive), show_prefix(show) {
    if (!until_regex.empty()) until = std::make_unique<Pattern>(std::move(until_regex), case_insensitive);
}

RuleSet::RuleSet() = default;
RuleSet::~RuleSet() = default;

const FirstMatch* RuleSet::exact(size_t rule, Encoding encoding) const {
    Exact* const exact = exact_[rule].get();
    if (!exact) return nullptr;
    const auto slot = static_cast<size_t>(encoding);
    exact->once[slot]([&] {
        const Pattern& pattern = rules_[rule]->pattern;
        const auto characters = encoding == Encoding::Utf8 ? utf8_of_re2() : Shape::Characters::Latin1;
        if (characters == Shape::Characters::Any) return;
        exact->matcher[slot] = std::make_unique<FirstMatch>(pattern.regex(), pattern.case_insensitive(), characters);
    });
    return exact->matcher[slot].get();
}

const Finder& RuleSet::finder() const {
    found_once_([this] { finder_ = std::make_unique<Finder>(shape_); });
    return *finder_;
}

bool RuleSet::scan_by(const std::string& path) const {
    finder();
    return finder_->scanner().use(path);
}

bool RuleSet::add(Rule* rule) {
    rules_.emplace_back(rule);
    const bool empty = add_shape(rule->pattern);
    bool& exact = shape_.rules.back().exact;
    exact = exact && !rule->pattern.may_have_secret() && !rule->until;
    alphabets_.push_back(shape_.rules.back().alphabet);
    exact_.push_back(exact ? std::make_unique<Exact>() : nullptr);
    return (rule->until && add_shape(*rule->until)) || empty;
}

bool RuleSet::add_shape(const Pattern& pattern) {
    shape_.add(pattern.regex(), pattern.case_insensitive(), static_cast<uint32_t>(rules_.size() - 1));
    return shape_.can_match_nothing(shape_.rules.back().start);
}

}  // namespace aigate
