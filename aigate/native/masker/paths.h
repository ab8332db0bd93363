// The ways in which a rule's matches begin: a tree of byte sets, as deep as it is worth, and the rarest fingerprint on
// every path through it. Reads shapes; decides nothing about text.
#pragma once

#include <cstdint>
#include <vector>

#include "marks.h"
#include "prints.h"
#include "rarity.h"
#include "shape.h"

namespace aigate {

class Paths {
  public:
    explicit Paths(const Shape& shape);

    // Appends fingerprints of which every match from `start` shows at least one, each at its distance from there.
    // Returns how often ordinary output shows one of them.
    double choose(uint32_t start, std::vector<Print>& prints);
    // Likewise, all of them made of the first bytes.
    double list(uint32_t start, std::vector<Print>& prints);

  private:
    static constexpr uint32_t kNone = UINT32_MAX;
    // One more byte of a path. The path so far is found over the parents.
    struct Node {
        uint32_t parent = kNone;
        uint32_t set = kNone;
        size_t depth = 0;
        size_t first = 0;             // Bytes steps that go on from here, in steps_, behind one another:
        size_t count = 0;             // so many
        bool ended = false;           // a match may be over: any bytes may follow
        bool grown = false;           // it has children
        double cost = 1;              // of its rarest fingerprint, which ends at `end`
        size_t end = 0;
    };

    void grow(uint32_t start, size_t depth);
    void extend(uint32_t at);
    void weigh(Node& node);
    bool close(std::vector<uint32_t>& into);
    void take(uint32_t at, std::vector<Print>& prints);
    std::vector<ByteSet> known_from(uint32_t at, size_t most);
    double settle(std::vector<Print>& prints);

    const Shape& shape_;
    size_t left_ = 0;        // nodes for all trees that are to come,
    size_t rules_left_;      // of so many rules
    size_t most_nodes_ = 0;  // of a tree of the rule at hand
    std::vector<Rarity::Profile> profiles_;  // by set
    Marks reached_;
    std::vector<Node> nodes_;
    std::vector<uint32_t> steps_;  // of all nodes
    std::vector<uint32_t> todo_;   // of close()
    std::vector<uint32_t> ahead_;  // of known_from()
    std::vector<uint32_t> sets_;   // of extend()
};

}  // namespace aigate
