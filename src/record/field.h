/*
 * Fields of inputs and filters: for each member of a caller's struct its name, kind, rule and place, in one static
 * array a noun. From these one loop checks what the caller gave and encodes it.
 */
#ifndef TELEAI_RECORD_FIELD_H
#define TELEAI_RECORD_FIELD_H

#include "base/error.h"
#include "record/kind.h"
#include "wire/params.h"

enum {
    TELEAI__REQUIRED = 1,
    TELEAI__RESULT = 2, /* may be given when a transcription or analysis is completed */
    TELEAI__FROM = 4,   /* of a filter: when the rows were made, at the earliest, */
    TELEAI__UNTIL = 8,  /* or before which time */
    TELEAI__OWNER = 16  /* and whose they are */
};

typedef struct teleai__field {
    const char *name;   /* of the member, as errors call it */
    const char *column; /* the column it goes to; in a filter the condition, with $? for the parameter */
    uint8_t kind;
    uint8_t flags;
    uint16_t offset;
    uint16_t beside;     /* offset of has_... or of the length; 0: none */
    const char *has;     /* the name of has_...; NULL: there is none */
    uint32_t bit;        /* in the mask of an update; 0: an update cannot set it */
    int64_t least, most; /* numbers: the range; texts: the number of characters */
    const teleai__labels *labels;
    const char *(*expected)(const char *text);  /* the form of a text: see base/text.h */
    const char *(*canonical)(const char *text); /* what is sent for a text, which lives on; NULL: it is none of them */
    const char *absent;                         /* SQL for what an update sets when the field is absent; NULL: NULL */
} teleai__field;

/* Whether the caller gave it. */
bool teleai__field_is_given(const teleai__field *field, const void *input);
/* Checks one field and encodes it; absent is fine, and NULL, unless it is required. `scratch` is as for the encoders of
 * params.h. On failure there is no value. */
teleai_status teleai__field_read(const teleai__field *field, const void *input, unsigned char *scratch,
                                 teleai__value *out, teleai_error *error);
/* Refuses bounds the wrong way round: each field TELEAI__FROM must not be later than the TELEAI__UNTIL that follows it. */
teleai_status teleai__fields_check_order(const teleai__field *fields, size_t count, const void *input,
                                         teleai_error *error);
teleai_status teleai__bounds_check(const char *from_name, int64_t from, const char *until_name, int64_t until,
                                   teleai_error *error);
/* Adds all fields, in order, as parameters, until one is wrong. */
teleai_status teleai__params_read_fields(teleai__params *params, const teleai__field *fields, size_t count,
                                         const void *input, teleai_error *error);
/* Checks only. */
teleai_status teleai__field_check(const teleai__field *field, const void *input, teleai_error *error);
teleai_status teleai__fields_check(const teleai__field *fields, size_t count, const void *input, teleai_error *error);

/* Checks one text argument, which must not be NULL, by the same rules. */
teleai_status teleai__text_check_form(const char *name, const char *text, int64_t least, int64_t most,
                                      teleai_error *error);
static inline teleai_status teleai__text_check(const char *name, const char *text, int64_t least, int64_t most,
                                               teleai_error *error) {
    if (text != NULL)
        return teleai__text_check_form(name, text, least, most, error);
    teleai__fail_field(error, name, "%s is NULL; a text was expected", name);
    return TELEAI_INVALID_ARGUMENT;
}

/* Members. The struct type is `INPUT`, which the file that uses these defines. */
#define TELEAI__FIELD_UUID(member, flags_) \
    .kind = TELEAI__UUID, .flags = (flags_), .offset = TELEAI__IS(INPUT, member, const teleai_uuid *)
#define TELEAI__FIELD_TEXT(member, flags_) \
    .kind = TELEAI__TEXT, .flags = (flags_), .offset = TELEAI__IS(INPUT, member, const char *)
#define TELEAI__FIELD_JSON(member, shape_, flags_) \
    .kind = TELEAI__JSON, .flags = (flags_), .offset = TELEAI__IS(INPUT, member, const char *), .least = (shape_)
#define TELEAI__FIELD_INT32(member, has_)                                                                         \
    .kind = TELEAI__INT32, .offset = TELEAI__IS(INPUT, member, int32_t), .beside = TELEAI__IS(INPUT, has_, bool), \
    .has = #has_
#define TELEAI__FIELD_INT64(member, has_)                                                                         \
    .kind = TELEAI__INT64, .offset = TELEAI__IS(INPUT, member, int64_t), .beside = TELEAI__IS(INPUT, has_, bool), \
    .has = #has_
#define TELEAI__FIELD_SECONDS(member, has_)                                                                         \
    .kind = TELEAI__SECONDS, .offset = TELEAI__IS(INPUT, member, int64_t), .beside = TELEAI__IS(INPUT, has_, bool), \
    .has = #has_
#define TELEAI__FIELD_TIME(member, has_)                                                                         \
    .kind = TELEAI__TIME, .offset = TELEAI__IS(INPUT, member, int64_t), .beside = TELEAI__IS(INPUT, has_, bool), \
    .has = #has_
#define TELEAI__FIELD_TIME_OR_ZERO(member) .kind = TELEAI__TIME, .offset = TELEAI__IS(INPUT, member, int64_t)
#define TELEAI__FIELD_CENTI(member, has_)                                                                        \
    .kind = TELEAI__CENTI, .offset = TELEAI__IS(INPUT, member, double), .beside = TELEAI__IS(INPUT, has_, bool), \
    .has = #has_
#define TELEAI__FIELD_BOOL(member, has_)                                                                      \
    .kind = TELEAI__BOOL, .offset = TELEAI__IS(INPUT, member, bool), .beside = TELEAI__IS(INPUT, has_, bool), \
    .has = #has_
#define TELEAI__FIELD_LABEL(member, labels_) \
    .kind = TELEAI__LABEL, .offset = TELEAI__IS(INPUT, member, int32_t), .labels = &(labels_)

#endif
