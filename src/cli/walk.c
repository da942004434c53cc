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

static void add(found_files *to, const char *path, int64_t bytes, const char *why) {
    if (to->count == to->room) {
        size_t room = to->room * 2 + 256;
        found_file *items = realloc(to->items, room * sizeof *items);
        to->no_memory |= items == NULL;
        if (items == NULL)
            return;
        to->items = items;
        to->room = room;
    }
    found_file made = {strdup(path), bytes, why == NULL ? NULL : strdup(why)};
    if (made.path == NULL || (why != NULL && made.why == NULL)) {
        to->no_memory = true;
        free(made.path);
        free(made.why);
        return;
    }
    to->items[to->count++] = made;
    to->bytes += bytes;
}

static int is_shown(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void walk_into(found_files *to, const char *path, bool named);

static void walk_folder(found_files *to, const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, is_shown, by_name);
    if (count < 0)
        add(to, path, 0, strerror(errno));
    for (int i = 0; i < count; i++) {
        char inside[PATH_MAX];
        int length = snprintf(inside, sizeof inside, "%s/%s", strcmp(path, "/") == 0 ? "" : path, entries[i]->d_name);
        if (length >= (int)sizeof inside)
            add(to, path, 0, "a path in it is too long");
        else if (!interrupted())
            walk_into(to, inside, false);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* `named`: on the command line. */
static void walk_into(found_files *to, const char *path, bool named) {
    struct stat status;
    bool is_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
    bool is_there = stat(path, &status) == 0;
    if (!is_there) {
        add(to, path, 0, is_link ? "a link that leads nowhere" : strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        if (named || !is_link) /* a link may lead back up */
            walk_folder(to, path);
    } else if (!S_ISREG(status.st_mode)) {
        add(to, path, 0, "no plain file");
    } else {
        char *real = is_link ? realpath(path, NULL) : NULL;
        add(to, real != NULL ? real : path, (int64_t)status.st_size, status.st_size == 0 ? "empty" : NULL);
        free(real);
    }
}

void walk(found_files *to, const char *path) {
    char *real = realpath(path, NULL);
    if (real == NULL)
        add(to, path, 0, strerror(errno));
    else
        walk_into(to, real, true);
    free(real);
}

void found_files_free(found_files *files) {
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].why);
    }
    free(files->items);
    *files = (found_files){0};
}
