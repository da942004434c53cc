#include "db/field.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#define LARGEST_TEXT_BYTES ((size_t)1000 << 20) /* below the server's 1 GB limit for one value */
/* PostgreSQL's timestamps end in the year 294276; ours stop well before, at 9999-12-31. */
#define EARLIEST_US INT64_C(-62135596800000000)
#define LATEST_US INT64_C(253402300799999999)

static const void *at(const teleai__field *field, const void *input) { return (const char *)input + field->offset; }

static const char *text_of(const teleai__field *field, const void *input) {
    const char *text;
    memcpy(&text, at(field, input), sizeof text);
    return text;
}

static int32_t int32_of(const teleai__field *field, const void *input) {
    int32_t value;
    memcpy(&value, at(field, input), sizeof value);
    return value;
}

static int64_t int64_of(const teleai__field *field, const void *input) {
    int64_t value;
    memcpy(&value, at(field, input), sizeof value);
    return value;
}

static double double_of(const teleai__field *field, const void *input) {
    double value;
    memcpy(&value, at(field, input), sizeof value);
    return value;
}

static size_t body_bytes(const teleai__field *field, const void *input) {
    size_t bytes;
    memcpy(&bytes, (const char *)input + field->beside, sizeof bytes);
    return bytes != 0 ? bytes : strlen(text_of(field, input));
}

bool teleai__field_is_given(const teleai__field *field, const void *input) {
    switch (field->kind) {
    case TELEAI__UUID:
    case TELEAI__TEXT:
    case TELEAI__BODY:
    case TELEAI__JSON:
    case TELEAI__INET:
    case TELEAI__TEXTS:
        return text_of(field, input) != NULL;
    default:
        break;
    }
    if (field->beside != 0)
        return *((const bool *)input + field->beside);
    return field->kind == TELEAI__INT64 || field->kind == TELEAI__TIME ? int64_of(field, input) != 0
                                                                       : int32_of(field, input) != 0;
}

static teleai_status check_utf8(const char *name, const char *text, size_t bytes, int64_t least, int64_t most,
                                teleai_error *error) {
    size_t characters, bad = 0;
    if (bytes > LARGEST_TEXT_BYTES)
        return teleai__fail_field(error, name, "%s has %zu bytes; less than 1 GB was expected", name, bytes);
    if (!teleai__utf8_check(text, bytes, &characters, &bad))
        return teleai__fail_field(error, name, "%s %s at byte %zu; UTF-8 text was expected", name,
                                  text[bad] == '\0' ? "has a NUL" : "is not valid UTF-8", bad);
    if ((int64_t)characters < least || (most > 0 && (int64_t)characters > most))
        return teleai__fail_field(error, name, "%s has %zu characters; %" PRId64 " to %" PRId64 " were expected", name,
                                  characters, least, most > 0 ? most : (int64_t)LARGEST_TEXT_BYTES);
    return TELEAI_OK;
}

teleai_status teleai__text_check_form(const char *name, const char *text, int64_t least, int64_t most,
                                      teleai_error *error) {
    return check_utf8(name, text, strlen(text), least, most, error);
}

static teleai_status check_text(const teleai__field *field, const void *input, teleai_error *error) {
    const char *text = text_of(field, input);
    size_t bytes = field->kind == TELEAI__BODY ? body_bytes(field, input) : strlen(text);
    bool is_json = field->kind == TELEAI__JSON;
    teleai_status status =
        check_utf8(field->name, text, bytes, is_json ? 0 : field->least, is_json ? 0 : field->most, error);
    if (status != TELEAI_OK)
        return status;
    if (is_json) {
        teleai__json_problem problem;
        if (!teleai__json_check(text, bytes, (enum teleai__json_shape)field->least, &problem))
            return teleai__fail_field(error, field->name, "%s is not the JSON that was expected: %s", field->name,
                                      problem.text);
    }
    const char *expected = field->expected == NULL ? NULL : field->expected(text);
    if (expected != NULL)
        return teleai__fail_field(error, field->name, "%s is not of the right form; %s was expected", field->name,
                                  expected);
    return TELEAI_OK;
}

static teleai_status check_range(const teleai__field *field, int64_t value, teleai_error *error) {
    if (value >= field->least && value <= field->most)
        return TELEAI_OK;
    return teleai__fail_field(error, field->name, "%s is %" PRId64 "; %" PRId64 " to %" PRId64 " was expected",
                              field->name, value, field->least, field->most);
}

