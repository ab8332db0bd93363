// A stream of bytes, cut into lines and windows. Owns where the stream stands; reads and writes nothing itself.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "front.h"
#include "line.h"

namespace aigate {

// A match of up to this many bytes is found wherever it lies in a line that is too long for one window.
constexpr size_t kOverlap = 64 * 1024;
// On a terminal: so much of an unfinished line may wait for bytes that are about to come.
constexpr size_t kUnlooked = 4096;

class Engine {
  public:
    Engine(SharedRules rules, size_t max_line, bool terminal);

    LineMasker& masker() { return masker_; }

    // Masks what is complete in data[0, size) into `sink` and returns how many bytes that was. The caller keeps the
    // rest and gives it again with more behind it; its first `seen` bytes were given before.
    // final: nothing comes any more, so everything is complete.
    // On a terminal the beginning of an unfinished line is complete too, up to where it is undecided. soon: more is about
    // to come, which will finish most lines, so the unfinished one is not looked at yet.
    size_t run(const char* data, size_t size, size_t seen, bool final, Sink& sink, bool soon = false);

    // On a terminal: writes what run() left over, as it looks now. It stays part of the text.
    void release(const char* data, size_t size, Sink& sink);
    // How many bytes at the beginning of what run() left over were released.
    size_t shown() const { return shown_; }

    const std::vector<uint64_t>& counts() const { return counts_; }

  private:
    void lines(const char* data, size_t size, Sink& sink);
    size_t line(const char* data, size_t size, bool ended, Sink& sink);
    const Findings* look(const char* data, size_t size);
    size_t partial_line(const char* data, size_t size, Sink& sink);
    size_t follow(const char* data, size_t size);

    SharedRules rules_;
    std::vector<uint64_t> counts_;
    LineMasker masker_;
    Findings findings_;
    size_t window_;  // not so short that a value would not fit
    size_t stride_;
    bool inside_line_ = false;  // data[0] is not the beginning of a line
    size_t shown_ = 0;
    std::unique_ptr<Front> front_;  // on a terminal
    size_t followed_ = 0;           // how many of the bytes left over the front has taken
};

}  // namespace aigate
