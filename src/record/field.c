#include "record/field.h"

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

static size_t text_bytes(const teleai__field *field, const void *input, const char *text) {
    size_t bytes = 0;
    if (field->kind == TELEAI__BODY)
        memcpy(&bytes, (const char *)input + field->beside, sizeof bytes);
    return bytes != 0 ? bytes : strlen(text);
}

/* Of what is no pointer: it has a flag beside it, or is not 0. */
static bool is_set(const teleai__field *field, const void *input, bool is_not_zero) {
    return field->beside != 0 ? *((const bool *)input + field->beside) : is_not_zero;
}

/* A field that has a flag beside it: whether anything stands in it. */
static bool is_not_zero(const teleai__field *field, const void *input) {
    switch (field->kind) {
    case TELEAI__BOOL:
        return *(const bool *)at(field, input);
    case TELEAI__CENTI:
        return double_of(field, input) != 0;
    case TELEAI__INT32:
    case TELEAI__LABEL:
        return int32_of(field, input) != 0;
    default:
        return int64_of(field, input) != 0;
    }
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
    case TELEAI__INT64:
    case TELEAI__TIME:
        return is_set(field, input, int64_of(field, input) != 0);
    default:
        return is_set(field, input, int32_of(field, input) != 0);
    }
}

/* Messages are made apart from the checks, of which all fields of all rows go through several. */
#define APART __attribute__((cold, noinline)) static

APART teleai_status fail_size(const char *name, size_t bytes, teleai_error *error) {
    return teleai__fail_field(error, name, "%s has %zu bytes; less than 1 GB was expected", name, bytes);
}

APART teleai_status fail_utf8(const char *name, const char *text, size_t bad, teleai_error *error) {
    return teleai__fail_field(error, name, "%s %s at byte %zu; UTF-8 text was expected", name,
                              text[bad] == '\0' ? "has a NUL" : "is not valid UTF-8", bad);
}

APART teleai_status fail_characters(const char *name, size_t characters, int64_t least, int64_t most,
                                    teleai_error *error) {
    return teleai__fail_field(error, name, "%s has %zu characters; %" PRId64 " to %" PRId64 " were expected", name,
                              characters, least, most > 0 ? most : (int64_t)LARGEST_TEXT_BYTES);
}

APART teleai_status fail_form(const teleai__field *field, const char *expected, teleai_error *error) {
    return teleai__fail_field(error, field->name, "%s is not of the right form; %s was expected", field->name,
                              expected);
}

APART teleai_status fail_range(const teleai__field *field, int64_t value, teleai_error *error) {
    return teleai__fail_field(error, field->name, "%s is %" PRId64 "; %" PRId64 " to %" PRId64 " was expected",
                              field->name, value, field->least, field->most);
}

APART teleai_status fail_double(const teleai__field *field, double value, teleai_error *error) {
    return teleai__fail_field(error, field->name, "%s is %g; %" PRId64 " to %" PRId64 " was expected", field->name,
                              value, field->least, field->most);
}

APART teleai_status fail_time(const teleai__field *field, int64_t time, teleai_error *error) {
    return teleai__fail_field(error, field->name,
                              "%s is %" PRId64 "; microseconds since 1970 UTC, in the years 1 to 9999, were expected",
                              field->name, time);
}

APART teleai_status fail_label(const teleai__field *field, int32_t code, teleai_error *error) {
    return teleai__fail_field(error, field->name, "%s is %" PRId32 "; 1 to %" PRId32 ", or 0, was expected",
                              field->name, code, field->labels->count);
}

APART teleai_status fail_missing(const teleai__field *field, teleai_error *error) {
    return teleai__fail_field(error, field->name, "%s is missing; it is required", field->name);
}

/* A number that stands there by itself would be dropped, and its place left empty without a word. */
APART teleai_status fail_unflagged(const teleai__field *field, teleai_error *error) {
    return teleai__fail_field(error, field->name, "%s is given, but %s is false; set %s to true beside it", field->name,
                              field->has, field->has);
}

