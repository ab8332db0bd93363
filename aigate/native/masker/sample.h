// A sample of ordinary output: prose, code, logs, listings, JSON. Tells how often given bytes stand in a row in it, which
// is only ever a matter of speed. Knows no rule.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes.h"

namespace aigate {

class Sample {
  public:
    static constexpr size_t kPlaces = 5120;
    static constexpr size_t kWords = kPlaces / 64;
    // Places of the sample, a bit for each.
    using Places = std::array<uint64_t, kWords>;

    static const Sample& text();

    // The places behind which, `behind` bytes further on, one of these bytes stands. behind: less than 64.
    Places places(const ByteSet& set, size_t behind) const;

  private:
    Sample();

    std::vector<std::array<uint64_t, kWords + 1>> of_;  // by byte: where it stands
};

}  // namespace aigate
