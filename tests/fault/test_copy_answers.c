/* A server that answers ordinary statements with COPY: an error, in time, rather than a loop. */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

static int listener;
static char copy_kind;   /* 'G' in, 'H' out, 'W' both, 0: NOTICE without end */
static int good_answers; /* statements that are answered well first */

static void put32(unsigned char *out, uint32_t value) {
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (24 - 8 * i));
}

static bool say(int socket, char type, const void *body, uint32_t size) {
    unsigned char bytes[256] = {(unsigned char)type};
    put32(bytes + 1, size + 4);
    memcpy(bytes + 5, body, size);
    return send(socket, bytes, 5 + size, MSG_NOSIGNAL) == (ssize_t)(5 + size);
}

static bool hear(int socket, void *out, size_t size) {
    for (size_t got = 0; got < size;) {
        ssize_t count = recv(socket, (char *)out + got, size - got, 0);
        if (count <= 0)
            return false;
        got += (size_t)count;
    }
    return true;
}

static void trick(int socket) {
    static const char notice[] = "SNOTICE\0C00000\0Mwords\0";
    if (copy_kind != 0)
        say(socket, copy_kind, "\0\0\0", 3);
    else
        while (say(socket, 'N', notice, sizeof notice))
            ;
}

static void serve(int socket) {
    unsigned char head[5], body[4096];
    if (!hear(socket, head, 4) || !hear(socket, body, (uint32_t)head[2] * 256 + head[3] - 4))
        return;
    say(socket, 'R', "\0\0\0\0", 4);
    say(socket, 'K', "\0\0\0\1\0\0\0\2", 8);
    say(socket, 'S',
        "server_version\0"
        "15.3",
        20);
    say(socket, 'Z', "I", 1);
    for (int done = 0;;) {
        if (!hear(socket, head, 5))
            return;
        uint32_t size = (uint32_t)head[3] * 256 + head[4] - 4;
        if (size > sizeof body || !hear(socket, body, size))
            return;
        if (head[0] != 'Q' && head[0] != 'S')
            continue;
        if (done++ < good_answers) {
            say(socket, 'T', "\0\1pid\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0", 24);
            say(socket, 'D',
                "\0\1\0\0\0\1"
                "1",
                7);
            say(socket, 'C', "SELECT 1", 9);
            say(socket, 'Z', "I", 1);
        } else {
            trick(socket);
        }
    }
}

static void *serve_one(void *given) {
    int socket = (int)(intptr_t)given;
    serve(socket);
    close(socket);
    return NULL;
}

static void *run(void *unused) {
    (void)unused;
    for (int socket; (socket = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)socket);
        pthread_detach(thread);
    }
    return NULL;
}

static void refused(const char *connection, char kind, int good) {
    teleai_options options = {.struct_size = sizeof options,
                              .timeout_ms = 1000,
                              .schema = TELEAI_SCHEMA_IGNORE,
                              .password_memory_kib = 19456};
    teleai_client *client = NULL;
    teleai_error error;
    copy_kind = kind;
    good_answers = good;
    int64_t start = check_now_ms();
    teleai_status status = teleai_open(connection, &options, &client, &error);
    int64_t took = check_now_ms() - start;
    CHECK(status != TELEAI_OK && client == NULL, "kind %c, %d good: %s", kind == 0 ? 'N' : kind, good,
          teleai_status_name(status));
    CHECK(took < 8000, "kind %c, %d good: %d ms", kind == 0 ? 'N' : kind, good, (int)took);
    teleai_close(client);
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char connection[120];
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("socket");
        return 1;
    }
    snprintf(connection, sizeof connection, "host=127.0.0.1 port=%d user=x dbname=x sslmode=disable gssencmode=disable",
             ntohs(address.sin_port));
    pthread_create(&thread, NULL, run, NULL);
    static const char kinds[] = {'G', 'H', 'W', 0};
    for (size_t i = 0; i < sizeof kinds; i++)
        for (int good = 0; good < 2; good++) /* while the session is set up, and at the first call */
            refused(connection, kinds[i], good);
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
    return check_failures > 0;
}
