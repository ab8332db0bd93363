// See patterns.h
#include "patterns.h"

#include <algorithm>
#include <limits>

namespace aigate::walk {

namespace {

constexpr uint32_t AnyDepth = std::numeric_limits<uint32_t>::max();
constexpr size_t MostKinds = 8192;

}  // namespace

size_t Patterns::Hash::operator()(const Sorted& numbers) const {
    size_t hash = numbers.size();
    for (const uint32_t number : numbers) hash = (hash ^ number) * 0x9E3779B97F4A7C15U, hash ^= hash >> 31;
    return hash;
}

Patterns::Patterns(std::vector<Pattern> patterns) : patterns_(std::move(patterns)) {
    Sorted absolute;
    for (uint32_t number = 0; number < patterns_.size(); ++number) {
        const Pattern& pattern = patterns_[number];
        number_.push_back(static_cast<uint32_t>(by_list_[pattern.list].size()));
        by_list_[pattern.list].push_back(number);
        starts_.push_back(static_cast<uint32_t>(places_.size()));
        for (const std::string& segment : pattern.segments) {
            const uint32_t glob = segment == "**" ? AnyDepth : names_.add(segment);
            const bool first = places_.size() == starts_.back();
            if (first || glob != AnyDepth || places_.back().glob != AnyDepth) {
                places_.push_back({number, glob, first, false});
            }
        }
        ends_.push_back(static_cast<uint32_t>(places_.size()) - 1);
        places_.back().last = true;
    }
    for (uint32_t number = 0; number < patterns_.size(); ++number) {
        if (patterns_[number].absolute) reach(starts_[number], absolute);
    }
    root_ = intern(std::move(absolute));
}

void Patterns::reach(uint32_t place, Sorted& into) const {
    into.push_back(place);
    for (; places_[place].glob == AnyDepth && !places_[place].last; ++place) into.push_back(place + 1);
}

const Patterns::State* Patterns::intern(Sorted at) {
    std::sort(at.begin(), at.end());
    at.erase(std::unique(at.begin(), at.end()), at.end());
    auto& found = states_[at];
    if (!found) {
        found = std::make_unique<State>();
        found->at = std::move(at);
        look_ahead(*found);
    }
    return found.get();
}

const Patterns::State* Patterns::at_project(const State* state) {
    Sorted at = state->at;
    for (uint32_t number = 0; number < patterns_.size(); ++number) {
        if (!patterns_[number].absolute) reach(starts_[number], at);
    }
    return intern(std::move(at));
}

const Patterns::State* Patterns::without_generic(const State* state) {
    Sorted at;
    for (const uint32_t number : state->at) {
        const Place& place = places_[number];
        const bool waits = place.first && place.glob == AnyDepth;
        const bool begins = !place.first && places_[number - 1].first && places_[number - 1].glob == AnyDepth;
        if (!waits && !begins) at.push_back(number);
    }
    return intern(std::move(at));
}

// What can still come below. A pattern counts for nothing behind which, in its list, one takes back everything below.
void Patterns::look_ahead(State& state) const {
    std::array<uint32_t, Lists> cut{};
    for (const uint32_t number : state.at) {
        const Place& place = places_[number];
        const Pattern& pattern = patterns_[place.pattern];
        if (pattern.negated && !pattern.directory_only && place.last && place.glob == AnyDepth) {
            cut[pattern.list] = std::max(cut[pattern.list], place.pattern);
        }
    }
    for (const uint32_t number : state.at) {
        const Place& place = places_[number];
        const Pattern& pattern = patterns_[place.pattern];
        if (pattern.negated || place.pattern < cut[pattern.list]) continue;
        state.alive = true;
        if (!pattern.absolute) continue;
        state.absolute[pattern.list] = true;
        if (place.glob != AnyDepth || !place.last) state.within[pattern.list] = true;
        if (place.glob == AnyDepth || !Names::is_literal(names_.glob(place.glob))) {
            state.must_list = true;
        } else {
            state.wanted.push_back(place.glob);
        }
    }
    std::sort(state.wanted.begin(), state.wanted.end());
    state.wanted.erase(std::unique(state.wanted.begin(), state.wanted.end()), state.wanted.end());
}

const Patterns::Step& Patterns::build(const State* state, uint32_t kind) {
    const Sorted& globs = names_.matched(kind);
    Sorted stayed, advanced, matched;
    for (const uint32_t number : state->at) {
        const Place& place = places_[number];
        if (place.glob == AnyDepth) {
            reach(number, stayed);
            if (place.last) matched.push_back(place.pattern);
        } else if (std::binary_search(globs.begin(), globs.end(), place.glob)) {
            if (place.last) {
                matched.push_back(place.pattern);
            } else {
                reach(number + 1, advanced);
            }
        }
    }
    auto step = std::make_unique<Step>();
    decide(*step, matched);
    step->next_link = intern(advanced);
    advanced.insert(advanced.end(), stayed.begin(), stayed.end());
    step->next = intern(std::move(advanced));
    if (state->steps.size() <= kind) state->steps.resize(kind + 1);
    state->steps[kind] = std::move(step);
    return *state->steps[kind];
}

void Patterns::decide(Step& step, const Sorted& matched) const {
    for (const uint32_t index : matched) {
        const Pattern& pattern = patterns_[index];
        const auto number = static_cast<int32_t>(number_[index]);
        for (const bool directory : {false, true}) {
            int32_t& decided = step.decided[pattern.list][directory];
            if (directory || !pattern.directory_only) decided = std::max(decided, number);
        }
        if (pattern.absolute && !pattern.negated) step.absolute[pattern.list] = true;
    }
    for (const List list : {Hiding, Protecting}) {
        for (const int32_t number : step.decided[list]) {
            if (number != None && !this->pattern(list, number).negated) step.notable = true;
        }
    }
}

bool Patterns::taken_back_elsewhere(List list, int32_t number, uint32_t kind) const {
    const Sorted& globs = names_.matched(kind);
    const auto& all = by_list_[list];
    for (size_t later = static_cast<size_t>(number) + 1; later < all.size(); ++later) {
        const Pattern& pattern = patterns_[all[later]];
        if (!pattern.negated || !has_place(pattern)) continue;
        const uint32_t glob = places_[ends_[all[later]]].glob;
        if (glob == AnyDepth || std::binary_search(globs.begin(), globs.end(), glob)) return true;
    }
    return false;
}

void Patterns::trim() {
    if (names_.kinds() < MostKinds) return;
    names_.forget_kinds();
    for (auto& [at, state] : states_) state->steps.clear();
}

}  // namespace aigate::walk
