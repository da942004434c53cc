/* What people type into a search field, as an SQL expression over parameters. Knows nothing of tables. */
#ifndef TELEAI_API_SEARCH_QUERY_H
#define TELEAI_API_SEARCH_QUERY_H

#include "base/arena.h"
#include "table/table.h"

/*
 * Parses web-style syntax (see teleai/search.h) and writes a tsquery expression such as
 * "(plainto_tsquery('english', $1) && !!phraseto_tsquery('english', $2))", adding the parameters. Their texts are in
 * the arena. The words themselves are taken apart by the server, the same way as the texts it indexed.
 */
teleai_status teleai__search_query(const char *query, teleai__arena *arena, teleai__params *params, teleai__sql *out,
                                   teleai_error *error);

#endif
