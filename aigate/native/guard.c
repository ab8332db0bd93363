/* Stands by while aigate runs, and does what aigate cannot do itself when it is killed by SIGKILL.
 *
 *     guard CHANNEL TERMINAL PROGRAM [ARGUMENT]...
 *
 * CHANNEL is a SOCK_SEQPACKET socket to aigate, TERMINAL the user's terminal or "-". Messages, one byte and data:
 *
 *     T termios     the terminal's settings as they were (struct termios of asm/termbits.h)
 *     M bytes       what undoes the screen modes that are on now (alternate screen, mouse, ...); empty for none
 *     I pid         process 1 of the sandbox (int)
 *
 * aigate ends it by SIGKILL when all is well. When CHANNEL closes, aigate was killed itself: the terminal is put back, the end of the sandbox is waited for, and PROGRAM (a path)
 * takes over this process and removes what aigate left on disk. */
#include "kernel.h"

enum { PATIENCE_SECONDS = 10, LONGEST_MESSAGE = 256, O_RDWR_ = 2, O_CLOEXEC_ = 02000000 };

static int channel, terminal;
static struct termios settings;
static int settings_known, sandbox = -1;
static char undo[LONGEST_MESSAGE];
static unsigned long undo_size;

/* Keep the two descriptors and nothing that would hold a pipe or a terminal of the caller's open. */
static void let_go(void) {
    unsigned low = channel, high = channel;
    if (terminal >= 0) {
        low = channel < terminal ? channel : terminal;
        high = channel < terminal ? terminal : channel;
    }
    if (low) CALL(close_range, 0, low - 1, 0, 0, 0);
    if (high > low + 1) CALL(close_range, low + 1, high - 1, 0, 0, 0);
    CALL(close_range, high + 1, ~0U, 0, 0, 0);
    for (int i = 0; i < 3; i++) CALL(openat, -100 /* AT_FDCWD */, "/dev/null", O_RDWR_, 0, 0);
}

/* Returns 0 when the channel has closed. */
static int listen(void) {
    char text[LONGEST_MESSAGE];
    long size = CALL(read, channel, text, sizeof text, 0, 0);
    if (size == -EINTR) return 1;
    if (size <= 0) return 0;
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
        case 'I':
            if (rest != sizeof process) break;
            memcpy(&process, text + 1, sizeof process);
            sandbox = (int)CALL(pidfd_open, process, 0, 0, 0, 0);
    }
    return 1;
}

static void restore_terminal(void) {
    if (terminal < 0) return;
    if (undo_size) CALL(write, terminal, undo, undo_size, 0, 0);
    if (settings_known) CALL(ioctl, terminal, TCSETS, &settings, 0, 0);
}

/* A pidfd becomes readable when the process and, for process 1, all of its namespace have ended (pidfd_open(2)). */
static void wait_for_end(void) {
    struct pollfd waiting = {sandbox, POLLIN, 0};
    struct __kernel_timespec patience = {PATIENCE_SECONDS, 0};
    if (sandbox >= 0) CALL(ppoll, &waiting, 1, &patience, 0, 0);
}

__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1), **environment = arguments + count + 1;
    signals every = ~0UL, none = 0;
    if (count < 4) leave(1);
    channel = number(arguments[1]);
    terminal = number(arguments[2]);
    CALL(rt_sigprocmask, SIG_SETMASK, &every, 0, sizeof every, 0);
    CALL(setsid, 0, 0, 0, 0, 0);
    let_go();
    while (listen()) {}
    restore_terminal();
    wait_for_end();
    CALL(rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none, 0);
    CALL(execve, arguments[3], arguments + 3, environment, 0, 0);
    leave(1);
}
