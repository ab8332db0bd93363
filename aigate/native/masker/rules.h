// Rules, compiled by RE2 on first use and never changed afterwards, so that threads can share them.
// Owns the regular expressions; knows nothing of lines or streams.
#pragma once

#include <re2/re2.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "first.h"
#include "once.h"
#include "literal.h"
#include "shape.h"
#include "values.h"

namespace aigate {

class Finder;

// RE2's string type: re2::StringPiece before RE2 used Abseil, absl::string_view since. Taken from RE2 itself.
template <typename Class, typename First, typename... Rest>
First first_parameter(bool (Class::*)(First, Rest...) const);
using Piece = std::decay_t<decltype(first_parameter(&re2::RE2::Match))>;

// Whether a token can begin at text[at]: not behind a letter, a digit or an underscore, unless an escape ends there.
bool begins_token(const char* text, size_t at);

// Text that is well-formed UTF-8 is matched as such. Other text is matched in both ways, and the union counts:
// Utf8 alone would stop at an odd byte, Latin1 alone would not know that U+017F folds to an s.
enum class Encoding { Utf8, Latin1 };

// secret: what of the match is to be hidden: its group of that name if it has one, which is `limited`, else all of it.
struct Match {
    Span whole;
    Span secret;
    bool limited = false;
};

// One regular expression in both encodings.
class Pattern {
  public:
    // token: a match begins where a token can, see begins_token().
    Pattern(std::string regex, bool case_insensitive, bool token = false);

    const std::string& regex() const { return regex_; }
    bool case_insensitive() const { return case_insensitive_; }

    // The match that `first`, which is of this pattern, has found at text[begin].
    static Match match_of(const FirstMatch& first, const char* text, size_t begin, const Found& found, FirstMatch::Way* way);

    // What finds a match at a place without RE2; nullptr where nothing does.
    const FirstMatch* first(Encoding encoding) const;

    bool token() const { return token_; }
    // Else characters of the expression itself are others in Latin-1, and the encodings do not even agree on ASCII.
    bool is_ascii() const { return is_ascii_; }

    // Why RE2 refuses the expression, empty when it does not; *position is the byte it means, or -1.
    std::string refusal(long* position) const;

    // The leftmost match in text[from, end), as RE2 prefers it; text before `from` is context.
    bool find(Encoding encoding, const char* text, size_t from, size_t end, Match* match) const;
    // The match that begins exactly at `from`. free: also where no token could begin by the text in front.
    bool match_at(Encoding encoding, const char* text, size_t from, size_t end, Match* match, bool free = false) const;
    // Likewise, without RE2 where that can be. Sets *looked to how many bytes that took. way: of walks over this text, for the
    // same encoding.
    bool match_here(Encoding encoding, const char* text, size_t from, size_t end, Match* match, FirstMatch::Way* way, size_t* looked,
                    bool free = false) const;
    // In builds that ask RE2 as well: that it says the same of a match at `from`.
    void check(Encoding encoding, const char* text, size_t from, size_t end, bool matched, const Match& match) const;

  private:
    struct Compiled {
        Once once;
        std::unique_ptr<re2::RE2> expression;
        int group = 0;  // that is to be hidden
        int whole = 0;  // of the match, without what must stand in front of it
    };

    bool surely_compiles() const;
    re2::RE2::Options options(Encoding encoding) const;
    const Compiled& compiled(Encoding encoding) const;
    const Compiled& guarded(Encoding encoding) const;
    void compile(Compiled& slot, const std::string& regex, Encoding encoding) const;
    bool run(const Compiled& slot, Encoding encoding, const char* text, size_t from, size_t end, re2::RE2::Anchor anchor,
             Match* match) const;
    bool find_token(Encoding encoding, const char* text, size_t from, size_t end, Match* match) const;

