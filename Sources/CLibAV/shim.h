#ifndef REMASTER_CLIBAV_SHIM_H
#define REMASTER_CLIBAV_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>

/* Macros that Swift cannot import. */
static const int remaster_error_again = AVERROR(EAGAIN);
static const int remaster_error_no_memory = AVERROR(ENOMEM);
static const int remaster_error_end_of_file = AVERROR_EOF;
static const int remaster_error_invalid_data = AVERROR_INVALIDDATA;
static const int remaster_error_exit = AVERROR_EXIT;
static const int remaster_error_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int64_t remaster_no_pts = AV_NOPTS_VALUE;

/* A four-character code in the byte order of AVCodecParameters.codec_tag. */
static inline uint32_t remaster_tag(char a, char b, char c, char d) { return MKTAG(a, b, c, d); }

/* Pointer to the planes of a frame as the array it is (Swift imports fixed arrays as tuples). */
static inline uint8_t *remaster_frame_data(const AVFrame *frame, int plane) { return frame->data[plane]; }
static inline int remaster_frame_linesize(const AVFrame *frame, int plane) { return frame->linesize[plane]; }
static inline const AVComponentDescriptor *remaster_component(const AVPixFmtDescriptor *descriptor, int component) {
    return &descriptor->comp[component];
}
static inline AVStream *remaster_stream(const AVFormatContext *context, unsigned index) { return context->streams[index]; }
static inline AVChapter *remaster_chapter(const AVFormatContext *context, unsigned index) { return context->chapters[index]; }

/* The channels of a layout, as text; 0 on success. */
static inline int remaster_describe_layout(const AVCodecParameters *parameters, char *text, size_t size) {
    int written = av_channel_layout_describe(&parameters->ch_layout, text, size);
    return written < 0 ? written : 0;
}
static inline int remaster_channel_count(const AVCodecParameters *parameters) { return parameters->ch_layout.nb_channels; }

/* Sets a chapter list: the library frees what av_malloc gave. */
static inline AVChapter *remaster_add_chapter(AVFormatContext *context) {
    AVChapter *chapter = av_mallocz(sizeof(AVChapter));
    if (!chapter) return NULL;
    AVChapter **list = av_realloc_array(context->chapters, context->nb_chapters + 1, sizeof(*list));
    if (!list) {
        av_free(chapter);
        return NULL;
    }
    context->chapters = list;
    list[context->nb_chapters++] = chapter;
    return chapter;
}

/* The entries of a format list end with this. */
static inline int remaster_set_sink_format(AVFilterContext *sink, enum AVPixelFormat format) {
    const enum AVPixelFormat formats[] = {format, AV_PIX_FMT_NONE};
    return av_opt_set_int_list(sink, "pix_fmts", formats, AV_PIX_FMT_NONE, AV_OPT_SEARCH_CHILDREN);
}

#endif
