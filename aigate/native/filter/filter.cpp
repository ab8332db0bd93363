// `aigate mask` without a Python: from standard input to standard output, by rules that are plain (choice.h).
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

// Whether what is written would be read again: as feeds_itself() in masking/stream.py, but the same file is enough.
bool are_one_file(const struct stat& in, const struct stat& out) {
    return S_ISREG(in.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

bool streams_are_in_order() {
    struct stat in, out, error;
    return fstat(STDIN_FILENO, &in) == 0 && fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &error) == 0 &&
           !are_one_file(in, out);
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

int mask(std::unique_ptr<RuleSet> rules) {
    Pump pump(SharedRules(std::move(rules)), kLongestLine, STDIN_FILENO, STDOUT_FILENO);
    int error = 0;
    Pump::Status status = Pump::Status::Interrupted;
    while (status == Pump::Status::Interrupted) status = pump.run(&error);
    if (status == Pump::Status::Done || (status == Pump::Status::WriteFailed && error == EPIPE)) return kWell;
    const char* what = status == Pump::Status::ReadFailed ? "cannot read standard input: " : "cannot write the output: ";
    return fail(std::string(what) + std::strerror(error));
}

int run(char** arguments) {
    std::unique_ptr<RuleSet> rules;
    if (!getenv("AIGATE_LOG_LEVEL") && streams_are_in_order()) rules = chosen_rules(arguments + kWords);
    if (!rules) {
        execve(arguments[kPython], arguments + kPython, environ);
        return fail(std::string(arguments[kPython]) + " cannot be started, and is the Python that aigate was installed with",
                    "install aigate again");
    }
    take_signals();
    return mask(std::move(rules));
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
