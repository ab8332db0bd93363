// See parting.h.
#include "parting.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace aigate {

namespace {

constexpr char kGroup[] = "(?P<secret>";
constexpr char kPlain[] = "@\"';,";  // bytes that mean themselves
constexpr size_t kMostStates = 512;  // of a half, of which a hundred rules have two each: some 300 KB at most
constexpr size_t kMostPlaces = 8;  // at which a match could be parted; with more RE2 is asked

bool may_end(const Dfa::State* state) { return state->full || !state->matched.empty() || !state->ended.empty(); }

// The flags that an expression says at a place for all that follows, as they are written: "(?i)", or nothing.
std::string flags_at(const std::string& regex, size_t place) {
    if (regex.compare(place, 2, "(?") != 0) return {};
    const size_t end = regex.find_first_not_of("imsU-", place + 2);
    return end != std::string::npos && regex[end] == ')' ? regex.substr(place, end + 1 - place) : std::string();
}

// Reads an expression's brackets and groups, and nothing else of it.
struct Reader {
    const std::string& regex;
    size_t at;
    size_t depth = 0;
    bool plain = true;  // so far nothing was seen that counts for what follows: an alternative, flags, a quotation

    // Steps over one character, one class, or one end of a group.
    void step() {
        const char here = regex[at];
        if (here == '\\') {
            plain = plain && at + 1 < regex.size() && regex[at + 1] != 'Q';
            at += 2;
        } else if (here == '[') {
            ++at;
            if (at < regex.size() && regex[at] == '^') ++at;
            if (at < regex.size() && regex[at] == ']') ++at;
            for (; at < regex.size() && regex[at] != ']'; ++at) {
                if (regex[at] == '\\') ++at;
                else if (regex.compare(at, 2, "[:") == 0) at = std::min(regex.find(":]", at), regex.size() - 1) + 1;
            }
            ++at;
        } else {
            depth += here == '(';
            depth -= here == ')';
            plain = plain && (depth || here != '|') && flags_at(regex, at).empty();
            ++at;
        }
    }
};

}  // namespace

Parting::Half::Half(const std::string& regex, bool case_insensitive, Shape::Characters characters) {
    shape_.add(regex, case_insensitive, 0, characters);
    dfa_ = std::make_unique<Dfa>(shape_, std::vector<uint32_t>{shape_.rules.back().start}, Dfa::Kind::Anchored, kMostStates);
}

Parting::Takes Parting::Half::takes(const char* text, size_t from, size_t end, Way* way) const {
    const Dfa::State* state = dfa_->start();
    if (way && way->end != end) {
        way->trail.clear();
        way->end = end;
    }
    size_t mark = way ? from / Trail::kMark + 1 : SIZE_MAX / Trail::kMark;
    if (way) way->trail.begin(mark);
    size_t at = from;
    for (; at < end && !state->dead && !state->full; ++at) {
        if (__builtin_expect(at == mark * Trail::kMark, 0)) {
            if (way->trail.passes(state, mark)) {
                way->steps += at - from;
                return way->takes;
            }
            way->trail.leave(state);
            ++mark;
        }
        state = dfa_->step(state, static_cast<unsigned char>(text[at])).state();
    }
    const Takes takes = state->full ? Takes::Perhaps : at == end && may_end(state) ? Takes::Yes : Takes::No;
    if (!way) return takes;
    way->steps += at - from;
    if ((way->trail.empty() || at >= way->looked) && way->trail.keep()) {
        way->looked = at;
        way->takes = takes;
    }
    return takes;
}

Parting::Parting(const std::string& front, const std::string& secret, size_t tail, bool case_insensitive)
    : front_(front, case_insensitive, Shape::Characters::Any), secret_(secret, case_insensitive, Shape::Characters::Any), tail_(tail),
      regexes_{front, secret}, case_insensitive_(case_insensitive) {
    // Where the front could be over at the match's end, what it asks there is another matter: the text goes on.
    const bool at_end = front_.asks() && secret_.can_match_nothing();
    decides_ = front_.exact() && secret_.exact() && !secret_.asks() && !at_end;
}

const Parting::Exact* Parting::exact(Shape::Characters characters) const {
    if (characters == Shape::Characters::Any || !decides_) return nullptr;
    const size_t slot = characters == Shape::Characters::Latin1;  // of the others there is one in a process
    once_[slot]([&] {
        exact_[slot].reset(new Exact{FirstMatch(regexes_[0], case_insensitive_, characters), Half(regexes_[1], case_insensitive_, characters)});
    });
    return exact_[slot].get();
}

bool Parting::halve(const std::string& regex, std::string* front, std::string* secret, size_t* tail) {
    const std::string flags = flags_at(regex, 0);
    Reader reader{regex, flags.size()};
    while (reader.at < regex.size() && (reader.depth || regex.compare(reader.at, sizeof kGroup - 1, kGroup) != 0)) reader.step();
    if (!reader.plain || reader.at >= regex.size()) return false;
    const size_t group = reader.at;
    reader.at += sizeof kGroup - 1;
    const size_t begin = reader.at;
    for (reader.depth = 1; reader.at < regex.size() && reader.depth;) reader.step();
    if (reader.depth || !reader.plain) return false;
    *tail = regex.size() - reader.at;
    if (*tail > 1 || (*tail && !std::strchr(kPlain, regex.back()))) return false;
    *front = regex.substr(0, group);
    *secret = flags + "(?:" + regex.substr(begin, reader.at - 1 - begin) + ")";
    return true;
}

std::unique_ptr<const Parting> Parting::of(const std::string& regex, bool case_insensitive) {
    std::string front;
    std::string secret;
    size_t tail = 0;
    if (!halve(regex, &front, &secret, &tail)) return nullptr;
    std::unique_ptr<const Parting> made(new Parting(front, secret, tail, case_insensitive));
    return made->front_.known() && made->secret_.known() ? std::move(made) : nullptr;
}

size_t Parting::at(const char* text, size_t from, size_t end, Shape::Characters characters, Way* way) const {
    end -= tail_;
    size_t places[kMostPlaces];
    size_t count = 0;
    bool many = false;
    size_t at = from;
    const Dfa::State* state = front_.dfa().start();
    for (;; ++at) {
        if (state->full) return kUnknown;
        if (may_end(state)) {
            many = count == kMostPlaces;
            if (many) break;
            places[count++] = at;
        }
        if (at == end || state->dead) break;
        state = front_.dfa().step(state, static_cast<unsigned char>(text[at])).state();
    }
    if (way) way->steps += at - from;
    if (count == 1) return places[0];
    if (const Exact* const halves = exact(characters)) {
        const FirstMatch::Found front = halves->front.at(text, from, end);
        if (way) way->steps += front.looked - from;
        const bool known = front.answer == FirstMatch::Answer::Match;
        if (known && halves->secret.takes(text, front.end, end, way) == Takes::Yes) return front.end;
    }
    size_t found = kUnknown;
    for (size_t one = 0; one < count && !many; ++one) {
        if (secret_.takes(text, places[one], end, way) == Takes::No) continue;
        if (found != kUnknown) return kUnknown;
        found = places[one];
    }
    return found;
}

}  // namespace aigate
