/* Snippets: what the server marked, as plain text with places and as text with the caller's marks. */
#ifndef TELEAI_API_SNIPPET_H
#define TELEAI_API_SNIPPET_H

#include "base/arena.h"
#include "teleai/search.h"

/* What the server puts around a match in a snippet; taken out of the texts beforehand. */
#define TELEAI__MARK_START '\002'
#define TELEAI__MARK_END '\003'

/* Splits hit->snippet_marked, which is not NULL. A mark without its other half is left out. False: out of memory. */
bool teleai__snippet_split(teleai__arena *arena, teleai_search_hit *hit, const char *mark_start, const char *mark_end);

#endif
