/* Process 1 of a sandbox: starts the command, tells aigate when it stops or ends, and passes orders on to it.
 *
 *     init CONTROL LIFE TERMINAL CLOSED CONTENT
 *
 * CONTROL is a SOCK_SEQPACKET socket to aigate, LIFE a pipe that is only held open, for the guard, TERMINAL the
 * command's pseudo-terminal or "-", CLOSED the standard descriptors that the command is to find closed, with letters
 * behind them for signals that it is to find ignored (C SIGCHLD, P SIGPIPE, X SIGXFSZ; "-" for neither),
 * CONTENT a file with the command's environment, an empty word, and the command with its arguments, each word with a
 * zero byte behind it. They come so, because neither bubblewrap, which runs before, nor its loader may obey any of it,
 * and because bubblewrap takes no more than 9000 words.
 *
 * Orders and reports on CONTROL are two bytes, what and value:
 *
 *     R 0    report, once: ready. The command is not started before F or B has come
 *     F 0    order: the command gets the terminal's foreground, and is continued
 *     B 0    order: it does not get it (its first read stops it with SIGTTIN), and is continued
 *     P n    order: send signal n to the command
 *     G n    order: send signal n to the group in the foreground, as the terminal's keys do
 *     S n    report: the command was stopped by signal n
 *     C 0    report: it was continued, by whomever
 *     X n    report: it ended with status n        K n    report: it was ended by signal n
 *
 * It lives in a session of its own and the command in a process group of its own below it: so the group is not
 * orphaned and Ctrl-Z stops it (setpgid(2)), Ctrl-C reaches the command and nothing else, and a command that stops
 * itself is noticed, which bubblewrap's own process 1 does not do. When CONTROL closes, aigate is gone, and everything
 * in the sandbox with it: the kernel kills the rest of a PID namespace when its process 1 ends (pid_namespaces(7)).
 *
 * It holds no privilege and no secret. It can be neither traced nor, being process 1, signalled from inside. */
#include "kernel.h"

#include <linux/signalfd.h>

enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126, BY_SIGNAL = 128, LONGEST_PATH = 4096, CAPABILITIES = 64, ATTEMPTS = 100 };
enum { CONTINUED = 0xffff, STOPPED = 0x7f }; /* what wait4 says: wait(2) */

static int control, life, terminal, command;
static const signals every = ~0UL;
static signals inherited;

/* Nothing was run, and aigate is told why: what is missing is named as bubblewrap would name it. */
static __attribute__((noreturn)) void refuse(const char *why) {
    say("aigate: ");
    say(why);
    say("; nothing was run\n");
    leave(NOT_EXECUTABLE);
}

static void pause_shortly(void) {
    struct __kernel_timespec moment = {0, 10000000};
    CALL(nanosleep, &moment, 0, 0, 0, 0);
}

/* Somebody waits for each report, so one for which the kernel has no room at the moment is sent again. */
static void report(char what, int value) {
    char text[2] = {what, (char)value};
    for (int i = 0; i < ATTEMPTS; i++) {
        long sent = CALL(write, control, text, sizeof text, 0, 0);
        if (sent == sizeof text || sent == -EPIPE || sent == -ECONNRESET) return;
        pause_shortly();
    }
    leave(BY_SIGNAL + SIGKILL); /* the end of process 1 is noticed in any case */
}

