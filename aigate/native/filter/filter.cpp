// `aigate mask` without a Python: files or standard input to standard output, where what is asked for is plain (choice.h).
//
//     aigate-mask PYTHON -I -S SCRIPT mask [WORD]...
//
// The launcher (native/launcher.c) starts it in front of the Python that it would start otherwise, with the same arguments and
// variables. As long as nothing has been read it becomes that Python wherever something is not plain or not in order, which
// says then what is wrong; from there on it tells what fails in the words of masking/stream.py.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "../masker/stream.h"
#include "choice.h"

extern char** environ;

namespace aigate {

namespace {

enum Exit { kWell = 0, kFailed = 1, kInterrupted = 130 };
enum Argument { kPython = 1, kCommand = 5, kWords };
constexpr size_t kLongestLine = 1 << 20;  // as Masker's in _masker.pyx

// Writes as well as it goes: where nobody can be told, nothing can be said about that either.
void say(const std::string& text) {
    size_t done = 0;
    for (int tries = 0; done < text.size() && tries < 5;) {
        const ssize_t written = write(STDERR_FILENO, text.data() + done, text.size() - done);
        if (written > 0) done += static_cast<size_t>(written);
        else ++tries;
    }
}

int fail(const std::string& message, const std::string& hint = {}) {
    say("aigate: " + message + "\n" + (hint.empty() ? "" : "  hint: " + hint + "\n"));
    return kFailed;
}

// Where bytes come from, and what it is called in a message.
struct Input {
    int file;
    std::string name;
};

// Whether what is written would be read again: as feeds_itself() in masking/stream.py, but the same file is enough.
bool are_one_file(const struct stat& in, const struct stat& out) {
    return S_ISREG(in.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

bool is_printable(const char* text) {
    for (; *text; ++text)
        if (*text < ' ' || *text > '~') return false;
    return true;
}

// Opens all files before anything is read. Returns whether each is in order, and so are the standard streams.
bool open_inputs(const std::vector<const char*>& paths, std::vector<Input>* inputs) {
    struct stat in, out, error;
    if (fstat(STDIN_FILENO, &in) != 0 || fstat(STDOUT_FILENO, &out) != 0 || fstat(STDERR_FILENO, &error) != 0) return false;
    if (paths.empty()) inputs->push_back({STDIN_FILENO, "standard input"});
    for (const char* path : paths) {
        if (std::strcmp(path, "-") == 0) {
            inputs->push_back({STDIN_FILENO, "standard input"});
            continue;
        }
        if (!is_printable(path)) return false;
        const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);  // others than files may have one wait
        if (file < 0 || fstat(file, &in) != 0 || !S_ISREG(in.st_mode)) return false;
        inputs->push_back({file, path});
    }
    for (const Input& input : *inputs)
        if (fstat(input.file, &in) != 0 || are_one_file(in, out)) return false;
    return true;
}

void ignore(int signal) {
    struct sigaction action = {};
    action.sa_handler = SIG_IGN;
    sigaction(signal, &action, nullptr);
}

// SIGINT ends it as it ends a Python of aigate's, unless the caller ignores it. The launcher has kept it waiting.
void take_signals() {
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
    struct sigaction action = {};
    if (sigaction(SIGINT, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) {
        action = {};
        action.sa_handler = [](int) { _exit(kInterrupted); };
        sigaction(SIGINT, &action, nullptr);
    }
    const char* words = getenv("AIGATE_CALLER_");
    if (words && std::strncmp(words, "held", 4) == 0) {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, SIGINT);
        sigprocmask(SIG_UNBLOCK, &one, nullptr);
    }
}

int mask(const SharedRules& rules, const Input& input) {
    Pump pump(rules, kLongestLine, input.file, STDOUT_FILENO);
    int error = 0;
    Pump::Status status = Pump::Status::Interrupted;
    while (status == Pump::Status::Interrupted) status = pump.run(&error);
    if (status == Pump::Status::Done) return kWell;
    if (status == Pump::Status::WriteFailed && error == EPIPE) _exit(kWell);  // nobody reads any more
    const std::string what = status == Pump::Status::ReadFailed ? "cannot read " + input.name : "cannot write the output";
    return fail(what + ": " + std::strerror(error));
}

int run(char** arguments) {
    std::vector<Input> inputs;
    Work work;
    if (!getenv("AIGATE_LOG_LEVEL")) work = chosen_work(arguments + kWords);
    if (!work.rules || !open_inputs(work.paths, &inputs)) {
        execve(arguments[kPython], arguments + kPython, environ);
        return fail(std::string(arguments[kPython]) + " cannot be started, and is the Python that aigate was installed with",
                    "install aigate again");
    }
    take_signals();
    const SharedRules rules(std::move(work.rules));
    int status = kWell;
    for (size_t at = 0; at < inputs.size() && status == kWell; ++at) {
        status = mask(rules, inputs[at]);
        if (inputs[at].file != STDIN_FILENO) close(inputs[at].file);
    }
    return status;
}

}  // namespace

}  // namespace aigate

int main(int count, char** arguments) {
    using namespace aigate;
    int status = kFailed;
    try {
        if (count < kWords || std::strcmp(arguments[kCommand], "mask") != 0) status = fail("this is a part of `aigate mask`");
        else status = run(arguments);
    } catch (const std::bad_alloc&) {
        status = fail("there is not enough memory", "free memory, or raise the limit: ulimit -v");
    } catch (const std::exception& error) {
        status = fail(std::string("this is a mistake in aigate: ") + error.what(), "AIGATE_LOG_LEVEL=debug shows where");
    }
    _exit(status);  // whatever was to be written is written, and taking rules apart takes time
}
