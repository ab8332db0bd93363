// See needed.h.
#include "needed.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "syntax.h"

namespace aigate {

namespace {

using syntax::Node;
using Texts = std::set<std::string>;

constexpr size_t kMostTexts = 64;
constexpr size_t kMostBytes = 16;  // of one of them
constexpr size_t kFewBytes = 16;   // that a class may hold

char lower(unsigned c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

size_t shortest(const Texts& texts) {
    size_t found = texts.empty() ? 0 : kMostBytes;
    for (const std::string& text : texts) found = std::min(found, text.size());
    return found;
}

// Each of some texts with each of others behind it. Whether that is not too much.
bool put_behind(Texts& texts, const Texts& others) {
    Texts all;
    if (texts.size() * others.size() > kMostTexts) return false;
    for (const std::string& text : texts)
        for (const std::string& other : others)
            if (text.size() + other.size() > kMostBytes) return false;
            else all.insert(text + other);
    texts.swap(all);
    return true;
}

bool of_class(const syntax::Class& characters, Texts& texts) {
    for (unsigned c = 0; c < 0x80; ++c)
        if (characters.ascii[c]) texts.insert(std::string(1, lower(c)));
    return !texts.empty() && texts.size() <= kFewBytes;
}

// All that a part of an expression matches, where that is little enough to be listed.
bool list(const Node& node, Texts& texts) {
    texts = {std::string()};
    switch (node.kind) {
        case Node::Kind::Empty:
        case Node::Kind::Assert: return true;
        case Node::Kind::Byte:
        case Node::Kind::Class: texts.clear(); return of_class(node.characters, texts);
        case Node::Kind::Concat:
            return std::all_of(node.parts.begin(), node.parts.end(), [&](const auto& part) {
                Texts more;
                return list(*part, more) && put_behind(texts, more);
            });
        case Node::Kind::Either:
            texts.clear();
            for (const auto& part : node.parts) {
                Texts more;
                if (!list(*part, more)) return false;
                texts.insert(more.begin(), more.end());
            }
            return texts.size() <= kMostTexts;
        case Node::Kind::Repeat: {
            Texts more;
            if (node.least != node.most || !list(*node.parts[0], more)) return false;
            for (int i = 0; i < node.least; ++i)
                if (!put_behind(texts, more)) return false;
            return true;
        }
    }
    return false;
}

// The longest texts that are known, and of those as few as can be.
void prefer(Texts& found, const Texts& others) {
    const size_t before = shortest(found), now = shortest(others);
    if (now > before || (now && now == before && others.size() < found.size())) found = others;
}

Texts needed_of(const Node& node);

Texts needed_of_all(const Node& node) {
    Texts found, run{std::string()};
    for (const auto& part : node.parts) {
        Texts all;
        const bool listed = list(*part, all);
        if (listed && put_behind(run, all)) continue;
        prefer(found, run);
        if (!listed) prefer(found, needed_of(*part));
        run = listed ? all : Texts{std::string()};
    }
    prefer(found, run);
    return found;
}

// Nothing where one of several ways needs nothing.
Texts needed_of_one(const Node& node) {
    Texts found;
    for (const auto& part : node.parts) {
        const Texts more = needed_of(*part);
        if (!shortest(more)) return {};
        found.insert(more.begin(), more.end());
    }
    return found.size() > kMostTexts ? Texts() : found;
}

Texts needed_of(const Node& node) {
    Texts all;
    if (list(node, all) && shortest(all)) return all;
    switch (node.kind) {
        case Node::Kind::Concat: return needed_of_all(node);
        case Node::Kind::Either: return needed_of_one(node);
        case Node::Kind::Repeat: return node.least > 0 ? needed_of(*node.parts[0]) : Texts();
        default: return {};
    }
}

}  // namespace

std::vector<std::string> needed(const std::string& regex, bool case_insensitive) {
    try {
        const Texts found = needed_of(*syntax::parse(regex, case_insensitive, false).root);
        if (shortest(found)) return {found.begin(), found.end()};
    } catch (const syntax::Unknown&) {
    }
    return {};
}

}  // namespace aigate
