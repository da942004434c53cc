/* Running PostgreSQL's programs; see program.h. */
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/words.h"

/* ---- finding ---- */

/* What `PROGRAM --version` tells as its major version; 0: it cannot be run. */
static int version_of(const char *path) {
    if (access(path, X_OK) != 0)
        return 0;
    int ends[2];
    if (pipe(ends) != 0)
        return 0;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(path, path, "--version", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    char text[128];
    ssize_t bytes = 0, got;
    while (bytes < (ssize_t)sizeof text - 1 &&
           ((got = read(ends[0], text + bytes, sizeof text - 1 - (size_t)bytes)) > 0 || (got < 0 && errno == EINTR)))
        bytes += got > 0 ? got : 0; /* once interrupted, we are woken again and again */
    text[bytes] = 0;
    close(ends[0]);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    const char *number = strstr(text, ") "); /* pg_dump (PostgreSQL) 15.18 (Debian ...) */
    return status == 0 && number != NULL ? (int)strtol(number + 2, NULL, 10) : 0;
}

typedef struct best {
    int version;
    char *path;
    size_t room;
} best;

static void look_in(best *so_far, const char *folder, size_t length, const char *name) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, name) >= (int)sizeof path)
        return;
    int version = version_of(path);
    if (version > so_far->version && strlen(path) < so_far->room) {
        so_far->version = version;
        memcpy(so_far->path, path, strlen(path) + 1);
    }
}

bool program_find(const char *name, char *out, size_t room) {
    static const char *const places[] = {
#include "postgres_places.inc"
    };
    const char *chosen = getenv("TELEAI_PG_BINDIR"), *path = getenv("PATH");
    best found = {0, out, room};
    if (chosen != NULL && *chosen != 0) {
        look_in(&found, chosen, strlen(chosen), name);
        if (found.version == 0)
            report("TELEAI_PG_BINDIR names %s, which has no %s that can be run", chosen, name);
        return found.version > 0;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        glob_t each;
        if (glob(places[i], 0, NULL, &each) == 0)
            for (size_t j = 0; j < each.gl_pathc; j++)
                look_in(&found, each.gl_pathv[j], strlen(each.gl_pathv[j]), name);
        globfree(&each);
    }
    while (path != NULL && *path != 0) {
        size_t length = strcspn(path, ":");
        if (*path == '/')
            look_in(&found, path, length, name);
        path += length + (path[length] == ':');
    }
    if (found.version == 0) {
        report("%s is not installed, or not in PATH", name);
        hint("Debian, Ubuntu: apt-get install postgresql-client; Fedora, RHEL: dnf install postgresql; macOS: brew "
             "install "
             "libpq. TELEAI_PG_BINDIR names another folder.");
    }
    return found.version > 0;
}

/* ---- where ---- */

static teleai_connection_settings *settings_of(const place *at) {
    teleai_connection_settings *settings = NULL;
    teleai_error error;
    if (teleai_connection_settings_read(at->connection, &settings, &error) != TELEAI_OK)
        fail_with(&error);
    return settings;
}

static size_t add_setting(char *to, const char *keyword, const char *value) {
    char *at = to + sprintf(to, "%s='", keyword);
    for (; *value != 0; value++) {
        if (*value == '\'' || *value == '\\')
            *at++ = '\\';
        *at++ = *value;
    }
    memcpy(at, "' ", 3);
    return (size_t)(at + 2 - to);
}

char *place_connection(const place *of) {
    teleai_connection_settings *settings = settings_of(of);
    if (settings == NULL)
        return NULL;
    size_t room = 32 + (of->database == NULL ? 0 : 2 * strlen(of->database)), length = 0;
    for (size_t i = 0; i < settings->count; i++)
        room += strlen(settings->items[i]->keyword) + 2 * strlen(settings->items[i]->value) + 8;
    char *made = calloc(1, room);
    for (size_t i = 0; made != NULL && i < settings->count; i++) {
        const teleai_connection_setting *each = settings->items[i];
        if (of->database == NULL || strcmp(each->keyword, "dbname") != 0)
            length += add_setting(made + length, each->keyword, each->value);
    }
    if (made != NULL && of->database != NULL)
        add_setting(made + length, "dbname", of->database);
    teleai_connection_settings_free(settings);
    return made;
}

void place_forget(char *connection) {
    for (volatile char *at = connection; at != NULL && *at != 0; at++)
        *at = 0;
    free(connection);
}

/* Whether they are of a private server, as teleai_local_status.connection tells them: libpq's variables, which are of
 * another database, are not for it. */
static bool is_private(const teleai_connection_settings *settings) {
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i]->keyword, "hostaddr") == 0 && settings->items[i]->value[0] == 0)
            return true;
    return false;
}

static void forget_other_databases(void) {
    for (char **each = environ; *each != NULL;) {
        size_t length = strcspn(*each, "=");
        char name[64];
        if (strncmp(*each, "PG", 2) == 0 && strncmp(*each, "PG_", 3) != 0 && length < sizeof name) {
            memcpy(name, *each, length);
            name[length] = 0;
            unsetenv(name); /* which moves those behind it up */
            continue;
        }
        each++;
    }
}

