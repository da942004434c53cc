/*
 * The list of tables. Whatever is done with all of them (export, import, deletion and counts of a tenant, row security,
 * health, upkeep) takes it from here, as SQL at compile time or as names.
 */
#ifndef TELEAI_SCHEMA_TABLES_H
#define TELEAI_SCHEMA_TABLES_H

/* Tables whose rows belong to a tenant: each stands after those that it refers to. Each has the columns id and tenant_id;
 * programs read and write them. */
#define TELEAI__TENANT_TABLES(TABLE) \
    TABLE(users)                     \
    TABLE(sessions)                  \
    TABLE(audio_files)               \
    TABLE(transcriptions)            \
    TABLE(analyses)

/* The others under row security, of which programs only read. */
#define TELEAI__PLATFORM_TABLES(TABLE) \
    TABLE(tenants)                     \
    TABLE(tenant_usage)

/* Their places in the list, as TELEAI__TABLE_users, and how many there are. */
#define TELEAI__TABLE_PLACE(name) TELEAI__TABLE_##name,
enum { TELEAI__TENANT_TABLES(TELEAI__TABLE_PLACE) TELEAI__TENANT_TABLE_COUNT };

extern const char *const teleai__tenant_tables[TELEAI__TENANT_TABLE_COUNT];
/* "users.copy" and so on: the files of an export, beside these. */
extern const char *const teleai__tenant_files[TELEAI__TENANT_TABLE_COUNT];

/* The names as SQL expressions of the type text[]. */
#define TELEAI__TABLE_WORD(name) #name " "
#define TELEAI__TENANT_TABLES_SQL "string_to_array(rtrim('" TELEAI__TENANT_TABLES(TELEAI__TABLE_WORD) "'), ' ')"
#define TELEAI__PLATFORM_TABLES_SQL "string_to_array(rtrim('" TELEAI__PLATFORM_TABLES(TELEAI__TABLE_WORD) "'), ' ')"
#define TELEAI__TABLES_SQL                                              \
    "string_to_array(rtrim('" TELEAI__TENANT_TABLES(TELEAI__TABLE_WORD) \
        TELEAI__PLATFORM_TABLES(TELEAI__TABLE_WORD) "'), ' ')"
/* The same as a condition on an oid of pg_class: those that are there, by the search path. */
#define TELEAI__IN_TABLES_SQL(names) "in (select to_regclass(name) from unnest(" names ") as t (name))"

#endif
