// Of the places that a scan has found, those that may be fingerprints by the bytes behind their first ones. One algorithm
// in two ways, like the scan's: with AVX-512, and without.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rows.h"
#include "scan.h"

namespace aigate {

// Places in text, in order, of which the last ones can be taken back.
class Places {
  public:
    static constexpr size_t kMost = 64 * Scanner::Hits::kMost;
    static constexpr size_t kSpare = 16;  // behind those that count, where more are written than there are

    const char** data() { return at_.get(); }
    const char* operator[](size_t number) const { return at_[number]; }
    const char* const* begin() const { return at_.get(); }
    const char* const* end() const { return at_.get() + size; }

    size_t size = 0;

  private:
    std::unique_ptr<const char*[]> at_{new const char*[kMost + kSpare]};  // not std::vector, which writes zeros first
};

class Sift {
  public:
    // rows: outlive this.
    explicit Sift(const Rows& rows) : rows_(rows), way_(&ways().front()) {}

    // Lists those of the hits, all before `end`, that may be fingerprints.
    void list(const Scanner::Hits& hits, const char* end, Places& places) const;
    // Calls use(number) for the fingerprints that fit a place by mask and value, until it returns false. word: the bytes
    // there, the first one lowest. place: where Rows::kBytes bytes may be read; else nullptr.
    template <typename Use>
    void each(uint64_t word, const char* place, Use use) const {
        const size_t row = rows_.row_of(word);
        for (size_t from = rows_.ends_[row]; from < rows_.ends_[row + 1];) {
            const size_t to = from + std::min(kAtOnce, rows_.ends_[row + 1] - from);
            uint32_t numbers[kAtOnce];
            const size_t count = way_->fit(rows_, from, to, word, place, numbers);
            for (size_t at = 0; at < count; ++at)
                if (!use(numbers[at])) return;
            from = to;
        }
    }
    // See Scanner::use().
    void use(const std::string& path);

  private:
    static constexpr size_t kAtOnce = 64;
    struct Way {
        const char* name;
        size_t (*list)(const Scanner::Hits&, const char** places);
        size_t (*keep)(const Rows&, const char** places, size_t count);
        size_t (*fit)(const Rows&, size_t from, size_t to, uint64_t word, const char* place, uint32_t* numbers);
    };
    friend struct PlainSift;
    friend struct VectorSift;
    // The best one first, and last the one that needs nothing.
    static const std::vector<Way>& ways();

    const Rows& rows_;
    const Way* way_;
};

}  // namespace aigate
