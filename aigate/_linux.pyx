# cython: freethreading_compatible=True
"""Linux system calls that Python 3.11 does not offer, and nothing else.

Each function is one call of the kernel's, or two that belong together, and raises OSError with its errno. No policy
lives here. The documentation of the functions is in _linux.pyi.
"""

from cpython.exc cimport PyErr_SetFromErrno
from libc.errno cimport EINVAL, errno
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

import os


cdef extern from "native/linux.h":
    ctypedef struct sigset_t:
        pass
    cdef struct signalfd_siginfo:
        uint32_t ssi_signo
        int32_t ssi_code

    int c_unshare "unshare"(int flags)
    int c_setns "setns"(int fd, int nstype)
    int sigemptyset(sigset_t *mask)
    int sigaddset(sigset_t *mask, int number)
    int aigate_mask_signals(int how, const sigset_t *mask, sigset_t *old)
    int signalfd(int fd, const sigset_t *mask, int flags)
    int c_prctl "prctl"(int option, unsigned long value)
    ssize_t c_read "read"(int fd, void *data, size_t size)
    ssize_t c_send "send"(int fd, const void *data, size_t size, int flags)
    ssize_t aigate_receive(int fd, char *text, size_t size, int *pid)
    int aigate_socketpair(int *ends)
    int SIG_BLOCK, SIG_SETMASK, SFD_CLOEXEC, SFD_NONBLOCK, PR_SET_PDEATHSIG, SI_KERNEL, MSG_NOSIGNAL, MSG_DONTWAIT
    int SIG_UNBLOCK
    int c_kill "kill"(int process, int number)
    int getpid()


cdef sigset_t mask_before
cdef bint mask_changed = False


def unshare(int flags):
    if c_unshare(flags) != 0:
        PyErr_SetFromErrno(OSError)


def setns(int fd, int nstype=0):
    if c_setns(fd, nstype) != 0:
        PyErr_SetFromErrno(OSError)


cdef extern from "native/linux.h":
    int aigate_landlock_scope(unsigned long long scoped) nogil
    int aigate_landlock_version() nogil


def landlock_scope(unsigned long long scoped):
    """Keep this process and its children from reaching out: `scoped` is LANDLOCK_SCOPE_* (landlock(7), ABI 6).

    Sets no_new_privs. OSError with ENOSYS or EOPNOTSUPP without Landlock, EINVAL or E2BIG before ABI 6.
    """
    if aigate_landlock_scope(scoped) != 0:
        PyErr_SetFromErrno(OSError)


def landlock_version():
    cdef int version = aigate_landlock_version()
    if version < 0:
        PyErr_SetFromErrno(OSError)
    return version


cdef extern from "native/linux.h":
    int aigate_act_on_files_as(unsigned int user, unsigned int group)
    int aigate_open_to_itself()


def act_on_files_as(unsigned int user, unsigned int group):
    if aigate_act_on_files_as(user, group) != 0:
        PyErr_SetFromErrno(OSError)


def open_to_itself():
    if aigate_open_to_itself() != 0:
        PyErr_SetFromErrno(OSError)


cdef extern from "native/linux.h":
    int aigate_borrow(int process, int descriptor)
    int sync_file_range(int descriptor, int64_t first, int64_t size, unsigned int flags) nogil
    unsigned int SYNC_FILE_RANGE_WRITE


def borrow(int process, int descriptor):
    cdef int own = aigate_borrow(process, descriptor)
    if own < 0:
        PyErr_SetFromErrno(OSError)
    return own


def start_writing(int descriptor):
    cdef int failed
    with nogil:
        failed = sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE)
    if failed:
        PyErr_SetFromErrno(OSError)


cdef int _mask_signals(int how, const sigset_t *mask, sigset_t *old) except -1:
    cdef int error = aigate_mask_signals(how, mask, old)
    if error:
        raise OSError(error, os.strerror(error))
    return 0


def signal_descriptor(signals):
    global mask_changed
    cdef sigset_t wanted
    sigemptyset(&wanted)
    for number in signals:
        sigaddset(&wanted, number)
    _mask_signals(SIG_BLOCK, &wanted, NULL if mask_changed else &mask_before)
    mask_changed = True
    cdef int descriptor = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)
    if descriptor < 0:
        PyErr_SetFromErrno(OSError)
    return descriptor


def restore_signal_mask():
    global mask_changed
    if mask_changed:
        _mask_signals(SIG_SETMASK, &mask_before, NULL)
    mask_changed = False


def read_signal(int descriptor):
    cdef signalfd_siginfo info
    if c_read(descriptor, &info, sizeof(info)) != sizeof(info):
        PyErr_SetFromErrno(OSError)
    return info.ssi_signo, info.ssi_code == SI_KERNEL


