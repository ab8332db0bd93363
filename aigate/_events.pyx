"""What a run's watch asks the kernel, as system calls and nothing else. Documented in _events.pyi."""

from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport uint32_t


cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <fcntl.h>
    #include <unistd.h>
    #include <sys/inotify.h>
    #include <sys/stat.h>

    static int aigate_is_mount_root(int place) {
        struct statx found;
        if (statx(place, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO, &found)) return -1;
        return (found.stx_attributes & 0x2000 /* STATX_ATTR_MOUNT_ROOT, Linux 5.8 */) != 0;
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
