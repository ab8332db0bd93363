// See _masker_finder.h.
#include "_masker_finder.h"

#include <algorithm>

#include "_masker_text.h"

namespace aigate {

namespace {

constexpr size_t kWalk = 72;  // bytes of text after which a place counts as found; most rules are decided by then

// Steps over the escape sequences at p.
const char* skip_sequences(const char* p, const char* end) {
    while (p != end && *p == kEscape) {
        const long length = sequence::length(p, end - p);
        if (length <= 0) break;
        p += length;
    }
    return p;
}

}  // namespace

Finder::Finder(const Shape& shape)
    : shape_(shape), prints_(choose_prints(shape)), scanner_(prints_), everything_(shape, prints_.starts, true) {
    if (prints_.any) anchored_ = std::make_unique<Dfa>(shape, prints_.anchors, false);
    if (!prints_.sweeps.empty()) sweeping_ = std::make_unique<Dfa>(shape, prints_.sweeps, true);
}

const char* Finder::Walk::next(const char* from) {
    if (!scan_hit_ || scanned_ < from) scanned_ = finder_.scan(std::max(scanned_, from), end_);
    if (!sweep_hit_ || swept_ < from) swept_ = finder_.sweep(std::max(swept_, from), end_);
    scan_hit_ = sweep_hit_ = true;
    return std::min(scanned_, swept_);
}

void Finder::Walk::collect(const char* begin, const char* from, const char* end, Findings& findings) {
    if (swept_ != end_ && swept_ < end)
        for (uint32_t rule : finder_.prints_.swept) findings.anywhere(rule);
    size_t walked = 0;
    for (const char* at = std::max(from, scanned_); at < end; ++at) {
        at = finder_.scanner_.find(at, end);
        if (at == end) break;
        walked += finder_.examine(at, end, findings);
        // Walks that overlap this much would make time quadratic; one sweep of the rest does not.
        if (walked > 4 * (kWalk + static_cast<size_t>(at - begin))) return finder_.sweep_all(at, end, findings);
    }
}

// The first place from which some rule may match, or end.
const char* Finder::scan(const char* at, const char* end) const {
    if (!anchored_) return end;
    while ((at = scanner_.find(at, end)) != end && !begins(at, end)) ++at;
    return at;
}

// Whether some rule may match from this fingerprint on.
bool Finder::begins(const char* at, const char* end) const {
    const State* state = anchored_->start();
    for (size_t walked = 0; walked < kWalk; ++walked) {
        at = skip_sequences(at, end);
        if (at == end || is_line_end(*at)) return false;
        state = anchored_->step(state, static_cast<unsigned char>(*at++));
        if (!state->matched.empty() || state->full) return true;
        if (state->dead) return false;
    }
    return true;
}

// Notes every rule that may match from this fingerprint on. Returns how many bytes it looked at.
size_t Finder::examine(const char* place, const char* end, Findings& findings) const {
    const State* state = anchored_->start();
    const State* reported = nullptr;
    const char* at = place;
    for (size_t walked = 0; walked < kWalk; ++walked) {
        at = skip_sequences(at, end);
        if (at == end) return at - place;
        state = anchored_->step(state, static_cast<unsigned char>(*at++));
        if (state != reported) report(state, place, findings);
        reported = state;
        if (state->dead) return at - place;
    }
    report_undecided(state, place, findings);
    return at - place;
}

// Rules whose match may end in this state.
void Finder::report(const State* state, const char* place, Findings& findings) const {
    for (uint32_t rule : state->matched) {
        if (prints_.inner[rule]) findings.anywhere(rule);
        else findings.place(rule, place);
    }
    if (state->full)
        for (uint32_t rule = 0; rule < prints_.inner.size(); ++rule) findings.anywhere(rule);
}

// Rules whose match may still come.
void Finder::report_undecided(const State* state, const char* place, Findings& findings) const {
    for (uint32_t step : state->steps) {
        const uint32_t rule = shape_.owners[step];
        if (prints_.inner[rule]) findings.anywhere(rule);
        else findings.place(rule, place);
    }
}

// The end of the first possible match of a rule without fingerprints, or end.
const char* Finder::sweep(const char* at, const char* end) const {
    if (!sweeping_) return end;
    const State* state = sweeping_->start();
    while (at != end) {
        if (is_line_end(*at)) {
            state = sweeping_->start();
        } else if (const char* behind = skip_sequences(at, end); behind != at) {
            at = behind;
            continue;
        } else {
            state = sweeping_->step(state, static_cast<unsigned char>(*at));
            if (!state->matched.empty() || state->full) return at;
        }
        ++at;
    }
    return end;
}

// Notes every rule that may match somewhere on the rest of a line.
void Finder::sweep_all(const char* at, const char* end, Findings& findings) const {
    const State* state = everything_.start();
    while ((at = skip_sequences(at, end)) != end) {
        state = everything_.step(state, static_cast<unsigned char>(*at++));
        for (uint32_t rule : state->matched) findings.anywhere(rule);
        if (state->full) return report(state, at, findings);
    }
}

}  // namespace aigate
