/* What a WAV file holds, told by its chunks: RIFF, RIFX, RF64 and BW64. */
#ifndef TELEAI_CLI_WAV_H
#define TELEAI_CLI_WAV_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wav {
    const char *codec; /* as libavcodec calls it; NULL: one that we do not know, of this number: */
    uint32_t tag;
    bool big_endian;
    int64_t said_bytes;  /* of sound, as the header has it; -1: it does not know */
    int64_t there_bytes; /* that are there */
    int64_t fact;        /* samples, as the header has it beside; 0: it does not say */
    uint32_t rate_hz, channels, bytes_per_second, block_bytes, block_samples;
} wav;

/* Whether a file says that it is one. */
bool wav_is(int file);
/* Reads the chunks. False when they have no format, or no sound. */
bool wav_read(int file, int64_t size, wav *out);
/* How long so many bytes of sound are; -1 when that cannot be told. */
int64_t wav_ms(const wav *of, int64_t bytes);
/* Bits a second; 0 when that cannot be told. */
int64_t wav_bit_rate(const wav *of);

#endif
