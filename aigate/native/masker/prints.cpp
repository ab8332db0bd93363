// See prints.h.
#include "prints.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "paths.h"

namespace aigate {

namespace {

constexpr double kInnerPenalty = 8;        // a hit inside a match costs a search of the line
constexpr size_t kMostGrams = 64;       // in how many ways a fingerprint may begin that is looked for by grams:
constexpr size_t kMostGramsOfRun = 16;  // one with a run behind it is rare besides
constexpr float kGrams = 5e-2F;          // what they cost all together, in places of text that are looked at
constexpr size_t kFewMembers = 160;     // with more of them nobody asks whether buckets alone would do
constexpr double kRare = 3e-4;             // below this the beginning of a rule is looked for without a second thought
constexpr double kBegun = 0.1;              // what a rule's places cost that others look at as well
constexpr double kRareEnough = 1.0 / 40;   // above this a rule is swept: testing its hits would cost more

struct Choice {
    std::vector<Print> prints;
    std::vector<uint32_t> inner;  // steps; empty when the fingerprints lie at known distances
    double cost = 0;
};

// The rarest waypoint of each way of a rule, for a rule whose beginning is not worth looking for.
Choice choose_inner(const Shape::Rule& rule, Paths& paths) {
    Choice chosen;
    for (const Shape::Way& way : rule.ways) {
        Choice best;
        best.cost = 2;
        for (uint32_t step : way) {
            Choice found;
            found.cost = kInnerPenalty * paths.list(step, found.prints);
            if (found.cost >= best.cost) continue;
            best = std::move(found);
            best.inner.assign(1, step);
        }
        chosen.cost += best.cost;
        chosen.prints.insert(chosen.prints.end(), best.prints.begin(), best.prints.end());
        chosen.inner.insert(chosen.inner.end(), best.inner.begin(), best.inner.end());
    }
    for (Print& print : chosen.prints) print.before = Print::kAnywhere;
    return chosen;
}

// How fingerprints at known distances begin. Where other rules look anyway, one more looks at little cost.
class Begun {
  public:
    void add(const Print& print) { seen_.insert(start_of(print)); }
    bool all(const std::vector<Print>& prints) const {
        return std::all_of(prints.begin(), prints.end(), [&](const Print& print) { return seen_.count(start_of(print)) != 0; });
    }

  private:
    using Start = std::pair<uint32_t, std::vector<ByteSet>>;
    static Start start_of(const Print& print) { return {print.before, {print.bytes.begin(), print.bytes.begin() + Rows::kHashed}}; }

    std::set<Start> seen_;
};

Choice choose(const Shape::Rule& rule, Paths& paths, const Begun& begun) {
    Choice chosen;
    chosen.cost = paths.choose(rule.start, chosen.prints);
    if (chosen.cost <= kRare) return chosen;
    if (begun.all(chosen.prints)) chosen.cost *= kBegun;
    Choice inner = choose_inner(rule, paths);
    return chosen.cost <= kRareEnough && chosen.cost <= inner.cost ? chosen : inner;
}

// Whether a set is one byte, or a letter in both cases. Sets *bit where the two differ.
bool is_letter(const ByteSet& set, unsigned* byte, unsigned* bit) {
    if (!set.count() || set.count() > 2) return false;
    unsigned low = 256;
    unsigned high = 0;
    set.each([&](unsigned one) {
        low = std::min(low, one);
        high = std::max(high, one);
    });
    *byte = low;
    *bit = low ^ high;
    return !*bit || *bit == 0x20;
}

// The sets of fingerprints, by number. With more of them than there are numbers the others count as any byte, the first one.
class Sets {
  public:
    explicit Sets(std::vector<ByteSet>& sets) : sets_(sets) { number_of(ByteSet().fill()); }

    uint16_t number_of(const ByteSet& set) {
        if (sets_.size() > UINT16_MAX) return 0;
        const auto [known, fresh] = numbers_.insert({set, static_cast<uint16_t>(sets_.size())});
        if (fresh) sets_.push_back(set);
        return known->second;
    }

