/* Somebody who runs SQL of his choice with the rights of teleai_app, and everything that he hears from the server. */
#ifndef TELEAI_TESTS_DB_HOSTILE_SQL_H
#define TELEAI_TESTS_DB_HOSTILE_SQL_H

#include <stdarg.h>

#include "two_tenants.h"

/* ---- hearing ---- */

static PGconn *he;
static char *heard; /* notices, messages and values since the last forget() */
static size_t heard_bytes, heard_room;

static void hear(const char *text) {
    size_t length = strlen(text);
    if (heard_bytes + length + 2 > heard_room) {
        heard_room = (heard_bytes + length + 2) * 2;
        heard = realloc(heard, heard_room);
    }
    memcpy(heard + heard_bytes, text, length + 1);
    heard_bytes += length;
    heard[heard_bytes++] = '\n';
    heard[heard_bytes] = '\0';
}

static void hear_notice(void *unused, const PGresult *result) {
    (void)unused;
    hear(PQresultErrorMessage(result));
}

static void forget(void) {
    heard_bytes = 0;
    hear("");
}

/* Gives the SQLSTATE, "" when it went well, and hears everything that came. */
__attribute__((format(printf, 1, 2))) static const char *says(const char *format, ...) {
    static char state[8];
    char sql[4000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    PQsendQuery(he, sql);
    state[0] = '\0';
    for (PGresult *result; (result = PQgetResult(he)) != NULL; PQclear(result)) {
        const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        char *row;
        if (code != NULL) {
            snprintf(state, sizeof state, "%s", code);
            hear(PQresultErrorMessage(result));
        }
        while (PQresultStatus(result) == PGRES_COPY_OUT && PQgetCopyData(he, &row, 0) > 0) {
            hear(row);
            PQfreemem(row);
        }
        for (int i = 0; i < PQntuples(result); i++)
            for (int j = 0; j < PQnfields(result); j++)
                hear(PQgetvalue(result, i, j));
    }
    return state;
}

static bool is_heard(const char *word) { return strstr(heard, word) != NULL; }

static void check_no_word_of_b(const char *about) {
    const teleai_uuid *const ids[] = {&b.tenant, &b.user, &b.session, &b.file, &b.transcription, &b.analysis};
    const char *at = strstr(heard, B_WORD);
    cr_expect(at == NULL, "%s: ...%.60s", about, at == NULL ? "" : at);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        cr_expect(!is_heard(uuid_text(ids[i])), "%s: an id of B's", about);
}

#define SAYS(state, ...)                                                                                       \
    do {                                                                                                       \
        const char *state_ = says(__VA_ARGS__);                                                                \
        cr_expect(strcmp(state_, (state)) == 0, "%s: '%s', '%s' was expected", #__VA_ARGS__, state_, (state)); \
    } while (0)
#define DENIED "42501"

/* ---- beginning ---- */

static void set_tenant(const belongings *whose) {
    SAYS("", "select set_config('teleai.tenant_id', '%s', false)", uuid_text(&whose->tenant));
}

static void begin(void) {
    furnish_two(db);
    OK(teleai_row_security_enable(db, &error));
    harness_sql("analyze"); /* statistics, for the planner to look into */
    he = PQconnectdb(harness_database_as("teleai_app"));
    cr_assert(PQstatus(he) == CONNECTION_OK, "%s", PQerrorMessage(he));
    PQsetNoticeReceiver(he, hear_notice, NULL);
    forget();
    set_tenant(&a);
    forget();
}

static void end(void) {
    PQfinish(he);
    free(heard);
    heard = NULL;
    heard_room = 0;
}

#endif