/* The environment of a program that is to connect there. What has no variable only tunes the connection and is left out,
 * but for the passphrase of a key. */
static bool set_environment(const place *at) {
    teleai_connection_settings *settings = settings_of(at);
    if (settings == NULL)
        return false;
    bool good = true;
    if (is_private(settings))
        forget_other_databases();
    for (size_t i = 0; good && i < settings->count; i++) {
        const teleai_connection_setting *each = settings->items[i];
        if (each->variable != NULL)
            good = setenv(each->variable, each->value, 1) == 0;
        else if (each->secret)
            good = false,
            report("%s cannot be handed to PostgreSQL's programs in secret; put it into a service file (PGSERVICE)",
                   each->keyword);
    }
    if (good && at->database != NULL)
        good = setenv("PGDATABASE", at->database, 1) == 0;
    teleai_connection_settings_free(settings);
    return good;
}

/* ---- running ---- */

/* In the child. */
static void become(const char *const *arguments, const place *at) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (at == NULL || set_environment(at))
        execv(arguments[0], (char *const *)(uintptr_t)arguments);
    else
        return;
    report("%s cannot be run: %s", arguments[0], strerror(errno));
}

void program_become(const char *const *arguments, const place *at) {
    fflush(NULL);
    become(arguments, at);
}

bool program_start(run *it) {
    int ends[2];
    it->process = 0;
    it->last[0] = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        report("a pipe cannot be made: %s", strerror(errno));
        return false;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        dup2(it->into != 0 ? it->into : ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        umask(077); /* what it writes is for the owner alone */
        setenv("LC_MESSAGES", "C", 1);
        unsetenv("LC_ALL");
        if (it->uninterrupted)
            setpgid(0, 0);
        become(it->arguments, it->at);
        _exit(127);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        report("%s cannot be run: %s", it->arguments[0], strerror(errno));
        return false;
    }
    it->process = child;
    it->output = ends[0];
    if (!it->uninterrupted)
        interrupts_end(child);
    return true;
}

static bool tells_error(const char *line) {
    return strstr(line, "error:") != NULL || strstr(line, "ERROR:") != NULL || strstr(line, "FATAL:") != NULL;
}

static void take_line(run *it, char *line) {
    if (*line != 0 && !tells_error(it->last))
        snprintf(it->last, sizeof it->last, "%.*s", (int)sizeof it->last - 1, line);
    if (it->line != NULL)
        it->line(it->data, line);
}

static void read_lines(run *it) {
    char text[4096];
    size_t length = 0;
    for (;;) {
        struct pollfd readable = {.fd = it->output, .events = POLLIN};
        int ready = poll(&readable, 1, 100);
        if (ready == 0 && it->line != NULL)
            it->line(it->data, NULL);
        if (ready <= 0)
            continue;
        ssize_t got = read(it->output, text + length, sizeof text - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += (size_t)got;
        text[length] = 0;
        char *begin = text;
        for (char *end; (end = strchr(begin, '\n')) != NULL; begin = end + 1) {
            *end = 0;
            take_line(it, begin);
        }
        length -= (size_t)(begin - text);
        memmove(text, begin, length + 1);
        if (length == sizeof text - 1) { /* a line without end */
            take_line(it, text);
            length = 0;
        }
    }
    if (length > 0)
        take_line(it, text);
}

int program_wait(run *it) {
    read_lines(it);
    close(it->output);
    int status = 0;
    while (waitpid(it->process, &status, 0) < 0 && errno == EINTR)
        ;
    interrupts_end(0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool program_run(run *it, const char *what) {
    if (!program_start(it))
        return false;
    int code = program_wait(it);
    if (code == 0)
        return true;
    if (interrupted() && !it->uninterrupted)
        report("interrupted");
    else
        report("%s: %s", what, it->last[0] != 0 ? it->last : "it ended without an error message");
    return false;
}

/* ---- psql ---- */

static void take_answer(void *data, char *line) {
    psql_answer *to = data;
    if (line == NULL || to->text[0] != 0)
        return;
    snprintf(to->text, sizeof to->text, "%.*s", (int)sizeof to->text - 1, line);
}

bool psql_try(const place *at, const char *sql, bool uninterrupted, psql_answer *out) {
    char psql[PATH_MAX];
    out->text[0] = 0;
    if (!program_find("psql", psql, sizeof psql))
        return false;
    const char *const arguments[] = {psql, "-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-c", sql, NULL};
    run it = {.arguments = arguments, .at = at, .uninterrupted = uninterrupted, .line = take_answer, .data = out};
    if (!program_start(&it))
        return false;
    int code = program_wait(&it);
    if (code != 0)
        snprintf(out->text, sizeof out->text, "%s", it.last);
    return code == 0;
}

bool psql_ask(const place *at, const char *sql, psql_answer *out) {
    if (psql_try(at, sql, false, out))
        return true;
    report("%s", interrupted() ? "interrupted" : out->text);
    return false;
}
