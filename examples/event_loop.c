/*
 * Many operations on an event loop, without a thread and without ever blocking: poll(2) waits for the library's socket
 * together with everything else that the program has to watch.
 *
 *     event_loop CONNECTION [COUNT]     registers COUNT recordings (1000) and reads them back
 */
#include "common.h"

#include <poll.h>
#include <stdlib.h>

typedef struct recording {
    teleai_uuid id;
    teleai_error created, found; /* status QUEUED until the answer is there */
    teleai_audio_file *file;
} recording;

static int rounds;

/* One round of the loop: waits for the library's socket. A program watches its own sockets in the same poll(2). */
static void wait_for(const teleai_client *batch) {
    int32_t wanted = teleai_batch_events(batch), most = teleai_batch_timeout_ms(batch);
    struct pollfd watched = {.fd = teleai_batch_socket(batch)};
    if (wanted & TELEAI_EVENT_READ)
        watched.events |= POLLIN;
    if (wanted & TELEAI_EVENT_WRITE)
        watched.events |= POLLOUT;
    poll(&watched, 1, most);
    rounds++;
}

static void queue_reads(teleai_client *batch, recording *made, int count) {
    for (int i = 0; i < count; i++)
        if (teleai_audio_file_get(batch, &made[i].id, &made[i].file, &made[i].found) != TELEAI_OK)
            fail("queueing", &made[i].found);
}

static int run(teleai_client *client, const teleai_uuid *owner, recording *made, int count) {
    teleai_error error;
    teleai_client *batch = NULL;
    if (teleai_batch_open(client, NULL, &batch, &error) != TELEAI_OK)
        return fail("making a batch", &error);
    char name[32];
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "call-%06d.wav", i);
        teleai_uuid_make(&made[i].id);
        teleai_audio_file_input input = {.struct_size = sizeof input,
                                         .id = &made[i].id,
                                         .user_id = owner,
                                         .file_name = name,
                                         .file_path = "/recordings/switch",
                                         .mime_type = "audio/wav",
                                         .file_size_bytes = 1843200};
        if (teleai_audio_file_create(batch, &input, NULL, &made[i].created) != TELEAI_OK)
            fail("queueing", &made[i].created);
    }
    int64_t start = now_us();
    bool done = false;
    teleai_status status = teleai_batch_step(batch, &done, &error);
    queue_reads(batch, made, count); /* while the first are under way: these join the flight */
    while (!done) {
        wait_for(batch);
        status = teleai_batch_step(batch, &done, &error);
    }
    teleai_close(batch);
    if (status != TELEAI_OK)
        return fail("the batch", &error);
    int read = 0;
    for (int i = 0; i < count; i++)
        read += made[i].file != NULL;
    printf("%d recordings registered and %d read in %.1f ms; %d rounds of the loop\n", count, read,
           (double)(now_us() - start) / 1000, rounds);
    return read == count ? 0 : 1;
}

int main(int count, char **arguments) {
    int wanted = count > 2 ? atoi(arguments[2]) : 1000;
    if (count < 2 || count > 3 || wanted < 1) {
        fprintf(stderr, "usage: event_loop CONNECTION [COUNT], such as: event_loop local:./data\n");
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open(arguments[1], NULL, &client, &error) != TELEAI_OK)
        return fail("opening", &error);
    teleai_user *owner = NULL;
    teleai_user_input input = {.struct_size = sizeof input, .email = "switch@example.org", .full_name = "The switch"};
    if (teleai_user_create(client, &input, &owner, &error) == TELEAI_ALREADY_EXISTS)
        teleai_user_get_by_email(client, input.email, &owner, &error);
    recording *made = calloc((size_t)wanted, sizeof *made);
    int result = owner == NULL || made == NULL ? fail("preparing", &error) : run(client, &owner->id, made, wanted);
    for (int i = 0; made != NULL && i < wanted; i++)
        teleai_audio_file_free(made[i].file);
    free(made);
    teleai_user_free(owner);
    teleai_close(client);
    return result;
}
