#include "table/insert.h"

/* As the element of an array parameter. What has no cast of its own is converted by the INSERT, as any value. */
static const char *array_type(uint8_t kind) {
    switch (kind) {
    case TELEAI__UUID:
        return "uuid[]";
    case TELEAI__BOOL:
        return "boolean[]";
    case TELEAI__INT32:
        return "integer[]";
    case TELEAI__INT64:
        return "bigint[]";
    case TELEAI__CENTI:
    case TELEAI__SECONDS:
        return "numeric[]";
    case TELEAI__TIME:
        return "timestamptz[]";
    default:
        return "text[]";
    }
}

static void add_cast(teleai__sql *sql, const teleai__field *field) {
    const char *type = field->kind == TELEAI__LABEL   ? field->labels->type
                       : field->kind == TELEAI__JSON  ? "jsonb"
                       : field->kind == TELEAI__INET  ? "inet"
                       : field->kind == TELEAI__TEXTS ? "text[]"
                                                      : NULL;
    if (type != NULL)
        teleai__sql_add(sql, "::");
    teleai__sql_add(sql, type == NULL ? "" : type);
}

/* "audio_files (tenant_id, id, ...)" */
static void add_target(teleai__sql *sql, const teleai__table *table) {
    teleai__sql_add(sql, table->name);
    teleai__sql_add(sql, table->of_no_tenant ? " (" : " (tenant_id, ");
    for (size_t f = 0; f < table->field_count; f++) {
        teleai__sql_add(sql, f == 0 ? "" : ", ");
        teleai__sql_add(sql, table->fields[f].column);
    }
    teleai__sql_add(sql, ")");
}

/* The values, in order: parameters, or (`many`) the columns that the arrays are unnested to. */
static void add_values(teleai__sql *sql, const teleai__table *table, bool many) {
    teleai__sql_add(sql, table->of_no_tenant ? "" : "$1, ");
    for (size_t f = 0; f < table->field_count; f++) {
        const teleai__field *field = &table->fields[f];
        bool casts = many || field->kind == TELEAI__LABEL || field->kind == TELEAI__JSON;
        teleai__sql_add(sql, f == 0 ? "" : ", ");
        teleai__sql_add(sql, field->absent == NULL ? "" : "coalesce(");
        if (many)
            teleai__sql_add(sql, field->column);
        else
            teleai__sql_add_param(sql, "$?", (int)f + (table->of_no_tenant ? 1 : 2));
        if (casts)
            add_cast(sql, field);
        if (field->absent == NULL)
            continue;
        teleai__sql_add(sql, ", ");
        teleai__sql_add(sql, field->absent);
        teleai__sql_add(sql, ")");
    }
}

static void add_returning(teleai__sql *sql, const teleai__table *table) {
    teleai__sql_add(sql, "\nreturning ");
    teleai__sql_add(sql, table->columns);
}

void teleai__insert_write(const void *of, char *text) {
    const teleai__table *table = of;
    teleai__sql sql;
    teleai__sql_init(&sql, text, TELEAI__STATEMENT_BYTES);
    teleai__sql_add(&sql, "insert into ");
    add_target(&sql, table);
    teleai__sql_add(&sql, "\nvalues (");
    add_values(&sql, table, false);
    teleai__sql_add(&sql, ")");
    add_returning(&sql, table);
}

void teleai__insert_many_write(const void *of, char *text) {
    const teleai__table *table = of;
    teleai__sql sql;
    teleai__sql_init(&sql, text, TELEAI__STATEMENT_BYTES);
    teleai__sql_add(&sql, "insert into ");
    add_target(&sql, table);
    teleai__sql_add(&sql, "\nselect ");
    add_values(&sql, table, true);
    teleai__sql_add(&sql, "\n  from unnest(");
    for (size_t f = 0; f < table->field_count; f++) {
        teleai__sql_add_param(&sql, f == 0 ? "$?::" : ", $?::", (int)f + (table->of_no_tenant ? 1 : 2));
        teleai__sql_add(&sql, array_type(table->fields[f].kind));
    }
    teleai__sql_add(&sql, ")\n       with ordinality as given (");
    for (size_t f = 0; f < table->field_count; f++) {
        teleai__sql_add(&sql, table->fields[f].column);
        teleai__sql_add(&sql, ", ");
    }
    teleai__sql_add(&sql, "position)\n order by position");
    add_returning(&sql, table);
}

bool teleai__insert_write_copy(const teleai__table *table, char *text, size_t room) {
    teleai__sql sql;
    teleai__sql_init(&sql, text, room);
    teleai__sql_add(&sql, "copy ");
    add_target(&sql, table);
    teleai__sql_add(&sql, " from stdin (format binary)");
    return !sql.failed;
}
