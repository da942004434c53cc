/* Sessions: who is logged in, proved by a secret token. */
#ifndef TELEAI_SESSION_H
#define TELEAI_SESSION_H

#include "user.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A session. */
typedef struct teleai_session {
    teleai_uuid id;
    teleai_uuid user_id;
    const char *token;      /**< the secret, 43 characters, or 66 with the tenant before it; only from
                                 teleai_session_create(), NULL ever after */
    const char *ip_address; /**< may be NULL */
    const char *user_agent; /**< may be NULL */
    int64_t expires_at_us;
    int64_t created_at_us;
    int64_t updated_at_us;
} teleai_session;

/** A list of sessions. */
typedef struct teleai_sessions {
    size_t count;
    const teleai_session *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_sessions;

/** A checked token: the session and whose it is. */
typedef struct teleai_identity {
    const teleai_session *session;
    const teleai_user *user;
} teleai_identity;

/** What a session is made from or changed to. */
typedef struct teleai_session_input {
    size_t struct_size;         /**< sizeof(teleai_session_input) */
    const teleai_uuid *id;      /**< NULL: a new UUIDv7; not changed by an update */
    const teleai_uuid *user_id; /**< required; not changed by an update */
    const char *ip_address;     /**< IPv4 or IPv6, with or without /prefix */
    const char *user_agent;
    int64_t expires_at_us; /**< when it ends, in the future; 0: 8 hours from now */
} teleai_session_input;

/** Which fields an update sets; one that is named but absent becomes NULL, or its default where it cannot be NULL. */
enum {
    TELEAI_SESSION_FIELD_EXPIRES_AT = 1 << 0, /**< to keep a session that is used; 0: 8 hours from now */
    TELEAI_SESSION_FIELD_IP_ADDRESS = 1 << 1,
    TELEAI_SESSION_FIELD_USER_AGENT = 1 << 2
};

/** Which sessions; absent fields do not restrict. */
typedef struct teleai_session_filter {
    size_t struct_size;          /**< sizeof(teleai_session_filter) */
    const teleai_uuid *user_id;  /**< of this user */
    int64_t created_from_us;     /**< created at or after; 0: any */
    int64_t created_until_us;    /**< created before; 0: any */
    bool include_expired;        /**< otherwise only those that have not expired */
    uint8_t reserved[7];         /**< zero */
    const teleai_uuid *id_from;  /**< with this id or a higher one, compared byte by byte; best in an order by id */
    const teleai_uuid *id_until; /**< with a lower id than this */
} teleai_session_filter;

/**
 * Creates a session with a new random token of 256 bits, before which, where it is not the default one, the tenant's id
 * stands (22 characters and a full stop; no secret). The token is in the record that comes back and nowhere else:
 * the database keeps only its SHA-256 hash. Hand it to the user and forget it; freeing the record wipes it. So `out`
 * must not be NULL here.
 * Returns: OK, PARENT_NOT_FOUND (user_id), ALREADY_EXISTS (id); usual.
 * Owns: you; free *out with teleai_session_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_create(teleai_client *client, const teleai_session_input *input,
                                               teleai_session **out, teleai_error *error);

/**
 * Creates many sessions in one statement: all of them or, when one is refused, none; error.item tells which input was
 * at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come
 * back in the order of the inputs, each with its token:
 * `out` must not be NULL here.
 * Returns: OK, PARENT_NOT_FOUND (user_id), ALREADY_EXISTS (id); usual.
 * Owns: you; free *out with teleai_sessions_free(), which wipes the tokens.
 * Blocks: one round trip; keep_good: several, when some are bad.
 */
TELEAI_API teleai_status teleai_session_create_many(teleai_client *client, const teleai_session_input *inputs,
                                                    size_t count, const teleai_create_many_options *options,
                                                    teleai_sessions **out, teleai_error *error);

/**
 * Checks a token and returns its session and user in one round trip. An unknown, malformed, revoked or expired token, an
 * inactive user and a tenant that is suspended are refused alike.
 * A token says which tenant it is of, so it is found without a scope; where a tenant was chosen (by a scope, or by
 * teleai_options.tenant_id), tokens of others are refused. Under row security a transaction or batch takes tokens of its
 * own tenant only.
 * Returns: OK, UNAUTHENTICATED; usual.
 * Owns: you; free *out with teleai_identity_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_check(teleai_client *client, const char *token, teleai_identity **out,
                                              teleai_error *error);

/**
 * Reads one session, expired or not.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_session_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_get(teleai_client *client, const teleai_uuid *id, teleai_session **out,
                                            teleai_error *error);

/**
 * Reads many sessions in one statement, expired or not. items[i] belongs to ids[i] and is NULL where there is no such
 * row.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_sessions_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                                 teleai_sessions **out, teleai_error *error);

/**
 * Changes the fields of a session that `fields` names (TELEAI_SESSION_FIELD_... bits), and no others. The token stays.
 * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
 * Owns: you; free *out with teleai_session_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_update(teleai_client *client, const teleai_uuid *id,
                                               const teleai_session_input *input, uint64_t fields,
                                               const teleai_update_options *options, teleai_session **out,
                                               teleai_error *error);

/**
 * Lists sessions that have not expired; a NULL filter lists those of all users.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_sessions_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_list(teleai_client *client, const teleai_session_filter *filter,
                                             const teleai_page *page, teleai_sessions **out, teleai_error *error);

/**
 * Lists sessions piece by piece, however many there are: see teleai_stream.
 * Returns: OK; usual.
 * Owns: you; teleai_stream_close() it.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_stream(teleai_client *client, const teleai_session_filter *filter,
                                               const teleai_page *page, teleai_stream **out, teleai_error *error);

/**
 * The next piece; at the end OK with *out NULL.
 * Returns: OK, INVALID_ARGUMENT (the stream is of another noun), CLOSED (it has failed before); usual.
 * Owns: you; free *out with teleai_sessions_free().
 * Blocks: until the piece is there; mostly it is.
 */
TELEAI_API teleai_status teleai_session_stream_next(teleai_stream *stream, teleai_sessions **out, teleai_error *error);

/**
 * Counts sessions that have not expired; a NULL filter counts those of all users.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_count(teleai_client *client, const teleai_session_filter *filter, int64_t *out,
                                              teleai_error *error);

/**
 * Ends a session at once: its row is deleted.
 * Returns: OK, NOT_FOUND; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_revoke(teleai_client *client, const teleai_uuid *id, teleai_error *error);

/**
 * Ends all sessions of a user, as after a change of password. *count, where not NULL, gets how many there were.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_revoke_all(teleai_client *client, const teleai_uuid *user_id, int64_t *count,
                                                   teleai_error *error);

/**
 * Deletes the sessions that have expired, of all users of the tenant. Call it now and then, from one place.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_session_purge_expired(teleai_client *client, int64_t *count, teleai_error *error);

/**
 * Frees a session; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_session_free(teleai_session *session);

/**
 * Frees a list with all its records; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_sessions_free(teleai_sessions *list);

/**
 * Frees an identity with its session and user; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_identity_free(teleai_identity *identity);

#ifdef __cplusplus
}
#endif

#endif
