/*
 * For test_statements.c: what the linker puts between the library's parts (-Wl,--wrap). It prepares each statement
 * once more and holds the parameter types that the server expects against the kinds of the fields, and the columns
 * that come back against the descriptors.
 */
#ifndef TELEAI_TESTS_STATEMENT_CHECK_H
#define TELEAI_TESTS_STATEMENT_CHECK_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/field.h"
#include "record/row.h"
#include "schema/tables.h"
#include "wire/pipeline.h"
#include "wire/statement.h"

static PGconn *side; /* where statements are prepared once more */
static char names_seen[200][64];
static char *texts_seen[200]; /* of each the first */
static size_t name_count, statement_count, column_count, field_count;

/* ---- types ---- */

static bool is_type(Oid type, const char *name) {
    char sql[200];
    snprintf(sql, sizeof sql, "select '%s'::regtype::oid", name);
    PGresult *result = PQexec(side, sql);
    bool same = PQresultStatus(result) == PGRES_TUPLES_OK && (Oid)strtoul(PQgetvalue(result, 0, 0), NULL, 10) == type;
    PQclear(result);
    return same;
}

static bool fits(Oid type, uint8_t kind, const teleai__labels *labels) {
    static const char *const names[][3] = {
        [TELEAI__UUID] = {"uuid"},        [TELEAI__TEXT] = {"text", "varchar"},
        [TELEAI__BODY] = {"text"},        [TELEAI__JSON] = {"jsonb"},
        [TELEAI__INET] = {"inet"},        [TELEAI__TEXTS] = {"text[]"},
        [TELEAI__BOOL] = {"boolean"},     [TELEAI__INT32] = {"integer"},
        [TELEAI__INT64] = {"bigint"},     [TELEAI__DOUBLE] = {"float8"},
        [TELEAI__CENTI] = {"numeric"},    [TELEAI__SECONDS] = {"numeric"},
        [TELEAI__TIME] = {"timestamptz"}, [TELEAI__PHRASES] = {"text[]"},
    };
    if (kind == TELEAI__LABEL)
        return is_type(type, labels->type) || (strcmp(labels->type, "text") == 0 && is_type(type, "varchar"));
    for (int i = 0; i < 3 && names[kind][i] != NULL; i++)
        if (is_type(type, names[kind][i]))
            return true;
    return false;
}

/* ---- between the parts of the library ---- */

/* Which field a parameter's bytes came from. */
static struct {
    const void *bytes;
    const teleai__field *field;
} encoded[200];
static size_t encoded_count;

static void remember(const void *bytes, const teleai__field *field) {
    if (bytes != NULL && encoded_count < sizeof encoded / sizeof *encoded) {
        encoded[encoded_count].bytes = bytes;
        encoded[encoded_count++].field = field;
    }
}

teleai_status __real_teleai__params_read_fields(teleai__params *params, const teleai__field *fields, size_t count,
                                                const void *input, teleai_error *to);
teleai_status __wrap_teleai__params_read_fields(teleai__params *params, const teleai__field *fields, size_t count,
                                                const void *input, teleai_error *to);
teleai_status __wrap_teleai__params_read_fields(teleai__params *params, const teleai__field *fields, size_t count,
                                                const void *input, teleai_error *to) {
    int first = params->count;
    teleai_status status = __real_teleai__params_read_fields(params, fields, count, input, to);
    for (size_t i = 0; status == TELEAI_OK && i < count; i++)
        remember(params->values[(size_t)first + i], &fields[i]);
    return status;
}

/* One after the other, for an update, a result or a filter. */
teleai_status __real_teleai__field_read(const teleai__field *field, const void *input, unsigned char *scratch,
                                        teleai__value *out, teleai_error *to);
teleai_status __wrap_teleai__field_read(const teleai__field *field, const void *input, unsigned char *scratch,
                                        teleai__value *out, teleai_error *to);
