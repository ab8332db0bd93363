// How often bytes follow one another in logs, code and prose: a first-order model over kinds of bytes, and what it does
// not know about words. Rough, and only ever a matter of speed: it chooses which bytes of a rule are looked for.
#pragma once

#include <array>
#include <cstdint>

#include "shape.h"

namespace aigate {

class Rarity {
  public:
    static constexpr size_t kKinds = 8;
    // How much of each kind of byte a set holds, and what that says about words.
    struct Profile {
        ByteSet set;
        std::array<float, kKinds> share{};
        uint64_t commons = 0;  // which bytes of common strings it holds
        float alone = 0;      // how often one of its bytes stands at a place
        bool letters = false;  // it is one letter, in one case or both
        bool capital = false;  // in capitals only
        bool mark = false;     // it is one mark of punctuation, of the kind that people draw lines with
    };

    static Profile profile(const ByteSet& set);
    // The profile of what either set holds.
    static Profile either(const Profile& a, const Profile& b);
    // How often `count` bytes in a row are of these sets. first: set to how often the first four are, roughly.
    static float of(const Profile* const* sets, size_t count, float* first);
};

}  // namespace aigate