  private:
    std::vector<ByteSet>& sets_;
    std::map<ByteSet, uint16_t> numbers_;
};

void describe(const Print& print, Sets& sets, Member& member) {
    char mask[kPrintLength] = {};
    char value[kPrintLength] = {};
    for (size_t at = 0; at < kPrintLength; ++at) {
        unsigned byte = 0;
        unsigned bit = 0;
        if (is_letter(print.bytes[at], &byte, &bit)) {
            mask[at] = static_cast<char>(0xff & ~bit);
            value[at] = static_cast<char>(byte & ~bit);
        } else if (print.bytes[at] != ByteSet().fill()) {
            member.classes |= static_cast<uint8_t>(1u << at);
        }
        member.sets[at] = sets.number_of(print.bytes[at]);
    }
    member.mask = word_at(mask);
    member.value = word_at(value);
    member.before = print.before;
    member.fronts = print.around.fronts;
    member.behinds = print.around.behinds;
    for (size_t at = 0; at < member.fronts; ++at) member.front[at] = sets.number_of(print.around.front[at]);
    for (size_t at = 0; at < member.behinds; ++at) member.behind[at] = sets.number_of(print.around.behind[at]);
}

// Equal fingerprints become one, of all the rules that have it. Returns these, one for each that is left.
std::vector<Member> unite(std::vector<Print>& prints, const std::vector<bool>& exact) {
    std::vector<Member> members;
    std::sort(prints.begin(), prints.end());
    for (const Print& print : prints) {
        const size_t last = members.size() - 1;
        if (members.empty() || !(print == prints[last])) {
            prints[last + 1] = print;
            members.emplace_back().rules.push_back(print.rule);
            members.back().exact = exact[print.rule];
            continue;
        }
        prints[last].run = prints[last].run && print.run;
        prints[last].around |= print.around;
        members[last].exact = members[last].exact && exact[print.rule];
        if (members[last].rules.back() != print.rule) members[last].rules.push_back(print.rule);
    }
    prints.resize(members.size());
    return members;
}

// What a fingerprint is known by: its own bytes, and those behind them.
Rows::Entry entry_of(const Print& print, const Member& member) {
    static_assert(Rows::kBytes <= kPrintLength + kAround);
    Rows::Entry entry{{}, member.mask, member.value, member.before};
    for (size_t at = 0; at < Rows::kBytes; ++at) {
        if (at < kPrintLength) entry.sets[at] = print.bytes[at];
        else if (at - kPrintLength < print.around.behinds) entry.sets[at] = print.around.behind[at - kPrintLength];
        else entry.sets[at].fill();
    }
    return entry;
}

// The fingerprints that are looked for by buckets: all but those that grams take, where there are any.
Buckets share(const std::vector<Print>& prints, Grams* grams, bool by_nibbles) {
    std::vector<PrintBytes> runs;
    std::vector<PrintBytes> plain;
    for (const Print& print : prints) {
        if (grams && grams->take(print.bytes, print.run ? kMostGramsOfRun : kMostGrams)) continue;
        std::vector<PrintBytes>& some = print.run ? runs : plain;
        if (some.empty() || some.back() != print.bytes) some.push_back(print.bytes);
    }
    return share_out(runs, plain, by_nibbles);
}

void group_prints(std::vector<Print>& prints, const std::vector<bool>& exact, bool by_nibbles, Prints& result) {
    result.members = unite(prints, exact);
    Sets sets(result.sets);
    std::vector<Rows::Entry> entries;
    for (size_t at = 0; at < prints.size(); ++at) {
        describe(prints[at], sets, result.members[at]);
        entries.push_back(entry_of(prints[at], result.members[at]));
    }
    result.rows.fill(std::move(entries));
    Grams grams;
    result.buckets = share(prints, &grams, by_nibbles);
    if (prints.size() <= kFewMembers) {
        Buckets alone = share(prints, nullptr, by_nibbles);
        if (alone.cost <= result.buckets.cost + kGrams) {
            result.buckets = alone;
            return;
        }
    }
    result.grams = std::move(grams);
}

}  // namespace

Around& Around::operator|=(const Around& other) {
    fronts = std::min(fronts, other.fronts);
    behinds = std::min(behinds, other.behinds);
    for (size_t at = 0; at < fronts; ++at) front[at] |= other.front[at];
    for (size_t at = 0; at < behinds; ++at) behind[at] |= other.behind[at];
    return *this;
}

Prints choose_prints(const Shape& shape, bool by_nibbles) {
    Prints result;
    Paths paths(shape);
    std::vector<Print> prints;
    Begun begun;
    std::vector<bool> exact;  // by rule: it is matched exactly, from a known distance on
    for (const Shape::Rule& rule : shape.rules) {
        ++result.rules;
        result.starts.push_back(rule.start);
        Choice choice = choose(rule, paths, begun);
        exact.push_back(rule.exact && choice.inner.empty());
        for (Print& print : choice.prints) print.rule = rule.number;
        if (choice.cost > kRareEnough) {
            result.sweeps.push_back(rule.start);
            result.swept.push_back(rule.number);
            continue;
        }
        prints.insert(prints.end(), choice.prints.begin(), choice.prints.end());
        result.inner.insert(result.inner.end(), choice.inner.begin(), choice.inner.end());
        if (!choice.inner.empty()) continue;
        for (const Print& print : choice.prints) begun.add(print);
        result.anchored.push_back(rule.number);
        result.anchors.push_back(rule.start);
        for (uint32_t step : shape.first_steps(rule.start, true)) result.midword.push_back(step);
    }
    result.any = !prints.empty();
    if (result.any) group_prints(prints, exact, by_nibbles, result);
    return result;
}

Prints no_prints(const Shape& shape) {
    Prints result;
    for (const Shape::Rule& rule : shape.rules) {
        ++result.rules;
        result.starts.push_back(rule.start);
        result.sweeps.push_back(rule.start);
        result.swept.push_back(rule.number);
    }
    return result;
}

}  // namespace aigate
