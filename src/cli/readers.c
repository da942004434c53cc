/* Processes that read files; see readers.h. */
#include "cli/readers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/walk.h"

#define BLOCK_BYTES (1 << 20)
#define MOST_MEMORY (UINT64_C(1) << 30)
#define LEAST_MS 30000
#define SLOWEST_BYTES_PER_MS 1000 /* 1 MB a second */

/* ---- in the child ---- */

typedef struct request {
    int32_t what;
    uint32_t length; /* of the path that follows */
} request;

static bool move(int file, void *bytes, size_t size, bool out) {
    for (char *at = bytes; size > 0;) {
        ssize_t moved = out ? write(file, at, size) : read(file, at, size);
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved <= 0)
            return false;
        at += moved;
        size -= (size_t)moved;
    }
    return true;
}

static void fail(read_result *to, const char *why) { snprintf(to->why, sizeof to->why, "%s", why); }

static void fail_busy(read_result *to, const char *why) {
    fail(to, why);
    to->good = false;
    to->busy = true;
}

/* Whether another process has it open for writing: then a lease for reading is refused. Where the file system has no leases,
 * or the file is somebody else's, nothing can be told. */
static bool is_being_written(int file) {
#ifdef F_SETLEASE
    if (fcntl(file, F_SETLEASE, F_RDLCK) != 0)
        return errno == EAGAIN;
    fcntl(file, F_SETLEASE, F_UNLCK);
#endif
    (void)file;
    return false;
}

static void hash(int file, read_result *to) {
    static unsigned char block[BLOCK_BYTES];
    crypto_hash_sha256_state state;
    int64_t bytes = 0;
    ssize_t got;
    crypto_hash_sha256_init(&state);
    while ((got = read(file, block, sizeof block)) > 0) {
        crypto_hash_sha256_update(&state, block, (unsigned long long)got);
        bytes += got;
    }
    crypto_hash_sha256_final(&state, to->sha256);
    if (got < 0)
        fail(to, strerror(errno));
    else if (bytes != to->bytes)
        fail_busy(to, "it changed while it was read");
    else
        to->good = true;
}

static void read_file(const request *asked, const char *path, bool leave_busy, read_result *to) {
    struct stat before, after;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        fail(to, strerror(errno));
        return;
    }
    if (fstat(file, &before) != 0 || !S_ISREG(before.st_mode)) {
        fail(to, "no plain file");
    } else if (leave_busy && is_being_written(file)) {
        fail_busy(to, "another program has it open for writing");
    } else {
        to->bytes = (int64_t)before.st_size;
        to->modified_us = modified_us(&before);
        if (asked->what == READ_HASH)
            hash(file, to);
        else
            to->good = audio_read(file, to->bytes, &to->sound, to->why, sizeof to->why);
        if (fstat(file, &after) != 0 || after.st_size != before.st_size || modified_us(&after) != to->modified_us)
            fail_busy(to, "it changed while it was read");
    }
    close(file);
}

/* A file that makes its reader ask for all memory fails; sanitizers need terabytes of it for themselves. */
static void limit_memory(void) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const struct rlimit most = {MOST_MEMORY, MOST_MEMORY};
    setrlimit(RLIMIT_AS, &most);
#endif
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

static void serve(int socket, bool leave_busy) {
    request asked;
    char path[4097];
    limit_memory();
    signal(SIGIO, SIG_IGN); /* a lease that we hold for a moment may be asked for */
    while (move(socket, &asked, sizeof asked, false) && asked.length < sizeof path &&
           move(socket, path, asked.length, false)) {
        read_result result;
        memset(&result, 0, sizeof result);
        path[asked.length] = 0;
        read_file(&asked, path, leave_busy, &result);
        if (!move(socket, &result, sizeof result, true))
            break;
    }
    _exit(0);
}

/* ---- in the parent ---- */

typedef struct reader {
    pid_t process; /* 0: none */
    int socket;
    read_task *task; /* NULL: it waits for one */
    int64_t until_ms;
} reader;

