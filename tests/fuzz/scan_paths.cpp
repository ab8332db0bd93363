// Compares every way of scanning that the processor has with the one without vectors, on random rules and text. Needs
// no RE2, so that it also runs where there is none: built for another processor, under an emulator.
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
};
const char* const kWords[] = {"sk-ant-", "abc", "ks", "\x1b[3", "1m", "\x1b]0;", "\x1b]66;s=2;", "\x07", "\n", "AKIA", "x", "xxxx", "token", " = ", "bearer ",
                              "\xc3\xa9", "\xff", " ", "q", "-----BEGIN ", "://a:b@", "12345678:AA", "\x1b\\", "\x1b[0m"};

// The places that look like fingerprints, whatever else a way of scanning notes.
std::vector<size_t> places(const Scanner& scanner, const std::string& text) {
    std::vector<size_t> found;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    Scanner::Hits hits;
    Skipper skipper;
    for (const char* at = begin; at != end;) {
        hits.count = 0;
        at = scanner.scan(at, end, hits);
        for (size_t block = 0; block < hits.count; ++block)
            for (uint64_t bits = hits.blocks[block].places; bits; bits &= bits - 1) {
                const char* const place = hits.blocks[block].at + __builtin_ctzll(bits);
                uint64_t word;
                if (scanner.read(place, begin, end, skipper, &word)) found.push_back(static_cast<size_t>(place - begin));
            }
    }
    return found;
}

std::string random_text(std::mt19937& dice) {
    std::string text;
    for (unsigned parts = dice() % 60; parts-- > 0;) {
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
        Scanner scanner(prints.buckets);
        for (int i = 0; i < 20; ++i) {
            const std::string text = random_text(dice);
            if (!scanner.use("scalar")) return 2;
            const std::vector<size_t> expected = places(scanner, text);
            total += expected.size();
            for (const std::string& path : Scanner::paths()) {
                if (!scanner.use(path)) return 2;
                if (places(scanner, text) == expected) continue;
                std::printf("%s finds something else than scalar, round %ld\n", path.c_str(), round);
                return 1;
            }
        }
    }
    std::string names;
    for (const std::string& path : Scanner::paths()) names += " " + path;
    std::printf("%ld rule sets, %zu places, no difference:%s\n", rounds, total, names.c_str());
    return total ? 0 : 2;
}
