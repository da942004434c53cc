#include "db/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "base/error.h"
#include "db/client.h"

#define MOST_OPERATIONS 256 /* a power of two; the library has some eighty */
#define SLOW_CALLS 128
#define STATUSES 20

/* Upper bounds of the histograms, in microseconds; one more bucket is above all. */
static const int64_t bounds_us[] = {100,   250,    500,    1000,   2500,    5000,    10000,   25000,
                                    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};
#define BOUNDS ((int)(sizeof bounds_us / sizeof *bounds_us))

typedef struct histogram {
    _Atomic int64_t buckets[BOUNDS + 1];
    _Atomic int64_t sum_us;
} histogram;

typedef struct operation_counters {
    _Atomic(const char *) name; /* NULL: free. Set once, by whoever comes first */
    _Atomic int64_t by_status[STATUSES];
    _Atomic int64_t rows, bytes;
    histogram durations;
} operation_counters;

enum { WAIT, CONNECT, QUERY, DECODE, PHASES };
static const char *const phase_names[PHASES] = {"wait", "connect", "query", "decode"};

struct teleai__metrics {
    teleai_call_hook hook;
    void *hook_data;
    bool counts;
    int64_t slow_us; /* INT64_MAX: none is */
    _Atomic int64_t retries, cancels, slow_count;
    histogram phases[PHASES];
    operation_counters operations[MOST_OPERATIONS];
    pthread_mutex_t mutex; /* guards the slow calls */
    teleai_call slow[SLOW_CALLS];
};

bool teleai__metrics_make(const teleai_options *options, teleai__metrics **out) {
    *out = NULL;
    if (!options->metrics && options->call_hook == NULL && options->slow_call_ms == 0)
        return true;
    teleai__metrics *it = calloc(1, sizeof *it);
    if (it == NULL || pthread_mutex_init(&it->mutex, NULL) != 0) {
        free(it);
        return false;
    }
    it->hook = options->call_hook;
    it->hook_data = options->call_hook_data;
    it->counts = options->metrics;
    it->slow_us = options->slow_call_ms == 0 ? INT64_MAX : (int64_t)options->slow_call_ms * 1000;
    *out = it;
    return true;
}

void teleai__metrics_free(teleai__metrics *it) {
    if (it == NULL)
        return;
    pthread_mutex_destroy(&it->mutex);
    free(it);
}

/* ---- counting ---- */

