// See finder.h.
#include "finder.h"

#include <algorithm>
#include <cstring>

#include "merge.h"
#include "text.h"

namespace aigate {

namespace {

constexpr size_t kClear = 512;     // so far from the next ESC text is scanned where it lies,
constexpr size_t kStretch = 1024;  // else without sequences, so much at a time

constexpr size_t kWalk = 72;  // bytes of text after which a place counts as found; most rules are decided by then

constexpr size_t kOverlapping = 3;  // walks may go over the same text so often,
constexpr size_t kAtOnce = 2000;    // and over so many bytes besides,
constexpr size_t kOfShort = 3;      // on a short line so many times what it has
constexpr size_t kTriedAtOnce = 64;  // so many places of a line are visited without a walk
constexpr std::ptrdiff_t kFarBack = 64;  // what looks like parameters for longer may be a sequence's

// Whether the byte before `place` is text, and belongs to a word. A byte that may end an escape sequence is no text:
// behind ESC, behind ESC and intermediates, or behind ESC [ and parameters.
bool inside_word(const char* place, const char* begin) {
    if (place == begin || !is_word(static_cast<unsigned char>(place[-1]))) return false;
    const char* p = place - 1;
    const char* const stop = p - std::min(kFarBack, p - begin);
    while (p != stop && p[-1] >= 0x20 && p[-1] <= 0x3f) --p;
    if (p == stop || p[-1] == kEscape) return false;
    return p[-1] != '[' || (p - 1 != begin && p[-2] != kEscape);
}

// Whether the line may end there, sequences aside.
bool may_end(const char* at, const char* end) { return at == end || *at == '\n' || *at == '\r' || *at == kEscape; }

// Whether one of these bytes but the first is an ESC.
bool has_escape(uint64_t word) {
    constexpr uint64_t kEach = 0x0101010101010101u;
    const uint64_t other = (word ^ kEach * kEscape) | 0xff;
    return ((other - kEach) & ~other & kEach * 0x80) != 0;
}

}  // namespace

void Findings::sort() {
    for (uint32_t rule : rules_) {
        Found& found = found_[rule];
        if (!found.sorted) merge_runs(found.places, [](const Place& a, const Place& b) { return a.at < b.at; });
        found.sorted = true;
    }
}

void Findings::clear() {
    for (uint32_t rule : rules_) {
        found_[rule].kind = Kind::Nothing;
        found_[rule].sorted = true;
        found_[rule].places.clear();
    }
    rules_.clear();
}

Finder::Finder(const Shape& shape, const Values* values, Kind kind)
    : shape_(shape), values_(values), kind_(kind),
      prints_(kind == Kind::Plain ? no_prints(shape) : choose_prints(shape, Scanner::by_nibbles())),
      scanner_(prints_.buckets, prints_.grams), sift_(prints_.rows), everything_(shape, prints_.starts, Dfa::Kind::Everywhere, kind == Kind::Plain ? kPlainBytes : Dfa::kMostStates) {
    if (kind == Kind::Plain) return;
    if (!prints_.anchors.empty()) anchored_ = std::make_unique<Dfa>(shape, prints_.anchors, Dfa::Kind::Anchored);
    if (!prints_.anchors.empty()) midword_ = std::make_unique<Dfa>(shape, prints_.midword, Dfa::Kind::Anchored);
    if (!prints_.inner.empty()) inner_ = std::make_unique<Dfa>(shape, prints_.inner, Dfa::Kind::Anchored);
    if (!prints_.sweeps.empty()) sweeping_ = std::make_unique<Dfa>(shape, prints_.sweeps, Dfa::Kind::Everywhere);
}

// The next place that shows a fingerprint.
const char* Finder::Walk::hit(const char* from, Look look) {
    while (true) {
        while (next_place_ < places_.size) {
            const char* const place = places_[next_place_++];
            if (place >= from && look_again(place, look)) return place;
        }
        scanned_ = std::max(scanned_, from);
        if (scanned_ == end_) return end_;
        scan();
    }
}

// Finds more places. What is text around a sequence is told from both sides of it, so the bytes in front of one are scanned
// together with what follows it.
void Finder::Walk::scan() {
    next_place_ = 0;
    places_.size = 0;
    if (!escape_ || escape_ < scanned_) {
        const void* const next = std::memchr(scanned_, kEscape, static_cast<size_t>(end_ - scanned_));
        escape_ = next ? static_cast<const char*>(next) : end_;
    }
    if (escape_ == end_ || static_cast<size_t>(escape_ - scanned_) >= kClear) scan_clear(escape_);
    else scan_stretch();
}

// Scans up to an ESC, or to the end.
void Finder::Walk::scan_clear(const char* escape) {
    hits_.count = 0;
    const char* const from = scanned_;
    scanned_ = finder_.scanner_.scan(from, escape, hits_);
    beginning_.clear(from, scanned_);
    if (escape != end_) scanned_ = std::min(scanned_, escape - kBehindPlace);
    finder_.sift_.list(hits_, escape, places_);
    while (places_.size && places_[places_.size - 1] >= scanned_) --places_.size;
}

// Scans a stretch of text without the sequences in it.
void Finder::Walk::scan_stretch() {
    Places& sifted = findings_.walked().sifted;
    std::unique_ptr<Stretch>& kept = findings_.walked().stretch;
    if (!kept) kept = std::make_unique<Stretch>();
    Stretch& stretch = *kept;
    const bool last = stretch.read(scanned_, end_, kStretch + kBehindPlace) == end_;
    const char* const end = stretch.end();
    const char* const stop = last ? end : end - kBehindPlace;
    for (const char* at = stretch.begin(); at < stop;) {
        hits_.count = 0;
        at = finder_.scanner_.scan(at, end, hits_);
        finder_.sift_.list(hits_, end, sifted);
        for (const char* place : sifted)
            if (place < stop) places_.data()[places_.size++] = stretch.origin(place);
    }
    scanned_ = last ? end_ : stretch.origin(stop);
}

// Reads the bytes of text at a place, as many as a fingerprint has, the first one lowest: without the escape sequences
// between them, and with line ends where there is no more. Returns whether they may be one; else it has not read all.
bool Finder::Walk::read(const char* place, uint64_t* word) {
    *word = 0;
    const char* at = place;
    for (size_t i = 0; i < kPrintLength; ++i) {
        if (i == Rows::kHashed && !finder_.prints_.rows.begins(*word)) return false;
        if (i && at != end_ && *at == kEscape) at = skipper_.skip(at, end_);
        *word |= uint64_t{static_cast<unsigned char>(at == end_ ? '\n' : *at)} << 8 * i;
        if (at != end_) ++at;
    }
    return true;
}

// Whether a fingerprint is shown.
bool Finder::Walk::look_again(const char* place, Look look) {
    hit_.clear();
    const Prints& prints = finder_.prints_;
    const bool whole = end_ - place >= static_cast<std::ptrdiff_t>(kPrintLength);
    uint64_t word = whole ? word_at(place) : 0;
    const bool plain = whole && !has_escape(word);
    const bool known = plain && end_ - place >= static_cast<std::ptrdiff_t>(Rows::kBytes) && !has_escape(word_at(place + Rows::kHashed));
    if (!plain && !read(place, &word)) return false;
    const uint32_t distances = prints.rows.distances(word);
    if (look == Look::Brief && known && !(distances & (distances - 1))) {
        hit_.before = distances;
        return true;
    }
    const auto take = [&](uint32_t number) {
        const Member& member = prints.members[number];
        if ((!known && !prints.fits(member, word)) || !stands_so(member, place, plain, known)) return true;
        hit_.before |= uint32_t{1} << member.before;
        hit_.exact &= member.exact;
        for (uint32_t rule : member.rules) {
            if (hit_.count < kFew) hit_.few[hit_.count] = {rule, member.before};
            ++hit_.count;
        }
        return look == Look::Whole || hit_.before != distances;
    };
    finder_.sift_.each(word, known ? place : nullptr, take);
    return hit_.before;
}

// Whether what stands around a fingerprint may be a match's. A sequence may stand between, and says nothing. known: of the
// bytes that rows look at that is so.
bool Finder::Walk::stands_so(const Member& member, const char* place, bool plain, bool known) {
    const auto& sets = finder_.prints_.sets;
    const char* const behind = place + kPrintLength;
    for (size_t at = known ? Rows::kBytes - kPrintLength : 0; plain && at < member.behinds && behind + at < end_; ++at) {
        if (sets[member.behind[at]][static_cast<unsigned char>(behind[at])]) continue;
        if (behind[at] != kEscape) return false;
        break;
    }
    const size_t fronts = std::min(static_cast<size_t>(member.fronts), static_cast<size_t>(place - begin_));
    for (size_t at = 0; at < fronts; ++at)
        if (!sets[member.front[at]][static_cast<unsigned char>(place[-1 - static_cast<std::ptrdiff_t>(at)])]) return !beginning_.plain(place, at + 1);
    return true;
}

const char* Finder::Walk::next(const char* from) {
    if (!scan_known_ || hit_place_ < from) {
        scan_known_ = true;
        clear();
        hit_place_ = finder_.prints_.any ? std::max(hit_place_, from) : end_;
        while (hit_place_ != end_) {
            hit_place_ = hit(hit_place_, Look::Brief);
            if (hit_place_ == end_) break;
            examine(hit_place_, end_);
            if (!findings_.rules().empty()) break;
        }
        noted_ = hit_place_ != end_;
    }
    if (!sweep_known_ || swept_ < from) swept_ = finder_.sweep(std::max(swept_, from), end_);
    sweep_known_ = true;
    return std::min({hit_place_, swept_, values_.next(from)});
}

void Finder::Walk::collect(const char* begin, const char* end) {
    next(begin);
    const bool here = hit_place_ < end;
    if (!here || !noted_) clear();
    if (here && !noted_) examine(hit_place_, end);
    noted_ = false;
    if (swept_ < end) finder_.note_swept(begin, end, findings_);
    if (values_.next(begin) < end) findings_.anywhere(static_cast<uint32_t>(finder_.prints_.rules));
    if (!here) return;
    // Walks that overlap much take long; one sweep of the rest takes less, if it can be had.
    bool sweeps = true;
    const size_t most = std::min(kAtOnce, kOfShort * static_cast<size_t>(end - begin));
    size_t walked = 0;
    scan_known_ = false;
    for (size_t hits = 0;; ++hits) {
        const bool few = hits < kTriedAtOnce;
        const char* const place = hit(hit_place_, few ? Look::Whole : Look::Brief);
        if (place >= end) {
            if (place != end_) put_back();  // that one belongs to another line
            break;
        }
        walked += few ? note(place, end) : examine(place, end);
        if (sweeps && walked > most + kOverlapping * static_cast<size_t>(place - begin)) {
            if (finder_.sweep_all(place, end, findings_)) break;
            sweeps = false;
        }
    }
    findings_.sort();
}

// Notes every rule that may match where there is a fingerprint. Returns how many bytes it looked at.
size_t Finder::Walk::examine(const char* place, const char* end) {
    uint32_t before = hit_.before;
    size_t walked = 0;
    const auto walk = [&](const Dfa& dfa, const char* from, Findings::Kind kind) {
        if (!(kind == Findings::Kind::Within ? walked_within_ : walked_).add(from)) return;
        const char* const stop = finder_.follow(dfa, from, kind, end, skipper_, findings_);
        walked += static_cast<size_t>(stop - from);
    };
    if (before >> Print::kAnywhere) {
        walk(*finder_.inner_, place, Findings::Kind::Within);
        before &= ~(uint32_t{1} << Print::kAnywhere);
    }
    const bool plain = before && beginning_.plain(place, static_cast<size_t>(31 - __builtin_clz(before)));
    for (; before; before &= before - 1) {
        const auto distance = static_cast<size_t>(__builtin_ctz(before));
        const char* const start = plain ? place - distance : beginning_.look_back(place, distance);
        if (!start) continue;
        walk(inside_word(start, begin_) ? *finder_.midword_ : *finder_.anchored_, start, Findings::Kind::Places);
    }
    return walked;
}

// The same on a line that is masked anyway: few rules that are matched exactly are told apart when they are matched.
// With many such places it costs more to keep and to visit them than to walk from them.
size_t Finder::Walk::note(const char* place, const char* end) {
    if (!hit_.exact || hit_.count > kFew) return examine(place, end);
    for (size_t one = 0; one < hit_.count; ++one) {
        const char* const start = beginning_.of(place, hit_.few[one].before);
        if (start) findings_.place(hit_.few[one].rule, Findings::Kind::Places, start);
    }
    return 0;
}

// Notes every rule that may match from here on, or around. Returns where it stopped to look. A line end ends the walk,
// since no step takes one.
const char* Finder::follow(const Dfa& dfa, const char* place, Findings::Kind kind, const char* end, Skipper& skipper,
                           Findings& findings) const {
    const State* state = dfa.start();
    const State* reported = nullptr;
    bool ended = false;
    const char* at = place;
    size_t walked = 0;
    if (static_cast<size_t>(end - place) >= Leaps::kBytes && findings.walked().leaps.over(dfa, word_at(place), &state)) {
        if (!state) return place + Leaps::kBytes;
        at += Leaps::kBytes;
        walked = Leaps::kBytes;
    }
    for (; walked < kWalk; ++walked) {
        if (at != end && *at == kEscape) at = skipper.skip(at, end);
        if (at == end) break;
        const Dfa::Next next = dfa.step(state, static_cast<unsigned char>(*at++));
        state = next.state();
        if (__builtin_expect(!next.notable(), 1)) continue;
        if (!state->ended.empty() && may_end(at, end)) {
            for (uint32_t rule : state->ended) findings.place(rule, kind, place);
            ended = true;
        }
        if (state->dead && state->matched.empty()) break;
        if (state->matched.empty() && !state->full) continue;
        if (state != reported) report(state, place, kind, findings);
        reported = state;
        if (state->dead || state->settled || state->full) break;
    }
    if (walked == kWalk) {
        report_undecided(state, place, kind, findings);
    } else if (ended || (reported && (state->dead || !state->settled))) {
        for (uint32_t rule : findings.rules()) findings.decided_near(rule, place);
    }
    return at;
}

// Rules whose match may end in this state.
void Finder::report(const State* state, const char* place, Findings::Kind kind, Findings& findings) const {
    for (uint32_t rule : state->matched) findings.place(rule, kind, place);
    if (state->full)
        for (uint32_t rule = 0; rule < prints_.rules; ++rule) findings.anywhere(rule);
}

// Rules whose match may still come.
void Finder::report_undecided(const State* state, const char* place, Findings::Kind kind, Findings& findings) const {
    for (uint32_t step : state->steps) findings.place(shape_.owner(step), kind, place);
}

// Notes the rules without fingerprints on a line where one of them may match: all of them, or where they are all rules
// those alone that may, since an expression that is never asked is never compiled.
void Finder::note_swept(const char* begin, const char* end, Findings& findings) const {
    if (kind_ == Kind::Plain) {
        sweep_all(begin, end, findings);
        return;
    }
    for (uint32_t rule : prints_.swept) findings.anywhere(rule);
}

// The end of the first possible match of a rule without fingerprints, or end. No match goes on over a line end.
const char* Finder::sweep(const char* at, const char* end) const {
    const Dfa* const dfa = kind_ == Kind::Plain ? &everything_ : sweeping_.get();
    if (!dfa) return end;
    const State* state = dfa->start();
    for (; at != end; ++at) {
        if (*at == kEscape) {
            const char* const behind = sequence::skip(at, end);
            if (behind != at) {
                at = behind - 1;
                continue;
            }
        }
        const Dfa::Next next = dfa->step(state, static_cast<unsigned char>(*at));
        state = next.state();
        if (next.notable() && (!state->matched.empty() || state->full || may_end(at + 1, end))) return at;
    }
    return end;
}

// Notes every rule that may match somewhere on the rest of a line. Returns whether it could: after some kinds of text there are
// too many states, and to look for all rules in everything would take far longer than any walks.
bool Finder::sweep_all(const char* at, const char* end, Findings& findings) const {
    if (exhausted_.load(std::memory_order_relaxed)) return false;
    const State* state = everything_.start();
    while ((at = sequence::skip(at, end)) != end) {
        const Dfa::Next next = everything_.step(state, static_cast<unsigned char>(*at++));
        state = next.state();
        if (!next.notable()) continue;
        for (uint32_t rule : state->matched) findings.anywhere(rule);
        if (may_end(at, end))
            for (uint32_t rule : state->ended) findings.anywhere(rule);
        if (!state->full) continue;
        if (kind_ == Kind::Plain) report(state, at, Findings::Kind::Anywhere, findings);
        else exhausted_.store(true, std::memory_order_relaxed);
        return kind_ == Kind::Plain;
    }
    return true;
}

}  // namespace aigate
