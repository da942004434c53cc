#include "base/options.h"

#include <string.h>

#include "base/error.h"

#define LARGEST_STRUCT_BYTES 4096 /* beyond this, struct_size was never set */

teleai_status teleai__read_options(void *out, size_t size, const void *input, const char *name, teleai_error *error) {
    memset(out, 0, size);
    return input == NULL ? TELEAI_OK : teleai__read_input(out, size, input, name, error);
}

teleai_status teleai__read_input(void *out, size_t size, const void *input, const char *name, teleai_error *error) {
    memset(out, 0, size);
    if (input == NULL)
        return teleai__fail_field(error, name, "%s is NULL; a filled struct was expected", name);
    size_t given;
    memcpy(&given, input, sizeof given);
    if (given < sizeof given || given > LARGEST_STRUCT_BYTES)
        return teleai__fail_field(error, "struct_size", "%s.struct_size is %zu; set it to sizeof the struct", name,
                                  given);
    const unsigned char *bytes = input;
    for (size_t i = size; i < given; i++)
        if (bytes[i] != 0)
            return teleai__fail_field(error, name,
                                      "%s uses a field that this version of the library does not know; update "
                                      "libteleai or leave the field zero",
                                      name);
    memcpy(out, input, given < size ? given : size);
    return TELEAI_OK;
}
