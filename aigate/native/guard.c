/* Stands by while aigate runs, and does what aigate cannot do itself when it is killed by SIGKILL.
 *
 *     guard PROGRAM [ARGUMENT]...
 *
 * Descriptor 0 is a SOCK_SEQPACKET socket to aigate; 1 a pipe whose other end aigate, the launcher and process 1 of the
 * sandbox hold; 2 the user's terminal, or /dev/null. Messages on 0, one byte and data:
 *
 *     T termios     the terminal's settings as they were (struct termios of asm/termbits.h)
 *     M bytes       what undoes the screen modes that are on now (alternate screen, mouse, ...); empty for none
 *     L pid         the launcher (int), which leads a process group
 *     I pid         process 1 of the sandbox (int)
 *
 * aigate ends it by SIGKILL when all is well. When CHANNEL closes, aigate was killed itself: the terminal is put back, the end of the sandbox is waited for, and PROGRAM (a path)
 * takes over this process and removes what aigate left on disk. */
#include "kernel.h"

enum { PATIENCE_SECONDS = 10, LONGEST_MESSAGE = 256, MOST_TRIES = 16 };

enum { CHANNEL, LIFE, TERMINAL, FIRST_FREE };

static struct termios settings;
static int settings_known, launcher, sandbox = -1;
static char undo[LONGEST_MESSAGE];
static unsigned long undo_size;

/* Returns 0 when the channel has closed. */
static int listen(void) {
    static int tries;
    char text[LONGEST_MESSAGE];
    long size = CALL(read, CHANNEL, text, sizeof text, 0, 0);
    if (size == 0) return 0;
    if (size < 0) return ++tries < MOST_TRIES; /* one that fails says nothing about aigate */
    unsigned long rest = (unsigned long)size - 1;
    int process;
    switch (text[0]) {
        case 'T':
            if (rest < sizeof settings) break;
            memcpy(&settings, text + 1, sizeof settings);
            settings_known = 1;
            break;
        case 'M':
            memcpy(undo, text + 1, rest);
            undo_size = rest;
            break;
        case 'L':
            if (rest == sizeof launcher) memcpy(&launcher, text + 1, sizeof launcher);
            break;
        case 'I':
            if (rest != sizeof process) break;
            memcpy(&process, text + 1, sizeof process);
            sandbox = (int)CALL(pidfd_open, process, 0, 0, 0, 0);
    }
    return 1;
}

static void restore_terminal(void) {
    if (undo_size) CALL(write, TERMINAL, undo, undo_size, 0, 0);
    if (settings_known) CALL(ioctl, TERMINAL, TCSETS, &settings, 0, 0);
}

/* bubblewrap's child waits for its parent without end when that is killed before the child is set up. */
static void end_launch(void) {
    if (launcher > 1) CALL(kill, -launcher, SIGKILL, 0, 0, 0);
}

static void wait_for(int descriptor, int event) {
    struct pollfd waiting = {descriptor, event, 0};
    struct __kernel_timespec patience = {PATIENCE_SECONDS, 0};
    if (descriptor >= 0) CALL(ppoll, &waiting, 1, &patience, 0, 0);
}

static void become(char **arguments, char **environment) {
    signals none = 0;
    for (int i = CHANNEL; i < FIRST_FREE; i++) CALL(close, i, 0, 0, 0, 0);
    for (int i = CHANNEL; i < FIRST_FREE; i++) CALL(openat, -100 /* AT_FDCWD */, "/dev/null", 2 /* O_RDWR */, 0, 0);
    CALL(rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none, 0);
    CALL(execve, arguments[0], arguments, environment, 0, 0);
    leave(1);
}

__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1), **environment = arguments + count + 1;
    signals every = ~0UL;
    if (count < 2) leave(1);
    CALL(rt_sigprocmask, SIG_SETMASK, &every, 0, sizeof every, 0);
    CALL(setsid, 0, 0, 0, 0, 0);
    CALL(close_range, FIRST_FREE, ~0U, 0, 0, 0);
    while (listen()) {}
    restore_terminal();
    end_launch();
    wait_for(LIFE, 0); /* POLLHUP comes unasked: nobody has the other end any more */
    wait_for(sandbox, POLLIN); /* a pidfd: process 1 and, with it, all of its namespace have ended (pidfd_open(2)) */
    become(arguments + 1, environment);
    leave(1);
}
