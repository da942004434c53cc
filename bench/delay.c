/*
 * A network in between: forwards TCP connections to a server's unix socket and holds everything back, half the round
 * trip each way. What is sent together arrives together: each piece gets its own due time, none waits for another.
 *   delay ROUND_TRIP_US SOCKET
 * prints its port, answers each line on its input with the round trips so far, and ends when that ends.
 * A round trip is counted when a client sends after it received something (or for the first time).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CHANNELS 64
#define HELD_BYTES (16 << 20) /* as much as is under way at most, each way */

typedef struct piece {
    struct piece *next;
    int64_t due_ns;
    size_t length, sent;
    char bytes[];
} piece;

/* One direction of a connection. */
typedef struct lane {
    int from, to;
    piece *first, *last;
    size_t held;
    bool ended, full; /* nothing more comes; the receiver takes no more now */
} lane;

typedef struct channel {
    lane up, down; /* to the server, to the client */
    bool open, answered;
} channel;

static channel channels[CHANNELS];
static int64_t one_way_ns;
static long round_trips;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool again(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

static void receive(lane *it, bool *got) {
    static char bytes[1 << 18];
    ssize_t length = recv(it->from, bytes, sizeof bytes, 0);
    if (length < 0 && again())
        return;
    size_t kept = length > 0 ? (size_t)length : 0; /* 0: the end, which travels like everything else */
    piece *one = malloc(sizeof *one + kept);
    *one = (piece){.due_ns = now_ns() + one_way_ns, .length = kept};
    memcpy(one->bytes, bytes, kept);
    if (it->first == NULL)
        it->first = one;
    else
        it->last->next = one;
    it->last = one;
    it->held += kept;
    it->ended = kept == 0;
    *got = kept > 0;
}

/* Sends what is due; tells whether anything went. */
static bool forward(lane *it, int64_t now) {
    bool any = false;
    while (!it->full && it->first != NULL && it->first->due_ns <= now) {
        piece *one = it->first;
        if (one->length == 0) {
            shutdown(it->to, SHUT_WR);
        } else {
            ssize_t sent = send(it->to, one->bytes + one->sent, one->length - one->sent, MSG_NOSIGNAL);
            if (sent < 0 && again()) {
                it->full = true;
                break;
            }
            one->sent = sent < 0 ? one->length : one->sent + (size_t)sent; /* gone: its other direction will tell */
            any = true;
            if (one->sent < one->length)
                continue;
        }
        it->first = one->next;
        it->held -= one->length;
        free(one);
    }
    return any;
}

static void close_channel(channel *it) {
    close(it->up.from);
    close(it->up.to);
    *it = (channel){0};
}

static void accept_one(int listener, const char *path) {
    int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK), one = 1;
    if (client < 0)
        return;
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    snprintf(place.sun_path, sizeof place.sun_path, "%s", path);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    channel *it = channels;
    while (it < channels + CHANNELS && it->open)
        it++;
    if (it == channels + CHANNELS || connect(server, (struct sockaddr *)&place, sizeof place) != 0) {
        close(client);
        close(server);
        return;
    }
    fcntl(server, F_SETFL, O_NONBLOCK);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *it = (channel){
        .open = true, .answered = true, .up = {.from = client, .to = server}, .down = {.from = server, .to = client}};
}

static int listen_anywhere(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof place;
    if (listener < 0 || bind(listener, (struct sockaddr *)&place, length) != 0 || listen(listener, CHANNELS) != 0 ||
        getsockname(listener, (struct sockaddr *)&place, &length) != 0)
        die("listen");
    printf("%d\n", ntohs(place.sin_port));
    fflush(stdout);
    return listener;
}

static int64_t earlier(int64_t due, const lane *it) {
    return it->first != NULL && !it->full && it->first->due_ns < due ? it->first->due_ns : due;
}

/* Until something can be read or written, or the next piece is due. */
static void wait_for(struct pollfd *polled, nfds_t count) {
    int64_t due = INT64_MAX;
    for (channel *it = channels; it < channels + CHANNELS; it++) {
        due = earlier(due, &it->up);
        due = earlier(due, &it->down);
    }
    int64_t rest = due - now_ns();
    rest = rest < 0 ? 0 : rest;
    struct timespec timeout = {.tv_sec = rest / 1000000000, .tv_nsec = rest % 1000000000};
    if (ppoll(polled, count, due == INT64_MAX ? NULL : &timeout, NULL) < 0 && errno != EINTR)
        die("ppoll");
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    one_way_ns = atoll(argv[1]) * 1000 / 2;
    prctl(PR_SET_TIMERSLACK, 1UL);
    int listener = listen_anywhere();
    struct pollfd polled[2 + 2 * CHANNELS];
    for (;;) {
        polled[0] = (struct pollfd){.fd = 0, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < CHANNELS; i++) {
            channel *it = &channels[i];
            bool hear_up = !it->up.ended && it->up.held < HELD_BYTES,
                 hear_down = !it->down.ended && it->down.held < HELD_BYTES;
            polled[2 + 2 * i] =
                (struct pollfd){.fd = it->open && (hear_up || it->down.full) ? it->up.from : -1,
                                .events = (short)((hear_up ? POLLIN : 0) | (it->down.full ? POLLOUT : 0))};
            polled[3 + 2 * i] =
                (struct pollfd){.fd = it->open && (hear_down || it->up.full) ? it->down.from : -1,
                                .events = (short)((hear_down ? POLLIN : 0) | (it->up.full ? POLLOUT : 0))};
        }
        wait_for(polled, 2 + 2 * CHANNELS);
        if (polled[0].revents != 0) {
            char line[64];
            ssize_t length = read(0, line, sizeof line);
            if (length <= 0)
                return 0;
            printf("%ld\n", round_trips);
            fflush(stdout);
        }
        int64_t now = now_ns();
        for (int i = 0; i < CHANNELS; i++) {
            channel *it = &channels[i];
            if (!it->open)
                continue;
            short client = polled[2 + 2 * i].revents, server = polled[3 + 2 * i].revents;
            it->down.full = it->down.full && !(client & POLLOUT);
            it->up.full = it->up.full && !(server & POLLOUT);
            bool got = false;
            if (client & (POLLIN | POLLHUP | POLLERR) && !it->up.ended)
                receive(&it->up, &got);
            if (got && it->answered) {
                round_trips++;
                it->answered = false;
            }
            if (server & (POLLIN | POLLHUP | POLLERR) && !it->down.ended)
                receive(&it->down, &got);
            forward(&it->up, now);
            if (forward(&it->down, now))
                it->answered = true;
            if (it->up.ended && it->down.ended && it->up.first == NULL && it->down.first == NULL)
                close_channel(it);
        }
        if (polled[1].revents != 0)
            accept_one(listener, argv[2]);
    }
}
