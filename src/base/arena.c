#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN(bytes) (((bytes) + (sizeof(max_align_t) - 1)) & ~(sizeof(max_align_t) - 1))
#define MORE_BYTES 4096

typedef struct block {
    struct block *next;
    size_t used, size;
} block;

struct teleai__arena {
    void *resource;
    void (*release)(void *);
    block *more;       /* blocks after the first */
    size_t used, size; /* of the first, behind this header */
};

#define HEADER ALIGN(sizeof(teleai__arena))

void *teleai__arena_make(size_t root_bytes, size_t extra_bytes) {
    size_t size = ALIGN(root_bytes) + ALIGN(extra_bytes);
    if (size < root_bytes || size > SIZE_MAX - HEADER)
        return NULL;
    teleai__arena *arena = malloc(HEADER + size);
    if (arena == NULL)
        return NULL;
    *arena = (teleai__arena){.used = ALIGN(root_bytes), .size = size};
    return memset((char *)arena + HEADER, 0, root_bytes);
}

teleai__arena *teleai__arena_of(const void *root) { return (teleai__arena *)((char *)(uintptr_t)root - HEADER); }

void *teleai__arena_alloc_raw(teleai__arena *arena, size_t bytes) {
    size_t size = ALIGN(bytes);
    if (size < bytes)
        return NULL;
    if (size <= arena->size - arena->used) {
        char *place = (char *)arena + HEADER + arena->used;
        arena->used += size;
        return place;
    }
    block *last = arena->more;
    if (last == NULL || size > last->size - last->used) {
        size_t room = size > MORE_BYTES ? size : MORE_BYTES;
        if (room > SIZE_MAX - ALIGN(sizeof(block)))
            return NULL;
        block *more = malloc(ALIGN(sizeof(block)) + room);
        if (more == NULL)
            return NULL;
        *more = (block){last, 0, room};
        arena->more = last = more;
    }
    char *place = (char *)last + ALIGN(sizeof(block)) + last->used;
    last->used += size;
    return place;
}

void *teleai__arena_alloc(teleai__arena *arena, size_t bytes) {
    void *place = teleai__arena_alloc_raw(arena, bytes);
    return place == NULL ? NULL : memset(place, 0, bytes);
}

char *teleai__arena_text(teleai__arena *arena, const char *text, size_t bytes) {
    char *copy = teleai__arena_alloc(arena, bytes + 1);
    if (copy != NULL && bytes > 0)
        memcpy(copy, text, bytes);
    return copy;
}

void teleai__arena_keep(teleai__arena *arena, void *resource, void (*release)(void *)) {
    arena->resource = resource;
    arena->release = release;
}

void teleai__arena_free(const void *root) {
    if (root == NULL)
        return;
    teleai__arena *arena = teleai__arena_of(root);
    if (arena->release != NULL)
        arena->release(arena->resource);
    for (block *next, *more = arena->more; more != NULL; more = next) {
        next = more->next;
        free(more);
    }
    free(arena);
}
