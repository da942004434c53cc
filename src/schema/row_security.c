#include "schema/row_security.h"

#include "base/error.h"
#include "record/row.h"
#include "run/operation.h"
#include "schema/migrate.h"
#include "schema/tables.h"

typedef struct standing {
    int64_t secured; /* tables with row security on */
    int64_t binding; /* and those where it binds this role */
    bool is_superuser, bypasses, may_become_owner;
    uint8_t reserved[5];
} standing;

#define RECORD standing
static const teleai__column columns[] = {
    TELEAI__COLUMN_INT64("secured", secured),
    TELEAI__COLUMN_INT64("binding", binding),
    TELEAI__COLUMN_BOOL("is_superuser", is_superuser),
    TELEAI__COLUMN_BOOL("bypasses", bypasses),
    TELEAI__COLUMN_BOOL("may_become_owner", may_become_owner),
};
#undef RECORD
static const teleai__row row = {
    .noun = "role", .size = sizeof(standing), .columns = columns, .count = (int)TELEAI__COUNT(columns)};

/* A member of the owner that does not inherit its rights is bound, until it says SET ROLE. */
static const char sql[] =
    "select count(*) filter (where c.relrowsecurity) as secured,\n"
    "       count(*) filter (where pg_catalog.row_security_active(c.oid)) as binding,\n"
    "       coalesce(bool_or(r.rolsuper), false) as is_superuser,\n"
    "       coalesce(bool_or(r.rolbypassrls), false) as bypasses,\n"
    "       coalesce(bool_or(pg_catalog.pg_has_role(c.relowner, 'member')), false) as may_become_owner\n"
    "  from pg_catalog.pg_class c\n"
    "  join pg_catalog.pg_roles r on r.rolname = current_user\n"
    " where c.oid " TELEAI__IN_TABLES_SQL(TELEAI__TENANT_TABLES_SQL);

static const char *why_not(const standing *it) {
    if (it->secured < TELEAI__TENANT_TABLE_COUNT)
        return "it is not enabled in this database; see teleai_row_security_enable()";
    if (it->is_superuser)
        return "the role is a superuser, whom it does not bind";
    if (it->bypasses)
        return "the role has BYPASSRLS";
    if (it->may_become_owner)
        return "the role owns the tables, or is a member of the role that does";
    return it->binding < TELEAI__TENANT_TABLE_COUNT ? "it does not bind this role (setting row_security?)" : NULL;
}

teleai_status teleai__row_security_look(teleai_client *client, bool required, teleai_error *error) {
    standing *it = NULL;
    teleai__params params;
    teleai__params_init(&params);
    teleai__operation operation = {
        .statement = {.name = "row_security", .sql = sql},
        .params = &params,
        .repeatable = true,
        .row = &row,
        .noun = "role",
        .decode = teleai__decode_one,
        .out = &it,
    };
    teleai_status status = teleai__run(client, &operation, error);
    if (status != TELEAI_OK)
        return status;
    const char *reason = why_not(it);
    bool binds = it->binding > 0;
    teleai__arena_free(it);
    if (required && reason != NULL)
        return teleai__fail(error, TELEAI_PERMISSION_DENIED,
                            "row security is required, but %s. Connect as teleai_app, or another role that is neither "
                            "superuser nor owner and has no BYPASSRLS",
                            reason);
    client->core->row_security = client->scope.sends_tenant = binds;
    client->scope.is_set |= binds;
    return TELEAI_OK;
}

teleai_status teleai_row_security_enable(teleai_client *client, teleai_error *error) {
    return teleai__migrate_script(client, "row_security_enable", teleai__row_security_enable_sql, error);
}

teleai_status teleai_row_security_disable(teleai_client *client, teleai_error *error) {
    return teleai__migrate_script(client, "row_security_disable", teleai__row_security_disable_sql, error);
}
