// See syntax.h.
#include "syntax.h"

#include <cstring>
#include <utility>

#include "classes.h"
#include "text.h"

namespace aigate::syntax {

namespace {

NodePtr make(Node::Kind kind) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    return node;
}

class Parser {
  public:
    Parser(const std::string& regex, bool fold, bool latin1) : text_(regex), fold_(fold), latin1_(latin1) {}

    Parsed parse() {
        NodePtr node = either();
        if (at_ != text_.size()) throw Unknown();
        return {std::move(node), exact_};
    }

  private:
    bool more() const { return at_ < text_.size(); }
    unsigned char peek(size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : 0;
    }
    bool take(const char* word) {
        if (!more() || text_[at_] != *word) return false;  // most of the time
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
            case '^': case '$': {
                NodePtr node = make(Node::Kind::Assert);
                node->assertion = text_[at_++] == '$' ? Assertion::End : Assertion::Begin;
                return node;
            }
            case '\\': return escape();
            case '*': case '+': case '?': throw Unknown();
            default: return text_character();
        }
    }

    // A character that stands for itself.
    NodePtr text_character() {
        const size_t begin = at_;
        const bool exact = exact_;
        const uint32_t c = character();
        NodePtr node = literal(c);
        if (c < 0x80 || fold_) return node;
        exact_ = exact;
        node->bytes = text_.substr(begin, at_ - begin);
        return node;
    }

    NodePtr group() {
        next();
        if (!take("?")) return counted_group("");
        if (take("P<") || take("<")) {
            const size_t begin = at_;
            while (next() != '>') {
            }
            return counted_group(text_.substr(begin, at_ - 1 - begin));
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

    NodePtr counted_group(const std::string& name) {
        const bool told = ++groups_ <= kMostGroups;
        NodePtr node = closed(either());
        node->secret = told && name == "secret";
        return node;
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
        const unsigned char kind = peek(1);
        node->assertion = kind == 'b' ? Assertion::Boundary : kind == 'B' ? Assertion::NoBoundary : kind == 'A' ? Assertion::Begin : Assertion::End;
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
            case 'w': word(found.ascii); exact_ &= !fold_; break;  // RE2 does not fold it, the tree does
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
        if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) throw Unknown();
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
        if (fold_) exact_ = false;  // likewise
        Class found;
        for (unsigned c = 0; c < 128; ++c)
            if (in_named(name, static_cast<unsigned char>(c))) found.ascii.set(c);
        if (opposite) negate(found);
        if (negated && opposite) {
            found.high = false;
            exact_ = false;
        }
        join(set, found);
        return true;
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
        if (negated) {
            if (set.high || (fold_ && (set.ascii['k'] || set.ascii['s']))) exact_ = false;
            negate(set);
        }
        NodePtr node = make(Node::Kind::Class);
        node->characters = set;
        return node;
    }

    const std::string& text_;
    size_t at_ = 0;
    int depth_ = 0;
    int groups_ = 0;
    bool fold_;
    bool latin1_;
    bool exact_ = true;
};

}  // namespace

Parsed parse(const std::string& regex, bool fold, bool latin1) { return Parser(regex, fold, latin1).parse(); }

}  // namespace aigate::syntax
