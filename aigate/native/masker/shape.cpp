// See shape.h.
#include "shape.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "syntax.h"
#include "text.h"

namespace aigate {

namespace {

using syntax::Class;
using syntax::Node;
using syntax::NodePtr;

constexpr size_t kMostSteps = 20000;  // per rule; counted repetition can ask for more

// Appends the parts of a sequence, with groups of one alternative opened. marked: but for the one that has marks.
void flatten(const Node& node, bool marked, std::vector<const Node*>& parts) {
    if (node.kind == Node::Kind::Concat) {
        for (const NodePtr& part : node.parts) flatten(*part, marked, parts);
    } else if (node.kind == Node::Kind::Either && node.parts.size() == 1 && !(marked && node.secret)) {
        flatten(*node.parts[0], marked, parts);
    } else {
        parts.push_back(&node);
    }
}

// Appends steps to a shape, last ones first: each function returns where to begin in order to go on with `next`.
class Builder {
  public:
    Builder(Shape& shape, Shape::Characters characters, Shape::Groups groups)
        : shape_(shape), characters_(characters), marked_(groups == Shape::Groups::Marked), limit_(shape.steps.size() + kMostSteps) {}

    uint32_t step(Shape::Kind kind, uint32_t next, uint32_t value) {
        if (shape_.steps.size() >= limit_) throw syntax::Unknown();
        shape_.steps.emplace_back(kind, next, value);
        return static_cast<uint32_t>(shape_.steps.size() - 1);
    }

    uint32_t bytes(ByteSet set, uint32_t next) { return step(Shape::Kind::Bytes, next, number_of(set)); }

    // Builds a whole rule and notes the ways through it.
    uint32_t build_ways(const Node& node, uint32_t match, std::vector<Shape::Way>& ways) {
        std::vector<const Node*> parts;
        flatten(node, marked_, parts);
        if (parts.size() == 1 && parts[0]->kind == Node::Kind::Either && !(marked_ && parts[0]->secret)) {
            uint32_t found = build_ways(*parts[0]->parts[0], match, ways);
            for (size_t i = 1; i < parts[0]->parts.size(); ++i)
                found = step(Shape::Kind::Split, found, build_ways(*parts[0]->parts[i], match, ways));
            return found;
        }
        Shape::Way way;
        uint32_t next = match;
        for (size_t i = parts.size(); i-- > 0;) {
            next = build(*parts[i], next);
            if (!can_be_empty(*parts[i])) way.insert(way.begin(), next);
        }
        ways.push_back(std::move(way));
        return next;
    }

    uint32_t build(const Node& node, uint32_t next) {
        switch (node.kind) {
            case Node::Kind::Empty: return next;
            case Node::Kind::Assert: {
                const Shape::Step& behind = shape_.steps[next];
                const bool last = node.assertion == syntax::Assertion::End && behind.kind == Shape::Kind::Match && !behind.next;
                return step(Shape::Kind::Assert, last ? step(Shape::Kind::Match, 1, behind.value) : next,
                            static_cast<uint32_t>(node.assertion));
            }
            case Node::Kind::Byte: return bytes(node.characters.ascii, next);
            case Node::Kind::Class:
                if (characters_ != Shape::Characters::Any && !node.bytes.empty()) return exactly(node.bytes, next);
                return characters(node.characters, next);
            case Node::Kind::Concat:
                for (size_t i = node.parts.size(); i-- > 0;) next = build(*node.parts[i], next);
                return next;
            case Node::Kind::Either: {
                const bool marked = marked_ && node.secret;
                if (marked) next = step(Shape::Kind::Mark, next, Shape::kClosed);
                uint32_t found = build(*node.parts[0], next);
                for (size_t i = 1; i < node.parts.size(); ++i)
                    found = step(Shape::Kind::Split, found, build(*node.parts[i], next));
                return marked ? step(Shape::Kind::Mark, found, Shape::kOpened) : found;
            }
            case Node::Kind::Repeat: return repeat(node, next);
        }
        throw syntax::Unknown();
    }

