/* The command `aigate`: starts aigate's own Python, and lets nothing that lies in a project have a say in that.
 *
 *     aigate [ARGUMENT]...     becomes     PYTHON -I -S DIRECTORY/aigate-python [ARGUMENT]...
 *
 * A plain `aigate mask` becomes DIRECTORY/aigate-mask, if there is one, given all that; which becomes that where it is not plain.
 *
 * DIRECTORY is where this program itself lies, whatever link it was called by. The first line of aigate-python names
 * PYTHON: pip, pipx, uv and packagers put it there, as they do in every script that begins with `#!python`.
 *
 * The loader, the C library, Python and many tools take orders from variables, and what a project's .env or .envrc sets
 * may name files that an agent wrote. So PYTHON gets the few variables of `kept`, whose values name no file, and HOME.
 * The caller's environment goes along for the command in the sandbox, under names that nothing obeys:
 * `AIGATE_CALLER_NAME` (aigate/isolation.py takes them out again). This program is static and has no C library, so that nothing is obeyed
 * before it runs; on macOS, where that cannot be had, a restricted segment makes dyld(1) ignore its variables. */
#ifdef __APPLE__

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mach-o/dyld.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define length strlen
#define leave _exit
#define memory malloc

static void say(const char *text) { write(2, text, strlen(text)); }

static long own_path(char *path, unsigned long size) {
    char named[PATH_MAX], real[PATH_MAX];
    uint32_t room = sizeof named;
    if (_NSGetExecutablePath(named, &room) || !realpath(named, real) || strlen(real) >= size) return -1;
    strcpy(path, real);
    return (long)strlen(path);
}

static long read_start(const char *path, char *text, unsigned long size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    return file < 0 ? -errno : read(file, text, size);
}

static int is_directory(int descriptor) {
    struct stat found;
    return fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode);
}

/* Returns whether SIGINT is kept waiting from now on, and was not before. */
static int hold_interrupts(void) {
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, SIGINT);
    return sigprocmask(SIG_BLOCK, &one, &before) == 0 && !sigismember(&before, SIGINT);
}

static int is_ignored(int number) {
    struct sigaction found;
    return sigaction(number, 0, &found) == 0 && found.sa_handler == SIG_IGN;
}

static int execute(const char *path, char **arguments, char **environment) {
    execve(path, arguments, environment);
    return 0;
}

#else

#include "kernel.h"

#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

static long own_path(char *path, unsigned long size) {
    return CALL(readlinkat, AT_FDCWD, "/proc/self/exe", path, size, 0);
}

static long read_start(const char *path, char *text, unsigned long size) {
    long file = CALL(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, 0);
    return file < 0 ? file : CALL(read, file, text, size, 0, 0);
}

static int is_directory(int descriptor) {
    struct stat found;
    return CALL(fstat, descriptor, &found, 0, 0, 0) == 0 && (found.st_mode & S_IFMT) == S_IFDIR;
}

/* Returns whether SIGINT is kept waiting from now on, and was not before. */
static int hold_interrupts(void) {
    signals one = 1UL << (SIGINT - 1), before = 0;
    return CALL(rt_sigprocmask, SIG_BLOCK, &one, &before, sizeof one, 0) == 0 && !(before & one);
}

static int is_ignored(int number) {
    long found[8] = {0}; /* struct sigaction as the kernel has it: the handler comes first */
    return CALL(rt_sigaction, number, 0, found, sizeof(signals), 0) == 0 && found[0] == (long)SIG_IGN;
}

static int execute(const char *path, char **arguments, char **environment) {
    return CALL(execve, path, arguments, environment, 0, 0) == -E2BIG;
}

#endif

enum { LONGEST_PATH = 4096, FIRST_LINES = 4096, FAILED = 1 };

#define SCRIPT "aigate-python"
#define FILTER "aigate-mask"
#define CALLERS "AIGATE_CALLER_"
#define SH_START "'''exec' "

/* A slash in the others' values would name a file, or a place to look for one. isolation.py has the same list. */
static const char *const kept[] = {"LANG",    "LC_ALL", "LC_CTYPE", "TERM",     "COLUMNS",
                                   "LINES",   "SUDO_UID", "AIGATE_LOG_LEVEL", 0};
