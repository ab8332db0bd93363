// See rules.h.
#include "rules.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <re2/set.h>

#include "finder.h"
#include "text.h"

namespace aigate {

namespace {

using syntax::kMostGroups;  // a group named secret behind more than these is not told apart from the match
constexpr char kWhole[] = "aigate_whole";
// RE2 takes programs of some 300,000 instructions. One of a shape's steps is a hundred of them at most, most of them are one.
constexpr size_t kSmall = 2000;

// What may stand in front of a token, as begins_token() has it.
constexpr char kBefore[] =
    R"((?:\b|\\[abfnrtv0]|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[0-7]{3}|\[[0-9;]{0,10}m))";

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

// ascii: so that both encodings agree.
Shape::Characters characters_of(Encoding encoding, bool ascii) {
    return encoding == Encoding::Latin1 || ascii ? Shape::Characters::Latin1 : utf8_of_re2();
}

}  // namespace

bool begins_token(const char* text, size_t at) {
    return !at || !is_word(static_cast<unsigned char>(text[at - 1])) || ends_escape(text, at);
}

Pattern::Pattern(std::string regex, bool case_insensitive, bool token)
    : regex_(std::move(regex)), case_insensitive_(case_insensitive), token_(token), is_ascii_(aigate::is_ascii(regex_)) {}

Match Pattern::match_of(const FirstMatch& first, const char* text, size_t begin, const Found& found, FirstMatch::Way* way) {
    Match match;
    match.whole = {begin, found.end};
    match.limited = first.secret(text, begin, found, way, &match.secret);
    if (!match.limited) match.secret = match.whole;
    return match;
}

re2::RE2::Options Pattern::options(Encoding encoding) const {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!case_insensitive_);
    if (encoding == Encoding::Latin1) options.set_encoding(re2::RE2::Options::EncodingLatin1);
    return options;
}

void Pattern::compile(Compiled& slot, const std::string& regex, Encoding encoding) const {
    slot.expression = std::make_unique<re2::RE2>(regex, options(encoding));
    const auto& groups = slot.expression->NamedCapturingGroups();
    const auto number = [&](const char* name) {
        const auto found = groups.find(name);
        return found != groups.end() && found->second <= kMostGroups ? found->second : 0;
    };
    slot.group = number("secret");
    slot.whole = number(kWhole);
}

const Pattern::Compiled& Pattern::compiled(Encoding encoding) const {
    Compiled& slot = compiled_[static_cast<size_t>(encoding)];
    slot.once([&] { compile(slot, regex_, encoding); });
    return slot;
}

// The expression behind all that may stand in front of a token. Its first byte belongs to a word.
const Pattern::Compiled& Pattern::guarded(Encoding encoding) const {
    Compiled& slot = guarded_[static_cast<size_t>(encoding)];
    slot.once([&] { compile(slot, kBefore + ("(?P<" + std::string(kWhole) + ">") + regex_ + ")", encoding); });
    return slot;
}

// Whether RE2 takes the expression, by its parser alone: most rules are never compiled, which takes most of the time of a
// start with a thousand rules. What may become too large, and what has groups with names, which that way does not see, it
// does not say.
bool Pattern::surely_compiles() const {
    const size_t named = regex_.find("(?P<");
    if (named != std::string::npos && regex_.find("(?P<", named + 1) != std::string::npos) return false;
    if (regex_.find("(?<") != std::string::npos) return false;
    Shape shape;
    shape.add(regex_, case_insensitive_, 0);
    if (!shape.rules.back().known || shape.steps.size() > kSmall) return false;
    re2::RE2::Set set(options(Encoding::Utf8), re2::RE2::UNANCHORED);
    return set.Add(regex_, nullptr) >= 0;
}

std::string Pattern::refusal(long* position) const {
    *position = -1;
    if (surely_compiles()) return {};
    const re2::RE2& expression = *compiled(Encoding::Utf8).expression;
    if (expression.ok()) return {};
    const std::string argument(expression.error_arg());
    const size_t found = regex_.find(argument);
    if (!argument.empty() && found != std::string::npos) *position = static_cast<long>(found);
    return expression.error();
}

