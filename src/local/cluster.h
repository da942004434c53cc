/* The PostgreSQL cluster in a folder: made, started, stopped. All under the change lock. */
#ifndef TELEAI_LOCAL_CLUSTER_H
#define TELEAI_LOCAL_CLUSTER_H

#include "local/folder.h"

bool teleai__cluster_exists(const teleai__folder *folder);

/*
 * Makes the cluster with the database `teleai` in it. Complete or not there: an opener killed half-way leaves only what
 * the next one removes. The programs that make it hold the change lock too, so nobody else begins while they still run.
 */
teleai_status teleai__cluster_make(const teleai__folder *folder, int change_lock, teleai__deadline deadline,
                                   teleai_error *error);

/*
 * Brings a cluster that is to be started up to date: what has no value to lose and is missing, after a power cut or a copy
 * that leaves out empty folders, is made anew; a setting that came later is added, unless one is there.
 */
teleai_status teleai__cluster_complete(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error);

/* Sees to it that the server runs and takes connections. Needs folder->host. */
teleai_status teleai__cluster_start(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error);

/* Stops the server, if it runs, and waits for it. Connections that remain are ended. */
teleai_status teleai__cluster_stop(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error);

/* Whether the server goes on without an opener: a file in the folder says so. */
bool teleai__cluster_is_kept(const teleai__folder *folder);
teleai_status teleai__cluster_keep(const teleai__folder *folder, teleai_error *error);
teleai_status teleai__cluster_forget(const teleai__folder *folder, teleai_error *error);

typedef struct teleai__cluster_state {
    bool running;
    int32_t major;
    int64_t process_id, started_at; /* in seconds; while it runs */
} teleai__cluster_state;

/* Needs folder->host. */
void teleai__cluster_look(const teleai__folder *folder, teleai__cluster_state *out);

#endif
