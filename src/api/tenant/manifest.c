#include "api/tenant/manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define LARGEST_BYTES (INT64_C(256) << 20) /* the settings of a tenant may be large */

static teleai_status refuse(const teleai__files *folder, const char *what, teleai_error *error) {
    return teleai__fail_field(error, "folder", "%s: " TELEAI__MANIFEST " is not that of an export: %.200s",
                              folder->name, what);
}

/* ---- values ---- */

/* The text with its quotes: none of ours has an escape in it. */
static bool is(const teleai__json_slice *slice, const char *text) {
    size_t length = strlen(text);
    return slice->length == length + 2 && slice->start[0] == '"' && memcmp(slice->start + 1, text, length) == 0;
}

static bool take_number(const teleai__json_slice *slice, int64_t *out) {
    if (slice->length == 0 || slice->length > 18)
        return false;
    *out = 0;
    for (size_t i = 0; i < slice->length; i++) {
        if (slice->start[i] < '0' || slice->start[i] > '9')
            return false;
        *out = *out * 10 + (slice->start[i] - '0');
    }
    return true;
}

static bool take_hash(const teleai__json_slice *slice, char *out) {
    if (slice->length != TELEAI__SHA256_BYTES + 1 || slice->start[0] != '"')
        return false;
    memcpy(out, slice->start + 1, TELEAI__SHA256_BYTES - 1);
    out[TELEAI__SHA256_BYTES - 1] = '\0';
    return strspn(out, "0123456789abcdef") == TELEAI__SHA256_BYTES - 1;
}

/* ---- the whole ---- */

/* One member of "files". Its name is the one that an export gives it, so nothing outside the folder is ever read. */
static const char *read_file(teleai__manifest *it, const teleai__json_slice *given) {
    const char *at = given->start;
    teleai__json_slice name, value, table = {0}, file = {0}, rows = {0}, bytes = {0}, sha256 = {0};
    if (*at != '{')
        return "\"files\" holds something other than objects";
    while (teleai__json_next(&at, &name, &value)) {
        teleai__json_slice *place = is(&name, "table")    ? &table
                                    : is(&name, "file")   ? &file
                                    : is(&name, "rows")   ? &rows
                                    : is(&name, "bytes")  ? &bytes
                                    : is(&name, "sha256") ? &sha256
                                                          : NULL;
        if (place != NULL)
            *place = value;
    }
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++) {
        if (!is(&table, teleai__tenant_tables[i]))
            continue;
        if (it->tables[i].is_there)
            return "it names a table twice";
        it->tables[i].is_there = true;
        if (!is(&file, teleai__tenant_files[i]))
            return "a file has another name than its table";
        if (!take_number(&rows, &it->tables[i].rows) || !take_number(&bytes, &it->tables[i].bytes))
            return "a file has no number of rows or bytes";
        return take_hash(&sha256, it->tables[i].sha256) ? NULL : "a file has no SHA-256";
    }
    return "it names a table that has no place in it";
}

/* NULL: fine; else what is wrong with it. */
static const char *take_apart(teleai__manifest *it) {
    const char *at = it->text;
    teleai__json_slice name, value, files = {0}, format = {0}, format_version = {0}, schema_version = {0};
    while (teleai__json_next(&at, &name, &value)) {
        teleai__json_slice *place = is(&name, "format")           ? &format
                                    : is(&name, "format_version") ? &format_version
                                    : is(&name, "schema_version") ? &schema_version
                                    : is(&name, "tenant")         ? &it->tenant
                                    : is(&name, "files")          ? &files
                                                                  : NULL;
        if (place != NULL)
            *place = value;
    }
    int64_t version = 0;
    if (!is(&format, TELEAI__MANIFEST_FORMAT))
        return "\"format\" is not \"" TELEAI__MANIFEST_FORMAT "\"";
    if (!take_number(&format_version, &version) || version != TELEAI__MANIFEST_VERSION)
        return "\"format_version\" is one that this version of the library does not know";
    if (!take_number(&schema_version, &it->schema_version))
        return "\"schema_version\" is missing";
    if (it->tenant.length == 0 || it->tenant.start[0] != '{')
        return "\"tenant\" is missing";
    if (files.length == 0 || files.start[0] != '[')
        return "\"files\" is missing";
    const char *wrong = NULL;
    for (at = files.start; wrong == NULL && teleai__json_next(&at, NULL, &value);)
        wrong = read_file(it, &value);
    for (int i = 0; wrong == NULL && i < TELEAI__TENANT_TABLE_COUNT; i++)
        if (!it->tables[i].is_there)
            wrong = "a table is missing";
    return wrong;
}

static teleai_status read_text(teleai__manifest *it, const teleai__files *folder, teleai__file *file, int64_t size,
                               teleai_error *error) {
    if (size > LARGEST_BYTES)
        return refuse(folder, "it is too large", error);
    it->text = malloc((size_t)size + 1);
    if (it->text == NULL)
        return teleai__fail_memory(error);
    for (size_t count = 1; count > 0;) {
        teleai_status status = teleai__file_read(file, &count, error);
        if (status != TELEAI_OK)
            return status;
        if (it->bytes + count > (size_t)size)
            return refuse(folder, "somebody is writing it", error);
        memcpy(it->text + it->bytes, file->buffer, count);
        it->bytes += count;
    }
    it->text[it->bytes] = '\0';
    return TELEAI_OK;
}

static teleai_status look_at_files(const teleai__manifest *it, const teleai__files *folder, teleai__file *file,
                                   teleai_error *error) {
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++) {
        int64_t size = 0;
        teleai_status status = teleai__file_open(file, folder, teleai__tenant_files[i], &size, error);
        teleai__file_close(file);
        if (status == TELEAI_NOT_FOUND)
            return teleai__fail_field(error, "folder", "%s: %s is missing", folder->name, teleai__tenant_files[i]);
        if (status != TELEAI_OK)
            return status;
        if (size != it->tables[i].bytes)
            return teleai__fail_field(error, "folder",
                                      "%s: %s is damaged: it has %" PRId64 " bytes; %" PRId64 " were written",
                                      folder->name, teleai__tenant_files[i], size, it->tables[i].bytes);
    }
    return TELEAI_OK;
}

teleai_status teleai__manifest_read(teleai__manifest *it, const teleai__files *folder, teleai__file *file,
                                    teleai_error *error) {
    int64_t size = 0;
    teleai_status status = teleai__file_open(file, folder, TELEAI__MANIFEST, &size, error);
    if (status == TELEAI_OK)
        status = read_text(it, folder, file, size, error);
    teleai__file_close(file);
    if (status != TELEAI_OK)
        return status;
    teleai__json_problem problem;
    if (!teleai__json_check(it->text, it->bytes, TELEAI__JSON_OBJECT, &problem))
        return refuse(folder, problem.text, error);
    const char *wrong = take_apart(it);
    return wrong != NULL ? refuse(folder, wrong, error) : look_at_files(it, folder, file, error);
}

void teleai__manifest_free(teleai__manifest *it) {
    free(it->text);
    it->text = NULL;
}
