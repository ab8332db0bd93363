# cython: freethreading_compatible=True
"""What a run's watch asks the kernel, as system calls and nothing else. Documented in _events.pyi."""

from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport uint32_t, uint64_t


cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <fcntl.h>
    #include <unistd.h>
    #include <stdint.h>
    #include <sys/inotify.h>
    #include <sys/syscall.h>

    /* statx(2) by its number: glibc 2.17 and musl 1.2.3, which wheels are for, have neither its name nor its struct. */
    static int aigate_is_mount_root(int place) {
        struct {
            uint32_t mask, block_size;
            uint64_t attributes;
            char others[240];
        } found;
        const unsigned wanted = 0x100 /* STATX_INO */;
        if (syscall(SYS_statx, place, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, wanted, &found)) return -1;
        return (found.attributes & 0x2000 /* STATX_ATTR_MOUNT_ROOT, Linux 5.8 */) != 0;
    }
    """
    cdef struct inotify_event:
        int wd
        uint32_t mask, cookie, len
        char *name

    ssize_t c_read "read"(int fd, void *data, size_t size)
    int aigate_is_mount_root(int place)
    int inotify_init1(int flags)
    int inotify_add_watch(int fd, const char *path, uint32_t mask)
    int inotify_rm_watch(int fd, int wd)
    int IN_NONBLOCK, IN_CLOEXEC

cdef enum:
    EVENT_BYTES = 1 << 16


def inotify_open():
    cdef int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)
    if descriptor < 0:
        PyErr_SetFromErrno(OSError)
    return descriptor


def inotify_watch(int descriptor, bytes path, uint32_t mask):
    cdef int watch = inotify_add_watch(descriptor, path, mask)
    if watch < 0:
        PyErr_SetFromErrno(OSError)
    return watch


def inotify_forget(int descriptor, int watch):
    if inotify_rm_watch(descriptor, watch) != 0:
        PyErr_SetFromErrno(OSError)


def inotify_events(int descriptor):
    cdef char data[EVENT_BYTES]
    cdef ssize_t size = c_read(descriptor, data, sizeof(data))
    cdef ssize_t place = 0
    cdef inotify_event *event
    if size < 0:
        PyErr_SetFromErrno(OSError)
    events = []
    while place < size:
        event = <inotify_event *>(data + place)
        name = <bytes>event.name if event.len else b""
        events.append((event.wd, event.mask, event.cookie, name))
        place += 16 + event.len
    return events


def is_mount_root(int place):
    cdef int answer = aigate_is_mount_root(place)
    if answer < 0:
        PyErr_SetFromErrno(OSError)
    return answer != 0


cdef extern from *:
    """
    #include <errno.h>
    #include <string.h>
    #include <sys/ioctl.h>
    #include <linux/filter.h>
    #include <linux/seccomp.h>

    static int aigate_listen(const char *program, size_t size) {
        struct sock_fprog filter = {(unsigned short)(size / sizeof(struct sock_filter)), (struct sock_filter *)program};
        return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    }

    static int aigate_next_call(int listener, uint64_t *id, uint32_t *process, int *number, uint64_t *second) {
        struct seccomp_notif call;
        memset(&call, 0, sizeof call);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) return -1;
        *id = call.id;
        *process = call.pid;
        *number = call.data.nr;
        *second = call.data.args[1];
        return 0;
    }

    static int aigate_answer(int listener, uint64_t id, int error) {
        struct seccomp_notif_resp answer = {id, 0, -error, error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    """
    int aigate_listen(const char *program, size_t size)
    int aigate_next_call(int listener, uint64_t *id, uint32_t *process, int *number, uint64_t *second)
    int aigate_answer(int listener, uint64_t id, int error)


def listen_to_calls(bytes program):
    cdef int listener = aigate_listen(program, len(program))
    if listener < 0:
        PyErr_SetFromErrno(OSError)
    return listener


def next_call(int listener):
    cdef uint64_t id, second
    cdef uint32_t process
    cdef int number
    if aigate_next_call(listener, &id, &process, &number, &second) != 0:
        PyErr_SetFromErrno(OSError)
    return id, process, number, second


def answer_call(int listener, uint64_t id, int error):
    if aigate_answer(listener, id, error) != 0:
        PyErr_SetFromErrno(OSError)
