#include "schema/tables.h"

#define NAME(name) #name,
#define FILE_NAME(name) #name ".copy",

const char *const teleai__tenant_tables[TELEAI__TENANT_TABLE_COUNT] = {TELEAI__TENANT_TABLES(NAME)};
const char *const teleai__tenant_files[TELEAI__TENANT_TABLE_COUNT] = {TELEAI__TENANT_TABLES(FILE_NAME)};
