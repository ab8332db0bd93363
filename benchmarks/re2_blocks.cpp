// RE2 alone: masks standard input to standard output by one alternation, in blocks of 1 MiB, and knows no lines. The
// rival of `benchmarks/masker.py` and `benchmarks/masker_limits.py`: `re2_blocks PATTERN < in > out`.
#include <re2/re2.h>
#include <unistd.h>

#include <string>

namespace {

constexpr size_t kBlock = 1 << 20;

bool write_all(const std::string& text) {
    for (size_t done = 0; done < text.size();) {
        const ssize_t wrote = write(STDOUT_FILENO, text.data() + done, text.size() - done);
        if (wrote < 0) return false;
        done += static_cast<size_t>(wrote);
    }
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    const re2::RE2 pattern(arguments[1], options);
    if (!pattern.ok()) return 2;
    std::string block(kBlock, '\0');
    std::string text;
    while (true) {
        text.clear();
        while (text.size() < kBlock) {
            const ssize_t got = read(STDIN_FILENO, &block[0], kBlock - text.size());
            if (got < 0) return 1;
            if (got == 0) break;
            text.append(block, 0, static_cast<size_t>(got));
        }
        if (text.empty()) return 0;
        re2::RE2::GlobalReplace(&text, pattern, "***");
        if (!write_all(text)) return 1;
    }
}
