/* Where the server programs are. Packages keep them out of PATH, each version in a folder of its own. */
#include "local/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

enum { OLDEST_MAJOR = 12 };

static const char *const places[] = {
#include "postgres_places.inc"
};

/* Not for a setuid program: these two say what is executed. */
static const char *trusted_variable(const char *name) {
#ifdef __linux__
    return secure_getenv(name);
#else
    return getenv(name);
#endif
}

struct search {
    int major; /* wanted, or 0 */
    const teleai__server_user *user;
    teleai__deadline deadline;
    teleai__programs *best; /* major 0 while there is none */
    int seen;               /* the newest major version met that was not wanted */
    char seen_in[TELEAI__PATH_BYTES];
    teleai_error *error;
};

static bool join(char *out, const char *folder, const char *name) {
    int length = snprintf(out, TELEAI__PATH_BYTES, "%s/%s", folder, name);
    return length > 0 && length < TELEAI__PATH_BYTES && access(out, X_OK) == 0;
}

/* "pg_ctl (PostgreSQL) 15.3 (Debian ...)" gives 15; 0 when it says something else. */
static int parse_version(const char *text) {
    const char *start = strstr(text, "(PostgreSQL) ");
    return start == NULL ? 0 : (int)strtol(start + strlen("(PostgreSQL) "), NULL, 10);
}

static teleai_status ask_version(struct search *search, const char *pg_ctl, int *major) {
    int ends[2];
    if (!teleai__process_pipe(ends))
        return teleai__fail(search->error, TELEAI_UNAVAILABLE, "local: cannot run %.160s: %s", pg_ctl, strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    const char *const arguments[] = {pg_ctl, "--version", NULL};
    teleai__process process = {
        .arguments = arguments, .output = ends[1], .folder = -1, .lock = -1, .user = search->user};
    int exit_code = -1;
    teleai_status status = teleai__process_run(&process, search->deadline, &exit_code, search->error);
    char text[256];
    ssize_t bytes = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    close(ends[1]);
    text[bytes > 0 ? bytes : 0] = '\0';
    *major = status == TELEAI_OK && exit_code == 0 ? parse_version(text) : 0;
    /* One that cannot be run (another architecture, a library missing) is as good as none; no time left is not. */
    return status == TELEAI_TIMEOUT || status == TELEAI_CANCELLED ? status : TELEAI_OK;
}

static teleai_status visit(struct search *search, const char *folder) {
    teleai__programs found;
    if (!join(found.initdb, folder, "initdb") || !join(found.postgres, folder, "postgres") ||
        !join(found.pg_ctl, folder, "pg_ctl"))
        return TELEAI_OK;
    teleai_status status = ask_version(search, found.pg_ctl, &found.major);
    if (status != TELEAI_OK)
        return status;
    bool wanted = search->major == 0 ? found.major >= OLDEST_MAJOR : found.major == search->major;
    if (wanted && found.major > search->best->major)
        *search->best = found;
    if (!wanted && found.major > search->seen) {
        search->seen = found.major;
        snprintf(search->seen_in, sizeof search->seen_in, "%s", folder);
    }
    return TELEAI_OK;
}

static teleai_status visit_places(struct search *search) {
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        glob_t found;
        if (glob(places[i], GLOB_NOSORT, NULL, &found) == 0)
            for (size_t j = 0; j < found.gl_pathc && status == TELEAI_OK; j++)
                status = visit(search, found.gl_pathv[j]);
        globfree(&found);
        if (status != TELEAI_OK || search->best->major != 0)
            return status;
    }
    return TELEAI_OK;
}

static teleai_status visit_path(struct search *search) {
    const char *path = trusted_variable("PATH");
    teleai_status status = TELEAI_OK;
    while (path != NULL && *path != '\0' && status == TELEAI_OK && search->best->major == 0) {
        size_t length = strcspn(path, ":");
        char folder[TELEAI__PATH_BYTES];
        if (*path == '/' && length < sizeof folder) {
            memcpy(folder, path, length);
            folder[length] = '\0';
            status = visit(search, folder);
        }
        path += length + (path[length] == ':');
    }
    return status;
}

static teleai_status fail_not_found(const struct search *search, const char *chosen) {
    static const char how[] =
        "install PostgreSQL's server (Debian, Ubuntu: apt-get install postgresql; Fedora, RHEL: dnf "
        "install postgresql-server; macOS: brew install postgresql)";
    if (search->seen > 0 && search->major != 0)
        return teleai__fail(
            search->error, TELEAI_UNSUPPORTED,
            "local: the folder was made by PostgreSQL %d, but %.80s has PostgreSQL %d: install version %d's "
            "server beside it (or set TELEAI_PG_BINDIR to its programs), or dump and restore as docs/local.md "
            "shows; nothing was touched",
            search->major, search->seen_in, search->seen, search->major);
    if (search->seen > 0)
        return teleai__fail(search->error, TELEAI_UNSUPPORTED,
                            "local: PostgreSQL %d in %.100s is too old: install version %d or newer", search->seen,
                            search->seen_in, OLDEST_MAJOR);
    if (chosen != NULL)
        return teleai__fail(
            search->error, TELEAI_UNSUPPORTED,
            "local: TELEAI_PG_BINDIR names %.120s, which has no initdb, postgres and pg_ctl that can be run: "
            "correct it or unset it to search the usual places",
            chosen);
    if (search->major != 0)
        return teleai__fail(
            search->error, TELEAI_UNSUPPORTED,
            "local: the folder was made by PostgreSQL %d, and no PostgreSQL was found: %s, version %d, or set "
            "TELEAI_PG_BINDIR",
            search->major, how, search->major);
    return teleai__fail(search->error, TELEAI_UNSUPPORTED,
                        "local: no PostgreSQL was found: %s, or set TELEAI_PG_BINDIR to the folder of its programs",
                        how);
}

teleai_status teleai__programs_find(int major, const teleai__server_user *user, teleai__deadline deadline,
                                    teleai__programs *out, teleai_error *error) {
    out->major = 0;
    struct search search = {.major = major, .user = user, .deadline = deadline, .best = out, .error = error};
    const char *chosen = trusted_variable("TELEAI_PG_BINDIR");
    if (chosen != NULL && *chosen == '\0')
        chosen = NULL;
    teleai_status status;
    if (chosen != NULL) {
        char *real = realpath(chosen, NULL); /* the programs start in another folder than ours */
        status = real != NULL ? visit(&search, real) : TELEAI_OK;
        free(real);
    } else {
        status = visit_places(&search);
        if (status == TELEAI_OK && out->major == 0)
            status = visit_path(&search);
    }
    if (status == TELEAI_OK && out->major == 0)
        status = fail_not_found(&search, chosen);
    return status;
}