static void add(_Atomic int64_t *counter, int64_t value) {
    atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static int64_t read_counter(const _Atomic int64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void observe(histogram *it, int64_t us) {
    int bucket = 0;
    while (bucket < BOUNDS && us > bounds_us[bucket])
        bucket++;
    add(&it->buckets[bucket], 1);
    add(&it->sum_us, us);
}

static operation_counters *find(teleai__metrics *it, const char *name) {
    size_t slot = ((uintptr_t)name >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 40;
    for (int tries = 0; tries < MOST_OPERATIONS; tries++, slot++) {
        operation_counters *found = &it->operations[slot % MOST_OPERATIONS];
        const char *there = atomic_load(&found->name);
        if (there == NULL && atomic_compare_exchange_strong(&found->name, &there, name))
            return found;
        if (there == name || strcmp(there, name) == 0)
            return found;
    }
    return NULL;
}

void teleai__watch_start(teleai__watch *watch) {
    *watch = (teleai__watch){.start_us = teleai__monotonic_us(), .start_wall_us = teleai__wall_clock_us()};
}

void teleai__watch_result(teleai__watch *watch, const PGresult *result) {
    bool has_rows = PQresultStatus(result) == PGRES_TUPLES_OK;
    watch->rows += has_rows ? PQntuples(result) : strtoll(PQcmdTuples((PGresult *)(uintptr_t)result), NULL, 10);
    watch->bytes += (int64_t)PQresultMemorySize(result);
}

static void keep_slow(teleai__metrics *it, const teleai_call *call) {
    pthread_mutex_lock(&it->mutex);
    it->slow[it->slow_count++ % SLOW_CALLS] = *call;
    pthread_mutex_unlock(&it->mutex);
}

void teleai__watch_end(const teleai__watch *watch, teleai__metrics *it, const char *operation, teleai_status status,
                       const teleai_error *error) {
    teleai_call call = {
        .operation = operation,
        .started_at_us = watch->start_wall_us,
        .duration_us = teleai__monotonic_us() - watch->start_us,
        .wait_us = watch->wait_us,
        .connect_us = watch->connect_us,
        .query_us = watch->query_us,
        .decode_us = watch->decode_us,
        .rows = watch->rows,
        .bytes = watch->bytes,
        .status = status,
        .attempts = watch->attempts,
    };
    if (status != TELEAI_OK && error != NULL)
        memcpy(call.sqlstate, error->sqlstate, sizeof call.sqlstate);
    operation_counters *counters = it->counts ? find(it, operation) : NULL;
    if (counters != NULL) {
        add(&counters->by_status[status >= 0 && status < STATUSES ? status : TELEAI_SERVER_ERROR], 1);
        add(&counters->rows, call.rows);
        add(&counters->bytes, call.bytes);
        observe(&counters->durations, call.duration_us);
        observe(&it->phases[WAIT], call.wait_us);
        if (call.connect_us > 0)
            observe(&it->phases[CONNECT], call.connect_us);
        observe(&it->phases[QUERY], call.query_us);
        observe(&it->phases[DECODE], call.decode_us);
    }
    if (call.duration_us > it->slow_us)
        keep_slow(it, &call);
    if (it->hook != NULL)
        it->hook(it->hook_data, &call);
}

void teleai__metrics_note_retry(teleai__metrics *it) {
    if (it != NULL)
        add(&it->retries, 1);
}

void teleai__metrics_note_cancel(teleai__metrics *it) {
    if (it != NULL)
        add(&it->cancels, 1);
}

/* ---- text ---- */

static void say_type(FILE *out, const char *name, const char *type, const char *help) {
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void say(FILE *out, const char *name, const char *type, const char *help, int64_t value) {
    say_type(out, name, type, help);
    fprintf(out, "%s %" PRId64 "\n", name, value);
}

/* Seconds as a decimal number, whatever the locale's decimal point is. */
static void say_seconds(FILE *out, int64_t us) { fprintf(out, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000); }

static void say_histogram(FILE *out, const char *name, const char *label, const char *value, const histogram *it) {
    int64_t count = 0;
    for (int i = 0; i <= BOUNDS; i++) {
        count += read_counter(&it->buckets[i]);
        fprintf(out, "%s_bucket{%s=\"%s\",le=\"", name, label, value);
        if (i < BOUNDS)
            say_seconds(out, bounds_us[i]);
        else
            fputs("+Inf", out);
        fprintf(out, "\"} %" PRId64 "\n", count);
    }
    fprintf(out, "%s_sum{%s=\"%s\"} ", name, label, value);
    say_seconds(out, read_counter(&it->sum_us));
    fprintf(out, "\n%s_count{%s=\"%s\"} %" PRId64 "\n", name, label, value, count);
}

#define EACH_OPERATION(it, counters, name)                                                                     \
    for (const operation_counters *counters = (it)->operations; counters < (it)->operations + MOST_OPERATIONS; \
         counters++)                                                                                           \
        for (const char *name = atomic_load(&counters->name); name != NULL; name = NULL)

static void say_calls(FILE *out, const teleai__metrics *it) {
    say_type(out, "teleai_calls_total", "counter", "Calls, by operation and what they returned.");
    EACH_OPERATION(it, counters, name) {
        for (int status = 0; status < STATUSES; status++)
            if (read_counter(&counters->by_status[status]) > 0)
                fprintf(out, "teleai_calls_total{operation=\"%s\",status=\"%s\"} %" PRId64 "\n", name,
                        teleai_status_name(status), read_counter(&counters->by_status[status]));
    }
    say_type(out, "teleai_call_duration_seconds", "histogram", "From the call to its return.");
    EACH_OPERATION(it, counters, name) {
        say_histogram(out, "teleai_call_duration_seconds", "operation", name, &counters->durations);
    }
    say_type(out, "teleai_phase_duration_seconds", "histogram", "What calls spent their time on.");
    for (int i = 0; i < PHASES; i++)
        say_histogram(out, "teleai_phase_duration_seconds", "phase", phase_names[i], &it->phases[i]);
    say_type(out, "teleai_rows_total", "counter", "Rows of the answers.");
    EACH_OPERATION(it, counters, name) {
        fprintf(out, "teleai_rows_total{operation=\"%s\"} %" PRId64 "\n", name, read_counter(&counters->rows));
    }
    say_type(out, "teleai_bytes_total", "counter", "Memory of the answers.");
    EACH_OPERATION(it, counters, name) {
        fprintf(out, "teleai_bytes_total{operation=\"%s\"} %" PRId64 "\n", name, read_counter(&counters->bytes));
    }
    say(out, "teleai_retries_total", "counter", "Statements that were sent again.", read_counter(&it->retries));
    say(out, "teleai_cancels_total", "counter", "Calls of teleai_cancel().", read_counter(&it->cancels));
    say(out, "teleai_slow_calls_total", "counter", "Calls that took longer than slow_call_ms.",
        read_counter(&it->slow_count));
}

static void say_pool(FILE *out, const teleai_pool_stats *stats) {
    say(out, "teleai_pool_connections_max", "gauge", "Connections there may be.", stats->max_connections);
    say_type(out, "teleai_pool_connections", "gauge", "Connections there are.");
    fprintf(out, "teleai_pool_connections{state=\"idle\"} %d\n", (int)stats->idle_connections);
    fprintf(out, "teleai_pool_connections{state=\"busy\"} %d\n",
            (int)(stats->open_connections - stats->idle_connections));
    say(out, "teleai_pool_waiting_calls", "gauge", "Calls that wait for a connection.", stats->waiting_calls);
    say(out, "teleai_pool_acquired_total", "counter", "Connections handed to a call.", stats->acquired);
    say(out, "teleai_pool_waited_total", "counter", "Calls that had to wait.", stats->waited);
    say(out, "teleai_pool_rode_total", "counter", "Calls answered together with another.", stats->rode);
    say_type(out, "teleai_pool_wait_seconds_total", "counter", "Time that all calls waited together.");
    fputs("teleai_pool_wait_seconds_total ", out);
    say_seconds(out, stats->wait_total_us);
    fputc('\n', out);
    say(out, "teleai_pool_timed_out_total", "counter", "Calls that gave up waiting.", stats->timed_out);
    say(out, "teleai_pool_opened_total", "counter", "Connections opened.", stats->opened);
    say(out, "teleai_pool_open_failures_total", "counter", "Attempts to connect that failed.", stats->open_failures);
    say(out, "teleai_pool_discarded_total", "counter", "Connections closed because they broke.", stats->discarded);
    say(out, "teleai_pool_retired_total", "counter", "Sound connections closed: old, rested, too many.",
        stats->retired);
    say(out, "teleai_pool_statements_total", "counter", "Statements sent.", stats->statements_run);
    say(out, "teleai_pool_prepared_total", "counter", "Statements prepared.", stats->statements_prepared);
}

teleai_status teleai_metrics_text(teleai_client *client, char **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the text was expected");
    *out = NULL;
    teleai_pool_stats stats;
    teleai_status status = teleai_pool_stats_get(client, &stats, error);
    if (status != TELEAI_OK)
        return status;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return teleai__fail_memory(error);
    const teleai__metrics *it = client->core->metrics;
    if (it != NULL && it->counts)
        say_calls(stream, it);
    say_pool(stream, &stats);
    bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        free(text);
        return teleai__fail_memory(error);
    }
    *out = text;
    return teleai__ok(error);
}

void teleai_text_free(char *text) { free(text); }

/* ---- slow calls ---- */

teleai_status teleai_slow_calls_list(teleai_client *client, teleai_slow_calls **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the list was expected");
    *out = NULL;
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__metrics *it = client->core->metrics;
    teleai_slow_calls *list = teleai__arena_make(sizeof *list, SLOW_CALLS * (sizeof(teleai_call) + sizeof(void *)));
    if (list == NULL)
        return teleai__fail_memory(error);
    const teleai_call **items = teleai__arena_alloc(teleai__arena_of(list), SLOW_CALLS * sizeof *items);
    teleai_call *calls = teleai__arena_alloc(teleai__arena_of(list), SLOW_CALLS * sizeof *calls);
    if (items == NULL || calls == NULL) {
        teleai__arena_free(list);
        return teleai__fail_memory(error);
    }
    if (it != NULL) {
        pthread_mutex_lock(&it->mutex);
        int64_t last = it->slow_count;
        list->count = (size_t)(last < SLOW_CALLS ? last : SLOW_CALLS);
        for (size_t i = 0; i < list->count; i++) {
            calls[i] = it->slow[(last - 1 - (int64_t)i) % SLOW_CALLS];
            items[i] = &calls[i];
        }
        pthread_mutex_unlock(&it->mutex);
    }
    list->items = items;
    *out = list;
    return teleai__ok(error);
}

void teleai_slow_calls_free(teleai_slow_calls *list) { teleai__arena_free(list); }
