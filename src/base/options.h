/* Reading structs that the caller's program may have been compiled with in another size than ours. */
#ifndef TELEAI_BASE_OPTIONS_H
#define TELEAI_BASE_OPTIONS_H

#include "teleai/base.h"

/*
 * Copies a caller's struct that begins with size_t struct_size into `out` (size bytes): shorter ones are filled up with
 * zeros, and what a longer one has beyond must be zero, since we would not know what it means. `name` is the
 * argument's name. A NULL input gives all zeros when it is optional.
 */
teleai_status teleai__read_options(void *out, size_t size, const void *input, const char *name, teleai_error *error);
teleai_status teleai__read_input(void *out, size_t size, const void *input, const char *name, teleai_error *error);

#endif
