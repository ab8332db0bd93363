/* Stands outside of a sandbox's process namespace, as the parent of its process 1, and ends as that does.
 *
 *     waiter CHILD LIFE
 *
 * CHILD is the process id of process 1, LIFE a pipe that is only held open, for the guard. aigate's own process becomes this
 * when nothing is left to do but wait: an interpreter would take five megabytes for it. It ends with aigate: the signal for
 * that was asked for before (PR_SET_PDEATHSIG, which execve(2) leaves alone). */
#include "kernel.h"

enum { BY_SIGNAL = 128 };

__attribute__((used, noreturn)) void start(long *stack) {
    int count = (int)stack[0], status = 0;
    char **arguments = (char **)(stack + 1);
    if (count != 3) leave(1);
    int child = number(arguments[1]), life = number(arguments[2]);
    if (life > 0) CALL(close_range, 0, life - 1, 0, 0, 0);
    CALL(close_range, life + 1, ~0U, 0, 0, 0);
    long ended = 0;
    while (ended != child && ended != -ECHILD) ended = CALL(wait4, child, &status, 0, 0, 0);
    if (ended != child) leave(1);
    leave(status & 0x7f ? BY_SIGNAL + (status & 0x7f) : (status >> 8) & 0xff);
}
