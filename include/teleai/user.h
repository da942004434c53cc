/* Users: accounts, logging in, and what each role may do. */
#ifndef TELEAI_USER_H
#define TELEAI_USER_H

#include "client.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a user may do; see teleai_user_check_permission(). */
enum {
    TELEAI_ROLE_ADMIN = 1,
    TELEAI_ROLE_USER = 2, /**< the default of a new user */
    TELEAI_ROLE_VIEWER = 3
};

/**
 * The name of a role, such as "admin"; NULL for a number that is not one, so counting up from 1 lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_role_name(int32_t role);

/** A user. The password's hash never leaves the library. */
typedef struct teleai_user {
    teleai_uuid id;
    const char *email; /**< as it was given; compared without case */
    const char *full_name;
    int64_t last_login_at_us;
    int64_t created_at_us;
    int64_t updated_at_us;
    int32_t role;   /**< TELEAI_ROLE_... */
    bool is_active; /**< inactive users cannot log in and their sessions are refused */
    bool has_last_login_at;
    uint8_t reserved[2];
    teleai_uuid tenant_id; /**< the tenant it belongs to */
} teleai_user;

/** A list of users. */
typedef struct teleai_users {
    size_t count;
    const teleai_user *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_users;

/** What a user is made from or changed to. */
typedef struct teleai_user_input {
    size_t struct_size;    /**< sizeof(teleai_user_input) */
    const teleai_uuid *id; /**< NULL: a new UUIDv7; not changed by an update */
    const char *email;     /**< required; name@domain.tld, at most 255 characters; unique without regard to case */
    const char *full_name; /**< required; 1 to 255 characters */
    const char *
        password; /**< 8 characters to 1024 bytes, no control characters; NULL: cannot log in with a password. Stored as an
                                Argon2id hash of what RFC 8265 makes of it: letters composed, all spaces alike */
    int32_t role;   /**< TELEAI_ROLE_...; 0: user */
    bool is_active; /**< with has_is_active; otherwise active */
    bool has_is_active;
    uint8_t reserved[2]; /**< zero */
} teleai_user_input;

/** Which fields an update sets; one that is named but absent becomes NULL, or its default where it cannot be NULL. */
enum {
    TELEAI_USER_FIELD_EMAIL = 1 << 0,
    TELEAI_USER_FIELD_FULL_NAME = 1 << 1,
    TELEAI_USER_FIELD_PASSWORD = 1 << 2, /**< NULL takes the password away. Revoke the sessions as well */
    TELEAI_USER_FIELD_ROLE = 1 << 3,
    TELEAI_USER_FIELD_IS_ACTIVE = 1 << 4
};

/** Which users; absent fields do not restrict. */
typedef struct teleai_user_filter {
    size_t struct_size;       /**< sizeof(teleai_user_filter) */
    int64_t created_from_us;  /**< created at or after; 0: any */
    int64_t created_until_us; /**< created before; 0: any */
    int32_t role;             /**< TELEAI_ROLE_...; 0: any */
    bool is_active;           /**< with has_is_active */
    bool has_is_active;
    uint8_t reserved[2];         /**< zero */
    const teleai_uuid *id_from;  /**< with this id or a higher one, compared byte by byte; best in an order by id */
    const teleai_uuid *id_until; /**< with a lower id than this */
} teleai_user_filter;

/**
 * Creates a user. Hashing the password takes some 50 ms and 64 MiB, before a connection is taken.
 * Returns: OK, ALREADY_EXISTS (e-mail or id); usual.
 * Owns: you; free *out with teleai_user_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_create(teleai_client *client, const teleai_user_input *input, teleai_user **out,
                                            teleai_error *error);

/**
 * Creates many users in one statement: all of them or, when one is refused, none; error.item tells which input was at
 * fault. With options->keep_good the good ones, and options->errors says what became of each. The records come back in
 * the order of the inputs.
 * Returns: OK, ALREADY_EXISTS (e-mail or id); usual.
 * Owns: you; free *out with teleai_users_free().
 * Blocks: one round trip; two for many without `out`, sent as COPY (docs/engine.md); with keep_good several, when
 *   some are bad.
 */
TELEAI_API teleai_status teleai_user_create_many(teleai_client *client, const teleai_user_input *inputs, size_t count,
                                                 const teleai_create_many_options *options, teleai_users **out,
                                                 teleai_error *error);

/**
 * Reads one user.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_user_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_get(teleai_client *client, const teleai_uuid *id, teleai_user **out,
                                         teleai_error *error);

/**
 * Reads many users in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_users_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                              teleai_users **out, teleai_error *error);

/**
 * Reads a user by e-mail address, compared without case.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_user_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_get_by_email(teleai_client *client, const char *email, teleai_user **out,
                                                  teleai_error *error);

/**
 * Changes the fields of a user that `fields` names (TELEAI_USER_FIELD_... bits), and no others.
 * Hashes a new password first, as teleai_user_create() does.
 * Returns: OK, NOT_FOUND, CONFLICT (changed since), ALREADY_EXISTS (e-mail); usual.
 * Owns: you; free *out with teleai_user_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_update(teleai_client *client, const teleai_uuid *id,
                                            const teleai_user_input *input, uint64_t fields,
                                            const teleai_update_options *options, teleai_user **out,
                                            teleai_error *error);

/**
 * Deletes a user with all sessions, audio files, transcriptions and analyses of that user.
 * Returns: OK, NOT_FOUND; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error);

/**
 * Lists users; a NULL filter lists all.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_users_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_list(teleai_client *client, const teleai_user_filter *filter,
                                          const teleai_page *page, teleai_users **out, teleai_error *error);

/**
 * Lists users piece by piece, however many there are: see teleai_stream.
 * Returns: OK; usual.
 * Owns: you; teleai_stream_close() it.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_stream(teleai_client *client, const teleai_user_filter *filter,
                                            const teleai_page *page, teleai_stream **out, teleai_error *error);

/**
 * The next piece; at the end OK with *out NULL.
 * Returns: OK, INVALID_ARGUMENT (the stream is of another noun), CLOSED (it has failed before); usual.
 * Owns: you; free *out with teleai_users_free().
 * Blocks: until the piece is there; mostly it is.
 */
TELEAI_API teleai_status teleai_user_stream_next(teleai_stream *stream, teleai_users **out, teleai_error *error);

/**
 * Counts the users that a filter lets through; NULL counts all.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_count(teleai_client *client, const teleai_user_filter *filter, int64_t *out,
                                           teleai_error *error);

/* ---- logging in ------------------------------------------------------------------------------------------------- */

/**
 * Checks an e-mail address and password, and notes the time of log-in. An unknown address, a wrong password, a user
 * without one and an inactive user are answered alike: the same status and message, after the same work. The hash is
 * renewed when the client asks for a higher cost than it was made with. Follow with teleai_session_create().
 * Computes between two statements (some 50 ms and 64 MiB), holding no connection meanwhile except inside a transaction.
 * It does not count attempts: throttle by account in front of it.
 * The user is found in whichever tenant it is, and tells which; where a tenant was chosen (by a scope, or by
 * teleai_options.tenant_id), in that one alone. Nobody of a tenant that is suspended can log in. Under row security a
 * transaction finds users of its own tenant only.
 * Returns: OK, UNAUTHENTICATED; usual.
 * Owns: you; free *out with teleai_user_free().
 * Blocks: two round trips, under row security three.
 */
TELEAI_API teleai_status teleai_user_login(teleai_client *client, const char *email, const char *password,
                                           teleai_user **out, teleai_error *error);

/* ---- permissions ------------------------------------------------------------------------------------------------ */

/**
 * What somebody wants to do. Own means: the row's user_id (a user's id) is theirs.
 *
 *     action               admin    user        viewer
 *     READ                 all      own         own
 *     WRITE                all      own         -
 *     DELETE               all      own         -
 *     MANAGE_USERS         yes      -           -        (create, delete, change role or activity of any user)
 *     READ_STATISTICS      all      own         own      (of the whole platform: admin alone)
 *
 * An inactive user may do nothing.
 */
enum {
    TELEAI_ACTION_READ = 1,
    TELEAI_ACTION_WRITE = 2, /**< create and update */
    TELEAI_ACTION_DELETE = 3,
    TELEAI_ACTION_MANAGE_USERS = 4,
    TELEAI_ACTION_READ_STATISTICS = 5
};

/**
 * Tells whether a user may do something to a row that belongs to `owner_id` (NULL: to nobody in particular, the whole
 * platform). The other functions of this library do not ask: call this where requests come in.
 * Returns: OK, PERMISSION_DENIED, INVALID_ARGUMENT.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_user_check_permission(const teleai_user *user, int32_t action,
                                                      const teleai_uuid *owner_id, teleai_error *error);

/**
 * Frees a user; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_user_free(teleai_user *user);

/**
 * Frees a list with all its records; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_users_free(teleai_users *list);

#ifdef __cplusplus
}
#endif

#endif
