/* Walking folders; see walk.h. */
#include "cli/walk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/interrupt.h"

static void add_file(found_files *to, const char *path, int64_t bytes, int64_t modified_us, const char *why) {
    if (to->count == to->room) {
        size_t room = to->room * 2 + 256;
        found_file *items = realloc(to->items, room * sizeof *items);
        to->no_memory |= items == NULL;
        if (items == NULL)
            return;
        to->items = items;
        to->room = room;
    }
    found_file made = {strdup(path), bytes, modified_us, why == NULL ? NULL : strdup(why)};
    if (made.path == NULL || (why != NULL && made.why == NULL)) {
        to->no_memory = true;
        free(made.path);
        free(made.why);
        return;
    }
    to->items[to->count++] = made;
    to->bytes += bytes;
}

static void add(found_files *to, const char *path, const char *why) { add_file(to, path, 0, 0, why); }

static int is_shown(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void walk_into(found_files *to, const char *path, bool named);

static void walk_folder(found_files *to, const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, is_shown, by_name);
    if (count < 0)
        add(to, path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char inside[PATH_MAX];
        int length = snprintf(inside, sizeof inside, "%s/%s", strcmp(path, "/") == 0 ? "" : path, entries[i]->d_name);
        if (length >= (int)sizeof inside)
            add(to, path, "a path in it is too long");
        else if (!interrupted())
            walk_into(to, inside, false);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

int64_t modified_us(const struct stat *of) {
    return (int64_t)of->st_mtim.tv_sec * 1000000 + of->st_mtim.tv_nsec / 1000;
}

/* `named`: on the command line. */
static void walk_into(found_files *to, const char *path, bool named) {
    struct stat status;
    bool is_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
    bool is_there = stat(path, &status) == 0;
    if (!is_there) {
        add(to, path, is_link ? "a link that leads nowhere" : strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        if (named || !is_link) /* a link may lead back up */
            walk_folder(to, path);
    } else if (!S_ISREG(status.st_mode)) {
        add(to, path, "no plain file");
    } else {
        char *real = is_link ? realpath(path, NULL) : NULL;
        add_file(to, real != NULL ? real : path, (int64_t)status.st_size, modified_us(&status),
                 status.st_size == 0 ? "empty" : NULL);
        free(real);
    }
}

bool walk(found_files *to, const char *path) {
    char *real = realpath(path, NULL);
    if (real == NULL)
        return false;
    walk_into(to, real, true);
    free(real);
    return true;
}

void found_files_free(found_files *files) {
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].why);
    }
    free(files->items);
    *files = (found_files){0};
}
