"""Linux system calls that Python 3.11 does not offer, and nothing else.

Each function is one call of the kernel's and raises OSError with its errno. No policy lives here.
"""

from cpython.exc cimport PyErr_SetFromErrno


cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <sched.h>
    """

    int c_unshare "unshare"(int flags)
    int c_setns "setns"(int fd, int nstype)


def unshare(int flags):
    """Leave the namespaces named by `flags` (CLONE_NEW*, see unshare(2)); OSError on failure."""
    if c_unshare(flags) != 0:
        PyErr_SetFromErrno(OSError)


def setns(int fd, int nstype=0):
    """Enter the namespace that `fd` refers to (see setns(2)); OSError on failure."""
    if c_setns(fd, nstype) != 0:
        PyErr_SetFromErrno(OSError)


cdef extern from *:
    """
    #include <errno.h>
    #include <stdint.h>
    #include <sys/prctl.h>
    #include <sys/syscall.h>
    #include <unistd.h>

    /* linux/landlock.h of kernel 6.12; older headers lack the third field. */
    struct aigate_landlock_ruleset { uint64_t fs, net, scoped; };

    static int aigate_landlock_scope(uint64_t scoped) {
        struct aigate_landlock_ruleset attributes = {0, 0, scoped};
        int result, saved, ruleset;
        ruleset = (int)syscall(444 /* landlock_create_ruleset */, &attributes, sizeof attributes, 0);
        if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
            return -1;
        result = (int)syscall(446 /* landlock_restrict_self */, ruleset, 0);
        saved = errno;
        close(ruleset);
        errno = saved;
        return result;
    }
    """

    int aigate_landlock_scope(unsigned long long scoped) nogil


def landlock_scope(unsigned long long scoped):
    """Keep this process and its children from reaching out: `scoped` is LANDLOCK_SCOPE_* (landlock(7), ABI 6).

    Sets no_new_privs. OSError with ENOSYS or EOPNOTSUPP without Landlock, EINVAL or E2BIG before ABI 6.
    """
    if aigate_landlock_scope(scoped) != 0:
        PyErr_SetFromErrno(OSError)
