// Which numbers were seen, of many of which few are: a bit for each, and a list, so that to forget them costs no more than to
// have seen them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aigate {

class Marks {
  public:
    explicit Marks(size_t numbers) : words_((numbers + 63) / 64, 0) {}

    bool operator[](uint32_t number) const { return words_[number / 64] >> number % 64 & 1; }
    // Returns whether the number was not marked before.
    bool add(uint32_t number) {
        if ((*this)[number]) return false;
        words_[number / 64] |= uint64_t{1} << number % 64;
        marked_.push_back(number);
        return true;
    }
    void clear() {
        for (uint32_t number : marked_) words_[number / 64] = 0;
        marked_.clear();
    }

  private:
    std::vector<uint64_t> words_;
    std::vector<uint32_t> marked_;
};

}  // namespace aigate
