// A batch as stored: 128-byte header, then one LZ4 frame of independent blocks without LZ4's own checksums, which are slow and would say
// nothing that the header's XXH3 does not.
#include "cfloor.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h> // makes XXH3_64bits the run-time dispatched kernel; the plain one of a distribution's library is SSE2
#else
#include <xxhash.h>
#endif

enum { SKIPPABLE_MAGIC = 0x184D2A51, BATCH_MAGIC = 0x524f4c46, HASHED_HEADER_BYTES = offsetof(batch_header, header_hash) };

static LZ4F_preferences_t preferences(size_t raw_length) {
    LZ4F_preferences_t p;
    memset(&p, 0, sizeof p);
    p.frameInfo.blockMode = LZ4F_blockIndependent;
    // One block a batch where that is possible.
    p.frameInfo.blockSizeID = raw_length <= 64 << 10    ? LZ4F_max64KB
                              : raw_length <= 256 << 10 ? LZ4F_max256KB
                              : raw_length <= 1 << 20   ? LZ4F_max1MB
                                                        : LZ4F_max4MB;
    return p;
}

size_t batch_bound(size_t raw_length) {
    LZ4F_preferences_t p = preferences(raw_length);
    return sizeof(batch_header) + LZ4F_compressFrameBound(raw_length, &p);
}

size_t batch_pack(const uint8_t *raw, size_t raw_length, uint32_t count, uint64_t first_seq, uint8_t *out, size_t capacity) {
    LZ4F_preferences_t p = preferences(raw_length);
    uint8_t *stored = out + sizeof(batch_header);
    size_t stored_length = LZ4F_compressFrame(stored, capacity - sizeof(batch_header), raw, raw_length, &p);
    if (LZ4F_isError(stored_length)) fail_plainly(LZ4F_getErrorName(stored_length));
    batch_header header = {
        .skippable_magic = SKIPPABLE_MAGIC,
        .skippable_length = sizeof header - 8,
        .magic = BATCH_MAGIC,
        .count = count,
        .raw_length = (uint32_t)raw_length,
        .stored_length = (uint32_t)stored_length,
        .first_seq = first_seq,
        .stored_hash = XXH3_64bits(stored, stored_length),
    };
    header.header_hash = XXH3_64bits(&header, HASHED_HEADER_BYTES);
    memcpy(out, &header, sizeof header);
    return sizeof header + stored_length;
}

struct batch_reader {
    LZ4F_dctx *context;
    uint8_t *raw;
    size_t raw_capacity;
};

batch_reader *batch_reader_create(size_t raw_length_max) {
    batch_reader *reader = allocate(sizeof *reader);
    if (LZ4F_isError(LZ4F_createDecompressionContext(&reader->context, LZ4F_VERSION))) fail_plainly("LZ4 context");
    // Room for a whole block more than the batch: then LZ4 decodes into this buffer instead of copying from one of its own.
    size_t block = raw_length_max <= 64 << 10 ? 64 << 10 : raw_length_max <= 256 << 10 ? 256 << 10 : 4 << 20;
    reader->raw_capacity = raw_length_max + block;
    reader->raw = allocate(reader->raw_capacity + BATCH_SLACK);
    return reader;
}

const uint8_t *batch_unpack(batch_reader *reader, const uint8_t *bytes, size_t available, batch_header *header) {
    if (available < sizeof *header) return NULL;
    memcpy(header, bytes, sizeof *header);
    // The header's own hash first: no length is believed before.
    if (header->magic != BATCH_MAGIC || XXH3_64bits(header, HASHED_HEADER_BYTES) != header->header_hash) return NULL;
    const uint8_t *stored = bytes + sizeof *header;
    if (header->stored_length > available - sizeof *header || header->raw_length > reader->raw_capacity) return NULL;
    if (XXH3_64bits(stored, header->stored_length) != header->stored_hash) return NULL;
    size_t made = reader->raw_capacity, used = header->stored_length;
    size_t hint = LZ4F_decompress(reader->context, reader->raw, &made, stored, &used, NULL);
    if (hint != 0 || made != header->raw_length || used != header->stored_length) return NULL;
    return reader->raw;
}
