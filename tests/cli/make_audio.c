/* Makes sound for the tests, by libavformat: make_audio FILE FORMAT ENCODER [RATE [CHANNELS [SECONDS]]]; a second where that is
 * not said. Exits with 77 where the library has no such encoder. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

static void must(int result, const char *what) {
    if (result >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, av_err2str(result));
    exit(1);
}

/* A tone, in whatever form the encoder takes samples. */
static void fill(AVFrame *frame, int64_t from) {
    int channels = frame->ch_layout.nb_channels;
    for (int i = 0; i < frame->nb_samples; i++) {
        double value = 0.3 * sin((double)(from + i) * 440 * 6.283185 / frame->sample_rate);
        for (int c = 0; c < channels; c++) {
            int planar = av_sample_fmt_is_planar(frame->format), at = planar ? i : i * channels + c;
            uint8_t *data = frame->extended_data[planar ? c : 0];
            switch (av_get_packed_sample_fmt(frame->format)) {
            case AV_SAMPLE_FMT_S16:
                ((int16_t *)data)[at] = (int16_t)(value * 32767);
                break;
            case AV_SAMPLE_FMT_S32:
                ((int32_t *)data)[at] = (int32_t)(value * 2147483647);
                break;
            case AV_SAMPLE_FMT_FLT:
                ((float *)data)[at] = (float)value;
                break;
            default:
                exit(77);
            }
        }
    }
}

static void encode(AVCodecContext *codec, const AVFrame *frame, AVFormatContext *to, const AVStream *stream) {
    AVPacket *packet = av_packet_alloc();
    must(avcodec_send_frame(codec, frame), "encoding");
    while (avcodec_receive_packet(codec, packet) >= 0) {
        av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
        packet->stream_index = stream->index;
        must(av_interleaved_write_frame(to, packet), "writing");
    }
    av_packet_free(&packet);
}

int main(int count, char **words) {
    if (count < 4)
        return 2;
    int rate = count > 4 ? atoi(words[4]) : 48000, channels = count > 5 ? atoi(words[5]) : 2;
    int seconds = count > 6 ? atoi(words[6]) : 1;
    const AVCodec *encoder = avcodec_find_encoder_by_name(words[3]);
    AVFormatContext *to = NULL;
    if (encoder == NULL || avformat_alloc_output_context2(&to, NULL, words[2], words[1]) < 0)
        return 77;
    AVCodecContext *codec = avcodec_alloc_context3(encoder);
    codec->sample_rate = rate;
    codec->sample_fmt = encoder->sample_fmts[0];
    codec->bit_rate = 64000;
    codec->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    codec->time_base = (AVRational){1, rate};
    av_channel_layout_default(&codec->ch_layout, channels);
    if (to->oformat->flags & AVFMT_GLOBALHEADER)
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    must(avcodec_open2(codec, encoder, NULL), "the encoder");
    AVStream *stream = avformat_new_stream(to, NULL);
    stream->time_base = codec->time_base;
    must(avcodec_parameters_from_context(stream->codecpar, codec), "parameters");
    must(avio_open(&to->pb, words[1], AVIO_FLAG_WRITE), words[1]);
    must(avformat_write_header(to, NULL), "the header");
    AVFrame *frame = av_frame_alloc();
    int size = codec->frame_size > 0 ? codec->frame_size : 1024;
    for (int64_t at = 0; at < (int64_t)rate * seconds; at += size) {
        frame->nb_samples = size;
        frame->format = codec->sample_fmt;
        frame->sample_rate = rate;
        av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout);
        must(av_frame_get_buffer(frame, 0), "memory");
        fill(frame, at);
        frame->pts = at;
        encode(codec, frame, to, stream);
        av_frame_unref(frame);
    }
    encode(codec, NULL, to, stream);
    must(av_write_trailer(to), "the end");
    av_frame_free(&frame);
    avio_closep(&to->pb);
    avcodec_free_context(&codec);
    avformat_free_context(to);
    return 0;
}