teleai_status __wrap_teleai__field_read(const teleai__field *field, const void *input, unsigned char *scratch,
                                        teleai__value *out, teleai_error *to) {
    teleai_status status = __real_teleai__field_read(field, input, scratch, out, to);
    if (status == TELEAI_OK)
        remember(out->bytes, field);
    return status;
}

static void see_text(const char *name, const char *sql) {
    for (size_t i = 0; i < name_count; i++)
        if (strcmp(names_seen[i], name) == 0 && texts_seen[i] == NULL)
            texts_seen[i] = strdup(sql);
}

/* Each statement as it is sent, the first of each name, for people who want to EXPLAIN one. */
static void compare_texts(const char *file) {
    char path[500], *now;
    size_t bytes;
    snprintf(path, sizeof path, "%s/%s", getenv("TELEAI_SOURCE_DIR"), file);
    FILE *out = open_memstream(&now, &bytes);
    fprintf(out, "-- What the library sends, one of each name. Written by tests/db/test_statements.c.\n");
    for (size_t i = 0; i < name_count; i++)
        if (texts_seen[i] != NULL)
            fprintf(out, "\n-- %s\n%s;\n", names_seen[i], texts_seen[i]);
    fclose(out);
    bool writes = getenv("TELEAI_WRITE_STATEMENTS") != NULL;
    FILE *committed = fopen(path, writes ? "w+" : "r");
    cr_assert(committed != NULL, "%s cannot be opened", path);
    if (writes) {
        fwrite(now, 1, bytes, committed);
        rewind(committed);
    }
    char *then = calloc(bytes + 2, 1);
    cr_assert(fread(then, 1, bytes + 1, committed) == bytes && memcmp(then, now, bytes) == 0,
              "the statements are other ones than in %s; write them anew with\n"
              "TELEAI_WRITE_STATEMENTS=1 bash tests/run.sh -- -R db_statements",
              path);
    fclose(committed);
    free(then);
    free(now);
}

static void see_name(const char *name) {
    for (size_t i = 0; i < name_count; i++)
        if (strcmp(names_seen[i], name) == 0)
            return;
    cr_assert(name_count < sizeof names_seen / sizeof *names_seen);
    snprintf(names_seen[name_count++], sizeof names_seen[0], "%s", name);
}

/* ---- tenants ---- */

/* Statements about no tenant in particular, with the reason. */
static const struct {
    const char *name, *why;
} of_no_tenant[] = {
    {"ping", "touches no table"},
    {"notify", "channels are of the database"},
    {"migrate_status", "is about the schema"},
    {"row_security", "is about the role"},
    {"health_check", "is about the database"},
    {"maintain", "is about the database"},
    {"snapshot_export", "touches no table"},
    {"table_checksum_list", "sums up the rows of all, for a backup"},
    {"daily_usage_refresh", "counts the days of all"},
    {"user_login_salt", "asks how the password of an e-mail address is hashed, under row security"},
    {"user_login_tenant", "finds the tenant by the e-mail address and the password's hash, under row security"},
    {"scope", "tells it to the server"},
    {"user_login", "finds the tenant by the e-mail address, where nobody chose one"},
};

static const teleai_uuid *expected_tenant; /* NULL: the default one */

/* Whether it is about no tenant, by the list or by its name: the management of tenants. */
static bool has_no_tenant(const char *name) {
    for (size_t i = 0; i < sizeof of_no_tenant / sizeof *of_no_tenant; i++)
        if (strcmp(of_no_tenant[i].name, name) == 0)
            return true;
    return strncmp(name, "tenant_", 7) == 0;
}

/* How often it says where rows are, and how often whose. */
static size_t count_words(const char *sql, const char *word) {
    size_t count = 0, length = strlen(word);
    for (const char *at = sql; (at = strstr(at, word)) != NULL; at += length)
        count++;
    return count;
}

