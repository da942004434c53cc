/* base/files and base/hash: files that are written once, hashed, and read back. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"

static char place[64], path[96];
static teleai__files folder;
static teleai__file file;
static teleai_error error;

static void set_up(void) {
    snprintf(place, sizeof place, "/tmp/teleai_files_XXXXXX");
    cr_assert(mkdtemp(place) != NULL);
    snprintf(path, sizeof path, "%s/out", place);
    file.handle = -1;
}

static void tear_down(void) {
    char command[256];
    teleai__file_close(&file);
    teleai__files_close(&folder);
    snprintf(command, sizeof command, "chmod -R u+rwX '%s' && rm -rf '%s'", place, place);
    cr_assert(system(command) == 0);
}

TestSuite(files, .init = set_up, .fini = tear_down, .timeout = 60);

static void fails(teleai_status status, teleai_status expected, const char *name) {
    cr_assert(status == expected, "%s: %s", teleai_status_name(status), error.message);
    cr_assert(strncmp(error.message, "test: ", 6) == 0 && strstr(error.message, name) != NULL, "%s", error.message);
}

static mode_t mode_of(const char *name) {
    char of[160];
    struct stat found;
    snprintf(of, sizeof of, "%s/%s", path, name);
    cr_assert(stat(of, &found) == 0);
    return found.st_mode & 07777;
}

Test(files, the_hash_is_sha256) {
    /* FIPS 180-2, appendix B. */
    teleai__sha256 hash;
    char text[TELEAI__SHA256_BYTES];
    teleai__sha256_begin(&hash);
    teleai__sha256_end(&hash, text);
    cr_assert_str_eq(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    teleai__sha256_begin(&hash);
    teleai__sha256_add(&hash, "a", 1);
    teleai__sha256_add(&hash, "bc", 2);
    teleai__sha256_end(&hash, text);
    cr_assert_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(files, what_is_written_is_read_with_the_same_hash) {
    static const size_t sizes[] = {0, 1, TELEAI__FILE_PIECE - 1, TELEAI__FILE_PIECE, 3 * TELEAI__FILE_PIECE + 7};
    cr_assert(teleai__files_make(&folder, "test", path, &error) == TELEAI_OK, "%s", error.message);
    cr_assert(mode_of(".") == 0700);
    unsigned char *bytes = malloc(4 * TELEAI__FILE_PIECE);
    for (size_t i = 0; i < 4 * TELEAI__FILE_PIECE; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 251);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        char name[8], written[TELEAI__SHA256_BYTES], read[TELEAI__SHA256_BYTES];
        snprintf(name, sizeof name, "f%zu", s);
        cr_assert(teleai__file_make(&file, &folder, name, &error) == TELEAI_OK, "%s", error.message);
        for (size_t at = 0, some = 1; at < sizes[s]; at += some, some = 2 * some + 1) {
            some = at + some > sizes[s] ? sizes[s] - at : some;
            cr_assert(teleai__file_write(&file, bytes + at, some, &error) == TELEAI_OK, "%s", error.message);
        }
        cr_assert(file.bytes == (int64_t)sizes[s]);
        cr_assert(teleai__file_finish(&file, written, &error) == TELEAI_OK && file.handle == -1);
        cr_assert(mode_of(name) == 0600);
        int64_t size = -1;
        size_t count = 1, at = 0;
        cr_assert(teleai__file_open(&file, &folder, name, &size, &error) == TELEAI_OK, "%s", error.message);
        cr_assert(size == (int64_t)sizes[s]);
        while (count > 0) {
            cr_assert(teleai__file_read(&file, &count, &error) == TELEAI_OK, "%s", error.message);
            cr_assert(memcmp(file.buffer, bytes + at, count) == 0);
            at += count;
        }
        cr_assert(at == sizes[s] && file.bytes == size);
        teleai__sha256_end(&file.hash, read);
        cr_assert_str_eq(read, written);
        teleai__file_close(&file);
    }
    free(bytes);
    cr_assert(teleai__files_sync(&folder, &error) == TELEAI_OK);
}

Test(files, nothing_that_is_there_is_overwritten) {
    cr_assert(teleai__files_make(&folder, "test", path, &error) == TELEAI_OK);
    cr_assert(teleai__file_make(&file, &folder, "a", &error) == TELEAI_OK);
    cr_assert(teleai__file_finish(&file, NULL, &error) == TELEAI_OK);
    fails(teleai__file_make(&file, &folder, "a", &error), TELEAI_ALREADY_EXISTS, "a");
    teleai__files second = {.handle = -1};
    fails(teleai__files_make(&second, "test", path, &error), TELEAI_ALREADY_EXISTS, path);
    cr_assert_str_eq(error.field, "folder");
    /* The folder stays while somebody else's file is in it. */
    teleai__files_remove(&folder);
    cr_assert(access(path, F_OK) == 0);
    teleai__files_remove_file(&folder, "a");
    teleai__files_remove(&folder);
    cr_assert(access(path, F_OK) != 0);
}

Test(files, what_cannot_be_read_is_refused) {
    int64_t size;
    fails(teleai__files_open(&folder, "test", path, &error), TELEAI_NOT_FOUND, path);
    cr_assert(teleai__files_make(&folder, "test", path, &error) == TELEAI_OK);
    fails(teleai__file_open(&file, &folder, "none", &size, &error), TELEAI_NOT_FOUND, "none");
    cr_assert(mkdirat(folder.handle, "folder", 0700) == 0);
    fails(teleai__file_open(&file, &folder, "folder", &size, &error), TELEAI_INVALID_ARGUMENT, "folder");
    cr_assert(mkfifoat(folder.handle, "pipe", 0600) == 0);
    fails(teleai__file_open(&file, &folder, "pipe", &size, &error), TELEAI_INVALID_ARGUMENT, "pipe");
    cr_assert(symlinkat("/etc/passwd", folder.handle, "link") == 0);
    fails(teleai__file_open(&file, &folder, "link", &size, &error), TELEAI_INVALID_ARGUMENT, "link");
    char deep[160];
    snprintf(deep, sizeof deep, "%s/none/out", place);
    teleai__files other = {.handle = -1};
    fails(teleai__files_make(&other, "test", deep, &error), TELEAI_INVALID_ARGUMENT, deep);
}

Test(files, a_full_disk_is_told) {
    int full = open("/dev/full", O_WRONLY);
    if (full < 0)
        cr_skip_test("no /dev/full");
    cr_assert(teleai__files_make(&folder, "test", path, &error) == TELEAI_OK);
    cr_assert(teleai__file_make(&file, &folder, "a", &error) == TELEAI_OK);
    cr_assert(dup2(full, file.handle) == file.handle);
    close(full);
    cr_assert(teleai__file_write(&file, "some", 4, &error) == TELEAI_OK, "it is in the buffer");
    fails(teleai__file_finish(&file, NULL, &error), TELEAI_UNAVAILABLE, "a: No space left");
}
