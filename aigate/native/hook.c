/* What an agent starts at its hooks, and as `shell` in place of its shell: hands the work to aigate's service, which is
 * started where there is none, for a Python of one's own would cost each call tens of milliseconds.
 *
 *     hook AGENT [LAUNCHER]     a hook: the event comes on standard input, the answer goes to standard output
 *     shell COMMAND             a shell's command line: its output goes through the masker, its status is kept
 *
 * LAUNCHER, or AIGATE_LAUNCHER of the environment, is the program `aigate`. The service listens on a SOCK_STREAM socket
 * in a directory that nobody else can write to; a name of this very build, so that another build starts its own. A
 * request is a letter with descriptors (SCM_RIGHTS of unix(7)):
 *
 *     E agent, descriptors 0 and 1     answered by K when the answer is written
 *     S, pairs of (from, to)           answered by A when it has them, by K when all is copied
 *
 * What cannot be masked is not shown: the hook answers that the agent shall stop, or fails where the settings have a
 * command behind it that refuses the result, and the shell runs nothing. */
#include "kernel.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126, BY_SIGNAL = 128, LONGEST_PATH = 4096, MOST_DESCRIPTORS = 4 };
enum { UNIX = 1, STREAM = 1, RIGHTS = 1, SOCKET_LEVEL = 1, WITHOUT_SIGNAL = 0x4000 }; /* unix(7), socket(7), send(2) */
enum { ATTEMPTS = 1500, AFTER_MILLISECONDS = 1000, OTHERS = 077 };

struct address {
    unsigned short family;
    char path[108];
};
struct piece {
    const void *at;
    unsigned long size;
};
struct rights {
    unsigned long size;
    int level, type, descriptors[MOST_DESCRIPTORS];
};
struct message { /* struct msghdr as the kernel has it */
    void *name;
    unsigned int name_size;
    struct piece *pieces;
    unsigned long count;
    void *control;
    unsigned long control_size;
    unsigned int flags;
};

static char **environment;

static const char *variable(const char *name) {
    for (char **at = environment; *at; at++) {
        const char *text = *at, *wanted = name;
        while (*wanted && *text == *wanted) text++, wanted++;
        if (!*wanted && *text == '=' && text[1]) return text + 1;
    }
    return 0;
}

static int holds(const char *text, const char *part) {
    for (; *text; text++) {
        unsigned long at = 0;
        while (part[at] && text[at] == part[at]) at++;
        if (!part[at]) return 1;
    }
    return 0;
}

static int same(const char *text, const char *other) {
    while (*text && *text == *other) text++, other++;
    return *text == *other;
}

static int ends_with(const char *text, const char *end) {
    unsigned long size = length(text), rest = length(end);
    return size >= rest && holds(text + size - rest, end);
}

/* Texts behind one another; returns 0 when there is no room. */
static int join(char *to, unsigned long room, const char *const *texts) {
    unsigned long at = 0;
    for (; *texts; texts++) {
        unsigned long size = length(*texts);
        if (at + size >= room) return 0;
        memcpy(to + at, *texts, size);
        at += size;
    }
    to[at] = 0;
    return 1;
}

static void hexadecimal(char *to, unsigned long value) {
    for (int at = 0; at < 16; at++) to[at] = "0123456789abcdef"[value >> (60 - 4 * at) & 15];
    to[16] = 0;
}

