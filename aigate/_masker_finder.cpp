// See _masker_finder.h.
#include "_masker_finder.h"

#include <algorithm>

#include "_masker_text.h"

namespace aigate {

namespace {

constexpr size_t kWalk = 72;  // bytes of text after which a place counts as found; most rules are decided by then

// Steps over the escape sequences at p.
inline const char* skip_sequences(const char* p, const char* end) {
    while (p != end && *p == kEscape) {
        const long length = sequence::length(p, end - p);
        if (length <= 0) break;
        p += length;
    }
    return p;
}

// Whether the byte before `place` is text, and belongs to a word. A byte that may end an escape sequence is no text:
// behind ESC, behind ESC and intermediates, or behind ESC [ and parameters.
bool inside_word(const char* place, const char* begin) {
    if (place == begin || !is_word(static_cast<unsigned char>(place[-1]))) return false;
    const char* p = place - 1;
    while (p != begin && p[-1] >= 0x20 && p[-1] <= 0x3f) --p;
    if (p == begin || p[-1] == kEscape) return false;
    return p[-1] != '[' || (p - 1 != begin && p[-2] != kEscape);
}

}  // namespace

Finder::Finder(const Shape& shape)
    : shape_(shape), prints_(choose_prints(shape)), scanner_(prints_), everything_(shape, prints_.starts, true) {
    if (prints_.any) anchored_ = std::make_unique<Dfa>(shape, prints_.anchors, false);
    if (prints_.any) midword_ = std::make_unique<Dfa>(shape, prints_.midword, false);
    if (!prints_.sweeps.empty()) sweeping_ = std::make_unique<Dfa>(shape, prints_.sweeps, true);
}

// Notes what may match at a place. Ends the search at the first such place, or when a budget of bytes is used up.
struct Finder::Walk::Examiner final : Scanner::Judge {
    Examiner(Walk& walk, const char* end, size_t budget) : walk_(walk), end_(end), budget_(budget) {}

    bool operator()(const char* place) override {
        walked_ += walk_.finder_.examine(place, walk_.begin_, end_, walk_.findings_);
        return budget_ == SIZE_MAX ? !walk_.findings_.rules().empty() : walked_ > budget_;
    }

  private:
    Walk& walk_;
    const char* end_;
    size_t budget_;
    size_t walked_ = 0;
};

const char* Finder::Walk::next(const char* from) {
    if (!scan_hit_ || scanned_ < from) {
        scan_hit_ = true;
        scanned_ = finder_.anchored_ ? std::max(scanned_, from) : end_;
        findings_.clear();
        Examiner examiner(*this, end_, SIZE_MAX);
        if (scanned_ != end_) scanned_ = finder_.scanner_.find(scanned_, end_, examiner);
        noted_ = scanned_ != end_;
    }
    if (!sweep_hit_ || swept_ < from) swept_ = finder_.sweep(std::max(swept_, from), end_);
    sweep_hit_ = true;
    return std::min(scanned_, swept_);
}

void Finder::Walk::collect(const char* begin, const char* end) {
    next(begin);
    const bool here = scanned_ < end;
    if (!here || !noted_) findings_.clear();
    if (here && !noted_) finder_.examine(scanned_, begin_, end, findings_);
    noted_ = false;
    if (swept_ < end)
        for (uint32_t rule : finder_.prints_.swept) findings_.anywhere(rule);
    if (!here) return;
    // Walks that overlap much would make time quadratic; one sweep of the rest does not.
    Examiner examiner(*this, end, 4 * (kWalk + static_cast<size_t>(end - begin)));
    const char* const given_up = finder_.scanner_.find(scanned_ + 1, end, examiner);
    if (given_up != end) finder_.sweep_all(given_up, end, findings_);
}

// Notes every rule that may match from this fingerprint on. Returns how many bytes it looked at.
size_t Finder::examine(const char* place, const char* begin, const char* end, Findings& findings) const {
    const Dfa& dfa = inside_word(place, begin) ? *midword_ : *anchored_;
    const State* state = dfa.start();
    const State* reported = nullptr;
    const char* at = place;
    size_t walked = 0;
    for (; walked < kWalk && !state->dead && !(reported && state->settled); ++walked) {
        at = skip_sequences(at, end);
        if (at == end || is_line_end(*at)) break;
        state = dfa.step(state, static_cast<unsigned char>(*at++));
        if (state == reported || (state->matched.empty() && !state->full)) continue;
        report(state, place, findings);
        reported = state;
    }
    if (walked == kWalk && !state->dead) report_undecided(state, place, findings);
    else if (state->dead || !state->settled) findings.decided_near(place);
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
