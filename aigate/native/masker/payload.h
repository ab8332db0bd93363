// What escape sequences carry beside a line: titles, links, notifications, clipboards. Each such text is matched as lines of
// its own and hidden inside of its sequence, which stays a sequence. Owns where in a sequence text stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "line.h"

namespace aigate {

class Payload {
  public:
    // The first place in [p, end) where a sequence that carries text may begin, or end.
    static const char* find(const char* p, const char* end);

    Payload(const RuleSet& rules, std::vector<uint64_t>& counts);

    // Writes a string sequence (OSC, DCS, SOS, PM, APC) with what it carries masked, but for its first `shown` bytes, which
    // were written before. What ends it may be missing.
    void write(const char* sequence, size_t size, size_t shown, Sink& sink);
    // Writes text that such a sequence carries, from `shown` on.
    void text(const char* from, const char* to, const char* shown, Sink& sink);

  private:
    void base64(const char* from, const char* to, const char* shown, Sink& sink);
    bool mask(const char* from, const char* to);

    const RuleSet& rules_;
    LineMasker masker_;
    Findings findings_;
    Sink sink_;
};

}  // namespace aigate
