// See _masker_shape.h. A parser for RE2's syntax (as its syntax page lists it), and the automaton built from it.
#include "_masker_shape.h"

#include <memory>
#include <utility>

#include "_masker_text.h"

namespace aigate {

namespace {

constexpr size_t kMostSteps = 20000;  // per rule; counted repetition can ask for more

// What a character class holds: ASCII exactly, the rest as "none" or "perhaps any".
struct Class {
    ByteSet ascii;
    bool high = false;
    bool kelvin = false;   // U+212A, which folds to k
    bool long_s = false;   // U+017F, which folds to s
};

struct Node;
using NodePtr = std::unique_ptr<Node>;

struct Node {
    enum class Kind { Empty, Assert, Class, Byte, Concat, Either, Repeat } kind;
    Class characters;
    std::vector<NodePtr> parts;
    bool word_boundary = false;  // of Assert: it is \b
    int least = 0;
    int most = 0;  // -1: no limit
    bool lazy = false;
};

bool can_be_empty(const Node& node) {
    switch (node.kind) {
        case Node::Kind::Empty: case Node::Kind::Assert: return true;
        case Node::Kind::Class: case Node::Kind::Byte: return false;
        case Node::Kind::Repeat: return node.least == 0 || can_be_empty(*node.parts[0]);
        case Node::Kind::Concat:
            for (const NodePtr& part : node.parts)
                if (!can_be_empty(*part)) return false;
            return true;
        case Node::Kind::Either:
            for (const NodePtr& part : node.parts)
                if (can_be_empty(*part)) return true;
            return false;
    }
    return true;
}

// Appends the parts of a sequence, with groups of one alternative opened.
void flatten(const Node& node, std::vector<const Node*>& parts) {
    if (node.kind == Node::Kind::Concat) {
        for (const NodePtr& part : node.parts) flatten(*part, parts);
    } else if (node.kind == Node::Kind::Either && node.parts.size() == 1) {
        flatten(*node.parts[0], parts);
    } else {
        parts.push_back(&node);
    }
}

NodePtr make(Node::Kind kind) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    return node;
}

struct Unknown {};  // thrown for what the parser does not know

class Parser {
  public:
    Parser(const std::string& regex, bool fold, bool latin1) : text_(regex), fold_(fold), latin1_(latin1) {}

    NodePtr parse() {
        NodePtr node = either();
        if (at_ != text_.size()) throw Unknown();
        return node;
    }

    // Whether what was parsed says all that the expression says about ASCII text.
    bool exact() const { return exact_; }

  private:
    bool more() const { return at_ < text_.size(); }
    unsigned char peek(size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : 0;
    }
    bool take(const char* word) {
        const size_t size = std::strlen(word);
        if (text_.compare(at_, size, word) != 0) return false;
        at_ += size;
        return true;
    }
    unsigned char next() {
        if (!more()) throw Unknown();
        return static_cast<unsigned char>(text_[at_++]);
    }

    // A code point; in Latin-1 every byte is one.
    uint32_t character() {
        const auto* p = reinterpret_cast<const unsigned char*>(text_.data()) + at_;
        if (!more()) throw Unknown();
        const size_t length = latin1_ ? 1 : utf8_character(p, text_.size() - at_);
        if (!length) throw Unknown();
        at_ += length;
        if (length > 1) exact_ = false;
        return length == 1 ? p[0] : 0x80;  // beyond ASCII one is like another
    }

    NodePtr either() {
        const bool fold = fold_;
        if (++depth_ > 1000) throw Unknown();
        NodePtr node = make(Node::Kind::Either);
        node->parts.push_back(concat());
        while (take("|")) node->parts.push_back(concat());
        fold_ = fold;
        --depth_;
        return node;
    }

    NodePtr concat() {
        NodePtr node = make(Node::Kind::Concat);
        while (more() && peek() != '|' && peek() != ')') {
            if (take("\\Q")) {
                quoted(*node);
                continue;
            }
            node->parts.push_back(atom());
            while (repetition(*node)) {
            }
        }
        return node;
    }

    void quoted(Node& into) {
        while (more() && !take("\\E")) {
            into.parts.push_back(literal(character()));
            if (!more() || text_.compare(at_, 2, "\\E") == 0) {
                take("\\E");
                while (repetition(into)) {
                }
                return;
            }
        }
    }

    NodePtr atom() {
        const unsigned char c = peek();
        switch (c) {
            case '(': return group();
            case '[': return bracket();
            case '.': ++at_; return any();
            case '^': case '$': ++at_; exact_ = false; return make(Node::Kind::Assert);
            case '\\': return escape();
            case '*': case '+': case '?': throw Unknown();
            default: return literal(character());
        }
    }

