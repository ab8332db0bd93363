// Finds the lines that rules must look at, and on them the places where a match may begin. What it passes over holds
// no match of any rule: fingerprints and shapes accept more than the rules do, never less.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "beginning.h"
#include "dfa.h"
#include "stretch.h"
#include "prints.h"
#include "scan.h"
#include "sift.h"
#include "skipper.h"
#include "text.h"
#include "values.h"

namespace aigate {

// What walks need that is kept from one to the next, so that nothing is allocated for each and nothing is learnt twice.
struct Walked {
    Leaps leaps;
    Places places;   // what may be fingerprints
    Places sifted;   // likewise, in a stretch
    std::unique_ptr<Stretch> stretch;  // where there are escape sequences: the text between them
};

// What one line or window may hold. Kept from line to line, so that nothing is allocated for each.
class Findings {
  public:
    // near: whether there is a match from here is decided within a few bytes.
    struct Place {
        explicit Place(const char* where) : at(where) {}  // not by way of a copy, whose load would wait for two stores
        const char* at;
        bool near = false;
    };
    // Places: where a match may begin. Within: bytes that it may hold, one of which each match does.
    enum class Kind : uint8_t { Nothing, Places, Within, Anywhere };

    explicit Findings(size_t rules) : found_(rules) {}

    void place(uint32_t rule, Kind kind, const char* at) {
        Found& found = touch(rule, kind);
        if (found.kind != kind) found.kind = Kind::Anywhere;
        if (found.kind == Kind::Anywhere || (!found.places.empty() && found.places.back().at == at)) return;
        found.sorted &= found.places.empty() || found.places.back().at < at;
        found.places.emplace_back(at);
    }
    void anywhere(uint32_t rule) { touch(rule, Kind::Anywhere).kind = Kind::Anywhere; }
    // A place that was noted for this rule is decided nearby.
    void decided_near(uint32_t rule, const char* at) {
        std::vector<Place>& places = found_[rule].places;
        if (!places.empty() && places.back().at == at) places.back().near = true;
    }
    // Puts the places in order.
    void sort();
    void clear();

    // The rules that may match, and how it is known where.
    const std::vector<uint32_t>& rules() const { return rules_; }
    Kind kind(uint32_t rule) const { return found_[rule].kind; }
    // The places of one rule, in order after sort().
    const std::vector<Place>& places(uint32_t rule) const { return found_[rule].places; }
    // Of the walks that fill them, one after the other.
    Walked& walked() { return walked_; }

  private:
    struct Found {
        Kind kind = Kind::Nothing;
        bool sorted = true;
        std::vector<Place> places;
    };

    Found& touch(uint32_t rule, Kind kind) {
        Found& found = found_[rule];
        if (found.kind != Kind::Nothing) return found;
        found.kind = kind;
        rules_.push_back(rule);
        return found;
    }

    std::vector<Found> found_;
    std::vector<uint32_t> rules_;
    Walked walked_;
};

// Built from a set of rules when it is first needed, then shared and constant.
class Finder {
  public:
    // Thorough: it knows what to look for, which makes it fast. Plain: it is made at once, and looks at each byte.
    enum class Kind : uint8_t { Thorough, Plain };

    // For so many bytes a plain one is good for: it makes a state for half of them, and each takes a kilobyte.
    static constexpr size_t kPlainBytes = 32 * 1024;

    // values: nullptr where none are known.
    Finder(const Shape& shape, const Values* values, Kind kind);

    // A walk through [begin, end): whole lines, or a part of one. A match that `end` cuts is none.
    class Walk {
      public:
        Walk(std::shared_ptr<const Finder> finder, const char* begin, const char* end, Findings& findings)
            : kept_(std::move(finder)), finder_(*kept_), findings_(findings), begin_(begin), end_(end), beginning_(begin, end), places_(findings.walked().places),
              scanned_(begin), hit_place_(begin), swept_(begin), values_(finder_.values_, begin, end) {
            places_.size = 0;
            forget_walks();
        }

        // The first place at or after `from` where a match may be, or the end. It is on the same line as the match.
        const char* next(const char* from);
        // Fills the findings with everything on the line [begin, end), which is not before what was asked for last.
        void collect(const char* begin, const char* end);
        // Whether a match may be at this place of a text [begin, end) of its own. Places must not go back.
        bool may_be(const char* begin, const char* end, const char* place);
        // Another walk used the findings: what comes is scanned anew.
        void forget() {
            noted_ = false;
            forget_walks();
            places_.size = 0;
            next_place_ = 0;
            scanned_ = begin_;
            escape_ = nullptr;
        }

