// The matches of one rule in the text of a window, see line.h: wherever they may be, or where the findings say.
#include "line.h"

#include <algorithm>
#include <cstdlib>

#include "text.h"

namespace aigate {

namespace {

constexpr size_t kPatience = 8;  // so many times the bytes of a window may be looked at in vain, for each rule,
constexpr size_t kFewFinds = 16;   // RE2 finds so many matches before walks are tried once more, which may look
constexpr size_t kTogether = Trail::kMark + 2 * kPatience;  // so many times at the bytes, if they come together
constexpr size_t kNearMisses = 16;  // where it is decided nearby, RE2 may go on all the same: so many count as one
constexpr size_t kDear = 64;  // an answer that took a look at so many bytes is kept for the other encoding
constexpr size_t kAnyway = 64 * 1024;  // and so many bytes of any window

}  // namespace

// Takes one match, unless the next window decides it. Returns whether the search for this rule goes on.
bool LineMasker::accept(size_t rule, Encoding encoding, const Match& match) {
    const auto slot = static_cast<size_t>(encoding);
    Span whole = match.whole;
    Span secret = match.secret;
    size_t& next = progress_[rule].next[slot];
    if (partial_ && whole.begin >= decided_text_) return false;
    bool open = partial_ && !settled_ && whole.end == text_size_;
    if (rules_[rule].check != Check::None && !open) {
        const Check check = rules_[rule].check;
        const bool good = (check != Check::Apart || stands_apart(text_, text_size_, whole.begin, whole.end)) &&
                          is_value(check, text_, text_size_, &secret.begin, &secret.end);
        if (secret.end != match.secret.end) whole.end = secret.end;  // of the match so much was looked at
        const bool is_long = secret.end - match.secret.begin > kRejected;
        next = std::max(good || is_long ? whole.end : match.secret.begin, whole.begin + 1);
        vain_ += std::min(looked_, match.whole.end - std::min(next, match.whole.end));
        if (vain_ > std::max(kPatience * text_size_, kAnyway)) {  // a line that goes on and on: all that is left of it is hidden
            whole = {match.whole.begin, text_size_};
            secret = {match.secret.begin, text_size_};
            open = partial_ && !settled_;
        } else if (!good) {
            return true;
        }
    }
    matches_.push_back(whole);
    hide(cut(rules_[rule], secret), secret.end);
    next = std::max(whole.end, whole.begin + 1);
    if (!open) return true;
    hide_rest(rule, encoding, cut(rules_[rule], secret));
    return false;
}

// Hides all that is left of the line, also of what comes in other windows.
void LineMasker::hide_rest(size_t rule, Encoding encoding, size_t from) {
    hide(from, text_size_);
    if (!partial_ || settled_) return;
    progress_[rule].open[static_cast<size_t>(encoding)] = true;
    ++open_rules_;
}

// Looks everywhere: from each place on where that is known without RE2, unless too many go far in vain. RE2 takes one pass, but
// for each match again: where there are many, or where they are long and little of them counts, it would go over the same text
// again and again, and walks that come together do not. Those that never do are left to RE2.
void LineMasker::search(size_t rule, Encoding encoding) {
    size_t& next = progress_[rule].next[static_cast<size_t>(encoding)];
    next = std::max(next, context_);
    const FirstMatch* const exact = rules_.exact(rule, encoding);
    Match match;
    known_ = 0;
    const size_t stop = partial_ ? decided_text_ : text_size_;  // what begins there is for the next window, which knows more
    // Returns whether the search goes on.
    const auto try_all = [&](size_t most_wasted) {
        size_t at = next;
        for (; at < stop && wasted_ <= most_wasted; at = std::max(at + 1, next)) {
            if (exact && !exact->begins(static_cast<unsigned char>(text_[at]))) continue;
            if (try_place(rule, encoding, at, false, &match) && !accept(rule, encoding, match)) return false;
        }
        next = std::max(next, std::min(at, stop));
        return next < stop;
    };
    const auto find_all = [&](size_t most) {
        for (; most && next < text_size_ && !(exact && vain_ > text_size_); --most) {
            if (!rules_[rule].pattern.find(encoding, text_, next, text_size_, &match)) return false;
            looked_ = match.whole.end - match.whole.begin;
            if (!accept(rule, encoding, match)) return false;
        }
        wasted_ = known_ = 0;
        return next < text_size_;
    };
    if (exact && !(try_all(kPatience * text_size_) && find_all(kFewFinds) && try_all(kTogether * text_size_))) return;
    if (find_all(SIZE_MAX)) try_all(SIZE_MAX);
}

// Whether a match begins there. Where both encodings must agree, the second one takes the first one's answer.
bool LineMasker::try_place(size_t rule, Encoding encoding, size_t at, bool near, Match* match) {
    if (rules_[rule].pattern.token() && !begins_token(text_, at)) return false;
    while (known_ < tried_.size() && tried_[known_].at < at) ++known_;
    if (known_ < tried_.size() && tried_[known_].at == at) {
        *match = tried_[known_].match;
        looked_ = 0;
        return tried_[known_].matched;
    }
    const auto decide = [&](bool matched, bool ascii) {
        const bool dear = matched || looked_ > kDear;
        if (asked_twice_ && ascii && dear && encoding == Encoding::Utf8 && rules_[rule].pattern.is_ascii()) tried_.push_back({at, matched, *match});
        return matched;
    };
    const Pattern& pattern = rules_[rule].pattern;
    if (const FirstMatch* const exact = rules_.exact(rule, encoding)) {
        const Found found = exact->at(text_, at, text_size_, &match_way_);
        const bool matched = found.answer == Found::Answer::Match;
        looked_ = found.looked - at;
        if (matched) {
            *match = Pattern::match_of(*exact, text_, at, found, &match_way_);
            looked_ += match_way_.steps;
        }
        if (found.answer != Found::Answer::AskRe2) {
            wasted_ += found.looked - std::min(found.looked, matched ? found.end : at);
            pattern.check(encoding, text_, at, text_size_, matched, *match);
            return decide(matched, found.ascii);
        }
    }
    const bool matched = pattern.match_at(encoding, text_, at, text_size_, match);
    looked_ = text_size_ - at;
    if (!matched) wasted_ += near ? looked_ / kNearMisses : looked_;
    return decide(matched, at >= ascii_from_);
}

// Whether a rule's name stands at the end of the line. findings: nullptr where they do not say at which places it may begin.
bool LineMasker::names_one(size_t rule, const char* data, const Findings* findings) {
    const Pattern& pattern = rules_[rule].pattern;
    const size_t from = std::max(context_, text_size_ - std::min(text_size_, Below::kTail));
    Match match;
    if (!findings) return pattern.find(Encoding::Latin1, text_, from, text_size_, &match);
    bool found = false;
    size_t spent = 0;
    match_way_.trail.clear();
    each_place(rule, data, *findings, [&](size_t at, const Findings::Place&) {
        if (at < from) return true;
        const bool patient = spent <= kPatience * Below::kTail;
        found = patient ? pattern.match_here(Encoding::Latin1, text_, at, text_size_, &match, &match_way_, &looked_)
                        : pattern.find(Encoding::Latin1, text_, at, text_size_, &match);
        spent += looked_;
        return patient && !found;
    });
    return found;
}

// Looks where the cursor was moved: what a person reads there stands apart from the text in front, so a token can begin.
void LineMasker::try_moves(size_t rule, Encoding encoding) {
    const auto slot = static_cast<size_t>(encoding);
    size_t spent = 0;
    for (size_t at : moves_) {
        if (progress_[rule].open[slot]) return;
        if (at < context_ || at >= text_size_ || begins_token(text_, at)) continue;
        Match match;
        if (!rules_[rule].pattern.match_here(encoding, text_, at, text_size_, &match, &match_way_, &looked_, true)) continue;
        spent += match.whole.end - at;
        if (spent > std::max(kPatience * text_size_, kAnyway)) {
            matches_.push_back({at, text_size_});
            return hide_rest(rule, encoding, at);
        }
        const size_t next = progress_[rule].next[slot];
        accept(rule, encoding, match);
        progress_[rule].next[slot] = next;  // what the search in order has found stands
    }
}

// Calls use(place in the text, Findings::Place) for the findings of a rule until it returns false.
template <typename Use>
void LineMasker::each_place(size_t rule, const char* data, const Findings& findings, Use use) const {
    size_t behind = 0;  // the first sequence that does not lie before the place
    for (const Findings::Place& place : findings.places(static_cast<uint32_t>(rule))) {
        if (place.at < data) continue;  // a fingerprint on this line, and a beginning that lies on the line before
        const auto raw = static_cast<size_t>(place.at - data);
        while (behind < sequences_.size() && sequences_[behind].raw + sequences_[behind].size <= raw) ++behind;
        if (behind < sequences_.size() && sequences_[behind].raw <= raw) continue;  // inside a sequence
        const size_t at = behind ? text_behind(behind - 1, raw) : raw + context_;
        if (at < text_size_ && !use(at, place)) return;
    }
}

// Looks where the findings say that a match may begin. Looking may cost as much as the rest of the window is long, so
// when too many places disappoint, one search of all the rest costs less.
void LineMasker::visit(size_t rule, Encoding encoding, const char* data, const Findings& findings) {
    size_t& next = progress_[rule].next[static_cast<size_t>(encoding)];
    next = std::max(next, context_);
    wasted_ = known_ = 0;
    each_place(rule, data, findings, [&](size_t at, const Findings::Place& place) {
        if (at < next) return true;
        if (wasted_ > kPatience * text_size_) {
            next = std::max(next, partial_ ? std::min(at, decided_text_) : at);
            search(rule, encoding);
            return false;
        }
        Match match;
        return !try_place(rule, encoding, at, place.near, &match) || accept(rule, encoding, match);
    });
}

// Looks around the places that the findings name: a match that holds one begins no earlier than the bytes that any match
// of the rule can hold. A search goes on to the next match, however far that is, so all of them together take one pass.
void LineMasker::search_around(size_t rule, Encoding encoding, const char* data, const Findings& findings) {
    size_t& next = progress_[rule].next[static_cast<size_t>(encoding)];
    next = std::max(next, context_);
    const ByteSet& alphabet = rules_.alphabet(rule);
    each_place(rule, data, findings, [&](size_t at, const Findings::Place&) {
        if (at < next) return true;
        const size_t place = at;
        while (at > next && alphabet[static_cast<unsigned char>(text_[at - 1])]) --at;
        Match match;
        do {  // of a match that was rejected or cut another may hold the place as well
            at = std::max(at, next);
            if (at >= text_size_ || !rules_[rule].pattern.find(encoding, text_, at, text_size_, &match)) return false;
            looked_ = match.whole.end - match.whole.begin;
            if (!accept(rule, encoding, match)) return false;
        } while (match.whole.begin <= place && next <= place);
        return true;
    });
}

// Where in the text a raw position lies that has no sequence between it and the given one before it.
size_t LineMasker::text_behind(size_t sequence, size_t raw) const {
    const Sequence& before = sequences_[sequence];
    return before.text + (raw - before.raw - before.size);
}

}  // namespace aigate
