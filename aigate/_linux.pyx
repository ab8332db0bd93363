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
