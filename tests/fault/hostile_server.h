/*
 * Servers that lie. hostile_listen() takes connections, each on a thread of its own, and lets the test say what is answered
 * there. hostile_proxy() is one of those: it stands before a real server, and passes on what that says until a trick is
 * armed, which then makes other messages of those of one answer.
 */
#ifndef TELEAI_TESTS_HOSTILE_SERVER_H
#define TELEAI_TESTS_HOSTILE_SERVER_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

/* ---- messages ---- */

static void hostile_put32(unsigned char *out, uint32_t value) {
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (24 - 8 * i));
}

static uint32_t hostile_take32(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* False: the receiver has closed. */
static bool hostile_send(int socket, const void *bytes, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t count = send(socket, (const char *)bytes + sent, size - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        sent += (size_t)count;
    }
    return true;
}

/* With a length that may be another than that of the body. */
static bool hostile_say_as(int socket, char type, uint32_t length, const void *body, size_t size) {
    unsigned char small[512] = {(unsigned char)type};
    hostile_put32(small + 1, length);
    if (size <= sizeof small - 5) {
        if (size > 0)
            memcpy(small + 5, body, size);
        return hostile_send(socket, small, 5 + size);
    }
    return hostile_send(socket, small, 5) && hostile_send(socket, body, size);
}

static bool hostile_say(int socket, char type, const void *body, size_t size) {
    return hostile_say_as(socket, type, (uint32_t)size + 4, body, size);
}

static bool hostile_hear(int socket, void *out, size_t size) {
    for (size_t got = 0; got < size;) {
        ssize_t count = recv(socket, (char *)out + got, size - got, 0);
        if (count <= 0)
            return false;
        got += (size_t)count;
    }
    return true;
}

/* Whatever the client begins with: its name, its database. */
__attribute__((unused)) static bool hostile_hear_start(int socket) {
    unsigned char head[4], body[4096];
    return hostile_hear(socket, head, 4) && hostile_take32(head) - 4 <= sizeof body &&
           hostile_hear(socket, body, hostile_take32(head) - 4);
}

/* A message of the client's. */
__attribute__((unused)) static bool hostile_hear_message(int socket, char *type, unsigned char *body, size_t most,
                                                         uint32_t *size) {
    unsigned char head[5];
    if (!hostile_hear(socket, head, 5))
        return false;
    *type = (char)head[0];
    *size = hostile_take32(head + 1) - 4;
    return *size <= most && hostile_hear(socket, body, *size);
}

static void hostile_say_parameter(int socket, const char *name, const char *value) {
    char body[200];
    size_t size = strlen(name) + 1;
    memcpy(body, name, size);
    memcpy(body + size, value, strlen(value) + 1);
    hostile_say(socket, 'S', body, size + strlen(value) + 1);
}

/* What a server says before it takes statements. */
__attribute__((unused)) static void hostile_say_welcome(int socket) {
    hostile_say(socket, 'R', "\0\0\0\0", 4);
    hostile_say(socket, 'K', "\0\0\0\1\0\0\0\2", 8);
    hostile_say_parameter(socket, "server_version", "15.3");
    hostile_say(socket, 'Z', "I", 1);
}

/* ---- listening ---- */

static struct {
    int listener;
    uint16_t port;
    void (*serve)(int socket);
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int links; /* connections that are served at present */
} hostile = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *hostile_serve_one(void *given) {
    int socket = (int)(intptr_t)given;
    hostile.serve(socket);
    close(socket);
    pthread_mutex_lock(&hostile.mutex);
    hostile.links--;
    pthread_cond_signal(&hostile.changed);
    pthread_mutex_unlock(&hostile.mutex);
    return NULL;
}

static void *hostile_run(void *unused) {
    (void)unused;
    for (int socket; (socket = accept(hostile.listener, NULL, NULL)) >= 0;) {
        int at_once = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        pthread_mutex_lock(&hostile.mutex);
        hostile.links++;
        pthread_mutex_unlock(&hostile.mutex);
        pthread_t thread;
        pthread_create(&thread, NULL, hostile_serve_one, (void *)(intptr_t)socket);
        pthread_detach(thread);
    }
    return NULL;
}

static void hostile_listen(void (*serve)(int socket)) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    hostile.serve = serve;
    hostile.listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(hostile.listener, (struct sockaddr *)&address, size) != 0 || listen(hostile.listener, 64) != 0 ||
        getsockname(hostile.listener, (struct sockaddr *)&address, &size) != 0) {
        perror("socket");
        exit(1);
    }
    hostile.port = ntohs(address.sin_port);
    pthread_create(&hostile.thread, NULL, hostile_run, NULL);
}

/* Once the clients are closed. */
static void hostile_stop(void) {
    shutdown(hostile.listener, SHUT_RDWR);
    pthread_join(hostile.thread, NULL);
    close(hostile.listener);
    pthread_mutex_lock(&hostile.mutex);
    while (hostile.links > 0)
        pthread_cond_wait(&hostile.changed, &hostile.mutex);
    pthread_mutex_unlock(&hostile.mutex);
}