  private:
    uint32_t number_of(ByteSet set) {
        set.remove('\n').remove('\r');
        if (number_of_last_ == kNone || set != last_) number_of_last_ = shape_.number_of(last_ = set);
        return number_of_last_;
    }

    // The set that a part is, if it is one byte of that and nothing else.
    uint32_t one_set(const Node& part) {
        const Class& set = part.characters;
        if (part.kind == Node::Kind::Byte) return number_of(set.ascii);
        return part.kind != Node::Kind::Class || set.high || set.kelvin || set.long_s ? kNone : number_of(set.ascii);
    }

    uint32_t repeat(const Node& node, uint32_t next) {
        const Node& part = *node.parts[0];
        const uint32_t set = one_set(part);  // of most that are repeated, which make up most of all steps
        const auto build = [&](const Node& it, uint32_t behind) {
            return set == kNone ? this->build(it, behind) : step(Shape::Kind::Bytes, behind, set);
        };
        uint32_t found = next;
        if (node.most < 0) {
            const uint32_t loop = step(Shape::Kind::Split, 0, 0);
            const uint32_t body = build(part, loop);
            shape_.steps[loop] = {Shape::Kind::Split, node.lazy ? next : body, node.lazy ? body : next};
            found = node.least == 0 ? loop : body;
            for (int i = 1; i < node.least; ++i) found = build(part, found);
            return found;
        }
        for (int i = node.least; i < node.most; ++i) {
            const uint32_t body = build(part, found);
            found = node.lazy ? step(Shape::Kind::Split, next, body) : step(Shape::Kind::Split, body, next);
        }
        for (int i = 0; i < node.least; ++i) found = build(part, found);
        return found;
    }

    static ByteSet from_to(unsigned low, unsigned high) {
        ByteSet set;
        for (unsigned c = low; c <= high; ++c) set.set(c);
        return set;
    }

    uint32_t characters(const Class& set, uint32_t next) {
        if (characters_ == Shape::Characters::Latin1) {
            ByteSet all = set.ascii;
            return bytes(set.high ? all |= from_to(0x80, 0xff) : all, next);
        }
        uint32_t found = bytes(set.ascii, next);
        if (set.high && characters_ != Shape::Characters::Any) return utf8(found, next);
        if (set.high) {
            const ByteSet high = from_to(0x80, 0xff);
            uint32_t rest = next;
            for (int i = 0; i < 3; ++i) rest = step(Shape::Kind::Split, next, bytes(high, rest));
            return step(Shape::Kind::Split, found, bytes(high, rest));
        }
        if (set.kelvin) found = step(Shape::Kind::Split, found, exactly("\xe2\x84\xaa", next));
        if (set.long_s) found = step(Shape::Kind::Split, found, exactly("\xc5\xbf", next));
        return found;
    }

    // What comes first, or any character of UTF-8.
    uint32_t utf8(uint32_t first, uint32_t next) {
        struct Range {
            unsigned lead, last_lead, low, high;
            size_t more;
        };
        static constexpr Range strict[] = {
            {0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1}, {0xe1, 0xef, 0x80, 0xbf, 1},
            {0xf0, 0xf0, 0x90, 0xbf, 2}, {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2},
        };
        static constexpr Range loose[] = {{0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf4, 0x80, 0xbf, 2}};
        uint32_t rest[3] = {next};
        for (size_t i = 1; i < 3; ++i) rest[i] = bytes(from_to(0x80, 0xbf), rest[i - 1]);
        const auto add = [&](const Range& range) {
            const uint32_t second = bytes(from_to(range.low, range.high), rest[range.more]);
            first = step(Shape::Kind::Split, first, bytes(from_to(range.lead, range.last_lead), second));
        };
        if (characters_ == Shape::Characters::Utf8) std::for_each(std::begin(strict), std::end(strict), add);
        else std::for_each(std::begin(loose), std::end(loose), add);
        return first;
    }

    uint32_t exactly(const std::string& text, uint32_t next) {
        for (size_t i = text.size(); i-- > 0;) {
            ByteSet set;
            set.set(static_cast<unsigned char>(text[i]));
            next = bytes(set, next);
        }
        return next;
    }

