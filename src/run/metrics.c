#include "run/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/argument.h"
#include "base/deadline.h"
#include "base/error.h"
#include "run/client.h"
#include "wire/result.h"

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
    watch->rows +=
        has_rows ? teleai__answer_rows(result) : strtoll(PQcmdTuples((PGresult *)(uintptr_t)result), NULL, 10);
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

typedef struct page {
    FILE *out;
    bool open; /* OpenMetrics */
} page;

/* In OpenMetrics a counter is called without the _total that its samples have. */
static void say_type(const page *to, const char *name, const char *type, const char *help) {
    static const char total[] = "_total";
    int length = (int)strlen(name);
    if (to->open && strcmp(type, "counter") == 0)
        length -= (int)sizeof total - 1;
    fprintf(to->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", length, name, help, length, name, type);
}

static void say(const page *to, const char *name, const char *type, const char *help, int64_t value) {
    say_type(to, name, type, help);
    fprintf(to->out, "%s %" PRId64 "\n", name, value);
}

/* Seconds as a decimal number, whatever the locale's decimal point is. */
static void say_seconds(FILE *out, int64_t us) { fprintf(out, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000); }

/* A bound in OpenMetrics is written as short as it can be, but with a point. */
static void say_bound(const page *to, int64_t us) {
    char text[40];
    int length = snprintf(text, sizeof text, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
    while (to->open && text[length - 1] == '0' && text[length - 2] != '.')
        length--;
    fprintf(to->out, "%.*s", length, text);
}

static void say_histogram(const page *to, const char *name, const char *label, const char *value, const histogram *it) {
    FILE *out = to->out;
    int64_t count = 0;
    for (int i = 0; i <= BOUNDS; i++) {
        count += read_counter(&it->buckets[i]);
        fprintf(out, "%s_bucket{%s=\"%s\",le=\"", name, label, value);
        if (i < BOUNDS)
            say_bound(to, bounds_us[i]);
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

static void say_calls(const page *to, const teleai__metrics *it) {
    FILE *out = to->out;
    say_type(to, "teleai_calls_total", "counter", "Calls, by operation and what they returned.");
    EACH_OPERATION(it, counters, name) {
        for (int status = 0; status < STATUSES; status++)
            if (read_counter(&counters->by_status[status]) > 0)
                fprintf(out, "teleai_calls_total{operation=\"%s\",status=\"%s\"} %" PRId64 "\n", name,
                        teleai_status_name(status), read_counter(&counters->by_status[status]));
    }
    say_type(to, "teleai_call_duration_seconds", "histogram", "From the call to its return.");
    EACH_OPERATION(it, counters, name) {
        say_histogram(to, "teleai_call_duration_seconds", "operation", name, &counters->durations);
    }
    say_type(to, "teleai_phase_duration_seconds", "histogram", "What calls spent their time on.");
    for (int i = 0; i < PHASES; i++)
        say_histogram(to, "teleai_phase_duration_seconds", "phase", phase_names[i], &it->phases[i]);
    say_type(to, "teleai_rows_total", "counter", "Rows of the answers.");
    EACH_OPERATION(it, counters, name) {
        fprintf(out, "teleai_rows_total{operation=\"%s\"} %" PRId64 "\n", name, read_counter(&counters->rows));
    }
    say_type(to, "teleai_bytes_total", "counter", "Memory of the answers.");
    EACH_OPERATION(it, counters, name) {
        fprintf(out, "teleai_bytes_total{operation=\"%s\"} %" PRId64 "\n", name, read_counter(&counters->bytes));
    }
    say(to, "teleai_retries_total", "counter", "Statements that were sent again.", read_counter(&it->retries));
    say(to, "teleai_cancels_total", "counter", "Calls of teleai_cancel().", read_counter(&it->cancels));
    say(to, "teleai_slow_calls_total", "counter", "Calls that took longer than slow_call_ms.",
        read_counter(&it->slow_count));
}

/* ---- pools ---- */

typedef struct pool_metric {
    const char *name, *type, *help;
    size_t offset; /* in teleai_pool_stats */
    bool is_small; /* int32_t there, not int64_t */
} pool_metric;

#define COUNTER(name, member, help) \
    { "teleai_pool_" name "_total", "counter", help, offsetof(teleai_pool_stats, member), false }
#define GAUGE(name, member, help) \
    { "teleai_pool_" name, "gauge", help, offsetof(teleai_pool_stats, member), true }

static const pool_metric pool_metrics[] = {
    GAUGE("connections_max", max_connections, "Connections there may be."),
    GAUGE("waiting_calls", waiting_calls, "Calls that wait for a connection."),
    COUNTER("acquired", acquired, "Connections handed to a call."),
    COUNTER("waited", waited, "Calls that had to wait."),
    COUNTER("rode", rode, "Calls answered together with another."),
    COUNTER("timed_out", timed_out, "Calls that gave up waiting."),
    COUNTER("opened", opened, "Connections opened."),
    COUNTER("open_failures", open_failures, "Attempts to connect that failed."),
    COUNTER("discarded", discarded, "Connections closed because they broke."),
    COUNTER("retired", retired, "Sound connections closed: old, rested, too many."),
    COUNTER("statements", statements_run, "Statements sent."),
    COUNTER("prepared", statements_prepared, "Statements prepared."),
};

static int64_t pool_value(const pool_metric *metric, const teleai_pool_stats *stats) {
    int32_t small;
    int64_t value;
    memcpy(&small, (const char *)stats + metric->offset, sizeof small);
    if (metric->is_small)
        return small;
    memcpy(&value, (const char *)stats + metric->offset, sizeof value);
    return value;
}

/* The primary's, and where there is one the replica's. */
static void say_pools(const page *to, const teleai_pool_stats *stats, int count) {
    FILE *out = to->out;
    static const char *const names[] = {"primary", "replica"};
    for (size_t i = 0; i < sizeof pool_metrics / sizeof *pool_metrics; i++) {
        const pool_metric *metric = &pool_metrics[i];
        say_type(to, metric->name, metric->type, metric->help);
        for (int p = 0; p < count; p++)
            fprintf(out, "%s{pool=\"%s\"} %" PRId64 "\n", metric->name, names[p], pool_value(metric, &stats[p]));
    }
    say_type(to, "teleai_pool_connections", "gauge", "Connections there are.");
    for (int p = 0; p < count; p++)
        fprintf(out,
                "teleai_pool_connections{pool=\"%s\",state=\"idle\"} %d\n"
                "teleai_pool_connections{pool=\"%s\",state=\"busy\"} %d\n",
                names[p], (int)stats[p].idle_connections, names[p],
                (int)(stats[p].open_connections - stats[p].idle_connections));
    say_type(to, "teleai_pool_wait_seconds_total", "counter", "Time that all calls waited together.");
    for (int p = 0; p < count; p++) {
        fprintf(out, "teleai_pool_wait_seconds_total{pool=\"%s\"} ", names[p]);
        say_seconds(out, stats[p].wait_total_us);
        fputc('\n', out);
    }
}

teleai_status teleai_metrics_text(teleai_client *client, char **out, teleai_error *error) {
    return teleai_metrics_text_as(client, TELEAI_METRICS_PROMETHEUS, out, error);
}

teleai_status teleai_metrics_text_as(teleai_client *client, int32_t format, char **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("text", error);
    *out = NULL;
    if (format != TELEAI_METRICS_PROMETHEUS && format != TELEAI_METRICS_OPENMETRICS)
        return teleai__fail_field(error, "format", "format is %d; 1 (Prometheus) or 2 (OpenMetrics) was expected",
                                  (int)format);
    teleai_pool_stats stats[2];
    teleai_status status = teleai_pool_stats_get(client, &stats[0], error);
    if (status != TELEAI_OK)
        return status;
    bool has_replica = client->core->replica != NULL;
    if (has_replica)
        teleai__pool_stats(client->core->replica, &stats[1]);
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return teleai__fail_memory(error);
    const page to = {stream, format == TELEAI_METRICS_OPENMETRICS};
    const teleai__metrics *it = client->core->metrics;
    if (it != NULL && it->counts)
        say_calls(&to, it);
    say_pools(&to, stats, has_replica ? 2 : 1);
    if (to.open)
        fputs("# EOF\n", stream);
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
        return teleai__fail_out("list", error);
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
