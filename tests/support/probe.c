// What a command inside finds in force, told in one line on standard output: the test beside it compares that with what
// it is without a fault. Each call is tried several times, since the fault that was ordered may meet this program too.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES 4

static int opened(const char *path) {
    for (int i = 0; i < TRIES; i++) {
        int found = open(path, O_RDONLY);
        if (found >= 0) return found;
    }
    return -1;
}

static void status_of_this(char *text, size_t size) {
    size_t length = 0;
    int file = opened("/proc/self/status");
    for (int tries = 0; tries < TRIES && length < size - 1;) {
        ssize_t got = read(file, text + length, size - 1 - length);
        if (got > 0) length += (size_t)got;
        else tries++;
    }
    text[length] = 0;
}

static int layers_left(void) {  // Landlock: 16 are allowed, so this tells how many are in force
    const struct { unsigned long long fs, net, scoped; } rules = {1ULL << 12, 0, 0};  // LANDLOCK_ACCESS_FS_MAKE_SYM
    int made = 0;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    for (int failed = 0; failed < TRIES;) {
        long file = syscall(444, &rules, 8UL, 0U);  // landlock_create_ruleset
        if (file < 0 || syscall(446, (int)file, 0U) != 0) failed++;  // landlock_restrict_self
        else made++;
        if (file >= 0) close((int)file);
    }
    return made;
}

int main(int count, char **words) {
    static char text[16384];
    char line[1024];
    int length = 0;
    const char *wanted[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters"};
    status_of_this(text, sizeof text);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char key[32];
        snprintf(key, sizeof key, "\n%s:\t", wanted[i]);
        const char *found = strstr(text, key);
        long size = found ? (long)strcspn(found + strlen(key), "\n") : 0;
        length += snprintf(line + length, sizeof line - (size_t)length, "%s=%.*s ", wanted[i], (int)size,
                           found ? found + strlen(key) : "");
    }
    length += snprintf(line + length, sizeof line - (size_t)length, "layers=%d", layers_left());
    for (int i = 1; i < count; i++) {  // what must not be read, then what must not be written
        const int writing = words[i][0] == '+';
        int open_now = -1;
        if (words[i][0] == '@') {  // a namespace that must be another one than the host's: @/proc/self/ns/net=net:[1]
            char *link = words[i] + 1, *host = strchr(words[i], '='), found[64] = "";
            *host++ = 0;
            for (int tries = 0; tries < TRIES && !*found; tries++) readlink(link, found, sizeof found - 1);
            length += snprintf(line + length, sizeof line - (size_t)length, " %s",
                               !*found || !strcmp(found, host) ? "HOSTS" : "own");
            continue;
        }
        for (int tries = 0; tries < TRIES && open_now < 0; tries++)
            open_now = open(words[i] + 1, writing ? O_WRONLY | O_APPEND : O_RDONLY);
        length += snprintf(line + length, sizeof line - (size_t)length, " %s", open_now < 0 ? "closed" : "OPEN");
    }
    line[length++] = '\n';
    for (int done = 0, tries = 0; done < length && tries < TRIES;) {
        ssize_t put = write(1, line + done, (size_t)(length - done));
        if (put > 0) done += (int)put;
        else tries++;
    }
    _exit(7);
}
