/* System calls with what they need around them: structures, numbers, and errors read back. Of _linux.pyx alone. */
#ifndef AIGATE_LINUX_H
#define AIGATE_LINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>

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

/* struct sched_attr, which C libraries know only lately. */
struct aigate_turns {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/* For this thread, and for what it forks later. */
static int aigate_ask_for_short_turns(uint64_t nanoseconds) {
    struct aigate_turns turns;
    if (syscall(SYS_sched_getattr, 0, &turns, sizeof turns, 0)) return -1;
    turns.size = sizeof turns;
    turns.flags = 0;
    turns.runtime = nanoseconds;
    return (int)syscall(SYS_sched_setattr, 0, &turns, 0);
}

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

/* setfsuid(2) and setfsgid(2) report no error: the second call, with an id that is none, tells what is in force. */
static int aigate_act_on_files_as(unsigned int user, unsigned int group) {
    setfsgid(group);
    setfsuid(user);
    if ((unsigned int)setfsgid(-1) == group && (unsigned int)setfsuid(-1) == user) return 0;
    errno = EPERM;
    return -1;
}

static int aigate_open_to_itself(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }

/* Numbers that are the same on every architecture; older C libraries have no functions for them. */
enum { AIGATE_OPEN_TREE = 428, AIGATE_MOVE_MOUNT, AIGATE_FSOPEN, AIGATE_FSCONFIG, AIGATE_FSMOUNT, AIGATE_FSPICK,
       AIGATE_OPENAT2 = 437, AIGATE_PIDFD_GETFD, AIGATE_MOUNT_SETATTR = 442 };

static int aigate_borrow(int process, int descriptor) {
    return (int)syscall(AIGATE_PIDFD_GETFD, process, descriptor, 0);
}

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

/* A file system that is configured anew, with nothing changed, forgets the names that nobody uses (shrink_dcache_sb), those of
 * what is not there too. */
static int aigate_forget_names(int mount) {
    int result, saved, context = (int)syscall(AIGATE_FSPICK, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
    if (context < 0) return -1;
    result = (int)syscall(AIGATE_FSCONFIG, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
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

#endif
