// See names.h
#include "names.h"

#include <algorithm>
#include <cstddef>

namespace aigate::walk {

namespace {

constexpr uint32_t Dead = 0;
constexpr size_t MostStates = 4096;  // then all are forgotten: globs with many stars could need any number
constexpr uint32_t Last = 0x10FFFF;

struct CharacterClass {
    std::string_view name;
    std::vector<std::pair<uint32_t, uint32_t>> members;
};

const std::vector<CharacterClass>& posix_classes() {
    static const std::vector<CharacterClass> all = {
        {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
        {"alpha", {{'A', 'Z'}, {'a', 'z'}}},
        {"blank", {{' ', ' '}, {'\t', '\t'}}},
        {"digit", {{'0', '9'}}},
        {"lower", {{'a', 'z'}}},
        {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
        {"space", {{9, 13}, {28, 32}, {0x85, 0x85}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                   {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}}},
        {"upper", {{'A', 'Z'}}},
        {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
    };
    return all;
}

}  // namespace

uint32_t next_character(const char* text, size_t length, size_t& at) {
    const auto byte = [&](size_t place) { return static_cast<unsigned char>(text[place]); };
    const uint32_t first = byte(at);
    const auto alone = [&] { return ++at, first < 0x80 ? first : 0xDC00 + first; };
    if (first < 0xC2 || first > 0xF4) return alone();
    const size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (at + more >= length) return alone();
    uint32_t character = first & (0x3F >> more);
    for (size_t place = at + 1; place <= at + more; ++place) {
        if ((byte(place) & 0xC0) != 0x80) return alone();
        character = character << 6 | (byte(place) & 0x3F);
    }
    const bool overlong = (more == 2 && character < 0x800) || (more == 3 && character < 0x10000);
    if (overlong || character > Last || (character >= 0xD800 && character < 0xE000)) return alone();
    at += more + 1;
    return character;
}

size_t Names::Hash::operator()(const Sorted& numbers) const {
    size_t hash = numbers.size();
    for (const uint32_t number : numbers) hash = (hash ^ number) * 0x9E3779B97F4A7C15U, hash ^= hash >> 29;
    return hash;
}

uint32_t Names::add(std::string_view glob) {
    const auto known = numbers_.find(glob);
    if (known != numbers_.end()) return known->second;
    const auto number = static_cast<uint32_t>(globs_.size());
    globs_.emplace_back(glob);
    numbers_.emplace(glob, number);
    const size_t start = steps_.size();
    if (parse(glob, steps_, sets_) != Flaw::None) {
        steps_.resize(start);  // matches nothing
        return number;
    }
    steps_.push_back({Step::What::End, number});
    starts_.push_back(static_cast<uint32_t>(start));
    return number;
}

Names::Flaw Names::flaw(std::string_view glob) {
    std::vector<Step> steps;
    std::vector<Set> sets;
    return parse(glob, steps, sets);
}

Names::Flaw Names::parse(std::string_view glob, std::vector<Step>& into, std::vector<Set>& sets) {
    std::vector<uint32_t> text;
    text.reserve(glob.size());
    for (size_t at = 0; at < glob.size();) text.push_back(next_character(glob.data(), glob.size(), at));
    for (size_t at = 0; at < text.size();) {
        const uint32_t character = text[at++];
        if (character == '*') {
            into.push_back({Step::What::Any});
        } else if (character == '?' || character == '[') {
            into.push_back({Step::What::One, static_cast<uint32_t>(sets.size())});
            Set& set = sets.emplace_back();
            set.negated = character == '?';  // none of nothing
            const Flaw flaw = character == '[' ? bracket(text, at, set) : Flaw::None;
            if (flaw != Flaw::None) return flaw;
        } else {
            into.push_back({Step::What::Plain, character == '\\' && at < text.size() ? text[at++] : character});
        }
    }
    return Flaw::None;
}

// at: behind the opening bracket, and afterwards behind the closing one.
Names::Flaw Names::bracket(const std::vector<uint32_t>& text, size_t& at, Set& into) {
    const auto is = [&](size_t place, uint32_t character) { return place < text.size() && text[place] == character; };
    into.negated = is(at, '!') || is(at, '^');
    at += into.negated;
    for (const size_t first = at; at < text.size() && (text[at] != ']' || at == first);) {
        const size_t before = at;
        const Flaw flaw = named_class(text, at, into);
        if (flaw != Flaw::None) return flaw;
        if (at != before) continue;
        const auto character = [&] {
            at += text[at] == '\\' && at + 1 < text.size();
            return text[at++];
        };
        const uint32_t low = character();
        uint32_t high = low;
        if (is(at, '-') && at + 1 < text.size() && text[at + 1] != ']') {
            ++at;
            high = character();
        }
        if (low > high) return Flaw::Backwards;
        into.ranges.push_back({low, high});
    }
    if (at >= text.size()) return Flaw::Open;
    ++at;
    return Flaw::None;
}

// [:alpha:] and the like; at stays where there is none.
Names::Flaw Names::named_class(const std::vector<uint32_t>& text, size_t& at, Set& into) {
    if (text[at] != '[' || at + 1 >= text.size() || text[at + 1] != ':') return Flaw::None;
    std::string name;
    size_t end = at + 2;
    for (; end + 1 < text.size() && !(text[end] == ':' && text[end + 1] == ']'); ++end) {
        name += text[end] < 0x80 ? static_cast<char>(text[end]) : '?';
    }
    if (end + 1 >= text.size()) return Flaw::None;
    const auto& all = posix_classes();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
    if (found == all.end()) return Flaw::Unknown;
    for (const auto& [low, high] : found->members) into.ranges.push_back({low, high});
    at = end + 2;
    return Flaw::None;
}

void Names::prepare() {
    divide();
    for (Step& step : steps_) {
        if (step.what == Step::What::Plain) step.only = character_class(step.number);
    }
    for (Set& set : sets_) {
        set.classes.resize(classes_);
        for (uint32_t number = 0; number < classes_; ++number) {
            const uint32_t sample = borders_[number];  // all characters of a class are alike
            const bool inside = std::any_of(set.ranges.begin(), set.ranges.end(), [&](const Range& range) {
                return range.first <= sample && sample <= range.last;
            });
            set.classes[number] = inside != set.negated;
        }
    }
    for (uint32_t character = 0; character < 128; ++character) {
        ascii_[character] = static_cast<uint16_t>(character_class(character));
    }
    forget_kinds();
}

void Names::forget_kinds() {
    kinds_.assign(1, {});
    kind_numbers_.clear();
    kind_numbers_.emplace(Sorted{}, 0);
    forget();
}

// Divide all characters into classes that no glob tells apart.
void Names::divide() {
    borders_.assign(1, 0);
    const auto divide_at = [&](const Range& range) {
        borders_.push_back(range.first);
        borders_.push_back(range.last + 1);
    };
    std::vector<bool> seen(128);
    for (const Step& step : steps_) {
        if (step.what != Step::What::Plain || (step.number < 128 && seen[step.number])) continue;
        if (step.number < 128) seen[step.number] = true;
        divide_at({step.number, step.number});
    }
    for (const Set& set : sets_) {
        for (const Range& range : set.ranges) divide_at(range);
    }
    std::sort(borders_.begin(), borders_.end());
    borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
    classes_ = static_cast<uint32_t>(borders_.size());
}

uint32_t Names::character_class(uint32_t character) const {
    return static_cast<uint32_t>(std::upper_bound(borders_.begin(), borders_.end(), character) - borders_.begin()) - 1;
}

void Names::forget() {
    next_.clear();
    states_.clear();
    state_kinds_.clear();
    state_numbers_.clear();
    intern({});  // Dead
    Sorted steps;
    for (const uint32_t start : starts_) reach(start, steps);
    start_ = intern(std::move(steps));
}

void Names::reach(uint32_t step, Sorted& into) const {
    into.push_back(step);
    for (; steps_[step].what == Step::What::Any; ++step) into.push_back(step + 1);
}

uint32_t Names::intern(Sorted steps) {
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    const auto [place, is_new] = state_numbers_.emplace(steps, static_cast<uint32_t>(states_.size()));
    if (is_new) {
        state_kinds_.push_back(intern_kind(steps));
        next_.resize(next_.size() + classes_, steps.empty() ? static_cast<int32_t>(Dead) : -1);
        states_.push_back(std::move(steps));
    }
    return place->second;
}

uint32_t Names::intern_kind(const Sorted& steps) {
    Sorted ended;
    for (const uint32_t step : steps) {
        if (steps_[step].what == Step::What::End) ended.push_back(steps_[step].number);
    }
    const auto [place, is_new] = kind_numbers_.emplace(ended, static_cast<uint32_t>(kinds_.size()));
    if (is_new) kinds_.push_back(std::move(ended));
    return place->second;
}

int32_t Names::build(uint32_t state, uint32_t character_class) {
    Sorted reached;
    for (const uint32_t number : states_[state]) {
        const Step& step = steps_[number];
        if (step.what == Step::What::Any) {
            reach(number, reached);
        } else if (step.what == Step::What::Plain ? step.only == character_class
                                                  : step.what == Step::What::One && sets_[step.number].classes[character_class]) {
            reach(number + 1, reached);
        }
    }
    if (states_.size() >= MostStates) {
        forget();
        return static_cast<int32_t>(intern(std::move(reached)));
    }
    const auto next = static_cast<int32_t>(intern(std::move(reached)));
    next_[state * size_t{classes_} + character_class] = next;
    return next;
}

uint32_t Names::kind(const char* name, size_t length) {
    if (classes_ == 0) prepare();
    uint32_t state = start_;
    for (size_t at = 0; at < length;) {
        const auto byte = static_cast<unsigned char>(name[at]);
        const uint32_t number = byte < 0x80 ? (++at, ascii_[byte]) : character_class(next_character(name, length, at));
        int32_t next = next_[state * size_t{classes_} + number];
        if (next < 0) next = build(state, number);
        state = static_cast<uint32_t>(next);
        if (state == Dead) return 0;
    }
    return state_kinds_[state];
}

}  // namespace aigate::walk