struct readers {
    int count;
    bool leave_busy;
    reader items[];
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool start_one(readers *all, reader *it) {
    int ends[2];
    *it = (reader){.socket = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < all->count; i++) /* or the others would not see their end */
            if (all->items[i].process != 0)
                close(all->items[i].socket);
        close(ends[0]);
        serve(ends[1], all->leave_busy);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return false;
    }
    it->process = child;
    it->socket = ends[0];
    return true;
}

/* Gives how it ended: 0 or the number of a signal. */
static int end_one(reader *it) {
    int status = 0;
    if (it->process == 0)
        return 0;
    close(it->socket);
    kill(it->process, SIGKILL);
    while (waitpid(it->process, &status, 0) < 0 && errno == EINTR)
        ;
    it->process = 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

readers *readers_start(int count, bool leave_busy) {
    readers *all = calloc(1, sizeof *all + (size_t)count * sizeof(reader));
    if (all == NULL || sodium_init() < 0) {
        report("out of memory");
        free(all);
        return NULL;
    }
    all->count = count;
    all->leave_busy = leave_busy;
    fflush(NULL);
    for (int i = 0; i < count; i++) {
        if (!start_one(all, &all->items[i])) {
            report("no process can be started: %s", strerror(errno));
            readers_stop(all);
            return NULL;
        }
    }
    return all;
}

void readers_stop(readers *all) {
    for (int i = 0; all != NULL && i < all->count; i++)
        end_one(&all->items[i]);
    free(all);
}

static bool give(reader *it, enum reading what, read_task *task) {
    const request asked = {(int32_t)what, (uint32_t)strlen(task->path)};
    it->task = task;
    it->until_ms = now_ms() + LEAST_MS + task->bytes / SLOWEST_BYTES_PER_MS;
    return move(it->socket, (void *)(uintptr_t)&asked, sizeof asked, true) &&
           move(it->socket, (void *)(uintptr_t)task->path, asked.length, true);
}

/* It did not answer: the file is at fault. Another process takes its place. */
static bool replace(readers *all, reader *it, const char *why) {
    read_task *task = it->task;
    int number = end_one(it);
    task->done = true;
    task->result.good = false;
    if (why != NULL)
        fail(&task->result, why);
    else
        snprintf(task->result.why, sizeof task->result.why, "damaged: what reads it crashed (signal %d)", number);
    return start_one(all, it);
}

static bool take(readers *all, reader *it) {
    if (!move(it->socket, &it->task->result, sizeof it->task->result, false))
        return replace(all, it, NULL);
    it->task->done = true;
    it->task = NULL;
    return true;
}

/* Gives tasks to those who wait, and tells how many are busy. */
static size_t hand_out(readers *all, enum reading what, read_task *tasks, size_t count, size_t *next, bool *good) {
    size_t busy = 0;
    for (int i = 0; *good && i < all->count; i++) {
        reader *it = &all->items[i];
        if (it->task == NULL && *next < count) {
            read_task *task = &tasks[(*next)++];
            if (!give(it, what, task)) { /* it has died meanwhile, which is not this file's fault */
                end_one(it);
                *good = start_one(all, it) && give(it, what, task);
            }
        }
        busy += it->task != NULL;
    }
    return busy;
}

bool readers_run(readers *all, enum reading what, read_task *tasks, size_t count,
                 void (*tick)(void *data, const read_task *done), void *data) {
    size_t next = 0;
    bool good = true;
    signal(SIGPIPE, SIG_IGN);
    while (good && !interrupted() && hand_out(all, what, tasks, count, &next, &good) > 0) {
        struct pollfd waits[64];
        for (int i = 0; i < all->count; i++)
            waits[i] = (struct pollfd){.fd = all->items[i].task != NULL ? all->items[i].socket : -1, .events = POLLIN};
        if (poll(waits, (nfds_t)all->count, 100) < 0 && errno != EINTR)
            return false;
        for (int i = 0; good && i < all->count; i++) {
            reader *it = &all->items[i];
            read_task *task = it->task;
            if (task != NULL && waits[i].revents != 0)
                good = take(all, it);
            else if (task != NULL && now_ms() > it->until_ms)
                good = replace(all, it, "damaged: reading it takes too long");
            if (task != NULL && task->done)
                tick(data, task);
        }
        tick(data, NULL);
    }
    return good;
}
