// A libFuzzer target: rules, chunk sizes and text are drawn from the input, and the laws must hold. Build and run:
//     tests/fuzz/run [SECONDS]
// Without clang (no coverage guidance) the same file has a main of its own that draws inputs at random.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "../../aigate/native/masker/stream.h"
#include "../../aigate/native/masker/text.h"

using namespace aigate;

namespace {

const char* const kRules[] = {
    "sk-ant-[A-Za-z0-9_-]{10,}", "(?i)bearer\\s+\\S+", "AKIA[A-Z0-9]{16}", "ab+c?", "x.*y", "\\bq\\b$", "[^a]b", "(?i)ks", "^k",
    "[a-z]{3}=\\S+", "(a|b)*c", "\\w+@\\w+", "://[^/:@]*:(?P<secret>[^/@]+)@", "[\\x80-\\xff]{2}", "\\S+z", ".*!",
};

// Rules that are matched by their shapes alone, of every kind that can be.
const char* const kExact[] = {
    "(?i)[a-s_-]+x?", "\\bab*", "[^k]{2,3}", "(?i)[^x]+?y", "(?:ab|a)(?:c|bcd)", "a{2,4}?b|[ab]+", ".{2}", "\\S{3}",
    "\\W\\w", "(?i)\\w+k", "[[:alpha:]]+[^\\d]", "(?i)[^ks]+", "x(?:y|\\b)z", "(?:\\ba|b)c*", "k|K|\\x{212a}", "(?:a?b)+?",
    "[ab]{2,4}\\b", "a(?:\\Bb|\\b-|$)c*", "^\\w+\\b", "[^a]\\z|\\Ab", "\xc3\xa9+k\\b", "(?:a|a\\b.)+?\\B",
    "a(?P<secret>b*)[a-k]?", "(?:(?P<secret>[as])|k)\\b.?", "(?:(?P<secret>[ab]{1,2}\\B)-?)+", "[^ ]*?(?P<secret>x|k\\w)(?:[^ ]*z)?",
};

// Compiled rules are kept: making them takes longer than trying an input.
SharedRules rules_of(uint16_t chosen, int copy = 0) {
    static std::map<std::pair<uint16_t, int>, SharedRules> known;
    if (known.size() > 200) known.clear();
    SharedRules& shared = known[{chosen, copy}];
    if (shared) return shared;
    auto* rules = new RuleSet();
    shared.reset(rules);
    for (size_t i = 0; i < 16; ++i)
        if (chosen >> i & 1) rules->add(new Rule(kRules[i], i % 4, i % 5 == 0, false, false, Check::None));
    if (chosen % 3 == 0) rules->add(new Rule("BEGIN", 0, false, false, true, Check::None));
    if (chosen % 3 == 1) rules->add(new Rule("sk-[a-z]+", 3, false, true, false, Check::None));
    if (chosen % 4 == 3) rules->know({"sk-ant-abc", "abcabcx", "Axyz", "AKIAABCDEFGHIJKLMNOP", "k\"/=s'\xc3\xa9", "xyxyxyxyxyxyxyxyxyxy"});
    if (chosen % 5 == 2) rules->add(new Rule("token=(?P<secret>\\S+)", 0, false, false, false, Check::Literal));
    if (chosen % 7 == 3) rules->add(new Rule("[a-z]q$", 0, false, false, false, Check::None, "[ \\t]*(?:(?P<secret>[^ ]+)|$)"));
    if (chosen % 7 == 4) rules->add(new Rule("k\\S*$", 0, false, false, false, Check::Literal, "x?(?:=(?P<secret>\\S+)|y)"));
    return shared;
}

std::string masked(const SharedRules& rules, size_t max_line, const std::string& text, const uint8_t* cuts, size_t count) {
    Stream stream(rules, max_line, false);
    std::string out;
    size_t at = 0;
    for (size_t turn = 0;; ++turn) {
        const size_t step = count ? cuts[turn % count] % 64 + 1 : text.size();
        const bool final = at + step >= text.size();
        const std::string piece = text.substr(at, step);
        stream.feed(piece.data(), piece.size(), final);
        const size_t before = out.size();
        out.resize(before + stream.sink().size());
        stream.sink().copy_to(&out[before]);
        stream.settle();
        if (final) return out;
        at += step;
    }
}

void demand(bool law, const char* what) {
    if (law) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

// A rule of ASCII alone finds the same in both encodings, whatever the text is.
void compare_encodings(const Pattern& pattern, const std::string& line) {
    for (size_t at = 0; at < line.size(); ++at) {
        Match one{};
        Match other{};
        const bool found = pattern.find(Encoding::Utf8, line.data(), at, line.size(), &one);
        const bool right = pattern.find(Encoding::Latin1, line.data(), at, line.size(), &other);
        demand(found == right, "ASCII is ASCII in either encoding");
        demand(!found || (one.whole.begin == other.whole.begin && one.whole.end == other.whole.end), "all of it");
    }
}

// Where a rule is matched by its shape, RE2 would have found the same. Lines only: no rule sees more than one.
void compare_with_re2(const std::string& text) {
    static const SharedRules rules = [] {
        auto* made = new RuleSet();
        for (const char* regex : kExact) made->add(new Rule(regex, 0, false, false, false, Check::None));
        for (const char* regex : kRules) made->add(new Rule(regex, 0, true, false, false, Check::None));
        return SharedRules(made);
    }();
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
        const std::string line = text.substr(begin, std::min<size_t>(end - begin, 60));
        for (size_t rule = 0; rule < rules->size(); ++rule) {
            if (rules->ascii(rule)) compare_encodings((*rules)[rule].pattern, line);
            for (Encoding encoding : {Encoding::Utf8, Encoding::Latin1})
                for (size_t at = 0; at < line.size(); ++at) {
                    const FirstMatch* const exact = rules->exact(rule, encoding);
                    if (!exact) break;
                    const Found found = exact->at(line.data(), at, line.size());
                    if (found.answer == Found::Answer::AskRe2) continue;
                    Match other{};
                    const bool right = (*rules)[rule].pattern.match_at(encoding, line.data(), at, line.size(), &other);
                    demand(right == (found.answer == Found::Answer::Match), "a shape finds what RE2 finds");
                    demand(!right || (other.whole.begin == at && other.whole.end == found.end), "and as much of it");
                    FirstMatch::Way way;
                    const Match match = right ? Pattern::match_of(*exact, line.data(), at, found, &way) : other;
                    demand(match.limited == other.limited && match.secret.begin == other.secret.begin && match.secret.end == other.secret.end,
                           "and the same group");
                    if (!found.ascii || encoding == Encoding::Latin1) continue;
                    const FirstMatch* const latin1 = rules->exact(rule, Encoding::Latin1);
                    if (!latin1) continue;
                    const Found same = latin1->at(line.data(), at, line.size());
                    demand(same.answer == found.answer && same.end == found.end, "in either encoding, on ASCII");
                }
        }
        begin = end + 1;
    }
}

// What is not text passes unchanged and in order: line ends and, on lines without an ESC, nothing else is looked at.
std::string line_ends(const std::string& text) {
    std::string ends;
    for (char c : text)
        if (is_line_end(c)) ends.push_back(c);
    return ends;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 6) return 0;
    // 64 sets of rules, which can all be kept, and half of which are small.
    const unsigned drawn = data[0] % 64 * 40503u;
    const auto chosen = static_cast<uint16_t>(data[0] & 1 ? drawn & drawn >> 5 & 0xffff : drawn & 0xffff);
    const SharedRules rules = rules_of(chosen);
    const size_t max_line = data[2] < 128 ? size_t{1} << 20 : data[2] - 127;
    const std::string text(reinterpret_cast<const char*>(data + 6), size - 6);
    const std::string whole = masked(rules, max_line, text, nullptr, 0);
    demand(masked(rules, max_line, text, data + 3, 3) == whole, "any chunking gives the same");
    demand(line_ends(whole) == line_ends(text), "line ends pass");
    const std::string path = Scanner::paths()[data[3] % Scanner::paths().size()];
    const SharedRules other = rules_of(chosen, 1);
    other->scan_by(path);
    demand(masked(other, max_line, text, nullptr, 0) == whole, "every way of scanning finds the same");
    if (data[4] % 4 == 0) compare_with_re2(text);
    Stream terminal(rules, 1 << 17, true);
    Stream later(rules, 1 << 17, true);
    std::string shown, shown_later;
    // How bytes that are no UTF-8 are read depends on how much of the line is looked at.
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const auto show = [](Stream& stream, std::string& into) {
        const size_t before = into.size();
        into.resize(before + stream.sink().size());
        stream.sink().copy_to(&into[before]);
        stream.settle();
    };
    for (size_t at = 0; at < text.size(); at += 5) {
        const size_t size = std::min<size_t>(5, text.size() - at);
        terminal.feed(text.data() + at, size, false);
        show(terminal, shown);
        later.feed(text.data() + at, size, false, true);
        show(later, shown_later);
        demand(terminal.held() <= text.size(), "what is held was read");
        if (at % 3 == 0) {
            later.feed(text.data(), 0, false);
            show(later, shown_later);
            demand(!plain || (shown_later == shown && later.held() == terminal.held()), "looking later shows the same");
            terminal.release();
            show(terminal, shown);
            later.release();
            show(later, shown_later);
            demand(terminal.held() == 0, "nothing is held after a release");
        }
    }
    terminal.feed(text.data(), 0, true);
    show(terminal, shown);
    later.feed(text.data(), 0, true);
    show(later, shown_later);
    demand(!plain || shown_later == shown, "looking later shows the same in the end");
    // What is hidden of a clipboard is base64 of stars.
    const bool encoded = text.find(";c;") != std::string::npos;
    demand(encoded || shown.find('*') != std::string::npos || shown == text, "what is not hidden is shown once");
    return 0;
}