#define NAME(name) #name,
static size_t count_relations(const char *sql) {
    static const char *const before[] = {"from ", "join ", "update ", "into "};
    static const char *const relations[] = {
        TELEAI__TENANT_TABLES(NAME) "user_file_stats",
        "daily_usage_stats",
        "recent_user_activity",
        "processing_queue_status",
        "file_processing_pipeline",
        "teleai_daily_usage_stats",
        "teleai_search",
    };
    size_t count = 0;
    char word[64];
    for (size_t b = 0; b < sizeof before / sizeof *before; b++)
        for (size_t r = 0; r < sizeof relations / sizeof *relations; r++) {
            snprintf(word, sizeof word, "%s%s", before[b], relations[r]);
            count += count_words(sql, word);
        }
    return count;
}
#undef NAME

/* Its first parameter is the tenant, and for each place that it takes rows from, or puts them, it says that they are of that
 * tenant. */
static void check_tenant(const teleai__statement *statement, const char *sql, const teleai__values *params) {
    static const teleai_uuid default_tenant = {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};
    if (has_no_tenant(statement->name))
        return;
    const teleai_uuid *tenant = expected_tenant == NULL ? &default_tenant : expected_tenant;
    size_t relations = count_relations(sql), tenants = count_words(sql, "tenant_id");
    cr_assert(params->count > 0 && params->lengths[0] == 16 && memcmp(params->values[0], tenant, 16) == 0,
              "%s: the first parameter is not the tenant\n%s", statement->name, sql);
    cr_assert(strstr(sql, "tenant_id = $1") != NULL || strstr(sql, "(tenant_id, id") != NULL, "%s names no tenant\n%s",
              statement->name, sql);
    cr_assert(relations > 0 && tenants >= relations, "%s names %zu relations and %zu tenants\n%s", statement->name,
              relations, tenants, sql);
}

static void check_statement(const teleai__statement *statement, const teleai__values *params) {
    char room[TELEAI__STATEMENT_BYTES];
    const char *sql = teleai__statement_text(statement, room);
    check_tenant(statement, sql, params);
    PGresult *prepared = PQprepare(side, "", sql, params->count, params->types);
    cr_assert(PQresultStatus(prepared) == PGRES_COMMAND_OK, "%s: %s\n%s", statement->name, PQerrorMessage(side), sql);
    PGresult *described = PQdescribePrepared(side, "");
    cr_assert(PQnparams(described) == params->count, "%s takes %d parameters, %d are sent", statement->name,
              PQnparams(described), params->count);
    for (int i = 0; i < params->count; i++) {
        for (size_t k = 0; k < encoded_count && params->values[i] != NULL; k++) {
            if (encoded[k].bytes != params->values[i] || params->types[i] != TELEAI__OID_INFER)
                continue;
            const teleai__field *field = encoded[k].field;
            cr_assert(fits(PQparamtype(described, i), field->kind, field->labels),
                      "%s: the server's type %u for %s is not what is sent", statement->name, PQparamtype(described, i),
                      field->name);
            field_count++;
        }
    }
    PQclear(prepared);
    PQclear(described);
    see_name(statement->name);
    see_text(statement->name, sql);
    statement_count++;
    encoded_count = 0;
}

teleai_status __real_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to) {
    teleai__values values = teleai__params_values(params);
    if (side != NULL)
        check_statement(statement, &values);
    return __real_teleai__connection_run(connection, statement, params, deadline, out, to);
}

/* In scopes and behind poolers: the last is the operation's own, the others are what is set for it. */
teleai_status __real_teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count,
                                          bool apart, teleai__deadline deadline, teleai_error *to);
teleai_status __wrap_teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count,
                                          bool apart, teleai__deadline deadline, teleai_error *to);
teleai_status __wrap_teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count,
                                          bool apart, teleai__deadline deadline, teleai_error *to) {
    if (side != NULL)
        check_statement(requests[count - 1].statement, &requests[count - 1].values);
    return __real_teleai__pipeline_run(connection, requests, count, apart, deadline, to);
}

