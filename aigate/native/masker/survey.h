// Which of many texts may hold a match, each by itself, where they lie behind one another with nothing between them: they are
// scanned as one, and only what may be a fingerprint is looked at within its own text.
#pragma once

#include <cstddef>
#include <vector>

#include "finder.h"

namespace aigate {

class Survey {
  public:
    // Whether a finder knows what to look for, and nothing else is to be found.
    static bool possible(const Finder& finder) { return finder.kind_ == Finder::Kind::Thorough && !finder.values_ && !finder.sweeping_; }

    Survey(const std::shared_ptr<const Finder>& finder, Findings& findings) : finder_(*finder), walk_(finder, nullptr, nullptr, findings) {}

    // Those of the texts data[offsets[i], offsets[i + 1]), i below count, that may hold a match, and then those that
    // have an escape sequence: each in order, and some twice.
    template <typename Offset> std::vector<size_t> find(const char* data, const Offset* offsets, size_t count);

  private:
    const Finder& finder_;
    Finder::Walk walk_;
    Scanner::Hits hits_;
    Places places_;
};

}  // namespace aigate
