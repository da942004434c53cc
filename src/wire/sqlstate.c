#include "wire/sqlstate.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define RETRY TELEAI_ERROR_RETRYABLE

/* Codes: PostgreSQL documentation, appendix A. */
static const teleai__meaning meanings[] = {
    {"23505", TELEAI_ALREADY_EXISTS, 0, false, "a row with the same value is there already"},
    {"23503", TELEAI_PARENT_NOT_FOUND, 0, false, "the row it belongs to does not exist"},
    {"23514", TELEAI_INVALID_ARGUMENT, 0, false, "a value is not allowed by a check of the database"},
    {"23502", TELEAI_INVALID_ARGUMENT, 0, false, "a value is missing"},
    {"22021", TELEAI_INVALID_ARGUMENT, 0, false, "a text has characters that the database's encoding cannot hold"},
    {"22P05", TELEAI_INVALID_ARGUMENT, 0, false, "a text has characters that the database cannot hold"},
    {"0A000", TELEAI_UNSUPPORTED, 0, true, "the server does not support it"},
    {"58P01", TELEAI_UNSUPPORTED, 0, true,
     "the server lacks a file, probably that of an extension; on Debian and Ubuntu: apt-get install "
     "postgresql-contrib"},
    {"28P01", TELEAI_UNAUTHENTICATED, 0, true, "the server refused the password"},
    {"28000", TELEAI_UNAUTHENTICATED, 0, true, "the server refused the user"},
    {"3D000", TELEAI_UNAVAILABLE, 0, true, "there is no such database; make it with createdb"},
    {"42501", TELEAI_PERMISSION_DENIED, 0, true, "the database role may not do that"},
    {"42P01", TELEAI_SCHEMA_MISMATCH, 0, true, "the schema is not the one this library needs; see teleai_migrate_up()"},
    {"42703", TELEAI_SCHEMA_MISMATCH, 0, true, "the schema is not the one this library needs; see teleai_migrate_up()"},
    {"42704", TELEAI_SCHEMA_MISMATCH, 0, true, "the schema is not the one this library needs; see teleai_migrate_up()"},
    {"42883", TELEAI_SCHEMA_MISMATCH, 0, true, "the schema is not the one this library needs; see teleai_migrate_up()"},
    {"40001", TELEAI_ABORTED, RETRY, false, "another transaction was in the way; roll back and run this one again"},
    {"40P01", TELEAI_ABORTED, RETRY, false, "it would have waited for ever (deadlock); roll back and run it again"},
    {"25P02", TELEAI_ABORTED, 0, false, "an earlier operation of this transaction failed; roll it back"},
    {"25006", TELEAI_PERMISSION_DENIED, 0, false, "the transaction, or the server, is read-only"},
    {"55P03", TELEAI_TIMEOUT, RETRY, false, "a lock was not free in time"},
    {"57014", TELEAI_TIMEOUT, RETRY, false, "its time was over, and the server stopped it: nothing has happened"},
    {"25P03", TELEAI_UNAVAILABLE, RETRY, false, "the transaction was idle for too long and the server ended it"},
    {"53400", TELEAI_LIMIT_EXCEEDED, 0, true, "a limit is reached"},
    {"53100", TELEAI_LIMIT_EXCEEDED, 0, true, "the server's disk is full"},
    {"53200", TELEAI_LIMIT_EXCEEDED, RETRY, true, "the server is out of memory"},
    {"53300", TELEAI_UNAVAILABLE, RETRY, true, "the server has no more connections to give"},
    {"57P01", TELEAI_UNAVAILABLE, RETRY, false, "the server is being shut down, or closed this connection"},
    {"57P02", TELEAI_UNAVAILABLE, RETRY, false, "the server crashed"},
    {"57P03", TELEAI_UNAVAILABLE, RETRY, true, "the server is starting up or shutting down"},
    {"57P05", TELEAI_UNAVAILABLE, RETRY, false, "the connection was idle for too long and the server closed it"},
    {"08", TELEAI_UNAVAILABLE, RETRY, true, "the connection was lost"},
    {"22", TELEAI_INVALID_ARGUMENT, 0, false, "a value is out of range or of the wrong form"},
    {"23", TELEAI_INVALID_ARGUMENT, 0, false, "a value is not allowed by the database"},
    {"28", TELEAI_UNAUTHENTICATED, 0, true, "the server refused the user"},
    {"40", TELEAI_ABORTED, RETRY, false, "the transaction was rolled back; run it again"},
    {"42", TELEAI_SERVER_ERROR, 0, true, "the server did not take the statement"},
    {"53", TELEAI_LIMIT_EXCEEDED, RETRY, true, "the server lacks a resource"},
    {"54", TELEAI_LIMIT_EXCEEDED, 0, true, "a value is too large for the server or one of its indexes"},
    {"55", TELEAI_CONFLICT, 0, true, "the object is not in the state this needs"},
    {"57", TELEAI_UNAVAILABLE, RETRY, true, "an operator or the server stepped in"},
    {"58", TELEAI_SERVER_ERROR, 0, true, "the server's system failed"},
    {"XX", TELEAI_SERVER_ERROR, 0, true, "the server found its own data or code at fault"},
};