    NodePtr group() {
        next();
        if (!take("?")) return closed(either());
        if (take("P<") || take("<")) {
            while (next() != '>') {
            }
            return closed(either());
        }
        bool on = true;
        bool fold = fold_;
        while (true) {
            switch (next()) {
                case 'i': fold = on; break;
                case 'U': exact_ = false; break;
                case 'm': case 's': break;
                case '-': on = false; break;
                case ')': fold_ = fold; return make(Node::Kind::Empty);
                case ':': {
                    const bool before = std::exchange(fold_, fold);
                    NodePtr node = closed(either());
                    fold_ = before;
                    return node;
                }
                default: throw Unknown();
            }
        }
    }

    NodePtr closed(NodePtr node) {
        if (!take(")")) throw Unknown();
        return node;
    }

    bool repetition(Node& into) {
        int least = 0;
        int most = -1;
        const size_t before = at_;
        if (take("*")) {
        } else if (take("+")) {
            least = 1;
        } else if (take("?")) {
            most = 1;
        } else if (!counted(least, most)) {
            at_ = before;
            return false;
        }
        const bool lazy = take("?");
        if (into.parts.empty()) throw Unknown();
        if (can_be_empty(*into.parts.back())) exact_ = false;  // which match of nothing RE2 prefers is its own affair
        NodePtr node = make(Node::Kind::Repeat);
        node->lazy = lazy;
        node->least = least;
        node->most = most;
        node->parts.push_back(std::move(into.parts.back()));
        into.parts.back() = std::move(node);
        return true;
    }

    // {n}, {n,} or {n,m}; anything else that begins with a brace is literal.
    bool counted(int& least, int& most) {
        if (!take("{") || !number(least)) return false;
        most = least;
        if (take(",")) {
            most = -1;
            if (peek() != '}' && !number(most)) return false;
        }
        return take("}");
    }

    bool number(int& value) {
        if (peek() < '0' || peek() > '9') return false;
        value = 0;
        while (peek() >= '0' && peek() <= '9' && value < 100000) value = 10 * value + (next() - '0');
        return true;
    }

    NodePtr escape() {
        switch (peek(1)) {
            case 'A': case 'b': case 'B': case 'z': return assertion();
            case 'C': at_ += 2; return any_byte();
            default: break;
        }
        Class set;
        if (perl_class(set, false)) return of(set, false);
        return literal(escaped_character());
    }

    NodePtr assertion() {
        NodePtr node = make(Node::Kind::Assert);
        node->word_boundary = peek(1) == 'b';
        exact_ = false;
        at_ += 2;
        return node;
    }

    // \d \s \w \pX and their negations. inside: a negated class around it needs an under-approximation.
    bool perl_class(Class& set, bool inside_negated) {
        const unsigned char kind = peek(1);
        Class found;
        switch (kind | 0x20) {
            case 'd': range(found.ascii, '0', '9'); break;
            case 's': for (char c : {'\t', '\n', '\f', '\r', ' '}) found.ascii.set(c); break;
            case 'w': word(found.ascii); break;
            case 'p': at_ += 2; unicode_name(); if (!inside_negated) widest(set); return true;
            default: return false;
        }
        at_ += 2;
        if (kind < 'a') negate(found);
        join(set, found);
        return true;
    }

    void unicode_name() {
        exact_ = false;
        if (!take("{")) { character(); return; }
        while (next() != '}') {
        }
    }

    uint32_t escaped_character() {
        next();
        const unsigned char c = next();
        switch (c) {
            case 'a': return '\a';
            case 'f': return '\f';
            case 't': return '\t';
            case 'n': return '\n';
            case 'r': return '\r';
            case 'v': return '\v';
            case 'x': return hexadecimal();
            default: break;
        }
        if (c >= '0' && c <= '7') return octal(c - '0');
        if (c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) throw Unknown();
        return c;
    }

    uint32_t octal(uint32_t value) {
        for (int digits = 1; digits < 3 && peek() >= '0' && peek() <= '7'; ++digits) value = 8 * value + (next() - '0');
        return value;
    }

    uint32_t hexadecimal() {
        const bool braces = take("{");
        uint32_t value = 0;
        for (int digits = 0; braces ? peek() != '}' : digits < 2; ++digits) {
            const unsigned char c = next();
            const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
            if (digit < 0 || value > 0x10ffff) throw Unknown();
            value = 16 * value + digit;
        }
        if (braces) next();
        return value;
    }

    NodePtr bracket() {
        next();
        const bool negated = take("^");
        Class set;
        for (bool first = true; first || peek() != ']'; first = false) {
            if (!more()) throw Unknown();
            if (named_class(set, negated)) continue;
            if (peek() == '\\' && perl_class(set, negated)) continue;
            span(set, negated);
        }
        next();
        return of(set, negated);
    }

