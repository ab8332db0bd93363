// What RE2 would find of one rule from a given place on, byte by byte: of all ways through its shape those that are preferred
// to the matches found so far, the most preferred one first. Made deterministic one state at a time, as texts need it; states
// are never dropped or changed, so that threads share them. Each transition tells from which way each of the ways behind it
// came, so that the one that matched can be followed back to where the rule's group begins and ends.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "columns.h"
#include "marks.h"
#include "shape.h"

namespace aigate {

class Preferred {
  public:
    // Where a way came from: the number of a way of the state before, and which of the group's marks it passed, in front of
    // the byte and behind it: bits, as Shape has them.
    struct Origin {
        uint16_t way = 0;
        uint8_t front = 0;
        uint8_t behind = 0;
    };
    struct Origins {
        std::vector<Origin> of;  // by way, and last that of a match
        Origin before;           // of a match in front of the byte
        bool same = false;       // each way comes from the one of its number, past no mark
    };

    struct State {
        bool notable = false;  // worth a look: dead, full or with a match
        bool dead = false;     // nothing more can come
        bool full = false;     // there are too many states: nobody knows
        // A match that ends here. Assertions wait among the ways for the next byte: a match that ended in front of the last
        // byte is known with that; one that needs the text to end here is told by `ends`.
        bool matched = false, matched_before = false, ends = false;
        bool inside = false;  // no way begins the group any more: it has, or never will
        bool word = false, first = false;  // behind a byte of a word; before all bytes: where an assertion waits
        std::vector<uint32_t> ways;        // their steps, Bytes and Assert
        Origin ending;                     // of what `ends` tells, within this state
        struct Transition {
            std::atomic<uintptr_t> next{0};  // see Next
            const Origins* origins = nullptr;
        };
        mutable Transition transitions[1];  // by column, as many as there are
    };
    using Next = NextOf<State>;

    Preferred(const Shape& shape, uint32_t start);

    // What stands in front of the first byte: nothing, a byte of a word, or one of none.
    enum class Front : uint8_t { Nothing, Word, Other };
    const State* start(Front front) const { return start_[static_cast<size_t>(front)]; }
    // The marks that a way of a start has passed: by its number, and last those of a match of nothing.
    uint8_t passed(size_t way) const { return passed_[way]; }

    Next step(const State* state, unsigned char byte) const {
        const uintptr_t next = state->transitions[columns_.of[byte]].next.load(std::memory_order_acquire);
        return Next(__builtin_expect(next != 0, 1) ? next : build(state, byte));
    }
    // Of a step that this thread has made, or stayed by; nullptr from or to a state that is full.
    const Origins* origins(const State* state, unsigned char byte) const { return state->transitions[columns_.of[byte]].origins; }

    // The first byte of text[at, end) that is not ASCII or leads to another state. Much faster than one step after the
    // other, since no byte waits for the one before.
    size_t stay(const State* state, const char* text, size_t at, size_t end) const {
        const uintptr_t here = Next::packed(state);
        for (; at < end; ++at) {
            const auto byte = static_cast<unsigned char>(text[at]);
            if (byte >= 0x80 || state->transitions[columns_.of[byte]].next.load(std::memory_order_acquire) != here) break;
        }
        return at;
    }

  private:
    struct Release {
        void operator()(State* state) const;
    };
    using Owner = std::unique_ptr<State, Release>;
    // A step that was come to, and from where.
    struct Reached {
        uint32_t step;
        Origin origin;
    };

    Owner make() const;
    uintptr_t build(const State* state, unsigned char byte) const;
    const State* intern(const std::vector<Reached>& reached, Front front, bool matched_before) const;
    bool reach(uint32_t start, Origin origin, std::vector<Reached>& into) const;
    bool settle(const State& state, bool boundary, bool end, std::vector<Reached>& into) const;

    static constexpr size_t kMostStates = 256;

    const Shape& shape_;
    Columns columns_;
    mutable std::mutex mutex_;
    mutable std::vector<Owner> states_;
    mutable std::deque<Origins> origins_;
    mutable Marks reached_;
    mutable Marks settled_;
    std::vector<bool> opens_;  // by step: the group may begin behind it
    mutable std::vector<std::pair<uint32_t, uint8_t>> todo_;  // of reach() and settle(): steps, and marks passed on the way there
    std::vector<uint8_t> passed_;
    const State* full_ = nullptr;
    const State* start_[3] = {};
};

}  // namespace aigate
