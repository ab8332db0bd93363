/* The least that a relay can cost: `relay_floor COMMAND...` runs a command behind a terminal or a pipe of its own and
 * copies, without looking at anything. For benchmarks/relay.py; it restores nothing and knows no signals. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, PIPE = 1 << 20 };

static char block[BLOCK];

/* Copies what one read gives. Returns 0 at the end. */
static int copy(int from, int to) {
    const ssize_t got = read(from, block, sizeof block);
    if (got <= 0) return got < 0 && errno == EINTR;
    for (ssize_t done = 0; done < got;) {
        const ssize_t wrote = write(to, block + done, (size_t)(got - done));
        if (wrote < 0) exit(1);
        done += wrote;
    }
    return 1;
}

static int ended(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int through_pipe(char** command) {
    int ends[2];
    if (pipe(ends)) return 1;
    fcntl(ends[0], F_SETPIPE_SZ, PIPE);
    fcntl(1, F_SETPIPE_SZ, PIPE);
    const pid_t child = fork();
    if (!child) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execvp(command[0], command);
        _exit(127);
    }
    close(ends[1]);
    while (copy(ends[0], 1)) {}
    return ended(child);
}

static int through_terminal(char** command) {
    struct termios before, raw;
    int inner;
    if (tcgetattr(0, &before)) return 1;
    const pid_t child = forkpty(&inner, NULL, &before, NULL);
    if (!child) {
        execvp(command[0], command);
        _exit(127);
    }
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
    struct pollfd waiting[2] = {{inner, POLLIN, 0}, {0, POLLIN, 0}};
    while (poll(waiting, 2, -1) > 0) {
        if (waiting[0].revents && !copy(inner, 1)) break;
        if (waiting[1].revents && !copy(0, inner)) break;
    }
    return ended(child);
}

int main(int count, char** arguments) {
    if (count < 2) return 2;
    return isatty(1) ? through_terminal(arguments + 1) : through_pipe(arguments + 1);
}
