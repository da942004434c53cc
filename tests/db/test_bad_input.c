/* Wrong input, noun by noun: refused before it is sent, naming the field; nothing is written, and the client lives on. */
#include "nouns.h"

SERVER_SUITE(bad_input);

static const char *const not_utf8[] = {"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "half \xe2\x82"};
#define NOT_UTF8 (sizeof not_utf8 / sizeof *not_utf8)

static teleai_uuid user, file, transcription;

static void make_parents(void) {
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_transcription(db, &user, &file, "words", &transcription);
}

/* Only what make_parents() made is there, and the client still answers. */
static void nothing_happened(void) {
    ROWS("users", 1);
    ROWS("audio_files", 1);
    ROWS("transcriptions", 1);
    ROWS("analyses", 0);
    ROWS("sessions", 0);
    OK(teleai_ping(db, &error));
}

static teleai_user_input good_user(void) {
    return (teleai_user_input){
        .struct_size = sizeof(teleai_user_input), .email = "good@example.org", .full_name = "Good"};
}

static teleai_audio_file_input good_file(void) {
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .user_id = &user,
                                     .file_name = "a",
                                     .file_path = "b",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1};
}

static teleai_transcription_input good_transcription(void) {
    return (teleai_transcription_input){.struct_size = sizeof(teleai_transcription_input),
                                        .audio_file_id = &file,
                                        .user_id = &user,
                                        .language_code = "en",
                                        .engine = "x"};
}

static teleai_analysis_input good_analysis(void) {
    return (teleai_analysis_input){.struct_size = sizeof(teleai_analysis_input),
                                   .transcription_id = &transcription,
                                   .audio_file_id = &file,
                                   .user_id = &user,
                                   .analysis_type = "x",
                                   .engine = "y"};
}

/* Refused alone, and as the second of two. Not with cr_assert: one run shows all that is wrong. */
static void expect_refused(teleai_status status, const teleai_error *why, const char *field, const char *what,
                           const void *out) {
    cr_expect(status == TELEAI_INVALID_ARGUMENT && why->status == status, "%s: %s: %s", what,
              teleai_status_name(status), why->message);
    cr_expect(strcmp(why->field, field) == 0, "%s: field is \"%s\": %s", what, why->field, why->message);
    cr_expect(out == NULL, "%s: *out is not NULL", what);
}

