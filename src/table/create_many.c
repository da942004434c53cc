/* create_many: all or nothing, or only the good ones. What the server refuses is found by trying, in a transaction that is
 * not kept. */
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/options.h"
#include "base/secret.h"
#include "table/create_bulk.h"
#include "teleai/transaction.h"

#define ROWS_OF_A_TRY 1000 /* so many are tried again after one that failed */

/* ---- which ones are bad ---- */

/* Whether it is a row's own fault, and not the connection's or the server's. */
static bool is_of_a_row(teleai_status status) {
    return status == TELEAI_ALREADY_EXISTS || status == TELEAI_PARENT_NOT_FOUND || status == TELEAI_INVALID_ARGUMENT ||
           status == TELEAI_LIMIT_EXCEEDED;
}

/* Those that are good so far, and where they stand among the caller's inputs. */
typedef struct chosen {
    const teleai__bulk *all;
    const void **inputs;
    size_t *places, count;
    teleai_error *errors; /* of all, by the caller's places */
} chosen;

/* Tries some of them in a savepoint of their own. */
static teleai_status try_some(teleai_client *transaction, const chosen *of, size_t from, size_t count,
                              teleai_error *error) {
    teleai_client *inner;
    teleai_status status = teleai_transaction_begin(transaction, NULL, &inner, error);
    if (status != TELEAI_OK)
        return status;
    teleai__bulk some = {.table = of->all->table, .inputs = of->inputs + from, .count = count};
    status = teleai__bulk_create(inner, &some, NULL, error);
    teleai__bulk_drop(&some);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, error);
    teleai_close(inner);
    return status;
}

/* Finds the bad ones among them, which get their errors. Fails only for another reason than a row. */
static teleai_status try_all(teleai_client *transaction, const chosen *of, size_t from, size_t count,
                             teleai_error *error) {
    teleai_error why;
    while (count > 0) {
        teleai_status status = try_some(transaction, of, from, count, &why);
        if (status == TELEAI_OK)
            return status;
        if (!is_of_a_row(status)) {
            if (error != NULL)
                *error = why;
            return status;
        }
        bool located = (why.flags & TELEAI_ERROR_HAS_ITEM) != 0 && why.item < count;
        if (!located && count > 1) { /* the server has not told which: halve */
            status = try_all(transaction, of, from, count / 2, error);
            if (status != TELEAI_OK)
                return status;
            from += count / 2;
            count -= count / 2;
            continue;
        }
        size_t bad = located ? (size_t)why.item : 0;
        why.flags &= ~(uint32_t)TELEAI_ERROR_HAS_ITEM;
        why.item = 0;
        of->errors[of->places[from + bad]] = why;
        status = try_all(transaction, of, from, bad, error);
        if (status != TELEAI_OK)
            return status;
        from += bad + 1;
        count -= bad + 1;
    }
    return TELEAI_OK;
}

/* Finds the bad ones with a transaction that is not kept. */
static teleai_status find_bad(teleai_client *client, const chosen *good, teleai_error *error) {
    teleai_client *trial;
    teleai_status status = teleai_transaction_begin(client, NULL, &trial, error);
    for (size_t from = 0; status == TELEAI_OK && from < good->count; from += ROWS_OF_A_TRY)
        status =
            try_all(trial, good, from, good->count - from < ROWS_OF_A_TRY ? good->count - from : ROWS_OF_A_TRY, error);
    teleai_close(trial);
    return status;
}

/* ---- only the good ones ---- */

/* Takes those out that have an error. */
static void choose(chosen *it) {
    size_t kept = 0;
    for (size_t i = 0; i < it->count; i++)
        if (it->errors[it->places[i]].status == TELEAI_OK) {
            it->places[kept] = it->places[i];
            it->inputs[kept++] = it->inputs[i];
        }
    it->count = kept;
}

/* In a transaction a failure would be the end of it: there it happens in a savepoint. */
static teleai_status create_apart(teleai_client *client, teleai__bulk *it, void *out, teleai_error *error) {
    if (!teleai__is_transaction(client))
        return teleai__bulk_create(client, it, out, error);
    teleai_client *inner;
    teleai_status status = teleai_transaction_begin(client, NULL, &inner, error);
    if (status == TELEAI_OK)
        status = teleai__bulk_create(inner, it, out, error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, error);
    teleai_close(inner);
    return status;
}

static teleai_status nothing_left(void *out, teleai_error *error) {
    teleai__list *none = out == NULL ? NULL : teleai__arena_make(sizeof *none, 0);
    if (out != NULL && none == NULL)
        return teleai__fail_memory(error);
    if (out != NULL)
        memcpy(out, &none, sizeof none);
    return teleai__ok(error);
}

/* What the addition keeps secret is one piece for each input: those of the good ones, in their order. */
static char *pick_secrets(const teleai__addition *addition, const chosen *good, size_t count, size_t *bytes) {
    size_t each = addition->secret_bytes / count;
    *bytes = each * good->count;
    char *picked = malloc(*bytes == 0 ? 1 : *bytes);
    for (size_t i = 0; picked != NULL && i < good->count; i++)
        memcpy(picked + i * each, addition->secret + good->places[i] * each, each);
    return picked;
}

static teleai_status create_chosen(teleai_client *client, const teleai__bulk *all, const chosen *good, void *out,
                                   teleai_error *error) {
    teleai__bulk some = {.table = all->table, .inputs = good->inputs, .count = good->count};
    teleai__addition addition = {0};
    char *secrets = NULL;
    size_t bytes = 0;
    if (all->addition != NULL) {
        secrets = pick_secrets(all->addition, good, all->count, &bytes);
        if (secrets == NULL)
            return teleai__fail_memory(error);
        addition = *all->addition;
        addition.secret = secrets;
        addition.secret_bytes = bytes;
        some.addition = &addition;
    }
    teleai_status status = create_apart(client, &some, out, error);
    teleai__bulk_drop(&some);
    if (secrets != NULL)
        teleai__secret_wipe(secrets, bytes);
    free(secrets);
    return status;
}

