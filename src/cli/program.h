/* Running PostgreSQL's programs: pg_dump, pg_restore, psql and the like. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "teleai/backup.h"

/*
 * Finds a program: in TELEAI_PG_BINDIR and nowhere else where that is set, else the newest of those beside the servers'
 * programs and in PATH. Writes its path, at most `room` bytes. False, having said why.
 */
bool program_find(const char *name, char *out, size_t room);

/* A database, as programs reach it. */
typedef struct place {
    const char *connection; /* a connection string, "" for what the environment says; not local:DIR */
    const char *database;   /* another database than it names; NULL: that one */
} place;

/* The same as a connection string for teleai_open(), which has the password in it: free it with place_forget(). NULL without
 * memory, or where the connection string is wrong, which is said then. */
char *place_connection(const place *of);
void place_forget(char *connection);

typedef struct run {
    const char *const *arguments; /* the first is the program's path; ends with NULL */
    const place *at;
    int into;           /* a descriptor that takes its standard output; 0: that is read with what else it prints */
    bool uninterrupted; /* to clean up: Ctrl-C does not end it */
    /* Is told each line that it prints, and every 100 ms NULL. NULL: what it prints is dropped. */
    void (*line)(void *data, char *line);
    void *data;
    int process, output;
    char last[400]; /* the last line that tells of an error, else the last line */
} run;

/* Starts it, with the password in its environment and not in its arguments. False, having said why. */
bool program_start(run *it);
/* Waits for its end and gives its exit code; 128 and the number for a signal. */
int program_wait(run *it);
/* Both; says what went wrong unless it ended with 0. */
bool program_run(run *it, const char *what);

/* Becomes the program, with the signals as they were; returns, having said why, only when it cannot. */
void program_become(const char *const *arguments, const place *at);

/* The first line that psql answers, or of its error. */
typedef struct psql_answer {
    char text[4000];
} psql_answer;

/* Runs SQL by psql. False when it failed; psql_ask() says why. */
bool psql_try(const place *at, const char *sql, bool uninterrupted, psql_answer *out);
bool psql_ask(const place *at, const char *sql, psql_answer *out);

#endif
