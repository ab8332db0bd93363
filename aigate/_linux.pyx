"""Linux system calls that Python 3.11 does not offer, and nothing else.

Each function is one call of the kernel's, or two that belong together, and raises OSError with its errno. No policy
lives here. The documentation of the functions is in _linux.pyi.
"""

from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport int32_t, uint32_t


cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <sched.h>
    #include <signal.h>
    #include <string.h>
    #include <unistd.h>
    #include <sys/prctl.h>
    #include <sys/signalfd.h>
    #include <sys/socket.h>

    /* Read two bytes and the sender's process id, as this process sees it (unix(7), SCM_CREDENTIALS). */
    static ssize_t aigate_receive(int fd, char *text, size_t size, int *pid) {
        char control[CMSG_SPACE(sizeof(struct ucred))];
        struct iovec data = {text, size};
        struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
                                 .msg_controllen = sizeof control};
        ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        struct ucred sender = {0, 0, 0};
        if (got >= 0 && header && header->cmsg_type == SCM_CREDENTIALS)
            memcpy(&sender, CMSG_DATA(header), sizeof sender);
        *pid = sender.pid;
        return got;
    }

    static int aigate_socketpair(int *ends) {
        int yes = 1;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return -1;
        return setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
    }
    """
    ctypedef struct sigset_t:
        pass
    cdef struct signalfd_siginfo:
        uint32_t ssi_signo
        int32_t ssi_code

    int c_unshare "unshare"(int flags)
    int c_setns "setns"(int fd, int nstype)
    int sigemptyset(sigset_t *mask)
    int sigaddset(sigset_t *mask, int number)
    int pthread_sigmask(int how, const sigset_t *mask, sigset_t *old)
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


cdef extern from *:
    """
    #include <errno.h>
    #include <stdint.h>
    #include <sys/prctl.h>
    #include <sys/syscall.h>
    #include <unistd.h>

    /* linux/landlock.h of kernel 6.12; older headers lack the third field. */
    struct aigate_landlock_ruleset { uint64_t fs, net, scoped; };

    static int aigate_landlock_version(void) {
        return (int)syscall(444, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    }

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


cdef extern from *:
    """
    #include <sys/fsuid.h>
    #include <sys/prctl.h>

    /* setfsuid(2) and setfsgid(2) report no error: the second call, with an id that is none, tells what is in force. */
    static int aigate_act_on_files_as(unsigned int user, unsigned int group) {
        setfsgid(group);
        setfsuid(user);
        if ((unsigned int)setfsgid(-1) == group && (unsigned int)setfsuid(-1) == user) return 0;
        errno = EPERM;
        return -1;
    }

    static int aigate_open_to_itself(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
    """

    int aigate_act_on_files_as(unsigned int user, unsigned int group)
    int aigate_open_to_itself()


def act_on_files_as(unsigned int user, unsigned int group):
    if aigate_act_on_files_as(user, group) != 0:
        PyErr_SetFromErrno(OSError)


def open_to_itself():
    if aigate_open_to_itself() != 0:
        PyErr_SetFromErrno(OSError)


def signal_descriptor(signals):
    global mask_changed
    cdef sigset_t wanted
    sigemptyset(&wanted)
    for number in signals:
        sigaddset(&wanted, number)
    pthread_sigmask(SIG_BLOCK, &wanted, NULL if mask_changed else &mask_before)
    mask_changed = True
    cdef int descriptor = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)
    if descriptor < 0:
        PyErr_SetFromErrno(OSError)
    return descriptor


def restore_signal_mask():
    global mask_changed
    if mask_changed:
        pthread_sigmask(SIG_SETMASK, &mask_before, NULL)
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
    pthread_sigmask(SIG_UNBLOCK, &one, &now)
    pthread_sigmask(SIG_SETMASK, &now, NULL)


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
