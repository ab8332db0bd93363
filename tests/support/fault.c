// Makes one system call of a command fail: `fault WHO CALL NTH ERROR MET COMMAND...`. WHO is a process by its descent (`0`
// is the command, `0.2` its second child or thread), each that runs a program of that name, or `*`, each process. CALL and ERROR are numbers, MET is a file that is
// made when it happens. Ends as the command does, once everything that descends from it has ended, and takes it along
// when killed itself. A filter stops the processes at that one call alone, so the rest runs at full speed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 1024
#define BORN (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

struct process {
    pid_t pid;
    char who[64];  // empty: seen before its parent told of it, and waiting for that
    unsigned children, calls;
};

static struct process processes[MOST];
static const char *wanted, *met;
static unsigned nth;
static long failure;

static struct process *of(pid_t pid) {
    struct process *empty = NULL;
    for (int i = 0; i < MOST; i++) {
        if (processes[i].pid == pid) return &processes[i];
        if (!processes[i].pid && !empty) empty = &processes[i];
    }
    if (!empty) exit(125);
    *empty = (struct process){.pid = pid};
    return empty;
}

static void go_on(pid_t pid, int number) {
    ptrace(PTRACE_CONT, pid, NULL, (void *)(long)number);
}

// Whether the parent may still tell of it: one that was killed meanwhile does not.
static int has_parent(pid_t pid) {
    char path[32], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    const char *behind = size > 0 ? strrchr(text, ')') : NULL;  // proc(5): the name in parentheses, state, parent
    const pid_t parent = behind && strlen(behind) > 4 ? (pid_t)atoi(behind + 4) : 0;
    for (int i = 0; i < MOST; i++)
        if (parent && processes[i].pid == parent) return 1;
    return 0;
}

static void let_orphans_go(void) {
    for (int i = 0; i < MOST; i++) {
        struct process *process = &processes[i];
        if (!process->pid || *process->who || !process->children || has_parent(process->pid)) continue;
        process->children = 0;
        strcpy(process->who, "orphan");
        go_on(process->pid, 0);
    }
}

static void told_of(struct process *parent) {
    unsigned long pid = 0;
    ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
    struct process *child = of((pid_t)pid);
    const int waits = child->children != 0;
    child->children = 0;
    snprintf(child->who, sizeof child->who, "%.50s.%u", parent->who, ++parent->children);
    if (waits) go_on(child->pid, 0);
}

static int is_meant(const struct process *process) {
    char path[32], name[32] = "";
    if (!strcmp(wanted, "*") || !strcmp(wanted, process->who)) return 1;
    snprintf(path, sizeof path, "/proc/%d/comm", process->pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t size = read(file, name, sizeof name - 1);
    close(file);
    if (size > 0) name[size - 1] = 0;
    return !strcmp(wanted, name);
}

static void at_the_call(struct process *process) {
    struct user_regs_struct registers;
    if (!is_meant(process) || ++process->calls != nth || ptrace(PTRACE_GETREGS, process->pid, NULL, &registers)) return;
    registers.orig_rax = (unsigned long long)-1;  // skipped by the kernel, which returns what stands in rax
    registers.rax = (unsigned long long)-failure;
    if (!ptrace(PTRACE_SETREGS, process->pid, NULL, &registers)) close(open(met, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static void stopped(pid_t pid, int status) {
    struct process *process = of(pid);
    const int event = status >> 16, number = WSTOPSIG(status);
    switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: told_of(process); break;
    case PTRACE_EVENT_SECCOMP: at_the_call(process); break;
    case PTRACE_EVENT_STOP:
        if (!*process->who) process->children = 1, let_orphans_go();  // waits
        else if (number == SIGTRAP) break;
        else ptrace(PTRACE_LISTEN, pid, NULL, NULL);
        return;
    default: go_on(pid, number); return;
    }
    go_on(pid, 0);
}

static void begin(int call, char **command) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
    };
    const struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};
    if (geteuid()) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) _exit(125);
    execvp(*command, command);
    _exit(125);
}

int main(int count, char **words) {
    int ready[2], status, end = 0;
    char letter;
    if (count < 7 || pipe2(ready, O_CLOEXEC)) return 125;
    wanted = words[1], nth = (unsigned)atoi(words[3]), failure = atol(words[4]), met = words[5];
    const pid_t first = fork();
    if (!first) {
        close(ready[1]);
        if (read(ready[0], &letter, 1)) _exit(125);
        close(ready[0]);
        begin(atoi(words[2]), words + 6);
    }
    snprintf(of(first)->who, sizeof of(first)->who, "0");
    if (ptrace(PTRACE_SEIZE, first, NULL, (void *)(long)(BORN | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL))) return 125;
    close(ready[0]), close(ready[1]);
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
        if (pid <= 0) continue;
        if (WIFSTOPPED(status)) stopped(pid, status);
        else {
            if (pid == first) end = status;
            of(pid)->pid = 0;
            let_orphans_go();
        }
    }
    if (WIFEXITED(end)) return WEXITSTATUS(end);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    signal(WTERMSIG(end), SIG_DFL);
    raise(WTERMSIG(end));
    return 128 + WTERMSIG(end);
}
