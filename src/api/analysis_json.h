/* Entities, topics and key phrases of an analysis between their typed form and JSON, without loss either way. */
#ifndef TELEAI_API_ANALYSIS_JSON_H
#define TELEAI_API_ANALYSIS_JSON_H

#include "base/arena.h"
#include "teleai/analysis.h"

/* Reading. What is no array gives none. False: out of memory. */
bool teleai__entities_read(const char *json, teleai__arena *arena, const teleai_entity **out, size_t *count);
bool teleai__topics_read(const char *json, teleai__arena *arena, const teleai_topic **out, size_t *count);

/* Writing into the arena. INVALID_ARGUMENT when an element is not right. */
teleai_status teleai__entities_write(const teleai_entity *entities, size_t count, teleai__arena *arena,
                                     const char **out, teleai_error *error);
teleai_status teleai__topics_write(const teleai_topic *topics, size_t count, teleai__arena *arena, const char **out,
                                   teleai_error *error);
/* As JSON, and as the literal of a text[] for the server. A NULL phrase is a null. */
bool teleai__phrases_write_json(const char *const *phrases, size_t count, teleai__arena *arena, const char **out);
teleai_status teleai__phrases_write_literal(const char *const *phrases, size_t count, teleai__arena *arena,
                                            const char **out, teleai_error *error);
/* A JSON array of strings as such a literal. */
teleai_status teleai__phrases_read_json(const char *json, teleai__arena *arena, const char **literal,
                                        teleai_error *error);

#endif
