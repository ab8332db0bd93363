// A shape made deterministic, one state at a time as inputs need it. States are never dropped or changed, so that
// threads share them; finding a new one takes a lock. When there are too many, the answer is "perhaps".
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "columns.h"
#include "marks.h"
#include "shape.h"

namespace aigate {

class Dfa {
  public:
    struct State {
        bool notable = false;           // dead, full or with a match: worth a look
        bool dead = false;              // nothing more can come
        bool settled = false;           // every rule that is still possible is among the matched
        bool full = false;              // the answer is "perhaps, every rule"
        size_t hash = 0;                // of all steps that were come to, Match ones included
        std::vector<uint32_t> steps;    // the steps that wait here, sorted, without those that wait everywhere
        std::vector<uint32_t> matches;  // the Match ones,
        std::vector<uint32_t> matched;  // numbers of the rules that may end a match here,
        std::vector<uint32_t> ended;    // and of those that do where the line ends
        // By column, as many as there are. In the state itself: each byte of text waits for one of these.
        mutable std::atomic<uintptr_t> next[1];  // see Next
    };
    using Next = NextOf<State>;

    // Anchored: matches begin at the first byte. Everywhere: at every byte. Assertions are taken to hold.
    enum class Kind : uint8_t { Anchored, Everywhere };

    static constexpr size_t kMostStates = 4096;

    // starts: steps to begin with. most_states: with more of them the answer is "perhaps".
    Dfa(const Shape& shape, std::vector<uint32_t> starts, Kind kind, size_t most_states = kMostStates);

    const State* start() const { return start_; }
    Next step(const State* state, unsigned char byte) const {
        const uintptr_t next = state->next[columns_.of[byte]].load(std::memory_order_acquire);
        return Next(__builtin_expect(next != 0, 1) ? next : build(state, byte));
    }

  private:
    struct Release {
        void operator()(State* state) const;
    };
    using Owner = std::unique_ptr<State, Release>;

    Owner make() const;
    uintptr_t build(const State* state, unsigned char byte) const;
    void grow_index() const;
    const State* intern(std::vector<uint32_t>& reached, size_t sorted) const;
    void reach(uint32_t step, std::vector<uint32_t>& into) const;
    void follow_starts(unsigned char byte, std::vector<uint32_t>& into) const;

    const Shape& shape_;
    std::vector<uint32_t> waiting_;  // the Bytes steps that wait everywhere, where matches begin at every byte,
    Marks everywhere_;               // these steps, and those that lead to nothing else,
    // and by column what these lead to. With a thousand rules that is most of each state.
    mutable std::vector<std::unique_ptr<const std::vector<uint32_t>>> led_to_;
    Kind kind_;
    size_t most_states_;
    Columns columns_;
    mutable std::mutex mutex_;
    mutable std::vector<Owner> states_;
    mutable std::vector<uint32_t> index_;  // open addressing by hash of steps: state number plus one
    mutable Marks reached_;
    mutable std::vector<uint32_t> todo_;  // of reach(),
    mutable std::vector<uint32_t> come_to_;  // of build(),
    mutable std::vector<uint32_t> merged_;   // and of intern()
    const State* full_ = nullptr;
    const State* start_ = nullptr;
};

// Where eight bytes lead from the start of a walk, as walks before have found out: most go over words that others went over,
// and each byte would wait for the one in front of it.
class Leaps {
  public:
    static constexpr size_t kBytes = 8;

    // Sets *state to where they lead, the first one being the lowest of the word, and to nullptr where nothing comes of them.
    // Returns false, and leaves it, where a state on their way asks to be looked at, or an escape sequence.
    bool over(const Dfa& dfa, uint64_t word, const Dfa::State** state) {
        Known& known = known_[word * 0x9e3779b97f4a7c15u >> (64 - kBits)];
        if (known.word != word || known.dfa != &dfa) known = {word, &dfa, end_of(dfa, word)};
        if (known.state == dfa.start()) return false;
        *state = known.state;
        return true;
    }

  private:
    struct Known {
        uint64_t word = 0;
        const Dfa* dfa = nullptr;
        const Dfa::State* state = nullptr;  // the start where over() is false
    };
    static constexpr unsigned kBits = 9;

    static const Dfa::State* end_of(const Dfa& dfa, uint64_t word);

    std::array<Known, size_t{1} << kBits> known_{};
};

}  // namespace aigate
