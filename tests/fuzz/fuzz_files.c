/*
 * Files: migrations that are taken apart, the manifest of an export, and what PostgreSQL's programs leave in the folder of a
 * private server. --wrap puts the given bytes in the place of what is on the disk.
 */
#include <ctype.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/tenant/manifest.h"
#include "fuzz.h"
#include "local/lock_file.h"
#include "local/log.h"
#include "schema/migration_steps.h"

/* ---- migrations ---- */

static const char *skip_space(const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* Whether a part of a file has just these steps. */
static bool has_steps(const char *start, size_t length, const teleai__migration_step *items, size_t count) {
    static const char header[] = "-- teleai: step by step\n";
    char *text = malloc(sizeof header + length);
    MUST(text != NULL);
    memcpy(stpcpy(text, header), start, length);
    text[sizeof header - 1 + length] = '\0';
    teleai__migration_steps *steps = teleai__migration_split(text);
    MUST(steps != NULL);
    bool has = steps->count == count;
    for (size_t i = 0; has && i < count; i++)
        has = strcmp(steps->items[i].sql, items[i].sql) == 0;
    teleai__migration_steps_free(steps);
    free(text);
    return has;
}

/* The end of the first of these steps in the rest of a file: behind it are the others. Its text may stand in a comment
 * before it, too. NULL: not known, at the 20th. */
static const char *end_of_step(const char *rest, const teleai__migration_step *items, size_t count) {
    const char *found = strstr(rest, items->sql);
    for (int tries = 0; tries < 20; tries++, found = strstr(found + 1, items->sql)) {
        MUST(found != NULL);
        const char *end = found + strlen(items->sql);
        if (has_steps(rest, (size_t)(end - rest), items, 1) && has_steps(end, strlen(end), items + 1, count - 1))
            return end;
    }
    return NULL;
}

static void migration(const uint8_t *data, size_t size) {
    fuzz_bytes from = {data, size};
    char *file = fuzz_text(&from);
    teleai__migration_steps *steps = teleai__migration_split(file);
    const char *at = file;
    MUST(steps != NULL);
    bool stepwise = teleai__migration_is_stepwise(file);
    MUST(stepwise || (steps->count == 1 && strcmp(steps->items[0].sql, file) == 0));
    for (size_t i = 0; i < steps->count; i++) {
        const teleai__migration_step *step = &steps->items[i];
        MUST(strchr(step->description, '\n') == NULL && strchr(step->locks, '\n') == NULL);
        MUST(step->index == NULL || (step->alone && strstr(step->sql, step->index) != NULL));
        if (!stepwise)
            break;
        MUST(*skip_space(step->sql) != '\0');
        at = end_of_step(at, step, steps->count - i);
        if (at == NULL)
            break;
    }
    teleai__migration_steps_free(steps);
    free(file);
}

/* ---- the manifest of an export ---- */

static fuzz_bytes given;
static int64_t said_size; /* what the manifest says of the file that is looked at */
static const teleai__manifest *reading;

teleai_status __wrap_teleai__file_open(teleai__file *file, const teleai__files *folder, const char *name, int64_t *size,
                                       teleai_error *error);
teleai_status __wrap_teleai__file_open(teleai__file *file, const teleai__files *folder, const char *name, int64_t *size,
                                       teleai_error *error) {
    (void)file, (void)folder, (void)error;
    *size = (int64_t)given.left;
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        if (strcmp(name, teleai__tenant_files[i]) == 0)
            *size = reading->tables[i].bytes;
    said_size += *size;
    return TELEAI_OK;
}

teleai_status __wrap_teleai__file_read(teleai__file *file, size_t *count, teleai_error *error);
teleai_status __wrap_teleai__file_read(teleai__file *file, size_t *count, teleai_error *error) {
    (void)error;
    const uint8_t *some = fuzz_take_some(&given, 1000, count); /* in pieces */
    if (*count > 0)
        memcpy(file->buffer, some, *count);
    return TELEAI_OK;
}

void __wrap_teleai__file_close(teleai__file *file);
void __wrap_teleai__file_close(teleai__file *file) { (void)file; }

static void manifest(const uint8_t *data, size_t size) {
    static teleai__file file;
    teleai__manifest it = {0};
    teleai__files folder = {.name = "tenant_import", .handle = -1};
    teleai_error error = {0};
    given = (fuzz_bytes){data, size};
    reading = &it;
    teleai_status status = teleai__manifest_read(&it, &folder, &file, &error);
    MUST(status == TELEAI_OK || (status == TELEAI_INVALID_ARGUMENT && fuzz_is_text(error.message)));
    if (status == TELEAI_OK) {
        MUST(it.bytes == size && memcmp(it.text, data, size) == 0 && it.schema_version >= 0);
        MUST(it.tenant.start > it.text && it.tenant.start + it.tenant.length < it.text + it.bytes);
        MUST(it.tenant.start[0] == '{' && it.tenant.start[it.tenant.length - 1] == '}');
        for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
            MUST(it.tables[i].is_there && it.tables[i].rows >= 0 && it.tables[i].bytes >= 0 &&
                 strspn(it.tables[i].sha256, "0123456789abcdef") == 64);
    }
    teleai__manifest_free(&it);
}

/* ---- the folder of a private server ---- */

int __wrap_teleai__folder_file(const teleai__folder *folder, const char *name, int flags);
int __wrap_teleai__folder_file(const teleai__folder *folder, const char *name, int flags) {
    (void)folder, (void)name, (void)flags;
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(file != -1 && write(file, given.at, given.left) == (ssize_t)given.left && lseek(file, 0, SEEK_SET) == 0);
    return file;
}

static void private_server(const uint8_t *data, size_t size) {
    teleai__folder folder = {.descriptor = -1};
    teleai__log_line line;
    char text[TELEAI__LOCK_FILE_BYTES];
    given = (fuzz_bytes){data, size};
    size_t bytes = teleai__lock_file_read(&folder, TELEAI__PID_FILE, text);
    MUST(bytes < sizeof text && (bytes == size || size >= sizeof text));
    for (int i = 1; i < 10; i++) {
        const char *at = teleai__lock_file_line(text, i);
        MUST(at == NULL || (at >= text && at <= text + strlen(text) && (i == 1 || at[-1] == '\n')));
    }
    for (off_t from = 0; from <= (off_t)size + 1; from += 1 + (off_t)size / 4) {
        teleai__log_last(&folder, "log", from, &line);
        MUST(strlen(line.text) < sizeof line.text && strchr(line.text, '\n') == NULL);
        teleai_error error = {0};
        folder.path = (char[]){"/folder"};
        MUST(teleai__log_fail(&folder, "log", &line, "it does not start", &error) != TELEAI_OK);
        MUST(fuzz_is_text(error.message));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const readers[])(const uint8_t *, size_t) = {migration, manifest, private_server};
    if (size > 0)
        readers[(uint8_t)(data[0] - 'a') % 3](data + 1, size - 1);
    return 0;
}
