/*
 * The same on libuv's loop: uv_poll_t watches the library's socket, uv_timer_t its deadline.
 *
 *     event_loop_uv CONNECTION     counts users and recordings in one flight, while a timer of the program runs
 */
#include "common.h"

#include <stdlib.h>
#include <uv.h>

/* A batch and what watches it. */
typedef struct driver {
    teleai_client *batch;
    uv_loop_t *loop;
    uv_poll_t *poll; /* of the present socket */
    uv_timer_t deadline, clock;
    int32_t socket;
    int ticks;
    teleai_status status;
    teleai_error error;
} driver;

static void advance(driver *it);

static void on_ready(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    advance(poll->data);
}

static void on_deadline(uv_timer_t *timer) { advance(timer->data); }

static void on_clock(uv_timer_t *timer) { ((driver *)timer->data)->ticks++; }

static void forget(uv_handle_t *poll) { free(poll); }

static void stop_watching(driver *it) {
    if (it->poll != NULL) {
        uv_poll_stop(it->poll);
        uv_close((uv_handle_t *)it->poll, forget);
    }
    it->poll = NULL;
    it->socket = -1;
}

/* The socket may be another one after each step, also under the same number: libuv is told anew. */
static void watch(driver *it) {
    stop_watching(it);
    it->socket = teleai_batch_socket(it->batch);
    int32_t wanted = teleai_batch_events(it->batch);
    if (it->socket >= 0 && (it->poll = malloc(sizeof *it->poll)) != NULL) {
        uv_poll_init(it->loop, it->poll, it->socket);
        it->poll->data = it;
        uv_poll_start(it->poll,
                      ((wanted & TELEAI_EVENT_READ) ? UV_READABLE : 0) |
                          ((wanted & TELEAI_EVENT_WRITE) ? UV_WRITABLE : 0),
                      on_ready);
    }
    int32_t most = teleai_batch_timeout_ms(it->batch);
    if (most >= 0)
        uv_timer_start(&it->deadline, on_deadline, (uint64_t)most, 0);
}

static void advance(driver *it) {
    bool done;
    it->status = teleai_batch_step(it->batch, &done, &it->error);
    if (!done) {
        watch(it);
        return;
    }
    stop_watching(it);
    uv_close((uv_handle_t *)&it->deadline, NULL);
    uv_close((uv_handle_t *)&it->clock, NULL); /* nothing is left, so the loop ends */
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: event_loop_uv CONNECTION, such as: event_loop_uv local:./data\n");
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    driver it = {.loop = uv_default_loop(), .socket = -1};
    if (teleai_open(arguments[1], NULL, &client, &error) != TELEAI_OK)
        return fail("opening", &error);
    if (teleai_batch_open(client, NULL, &it.batch, &error) != TELEAI_OK)
        return fail("making a batch", &error);
    int64_t users = 0, files = 0;
    teleai_error of_users, of_files;
    teleai_user_count(it.batch, NULL, &users, &of_users);
    teleai_audio_file_count(it.batch, NULL, &files, &of_files);
    uv_timer_init(it.loop, &it.deadline);
    uv_timer_init(it.loop, &it.clock);
    it.deadline.data = it.clock.data = &it;
    uv_timer_start(&it.clock, on_clock, 0, 1);
    advance(&it);
    uv_run(it.loop, UV_RUN_DEFAULT);
    uv_loop_close(it.loop);
    teleai_close(it.batch);
    teleai_close(client);
    if (it.status != TELEAI_OK)
        return fail("the batch", &it.error);
    printf("%lld users, %lld recordings; the timer fired %d times meanwhile\n", (long long)users, (long long)files,
           it.ticks);
    return 0;
}
