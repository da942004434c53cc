#include "cli/audio.h"

#ifdef TELEAI_HAVE_AVFORMAT

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "cli/ogg.h"
#include "cli/wav.h"

/* By how much a header and what is there may differ, which say when a sound begins and ends each in its own way. */
enum { SLACK_MS = 500 };

enum { BUFFER_BYTES = 1 << 16, PROBE_BYTES = 1 << 20, LEAST_SCORE = 10 };

/* Read through a descriptor, without a name: an ending cannot mislead, and no demuxer can be made to open something else. */
typedef struct source {
    int file;
    int64_t bytes;
} source;

static int read_some(void *opaque, uint8_t *to, int room) {
    const source *from = opaque;
    ssize_t got;
    do
        got = read(from->file, to, (size_t)room);
    while (got < 0 && errno == EINTR);
    return got > 0 ? (int)got : got == 0 ? AVERROR_EOF : AVERROR(errno);
}

static int64_t seek_to(void *opaque, int64_t offset, int whence) {
    const source *from = opaque;
    if (whence == AVSEEK_SIZE)
        return from->bytes;
    off_t at = lseek(from->file, offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : at;
}

bool audio_can_read(void) { return true; }

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* libavformat has one demuxer for Matroska and for WebM, which is a part of it: the header of the file tells. */
static bool is_webm(int file) {
    uint8_t head[64];
    ssize_t bytes = pread(file, head, sizeof head, 0);
    for (ssize_t i = 0; i + 7 <= bytes; i++)
        if (memcmp(head + i, "\x42\x82\x84webm", 7) == 0)
            return true;
    return false;
}

/* The media type that a codec has in a format; NULL: none of ours. */
static const char *media_type(const char *format, const char *codec, int file) {
    static const char *const in_ogg[] = {"vorbis", "opus", "flac", "speex", NULL};
    static const char *const in_webm[] = {"vorbis", "opus", NULL};
    if (strcmp(format, "mp3") == 0 && strncmp(codec, "mp", 2) == 0)
        return "audio/mpeg";
    if (strcmp(format, "ogg") == 0 && is_one_of(codec, in_ogg))
        return "audio/ogg";
    if (strcmp(format, "matroska,webm") == 0 && is_one_of(codec, in_webm) && is_webm(file))
        return "audio/webm";
    if ((strcmp(format, "aac") == 0 || strncmp(format, "mov,mp4", 7) == 0) && strcmp(codec, "aac") == 0)
        return "audio/aac";
    if (strcmp(format, "flac") == 0 && strcmp(codec, "flac") == 0)
        return "audio/flac";
    return NULL;
}

static bool fail(char *why, size_t room, const char *what) {
    snprintf(why, room, "%s", what);
    return false;
}

/* What the stream says of itself. */
static bool describe(const AVFormatContext *format, const AVStream *stream, int file, audio *out, char *why,
                     size_t room) {
    const AVCodecParameters *of = stream->codecpar;
    const char *codec = avcodec_get_name(of->codec_id), *type = media_type(format->iformat->name, codec, file);
    if (type == NULL) {
        snprintf(why, room, "%s in %s; MP3, WAV, Ogg, WebM, AAC or FLAC was expected", codec,
                 format->iformat->long_name);
        return false;
    }
    snprintf(out->mime_type, sizeof out->mime_type, "%s", type);
    snprintf(out->codec, sizeof out->codec, "%s", codec);
    out->sample_rate_hz = of->sample_rate;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(59, 24, 100)
    out->channels = of->ch_layout.nb_channels;
#else
    out->channels = of->channels;
#endif
    int64_t rate = of->bit_rate > 0 ? of->bit_rate : format->bit_rate;
    out->bit_rate_bps = rate > 0 && rate <= INT32_MAX ? (int32_t)rate : 0;
    return out->sample_rate_hz > 0 || fail(why, room, "damaged: there is no sound in it that could be played");
}

/* How long the sound is that is really there, in milliseconds: what the header says is not always so. -1: it ends in an
 * error. */
static int64_t measure(AVFormatContext *format, const AVStream *stream) {
    AVPacket *packet = av_packet_alloc();
    int64_t begin = AV_NOPTS_VALUE, end = 0, sum = 0;
    int result = packet == NULL ? AVERROR(ENOMEM) : 0;
    while (result >= 0 && (result = av_read_frame(format, packet)) >= 0) {
        if (packet->stream_index == stream->index) {
            sum += packet->duration;
            if (packet->pts != AV_NOPTS_VALUE) {
                if (begin == AV_NOPTS_VALUE)
                    begin = packet->pts;
                if (packet->pts + packet->duration > end)
                    end = packet->pts + packet->duration;
            }
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (result != AVERROR_EOF)
        return -1;
    int64_t spanned = begin == AV_NOPTS_VALUE || end < begin ? 0 : end - begin;
    return av_rescale_q(spanned > sum ? spanned : sum, stream->time_base, (AVRational){1, 1000});
}

#define SECONDS "%" PRId64 ".%03d s"
#define SECONDS_OF(ms) (ms) / 1000, (int)((ms) % 1000)

/* Takes the length that is there, where it goes with the one that the header promises (-1: it does not say), else that with
 * a note. False, having said why, when not all is there. */
static bool weigh(int64_t promised, int64_t there, audio *out, char *why, size_t room) {
    if (there < 0)
        return fail(why, room, "damaged: it cannot be read to its end");
    if (there + SLACK_MS < promised - promised / 20) {
        snprintf(why, room, "damaged: " SECONDS " are there of " SECONDS, SECONDS_OF(there), SECONDS_OF(promised));
        return false;
    }
    bool is_longer = there > promised + SLACK_MS;
    if (is_longer && promised >= 0)
        snprintf(out->note, sizeof out->note, "its header says " SECONDS ", and " SECONDS " are there",
                 SECONDS_OF(promised), SECONDS_OF(there));
    out->duration_ms = promised > 0 && !is_longer ? promised : there;
    return true;
}

/* One without any sound is a whole file, too. */
static bool read_wav(int file, int64_t bytes, audio *out, char *why, size_t room) {
    wav chunks;
    if (!wav_read(file, bytes, &chunks))
        return fail(why, room, "damaged: its chunks have no format, or no sound");
    if (chunks.codec == NULL) {
        snprintf(why, room, "format 0x%04x in WAV; PCM, A-law, mu-law, GSM or another for speech was expected",
                 (unsigned)chunks.tag);
        return false;
    }
    bool is_wide = strncmp(chunks.codec, "pcm_s", 5) == 0 || strncmp(chunks.codec, "pcm_f", 5) == 0;
    snprintf(out->mime_type, sizeof out->mime_type, "audio/wav");
    snprintf(out->codec, sizeof out->codec, "%s%s", chunks.codec, !is_wide ? "" : chunks.big_endian ? "be" : "le");
    int64_t rate = wav_bit_rate(&chunks);
    out->sample_rate_hz = (int32_t)chunks.rate_hz;
    out->channels = (int32_t)chunks.channels;
    out->bit_rate_bps = rate <= INT32_MAX ? (int32_t)rate : 0;
    int64_t promised = chunks.said_bytes < 0 ? -1 : wav_ms(&chunks, chunks.said_bytes);
    return weigh(promised, wav_ms(&chunks, chunks.there_bytes), out, why, room);
}

static bool read_stream(AVFormatContext *format, int file, int64_t bytes, audio *out, char *why, size_t room) {
    const AVStream *stream = NULL;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        const AVStream *each = format->streams[i];
        if (each->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && stream == NULL)
            stream = each;
        if (each->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (each->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0)
            return fail(why, room, "a video; a file of sound alone was expected");
    }
    if (stream == NULL)
        return fail(why, room, "there is no sound in it");
    if (!describe(format, stream, file, out, why, room))
        return false;
    bool is_guess =
        format->duration == AV_NOPTS_VALUE || format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
    int64_t promised = is_guess ? -1 : av_rescale(format->duration, 1000, AV_TIME_BASE), there;
    int links = ogg_chain(file, bytes, &there);
    if (links <= 1)
        there = measure(format, stream);
    else
        promised = -1; /* that is of one of them */
    if (!weigh(promised, there, out, why, room))
        return false;
    if (links > 1)
        snprintf(out->note, sizeof out->note, "%d recordings in a row, " SECONDS " together", links, SECONDS_OF(there));
    if (out->duration_ms == 0)
        return fail(why, room, "there is no sound in it");
    if (out->bit_rate_bps == 0 && bytes < INT64_MAX / 8000 && bytes * 8000 / out->duration_ms <= INT32_MAX)
        out->bit_rate_bps = (int32_t)(bytes * 8000 / out->duration_ms);
    return true;
}

/* Of the formats that libavformat knows only these are opened at all. */
static bool is_ours(const AVInputFormat *input) {
    static const char *const ours[] = {"mp3", "ogg", "matroska,webm", "aac", "flac", "mov,mp4,m4a,3gp,3g2,mj2", NULL};
    return is_one_of(input->name, ours);
}

static bool open_and_read(AVIOContext *io, int file, int64_t bytes, audio *out, char *why, size_t room) {
#if LIBAVFORMAT_VERSION_MAJOR >= 59
    const AVInputFormat *input = NULL;
#else
    AVInputFormat *input = NULL;
#endif
    int score = av_probe_input_buffer2(io, &input, NULL, NULL, 0, PROBE_BYTES);
    if (score < LEAST_SCORE || input == NULL)
        return fail(why, room, "not a file of sound");
    if (!is_ours(input)) {
        snprintf(why, room, "%s; MP3, WAV, Ogg, WebM, AAC or FLAC was expected", input->long_name);
        return false;
    }
    AVFormatContext *format = avformat_alloc_context();
    if (format == NULL)
        return fail(why, room, "out of memory");
    format->pb = io;
    format->flags |= AVFMT_FLAG_CUSTOM_IO;
    if (avformat_open_input(&format, NULL, input, NULL) < 0) /* which frees the context */
        return fail(why, room, "damaged: its header cannot be read");
    bool good = avformat_find_stream_info(format, NULL) >= 0 ? read_stream(format, file, bytes, out, why, room)
                                                             : fail(why, room, "damaged: no stream can be read");
    avformat_close_input(&format);
    return good;
}

bool audio_read(int file, int64_t bytes, audio *out, char *why, size_t room) {
    av_log_set_level(AV_LOG_QUIET);
    memset(out, 0, sizeof *out);
    if (wav_is(file))
        return read_wav(file, bytes, out, why, room);
    source from = {file, bytes};
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    AVIOContext *io =
        buffer == NULL ? NULL : avio_alloc_context(buffer, BUFFER_BYTES, 0, &from, read_some, NULL, seek_to);
    bool good = io == NULL ? fail(why, room, "out of memory") : open_and_read(io, file, bytes, out, why, room);
    if (io != NULL)
        av_freep(&io->buffer);
    else
        av_free(buffer);
    avio_context_free(&io);
    return good;
}

#else

bool audio_can_read(void) { return false; }

bool audio_read(int file, int64_t bytes, audio *out, char *why, size_t room) {
    (void)file, (void)bytes, (void)out, (void)why, (void)room;
    return false;
}

#endif
