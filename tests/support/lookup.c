/* Looks a host up and says something to its echo: linked with musl, whose resolver is nothing like glibc's. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    char reply[100];
    if (argc != 3)
        return 2;
    if (getaddrinfo(argv[1], "7", &hints, &found))
        return 3;
    for (; found; found = found->ai_next) {
        int connection = socket(found->ai_family, found->ai_socktype, 0);
        if (connection >= 0 && !connect(connection, found->ai_addr, found->ai_addrlen)) {
            ssize_t length = write(connection, argv[2], strlen(argv[2]));
            length = read(connection, reply, sizeof reply - 1);
            reply[length > 0 ? length : 0] = 0;
            return puts(reply) < 0;
        }
        close(connection);
    }
    return 4;
}