    Shape& shape_;
    Shape::Characters characters_;
    bool marked_;
    size_t limit_;
    static constexpr uint32_t kNone = UINT32_MAX;
    ByteSet last_;  // the set that was looked up last
    uint32_t number_of_last_ = kNone;
};

// Any byte, any number of times, but at least one.
uint32_t build_anything(Builder& builder, Shape& shape, uint32_t match) {
    const uint32_t loop = builder.step(Shape::Kind::Split, 0, match);
    shape.steps[loop].next = builder.bytes(ByteSet().fill(), loop);
    return shape.steps[loop].next;
}

}  // namespace

void Shape::add(const std::string& regex, bool case_insensitive, uint32_t number, Characters characters, Groups groups) {
    const size_t steps_before = steps.size();
    Rule rule{static_cast<uint32_t>(steps_before), 0, number, {}, false, true, {}};
    try {
        Builder builder(*this, characters, groups);
        const uint32_t match = builder.step(Kind::Match, 0, number);
        const syntax::Parsed parsed = syntax::parse(regex, case_insensitive, characters == Characters::Latin1);
        rule.start = builder.build_ways(*parsed.root, match, rule.ways);
        rule.exact = parsed.exact;
        if (characters == Characters::Any && !is_ascii(regex)) {  // in Latin-1 each byte of a character is one of its own
            const syntax::Parsed other = syntax::parse(regex, case_insensitive, true);
            rule.start = builder.step(Kind::Split, rule.start, builder.build_ways(*other.root, match, rule.ways));
            rule.exact = rule.exact && other.exact;
        }
    } catch (const syntax::Unknown&) {
        steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(steps_before), steps.end());
        Builder builder(*this, characters, groups);
        rule.exact = rule.known = false;
        rule.start = build_anything(builder, *this, builder.step(Kind::Match, 0, number));
        rule.ways.assign(1, {});
    }
    for (size_t at = steps_before; at < steps.size(); ++at)
        if (steps[at].kind == Kind::Bytes) rule.alphabet |= sets[steps[at].value];
    rules.push_back(std::move(rule));
}

uint32_t Shape::owner(uint32_t step) const {
    const auto behind = std::upper_bound(rules.begin(), rules.end(), step, [](uint32_t at, const Rule& rule) { return at < rule.first; });
    return std::prev(behind)->number;
}

uint32_t Shape::number_of(const ByteSet& set) {
    const auto [known, fresh] = numbers_.insert({set, static_cast<uint32_t>(sets.size())});
    if (fresh) sets.push_back(set);
    return known->second;
}

std::vector<uint32_t> Shape::first_steps(uint32_t start, bool behind_word) const {
    std::vector<uint32_t> found;
    std::vector<std::pair<uint32_t, bool>> todo{{start, false}};
    std::vector<bool> seen(2 * steps.size(), false);
    while (!todo.empty()) {
        const auto [at, boundary] = todo.back();
        todo.pop_back();
        if (seen[2 * at + boundary]) continue;
        seen[2 * at + boundary] = true;
        const Step& step = steps[at];
        if (step.kind == Kind::Bytes || step.kind == Kind::Match) {
            const bool never = boundary && behind_word && step.kind == Kind::Bytes && sets[step.value].only_words();
            if (!never) found.push_back(at);
            continue;
        }
        if (step.kind == Kind::Split) todo.push_back({step.value, boundary});
        todo.push_back({step.next, boundary || step.asks(syntax::Assertion::Boundary)});
    }
    return found;
}

bool Shape::can_match_nothing(uint32_t start) const {
    std::vector<bool> seen(steps.size(), false);
    std::vector<uint32_t> todo{start};
    while (!todo.empty()) {
        const uint32_t at = todo.back();
        todo.pop_back();
        if (seen[at]) continue;
        seen[at] = true;
        const Step& step = steps[at];
        if (step.kind == Kind::Match) return true;
        if (step.kind == Kind::Bytes) continue;
        todo.push_back(step.next);
        if (step.kind == Kind::Split) todo.push_back(step.value);
    }
    return false;
}

}  // namespace aigate
