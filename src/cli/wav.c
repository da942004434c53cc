/*
 * The chunks of a WAV file. They are read here and not by libavformat, which takes odd chunks beside the sound for damage, and
 * what follows the sound for sound where its length is not known. Sources: "Multimedia Programming Interface and Data Specifications 1.0" (IBM, Microsoft, 1991),
 * EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64).
 */
#include "cli/wav.h"

#include <string.h>
#include <unistd.h>

enum { LEAST_FORMAT = 14, MOST_FORMAT = 40, MOST_CHUNKS = 100000, LOOK_BYTES = 1 << 16, EXTENSIBLE = 0xfffe };
enum { GSM_BLOCK_BYTES = 65, GSM_BLOCK_SAMPLES = 320 };
#define NEAR_LIMIT UINT32_C(0x7fff0000) /* sizes from here on are put there by programs that do not know yet */

typedef struct reader {
    int file;
    bool big_endian;
    int64_t size, data_bytes; /* of the file; of the sound, by a chunk ds64, or -1 */
} reader;

static uint32_t number(const reader *of, const uint8_t *at, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)at[i] << 8 * (of->big_endian ? bytes - 1 - i : i);
    return value;
}

/* The name and size of the chunk at a place; false when none can begin there. */
static bool chunk_at(const reader *of, int64_t at, char *name, uint32_t *bytes) {
    uint8_t head[8];
    if (at + 8 > of->size || pread(of->file, head, sizeof head, at) != sizeof head)
        return false;
    for (int i = 0; i < 4; i++)
        if (head[i] < 0x20 || head[i] > 0x7e)
            return false;
    memcpy(name, head, 4);
    *bytes = number(of, head + 4, 4);
    return true;
}

/* Whether a whole chunk is at a place. */
static bool has_chunk(const reader *of, int64_t at) {
    char name[4];
    uint32_t bytes;
    return chunk_at(of, at, name, &bytes) && at + 8 + (int64_t)bytes <= of->size + 1; /* a byte to pad may be missing */
}

/* Where the next chunk begins: at an even place, which some programs forget. */
static int64_t behind(const reader *of, int64_t end) {
    return end % 2 == 0 || (!has_chunk(of, end + 1) && has_chunk(of, end)) ? end : end + 1;
}

/* How the sound is coded. */
typedef struct coding {
    uint32_t tag, bits; /* of a sample; 0: any */
    const char *codec;
    bool samples; /* each for itself, in so many bits */
    bool blocks;  /* of bytes, that hold so many samples each */
} coding;

static const coding codings[] = {
    {1, 8, "pcm_u8", true, false},    {1, 16, "pcm_s16", true, false}, {1, 24, "pcm_s24", true, false},
    {1, 32, "pcm_s32", true, false},  {1, 64, "pcm_s64", true, false}, {3, 32, "pcm_f32", true, false},
    {3, 64, "pcm_f64", true, false},  {6, 8, "pcm_alaw", true, false}, {7, 8, "pcm_mulaw", true, false},
    {0x31, 0, "gsm_ms", false, true}, {2, 0, "adpcm_ms", false, true}, {0x11, 0, "adpcm_ima_wav", false, true},
    {0x20, 0, "adpcm_yamaha", 0, 0},  {0x22, 0, "truespeech", 0, 0},   {0x42, 0, "g723_1", 0, 0},
    {0x45, 0, "adpcm_g726", 0, 0},    {0x14, 0, "adpcm_g726", 0, 0},   {0x40, 0, "adpcm_g726", 0, 0},
    {0x64, 0, "adpcm_g726", 0, 0},    {0x65, 0, "adpcm_g722", 0, 0},   {0x28f, 0, "adpcm_g722", 0, 0},
    {0x50, 0, "mp2", 0, 0},           {0x55, 0, "mp3", 0, 0},          {0x83, 0, "g729", 0, 0},
};

static const coding *coding_of(uint32_t tag, uint32_t bits) {
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
        if (codings[i].tag == tag && (codings[i].bits == 0 || codings[i].bits == (bits + 7) / 8 * 8))
            return &codings[i];
    return NULL;
}

static bool read_format(const reader *of, int64_t at, uint32_t bytes, wav *out) {
    uint8_t text[MOST_FORMAT] = {0};
    size_t there = bytes < MOST_FORMAT ? bytes : MOST_FORMAT;
    if (there < LEAST_FORMAT || pread(of->file, text, there, at) != (ssize_t)there)
        return false;
    out->tag = number(of, text, 2);
    out->channels = number(of, text + 2, 2);
    out->rate_hz = number(of, text + 4, 4);
    out->bytes_per_second = number(of, text + 8, 4);
    out->block_bytes = number(of, text + 12, 2);
    if (out->tag == EXTENSIBLE && there == MOST_FORMAT)
        out->tag = number(of, text + 24, 2); /* the first part of its GUID */
    uint32_t bits = number(of, text + 14, 2);
    if (bits == 0 && out->channels > 0) /* some leave that to the size of a frame */
        bits = out->block_bytes / out->channels * 8;
    const coding *found = coding_of(out->tag, bits);
    out->codec = found == NULL ? NULL : found->codec;
    if (found != NULL && found->samples) {
        out->block_samples = 1;
        out->block_bytes = out->channels * (found->bits / 8);
    } else if (found != NULL && found->blocks) {
        out->block_samples = there >= 20 ? number(of, text + 18, 2) : 0;
        bool is_gsm = strcmp(found->codec, "gsm_ms") == 0; /* whose header is not always filled in */
        if (is_gsm && out->block_samples == 0)
            out->block_samples = GSM_BLOCK_SAMPLES;
        if (is_gsm && out->block_bytes < GSM_BLOCK_BYTES)
            out->block_bytes = GSM_BLOCK_BYTES;
    }
    return out->rate_hz > 0 && out->rate_hz <= INT32_MAX && out->channels > 0;
}