      private:
        static constexpr size_t kFew = 2;  // rules that are rather tried one by one than told apart first

        // A place that shows fingerprints: the set of their distances, and, after a whole look, the first of the rules that
        // have them. A brief one ends where no other distance can be added, which is after the first of a dozen that tell
        // apart how a line goes on.
        struct Hit {
            uint32_t before = 0;
            size_t count = 0;  // of these rules,
            bool exact = true;  // which are all matched exactly
            struct {
                uint32_t rule;
                uint32_t before;
            } few[kFew];

            void clear() {  // part by part: a whole new one is loaded right behind the stores that make it, and waits for them
                before = 0;
                count = 0;
                exact = true;
            }
        };

        enum class Look : uint8_t { Brief, Whole };

        const char* hit(const char* from, Look look);
        void scan();
        void scan_clear(const char* escape);
        void scan_stretch();
        bool read(const char* place, uint64_t* word);
        void put_back() { --next_place_; }
        bool look_again(const char* place, Look look);
        bool stands_so(const Member& member, const char* place, bool plain, bool known);
        size_t examine(const char* place, const char* end);
        size_t note(const char* place, const char* end);
        void clear() {
            findings_.clear();
            forget_walks();
        }
        void forget_walks() {
            walked_.clear(begin_);
            walked_within_.clear(begin_);
        }

        const std::shared_ptr<const Finder> kept_;
        const Finder& finder_;
        Findings& findings_;
        const char* begin_;
        const char* end_;
        Beginning beginning_;
        Skipper skipper_;
        Scanner::Hits hits_;
        Places& places_;  // what may be fingerprints,
        size_t next_place_ = 0;             // of which so many were looked at
        const char* scanned_;    // up to where there are hits
        const char* escape_ = nullptr;  // the first ESC from there on, or the end, if it is known
        const char* hit_place_;  // the first hit that may be a match, if it is known
        Hit hit_;                // what it shows
        const char* swept_;      // likewise for the rules that are swept, where a match may end
        bool scan_known_ = false;
        bool sweep_known_ = false;
        ValueSweep values_;
        // Where walks began, of the last bytes: several fingerprints of one match begin it at the same place, and those of a long
        // run of one byte at all places in it.
        class Walked {
          public:
            // Whether none began there before.
            bool add(const char* place) {
                const auto far = static_cast<size_t>(place - from_);
                if (place < from_) return true;
                if (far >= kBits) {
                    const size_t more = far - kBits + 1;
                    places_ = more < kBits ? places_ >> more : 0;
                    from_ += more;
                }
                const uint64_t bit = uint64_t{1} << (place - from_);
                const bool fresh = !(places_ & bit);
                places_ |= bit;
                return fresh;
            }
            void clear(const char* from) {
                from_ = from;
                places_ = 0;
            }

          private:
            static constexpr size_t kBits = 64;
            const char* from_ = nullptr;
            uint64_t places_ = 0;
        } walked_, walked_within_;
        bool noted_ = false;     // the findings hold what may match at hit_place_, and no more
    };

    // See Scanner::use().
    bool use(const std::string& path) {
        sift_.use(path);
        return scanner_.use(path);
    }

  private:
    friend class Walk;
    friend class Survey;
    using State = Dfa::State;

    static constexpr size_t kBehindPlace = kPrintLength + kAround;  // bytes that tell about a place
    void note_swept(const char* begin, const char* end, Findings& findings) const;
    const char* sweep(const char* at, const char* end) const;
    const char* follow(const Dfa& dfa, const char* place, Findings::Kind kind, const char* end, Skipper& skipper,
                       Findings& findings) const;
    bool sweep_all(const char* at, const char* end, Findings& findings) const;
    void report(const State* state, const char* place, Findings::Kind kind, Findings& findings) const;
    void report_undecided(const State* state, const char* place, Findings::Kind kind, Findings& findings) const;

    const Shape& shape_;
    const Values* values_;
    Kind kind_;
    Prints prints_;
    Scanner scanner_;
    Sift sift_;
    Dfa everything_;                 // all rules, anywhere,
    mutable std::atomic<bool> exhausted_{false};  // unless it has no states left
    std::unique_ptr<Dfa> anchored_;  // rules with fingerprints at a known distance, from their beginning on
    std::unique_ptr<Dfa> midword_;   // likewise, behind a byte that belongs to a word
    std::unique_ptr<Dfa> inner_;     // rules with fingerprints somewhere, from these on
    std::unique_ptr<Dfa> sweeping_;  // rules without fingerprints, anywhere
};

}  // namespace aigate