    void span(Class& set, bool negated) {
        const uint32_t low = peek() == '\\' ? escaped_character() : character();
        uint32_t high = low;
        if (peek() == '-' && peek(1) != ']' && peek(1)) {
            next();
            high = peek() == '\\' ? escaped_character() : character();
        }
        if (high >= 0x80) exact_ = false;
        range(set.ascii, low, high);
        if (fold_ && negated) fold(set.ascii);  // RE2 folds ranges, but not named classes
        if (high >= 0x80 && !negated) set.high = true;
    }

    // [:alpha:] and its like.
    bool named_class(Class& set, bool negated) {
        if (peek() != '[' || peek(1) != ':') return false;
        const size_t close = text_.find(":]", at_ + 2);
        if (close == std::string::npos) return false;
        std::string name = text_.substr(at_ + 2, close - at_ - 2);
        const bool opposite = !name.empty() && name[0] == '^';
        if (opposite) name.erase(0, 1);
        at_ = close + 2;
        Class found;
        for (unsigned c = 0; c < 128; ++c)
            if (in_named(name, static_cast<unsigned char>(c))) found.ascii.set(c);
        if (opposite) negate(found);
        if (negated && opposite) found.high = false;
        join(set, found);
        return true;
    }

    static bool in_named(const std::string& name, unsigned char c) {
        const bool lower = c >= 'a' && c <= 'z';
        const bool upper = c >= 'A' && c <= 'Z';
        const bool digit = c >= '0' && c <= '9';
        const bool graph = c > 0x20 && c < 0x7f;
        if (name == "alnum") return lower || upper || digit;
        if (name == "alpha") return lower || upper;
        if (name == "ascii") return true;
        if (name == "blank") return c == ' ' || c == '\t';
        if (name == "cntrl") return c < 0x20 || c == 0x7f;
        if (name == "digit") return digit;
        if (name == "graph") return graph;
        if (name == "lower") return lower;
        if (name == "print") return graph || c == ' ';
        if (name == "punct") return graph && !(lower || upper || digit);
        if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
        if (name == "upper") return upper;
        if (name == "word") return lower || upper || digit || c == '_';
        if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        throw Unknown();
    }

    static void range(ByteSet& set, uint32_t low, uint32_t high) {
        for (uint32_t c = low; c <= high && c < 128; ++c) set.set(c);
    }
    static void fold(ByteSet& set) {
        for (unsigned c = 'a'; c <= 'z'; ++c)
            if (set[c] || set[c - 32]) set.set(c).set(c - 32);
    }
    static void word(ByteSet& set) {
        range(set, '0', '9');
        range(set, 'A', 'Z');
        range(set, 'a', 'z');
        set.set('_');
    }
    static void widest(Class& set) {
        range(set.ascii, 0, 127);
        set.high = true;
    }
    static void negate(Class& set) {
        for (unsigned c = 0; c < 128; ++c) set.ascii.flip(c);
        set.high = true;
    }
    static void join(Class& set, const Class& other) {
        set.ascii |= other.ascii;
        set.high |= other.high;
    }

    NodePtr literal(uint32_t c) {
        Class set;
        if (c < 128) {
            set.ascii.set(c);
        } else {
            set.high = true;
            exact_ = false;
        }
        return of(set, false);
    }
    NodePtr any() {
        Class set;
        widest(set);
        return of(set, false);
    }
    NodePtr any_byte() {
        NodePtr node = make(Node::Kind::Byte);
        node->characters.ascii.fill();
        return node;
    }

    NodePtr of(Class set, bool negated) {
        if (fold_ && !negated) {
            fold(set.ascii);
            if (set.high) {
                const ByteSet before = set.ascii;
                set.ascii.set('k').set('K').set('s').set('S');
                if (set.ascii != before) exact_ = false;
            }
            set.kelvin = set.ascii['k'];
            set.long_s = set.ascii['s'];
        }
        if (negated) negate(set);
        NodePtr node = make(Node::Kind::Class);
        node->characters = set;
        return node;
    }

    const std::string& text_;
    size_t at_ = 0;
    int depth_ = 0;
    bool fold_;
    bool latin1_;
    bool exact_ = true;
};

// Appends steps to a shape, last ones first: each function returns where to begin in order to go on with `next`.
class Builder {
  public:
    explicit Builder(Shape& shape) : shape_(shape), limit_(shape.steps.size() + kMostSteps) {}

