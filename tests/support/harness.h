/* What tests share: a database of their own on the tests' server, and raw SQL to look behind the library's back. */
#ifndef TELEAI_TESTS_HARNESS_H
#define TELEAI_TESTS_HARNESS_H

#include <libpq-fe.h>
#include <stdbool.h>

#include <teleai.h>

/* Whether there is a server. A test that needs one and finds none skips: SERVER_SUITE() does so in Criterion tests, plain
 * programs end with 77. In CI the missing server has failed already. */
bool harness_has_server(void);

/* Makes a database for this test from the template with the schema, or an empty one, and gives its connection string,
 * which lives until harness_drop(). */
const char *harness_database(void);
const char *harness_empty_database(void);
/* Drops it again; close the clients first. */
void harness_drop(void);
/* Another one, if it is there, with whoever is still in it. */
void harness_drop_named(const char *name);

/* Opens a client on the test's database (made if need be) with cheap password hashes. Ends the program when that fails. */
teleai_client *harness_open(void);
/* The same as another role. */
const char *harness_database_as(const char *role);

/* Runs SQL on the test's database; ends the program when it fails. The text is of the first row's first column, "" for
 * NULL or no row, and is overwritten by the next call but three. */
const char *harness_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Waits until the SQL's value is this one, for what the server does in its own time, such as ending the session of a
 * connection that was closed. False after 20 s. */
bool harness_becomes(const char *value, const char *sql);
/* The version of the newest migration. */
int64_t harness_newest_version(void);
/* A raw connection; PQfinish() it. */
PGconn *harness_connect(void);

/* A user, an audio file of that user, and a completed transcription, for tests about something else. The ids are
 * written; end the program when that fails. */
void harness_user(teleai_client *client, teleai_uuid *id);
void harness_audio_file(teleai_client *client, const teleai_uuid *user_id, teleai_uuid *id);
void harness_transcription(teleai_client *client, const teleai_uuid *user_id, const teleai_uuid *audio_file_id,
                           const char *text, teleai_uuid *id);

#endif