static const char *decimal(char *end, unsigned long value) {
    *--end = 0;
    do *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

static int stat_of(int descriptor, const char *path, struct statx *found) {
    return CALL(statx, descriptor, path, *path ? 0 : AT_EMPTY_PATH, STATX_BASIC_STATS, found) == 0;
}

/* A directory that is ours alone, made where it is not there; -1 for none. */
static int own_directory(const char *path) {
    struct statx found;
    CALL(mkdirat, AT_FDCWD, path, 0700, 0, 0);
    int directory = (int)CALL(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, 0);
    if (directory < 0) return -1;
    unsigned int user = (unsigned int)CALL(geteuid, 0, 0, 0, 0, 0);
    if (stat_of(directory, "", &found) && found.stx_uid == user && !(found.stx_mode & OTHERS)) return directory;
    CALL(close, directory, 0, 0, 0, 0);
    return -1;
}

static int find_place(char *path) {
    char digits[24];
    /* In a sandbox of aigate's /tmp is its own, and what the host has in the other place is covered. */
    const char *runtime = variable("AIGATE_SANDBOX") ? 0 : variable("XDG_RUNTIME_DIR");
    unsigned long user = (unsigned long)CALL(geteuid, 0, 0, 0, 0, 0);
    if (runtime && *runtime == '/' && join(path, LONGEST_PATH, (const char *const[]){runtime, "/aigate-hook", 0})) {
        int directory = own_directory(path);
        if (directory >= 0) return directory;
    }
    join(path, LONGEST_PATH, (const char *const[]){"/tmp/.aigate-hook-", decimal(digits + sizeof digits, user), 0});
    return own_directory(path);
}

static int try_to_connect(const struct address *where) {
    int channel = (int)CALL(socket, UNIX, STREAM | O_CLOEXEC, 0, 0, 0);
    if (channel >= 0 && CALL(connect, channel, where, sizeof *where, 0, 0) == 0) return channel;
    if (channel >= 0) CALL(close, channel, 0, 0, 0, 0);
    return -1;
}

static int start_service(const char *launcher, char *path) {
    int child = (int)CALL(clone, SIGCHLD, 0, 0, 0, 0);
    if (child) return child;
    char *words[] = {(char *)launcher, "hook", "serve", "--at", path, 0};
    int nothing = (int)CALL(openat, AT_FDCWD, "/dev/null", O_RDWR, 0, 0);
    for (int number = 0; number < 3; number++) CALL(dup3, nothing, number, 0, 0, 0);
    CALL(close_range, 3, ~0U, 0, 0, 0);
    CALL(setsid, 0, 0, 0, 0, 0);
    CALL(chdir, "/", 0, 0, 0, 0);
    CALL(execve, launcher, words, environment, 0, 0);
    leave(NOT_FOUND);
}

/* Finds the file `hook` beside this program, by whose number and time a build is told from another one. */
static int find_build(struct statx *found) {
    char path[LONGEST_PATH];
    long size = CALL(readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof path - 8, 0);
    while (size > 0 && path[size - 1] != '/') size--;
    if (size <= 0) return 0;
    memcpy(path + size, "hook", 5);
    return stat_of(AT_FDCWD, path, found);
}

/* Returns a connection to the service, -1 when there is none to be had. */
static int reach(const char *launcher) {
    char path[LONGEST_PATH], build[17], when[17], digits[24];
    struct address where = {UNIX, ""};
    struct statx self;
    struct __kernel_timespec moment = {0, 10000000};
    int directory = find_place(path), child = 0, status = 0;
    if (directory < 0 || !find_build(&self)) return -1;
    hexadecimal(build, self.stx_ino);
    hexadecimal(when, (unsigned long)self.stx_mtime.tv_sec);
    const char *name[] = {"/proc/self/fd/", decimal(digits + sizeof digits, (unsigned long)directory), "/", build, when, 0};
    if (!join(where.path, sizeof where.path, name)) return -1;
    unsigned long size = length(path);
    if (!join(path + size, sizeof path - size, (const char *const[]){"/", build, when, 0})) return -1;
    for (int i = 0; i < ATTEMPTS; i++) {
        int channel = try_to_connect(&where);
        if (channel >= 0) return channel;
        if (!child && (!launcher || (child = start_service(launcher, path)) < 0)) return -1;
        if (CALL(wait4, child, &status, WNOHANG, 0, 0) == child && status) return -1;
        CALL(nanosleep, &moment, 0, 0, 0, 0);
    }
    return -1;
}

static int ask(int channel, const char *text, const int *descriptors, int count) {
    struct piece piece = {text, length(text)};
    struct rights rights = {16 + sizeof(int) * (unsigned long)count, SOCKET_LEVEL, RIGHTS, {0}};
    for (int at = 0; at < count; at++) rights.descriptors[at] = descriptors[at];
    struct message message = {0, 0, &piece, 1, &rights, sizeof rights, 0};
    message.control_size = (rights.size + 7) & ~7UL;
    return CALL(sendmsg, channel, &message, WITHOUT_SIGNAL, 0, 0) == (long)piece.size;
}

static int answered(int channel, char wanted) {
    char got = 0;
    long size;
    do size = CALL(read, channel, &got, 1, 0, 0);
    while (size == -EINTR);
    return size == 1 && got == wanted;
}

/* ---- a hook ---- */

#define UNSEEN "aigate could not look for secrets in what the tool returned, so "
#define ADVICE " aigate hook status says why.\"}\n"

static __attribute__((noreturn)) void answer(const char *agent, const char *launcher) {
    static const char stop[] = "{\"continue\":false,\"stopReason\":\"" UNSEEN "it ended the turn." ADVICE;
    char text[64];
    int channel = reach(launcher);
    int asked = channel >= 0 && join(text, sizeof text, (const char *const[]){"E", agent, 0}) &&
                ask(channel, text, (const int[]){0, 1}, 2);
    if (!asked || !answered(channel, 'K')) {
        if (!same(agent, "claude")) leave(1); /* another command stands behind: a part of an answer may be out */
        CALL(write, 1, stop, sizeof stop - 1, 0, 0);
    }
    leave(0);
}

/* ---- a shell ---- */

static __attribute__((noreturn)) void become(char *command) {
    const char *shell = variable("CLAUDE_CODE_SHELL");
    if (!shell) shell = variable("SHELL");
    if (!shell || *shell != '/' || !(ends_with(shell, "/bash") || ends_with(shell, "/zsh"))) shell = "/bin/bash";
    char *words[] = {(char *)shell, "-c", command, 0};
    CALL(execve, shell, words, environment, 0, 0);
    words[0] = "/bin/sh";
    CALL(execve, words[0], words, environment, 0, 0);
    say("aigate: there is no shell\n");
    leave(NOT_FOUND);
}

static int same_file(int one, int other) {
    struct statx first, second;
    return stat_of(one, "", &first) && stat_of(other, "", &second) && first.stx_ino == second.stx_ino &&
           first.stx_dev_major == second.stx_dev_major && first.stx_dev_minor == second.stx_dev_minor;
}

static __attribute__((noreturn)) void refuse(const char *why) {
    say("aigate: ");
    say(why);
    say(", so the command was not run\n");
    leave(NOT_EXECUTABLE);
}

static __attribute__((noreturn)) void run(char *command) {
    /* It is also what starts hooks and servers, which speak a language of their own; theirs is looked at elsewhere. */
    if (!holds(command, "pwd -P >|")) become(command);
    int out[2], err[2] = {-1, -1}, together = same_file(1, 2), status = 0;
    int channel = reach(variable("AIGATE_LAUNCHER"));
    if (channel < 0) refuse("the service that masks its output cannot be started");
    if (CALL(pipe2, out, O_CLOEXEC, 0, 0, 0) < 0 || (!together && CALL(pipe2, err, O_CLOEXEC, 0, 0, 0) < 0))
        refuse("there are no pipes for its output");
    const int pairs[] = {out[0], 1, err[0], 2};
    if (!ask(channel, "S", pairs, together ? 2 : 4) || !answered(channel, 'A')) refuse("its output cannot be masked");
    int child = (int)CALL(clone, SIGCHLD, 0, 0, 0, 0);
    if (child < 0) refuse("there are no more processes");
    if (!child) {
        CALL(dup3, out[1], 1, 0, 0, 0);
        CALL(dup3, together ? out[1] : err[1], 2, 0, 0, 0);
        become(command);
    }
    for (int at = 0; at < 2; at++) {
        CALL(close, out[at], 0, 0, 0, 0);
        CALL(close, err[at], 0, 0, 0, 0);
    }
    while (CALL(wait4, child, &status, 0, 0, 0) == -EINTR) {}
    /* What it left in the background may hold its output open: that is copied on, and not waited for. */
    struct pollfd waiting = {channel, POLLIN, 0};
    struct __kernel_timespec patience = {AFTER_MILLISECONDS / 1000, AFTER_MILLISECONDS % 1000 * 1000000};
    CALL(ppoll, &waiting, 1, &patience, 0, 0);
    leave(status & 0x7f ? BY_SIGNAL + (status & 0x7f) : status >> 8 & 0xff);
}

__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1);
    environment = arguments + count + 1;
    if (count == 2 && ends_with(arguments[0], "shell")) run(arguments[1]);
    if (count == 2 || count == 3) answer(arguments[1], count == 3 ? arguments[2] : variable("AIGATE_LAUNCHER"));
    say("aigate: this is started by agents: see aigate hook --help\n");
    leave(1);
}
