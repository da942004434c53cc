/*
 * An arena: many small allocations, one free. A record that goes to the caller is the first allocation of an arena of
 * its own, which also keeps what the record's texts point into, so the caller's one free releases everything.
 */
#ifndef TELEAI_BASE_ARENA_H
#define TELEAI_BASE_ARENA_H

#include <stddef.h>

typedef struct teleai__arena teleai__arena;

/* Makes an arena and, zeroed at its start, a root object of so many bytes with room for `extra` more bytes behind it
 * before another block is needed. NULL when out of memory. */
void *teleai__arena_make(size_t root_bytes, size_t extra_bytes);
/* The arena whose root object this is. */
teleai__arena *teleai__arena_of(const void *root);
/* Zeroed, aligned for any type; NULL when out of memory. Lives as long as the arena. */
void *teleai__arena_alloc(teleai__arena *arena, size_t bytes);
/* The same, not zeroed. */
void *teleai__arena_alloc_raw(teleai__arena *arena, size_t bytes);
char *teleai__arena_text(teleai__arena *arena, const char *text, size_t bytes);
/* Calls release(resource) when the arena is freed. One resource an arena. */
void teleai__arena_keep(teleai__arena *arena, void *resource, void (*release)(void *));
/* Frees the arena with this root object; NULL is fine. */
void teleai__arena_free(const void *root);

#endif