static teleai_status check_utf8(const char *name, const char *text, size_t bytes, int64_t least, int64_t most,
                                teleai_error *error) {
    size_t characters, bad = 0;
    if (bytes > LARGEST_TEXT_BYTES)
        return fail_size(name, bytes, error);
    if (!teleai__utf8_check(text, bytes, &characters, &bad))
        return fail_utf8(name, text, bad, error);
    if ((int64_t)characters < least || (most > 0 && (int64_t)characters > most))
        return fail_characters(name, characters, least, most, error);
    return TELEAI_OK;
}

teleai_status teleai__text_check_form(const char *name, const char *text, int64_t least, int64_t most,
                                      teleai_error *error) {
    return check_utf8(name, text, strlen(text), least, most, error);
}

__attribute__((noinline)) static teleai_status check_json(const teleai__field *field, const char *text, size_t bytes,
                                                          teleai_error *error) {
    teleai__json_problem problem;
    teleai_status status = check_utf8(field->name, text, bytes, 0, 0, error);
    if (status == TELEAI_OK && !teleai__json_check(text, bytes, (enum teleai__json_shape)field->least, &problem))
        status = teleai__fail_field(error, field->name, "%s is not the JSON that was expected: %s", field->name,
                                    problem.text);
    return status;
}

static teleai_status check_text(const teleai__field *field, const char *text, size_t bytes, teleai_error *error) {
    teleai_status status = field->kind == TELEAI__JSON
                               ? check_json(field, text, bytes, error)
                               : check_utf8(field->name, text, bytes, field->least, field->most, error);
    if (status != TELEAI_OK || field->expected == NULL)
        return status;
    const char *expected = field->expected(text);
    return expected == NULL ? TELEAI_OK : fail_form(field, expected, error);
}

/* What follows is apart too, where it would make the common ways through the switch below longer. */

__attribute__((noinline)) static teleai_status read_text(const teleai__field *field, const void *input,
                                                         const char *text, teleai__value *out, teleai_error *error) {
    if (field->canonical != NULL) {
        const char *known = field->canonical(text);
        if (known == NULL)
            return fail_form(field, field->expected(text), error);
        *out = teleai__value_text(known, strlen(known));
        out->binary = true;
        return TELEAI_OK;
    }
    size_t bytes = text_bytes(field, input, text);
    *out = teleai__value_text(text, bytes);
    /* The others have a binary form of their own: send the text form. */
    out->binary = field->kind == TELEAI__TEXT || field->kind == TELEAI__BODY;
    return check_text(field, text, bytes, error);
}

__attribute__((noinline)) static teleai_status encode_centi(int64_t hundredths, unsigned char *scratch,
                                                            teleai__value *out) {
    *out = teleai__value_numeric_centi(hundredths, scratch);
    return TELEAI_OK;
}

__attribute__((noinline)) static teleai_status encode_double(double value, unsigned char *scratch, teleai__value *out) {
    return encode_centi(llround(value * 100), scratch, out);
}

__attribute__((noinline)) static teleai_status encode_name(const char *name, teleai__value *out) {
    *out = teleai__value_text(name, strlen(name));
    return TELEAI_OK;
}

