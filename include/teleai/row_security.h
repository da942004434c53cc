/* Row security: a second lock between tenants, kept by the server itself. */
#ifndef TELEAI_ROW_SECURITY_H
#define TELEAI_ROW_SECURITY_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Enables row security in this database (PostgreSQL's row-level security): a role it binds sees and writes rows of the
 * one tenant that it has told the server, and none where it has told nothing, whatever its statements say or forget.
 *
 * The roles teleai_owner (owns the schema, does not log in), teleai_app (for programs; bound) and teleai_admin (for
 * whoever runs the platform; not bound) are made where they are missing. They belong to the whole server; give them
 * passwords, or roles of yours membership in teleai_app. Everything of the schema becomes teleai_owner's, and the role
 * that calls this its member.
 *
 * A client that connects as a bound role notices it when it opens, and tells the server the tenant with every call: as a
 * setting of that call's transaction, in the same round trip. teleai_options.require_row_security refuses to open where
 * the role is not bound. Clients that are open already as a bound role must be opened again.
 *
 * It guards against statements that forget the tenant, your own included. It does not guard against somebody who can run
 * SQL of his choice as teleai_app: he can tell the server any tenant whose id he knows. The schema and the server tell him
 * none: logging in learns the tenant of an address only with the hash that its password makes, and ids of tenants go to the
 * server as parameters, which pg_stat_activity does not show. (So passwords whose hashes another program made, in another
 * form than libsodium's, cannot log in under row security until they are set anew.) Nor does it hide that an id or an
 * address is taken, for they are unique in all tenants; nor with which salt an address's password is hashed; nor how many
 * rows others have (EXPLAIN ANALYZE, sizes of tables), nor what is sent by teleai_notify(). He can also change the password
 * and the defaults of his own role (ALTER ROLE), and hold locks on the tables: PostgreSQL forbids no role that. Let programs
 * log in by certificate or as a member of teleai_app of their own, and see teleai_health_check(), which tells defaults that
 * such a role has.
 *
 * Runs in steps, each with short locks, beside running programs; can be run again.
 * Returns: OK, PERMISSION_DENIED (making roles needs CREATEROLE and, before PostgreSQL 16, a superuser for BYPASSRLS; the
 *   tables must be yours), CONFLICT (called on a transaction), SCHEMA_MISMATCH, TIMEOUT (a lock was never free); usual.
 * Blocks: for as long as its locks take.
 */
TELEAI_API teleai_status teleai_row_security_enable(teleai_client *client, teleai_error *error);

/**
 * Disables it again: statements are all that keeps tenants apart. Roles, owners and grants stay as they are.
 * Returns: as teleai_row_security_enable().
 * Blocks: for as long as its locks take.
 */
TELEAI_API teleai_status teleai_row_security_disable(teleai_client *client, teleai_error *error);

#ifdef __cplusplus
}
#endif

#endif