/* Checks them all, and tries those that are left until the server takes them: others may write meanwhile, so what was good
 * a moment ago may have become bad. */
static teleai_status keep_good(teleai_client *client, const teleai__bulk *all, chosen *good, void *out,
                               teleai_error *error) {
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    for (size_t i = 0; i < all->count; i++) {
        teleai_error *its = &good->errors[i];
        void *scratch = teleai__arena_make(0, 1024);
        teleai_uuid minted;
        if (scratch == NULL)
            return teleai__fail_memory(error);
        if (all->addition != NULL && all->addition->refused != NULL && all->addition->refused[i].status != TELEAI_OK)
            *its = all->addition->refused[i];
        else if (teleai__read_new(all->table, all->inputs[i], copy, &minted, teleai__arena_of(scratch), its) ==
                 TELEAI_OK)
            teleai__ok(its);
        teleai__arena_free(scratch);
    }
    teleai_status status = TELEAI_OK;
    for (int tries = 0; tries < 3; tries++) {
        size_t before = good->count;
        choose(good);
        if (good->count == 0)
            return nothing_left(out, error);
        if (tries > 0 && good->count == before)
            return status; /* whatever it is, it is none of them */
        status = create_chosen(client, all, good, out, error);
        if (status == TELEAI_OK || !is_of_a_row(status))
            return status;
        teleai_status found = find_bad(client, good, error);
        if (found != TELEAI_OK)
            return found;
    }
    return status;
}

/* ---- all or nothing ---- */

static teleai_status create_all(teleai_client *client, teleai__bulk *all, chosen *good, void *out,
                                teleai_error *error) {
    teleai_error why;
    teleai_status status = teleai__bulk_create(client, all, out, &why);
    bool told = (why.flags & TELEAI_ERROR_HAS_ITEM) != 0;
    if (status != TELEAI_OK && is_of_a_row(status) && !told && all->count > 1 && client->batch == NULL &&
        !teleai__is_transaction(client) && find_bad(client, good, NULL) == TELEAI_OK) {
        for (size_t i = 0; i < all->count && !told; i++) {
            told = good->errors[i].status == status;
            if (told)
                teleai__at_item(&why, i);
        }
    }
    for (size_t i = 0; i < all->count; i++) {
        teleai__ok(&good->errors[i]);
        if (status != TELEAI_OK && told && i == why.item)
            good->errors[i] = why;
        else if (status != TELEAI_OK)
            teleai__fail(&good->errors[i], TELEAI_ABORTED, "%s: nothing was written, since the call failed",
                         all->table->names.create_many);
    }
    if (error != NULL)
        *error = why;
    return status;
}

static teleai_status check_options(const teleai_client *client, const teleai__table *table,
                                   const teleai_create_many_options *given, teleai_error *error) {
    if (given->keep_good && given->errors == NULL)
        return teleai__fail_field(
            error, "errors",
            "%s: keep_good needs errors, an array of as many as there are inputs; nobody else tells "
            "which were not good",
            table->names.create_many);
    if (client->batch != NULL && (given->keep_good || given->errors != NULL))
        return teleai__fail_field(error, "client", "%s: keep_good and errors cannot go into a batch",
                                  table->names.create_many);
    return TELEAI_OK;
}

bool teleai__keeps_good(const teleai_create_many_options *options) {
    teleai_create_many_options given;
    return teleai__read_options(&given, sizeof given, options, "options", NULL) == TELEAI_OK && given.keep_good;
}

teleai_status teleai__refuse_input(teleai_error **refused, size_t item, size_t count, const teleai_error *why,
                                   teleai__arena *arena, teleai_error *error) {
    if (*refused == NULL)
        *refused = teleai__arena_alloc(arena, count * sizeof **refused);
    if (*refused == NULL)
        return teleai__fail_memory(error);
    (*refused)[item] = *why;
    return TELEAI_OK;
}

teleai_status teleai__create_many(teleai_client *client, const teleai__table *table, const void *inputs, size_t count,
                                  const teleai_create_many_options *options, const teleai__addition *addition,
                                  void *out, teleai_error *error) {
    teleai__forget_out(out);
    teleai_create_many_options with;
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__count_check(table->names.create_many, inputs, "inputs", count, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&with, sizeof with, options, "options", error);
    if (status == TELEAI_OK)
        status = check_options(client, table, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__bulk all = {.table = table, .count = count, .addition = addition};
    chosen good = {.all = &all, .count = count, .errors = with.errors};
    all.inputs = calloc(count, sizeof *all.inputs);
    good.inputs = calloc(count, sizeof *good.inputs);
    good.places = calloc(count, sizeof *good.places);
    status = all.inputs == NULL || good.inputs == NULL || good.places == NULL ? teleai__fail_memory(error) : TELEAI_OK;
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        good.places[i] = i;
        status = teleai__input_at(inputs, i, &all.inputs[i], error);
        good.inputs[i] = all.inputs[i];
        if (status != TELEAI_OK)
            teleai__at_item(error, i);
    }
    if (status == TELEAI_OK && with.keep_good)
        status = keep_good(client, &all, &good, out, error);
    else if (status == TELEAI_OK && with.errors != NULL)
        status = create_all(client, &all, &good, out, error);
    else if (status == TELEAI_OK)
        status = teleai__bulk_create(client, &all, out, error);
    teleai__bulk_drop(&all);
    free(all.inputs);
    free(good.inputs);
    free(good.places);
    return status;
}
