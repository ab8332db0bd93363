// The shape of a rule: a finite automaton over bytes that accepts every match of the rule, and perhaps more.
//
// RE2 decides what is a match, but for rules of which the shape says all (first.h). It answers the questions that RE2 does not:
// which bytes can a match begin with, can these bytes still become one, can a match be empty. It errs on one side only: assertions are taken to
// hold, a character beyond ASCII stands for any one to four bytes from 80 to FF (so one shape serves both encodings),
// and an expression that this parser does not know becomes "anything". No match holds a line end, so no set does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "bytes.h"
#include "syntax.h"

namespace aigate {

struct Shape {
    enum class Kind : uint32_t { Bytes, Split, Assert, Match, Mark };
    // What a character beyond ASCII is: any one to four high bytes, one of them, or what UTF-8 makes of it (RFC 3629, and
    // surrogates). Utf8Loose: encodings that are too long, or beyond U+10FFFF, are characters as well.
    enum class Characters : uint8_t { Any, Latin1, Utf8, Utf8Loose };
    // Bytes: one byte of `sets[value]`, then `next`. Split: `next` or, if that does not work out, `value`. Assert: a place of which
    // something is asked (`value`, a syntax::Assertion), then `next`. Match: of the rule number `value`, at the end of its line alone if `next` is 1.
    // Mark: the group named secret begins (1) or ends (2) here, as `value` has it, then `next`.
    // In eight bytes: all presets together are a hundred thousand.
    struct Step {
        Step(Kind its_kind, uint32_t its_next, uint32_t its_value) : kind(its_kind), next(its_next), value(its_value) {}
        bool asks(syntax::Assertion what) const { return kind == Kind::Assert && value == static_cast<uint32_t>(what); }

        Kind kind : 3;
        uint32_t next : 29;
        uint32_t value;
    };
    static_assert(sizeof(Step) == 8);

    // The steps that every match of one alternative of a rule passes, in order.
    using Way = std::vector<uint32_t>;
    struct Rule {
        uint32_t first;  // its steps are those from here to the next rule's
        uint32_t start;
        uint32_t number;
        std::vector<Way> ways;  // one for each alternative
        // Built for one encoding, the shape accepts the matches of the rule in that encoding and nothing else, if
        // assertions are looked after.
        bool exact = false;
        bool known = true;  // false: "anything", since the parser does not know the expression, or it is too large
        ByteSet alphabet;  // the bytes that a match can hold
    };

    std::vector<Step> steps;
    std::vector<ByteSet> sets;
    std::vector<Rule> rules;

    // Whether there are marks where the group named secret begins and ends.
    enum class Groups : uint8_t { Plain, Marked };
    static constexpr uint32_t kOpened = 1, kClosed = 2;

    // Adds one rule under a number of the caller's choice.
    void add(const std::string& regex, bool case_insensitive, uint32_t number, Characters characters = Characters::Any,
             Groups groups = Groups::Plain);
    // The number of a step's rule.
    uint32_t owner(uint32_t step) const;
    // The place of a set among the sets, where it is put if it is new.
    uint32_t number_of(const ByteSet& set);
    // The steps behind `start` that take a first byte, in the order of preference. behind_word: leaves out those that
    // cannot do so where the byte before belongs to a word.
    std::vector<uint32_t> first_steps(uint32_t start, bool behind_word) const;
    // Whether the rule that begins at this step can match nothing.
    bool can_match_nothing(uint32_t start) const;

  private:
    struct HashOfSet {
        size_t operator()(const ByteSet& set) const { return set.hash(); }
    };

    std::unordered_map<ByteSet, uint32_t, HashOfSet> numbers_;
};

}  // namespace aigate
