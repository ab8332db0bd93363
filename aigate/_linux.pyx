"""Linux system calls that Python 3.11 does not offer, and nothing else.

Each function is one call of the kernel's, or two that belong together, and raises OSError with its errno. No policy
lives here. The documentation of the functions is in _linux.pyi.
"""

from cpython.exc cimport PyErr_SetFromErrno
from libc.errno cimport EINVAL, errno
from libc.stdint cimport int32_t, uint32_t, uint64_t

import os


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

    /* 0, or an error's number. Tried twice: a mask that stays as it was leaves a helper deaf to the order to end. */
    static int aigate_mask_signals(int how, const sigset_t *mask, sigset_t *old) {
        return pthread_sigmask(how, mask, old) ? pthread_sigmask(how, mask, old) : 0;
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


cdef extern from *:
    """
    #include <fcntl.h>
    #include <sched.h>
    #include <string.h>
    #include <sys/wait.h>
    #include <linux/capability.h>
    #include <linux/filter.h>
    #include <linux/mount.h>
    #include <linux/openat2.h>
    #include <linux/seccomp.h>

    /* Numbers that are the same on every architecture; older C libraries have no functions for them. */
    enum { AIGATE_OPEN_TREE = 428, AIGATE_MOVE_MOUNT, AIGATE_FSOPEN, AIGATE_FSCONFIG, AIGATE_FSMOUNT,
           AIGATE_OPENAT2 = 437, AIGATE_MOUNT_SETATTR = 442 };

    static int aigate_open_in(int directory, const char *path, uint64_t flags, uint64_t mode, int links) {
        struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_NO_MAGICLINKS};
        how.resolve |= links ? RESOLVE_IN_ROOT : RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
        int descriptor, attempts = 8;
        do descriptor = (int)syscall(AIGATE_OPENAT2, directory, path, &how, sizeof how);
        while (descriptor < 0 && errno == EAGAIN && --attempts); /* something was renamed meanwhile, openat2(2) */
        return descriptor;
    }

    static int aigate_clone_mount(int place, int children) {
        return (int)syscall(AIGATE_OPEN_TREE, place, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC
                                                         | (children ? AT_RECURSIVE : 0));
    }

    static int aigate_attach_mount(int mount, int place) {
        return (int)syscall(AIGATE_MOVE_MOUNT, mount, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }

    static int aigate_mount_attributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, int all) {
        struct mount_attr attributes = {set, clear, propagation, 0};
        return (int)syscall(AIGATE_MOUNT_SETATTR, mount, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attributes,
                            sizeof attributes);
    }

    static int aigate_map_mount(int mount, int namespace) {
        struct mount_attr attributes = {0x100000 /* MOUNT_ATTR_IDMAP, Linux 5.12 */, 0, 0, namespace};
        return (int)syscall(AIGATE_MOUNT_SETATTR, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
    }

    struct aigate_maps { const char *users, *groups; int result, error; };

    static int aigate_write_map(const char *path, const char *text) {
        int file = open(path, O_WRONLY | O_CLOEXEC), whole = (int)strlen(text), done;
        if (file < 0) return -1;
        done = (int)write(file, text, whole);
        close(file);
        return done == whole ? 0 : -1;
    }

    /* In memory and with descriptors that are the caller's, who waits: what is opened here is open there. */
    static int aigate_in_new_namespace(void *data) {
        struct aigate_maps *maps = data;
        if (aigate_write_map("/proc/self/setgroups", "deny") || aigate_write_map("/proc/self/uid_map", maps->users) ||
            aigate_write_map("/proc/self/gid_map", maps->groups) ||
            (maps->result = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC)) < 0)
            maps->error = errno;
        return 0;
    }

    static int aigate_new_user_namespace(const char *users, const char *groups) {
        static char stack[1 << 16] __attribute__((aligned(16)));
        struct aigate_maps maps = {users, groups, -1, 0};
        int child = clone(aigate_in_new_namespace, stack + sizeof stack,
                          CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWUSER, &maps);
        if (child < 0) return -1;
        while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR) {}
        if (maps.error) errno = maps.error;
        return maps.result;
    }

    /* A size of nothing is refused before anything else is looked at: EINVAL where the call exists, for everyone. */
    static int aigate_try_mount_attributes(void) {
        return (int)syscall(AIGATE_MOUNT_SETATTR, -1, "", 0, NULL, 0);
    }

    /* options: names and values in turn, ended by NULL; a value may be NULL for a switch. */
    static int aigate_new_file_system(const char *kind, const char **options, uint64_t attributes) {
        int result = -1, saved, context = (int)syscall(AIGATE_FSOPEN, kind, FSOPEN_CLOEXEC);
        if (context < 0) return -1;
        for (; options[0]; options += 2)
            if (syscall(AIGATE_FSCONFIG, context, options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[0],
                        options[1], 0)) goto out;
        if (!syscall(AIGATE_FSCONFIG, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
            result = (int)syscall(AIGATE_FSMOUNT, context, FSMOUNT_CLOEXEC, attributes);
    out:
        saved = errno;
        close(context);
        errno = saved;
        return result;
    }

    static int aigate_pivot(int root) {
        if (fchdir(root) || syscall(SYS_pivot_root, ".", ".")) return -1;
        return syscall(SYS_umount2, ".", 2 /* MNT_DETACH */) || chdir("/") ? -1 : 0;
    }

    /* Bounding set, ambient set, and the three sets of capset(2); no_new_privs keeps exec from adding any. Each is read
     * back: EINVAL means that the kernel has no capability of that number, and nothing else may be taken for it. */
    static int aigate_drop_capabilities(void) {
        struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
        struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
        int number, held;
        for (number = 0; number < 64; number++)
            if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) && errno != EINVAL) return -1;
        for (number = 0; number < 64; number++) {
            held = prctl(PR_CAPBSET_READ, number, 0, 0, 0);
            if (held < 0 && errno != EINVAL) return -1;
            if (held > 0) goto kept;
        }
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) || syscall(SYS_capset, &header, sets)) return -1;
        if (syscall(SYS_capget, &header, sets)) return -1;
        for (number = 0; number < 2; number++)
            if (sets[number].effective | sets[number].permitted | sets[number].inheritable) goto kept;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -1;
        if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) return 0;
    kept:
        errno = EPERM;
        return -1;
    }

    static int aigate_filter(const char *program, size_t size) {
        struct sock_fprog filter = {(unsigned short)(size / sizeof(struct sock_filter)), (struct sock_filter *)program};
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0)) return -1;
        if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER) return 0;
        errno = EPERM;
        return -1;
    }
    """
    int aigate_open_in(int directory, const char *path, uint64_t flags, uint64_t mode, bint links)
    int aigate_clone_mount(int place, bint children)
    int aigate_attach_mount(int mount, int place)
    int aigate_mount_attributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bint all)
    int aigate_new_file_system(const char *kind, const char **options, uint64_t attributes)
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