teleai_status teleai__field_check(const teleai__field *field, const void *input, teleai_error *error) {
    if (!teleai__field_is_given(field, input)) {
        if (field->flags & TELEAI__REQUIRED)
            return teleai__fail_field(error, field->name, "%s is missing; it is required", field->name);
        return TELEAI_OK;
    }
    switch (field->kind) {
    case TELEAI__UUID:
    case TELEAI__BOOL:
        return TELEAI_OK;
    case TELEAI__INT32:
        return check_range(field, int32_of(field, input), error);
    case TELEAI__INT64:
    case TELEAI__SECONDS:
        return check_range(field, int64_of(field, input), error);
    case TELEAI__TIME: {
        int64_t time = int64_of(field, input);
        if (time < EARLIEST_US || time > LATEST_US)
            return teleai__fail_field(error, field->name,
                                      "%s is %" PRId64
                                      "; microseconds since 1970 UTC, in the years 1 to 9999, were expected",
                                      field->name, time);
        return TELEAI_OK;
    }
    case TELEAI__CENTI: {
        double value = double_of(field, input);
        if (!(value >= (double)field->least && value <= (double)field->most)) /* NaN is in no range */
            return teleai__fail_field(error, field->name, "%s is %g; %" PRId64 " to %" PRId64 " was expected",
                                      field->name, value, field->least, field->most);
        return TELEAI_OK;
    }
    case TELEAI__LABEL: {
        int32_t code = int32_of(field, input);
        if (code < 1 || code > field->labels->count)
            return teleai__fail_field(error, field->name, "%s is %" PRId32 "; 1 to %" PRId32 ", or 0, was expected",
                                      field->name, code, field->labels->count);
        return TELEAI_OK;
    }
    default:
        return check_text(field, input, error);
    }
}

teleai_status teleai__fields_check(const teleai__field *fields, size_t count, const void *input, teleai_error *error) {
    for (size_t i = 0; i < count; i++) {
        teleai_status status = teleai__field_check(&fields[i], input, error);
        if (status != TELEAI_OK)
            return status;
    }
    return TELEAI_OK;
}

static Oid element_type(const teleai__field *field) {
    switch (field->kind) {
    case TELEAI__UUID:
        return TELEAI__OID_UUID;
    case TELEAI__BOOL:
        return TELEAI__OID_BOOL;
    case TELEAI__INT32:
        return TELEAI__OID_INT4;
    case TELEAI__INT64:
        return TELEAI__OID_INT8;
    case TELEAI__CENTI:
    case TELEAI__SECONDS:
        return TELEAI__OID_NUMERIC;
    case TELEAI__TIME:
        return TELEAI__OID_TIMESTAMPTZ;
    default:
        return TELEAI__OID_TEXT;
    }
}

teleai__value teleai__field_encode(const teleai__field *field, const void *input, unsigned char *scratch) {
    if (!teleai__field_is_given(field, input))
        return teleai__value_null(element_type(field));
    switch (field->kind) {
    case TELEAI__UUID:
        return teleai__value_uuid((const teleai_uuid *)text_of(field, input));
    case TELEAI__BOOL:
        return teleai__value_bool(*(const bool *)at(field, input), scratch);
    case TELEAI__INT32:
        return teleai__value_int4(int32_of(field, input), scratch);
    case TELEAI__INT64:
        return teleai__value_int8(int64_of(field, input), scratch);
    case TELEAI__TIME:
        return teleai__value_time(int64_of(field, input), scratch);
    case TELEAI__SECONDS:
        return teleai__value_numeric_centi((int64_of(field, input) + 5) / 10, scratch);
    case TELEAI__CENTI:
        return teleai__value_numeric_centi(llround(double_of(field, input) * 100), scratch);
    case TELEAI__LABEL: {
        const char *name = field->labels->names[int32_of(field, input) - 1];
        return teleai__value_text(name, strlen(name));
    }
    case TELEAI__BODY:
        return teleai__value_text(text_of(field, input), body_bytes(field, input));
    default: {
        const char *text = text_of(field, input);
        teleai__value value = teleai__value_text(text, strlen(text));
        /* These have a binary form of their own: send the text form. */
        value.binary = field->kind == TELEAI__TEXT;
        return value;
    }
    }
}

void teleai__params_add_fields(teleai__params *params, const teleai__field *fields, size_t count, const void *input) {
    for (size_t i = 0; i < count; i++)
        teleai__params_add(params, teleai__field_encode(&fields[i], input, teleai__params_scratch(params)),
                           TELEAI__OID_INFER);
}
