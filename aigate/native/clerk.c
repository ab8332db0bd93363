/* Stands where the clerk of a run's watch does (aigate/watch/clerk.py), and becomes it as soon as there is something to decide.
 *
 *     clerk PROGRAM [ARGUMENT]... STATE
 *
 * Descriptor 0 is a SOCK_SEQPACKET socket to the watcher, 1 a pipe to aigate, 2 one with its orders, 3 a file with what the clerk
 * must know. Messages of the watcher, a letter and data:
 *
 *     A pid said    everything is watched that must be before the command starts: the launcher (int), and what aigate is told
 *     S data        the settings of a repository. Before A, how they were: kept at the end of the file, behind its size (int)
 *     D flag said   the watcher has answered everything and ends: "0", if nothing else is to be looked for; what aigate is told
 *
 * Orders, one byte: E, the run is over; C, it is, and there is something to be seen to. The pipe's end: aigate was killed.
 * Whatever is anything else is left where it is, for PROGRAM, which takes over this process. It finds the descriptors at 10 and
 * above, the launcher's (a pidfd) behind them, and as STATE the letters `a`, armed, and `o`, over, as far as that is so. */
#include "kernel.h"

enum { WATCHER, SAID, ORDERS, BRIEF, FIRST_FREE, MOVED = 10, LAUNCHER = 14, LONGEST_MESSAGE = 1 << 17, PEEK = 2 };
enum { MOST_TRIES = 16, NO_MORE = 1 /* SHUT_WR */ };
enum { HEAD = 1 + sizeof(int), FLAGGED = 2 }; /* what stands before `said` in A and D */

static char message[LONGEST_MESSAGE], state[3];
static int armed, over;

/* Returns 0 where it cannot be written: aigate was killed, or there is no memory for it. */
static int write_all(int descriptor, const char *text, long size) {
    for (int tries = 0; size > 0;) {
        long written = CALL(write, descriptor, text, size, 0, 0);
        if (written > 0) text += written, size -= written;
        else if (++tries == MOST_TRIES) return 0;
    }
    return 1;
}

static __attribute__((noreturn)) void become(char **arguments, int count, char **environment) {
    int at = 0;
    if (armed) state[at++] = 'a';
    if (over) state[at++] = 'o';
    arguments[count - 1] = state;
    for (int i = WATCHER; i < FIRST_FREE; i++) {
        CALL(dup3, i, MOVED + i, 0, 0, 0);
        CALL(close, i, 0, 0, 0, 0);
    }
    for (int i = 0; i < 3; i++) CALL(openat, -100 /* AT_FDCWD */, "/dev/null", 2 /* O_RDWR */, 0, 0);
    CALL(execve, arguments[0], arguments, environment, 0, 0);
    leave(1);
}

/* Returns 0 where it is the clerk's to answer what the watcher has said. */
static int answered(void) {
    long size = CALL(recvfrom, WATCHER, message, sizeof message, PEEK, 0);
    if (size < HEAD || size == sizeof message) return 0;
    if (message[0] == 'D' && over && message[1] == '0') {
        write_all(SAID, message + FLAGGED, size - FLAGGED);
        leave(0);
    }
    if (armed || (message[0] != 'A' && message[0] != 'S')) return 0;
    CALL(recvfrom, WATCHER, message, sizeof message, 0, 0);
    int process, length = (int)size - 1;
    if (message[0] == 'A') {
        memcpy(&process, message + 1, sizeof process);
        int launcher = (int)CALL(pidfd_open, process, 0, 0, 0, 0);
        if (launcher >= 0) CALL(dup3, launcher, LAUNCHER, 0, 0, 0), CALL(close, launcher, 0, 0, 0, 0);
        armed = 1;
        write_all(SAID, message + HEAD, size - HEAD);
    } else {
        /* Without them nobody could tell what the run has changed: aigate sees the end of this, and starts nothing. */
        if (!write_all(BRIEF, (char *)&length, sizeof length) || !write_all(BRIEF, message + 1, length)) leave(1);
    }
    return 1;
}

/* Returns 0 where it is the clerk's to do what aigate wants. */
static int obeyed(void) {
    char order;
    if (CALL(read, ORDERS, &order, 1, 0, 0) != 1) return 0;
    over = 1;
    if (!write_all(WATCHER, "E", 1)) CALL(shutdown, WATCHER, NO_MORE, 0, 0, 0); /* which tells as much */
    return order == 'E';
}

static void ignore(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    CALL(rt_sigaction, number, &action, 0, sizeof(signals), 0);
}

__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1), **environment = arguments + count + 1;
    signals none = 0;
    if (count < 3) leave(1);
    ignore(SIGINT), ignore(SIGHUP), ignore(SIGTERM), ignore(SIGPIPE);
    CALL(rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none, 0);
    CALL(setsid, 0, 0, 0, 0, 0);
    CALL(chdir, "/", 0, 0, 0, 0);
    CALL(close_range, FIRST_FREE, ~0U, 0, 0, 0);
    for (;;) {
        struct pollfd waiting[2] = {{WATCHER, POLLIN, 0}, {over ? -1 : ORDERS, POLLIN, 0}};
        if (CALL(ppoll, waiting, 2, 0, 0, 0) < 0) continue;
        if (waiting[0].revents && !answered()) become(arguments + 1, count - 1, environment);
        if (waiting[1].revents && !obeyed()) become(arguments + 1, count - 1, environment);
    }
}