/* In batches. */
teleai_status __real_teleai__pipeline_send(teleai__pipeline *pipeline, teleai__request *request, bool ends_group,
                                           teleai_error *to);
teleai_status __wrap_teleai__pipeline_send(teleai__pipeline *pipeline, teleai__request *request, bool ends_group,
                                           teleai_error *to);
teleai_status __wrap_teleai__pipeline_send(teleai__pipeline *pipeline, teleai__request *request, bool ends_group,
                                           teleai_error *to) {
    if (side != NULL)
        check_statement(request->statement, &request->values);
    return __real_teleai__pipeline_send(pipeline, request, ends_group, to);
}

/* A column of a table that may hold NULL: one of the library's that may not would make rows of others an error. */
static bool may_hold_null(const PGresult *result, int column) {
    char sql[200];
    snprintf(sql, sizeof sql,
             "select from pg_attribute join pg_class c on c.oid = attrelid where c.oid = %u and attnum = %d and "
             "relkind = 'r' "
             "and not attnotnull",
             PQftable(result, column), PQftablecol(result, column));
    PGresult *found = PQexec(side, sql);
    bool may = PQntuples(found) == 1;
    PQclear(found);
    return may;
}

static void check_columns(const teleai__row *shape, const PGresult *result, int first) {
    cr_assert(side == NULL || PQnfields(result) >= first + shape->count);
    for (int i = 0; side != NULL && i < shape->count; i++) {
        const teleai__column *column = &shape->columns[i];
        cr_assert(strcmp(PQfname(result, first + i), column->name) == 0, "%s: column %d is %s, %s was expected",
                  shape->noun, i, PQfname(result, first + i), column->name);
        cr_assert(fits(PQftype(result, first + i), column->kind, column->labels), "%s: column %s has type %u",
                  shape->noun, column->name, PQftype(result, first + i));
        cr_assert(PQfformat(result, first + i) == 1);
        cr_assert((column->flags & TELEAI__OR_NULL) != 0 || !may_hold_null(result, first + i),
                  "%s: column %s may be NULL", shape->noun, column->name);
        column_count++;
    }
}

teleai_status __real_teleai__row_decode(const teleai__row *shape, teleai__arena *arena, void *record,
                                        const PGresult *result, int row, int first, teleai_error *to);
teleai_status __wrap_teleai__row_decode(const teleai__row *shape, teleai__arena *arena, void *record,
                                        const PGresult *result, int row, int first, teleai_error *to);
teleai_status __wrap_teleai__row_decode(const teleai__row *shape, teleai__arena *arena, void *record,
                                        const PGresult *result, int row, int first, teleai_error *to) {
    check_columns(shape, result, first);
    return __real_teleai__row_decode(shape, arena, record, result, row, first, to);
}

teleai_status __real_teleai__row_decode_one(const teleai__row *shape, PGresult *result, int first, void **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__row_decode_one(const teleai__row *shape, PGresult *result, int first, void **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__row_decode_one(const teleai__row *shape, PGresult *result, int first, void **out,
                                            teleai_error *to) {
    check_columns(shape, result, first);
    return __real_teleai__row_decode_one(shape, result, first, out, to);
}

teleai_status __real_teleai__row_decode_list(const teleai__row *shape, PGresult *result, int limit, teleai__list **out,
                                             teleai_error *to);
teleai_status __wrap_teleai__row_decode_list(const teleai__row *shape, PGresult *result, int limit, teleai__list **out,
                                             teleai_error *to);
teleai_status __wrap_teleai__row_decode_list(const teleai__row *shape, PGresult *result, int limit, teleai__list **out,
                                             teleai_error *to) {
    check_columns(shape, result, 0);
    return __real_teleai__row_decode_list(shape, result, limit, out, to);
}

#endif