/* What was to be given up is given up: whoever started this may not have looked whether it worked. */
static void check_rights(void) {
    for (int number = 0; number < CAPABILITIES; number++)
        if (CALL(prctl, PR_CAPBSET_READ, number, 0, 0, 0) == 1) refuse("a capability could not be taken out of reach");
    if (CALL(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) refuse("new privileges could not be ruled out");
}

/* ---- in the child: become the command ---- */

static long try_path(const char *directory, unsigned long size, const char *name, char **arguments, char **environment) {
    char path[LONGEST_PATH];
    unsigned long rest = length(name) + 1;
    if (size + 1 + rest > sizeof path) return -ENAMETOOLONG;
    memcpy(path, directory, size);
    if (size) path[size++] = '/';
    memcpy(path + size, name, rest);
    return CALL(execve, path, arguments, environment, 0, 0);
}

/* execvp(3): every directory of PATH in turn; a file that exists and cannot be executed is remembered. */
static long try_everywhere(char **arguments, char **environment) {
    const char *path = "/bin:/usr/bin";
    for (char **variable = environment; *variable; variable++) {
        const char *at = *variable;
        if (at[0] == 'P' && at[1] == 'A' && at[2] == 'T' && at[3] == 'H' && at[4] == '=') path = at + 5;
    }
    long worst = -ENOENT;
    for (;;) {
        unsigned long size = 0;
        while (path[size] && path[size] != ':') size++;
        long error = try_path(path, size, arguments[0], arguments, environment);
        if (error == -EACCES) worst = error;
        else if (error != -ENOENT && error != -ENOTDIR && error != -ENAMETOOLONG) return error;
        if (!path[size]) return worst;
        path += size + 1;
    }
}

static __attribute__((noreturn)) void become(char **arguments, char **environment) {
    int slash = 0;
    for (const char *at = arguments[0]; *at; at++) slash |= *at == '/';
    long error = slash ? CALL(execve, arguments[0], arguments, environment, 0, 0)
                       : try_everywhere(arguments, environment);
    say("aigate: ");
    say(arguments[0]);
    say(error == -ENOENT || error == -ENOTDIR ? ": command not found\n"
        : error == -ENOEXEC                   ? ": not a program: its first line should name an interpreter (#!)\n"
        : error == -E2BIG                     ? ": argument list too long\n"
                                              : ": cannot be executed\n");
    leave(error == -ENOENT || error == -ENOTDIR ? NOT_FOUND : NOT_EXECUTABLE);
}

static long take_foreground(int group) { return CALL(ioctl, terminal, TIOCSPGRP, &group, 0, 0); }

static void ignore(int number) {
    long action[8] = {(long)SIG_IGN}; /* struct sigaction as the kernel has it: the handler comes first */
    CALL(rt_sigaction, number, action, 0, sizeof(signals), 0);
}

static void start_command(int foreground, const char *closed, char **arguments, char **environment) {
    command = (int)CALL(clone, SIGCHLD, 0, 0, 0, 0);
    if (command < 0) {
        say(command == -ENOMEM ? "aigate: the command cannot be started: there is not enough memory\n"
                               : "aigate: the command cannot be started: no more processes\n"
                                 "  hint: raise max_pids in resource_limits, ulimit -u or the control group's pids.max\n");
        leave(NOT_EXECUTABLE);
    }
    int self = command ? command : (int)CALL(getpid, 0, 0, 0, 0, 0);
    CALL(setpgid, self, self, 0, 0, 0); /* parent and child both: whoever comes first */
    if (foreground && terminal >= 0) take_foreground(self);
    if (command) return;
    CALL(close, control, 0, 0, 0, 0);
    CALL(close, life, 0, 0, 0, 0);
    if (terminal >= 0) CALL(close, terminal, 0, 0, 0, 0);
    for (; *closed >= '0' && *closed <= '2'; closed++) CALL(close, *closed - '0', 0, 0, 0, 0);
    for (; *closed; closed++)
        if (*closed != '-') ignore(*closed == 'C' ? SIGCHLD : *closed == 'P' ? SIGPIPE : SIGXFSZ);
    CALL(rt_sigprocmask, SIG_SETMASK, &inherited, 0, sizeof inherited, 0);
    become(arguments, environment);
}

/* ---- process 1 ---- */

static int foreground_group(void) {
    int group = 0;
    if (terminal >= 0 && CALL(ioctl, terminal, TIOCGPGRP, &group, 0, 0) == 0 && group > 1) return group;
    return command;
}

/* A stop that comes while the command is stopped already, since it has read a terminal that it does not have, is pending
 * and gone with SIGCONT (signal(7)): it is sent again then. */
static int asked_to_stop, stopped_for_terminal;

static void go_on(int group) {
    CALL(kill, -group, SIGCONT, 0, 0, 0);
    if (asked_to_stop && stopped_for_terminal) CALL(kill, -group, asked_to_stop, 0, 0, 0);
    asked_to_stop = stopped_for_terminal = 0;
}

static void obey(const char *order) {
    static int pushed_back;
    int group = foreground_group();
    switch (order[0]) {
        case 'F':
            if (pushed_back) group = pushed_back;
            pushed_back = 0;
            if (terminal >= 0 && take_foreground(group) < 0) take_foreground(group = command);
            go_on(group);
            break;
        case 'B':
            if (!pushed_back) pushed_back = group;
            if (terminal >= 0) take_foreground(1);
            go_on(group);
            break;
        case 'P': CALL(kill, command, order[1], 0, 0, 0); break;
        case 'G':
            if (order[1] == SIGTSTP) asked_to_stop = SIGTSTP;
            CALL(kill, -group, order[1], 0, 0, 0);
            break;
    }
}

static __attribute__((noreturn)) void ended(int status) {
    int by = status & 0x7f, code = by ? BY_SIGNAL + by : (status >> 8) & 0xff;
    report(by ? 'K' : 'X', by ? by : code);
    leave(code);
}

static void collect(void) {
    int status;
    long child;
    for (int failed = 0; failed < ATTEMPTS;) {
        child = CALL(wait4, -1, &status, WNOHANG | WUNTRACED | WCONTINUED, 0, 0);
        if (child == 0 || child == -ECHILD) return;
        if (child < 0) failed++; /* once more: nothing else would tell that the command has ended */
        if (child != command) continue;
        if ((status & 0xffff) == CONTINUED) report('C', 0);
        else if ((status & 0xff) != STOPPED) ended(status);
        else {
            int by = (status >> 8) & 0xff;
            if (by == SIGTTIN || by == SIGTTOU) stopped_for_terminal = 1;
            else asked_to_stop = 0; /* it has come */
            report('S', by);
        }
    }
}

/* Wait for the next order. Returns when there is none but children have changed; ends when aigate is gone. */
static int next_order(int children, char *order) {
    struct pollfd waiting[2] = {{control, POLLIN, 0}, {children, POLLIN, 0}};
    if (CALL(ppoll, waiting, children < 0 ? 1 : 2, 0, 0, 0) < 0) return 0;
    if (waiting[1].revents) {
        struct signalfd_siginfo ignored;
        CALL(read, children, &ignored, sizeof ignored, 0, 0);
        collect();
    }
    if (!waiting[0].revents) return 0;
    long got = CALL(read, control, order, 2, 0, 0);
    if (got == 0 || got == -ECONNRESET) leave(BY_SIGNAL + SIGKILL);
    return got == 2;
}

static unsigned long size_of(int file) {
    long size = CALL(lseek, file, 0, 2 /* SEEK_END */, 0, 0);
    CALL(lseek, file, 0, 0 /* SEEK_SET */, 0, 0);
    return size > 0 ? (unsigned long)size : 0;
}

/* Returns the environment; behind its end stands the command. */
static char **read_content(int file, char ***command_words) {
    unsigned long size = size_of(file), count = 0, done = 0;
    char *text = memory(size + 1);
    for (long part = 1; done < size && part > 0; done += (unsigned long)part) {
        part = CALL(read, file, text + done, size - done, 0, 0);
        if (part < 0) refuse("the command could not be read");
    }
    CALL(close, file, 0, 0, 0, 0);
    for (unsigned long at = 0; at < done; at++) count += !text[at];
    char **variables = memory((count + 2) * sizeof *variables), **next = variables, *at = text;
    for (; at < text + done && *at; at += length(at) + 1) *next++ = at;
    *next++ = 0;
    *command_words = next;
    for (at++; at < text + done; at += length(at) + 1) *next++ = at;
    *next = 0;
    return variables;
}

static __attribute__((noreturn)) void supervise(const char *closed, char **arguments, char **environment) {
    char order[2];
    signals child_signal = 1UL << (SIGCHLD - 1);
    int children = (int)CALL(signalfd4, -1, &child_signal, sizeof child_signal, 02000000 /* SFD_CLOEXEC */, 0);
    if (children < 0) refuse("the command's end could not be waited for");
    report('R', 0);
    while (!next_order(-1, order) || (order[0] != 'F' && order[0] != 'B')) {}
    start_command(order[0] == 'F', closed, arguments, environment);
    for (;;)
        if (next_order(children, order)) obey(order);
}

__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1);
    if (count != 6) leave(NOT_EXECUTABLE);
    control = number(arguments[1]);
    life = number(arguments[2]);
    terminal = number(arguments[3]);
    CALL(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
    check_rights();
    if (CALL(rt_sigprocmask, SIG_SETMASK, &every, &inherited, sizeof every, 0) < 0)
        refuse("the command's end could not be waited for");
    CALL(setsid, 0, 0, 0, 0, 0);
    if (terminal >= 0) CALL(ioctl, terminal, TIOCSCTTY, 0, 0, 0);
    char **words, **environment = read_content(number(arguments[5]), &words);
    if (!*words) refuse("the command could not be read");
    supervise(arguments[4], words, environment);
}
