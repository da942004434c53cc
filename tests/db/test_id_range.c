/* Lists of a range of ids: the lower end is in it, the upper end is not, and each is fine without the other. */
#include "nouns.h"

SERVER_SUITE(id_range);

/* Ids that the caller chose, 10, 20 and 30: they are ordered by their bytes. */
static teleai_uuid id_of(uint8_t number) {
    teleai_uuid id = {{0xab, 0xcd, 0x12, 0x34, 0x56, 0x78, 0x4a, 0xbc, 0x8d, 0xef}};
    id.bytes[15] = number;
    return id;
}

static const struct {
    uint8_t from, until;
    const char *numbers; /* of the rows, the highest first */
} ranges[] = {{0, 0, "321"}, {10, 0, "321"}, {11, 0, "32"}, {0, 30, "21"},
              {20, 21, "2"}, {20, 20, ""},   {30, 10, ""},  {10, 30, "21"}};

/* All ranges of the rows of one noun, where nothing else is; in lists, streams and counts. */
#define CHECK(noun, plural, ...)                                                                                    \
    for (size_t i_ = 0; i_ < sizeof ranges / sizeof *ranges; i_++) {                                                \
        const teleai_uuid from_ = id_of(ranges[i_].from), until_ = id_of(ranges[i_].until);                         \
        const teleai_##noun##_filter filter_ = {.struct_size = sizeof filter_,                                      \
                                                .id_from = ranges[i_].from == 0 ? NULL : &from_,                    \
                                                .id_until = ranges[i_].until == 0 ? NULL : &until_,                 \
                                                __VA_ARGS__};                                                       \
        const size_t expected_ = strlen(ranges[i_].numbers);                                                        \
        for (int32_t order_ = TELEAI_ORDER_NEWEST_FIRST; order_ <= TELEAI_ORDER_OLDEST_ID_FIRST; order_++) {        \
            const teleai_page page_ = {.struct_size = sizeof page_, .order = order_};                               \
            teleai_##plural *list_;                                                                                 \
            OK(teleai_##noun##_list(db, &filter_, &page_, &list_, &error));                                         \
            cr_assert(list_->count == expected_, #noun " %zu: %zu", i_, list_->count);                              \
            for (size_t j_ = 0; j_ < expected_; j_++) {                                                             \
                size_t at_ = order_ == TELEAI_ORDER_OLDEST_ID_FIRST ? expected_ - 1 - j_ : j_;                      \
                if (order_ >= TELEAI_ORDER_NEWEST_ID_FIRST)                                                         \
                    cr_assert(list_->items[j_]->id.bytes[15] == 10 * (ranges[i_].numbers[at_] - '0'), #noun " %zu", \
                              i_);                                                                                  \
            }                                                                                                       \
            teleai_##plural##_free(list_);                                                                          \
        }                                                                                                           \
        int64_t count_;                                                                                             \
        OK(teleai_##noun##_count(db, &filter_, &count_, &error));                                                   \
        cr_assert(count_ == (int64_t)expected_, #noun " %zu: %lld", i_, (long long)count_);                         \
    }

Test(id_range, of_all_nouns) {
    teleai_uuid ids[3];
    for (uint8_t i = 0; i < 3; i++)
        ids[i] = id_of((uint8_t)(10 * (i + 1)));
    for (int i = 2; i >= 0; i--) { /* made in the other order */
        char email[40], token[TELEAI_UUID_TEXT_BYTES];
        snprintf(email, sizeof email, "user%d@example.org", i);
        const teleai_user_input person = {
            .struct_size = sizeof person, .id = &ids[i], .email = email, .full_name = "Somebody"};
        OK(teleai_user_create(db, &person, NULL, &error));
        const teleai_session_input session = {.struct_size = sizeof session, .id = &ids[i], .user_id = &ids[i]};
        teleai_session *made;
        OK(teleai_session_create(db, &session, &made, &error));
        teleai_session_free(made);
        teleai_uuid_format(&ids[i], token);
        harness_sql("insert into audio_files (id, user_id, file_name, file_path, file_size_bytes, mime_type) values "
                    "('%s', '%s', 'x', 'x', 1, 'audio/wav')",
                    token, token);
        harness_sql(
            "insert into transcriptions (id, user_id, audio_file_id, transcription_text, language_code, engine, "
            "status) values ('%s', '%s', '%s', 'x', 'en', 'x', 'completed')",
            token, token, token);
        harness_sql(
            "insert into analyses (id, user_id, audio_file_id, transcription_id, analysis_type, engine, status) "
            "values ('%s', '%s', '%s', '%s', 'x', 'x', 'completed')",
            token, token, token, token);
    }
    CHECK(user, users, .role = 0)
    CHECK(session, sessions, .user_id = NULL)
    CHECK(audio_file, audio_files, .user_id = NULL)
    CHECK(transcription, transcriptions, .user_id = NULL)
    CHECK(analysis, analyses, .user_id = NULL)
}

/* The highest id there is has nothing above it that could be the upper end. */
Test(id_range, up_to_the_last_one) {
    teleai_uuid last, from;
    memset(&last, 0xff, sizeof last);
    memset(&from, 0, sizeof from);
    memset(&from, 0xff, 2);
    const teleai_user_input person = {
        .struct_size = sizeof person, .id = &last, .email = "last@example.org", .full_name = "Last"};
    OK(teleai_user_create(db, &person, NULL, &error));
    const teleai_user_filter filter = {.struct_size = sizeof filter, .id_from = &from};
    teleai_users *list;
    OK(teleai_user_list(db, &filter, NULL, &list, &error));
    cr_assert(list->count == 1);
    SAME_ID(&list->items[0]->id, &last);
    teleai_users_free(list);
}

static size_t count_named(const char *name, const char *path) {
    const teleai_audio_file_filter filter = {.struct_size = sizeof filter, .file_name = name, .file_path = path};
    int64_t count;
    OK(teleai_audio_file_count(db, &filter, &count, &error));
    return (size_t)count;
}

Test(id_range, names_whatever_their_case_and_paths) {
    teleai_uuid user, file;
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_sql("update audio_files set file_name = 'Call 7.WAV', file_path = '/in/Call 7.WAV'");
    cr_assert(count_named("call 7.wav", NULL) == 1 && count_named("CALL 7.WAV", NULL) == 1);
    cr_assert(count_named("Call 7", NULL) == 0 && count_named("Call _.WAV", NULL) == 0 && count_named("%", NULL) == 0);
    cr_assert(count_named(NULL, "/in/Call 7.WAV") == 1 && count_named(NULL, "/in/call 7.wav") == 0);
    cr_assert(count_named("call 7.wav", "/in/Call 7.WAV") == 1 && count_named("other", "/in/Call 7.WAV") == 0);
    const teleai_audio_file_filter wrong = {.struct_size = sizeof wrong, .file_name = "\xff"};
    int64_t count;
    FAILS(teleai_audio_file_count(db, &wrong, &count, &error), TELEAI_INVALID_ARGUMENT, "file_name");
}
