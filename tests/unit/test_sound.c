/* cli/wav and cli/ogg: headers that say more than any recording has. How long real ones are, tests/cli/check_lengths.sh tells. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ogg.h"
#include "cli/wav.h"

/* Until the next one. */
static int file_of(const void *bytes, size_t size) {
    static FILE *file;
    if (file != NULL)
        fclose(file);
    file = tmpfile();
    cr_assert(file != NULL && fwrite(bytes, 1, size, file) == size && fflush(file) == 0);
    return fileno(file);
}

static void put(unsigned char *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> 8 * i);
}

static int64_t said_ms(uint64_t said, unsigned tag, unsigned rate, unsigned block_samples) {
    unsigned char text[96] = "RF64\xff\xff\xff\xffWAVEds64\x1c";
    put(text + 28, said, 8);
    memcpy(text + 48, "fmt \x14", 5);
    put(text + 56, tag, 2);
    put(text + 58, 1, 2); /* channels */
    put(text + 60, rate, 4);
    put(text + 64, rate, 4);
    put(text + 68, 1, 2);
    put(text + 70, 8, 2);
    put(text + 74, block_samples, 2);
    memcpy(text + 76, "data\xff\xff\xff\xff", 8);
    wav read;
    cr_assert(wav_read(file_of(text, sizeof text), sizeof text, &read) && read.said_bytes == (int64_t)said);
    return wav_ms(&read, read.said_bytes);
}

Test(sound, wav_of_any_length) {
    cr_assert(said_ms(8000, 1, 8000, 0) == 1000);
    cr_assert(said_ms(INT64_MAX, 1, 1, 0) > INT64_MAX / 8); /* PCM: a sample a second */
    cr_assert(said_ms(INT64_MAX, 2, 1, 65535) > INT64_MAX / 8);
    cr_assert(said_ms(INT64_MAX, 0x20, 1, 0) > INT64_MAX / 8);
}

/* A page with one piece. */
static size_t page(unsigned char *out, int kind, int64_t until, uint32_t serial, const char *body, size_t bytes) {
    memset(out, 0, 27);
    memcpy(out, "OggS", 4);
    out[5] = (unsigned char)kind;
    put(out + 6, (uint64_t)until, 8);
    put(out + 14, serial, 4);
    out[26] = 1;
    out[27] = (unsigned char)bytes;
    memcpy(out + 28, body, bytes);
    return 28 + bytes;
}

Test(sound, ogg_of_any_length) {
    static const char head[] = "\1vorbis\0\0\0\0\2\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xb8\1"; /* a sample a second */
    unsigned char text[4 * 200];
    size_t size = 0;
    int64_t ms;
    for (uint32_t i = 0; i < 4; i++) {
        size += page(text + size, 2, 0, i, head, sizeof head - 1);
        size += page(text + size, 0, 1, i, "x", 1);
        size += page(text + size, 4, INT64_MAX / 1000, i, "x", 1);
    }
    cr_assert(ogg_chain(file_of(text, size), (int64_t)size, &ms) == 4);
    cr_assert(ms > INT64_MAX / 8, "%lld", (long long)ms);
}