#define REFUSED(noun, field, what, ...)                                                               \
    do {                                                                                              \
        teleai_##noun##_input input = good_##noun(), pair[2] = {input, input};                        \
        __VA_ARGS__;                                                                                  \
        pair[1] = input;                                                                              \
        teleai_##noun *one = (teleai_##noun *)&input;                                                 \
        void *many = &input;                                                                          \
        teleai_status status = teleai_##noun##_create(db, &input, &one, &error);                      \
        expect_refused(status, &error, field, what, one);                                             \
        status = teleai_##noun##_create_many(db, pair, 2, NULL, (void *)&many, &error);               \
        expect_refused(status, &error, field, what, many);                                            \
        cr_expect((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1, "%s: item %u", what, \
                  (unsigned)error.item);                                                              \
    } while (0)

#define good_audio_file good_file

Test(bad_input, users) {
    make_parents();
    static const char *const emails[] = {"",          "a",          "@",         "a@",        "@b.org",   "a@b",
                                         "a@b.c",     "a@b.c1",     "a b@c.org", "a@b c.org", "a@@b.org", "a@b@c.org",
                                         "a@.org",    "ä@b.org",    "a@ü.org",   "a@b.o|g",   "a@b.org ", " a@b.org",
                                         "a@b.org\n", "a..b@c.org", "<a@b.org>", "a@b.org.",  "a,b@c.org"};
    for (size_t i = 0; i < sizeof emails / sizeof *emails; i++)
        REFUSED(user, "email", emails[i], input.email = emails[i]);
    char email[300];
    snprintf(email, sizeof email, "%s@example.org", repeat("x", 244)); /* 256 characters */
    REFUSED(user, "email", "long e-mail", input.email = email);
    REFUSED(user, "email", "no e-mail", input.email = NULL);
    REFUSED(user, "full_name", "no name", input.full_name = NULL);
    REFUSED(user, "full_name", "empty name", input.full_name = "");
    REFUSED(user, "full_name", "long name", input.full_name = repeat("ü", 256));
    for (size_t i = 0; i < NOT_UTF8; i++) {
        REFUSED(user, "full_name", "name", input.full_name = not_utf8[i]);
        REFUSED(user, "email", "e-mail", input.email = not_utf8[i]);
    }
    static const int32_t roles[] = {-1, 4, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < 4; i++)
        REFUSED(user, "role", "role", input.role = roles[i]);
    REFUSED(user, "password", "password", input.password = "short");
    nothing_happened();
    /* The longest that are right. */
    teleai_user_input input = good_user();
    const char *label = repeat("b", 60);
    snprintf(email, sizeof email, "a@%s.%s.%s.%s.abcdefgh", label, label, label, label); /* 254 */
    input.email = email;
    input.full_name = repeat("ü", 255);
    OK(teleai_user_create(db, &input, NULL, &error));
}

static const char *const bad_json[] = {
    "",
    " ",
    "{",
    "}",
    "[]",
    "null",
    "5",
    "\"a\"",
    "{} {}",
    "{}x",
    "{a: 1}",
    "{\"a\" 1}",
    "{\"a\": 1,}",
    "{\"a\": }",
    "{,}",
    "{\"a\": 01}",
    "{\"a\": 1.}",
    "{\"a\": .5}",
    "{\"a\": +1}",
    "{\"a\": 1e}",
    "{\"a\": 0x10}",
    "{\"a\": 00}",
    "{\"a\": -01}",
    "{\"a\": -}",
    "{\"a\": NaN}",
    "{\"a\": Infinity}",
    "{\"a\": -Infinity}",
    "{\"a\": nan}",
    "{\"a\": TRUE}",
    "{\"a\": nul}",
    "{'a': 1}",
    "{\"a\": 'b'}",
    "{\"a\": \"\n\"}",
    "{\"a\": \"\t\"}",
    "{\"a\": \"\x01\"}",
    "{\"a\": \"\\x\"}",
    "{\"a\": \"\\u12\"}",
    "{\"a\": \"\\u0000\"}",
    "{\"\\u0000\": 1}",
    "{\"a\": \"\\ud800\"}",
    "{\"a\": \"\\udc00\\ud800\"}",
    "{\"a\": 1 /* b */}",
    "// b\n{}",
    "\xEF\xBB\xBF{}",
    "{\"a\": \"\xff\"}",
    "{\"a\": \"b}",
    "{\"a\": [1, 2}",
};
#define BAD_JSON (sizeof bad_json / sizeof *bad_json)

Test(bad_input, json) {
    make_parents();
    for (size_t i = 0; i < BAD_JSON; i++) {
        REFUSED(audio_file, "metadata_json", bad_json[i], input.metadata_json = bad_json[i]);
        REFUSED(transcription, "metadata_json", bad_json[i], input.metadata_json = bad_json[i]);
        REFUSED(analysis, "metadata_json", bad_json[i], input.metadata_json = bad_json[i]);
        REFUSED(analysis, "insights_json", bad_json[i], input.insights_json = bad_json[i]);
    }
    nothing_happened();
}

/* Valid JSON that only the server can tell is too much for it. */
Test(bad_input, json_numbers_beyond_the_server) {
    make_parents();
    teleai_audio_file_input input = good_file();
    input.metadata_json = "{\"a\": 1e999999}";
    teleai_audio_file *made = (teleai_audio_file *)&input;
    teleai_status status = teleai_audio_file_create(db, &input, &made, &error);
    cr_assert(status == TELEAI_INVALID_ARGUMENT && made == NULL, "%s", teleai_status_name(status));
    nothing_happened();
}

Test(bad_input, audio_files) {
    make_parents();
    REFUSED(audio_file, "user_id", "no user", input.user_id = NULL);
    REFUSED(audio_file, "file_name", "no name", input.file_name = NULL);
    REFUSED(audio_file, "file_name", "empty name", input.file_name = "");
    REFUSED(audio_file, "file_name", "long name", input.file_name = repeat("ü", 501));
    REFUSED(audio_file, "file_path", "no path", input.file_path = NULL);
    REFUSED(audio_file, "file_path", "empty path", input.file_path = "");
    for (size_t i = 0; i < NOT_UTF8; i++) {
        REFUSED(audio_file, "file_name", "name", input.file_name = not_utf8[i]);
        REFUSED(audio_file, "file_path", "path", input.file_path = not_utf8[i]);
        REFUSED(audio_file, "mime_type", "type", input.mime_type = not_utf8[i]);
        REFUSED(audio_file, "error_message", "message", input.error_message = not_utf8[i]);
        REFUSED(audio_file, "metadata_json", "metadata", input.metadata_json = not_utf8[i]);
    }
    static const char *const types[] = {NULL,         "",           "audio",     "audio/",    "audio/amr",
                                        "audio/wavs", "audio /wav", "video/mp4", "text/plain"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        REFUSED(audio_file, "mime_type", types[i] == NULL ? "NULL" : types[i], input.mime_type = types[i]);
    static const int64_t sizes[] = {0, -1, INT64_MIN, INT64_C(1) << 53};
    for (size_t i = 0; i < 4; i++)
        REFUSED(audio_file, "file_size_bytes", "size", input.file_size_bytes = sizes[i]);
    static const int64_t durations[] = {0, 4, -1, -1000, 99999999991, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
        REFUSED(audio_file, "duration_ms", "duration", input.duration_ms = durations[i], input.has_duration = true);
    static const int32_t numbers[] = {0, -1, INT32_MIN};
    for (size_t i = 0; i < 3; i++) {
        REFUSED(audio_file, "sample_rate_hz", "rate", input.sample_rate_hz = numbers[i], input.has_sample_rate = true);
        REFUSED(audio_file, "channels", "channels", input.channels = numbers[i], input.has_channels = true);
        REFUSED(audio_file, "bit_rate_bps", "bits", input.bit_rate_bps = numbers[i], input.has_bit_rate = true);
    }
    static const int64_t times[] = {INT64_MIN, INT64_MAX, -62135596800000001, 253402300800000000};
    for (size_t i = 0; i < 4; i++) {
        REFUSED(audio_file, "upload_completed_at_us", "time", input.upload_completed_at_us = times[i],
                input.has_upload_completed_at = true);
        REFUSED(audio_file, "processing_started_at_us", "time", input.processing_started_at_us = times[i],
                input.has_processing_started_at = true);
        REFUSED(audio_file, "processing_completed_at_us", "time", input.processing_completed_at_us = times[i],
                input.has_processing_completed_at = true);
    }
    static const int32_t statuses[] = {-1, 5, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < 4; i++)
        REFUSED(audio_file, "status", "status", input.status = statuses[i]);
    nothing_happened();
    /* The outermost that are right. */
    teleai_audio_file_input input = good_file();
    input.file_name = repeat("ü", 500);
    input.upload_completed_at_us = -62135596800000000;
    input.processing_completed_at_us = 253402300799999999;
    input.has_upload_completed_at = input.has_processing_completed_at = true;
    teleai_audio_file *made;
    OK(teleai_audio_file_create(db, &input, &made, &error));
    cr_assert(made->upload_completed_at_us == -62135596800000000 &&
              made->processing_completed_at_us == 253402300799999999);
    teleai_audio_file_free(made);
}

static const double not_a_share[] = {-0.01, 1.01, 1e300, -1e300, 0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0};

Test(bad_input, transcriptions) {
    make_parents();
    REFUSED(transcription, "audio_file_id", "no file", input.audio_file_id = NULL);
    REFUSED(transcription, "user_id", "no user", input.user_id = NULL);
    static const char *const languages[] = {NULL,  "",       "e",  "english",     "e1",    "en_GB", "en-",
                                            "-en", "en--GB", "12", "en-GB-oxend", "en GB", "ën",    "en-ü"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        REFUSED(transcription, "language_code", languages[i] == NULL ? "NULL" : languages[i],
                input.language_code = languages[i]);
    REFUSED(transcription, "engine", "no engine", input.engine = NULL);
    REFUSED(transcription, "engine", "empty engine", input.engine = "");
    REFUSED(transcription, "engine", "long engine", input.engine = repeat("ü", 51));
    REFUSED(transcription, "engine_version", "long version", input.engine_version = repeat("ü", 21));
    for (size_t i = 0; i < NOT_UTF8; i++) {
        REFUSED(transcription, "text", "text", input.text = not_utf8[i]);
        REFUSED(transcription, "engine", "engine", input.engine = not_utf8[i]);
        REFUSED(transcription, "engine_version", "version", input.engine_version = not_utf8[i]);
        REFUSED(transcription, "error_message", "message", input.error_message = not_utf8[i]);
        REFUSED(transcription, "language_code", "language", input.language_code = not_utf8[i]);
    }
    REFUSED(transcription, "text", "NUL inside", input.text = "a\0b", input.text_bytes = 3);
    for (size_t i = 0; i < sizeof not_a_share / sizeof *not_a_share; i++)
        REFUSED(transcription, "confidence", "confidence", input.confidence = not_a_share[i],
                input.has_confidence = true);
    REFUSED(transcription, "word_count", "words", input.word_count = -1, input.has_word_count = true);
    REFUSED(transcription, "processing_duration_ms", "duration", input.has_processing_duration = true);
    REFUSED(transcription, "processing_duration_ms", "duration", input.processing_duration_ms = -5,
            input.has_processing_duration = true);
    REFUSED(transcription, "processing_started_at_us", "time", input.processing_started_at_us = INT64_MAX,
            input.has_processing_started_at = true);
    REFUSED(transcription, "processing_completed_at_us", "time", input.processing_completed_at_us = INT64_MIN,
            input.has_processing_completed_at = true);
    REFUSED(transcription, "status", "status", input.status = 5);
    REFUSED(transcription, "status", "status", input.status = -1);
    nothing_happened();
}

Test(bad_input, analyses) {
    make_parents();
    REFUSED(analysis, "transcription_id", "no transcription", input.transcription_id = NULL);
    REFUSED(analysis, "audio_file_id", "no file", input.audio_file_id = NULL);
    REFUSED(analysis, "user_id", "no user", input.user_id = NULL);
    REFUSED(analysis, "analysis_type", "no type", input.analysis_type = NULL);
    REFUSED(analysis, "analysis_type", "empty type", input.analysis_type = "");
    REFUSED(analysis, "analysis_type", "long type", input.analysis_type = repeat("ü", 101));
    REFUSED(analysis, "engine", "no engine", input.engine = NULL);
    REFUSED(analysis, "engine", "long engine", input.engine = repeat("ü", 51));
    REFUSED(analysis, "engine_version", "long version", input.engine_version = repeat("ü", 21));
    for (size_t i = 0; i < NOT_UTF8; i++) {
        REFUSED(analysis, "analysis_type", "type", input.analysis_type = not_utf8[i]);
        REFUSED(analysis, "summary", "summary", input.summary = not_utf8[i]);
        REFUSED(analysis, "engine", "engine", input.engine = not_utf8[i]);
        REFUSED(analysis, "error_message", "message", input.error_message = not_utf8[i]);
    }
    static const double scores[] = {-1.01, 1.01, 1e300, 0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0};
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        REFUSED(analysis, "sentiment_score", "score", input.sentiment_score = scores[i],
                input.has_sentiment_score = true);
    REFUSED(analysis, "sentiment_label", "label", input.sentiment_label = 5);
    REFUSED(analysis, "sentiment_label", "label", input.sentiment_label = -1);
    REFUSED(analysis, "processing_duration_ms", "duration", input.has_processing_duration = true);
    REFUSED(analysis, "processing_started_at_us", "time", input.processing_started_at_us = INT64_MIN,
            input.has_processing_started_at = true);
    REFUSED(analysis, "status", "status", input.status = 5);
    nothing_happened();
}

Test(bad_input, sessions) {
    make_parents();
    static const char *const addresses[] = {"",
                                            "1",
                                            "1.2.3",
                                            "1.2.3.4.5",
                                            "1.2.3.256",
                                            "192.0.2.1/33",
                                            "192.0.2.1/",
                                            "192.0.2.1/-1",
                                            "192.0.2.1/1x",
                                            "::1/129",
                                            "gggg::1",
                                            "1::2::3",
                                            "fe80::1%eth0",
                                            "example.org",
                                            "192.0.2.1 ",
                                            " 192.0.2.1",
                                            "/8",
                                            "192.0.2.1/0008",
                                            "'",
                                            "\xff"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        teleai_session_input input = {.struct_size = sizeof input, .user_id = &user, .ip_address = addresses[i]};
        teleai_session *made = (teleai_session *)&input;
        teleai_status status = teleai_session_create(db, &input, &made, &error);
        expect_refused(status, &error, "ip_address", addresses[i], made);
    }
    for (size_t i = 0; i < NOT_UTF8; i++) {
        teleai_session_input input = {.struct_size = sizeof input, .user_id = &user, .user_agent = not_utf8[i]};
        teleai_session *made = (teleai_session *)&input;
        teleai_status status = teleai_session_create(db, &input, &made, &error);
        expect_refused(status, &error, "user_agent", "user agent", made);
    }
    static const int64_t times[] = {-1, 1, 1700000000000000, INT64_MIN, INT64_MAX, 253402300800000000};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        teleai_session_input input = {.struct_size = sizeof input, .user_id = &user, .expires_at_us = times[i]};
        teleai_session *made = (teleai_session *)&input;
        teleai_status status = teleai_session_create(db, &input, &made, &error);
        expect_refused(status, &error, "expires_at_us", "expiry", made);
    }
    nothing_happened();
}

Test(bad_input, uuids) {
    static const char *const texts[] = {NULL,
                                        "",
                                        "0190163d-8694-739b-aea5-966c26f8ad9",
                                        "0190163d-8694-739b-aea5-966c26f8ad911",
                                        "0190163d86947 39baea5966c26f8ad91",
                                        "0190163d-8694-739b-aea5-966c26f8ad9g",
                                        "{190163d-8694-739b-aea5-966c26f8ad9}",
                                        "0190163d_8694_739b_aea5_966c26f8ad91"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        teleai_uuid id = {{1}};
        FAILS(teleai_uuid_parse(texts[i], &id, &error), TELEAI_INVALID_ARGUMENT, "text");
        cr_assert(teleai_uuid_equal(&id, &(teleai_uuid){{0}}));
    }
}

/* ---- structs ---- */

#define WRONG_STRUCTS(noun, good)                                                                                 \
    do {                                                                                                          \
        teleai_##noun##_input input = good;                                                                       \
        void *out = &input;                                                                                       \
        static const size_t sizes[] = {0, 1, 7, 4097, SIZE_MAX};                                                  \
        for (size_t i = 0; i < 5; i++) {                                                                          \
            input.struct_size = sizes[i];                                                                         \
            teleai_status status = teleai_##noun##_create(db, &input, (void *)&out, &error);                      \
            expect_refused(status, &error, "struct_size", #noun, out);                                            \
        }                                                                                                         \
        FAILS(teleai_##noun##_create(db, NULL, (void *)&out, &error), TELEAI_INVALID_ARGUMENT, "input");          \
        struct {                                                                                                  \
            teleai_##noun##_input input;                                                                          \
            uint64_t newer[2];                                                                                    \
        } longer = {.input = good, .newer = {0, 1}};                                                              \
        longer.input.struct_size = sizeof longer;                                                                 \
        FAILS(teleai_##noun##_create(db, &longer.input, (void *)&out, &error), TELEAI_INVALID_ARGUMENT, "input"); \
    } while (0)

Test(bad_input, struct_sizes) {
    make_parents();
    WRONG_STRUCTS(user, good_user());
    WRONG_STRUCTS(audio_file, good_file());
    WRONG_STRUCTS(transcription, good_transcription());
    WRONG_STRUCTS(analysis, good_analysis());
    teleai_session_input session = {.struct_size = sizeof session, .user_id = &user};
    WRONG_STRUCTS(session, session);
    nothing_happened();
}

Test(bad_input, a_newer_programs_struct_works_while_its_new_fields_are_zero) {
    make_parents();
    struct {
        teleai_audio_file_input input;
        uint64_t newer[4];
    } longer = {.input = good_file()}, pair[2];
    longer.input.struct_size = sizeof longer;
    OK(teleai_audio_file_create(db, &longer.input, NULL, &error));
    pair[0] = pair[1] = longer;
    pair[1].input.file_name = "second";
    teleai_audio_files *list;
    OK(teleai_audio_file_create_many(db, &pair[0].input, 2, NULL, &list, &error));
    SAME_TEXT(list->items[1]->file_name, "second");
    teleai_audio_files_free(list);
    pair[1].newer[3] = 1;
    FAILS(teleai_audio_file_create_many(db, &pair[0].input, 2, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "input");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1);
    ROWS("audio_files", 4);
}

Test(bad_input, updates_are_checked_as_creates_are) {
    make_parents();
    teleai_audio_file_input input = good_file();
    input.mime_type = "audio/midi";
    input.file_size_bytes = -1;
    input.channels = 0;
    input.has_channels = true;
    input.metadata_json = "[]";
    static const struct {
        uint64_t bit;
        const char *field;
    } cases[] = {{TELEAI_AUDIO_FILE_FIELD_MIME_TYPE, "mime_type"},
                 {TELEAI_AUDIO_FILE_FIELD_FILE_SIZE, "file_size_bytes"},
                 {TELEAI_AUDIO_FILE_FIELD_CHANNELS, "channels"},
                 {TELEAI_AUDIO_FILE_FIELD_METADATA, "metadata_json"}};
    for (size_t i = 0; i < 4; i++)
        FAILS(teleai_audio_file_update(db, &file, &input, cases[i].bit, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT,
              cases[i].field);
    /* What is not named is not looked at. */
    OK(teleai_audio_file_update(db, &file, &input, TELEAI_AUDIO_FILE_FIELD_FILE_NAME, NULL, NULL, &error));
    teleai_update_options options = {0};
    FAILS(teleai_audio_file_update(db, &file, &input, 1, &options, NULL, &error), TELEAI_INVALID_ARGUMENT,
          "struct_size");
    nothing_happened();
}