    uint32_t step(Shape::Kind kind, uint32_t next, uint32_t value) {
        if (shape_.steps.size() >= limit_) throw Unknown();
        shape_.steps.push_back({kind, next, value});
        return static_cast<uint32_t>(shape_.steps.size() - 1);
    }

    uint32_t bytes(ByteSet set, uint32_t next) {
        set.remove('\n').remove('\r');
        for (uint32_t known = 0; known < shape_.sets.size(); ++known)
            if (shape_.sets[known] == set) return step(Shape::Kind::Bytes, next, known);
        shape_.sets.push_back(set);
        return step(Shape::Kind::Bytes, next, static_cast<uint32_t>(shape_.sets.size() - 1));
    }

    // Builds a whole rule and notes the ways through it.
    uint32_t build_ways(const Node& node, uint32_t match, std::vector<Shape::Way>& ways) {
        std::vector<const Node*> parts;
        flatten(node, parts);
        if (parts.size() == 1 && parts[0]->kind == Node::Kind::Either) {
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
            case Node::Kind::Assert: return step(Shape::Kind::Assert, next, node.word_boundary);
            case Node::Kind::Byte: return bytes(node.characters.ascii, next);
            case Node::Kind::Class: return characters(node.characters, next);
            case Node::Kind::Concat:
                for (size_t i = node.parts.size(); i-- > 0;) next = build(*node.parts[i], next);
                return next;
            case Node::Kind::Either: {
                uint32_t found = build(*node.parts[0], next);
                for (size_t i = 1; i < node.parts.size(); ++i)
                    found = step(Shape::Kind::Split, found, build(*node.parts[i], next));
                return found;
            }
            case Node::Kind::Repeat: return repeat(node, next);
        }
        throw Unknown();
    }

  private:
    uint32_t repeat(const Node& node, uint32_t next) {
        const Node& part = *node.parts[0];
        uint32_t found = next;
        if (node.most < 0) {
            const uint32_t loop = step(Shape::Kind::Split, 0, next);
            const uint32_t body = build(part, loop);
            shape_.steps[loop].next = body;
            if (node.lazy) std::swap(shape_.steps[loop].next, shape_.steps[loop].value);
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

    uint32_t characters(const Class& set, uint32_t next) {
        uint32_t found = bytes(set.ascii, next);
        if (set.high) {
            ByteSet high;
            for (unsigned c = 0x80; c < 0x100; ++c) high.set(c);
            uint32_t rest = next;
            for (int i = 0; i < 3; ++i) rest = step(Shape::Kind::Split, next, bytes(high, rest));
            return step(Shape::Kind::Split, found, bytes(high, rest));
        }
        if (set.kelvin) found = step(Shape::Kind::Split, found, exactly("\xe2\x84\xaa", next));
        if (set.long_s) found = step(Shape::Kind::Split, found, exactly("\xc5\xbf", next));
        return found;
    }

    uint32_t exactly(const char* text, uint32_t next) {
        for (size_t i = std::strlen(text); i-- > 0;) {
            ByteSet set;
            set.set(static_cast<unsigned char>(text[i]));
            next = bytes(set, next);
        }
        return next;
    }

    Shape& shape_;
    size_t limit_;
};

bool is_ascii(const std::string& text) {
    for (char c : text)
        if (c & 0x80) return false;
    return true;
}

// Any byte, any number of times, but at least one.
uint32_t build_anything(Builder& builder, Shape& shape, uint32_t match) {
    const uint32_t loop = builder.step(Shape::Kind::Split, 0, match);
    shape.steps[loop].next = builder.bytes(ByteSet().fill(), loop);
    return shape.steps[loop].next;
}

}  // namespace

void Shape::add(const std::string& regex, bool case_insensitive, uint32_t number) {
    const size_t steps_before = steps.size();
    const size_t sets_before = sets.size();
    Rule rule{0, number, {}, false};
    try {
        Builder builder(*this);
        const uint32_t match = builder.step(Kind::Match, 0, number);
        Parser parser(regex, case_insensitive, false);
        rule.start = builder.build_ways(*parser.parse(), match, rule.ways);
        rule.exact = parser.exact();
        if (!is_ascii(regex)) {  // in Latin-1 each byte of a character is one of its own
            const uint32_t other =
                builder.build_ways(*Parser(regex, case_insensitive, true).parse(), match, rule.ways);
            rule.start = builder.step(Kind::Split, rule.start, other);
        }
    } catch (const Unknown&) {
        steps.resize(steps_before);
        sets.resize(sets_before);
        Builder builder(*this);
        rule.exact = false;
        rule.start = build_anything(builder, *this, builder.step(Kind::Match, 0, number));
        rule.ways.assign(1, {});
    }
    rules.push_back(std::move(rule));
    owners.resize(steps.size(), number);
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