#ifdef AIGATE_RANDOM_MAIN
int main(int argc, char** argv) {
    static const char* const words[] = {"sk-ant-", "abc", "ks", "\x1b[3", "1m", "\x1b]0;", "\x1b]66;s=2;", "\x1b]8;q;", "\x1b]52;c;", "YWJj", "c2stYW50", "\x1bP", "\x07", "\n", "\r", "AKIA", "x", "y", "!",
                                        "ABCDEFGHIJKLMNOP", "\xc3", "\xa9", "\xff", " ", "q", "BEGIN", "END", "://a:b@", "z", "=", "\x1b\\", "xyxyxy", "abcabc", "Axyz", "aq\n", "k\r\n", "x=sk-ant1\n", "k\\\"", "sk-ant-abc"};
    std::mt19937 dice(1);
    const long rounds = argc > 1 ? std::atol(argv[1]) : 100000;
    for (long round = 0; round < rounds; ++round) {
        std::string input;
        for (int i = 0; i < 6; ++i) input.push_back(static_cast<char>(dice()));
        for (unsigned i = dice() % 30; i-- > 0;) {
            if (dice() % 4) input += words[dice() % (sizeof words / sizeof *words)];
            else input.push_back(static_cast<char>(dice()));
        }
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
    }
    std::printf("%ld inputs, no finding\n", rounds);
}
#endif
