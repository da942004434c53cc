/*
 * teleai: the data layer for audio transcription and analysis platforms, over PostgreSQL.
 *
 * Users, their login sessions, audio files, transcriptions and analyses: stored, found and counted through typed
 * functions. This file is the contract that holds for all of them; the parts below say what each function adds.
 *
 *
 * THREE IDEAS
 *
 *   client   where operations run. teleai_open() gives the root client, which owns the connections. A scope, a
 *            transaction and a batch are clients too: every operation takes any of the four.
 *   record   what comes back (teleai_user, teleai_audio_file ...): typed, read-only, detached from the client.
 *   status   how it went: the return value, with the detail in a teleai_error that you own.
 *
 *
 * THE CONTRACT
 *
 * Arguments    always in this order: client, inputs, options, out, error. Options, filters, pages and errors may be
 *              NULL.
 *
 * Ownership    What you receive you free once, whole, with its own function (teleai_user_free() ...); everything inside
 *              dies with it. free(NULL) is fine. Records outlive the client they came from, in any order of frees.
 *              Inputs are borrowed for the length of the call. On failure *out is NULL (numbers: 0), nothing to free.
 *              An out pointer may be NULL where you do not want the record back.
 *
 * Inputs       start with struct_size: set it to sizeof the struct and leave the rest zero, which means "default" or
 *              "absent". A number that may be absent has a has_... beside it. So programs compiled against an older
 *              header keep working with a newer library, and the other way round as long as no newer field is used.
 *
 * Records      are only ever made by the library; newer versions append fields. A NULL text is SQL NULL; a number that
 *              may be NULL has a has_... beside it.
 *
 * Text         is UTF-8, ends with a NUL byte, and is checked before anything is sent. JSON crosses as text.
 *
 * Units        are in the names: ..._us is microseconds since 1970-01-01 UTC, ..._ms milliseconds, ..._bytes bytes.
 *              A time that the database calls infinity is read as INT64_MAX, -infinity as INT64_MIN, and one after
 *              the year 294246, which such a number cannot hold, as INT64_MAX - 1. Inputs and filters take the years
 *              1 to 9999.
 *
 * Enumerations are int32_t. 0 is "unspecified" going in, and "a value this version of the library does not know"
 *              coming out (a newer server may have some).
 *
 * Errors       Every call that can fail returns a teleai_status and, where it takes a teleai_error, fills that whole,
 *              on success too. No message holds parameter values, passwords, tokens or connection strings. Besides the
 *              codes named at a function, every call that reaches the server may return the usual ones:
 *              INVALID_ARGUMENT, CLOSED, UNAVAILABLE, TIMEOUT, ABORTED, SCHEMA_MISMATCH, PERMISSION_DENIED,
 *              LIMIT_EXCEEDED, SERVER_ERROR, OUT_OF_MEMORY.
 *
 * Tenants      Every row belongs to a tenant, the default one unless something else was said; a call sees and changes the
 *              rows of one tenant, its scope's. What belongs to another is answered like what does not exist. A program
 *              for one organisation need not know of it; see teleai/tenant.h.
 *
 * Clients      Every operation takes any of four: the client from teleai_open(), whose calls each stand for themselves; a
 *              scope (who acts, for which tenant, by when, reading from where); a transaction; a batch, which queues
 *              operations and sends them together, also without blocking, for event loops. The few that cannot go into
 *              a batch say so.
 *
 * Threads      A root client and a scope may be used by any number of threads at once. A transaction and a batch serve one
 *              call at a time and make the others wait. Records are immutable: share them freely. The library starts no
 *              threads. A short read that finds all connections in use goes together with another call's.
 *
 * Blocking     Only what is marked "Blocks" waits for the network, at most until the client's timeout_ms has passed
 *              (waiting for a connection, connecting, sending and reading together). At the deadline the server is told
 *              to stop too, for which a call may take up to a second more: nothing works on there that nobody waits for.
 *
 * Lost         A connection that is lost before the answer is replaced, and what may be sent twice is sent again within
 * connections  timeout_ms: reads; creates, since the row's id is made or given before it is first sent, so that there
 *              will be one row whatever happens (a repeated create that meets a row of its id takes it for its own and
 *              returns it); deletes by id; updates only when you ask for it (repeat_if_lost).
 *              Anything else, and everything in a transaction, is never repeated: an error with OUTCOME_UNKNOWN
 *              means that it may have happened or not; without that flag it has not happened.
 *
 * Fork         A child process may close a client that its parent opened, and nothing else; other calls return CLOSED.
 *
 * Signals      do not disturb a call (EINTR is handled); the library installs no handlers and never raises SIGPIPE.
 *
 * Secrets      Passwords are hashed and forgotten, tokens wiped when their record is freed; the connection string lies
 *              in memory that is left out of core dumps (libpq's own copy of a password does not). None is logged.
 *
 * Never        does the library print, exit, abort, change the locale or need global initialisation.
 *
 * Versions     Functions and fields are added in minor versions and never change within a major one. Be ready for
 *              status codes you do not know: treat them as SERVER_ERROR.
 */
#ifndef TELEAI_H
#define TELEAI_H

#include "teleai/base.h"
#include "teleai/client.h"
#include "teleai/local.h"
#include "teleai/migrate.h"
#include "teleai/transaction.h"
#include "teleai/scope.h"
#include "teleai/tenant.h"
#include "teleai/row_security.h"
#include "teleai/health.h"
#include "teleai/maintain.h"
#include "teleai/backup.h"
#include "teleai/batch.h"
#include "teleai/stream.h"
#include "teleai/subscription.h"
#include "teleai/metrics.h"

#include "teleai/user.h"
#include "teleai/session.h"
#include "teleai/audio_file.h"
#include "teleai/transcription.h"
#include "teleai/analysis.h"

#include "teleai/search.h"
#include "teleai/stats.h"
#include "teleai/arrow.h"

#endif