static char path_variable[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/* Words: `held` where SIGINT waits, since Python would tell it as a traceback while it starts; which signals the caller
 * ignores that Python ignores as well, so that nobody could tell any more. */
static char handed_over[64] = CALLERS "=";

static __attribute__((noreturn)) void refuse(const char *what, const char *why, const char *hint) {
    say("aigate: ");
    say(what);
    say(why);
    say("\n  hint: ");
    say(hint);
    say("\n");
    leave(FAILED);
    __builtin_unreachable();
}

static __attribute__((noreturn)) void fail(const char *what, const char *why) {
    refuse(what, why, "install aigate again");
}

/* Python would end with words of its own; and the command could reach all that is below a directory that it was given. */
static void look_at_streams(void) {
    static const char *const names[] = {"input", "output", "error"};
    for (int i = 0; i < 3; i++)
        if (is_directory(i)) refuse("a directory stands for the standard ", names[i], "give it a file, or /dev/null");
}

/* Returns what follows a beginning, or 0 where the text begins otherwise. */
static char *after(char *text, const char *beginning) {
    while (*beginning)
        if (*text++ != *beginning++) return 0;
    return text;
}

static char *find(char *text, char wanted) {
    while (*text && *text != wanted) text++;
    return text;
}

/* Whether words are `mask`, and nothing behind it, files, or presets: what native/filter/ may see to. */
static int is_plain_mask(char **words) {
    char *rest = *words ? after(*words, "mask") : 0;
    return rest && !*rest && (!words[1] || *words[1] != '-' || after(words[1], "--preset"));
}

static char *append(char *to, const char *text) {
    unsigned long size = length(text) + 1;
    memcpy(to, text, size);
    return to + size - 1;
}

/* ---- which Python ---- */

/* The word that a line for sh(1) starts with. Installers write no escapes but quotes around the whole. */
static char *first_word(char *line) {
    char quote = *line == '"' || *line == '\'' ? *line++ : ' ';
    *find(line, '\n') = 0;
    *find(line, quote) = 0;
    return line;
}

/* Takes options (pipx adds -E) and space off the end of a line. Not all after the first space: pip leaves those of a
 * path as they are. */
static void cut_options(char *line, char *end) {
    for (char *word = end;; end = word) {
        while (end > line && (end[-1] == ' ' || end[-1] == '\r')) end--;
        *end = 0;
        for (word = end; word > line && word[-1] != ' '; word--) {}
        if (*word != '-') return;
    }
}

/* Returns the interpreter that a script names, or 0. One line, `#!PYTHON [OPTION]...`; where that would be too long for the kernel
 * or holds a space, three that are both sh's and Python's: `#!/bin/sh`, `'''exec' PYTHON "$0" "$@"`, `' '''`. Of an
 * environment that can be moved (uv) PYTHON is `"$(dirname ...)"/'NAME'`, with the script's own directory. */
static char *interpreter(char *text, const char *directory) {
    static char beside[LONGEST_PATH + FIRST_LINES];
    char *name = after(text, "#!"), *end, *line, *relative;
    if (!name) return 0;
    end = find(name, '\n');
    line = *end ? end + 1 : end;
    *end = 0;
    cut_options(name, end);
    if (length(name) != length("/bin/sh") || !after(name, "/bin/sh")) return *name == '/' ? name : 0;
    line = after(line, SH_START);
    if (!line) return 0;
    if (after(line, "\"$(dirname ")) {
        *find(line, '\n') = 0;
        for (relative = line; *line; line++)
            if (after(line, ")\"/")) relative = line + length(")\"/");
        append(append(append(beside, directory), "/"), first_word(relative));
        return beside;
    }
    name = first_word(line);
    return *name == '/' ? name : 0;
}

/* ---- which variables ---- */

static int has_slash(char *text) { return *find(text, '/') == '/'; }

static int is_kept(char *variable) {
    char *value = after(variable, "HOME=");
    if (value) return 1;
    for (const char *const *name = kept; *name; name++)
        if ((value = after(variable, *name)) && *value == '=') return !has_slash(value);
    return 0;
}

static int has_name(char *variable) { return *variable != '=' && *find(variable, '='); }

static char **own_environment(char **callers, int held) {
    unsigned long count = 0, size = 0;
    char **variable, **made, **next, *text;
    for (variable = callers; *variable; variable++, count++) size += sizeof CALLERS + length(*variable);
    made = next = memory((2 * count + 3) * sizeof *made);
    text = memory(size);
    *next++ = path_variable;
    *next++ = handed_over;
    append(append(append(find(handed_over, 0), held ? "held" : ""), is_ignored(SIGPIPE) ? " pipe" : ""),
           is_ignored(SIGXFSZ) ? " xfsz" : "");
    for (variable = callers; *variable; variable++) {
        if (is_kept(*variable)) *next++ = *variable;
        if (!has_name(*variable)) continue;
        *next++ = text;
        text = append(append(text, CALLERS), *variable) + 1;
    }
    *next = 0;
    return made;
}

static __attribute__((noreturn)) void launch(int count, char **arguments, char **environment) {
    static char isolated[] = "-I", without_site[] = "-S", directory[LONGEST_PATH], script[LONGEST_PATH + sizeof SCRIPT];
    static char filter[LONGEST_PATH + sizeof FILTER];
    static char text[FIRST_LINES];
    look_at_streams();
    long size = own_path(directory, sizeof directory - 1);
    if (size <= 0) fail("/proc/self/exe", " cannot be read: is /proc mounted?");
    while (size && directory[size - 1] != '/') size--;
    directory[size ? size - 1 : 0] = 0;
    append(append(append(script, directory), "/"), SCRIPT);
    size = read_start(script, text, sizeof text - 1);
    if (size == -EMFILE || size == -ENFILE)
        refuse(script, " cannot be opened: too many open files", "ulimit -n raises what may be open at once");
    if (size < 0) fail(script, " is missing; it belongs beside this program and names its Python");
    text[size] = 0;
    char *python = interpreter(text, directory);
    if (!python) fail(script, " names no Python on its first line");
    char **made = memory(((unsigned long)count + 5) * sizeof *made), **next = made;
    *next++ = filter;
    *next++ = python;
    *next++ = isolated;
    *next++ = without_site;
    *next++ = script;
    for (int i = 1; i < count; i++) *next++ = arguments[i];
    *next = 0;
    environment = own_environment(environment, hold_interrupts());
    if (count > 1 && is_plain_mask(arguments + 1)) {
        append(append(append(filter, directory), "/"), FILTER);
        execute(filter, made, environment);
    }
    if (execute(python, made + 1, environment)) {
        say("aigate: the arguments and the environment are too long\n");
        leave(FAILED);
    }
    fail(python, " cannot be started, and is the Python that aigate was installed with");
}

#ifdef __APPLE__
int main(int count, char **arguments, char **environment) { launch(count, arguments, environment); }
#else
__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1);
    launch(count, arguments, arguments + count + 1);
}
#endif