def stop(int number, bint group):
    cdef sigset_t one, now
    sigemptyset(&one)
    sigaddset(&one, number)
    if c_kill(0 if group else getpid(), number) != 0:
        PyErr_SetFromErrno(OSError)
    _mask_signals(SIG_UNBLOCK, &one, &now)
    _mask_signals(SIG_SETMASK, &now, NULL)


def die_with_parent(int number):
    if c_prctl(PR_SET_PDEATHSIG, number) != 0:
        PyErr_SetFromErrno(OSError)


def message_pair():
    cdef int ends[2]
    if aigate_socketpair(ends) != 0:
        PyErr_SetFromErrno(OSError)
    return ends[0], ends[1]


def send(int descriptor, bytes message):
    if c_send(descriptor, <const char*> message, len(message), MSG_NOSIGNAL | MSG_DONTWAIT) < 0:
        PyErr_SetFromErrno(OSError)


def receive(int descriptor):
    cdef char text[64]
    cdef int sender = 0
    cdef ssize_t size = aigate_receive(descriptor, text, sizeof(text), &sender)
    if size < 0:
        PyErr_SetFromErrno(OSError)
    return text[:size], sender


cdef extern from "native/linux.h":
    int aigate_open_in(int directory, const char *path, uint64_t flags, uint64_t mode, bint links)
    int aigate_clone_mount(int place, bint children)
    int aigate_attach_mount(int mount, int place)
    int aigate_mount_attributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bint all)
    int aigate_new_file_system(const char *kind, const char **options, uint64_t attributes)
    int aigate_forget_names(int mount)
    int aigate_map_mount(int mount, int namespace)
    int aigate_new_user_namespace(const char *users, const char *groups)
    int aigate_try_mount_attributes()
    int aigate_pivot(int root)
    int aigate_drop_capabilities()
    int aigate_filter(const char *program, size_t size)

cdef enum:
    MOST_OPTIONS = 8


def open_in(int directory, bytes path, int flags, int mode=0, *, bint links=False):
    cdef int descriptor = aigate_open_in(directory, path, <unsigned int>flags, mode, links)
    if descriptor < 0:
        PyErr_SetFromErrno(OSError)
    return descriptor


def clone_mount(int place, *, bint children=True):
    cdef int mount = aigate_clone_mount(place, children)
    if mount < 0:
        PyErr_SetFromErrno(OSError)
    return mount


def forget_names(int mount):
    if aigate_forget_names(mount) != 0:
        PyErr_SetFromErrno(OSError)


def attach_mount(int mount, int place):
    if aigate_attach_mount(mount, place) != 0:
        PyErr_SetFromErrno(OSError)


def mount_attributes(int mount, *, int set=0, int clear=0, int propagation=0, bint everything=False):
    if aigate_mount_attributes(mount, set, clear, propagation, everything) != 0:
        PyErr_SetFromErrno(OSError)


def map_mount(int mount, int namespace):
    if aigate_map_mount(mount, namespace) != 0:
        PyErr_SetFromErrno(OSError)


def new_user_namespace(bytes users, bytes groups):
    cdef int namespace = aigate_new_user_namespace(users, groups)
    if namespace < 0:
        PyErr_SetFromErrno(OSError)
    return namespace


def new_file_system(bytes kind, tuple options, int attributes):
    cdef const char *words[2 * MOST_OPTIONS + 1]
    cdef int place = 0
    if len(options) > MOST_OPTIONS:
        raise ValueError("too many options")
    for name, value in options:
        words[place] = <const char *><bytes>name
        words[place + 1] = NULL
        if value is not None:
            words[place + 1] = <const char *><bytes>value
        place += 2
    words[place] = NULL
    cdef int mount = aigate_new_file_system(kind, words, attributes)
    if mount < 0:
        PyErr_SetFromErrno(OSError)
    return mount


def pivot(int root):
    if aigate_pivot(root) != 0:
        PyErr_SetFromErrno(OSError)


def can_mount():
    for _ in range(2):  # what fails for a moment is tried again
        if aigate_try_mount_attributes() != 0 and errno == EINVAL:
            return True
    return False


def drop_capabilities():
    if aigate_drop_capabilities() != 0:
        PyErr_SetFromErrno(OSError)


def filter_calls(bytes program):
    if aigate_filter(program, len(program)) != 0:
        PyErr_SetFromErrno(OSError)


cdef extern from "native/linux.h":
    int aigate_ask_for_short_turns(uint64_t nanoseconds)


def ask_for_short_turns(uint64_t nanoseconds):
    if aigate_ask_for_short_turns(nanoseconds) != 0:
        PyErr_SetFromErrno(OSError)
