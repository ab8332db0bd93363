// What path patterns say about a path: all of them compiled into one automaton over path components, made deterministic
// as directories need it. A directory has a state; the state and an entry's name give what is said about the entry and
// the state of what is below. Two lists share the automaton: what is hidden and what is protected.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "names.h"

namespace aigate::walk {

enum List : uint8_t { Hiding, Protecting };
constexpr size_t Lists = 2;

struct Pattern {
    std::vector<std::string> segments;  // `**` stands for any number of components
    List list;
    bool absolute, negated, directory_only;
};

class Patterns {
  public:
    static constexpr int32_t None = -1;

    struct State;

    // What an entry's name comes to in a directory.
    struct Step {
        const State* next = nullptr;       // of the directory, if it is one
        const State* next_link = nullptr;  // of what a link leads to: `**` does not pass links
        // The number, within its list, of the last pattern that matches, if the entry is a file and if it is a directory.
        std::array<std::array<int32_t, 2>, Lists> decided{{{None, None}, {None, None}}};
        std::array<bool, Lists> absolute{};  // whether a pattern that starts at / and is not negated matches
        bool notable = false;                // a pattern that is not negated decides
    };

    struct State {
        Sorted at{};                      // places in patterns
        bool alive = false;               // something below can match
        // Likewise, by a pattern that starts at /; and not only because it matches everything below.
        std::array<bool, Lists> absolute{}, within{};
        bool must_list = false;           // by such a pattern, something whose name is not known
        std::vector<uint32_t> wanted{};   // the names (globs that are literal) that such patterns begin with
        mutable std::vector<std::unique_ptr<const Step>> steps{};  // by kind of name
    };

    explicit Patterns(std::vector<Pattern> patterns);

    // The state of `/`; relative patterns are not in it.
    const State* root() const { return root_; }

    // A state, with the relative patterns begun: that of the project, given the state that its path leads to.
    const State* at_project(const State* state);

    // Without what a pattern that begins with `**` could match anywhere below.
    const State* without_generic(const State* state);

    // The state with these places, of this automaton or of another one made from the same patterns.
    const State* intern(Sorted at);

    const Step& step(const State* state, uint32_t kind) {
        if (kind < state->steps.size() && state->steps[kind]) return *state->steps[kind];
        return build(state, kind);
    }
    const Step& step(const State* state, std::string_view name) {
        return step(state, names_.kind(name.data(), name.size()));
    }

    Names& names() { return names_; }
    const Pattern& pattern(List list, int32_t number) const {
        return patterns_[by_list_[list][static_cast<size_t>(number)]];
    }
    bool any(List list) const { return !by_list_[list].empty(); }

    // Whether a negated pattern behind this one, in its list, that matches by more than a name could match a name of
    // this kind somewhere.
    bool taken_back_elsewhere(List list, int32_t number, uint32_t kind) const;

    // Whether a pattern matches by more than a name, so that moving a directory decides what it matches.
    static bool has_place(const Pattern& pattern) {
        return pattern.segments.size() != 2 || pattern.segments[0] != "**";
    }

    // Drop what is only kept to be fast, if that has become much. What step() gave is gone then.
    void trim();

  private:
    struct Place {
        uint32_t pattern;
        uint32_t glob;      // AnyDepth for `**`
        bool first, last;   // among the pattern's segments
    };
    struct Hash {
        size_t operator()(const Sorted& numbers) const;
    };

    const Step& build(const State* state, uint32_t kind);
    void reach(uint32_t place, Sorted& into) const;
    void look_ahead(State& state) const;
    void decide(Step& step, const Sorted& matched) const;

    Names names_;
    std::vector<Pattern> patterns_;
    std::array<std::vector<uint32_t>, Lists> by_list_;
    std::vector<uint32_t> number_;  // of each pattern, within its list
    std::vector<Place> places_;
    Sorted starts_, ends_;          // of each pattern: its first and its last place
    std::unordered_map<Sorted, std::unique_ptr<State>, Hash> states_;
    const State* root_ = nullptr;
};

}  // namespace aigate::walk
