/* db/sqlstate: what each of the server's codes means, row by row; classes where there is no row of its own. */
#include <criterion/criterion.h>
#include <string.h>

#include "wire/sqlstate.h"

#define RETRY TELEAI_ERROR_RETRYABLE
#define QUOTED true
#define SILENT false /* the server's message may hold values in these */

static const struct {
    const char *sqlstate;
    teleai_status status;
    uint32_t flags;
    bool quote;
} rows[] = {
    {"23505", TELEAI_ALREADY_EXISTS, 0, SILENT},
    {"23503", TELEAI_PARENT_NOT_FOUND, 0, SILENT},
    {"23514", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"23502", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"22021", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"22P05", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"0A000", TELEAI_UNSUPPORTED, 0, QUOTED},
    {"58P01", TELEAI_UNSUPPORTED, 0, QUOTED},
    {"28P01", TELEAI_UNAUTHENTICATED, 0, QUOTED},
    {"28000", TELEAI_UNAUTHENTICATED, 0, QUOTED},
    {"3D000", TELEAI_UNAVAILABLE, 0, QUOTED},
    {"42501", TELEAI_PERMISSION_DENIED, 0, QUOTED},
    {"42P01", TELEAI_SCHEMA_MISMATCH, 0, QUOTED},
    {"42703", TELEAI_SCHEMA_MISMATCH, 0, QUOTED},
    {"42704", TELEAI_SCHEMA_MISMATCH, 0, QUOTED},
    {"42883", TELEAI_SCHEMA_MISMATCH, 0, QUOTED},
    {"40001", TELEAI_ABORTED, RETRY, SILENT},
    {"40P01", TELEAI_ABORTED, RETRY, SILENT},
    {"25P02", TELEAI_ABORTED, 0, SILENT},
    {"25006", TELEAI_PERMISSION_DENIED, 0, SILENT},
    {"55P03", TELEAI_TIMEOUT, RETRY, SILENT},
    {"57014", TELEAI_TIMEOUT, RETRY, SILENT},
    {"25P03", TELEAI_UNAVAILABLE, RETRY, SILENT},
    {"53100", TELEAI_LIMIT_EXCEEDED, 0, QUOTED},
    {"53200", TELEAI_LIMIT_EXCEEDED, RETRY, QUOTED},
    {"53400", TELEAI_LIMIT_EXCEEDED, 0, QUOTED},
    {"53300", TELEAI_UNAVAILABLE, RETRY, QUOTED},
    {"57P01", TELEAI_UNAVAILABLE, RETRY, SILENT},
    {"57P02", TELEAI_UNAVAILABLE, RETRY, SILENT},
    {"57P03", TELEAI_UNAVAILABLE, RETRY, QUOTED},
    {"57P05", TELEAI_UNAVAILABLE, RETRY, SILENT},
};

/* Members of the classes that have no row of their own. */
static const struct {
    const char *sqlstate;
    teleai_status status;
    uint32_t flags;
    bool quote;
} classes[] = {
    {"08000", TELEAI_UNAVAILABLE, RETRY, QUOTED},    {"08006", TELEAI_UNAVAILABLE, RETRY, QUOTED},
    {"08P01", TELEAI_UNAVAILABLE, RETRY, QUOTED},    {"22000", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"22003", TELEAI_INVALID_ARGUMENT, 0, SILENT},   {"22P02", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"22001", TELEAI_INVALID_ARGUMENT, 0, SILENT},   {"23000", TELEAI_INVALID_ARGUMENT, 0, SILENT},
    {"23P01", TELEAI_INVALID_ARGUMENT, 0, SILENT},   {"28999", TELEAI_UNAUTHENTICATED, 0, QUOTED},
    {"40000", TELEAI_ABORTED, RETRY, SILENT},        {"40003", TELEAI_ABORTED, RETRY, SILENT},
    {"42601", TELEAI_SERVER_ERROR, 0, QUOTED},       {"42P18", TELEAI_SERVER_ERROR, 0, QUOTED},
    {"53000", TELEAI_LIMIT_EXCEEDED, RETRY, QUOTED}, {"53999", TELEAI_LIMIT_EXCEEDED, RETRY, QUOTED},
    {"54000", TELEAI_LIMIT_EXCEEDED, 0, QUOTED},     {"54023", TELEAI_LIMIT_EXCEEDED, 0, QUOTED},
    {"55000", TELEAI_CONFLICT, 0, QUOTED},           {"55006", TELEAI_CONFLICT, 0, QUOTED},
    {"57000", TELEAI_UNAVAILABLE, RETRY, QUOTED},    {"57P04", TELEAI_UNAVAILABLE, RETRY, QUOTED},
    {"58000", TELEAI_SERVER_ERROR, 0, QUOTED},       {"58030", TELEAI_SERVER_ERROR, 0, QUOTED},
    {"XX000", TELEAI_SERVER_ERROR, 0, QUOTED},       {"XX002", TELEAI_SERVER_ERROR, 0, QUOTED},
};

Test(sqlstate, every_row) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const teleai__meaning *meaning = teleai__sqlstate_meaning(rows[i].sqlstate);
        cr_expect(meaning->status == rows[i].status, "%s is %s", rows[i].sqlstate, teleai_status_name(meaning->status));
        cr_expect(meaning->flags == rows[i].flags && meaning->quote == rows[i].quote, "%s", rows[i].sqlstate);
        cr_expect_str_eq(meaning->code, rows[i].sqlstate, "it has a row of its own");
        cr_expect(strlen(meaning->says) > 10);
    }
}

Test(sqlstate, every_class) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const teleai__meaning *meaning = teleai__sqlstate_meaning(classes[i].sqlstate);
        cr_expect(meaning->status == classes[i].status, "%s is %s", classes[i].sqlstate,
                  teleai_status_name(meaning->status));
        cr_expect(meaning->flags == classes[i].flags && meaning->quote == classes[i].quote, "%s", classes[i].sqlstate);
        cr_expect(strlen(meaning->code) == 2 && strncmp(meaning->code, classes[i].sqlstate, 2) == 0, "%s",
                  meaning->code);
        cr_expect(strlen(meaning->says) > 10);
    }
}

Test(sqlstate, what_is_in_no_row_is_a_server_error) {
    static const char *const others[] = {"00000",  "P0001", "72000", "HV000", "ZZZZZ", "",      "2350",
                                         "235055", "23",    "08",    "XX",    NULL,    "x3505", "\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const teleai__meaning *meaning = teleai__sqlstate_meaning(others[i]);
        cr_assert(meaning->status == TELEAI_SERVER_ERROR && meaning->flags == 0 && !meaning->quote, "%s", others[i]);
        cr_assert(meaning->says[0] != '\0');
    }
}

Test(sqlstate, a_result_without_detail_is_a_server_error) {
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
    teleai_error error;
    cr_assert(teleai__fail_result(&error, "user_get", result) == TELEAI_SERVER_ERROR);
    cr_assert(error.status == TELEAI_SERVER_ERROR && error.sqlstate[0] == '\0' && error.field[0] == '\0');
    cr_assert(strncmp(error.message, "user_get: ", 10) == 0, "%s", error.message);
    cr_assert(teleai__fail_result(NULL, "user_get", result) == TELEAI_SERVER_ERROR);
    PQclear(result);
}
