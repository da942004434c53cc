#include "base/argument.h"

#include <inttypes.h>

#include "base/error.h"

#define LARGEST_COUNT 1000000 /* rows or ids in one call */

teleai_status teleai__fail_out(const char *what, teleai_error *error) {
    return teleai__fail_field(error, "out", "out is NULL; a place for the %s was expected", what);
}

teleai_status teleai__range_check(const char *name, int32_t value, int32_t least, int32_t most, teleai_error *error) {
    if (value >= least && value <= most)
        return TELEAI_OK;
    return teleai__fail_field(error, name, "%s is %" PRId32 "; %" PRId32 " to %" PRId32 " was expected", name, value,
                              least, most);
}

teleai_status teleai__id_check(const char *name, const teleai_uuid *id, teleai_error *error) {
    return id != NULL ? TELEAI_OK : teleai__fail_field(error, name, "%s is NULL; the UUID of a row was expected", name);
}

teleai_status teleai__count_check(const char *operation, const void *array, const char *name, size_t count,
                                  teleai_error *error) {
    if (array == NULL || count == 0 || count > LARGEST_COUNT)
        return teleai__fail_field(error, array == NULL ? name : "count", "%s: an array of 1 to %d %s was expected",
                                  operation, LARGEST_COUNT, name);
    return TELEAI_OK;
}

void teleai__at_item(teleai_error *error, size_t item) {
    if (error != NULL) {
        error->item = item;
        error->flags |= TELEAI_ERROR_HAS_ITEM;
    }
}
