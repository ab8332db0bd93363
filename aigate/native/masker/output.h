// What takes a terminal's output: masked and held back as long as it is undecided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aigate {

class Output {
  public:
    virtual ~Output() = default;

    // Takes bytes and appends what is decided to `out`. soon: more is about to come. Feeding nothing makes up for it.
    virtual void feed(const char* data, size_t size, bool final, bool soon, std::string& out) = 0;
    // Appends what is held.
    virtual void release(std::string& out) = 0;
    virtual size_t held() const = 0;
    // By rule.
    virtual std::vector<uint64_t> counts() const = 0;
    // Takes the terminal's new size.
    virtual void resize(size_t rows, size_t columns) = 0;
};

}  // namespace aigate
