// Finds places in raw output that look like a fingerprint. One algorithm, once per kind of processor; what the
// processor can do is asked at run time. An escape sequence in the middle of a fingerprint is allowed for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "_masker_prints.h"

namespace aigate {

class Scanner {
  public:
    // Decides about a place that looks right: true ends the search there.
    struct Judge {
        virtual bool operator()(const char* place) = 0;

      protected:
        ~Judge() = default;
    };

    explicit Scanner(const Prints& prints);

    // The first place in [p, end) that looks right to the scanner and to the judge, or end. What lies behind `end` is
    // not looked at; a fingerprint that `end` cuts counts.
    const char* find(const char* p, const char* end, Judge& judge) const { return find_(*this, p, end, judge); }

    // The ways to find that this processor has, the best first; the last is always "scalar".
    static std::vector<std::string> paths();
    // Makes find() take one of them. Returns false for a way that there is not.
    bool use(const std::string& path);

  private:
    using Find = const char* (*)(const Scanner&, const char*, const char*, Judge&);
    friend struct Paths;

    bool looks_right(const char* begin, const char* p, const char* end) const;
    const char* find_scalar(const char* begin, const char* p, const char* end, Judge& judge) const;

    // A byte's buckets are those of its low four bits and of its high four bits: exact for a single byte, perhaps
    // too many for several. groups_ has the last word.
    alignas(64) uint8_t buckets_[kMostSets][kPrintLength][256];
    alignas(16) uint8_t low_[kMostSets][kPrintLength][16] = {};
    alignas(16) uint8_t high_[kMostSets][kPrintLength][16] = {};
    size_t sets_;
    uint64_t groups_[kPrintLength][256];
    Find find_ = nullptr;
};

}  // namespace aigate