/* ---- before a real server ---- */

typedef struct hostile_link {
    int client, server;
    int answers; /* that are over: the first is the welcome, the second that to the settings of a session */
    const struct hostile_trick *trick;
    int messages; /* of the answer that is lied about */
    bool over;    /* closes both ends */
} hostile_link;

typedef struct hostile_message {
    char type;
    const unsigned char *body;
    uint32_t size;
} hostile_message;

/* A way to lie: what is passed on in place of each message of one answer, up to and with the one that ends it. */
typedef struct hostile_trick {
    const char *name;
    void (*lie)(hostile_link *link, const hostile_message *message);
    const char *text; /* these three are for it */
    int32_t number;
    char type;
    uint32_t allowed; /* statuses that may come of it, a bit each, beside OK */
    bool libpq_leaks; /* a ReadyForQuery before the end of a statement: libpq loses the result that it has begun */
} hostile_trick;

static struct {
    struct sockaddr_un server;
    _Atomic(const hostile_trick *) armed; /* for the next answer, which takes it */
    _Atomic int skip;                     /* answers before that one */
    _Atomic int least_answers;            /* of the connection's before: 0 lies about the welcome too */
    _Atomic int told;                     /* how many answers were lied about */
} hostile_way;

static bool hostile_pass(hostile_link *link, const hostile_message *message) {
    if (!hostile_say(link->client, message->type, message->body, message->size))
        link->over = true;
    return !link->over;
}

/* A message from the server; an answer begins when the one before has ended. */
static void hostile_tell(hostile_link *link, const hostile_message *message, bool *in_answer) {
    if (!*in_answer && link->answers >= hostile_way.least_answers && hostile_way.armed != NULL &&
        atomic_fetch_sub(&hostile_way.skip, 1) <= 0) {
        link->trick = atomic_exchange(&hostile_way.armed, NULL);
        link->messages = 0;
        hostile_way.told += link->trick != NULL;
    }
    *in_answer = true;
    if (link->trick != NULL) {
        link->trick->lie(link, message);
        link->messages++;
    } else {
        hostile_pass(link, message);
    }
    if (message->type == 'Z') {
        *in_answer = false;
        link->trick = NULL;
        link->answers++;
    }
}

static bool hostile_relay_up(const hostile_link *link) {
    char bytes[65536];
    ssize_t count = recv(link->client, bytes, sizeof bytes, 0);
    return count > 0 && hostile_send(link->server, bytes, (size_t)count);
}

typedef struct hostile_buffer {
    unsigned char *bytes;
    size_t size, room;
} hostile_buffer;

static void hostile_add(hostile_buffer *to, const void *bytes, size_t size) {
    if (to->size + size > to->room) {
        to->room = 2 * (to->size + size) + 4096;
        to->bytes = realloc(to->bytes, to->room);
    }
    if (size > 0)
        memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static void hostile_proxy_serve(int socket_given) {
    hostile_link link = {.client = socket_given, .server = socket(AF_UNIX, SOCK_STREAM, 0)};
    hostile_buffer held = {0};
    bool in_answer = false;
    if (connect(link.server, (struct sockaddr *)&hostile_way.server, sizeof hostile_way.server) != 0)
        link.over = true;
    while (!link.over) {
        struct pollfd ends[] = {{.fd = link.client, .events = POLLIN}, {.fd = link.server, .events = POLLIN}};
        if (poll(ends, 2, -1) < 0 && errno != EINTR)
            break;
        if (ends[0].revents != 0 && !hostile_relay_up(&link))
            break;
        if (ends[1].revents == 0)
            continue;
        unsigned char bytes[65536];
        ssize_t count = recv(link.server, bytes, sizeof bytes, 0);
        if (count <= 0)
            break;
        hostile_add(&held, bytes, (size_t)count);
        size_t done = 0;
        while (!link.over && held.size - done >= 5) {
            const unsigned char *at = held.bytes + done;
            size_t whole = 1 + (size_t)hostile_take32(at + 1);
            if (held.size - done < whole)
                break;
            hostile_message message = {.type = (char)*at, .body = at + 5, .size = (uint32_t)whole - 5};
            hostile_tell(&link, &message, &in_answer);
            done += whole;
        }
        memmove(held.bytes, held.bytes + done, held.size - done);
        held.size -= done;
    }
    free(held.bytes);
    close(link.server);
}

/* In front of the server whose socket lies in this folder. */
__attribute__((unused)) static void hostile_proxy(const char *folder, const char *port) {
    hostile_way.server.sun_family = AF_UNIX;
    snprintf(hostile_way.server.sun_path, sizeof hostile_way.server.sun_path, "%.80s/.s.PGSQL.%.10s", folder, port);
    hostile_listen(hostile_proxy_serve);
}

__attribute__((unused)) static void hostile_arm(const hostile_trick *trick, int skip, int least_answers) {
    hostile_way.told = 0;
    hostile_way.skip = skip;
    hostile_way.least_answers = least_answers;
    hostile_way.armed = trick;
}

#endif
