/* What somebody in tenant A is answered: one line a call, so that two runs can be compared byte by byte. */
#ifndef TELEAI_TESTS_DB_HOSTILE_RECORD_H
#define TELEAI_TESTS_DB_HOSTILE_RECORD_H

#include <stdarg.h>

#include "two_tenants.h"

/* ---- lines ---- */

typedef struct line {
    char call[200], answer[2000];
    teleai_status status;
    teleai_error error;
} line;

typedef struct record {
    line *lines;
    size_t count, room;
} record;

static record *recording;
static const char *hidden; /* a word that stands for another one in the other run */

static line *last_line(void) { return &recording->lines[recording->count - 1]; }

/* Adds to the answer of the last call. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...) {
    line *it = last_line();
    size_t length = strlen(it->answer);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(it->answer + length, sizeof it->answer - length, format, arguments);
    va_end(arguments);
    cr_assert(length + (size_t)more < sizeof it->answer, "%s: a longer answer than there is room for", it->call);
}

/* A text in which the hidden word, or its beginning, is masked. */
static void tell_masked(const char *text) {
    for (const char *at = text == NULL ? "NULL" : text; *at != '\0';)
        if (strncmp(at, hidden, 5) == 0) {
            tell("#");
            at += at[5] == hidden[5] ? 6 : 5;
        } else {
            tell("%c", *at++);
        }
    tell(" ");
}

static void tell_id(const teleai_uuid *id) { tell("%s ", uuid_text(id)); }

/* ---- ways to call ---- */

enum way { PLAIN, IN_TRANSACTION, IN_BATCH, WAYS };

static enum way way;
static teleai_client *place; /* the scope or client, transaction or batch */
static teleai_client *at;    /* what a call runs on: in a transaction an inner one, for failures end those */
static bool in_one;          /* several calls are to run on the same */

static void begin_try(void) {
    teleai_error why;
    at = place;
    if (way == IN_TRANSACTION && !in_one)
        cr_assert(teleai_transaction_begin(place, NULL, &at, &why) == TELEAI_OK, "%s", why.message);
    memset(&error, 0x5a, sizeof error); /* whatever is not filled shows */
}

static teleai_status end_try(teleai_status status, const char *call) {
    teleai_error why;
    if (way == IN_BATCH && status == TELEAI_OK && teleai_batch_pending(place) > 0)
        status = teleai_batch_flush(place, NULL);
    if (way == IN_TRANSACTION && !in_one) {
        teleai_status ended =
            status == TELEAI_OK ? teleai_transaction_commit(at, &why) : teleai_transaction_rollback(at, &why);
        cr_assert(ended == TELEAI_OK, "%s: %s", call, why.message);
        teleai_close(at);
    }
    if (recording->count == recording->room) {
        recording->room = recording->room * 2 + 100;
        recording->lines = realloc(recording->lines, recording->room * sizeof *recording->lines);
    }
    line *it = &recording->lines[recording->count++];
    memset(it, 0, sizeof *it);
    snprintf(it->call, sizeof it->call, "%s", call);
    it->status = status;
    it->error = error;
    cr_assert(error.status == status, "%s: %s", call, error.message);
    cr_assert(status != TELEAI_UNAVAILABLE && status != TELEAI_TIMEOUT && status != TELEAI_SERVER_ERROR &&
                  status != TELEAI_ABORTED && status != TELEAI_CLOSED && status != TELEAI_UNSUPPORTED,
              "%s: %s", call, error.message);
    return status;
}

/* Makes a call; what it answered besides its status is told by tell(). Gives the status. */
#define TRY(call) (begin_try(), end_try((call), #call))

/* ---- comparing ---- */

static void compare_records(const record *first, const record *second) {
    cr_assert(first->count == second->count, "%zu and %zu calls", first->count, second->count);
    for (size_t i = 0; i < first->count; i++) {
        const line *one = &first->lines[i], *other = &second->lines[i];
        cr_expect(one->status == other->status && memcmp(&one->error, &other->error, sizeof one->error) == 0,
                  "%s\n  of B: %s: %s (%s, %s, %s)\n  of none: %s: %s (%s, %s, %s)", one->call,
                  teleai_status_name(one->status), one->error.message, one->error.sqlstate, one->error.constraint,
                  one->error.field, teleai_status_name(other->status), other->error.message, other->error.sqlstate,
                  other->error.constraint, other->error.field);
        cr_expect(strcmp(one->answer, other->answer) == 0, "%s\n  of B: %s\n  of none: %s", one->call, one->answer,
                  other->answer);
        cr_expect(strstr(one->answer, B_WORD) == NULL, "%s tells of B: %s", one->call, one->answer);
        cr_expect(memmem(&one->error, sizeof one->error, B_WORD, strlen(B_WORD)) == NULL, "%s tells of B: %s",
                  one->call, one->error.message);
    }
}

static size_t count_status(const record *of, teleai_status status) {
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        count += of->lines[i].status == status;
    return count;
}

static void forget(record *it) {
    free(it->lines);
    *it = (record){0};
}

#endif
