/* INSERT, INSERT of arrays, and COPY, each from the fields of a table. */
#ifndef TELEAI_TABLE_INSERT_H
#define TELEAI_TABLE_INSERT_H

#include "table/table.h"

/* For teleai__statement.write: of one row, a parameter for each field; */
void teleai__insert_write(const void *table, char *text);
/* of many, an array parameter for each field, the rows in the order of the arrays. Behind the tenant, where rows have one. */
void teleai__insert_many_write(const void *table, char *text);
/* False: it does not fit. */
bool teleai__insert_write_copy(const teleai__table *table, char *text, size_t room);

#endif
