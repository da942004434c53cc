/* Checks of arguments: each names the argument and says what was expected. */
#ifndef TELEAI_BASE_ARGUMENT_H
#define TELEAI_BASE_ARGUMENT_H

#include "teleai/base.h"

/* The error of a NULL `out`: "a place for the <what> was expected". */
teleai_status teleai__fail_out(const char *what, teleai_error *error);

/* Refuses a number outside of least to most. */
teleai_status teleai__range_check(const char *name, int32_t value, int32_t least, int32_t most, teleai_error *error);

/* Refuses a NULL id. */
teleai_status teleai__id_check(const char *name, const teleai_uuid *id, teleai_error *error);

/* Refuses a NULL array, and a count of 0 or of more than one call takes. */
teleai_status teleai__count_check(const char *operation, const void *array, const char *name, size_t count,
                                  teleai_error *error);

/* Says which item of an array an error is about. */
void teleai__at_item(teleai_error *error, size_t item);

#endif
