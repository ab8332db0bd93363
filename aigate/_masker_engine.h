// A stream of bytes, cut into lines and windows. Owns where the stream stands; reads and writes nothing itself.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "_masker_line.h"

namespace aigate {

// A match of up to this many bytes is found wherever it lies in a line that is too long for one window.
constexpr size_t kOverlap = 64 * 1024;

class Engine {
  public:
    Engine(SharedRules rules, size_t max_line);

    // Masks what is complete in data[0, size) into `sink` and returns how many bytes that was. The caller keeps the
    // rest and gives it again with more behind it; its first `seen` bytes were given before.
    // final: nothing comes any more, so everything is complete.
    size_t run(const char* data, size_t size, size_t seen, bool final, Sink& sink);

    const std::vector<uint64_t>& counts() const { return counts_; }

  private:
    void lines(const char* data, size_t size, Sink& sink);
    size_t line(const char* data, size_t size, bool ended, Sink& sink);

    SharedRules rules_;
    std::vector<uint64_t> counts_;
    LineMasker masker_;
    size_t stride_;
    size_t window_;
    bool inside_line_ = false;  // data[0] is not the beginning of a line
};

}  // namespace aigate
