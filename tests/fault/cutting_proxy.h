/*
 * A proxy between client and server that cuts the connection after so many bytes: a network that fails at a chosen
 * moment. It listens on a Unix socket of its own in a temporary folder, and runs in a thread.
 */
#ifndef TELEAI_TESTS_CUTTING_PROXY_H
#define TELEAI_TESTS_CUTTING_PROXY_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"

#define PROXY_PAIRS 16

enum { PROXY_UP, PROXY_DOWN }; /* to the server, to the client */

static struct {
    int listener;
    struct sockaddr_un server;
    struct pollfd ends[1 + 2 * PROXY_PAIRS]; /* the listener, then client and server of each pair; fd -1: free */
    _Atomic long passed[2];                  /* bytes since the counters were last set to 0 */
    _Atomic long limit[2];                   /* cut after so many; -1: do not */
    _Atomic int cuts;
    _Atomic bool stop;
    pthread_t thread;
    char folder[64], path[108];
} proxy;

static void proxy_accept(void) {
    int client = accept(proxy.listener, NULL, NULL);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    int pair = 0;
    while (pair < PROXY_PAIRS && proxy.ends[1 + 2 * pair].fd >= 0)
        pair++;
    if (client < 0 || server < 0 || pair == PROXY_PAIRS ||
        connect(server, (struct sockaddr *)&proxy.server, sizeof proxy.server) != 0) {
        close(client);
        close(server);
        return;
    }
    proxy.ends[1 + 2 * pair].fd = client;
    proxy.ends[2 + 2 * pair].fd = server;
}

static void proxy_close(int pair) {
    for (int end = 1 + 2 * pair; end <= 2 + 2 * pair; end++) {
        close(proxy.ends[end].fd);
        proxy.ends[end].fd = -1;
    }
}

/* Passes on what came at this end, or cuts. */
static void proxy_pass(int end) {
    int direction = end % 2 == 1 ? PROXY_UP : PROXY_DOWN, pair = (end - 1) / 2;
    char bytes[8192];
    ssize_t count = recv(proxy.ends[end].fd, bytes, sizeof bytes, 0);
    if (count <= 0) {
        proxy_close(pair);
        return;
    }
    long limit = proxy.limit[direction], passed = proxy.passed[direction];
    bool cut = limit >= 0 && passed + count > limit;
    if (cut)
        count = limit > passed ? limit - passed : 0;
    int other = proxy.ends[end % 2 == 1 ? end + 1 : end - 1].fd;
    for (ssize_t sent = 0; sent < count;) {
        ssize_t done = send(other, bytes + sent, (size_t)(count - sent), MSG_NOSIGNAL);
        if (done <= 0)
            break;
        sent += done;
    }
    proxy.passed[direction] += count;
    if (!cut)
        return;
    proxy.limit[direction] = -1;
    proxy.cuts++;
    proxy_close(pair);
}

static void *proxy_run(void *unused) {
    (void)unused;
    while (!proxy.stop) {
        if (poll(proxy.ends, 1 + 2 * PROXY_PAIRS, 50) <= 0)
            continue;
        if (proxy.ends[0].revents != 0)
            proxy_accept();
        for (int end = 1; end <= 2 * PROXY_PAIRS; end++)
            if (proxy.ends[end].fd >= 0 && proxy.ends[end].revents != 0) {
                proxy.ends[end].revents = 0;
                proxy_pass(end);
            }
    }
    return NULL;
}

/* Starts it in front of the server that listens in this folder; libpq finds it in proxy.folder on the same port. */
static void proxy_start(const char *server_folder, const char *port) {
    proxy.server.sun_family = AF_UNIX;
    snprintf(proxy.server.sun_path, sizeof proxy.server.sun_path, "%.80s/.s.PGSQL.%.10s", server_folder, port);
    snprintf(proxy.folder, sizeof proxy.folder, "/tmp/teleai-proxy-XXXXXX");
    if (mkdtemp(proxy.folder) == NULL) {
        perror("mkdtemp");
        exit(1);
    }
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    snprintf(proxy.path, sizeof proxy.path, "%s/.s.PGSQL.%.10s", proxy.folder, port);
    memcpy(own.sun_path, proxy.path, sizeof own.sun_path);
    proxy.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(proxy.listener, (struct sockaddr *)&own, sizeof own) != 0 || listen(proxy.listener, PROXY_PAIRS) != 0) {
        perror("proxy");
        exit(1);
    }
    for (int end = 0; end <= 2 * PROXY_PAIRS; end++)
        proxy.ends[end] = (struct pollfd){.fd = end == 0 ? proxy.listener : -1, .events = POLLIN};
    proxy.limit[PROXY_UP] = proxy.limit[PROXY_DOWN] = -1;
    pthread_create(&proxy.thread, NULL, proxy_run, NULL);
}

/* From now: cuts once this many bytes have passed in this direction. */
static void proxy_cut_after(int direction, long bytes) {
    proxy.passed[PROXY_UP] = proxy.passed[PROXY_DOWN] = 0;
    proxy.limit[!direction] = -1;
    proxy.limit[direction] = bytes;
}

static void proxy_stop(void) {
    proxy.stop = true;
    pthread_join(proxy.thread, NULL);
    for (int end = 0; end <= 2 * PROXY_PAIRS; end++)
        if (proxy.ends[end].fd >= 0)
            close(proxy.ends[end].fd);
    unlink(proxy.path);
    rmdir(proxy.folder);
}

#endif