bool Pattern::run(const Compiled& slot, Encoding encoding, const char* text, size_t from, size_t end,
                  re2::RE2::Anchor anchor, Match* match) const {
    if (!slot.expression->ok()) {
        // Code points beyond Latin-1 mean nothing there. Otherwise the rule should not have come this far.
        if (encoding == Encoding::Latin1) return false;
        throw std::runtime_error("a masking rule was not checked: " + slot.expression->error());
    }
    if (!text) text = "";  // no text has no address, and neither has a group that no match has
    Piece found[kMostGroups + 1];
    const int groups = std::max(slot.group, slot.whole);
    const auto span = [&](const Piece& piece) {
        const size_t begin = piece.data() - text;
        return Span{begin, begin + piece.size()};
    };
    // RE2's search for groups takes several times as long as its search for the match.
    if (const FirstMatch* const exact = slot.group && !slot.whole ? first(encoding) : nullptr) {
        if (!slot.expression->Match(Piece(text, end), from, end, anchor, found, 1)) return false;
        const Span whole = span(found[0]);
        // What is preferred up to the match's end is so in the whole text, unless something is asked of what stands behind.
        const Found same = exact->at(text, whole.begin, exact->asks() ? end : whole.end);
        if (same.answer == Found::Answer::Match) {
            FirstMatch::Way way;
            *match = match_of(*exact, text, whole.begin, same, &way);
            check(encoding, text, whole.begin, end, true, *match);
            return true;
        }
    }
    if (!slot.expression->Match(Piece(text, end), from, end, anchor, found, groups + 1)) return false;
    match->whole = span(found[slot.whole]);
    match->limited = slot.group && found[slot.group].data();
    match->secret = match->limited ? span(found[slot.group]) : match->whole;
    return true;
}

const FirstMatch* Pattern::first(Encoding encoding) const {
    First& slot = first_[static_cast<size_t>(encoding)];
    slot.once([&] {
        const auto characters = characters_of(encoding, false);
        if (characters == Shape::Characters::Any) return;
        slot.matcher = std::make_unique<FirstMatch>(regex_, case_insensitive_, characters);
        if (!slot.matcher->exact()) slot.matcher.reset();
    });
    return slot.matcher.get();
}

// What stands in front of a token may lie before `from`, so the first places are tried one by one.
bool Pattern::find_token(Encoding encoding, const char* text, size_t from, size_t end, Match* match) const {
    const size_t near = std::min(end, from + kBeforeToken);
    for (size_t at = from; at < near; ++at)
        if (match_at(encoding, text, at, end, match)) return true;
    if (!run(guarded(encoding), encoding, text, from, end, re2::RE2::UNANCHORED, match)) return false;
    // The leftmost beginning of an escape was found, and another token may begin within that.
    Match earlier;
    const size_t begin = match->whole.begin;
    for (size_t at = std::max(near, begin - std::min(begin, kBeforeToken)); at < begin; ++at) {
        if (!match_at(encoding, text, at, end, &earlier)) continue;
        *match = earlier;
        break;
    }
    return true;
}

bool Pattern::find(Encoding encoding, const char* text, size_t from, size_t end, Match* match) const {
    if (token_) return find_token(encoding, text, from, end, match);
    return run(compiled(encoding), encoding, text, from, end, re2::RE2::UNANCHORED, match);
}

bool Pattern::match_at(Encoding encoding, const char* text, size_t from, size_t end, Match* match, bool free) const {
    if (token_ && !free && !begins_token(text, from)) return false;
    return run(compiled(encoding), encoding, text, from, end, re2::RE2::ANCHOR_START, match);
}

bool Pattern::match_here(Encoding encoding, const char* text, size_t from, size_t end, Match* match, FirstMatch::Way* way, size_t* looked,
                         bool free) const {
    if (token_ && !free && !begins_token(text, from)) return false;
    if (const FirstMatch* const exact = first(encoding)) {
        const Found found = exact->at(text, from, end, way);
        *looked = found.looked - from;
        const bool matched = found.answer == Found::Answer::Match;
        if (matched) *match = match_of(*exact, text, from, found, way);
        if (matched) *looked += way->steps;
        if (found.answer != Found::Answer::AskRe2) check(encoding, text, from, end, matched, *match);
        if (found.answer != Found::Answer::AskRe2) return matched;
    }
    *looked = end - from;
    return match_at(encoding, text, from, end, match, free);
}

