// Compares every way of scanning that the processor has with a look at every byte, on random rules and text. Needs no RE2, so that it also runs where there is none: built for another processor, under an emulator.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "../../aigate/native/masker/prints.h"
#include "../../aigate/native/masker/scan.h"

using namespace aigate;

namespace {

const char* const kRules[] = {
    "sk-ant-[A-Za-z0-9_-]{10,}", "(?i)bearer\\s+\\S+", "AKIA[A-Z0-9]{16}", "ab+c?", "[^a]bc.", "\\bq\\b", "(?i)ks[^x]", "[\\x80-\\xff]{4}",
    "(?:token|secret)[\"']?\\s*[=:]\\s*\\S+", "://[^/:@]*:[^/@]+@", "-----BEGIN ", "x{4}", "\\d{4}-\\d{2}", "a", "(?:bot|\\b)[0-9]{8,10}:AA",
    "gh[pousr]_[A-Za-z0-9]{30,}", "glpat-[A-Za-z0-9_-]{20,}", "-----END [A-Z ]+-----", "(?i)password: ",
};
const char* const kWords[] = {"sk-ant-", "abc", "ks", "\x1b[3", "1m", "\x1b]0;", "\x1b]66;s=2;", "\x07", "\n", "AKIA", "x", "xxxx", "token", " = ", "bearer ",
                              "\xc3\xa9", "\xff", " ", "q", "-----BEGIN ", "://a:b@", "12345678:AA", "\x1b\\", "\x1b[0m", "ghp_",
                              "glpat-", "0123456789abcdef0123", "PassWord: ", "-----END "};

// Whether a fingerprint stands there, with all that is looked for at once.
bool shows(const Prints& prints, const char* place) {
    bool any = false;
    const uint64_t word = word_at(place);
    prints.rows.each(word, nullptr, [&](uint32_t number) {
        const Member& member = prints.members[number];
        bool run = true;
        for (size_t at = kRunFrom; at < kRunFrom + kRun; ++at) run &= is_run(static_cast<unsigned char>(place[at]));
        any |= member.fits(word) && (run || !member.run);
    });
    return any;
}

std::vector<size_t> all_places(const Prints& prints, const std::string& text) {
    std::vector<size_t> found;
    const std::string padded = text + std::string(kRunFrom + kRun, '\n');
    for (size_t at = 0; at < text.size(); ++at)
        if (shows(prints, padded.data() + at)) found.push_back(at);
    return found;
}

// The same as a way of scanning has it, whatever else it notes.
std::vector<size_t> places(const Scanner& scanner, const Prints& prints, const std::string& text) {
    std::vector<size_t> found;
    const std::string padded = text + std::string(kRunFrom + kRun, '\n');
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    Scanner::Hits hits;
    for (const char* at = begin; at != end;) {
        hits.count = 0;
        at = scanner.scan(at, end, hits);
        for (size_t block = 0; block < hits.count; ++block)
            for (uint64_t bits = hits.blocks[block].places; bits; bits &= bits - 1) {
                const auto place = static_cast<size_t>(hits.blocks[block].at + __builtin_ctzll(bits) - begin);
                if (shows(prints, padded.data() + place)) found.push_back(place);
            }
    }
    return found;
}

std::string random_text(std::mt19937& dice) {
    std::string text;
    for (unsigned parts = dice() % (dice() % 8 ? 60 : 900); parts-- > 0;) {
        if (dice() % 3) text += kWords[dice() % (sizeof kWords / sizeof *kWords)];
        else text.append(dice() % 9, static_cast<char>(dice() % 4 ? 'a' + dice() % 26 : dice()));
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    const long rounds = argc > 1 ? std::atol(argv[1]) : 2000;
    std::mt19937 dice(1);
    size_t total = 0;
    for (long round = 0; round < rounds; ++round) {
        Shape shape;
        const unsigned many = 1 + dice() % 12;
        for (unsigned rule = 0; rule < many; ++rule) shape.add(kRules[dice() % (sizeof kRules / sizeof *kRules)], dice() % 4 == 0, rule);
        const Prints prints = choose_prints(shape, dice() % 2);
        Scanner scanner(prints.buckets, prints.grams);
        for (int i = 0; i < 20; ++i) {
            const std::string text = random_text(dice);
            const std::vector<size_t> expected = all_places(prints, text);
            total += expected.size();
            for (const std::string& path : Scanner::paths()) {
                if (!scanner.use(path)) return 2;
                if (places(scanner, prints, text) == expected) continue;
                std::printf("%s finds something else than a look at every byte, round %ld\n", path.c_str(), round);
                return 1;
            }
        }
    }
    std::string names;
    for (const std::string& path : Scanner::paths()) names += " " + path;
    std::printf("%ld rule sets, %zu places, no difference:%s\n", rounds, total, names.c_str());
    return total ? 0 : 2;
}
