// Carries a terminal's output through a stream for as long as nothing else asks for attention: a loop of system calls
// without Python in it. Owns the loop; decides nothing that the caller could decide.
#pragma once

#include <string>
#include <vector>

#include "output.h"

namespace aigate {

class Carrier {
  public:
    // Why it came back. Idle: `alert` is readable, or the time is over. Held: bytes are undecided. Full: `target` has
    // taken no more for the grace, or fails. Modes: the output may switch modes of the screen. Closed: nobody has the
    // source's other end.
    enum class End { Idle, Held, Full, Modes, Closed };

    explicit Carrier(Output& output);

    // Reads `source`, writes `target`; both are non-blocking. alert: a descriptor that is waited for besides.
    // timeout: milliseconds to wait for output, -1 for ever; grace: likewise while bytes are undecided or `target` is
    // full.
    End run(int source, int target, int alert, int timeout, int grace);

    // Output that is not written yet: the caller's to write, before it calls again.
    const std::string& rest() const { return rest_; }

  private:
    End carry(int source, int target, int alert, int timeout, int grace);
    size_t fill(int source, bool* ended);
    void mask(size_t size);
    bool may_switch_modes(size_t size);
    bool drain(int target, int alert, int grace);

    Output& output_;
    std::vector<char> block_;
    std::string rest_;
    bool expects_ = false;      // the last block was large, so an unfinished line waits for the next one
    bool in_sequence_ = false;  // the last block may have ended within a sequence that switches modes
};

}  // namespace aigate
