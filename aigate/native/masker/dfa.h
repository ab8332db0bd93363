// A shape made deterministic, one state at a time as inputs need it. States are never dropped or changed, so that
// threads share them; finding a new one takes a lock. When there are too many, the answer is "perhaps".
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

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
        // Where only what is preferred is followed, assertions wait among the steps for the next byte. A match that ended
        // in front of the last byte is known with that; one that needs the text to end here is told by `ends`.
        bool matched_before = false, ends = false;
        bool word = false, first = false;  // behind a byte of a word; before all bytes: where an assertion waits
        size_t hash = 0;                // of the steps
        std::vector<uint32_t> steps;    // the steps that wait here: sorted, or the preferred ones first; without
                                        // those that wait everywhere
        std::vector<uint32_t> matched;  // numbers of the rules that may end a match here,
        std::vector<uint32_t> ended;    // and of those that do where the line ends
        bool same(const State& other) const {
            return steps == other.steps && matched == other.matched && ended == other.ended && word == other.word && first == other.first &&
                   matched_before == other.matched_before;
        }
        // By class of byte, as many as there are. In the state itself: each byte of text waits for one of these.
        mutable std::atomic<uintptr_t> next[1];  // see Next
    };
    // Where a byte leads. Whether it is notable is told beside it, so that the state itself need not be looked at.
    class Next {
      public:
        explicit Next(uintptr_t packed) : packed_(packed) {}
        static uintptr_t packed(const State* state) { return reinterpret_cast<uintptr_t>(state) | (state->notable ? 1 : 0); }
        const State* state() const { return reinterpret_cast<const State*>(packed_ & ~uintptr_t{1}); }
        bool notable() const { return packed_ & 1; }

      private:
        uintptr_t packed_;
    };

    // Anchored: matches begin at the first byte. Everywhere: at every byte. Both take assertions to hold. Preferred: at the
    // first byte, and only what RE2 would prefer to the matches found so far is followed; the last one found is the one.
    enum class Kind : uint8_t { Anchored, Everywhere, Preferred };

    static constexpr size_t kMostStates = 4096;

    // starts: steps to begin with. most_states: with more of them the answer is "perhaps".
    Dfa(const Shape& shape, std::vector<uint32_t> starts, Kind kind, size_t most_states = kMostStates);

    // What stands in front of the first byte: nothing, a byte of a word, or one of none.
    enum class Front : uint8_t { Nothing, Word, Other };
    const State* start(Front front = Front::Other) const { return start_[static_cast<size_t>(front)]; }
    Next step(const State* state, unsigned char byte) const {
        const uintptr_t next = state->next[classes_[byte]].load(std::memory_order_acquire);
        return Next(__builtin_expect(next != 0, 1) ? next : build(state, byte));
    }

    // The first byte of text[at, end) that is not ASCII or leads to another state. Much faster than one step after the
    // other, since no byte waits for the one before.
    size_t stay(const State* state, const char* text, size_t at, size_t end) const {
        const uintptr_t here = Next::packed(state);
        for (; at < end; ++at) {
            const auto byte = static_cast<unsigned char>(text[at]);
            if (byte >= 0x80 || state->next[classes_[byte]].load(std::memory_order_relaxed) != here) break;
        }
        return at;
    }

  private:
    struct Release {
        void operator()(State* state) const;
    };
    using Owner = std::unique_ptr<State, Release>;

    void classify(const std::vector<uint32_t>& starts);
    Owner make() const;
    uintptr_t build(const State* state, unsigned char byte) const;
    void grow_index() const;
    const State* begin(const std::vector<uint32_t>& starts, Front front) const;
    const State* intern(std::vector<uint32_t> reached, size_t sorted, Front front, bool matched_before) const;
    bool settle(const State& state, bool boundary, bool end, std::vector<uint32_t>& into) const;
    bool reach(uint32_t step, std::vector<uint32_t>& into) const;
    void follow_starts(unsigned char byte, std::vector<uint32_t>& into) const;

    const Shape& shape_;
    std::vector<uint32_t> waiting_;  // the Bytes steps that wait everywhere, where matches begin at every byte,
    Marks everywhere_;               // these steps, and those that lead to nothing else,
    // and by class of byte what these lead to. With a thousand rules that is most of each state.
    mutable std::vector<std::unique_ptr<const std::vector<uint32_t>>> led_to_;
    Kind kind_;
    size_t most_states_;
    uint8_t classes_[256] = {};
    size_t class_count_ = 0;
    bool asks_ = false;  // there are assertions that matter
    mutable std::mutex mutex_;
    mutable std::vector<Owner> states_;
    mutable std::vector<uint32_t> index_;  // open addressing by hash of steps: state number plus one
    mutable Marks reached_;
    mutable std::vector<uint32_t> todo_;  // of reach()
    mutable Marks settled_;               // of settle()
    const State* full_ = nullptr;
    const State* start_[3] = {};
};

// The states in which a walk was at certain places, for others over the same text that begin further on: one that comes into the
// same state at the same place goes the same way from there. So all walks over a long stretch together take one pass.
class Trail {
  public:
    static constexpr size_t kMark = 64;  // such a place; a walk that begins has none before the next one

    void clear() { states_.clear(); }
    bool empty() const { return states_.empty(); }
    // Whether the walk was in this state at a place, which is told in marks.
    bool passes(const Dfa::State* state, size_t mark) const {
        return mark >= first_ && mark - first_ < states_.size() && states_[mark - first_] == state;
    }
    // Another walk begins, of which the first place is told, and comes to the next one in a state.
    void begin(size_t mark) {
        fresh_first_ = mark;
        fresh_.clear();
    }
    void leave(const Dfa::State* state) { fresh_.push_back(state); }
    // It is the one that others can follow from now on. Returns whether it has left anything.
    bool keep() {
        if (fresh_.empty()) return false;
        states_.swap(fresh_);
        first_ = fresh_first_;
        return true;
    }

  private:
    std::vector<const Dfa::State*> states_;
    size_t first_ = 0;
    std::vector<const Dfa::State*> fresh_;
    size_t fresh_first_ = 0;
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
