#include "CZlib.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct clotus_inflater {
    z_stream stream;
};

clotus_inflater *clotus_inflater_make(int gzip) {
    clotus_inflater *inflater = calloc(1, sizeof *inflater);
    if (!inflater) return NULL;
    // 15 bits of window; 16 more asks for the gzip wrapper, a negative number for none.
    if (inflateInit2(&inflater->stream, gzip ? 15 + 16 : -15) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

clotus_inflate_result clotus_inflater_step(clotus_inflater *inflater, const void *input, size_t input_count,
                                           size_t *used, void *output, size_t output_count, size_t *made) {
    z_stream *stream = &inflater->stream;
    uInt in_count = input_count > UINT_MAX ? UINT_MAX : (uInt)input_count;
    uInt out_count = output_count > UINT_MAX ? UINT_MAX : (uInt)output_count;
    stream->next_in = (Bytef *)(uintptr_t)input;
    stream->avail_in = in_count;
    stream->next_out = output;
    stream->avail_out = out_count;
    int result = inflate(stream, Z_NO_FLUSH);
    *used = in_count - stream->avail_in;
    *made = out_count - stream->avail_out;
    if (result == Z_STREAM_END) return CLOTUS_INFLATE_END;
    // No progress is no damage: the caller brings more input or more room.
    if (result == Z_OK || result == Z_BUF_ERROR) return CLOTUS_INFLATE_MORE;
    return CLOTUS_INFLATE_DAMAGED;
}

void clotus_inflater_reset(clotus_inflater *inflater) { inflateReset(&inflater->stream); }

void clotus_inflater_free(clotus_inflater *inflater) {
    if (!inflater) return;
    inflateEnd(&inflater->stream);
    free(inflater);
}

ptrdiff_t clotus_find_byte(const void *bytes, uint8_t byte, size_t count) {
    const char *found = count > 0 ? memchr(bytes, byte, count) : NULL;
    return found ? found - (const char *)bytes : -1;
}

uint32_t clotus_crc32(uint32_t seed, const void *bytes, size_t count) {
    uLong crc = seed;
    const Bytef *at = bytes;
    while (count > 0) {
        uInt part = count > UINT_MAX ? UINT_MAX : (uInt)count;
        crc = crc32(crc, at, part);
        at += part;
        count -= part;
    }
    return (uint32_t)crc;
}
