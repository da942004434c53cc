/* What a file of sound is, told from its content. All of libavformat that the command uses is behind this. */
#ifndef TELEAI_CLI_AUDIO_H
#define TELEAI_CLI_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct audio {
    char mime_type[16]; /* one of the six that the schema allows */
    char codec[32];
    int64_t duration_ms; /* 0: not known, or there is no sound in it */
    int32_t sample_rate_hz, channels, bit_rate_bps;
    char note[100]; /* what its header says otherwise than it is; "": nothing */
} audio;

/* Whether the command was built with libavformat, without which nothing can be told. */
bool audio_can_read(void);

/* Reads what is needed of the file. False when it is none of the six, or is damaged; `why` says so then. */
bool audio_read(int file, int64_t bytes, audio *out, char *why, size_t room);

#endif