static teleai_status check_range(const teleai__field *field, int64_t value, teleai_error *error) {
    return value >= field->least && value <= field->most ? TELEAI_OK : fail_range(field, value, error);
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

/* One switch for whether it is given, whether it is right, and how it is sent: all fields of all rows come through here. */
teleai_status teleai__field_read(const teleai__field *field, const void *input, unsigned char *scratch,
                                 teleai__value *out, teleai_error *error) {
    switch ((enum teleai__kind)field->kind) {
    case TELEAI__UUID: {
        const char *id = text_of(field, input);
        if (id == NULL)
            break;
        memcpy(scratch, id, sizeof(teleai_uuid));
        *out = teleai__value_uuid((const teleai_uuid *)scratch);
        return TELEAI_OK;
    }
    case TELEAI__TEXT:
    case TELEAI__BODY:
    case TELEAI__JSON:
    case TELEAI__INET:
    case TELEAI__TEXTS: {
        const char *text = text_of(field, input);
        if (text == NULL)
            break;
        return read_text(field, input, text, out, error);
    }
    case TELEAI__BOOL: {
        bool value = *(const bool *)at(field, input);
        if (!is_set(field, input, value))
            break;
        *out = teleai__value_bool(value, scratch);
        return TELEAI_OK;
    }
    case TELEAI__INT32: {
        int32_t value = int32_of(field, input);
        if (!is_set(field, input, value != 0))
            break;
        *out = teleai__value_int4(value, scratch);
        return check_range(field, value, error);
    }
    case TELEAI__INT64: {
        int64_t value = int64_of(field, input);
        if (!is_set(field, input, value != 0))
            break;
        *out = teleai__value_int8(value, scratch);
        return check_range(field, value, error);
    }
    case TELEAI__TIME: {
        int64_t time = int64_of(field, input);
        if (!is_set(field, input, time != 0))
            break;
        *out = teleai__value_time(time, scratch);
        return time >= EARLIEST_US && time <= LATEST_US ? TELEAI_OK : fail_time(field, time, error);
    }
    case TELEAI__SECONDS: {
        int64_t milliseconds = int64_of(field, input);
        if (!is_set(field, input, milliseconds != 0))
            break;
        if (milliseconds < field->least || milliseconds > field->most)
            return fail_range(field, milliseconds, error);
        return encode_centi((milliseconds + 5) / 10, scratch, out);
    }
    case TELEAI__CENTI: {
        double value = double_of(field, input);
        if (!is_set(field, input, value != 0))
            break;
        if (!(value >= (double)field->least && value <= (double)field->most)) /* NaN is in no range */
            return fail_double(field, value, error);
        return encode_double(value, scratch, out);
    }
    case TELEAI__LABEL: {
        int32_t code = int32_of(field, input);
        if (!is_set(field, input, code != 0))
            break;
        if (code < 1 || code > field->labels->count)
            return fail_label(field, code, error);
        return encode_name(field->labels->names[code - 1], out);
    }
    case TELEAI__DOUBLE:
    case TELEAI__PHRASES:
    case TELEAI__MARKS:
        break; /* these only come out */
    }
    *out = teleai__value_null(element_type(field));
    if (field->has != NULL && is_not_zero(field, input))
        return fail_unflagged(field, error);
    return field->flags & TELEAI__REQUIRED ? fail_missing(field, error) : TELEAI_OK;
}

teleai_status teleai__params_read_fields(teleai__params *params, const teleai__field *fields, size_t count,
                                         const void *input, teleai_error *error) {
    for (size_t i = 0; i < count; i++) {
        teleai__value value;
        teleai_status status = teleai__field_read(&fields[i], input, teleai__params_scratch(params), &value, error);
        if (status != TELEAI_OK)
            return status;
        teleai__params_add(params, value, TELEAI__OID_INFER);
    }
    return TELEAI_OK;
}

teleai_status teleai__field_check(const teleai__field *field, const void *input, teleai_error *error) {
    unsigned char scratch[TELEAI__VALUE_SCRATCH];
    teleai__value unused;
    return teleai__field_read(field, input, scratch, &unused, error);
}

teleai_status teleai__fields_check(const teleai__field *fields, size_t count, const void *input, teleai_error *error) {
    for (size_t i = 0; i < count; i++) {
        teleai_status status = teleai__field_check(&fields[i], input, error);
        if (status != TELEAI_OK)
            return status;
    }
    return teleai__fields_check_order(fields, count, input, error);
}

teleai_status teleai__bounds_check(const char *from_name, int64_t from, const char *until_name, int64_t until,
                                   teleai_error *error) {
    if (from == 0 || until == 0 || from <= until)
        return TELEAI_OK;
    return teleai__fail_field(error, until_name,
                              "%s is later than %s: nothing can lie between them; %s was expected "
                              "to be the earlier one",
                              from_name, until_name, from_name);
}

teleai_status teleai__fields_check_order(const teleai__field *fields, size_t count, const void *input,
                                         teleai_error *error) {
    const teleai__field *from = NULL;
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; i < count && status == TELEAI_OK; i++) {
        if (fields[i].flags & TELEAI__FROM)
            from = &fields[i];
        if (fields[i].flags & TELEAI__UNTIL && from != NULL)
            status = teleai__bounds_check(from->name, int64_of(from, input), fields[i].name,
                                          int64_of(&fields[i], input), error);
    }
    return status;
}