static bool is_silent(const reader *of, int64_t from) {
    uint8_t some[LOOK_BYTES];
    ssize_t got;
    for (; (got = pread(of->file, some, sizeof some, from)) > 0; from += got)
        for (ssize_t i = 0; i < got; i++)
            if (some[i] != 0)
                return false;
    return true;
}

/* What is there of the sound that begins at a place: as much as is said, or all up to the end where what follows is no
 * chunk, nor mere filling, but more of it: the header was not written to the end. */
static void weigh(const reader *of, int64_t at, uint32_t said, wav *out) {
    int64_t left = of->size - at, wanted = of->data_bytes >= 0 && said == UINT32_MAX ? of->data_bytes : (int64_t)said;
    bool is_known = of->data_bytes >= 0 || said < NEAR_LIMIT || wanted <= left;
    if (!is_known || wanted > left) {
        out->said_bytes = is_known ? wanted : -1;
        out->there_bytes = left;
        return;
    }
    int64_t next = behind(of, at + wanted);
    bool ends = of->size - next < 8 || is_silent(of, at + wanted) || has_chunk(of, next);
    out->said_bytes = wanted;
    out->there_bytes = ends ? wanted : left;
}

bool wav_is(int file) {
    uint8_t head[12];
    return pread(file, head, sizeof head, 0) == sizeof head && memcmp(head + 8, "WAVE", 4) == 0 &&
           (memcmp(head, "RIFF", 4) == 0 || memcmp(head, "RIFX", 4) == 0 || memcmp(head, "RF64", 4) == 0 ||
            memcmp(head, "BW64", 4) == 0);
}

bool wav_read(int file, int64_t size, wav *out) {
    reader of = {.file = file, .size = size, .data_bytes = -1};
    uint8_t head[12];
    *out = (wav){.said_bytes = -1};
    if (pread(file, head, sizeof head, 0) != sizeof head)
        return false;
    out->big_endian = of.big_endian = memcmp(head, "RIFX", 4) == 0;
    bool has_format = false;
    char name[4];
    uint32_t bytes;
    int64_t at = sizeof head;
    for (int i = 0; i < MOST_CHUNKS && chunk_at(&of, at, name, &bytes); i++) {
        uint8_t sizes[16];
        at += 8;
        if (memcmp(name, "fmt ", 4) == 0)
            has_format = read_format(&of, at, bytes, out);
        else if (memcmp(name, "ds64", 4) == 0 && pread(file, sizes, sizeof sizes, at) == sizeof sizes)
            of.data_bytes = (int64_t)((uint64_t)number(&of, sizes + 12, 4) << 32 | number(&of, sizes + 8, 4));
        else if (memcmp(name, "fact", 4) == 0 && bytes >= 4 && pread(file, sizes, 4, at) == 4)
            out->fact = number(&of, sizes, 4);
        if (memcmp(name, "data", 4) == 0) {
            weigh(&of, at, bytes, out);
            return has_format;
        }
        at = behind(&of, at + (int64_t)bytes);
    }
    return false;
}

/* A header of 64 bits may say any number: no more than this, which no recording has. */
#define MOST_UNITS (INT64_MAX / 4)

static int64_t at_most(int64_t value, int64_t times) { return value > MOST_UNITS / times ? MOST_UNITS : value * times; }

static int64_t ms_of(int64_t units, int64_t per_second) {
    return at_most(units / per_second, 1000) + units % per_second * 1000 / per_second;
}

int64_t wav_ms(const wav *of, int64_t bytes) {
    if (of->block_bytes == 0 || of->block_samples == 0)
        return of->bytes_per_second > 0 ? ms_of(bytes, of->bytes_per_second) : -1;
    int64_t samples = at_most(bytes / of->block_bytes, of->block_samples);
    bool is_cut = of->block_samples > 1 && of->fact > 0 && samples - of->fact < of->block_samples;
    if (is_cut && of->fact < samples) /* the last block is filled up */
        samples = of->fact;
    return ms_of(samples, of->rate_hz);
}

int64_t wav_bit_rate(const wav *of) {
    return of->block_samples > 0 ? (int64_t)of->block_bytes * 8 * of->rate_hz / of->block_samples
                                 : (int64_t)of->bytes_per_second * 8;
}
