/* Reads WAV files (RIFF) that hold 16-bit PCM. */
#ifndef EXAMPLES_WAV_H
#define EXAMPLES_WAV_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct wav {
    int32_t sample_rate_hz;
    int32_t channels;
    int64_t file_bytes;
    int64_t duration_ms;
    size_t sample_count; /* of all channels together */
    int16_t *samples;    /* free() it; NULL when only the header was asked for */
} wav;

static inline uint32_t wav_number(const uint8_t *bytes, int count) {
    uint32_t number = 0;
    for (int i = count - 1; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
}

/* Does the work of wav_read() on an open file. */
static inline const char *wav_parse(FILE *file, wav *out, int with_samples) {
    enum { PCM = 1, EXTENSIBLE = 0xFFFE };
    uint8_t head[12], format[40] = {0};
    if (fseek(file, 0, SEEK_END) != 0 || (out->file_bytes = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        return "the file cannot be read";
    if (fread(head, 1, 12, file) != 12 || memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WAVE", 4) != 0)
        return "this is no WAV file (no RIFF/WAVE header)";

    for (;;) {
        if (fread(head, 1, 8, file) != 8)
            return "the WAV file holds no sound (no data chunk)";
        uint32_t size = wav_number(head + 4, 4);
        if (memcmp(head, "data", 4) == 0) {
            /* Recorders that were cut off, or that write to a pipe, leave a size that is larger than the file. */
            int64_t left = out->file_bytes - ftell(file);
            out->sample_count = (size_t)((int64_t)size < left ? (int64_t)size : left) / 2;
            break;
        }
        size_t wanted = memcmp(head, "fmt ", 4) != 0 ? 0 : size < sizeof format ? size : sizeof format;
        if (fread(format, 1, wanted, file) != wanted)
            return "the WAV file ends within its header";
        /* Chunks begin at even places. */
        if (fseek(file, (long)(size - wanted) + (long)(size & 1), SEEK_CUR) != 0)
            return "the file cannot be read";
    }

    uint32_t kind = wav_number(format, 2);
    if (kind == EXTENSIBLE)
        kind = wav_number(format + 24, 2);
    out->channels = (int32_t)wav_number(format + 2, 2);
    out->sample_rate_hz = (int32_t)wav_number(format + 4, 4);
    if (kind != PCM || wav_number(format + 14, 2) != 16 || out->channels <= 0 || out->sample_rate_hz <= 0)
        return "only 16-bit PCM is understood, this WAV file holds something else";
    out->duration_ms = (int64_t)(out->sample_count / (size_t)out->channels) * 1000 / out->sample_rate_hz;
    if (!with_samples)
        return NULL;

    out->samples = malloc(out->sample_count * sizeof *out->samples + 1);
    if (out->samples == NULL)
        return "not enough memory for this file";
    out->sample_count = fread(out->samples, sizeof *out->samples, out->sample_count, file);
    const uint8_t *bytes = (const uint8_t *)out->samples;
    for (size_t i = 0; i < out->sample_count; i++) /* WAV is little-endian, whatever this machine is */
        out->samples[i] = (int16_t)wav_number(bytes + 2 * i, 2);
    return NULL;
}

/* Reads a file's header and, if asked, its samples. Returns NULL, or what is wrong with the file. */
static inline const char *wav_read(const char *path, wav *out, int with_samples) {
    memset(out, 0, sizeof *out);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return "the file cannot be opened";
    const char *problem = wav_parse(file, out, with_samples);
    fclose(file);
    return problem;
}

#endif