static const teleai__meaning anything_else = {"", TELEAI_SERVER_ERROR, 0, false, "the server reported an error"};

static bool is_code(const char *sqlstate) {
    return sqlstate != NULL && strlen(sqlstate) == 5 && strspn(sqlstate, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
}

const teleai__meaning *teleai__sqlstate_meaning(const char *sqlstate) {
    const size_t count = sizeof meanings / sizeof *meanings;
    if (!is_code(sqlstate))
        return &anything_else;
    for (size_t i = 0; i < count; i++)
        if (strcmp(meanings[i].code, sqlstate) == 0)
            return &meanings[i];
    for (size_t i = 0; i < count; i++)
        if (strlen(meanings[i].code) == 2 && strncmp(meanings[i].code, sqlstate, 2) == 0)
            return &meanings[i];
    return &anything_else;
}

/* The input field that a violated constraint is about. Constraints are named <table>_<column>_<kind>, or
 * <table>_tenant_<column>_<kind>, so the column is what lies between. */
static void name_field(teleai_error *error, const char *table, const char *column) {
    if (column != NULL) {
        memcpy(error->field, column, teleai__utf8_cut(column, sizeof error->field - 1));
        return;
    }
    size_t skip = table == NULL ? 0 : strlen(table);
    const char *last = strrchr(error->constraint, '_');
    if (skip == 0 || last == NULL || strncmp(error->constraint, table, skip) != 0 || error->constraint[skip] != '_')
        return;
    const char *start = error->constraint + skip + 1;
    /* A reference, or a key, that names the tenant too. */
    static const char of_tenant[] = "tenant_", of_key[] = "tenant_id_";
    if (strncmp(start, of_key, sizeof of_key - 1) == 0 && start + sizeof of_key - 1 < last)
        start += sizeof of_key - 1;
    else if (strncmp(start, of_tenant, sizeof of_tenant - 1) == 0 && strncmp(start, of_key, sizeof of_key - 1) != 0)
        start += sizeof of_tenant - 1;
    if (strcmp(last, "_pkey") == 0)
        snprintf(error->field, sizeof error->field, "id");
    else if (last > start)
        snprintf(error->field, sizeof error->field, "%.*s", (int)(last - start), start);
    /* Of a database that was adopted: e-mail addresses are unique letter by letter, too. */
    if (strcmp(error->field, "email_exact") == 0)
        snprintf(error->field, sizeof error->field, "email");
}

/* A value for which the server would need over 1 GB at once, such as twenty million words to index, it reports as an
 * internal error. Its words are the same in every language: internal errors are not translated. */
static bool is_too_large(const char *sqlstate, const char *said) {
    static const char words[] = "invalid memory alloc request size";
    return sqlstate != NULL && said != NULL && strcmp(sqlstate, "XX000") == 0 &&
           strncmp(said, words, sizeof words - 1) == 0;
}

teleai_status teleai__fail_result(teleai_error *error, const char *operation, const PGresult *result) {
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const teleai__meaning *meaning = teleai__sqlstate_meaning(is_too_large(sqlstate, said) ? "54000" : sqlstate);
    if (error == NULL)
        return meaning->status;
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    /* A refusal by a migration file says there how to put it right. */
    const char *hint = meaning->status == TELEAI_CONFLICT ? PQresultErrorField(result, PG_DIAG_MESSAGE_HINT) : NULL;
    if (constraint != NULL && !meaning->quote)
        teleai__fail(error, meaning->status, "%s: %s (constraint %.63s)", operation, meaning->says, constraint);
    else if (meaning->quote && said != NULL)
        teleai__fail(error, meaning->status, "%s: %s. The server said: %.*s%s%.*s", operation, meaning->says,
                     (int)teleai__utf8_cut(said, 160), said, hint == NULL ? "" : ". ",
                     hint == NULL ? 0 : (int)teleai__utf8_cut(hint, 160), hint == NULL ? "" : hint);
    else
        teleai__fail(error, meaning->status, "%s: %s (SQLSTATE %s)", operation, meaning->says,
                     is_code(sqlstate) ? sqlstate : "not given");
    error->flags = meaning->flags;
    if (is_code(sqlstate))
        snprintf(error->sqlstate, sizeof error->sqlstate, "%.5s", sqlstate);
    if (constraint != NULL)
        memcpy(error->constraint, constraint, teleai__utf8_cut(constraint, sizeof error->constraint - 1));
    teleai__text_clean(error->constraint);
    name_field(error, PQresultErrorField(result, PG_DIAG_TABLE_NAME), PQresultErrorField(result, PG_DIAG_COLUMN_NAME));
    teleai__text_clean(error->field);
    return meaning->status;
}