    std::string regex_;
    bool case_insensitive_;
    bool token_;
    bool is_ascii_;
    mutable Compiled compiled_[2];  // by encoding
    mutable Compiled guarded_[2];   // likewise, with what stands in front of a token
    struct First {
        Once once;
        std::unique_ptr<FirstMatch> matcher;
    };
    mutable First first_[2];        // by encoding
};

// armored: what matches is the BEGIN of a key, and the lines behind it are hidden that are its body (see armor.h). The
// match itself stays readable.
// below: what matches is a name at the end of a line, and stays readable; this expression matches the line with its value, from
// its beginning on, and what of it is the value is its group. Lines that may stand in between it matches without the group.
struct Rule {
    Rule(std::string regex, size_t show_prefix, bool case_insensitive, bool token, bool armored, Check check, const std::string& below = {});

    Pattern pattern;
    size_t show_prefix;
    bool armored;
    std::unique_ptr<const Pattern> below;  // nullptr where the value stands on the same line
    Check check;  // what the text to be hidden must be, else there is no match
};

// A set of rules and their common shape. Filled once, then shared and constant.
class RuleSet {
  public:
    RuleSet();
    ~RuleSet();

    enum class Verdict { Good, MatchesNothing, BeginsWithNoWord };

    // Takes the rule. It is of no use when its expression can match the empty string, or when it is a token's and
    // need not begin with a letter, a digit or an underscore.
    Verdict add(Rule* rule);
    // Takes a rule that is known to be of use. Its shape is found out when one is asked for: those of all presets take
    // four milliseconds, and many commands print nothing.
    void trust(Rule* rule) { rules_.emplace_back(rule); }

    // Hides these values, too, which count as one more rule behind all others. Before anything is asked for.
    void know(const std::vector<std::string>& values);

    size_t size() const { return rules_.size(); }
    // The rules, and the values.
    size_t counted() const { return size() + (values_ ? 1 : 0); }
    // What is known; nullptr where nothing is.
    const Values* values() const { return values_.get(); }
    const Rule& operator[](size_t index) const { return *rules_[index]; }
    const Shape& shape() const {
        if (shaped_.load(std::memory_order_acquire) != rules_.size()) find_shapes();
        return shape_;
    }
    // Of these three nobody asks before the shape or a finder was asked for.
    // Whether a rule matches ASCII alone: on text in any encoding it finds the same.
    bool ascii(size_t rule) const { return !alphabets_[rule].beyond_ascii(); }
    // The bytes that matches of a rule can hold.
    const ByteSet& alphabet(size_t rule) const { return alphabets_[rule]; }
    // How the rule is matched at a place without RE2; nullptr where RE2 has to be asked.
    const FirstMatch* exact(size_t rule, Encoding encoding) const;
    // For so many bytes more, which is what decides: a thorough finder is built when they have become many. Most
    // commands print little, and what the audit log holds of a run is a line or two.
    std::shared_ptr<const Finder> finder(size_t bytes) const;
    // For tests: for how many bytes the plain finder is used, in all rules that are made from now on.
    static void look_closely_from(size_t bytes) { few_.store(bytes); }
    // For tests: makes the finder scan in one of Scanner::paths(). Not while other threads use the rules.
    bool scan_by(const std::string& path) const;

  private:

    void find_shapes() const;
    bool begins_with_word(uint32_t start) const;

    std::vector<std::unique_ptr<const Rule>> rules_;
    mutable std::mutex shaping_;
    mutable std::atomic<size_t> shaped_{0};   // how many of the rules have theirs
    mutable std::vector<ByteSet> alphabets_;  // by rule
    mutable std::vector<bool> exact_;  // by rule
    mutable Shape shape_;
    std::unique_ptr<const Values> values_;
    const Finder& thorough() const;
    std::shared_ptr<const Finder> plain() const;

    static std::atomic<size_t> few_;
    mutable Once thorough_once_;
    mutable std::unique_ptr<Finder> thorough_;
    mutable std::shared_ptr<const Finder> plain_;  // until there is a thorough one, or for as long as somebody walks by it
    mutable std::mutex planning_;
    mutable std::atomic<size_t> left_;  // bytes that the plain finder may still be used for
};

using SharedRules = std::shared_ptr<const RuleSet>;

}  // namespace aigate