#ifdef AIGATE_ASK_RE2_AS_WELL
void Pattern::check(Encoding encoding, const char* text, size_t from, size_t end, bool matched, const Match& match) const {
    if (!text) text = "";
    const Compiled& slot = compiled(encoding);
    Piece found[kMostGroups + 1];
    if (slot.expression->Match(Piece(text, end), from, end, re2::RE2::ANCHOR_START, found, slot.group + 1) != matched) std::abort();
    if (!matched) return;
    const auto same = [&](const Piece& piece, const Span& span) {
        return static_cast<size_t>(piece.data() - text) == span.begin && piece.size() == span.end - span.begin;
    };
    const bool limited = slot.group && found[slot.group].data();
    if (!same(found[0], match.whole) || !same(found[limited ? slot.group : 0], match.secret) || limited != match.limited) std::abort();
}
#else
void Pattern::check(Encoding, const char*, size_t, size_t, bool, const Match&) const {}
#endif

Rule::Rule(std::string regex, size_t show, bool case_insensitive, bool token, bool is_armored, Check value_check, const std::string& value)
    : pattern(std::move(regex), case_insensitive, token),
      show_prefix(show),
      armored(is_armored),
      below(value.empty() ? nullptr : std::make_unique<Pattern>(value, case_insensitive)),
      check(value_check) {}

std::atomic<size_t> RuleSet::few_{Finder::kPlainBytes};

RuleSet::RuleSet() : left_(few_.load()) {}
RuleSet::~RuleSet() = default;

const FirstMatch* RuleSet::exact(size_t rule, Encoding encoding) const { return exact_[rule] ? rules_[rule]->pattern.first(encoding) : nullptr; }

// A thorough finder of all presets takes 40 milliseconds to build, looking at each of kPlainBytes bytes 10 to 20.
std::shared_ptr<const Finder> RuleSet::finder(size_t bytes) const {
    size_t left = left_.load(std::memory_order_relaxed);
    while (left > bytes)
        if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return plain();
    if (left) left_.store(0, std::memory_order_relaxed);
    return {std::shared_ptr<const Finder>(), &thorough()};  // which lives as long as these rules
}

const Finder& RuleSet::thorough() const {
    thorough_once_([this] {
        thorough_ = std::make_unique<Finder>(shape(), values_.get(), Finder::Kind::Thorough);
        const std::lock_guard<std::mutex> lock(planning_);
        plain_.reset();
#ifdef __GLIBC__
        malloc_trim(0);  // choosing takes a few megabytes that nobody needs afterwards, and a run lasts hours
#endif
    });
    return *thorough_;
}

std::shared_ptr<const Finder> RuleSet::plain() const {
    const std::lock_guard<std::mutex> lock(planning_);
    if (!plain_) plain_ = std::make_shared<Finder>(shape(), values_.get(), Finder::Kind::Plain);
    return plain_;
}

bool RuleSet::scan_by(const std::string& path) const {
    left_.store(0);
    thorough();
    return thorough_->use(path);
}

void RuleSet::know(const std::vector<std::string>& values) {
    if (!values.empty()) values_ = std::make_unique<const Values>(values);
}

RuleSet::Verdict RuleSet::add(Rule* rule) {
    rules_.emplace_back(rule);
    find_shapes();
    const uint32_t start = shape_.rules.back().start;
    if (shape_.can_match_nothing(start)) return Verdict::MatchesNothing;
    return rule->pattern.token() && !begins_with_word(start) ? Verdict::BeginsWithNoWord : Verdict::Good;
}

void RuleSet::find_shapes() const {
    const std::lock_guard<std::mutex> lock(shaping_);
    for (size_t number = shaped_; number < rules_.size(); ++number) {
        const Rule& rule = *rules_[number];
        shape_.add(rule.pattern.regex(), rule.pattern.case_insensitive(), static_cast<uint32_t>(number));
        bool& exact = shape_.rules.back().exact;
        exact = exact && !rule.armored && !rule.below;
        alphabets_.push_back(shape_.rules.back().alphabet);
        exact_.push_back(exact);
    }
    shaped_.store(rules_.size(), std::memory_order_release);
}

bool RuleSet::begins_with_word(uint32_t start) const {
    const auto steps = shape_.first_steps(start, false);
    return std::all_of(steps.begin(), steps.end(), [&](uint32_t at) {
        const Shape::Step& step = shape_.steps[at];
        return step.kind == Shape::Kind::Bytes && shape_.sets[step.value].only_words();
    });
}

}  // namespace aigate
