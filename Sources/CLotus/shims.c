#define _GNU_SOURCE
#include "CLotus.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The smallest block size that holds the batch in one block: fewer blocks, less work on both sides.
static LZ4F_preferences_t preferences(size_t count) {
    LZ4F_preferences_t p;
    memset(&p, 0, sizeof p);
    p.frameInfo.blockMode = LZ4F_blockIndependent;
    p.frameInfo.blockSizeID = count <= (64u << 10)    ? LZ4F_max64KB
                              : count <= (256u << 10) ? LZ4F_max256KB
                              : count <= (1u << 20)   ? LZ4F_max1MB
                                                      : LZ4F_max4MB;
    p.frameInfo.contentChecksumFlag = LZ4F_noContentChecksum;
    p.frameInfo.blockChecksumFlag = LZ4F_noBlockChecksum;
    return p;
}

size_t clotus_lz4_bound(size_t count) {
    LZ4F_preferences_t p = preferences(count);
    return LZ4F_compressFrameBound(count, &p);
}

size_t clotus_lz4_compress(const void *raw, size_t count, void *frame, size_t capacity) {
    LZ4F_preferences_t p = preferences(count);
    size_t length = LZ4F_compressFrame(frame, capacity, raw, count, &p);
    return LZ4F_isError(length) ? 0 : length;
}

struct clotus_lz4_context {
    LZ4F_dctx *frame;
};

clotus_lz4_context *clotus_lz4_create(void) {
    clotus_lz4_context *context = malloc(sizeof *context);
    if (!context) return NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context->frame, LZ4F_VERSION))) {
        free(context);
        return NULL;
    }
    return context;
}

void clotus_lz4_destroy(clotus_lz4_context *context) {
    if (!context) return;
    LZ4F_freeDecompressionContext(context->frame);
    free(context);
}

// The frame that every Lotus writer emits for a batch of up to one block: magic, FLG 0x60, BD, header checksum, one block, end mark.
// Decoding its block directly saves the frame machine, which costs more than the block itself for small batches. Returns 1 when the
// frame was of that shape and decoded, 0 to fall back on the general decoder, which also names what is wrong.
static int decompress_single_block(const uint8_t *frame, size_t frame_count, void *raw, size_t raw_count) {
    if (frame_count < 15 || raw_count > (4u << 20)) return 0;
    uint32_t magic, block, end;
    memcpy(&magic, frame, 4);
    memcpy(&block, frame + 7, 4);
    memcpy(&end, frame + frame_count - 4, 4);
    if (magic != 0x184D2204u || frame[4] != 0x60 || end != 0) return 0;
    // The header checksum is the second byte of XXH32 over FLG and BD.
    if (frame[6] != (uint8_t)(XXH32(frame + 4, 2, 0) >> 8)) return 0;
    unsigned code = frame[5] >> 4;
    if ((frame[5] & 0x8f) || code < 4 || code > 7) return 0;
    size_t block_max = (size_t)1 << (8 + 2 * code);
    size_t length = block & 0x7fffffffu;
    if (length != frame_count - 15 || raw_count > block_max) return 0;
    if (block >> 31) {
        if (length != raw_count) return 0;
        memcpy(raw, frame + 11, length);
        return 1;
    }
    return LZ4_decompress_safe((const char *)frame + 11, raw, (int)length, (int)raw_count) == (int)raw_count;
}

int clotus_lz4_decompress(clotus_lz4_context *context, const void *frame, size_t frame_count, void *raw, size_t raw_count) {
    if (decompress_single_block(frame, frame_count, raw, raw_count)) return 0;
    LZ4F_resetDecompressionContext(context->frame);
    const uint8_t *source = frame;
    uint8_t *target = raw;
    size_t used = 0, made = 0, hint = 1;
    while (hint != 0) {
        size_t take = frame_count - used, give = raw_count - made;
        hint = LZ4F_decompress(context->frame, target + made, &give, source + used, &take, NULL);
        if (LZ4F_isError(hint)) return -1;
        used += take;
        made += give;
        // No progress: the frame wants more input than there is, or more room than it was said to need.
        if (hint != 0 && take == 0 && give == 0) return -2;
    }
    if (made != raw_count) return -2;
    if (used != frame_count) return -3;
    return 0;
}

int clotus_futex_wait(const void *word, uint32_t expected, int64_t timeout_nanos) {
    struct timespec timeout = {timeout_nanos / 1000000000, timeout_nanos % 1000000000};
    long result = syscall(SYS_futex, word, FUTEX_WAIT, expected, timeout_nanos < 0 ? NULL : &timeout, NULL, 0);
    return result == 0 ? 0 : errno;
}

void clotus_futex_wake_all(const void *word) { syscall(SYS_futex, word, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0); }

int clotus_open(const char *path, int flags, unsigned int mode) { return open(path, flags, mode); }

int clotus_random(void *bytes, size_t count) {
    uint8_t *target = bytes;
    while (count > 0) {
        ssize_t got = getrandom(target, count, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        target += got;
        count -= (size_t)got;
    }
    return 0;
}

#ifndef LOTUS_COMMIT
#define LOTUS_COMMIT ""
#define LOTUS_MODIFIED 0
#endif

const char *clotus_commit(void) { return LOTUS_COMMIT; }

int clotus_is_modified(void) { return LOTUS_MODIFIED; }

void clotus_return_large_blocks(size_t bytes) {
    // Setting the threshold also turns off its growing with the largest block that was ever given back.
    (void)mallopt(M_MMAP_THRESHOLD, (int)bytes);
}

int clotus_keep_cores(unsigned int count) {
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return errno;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &cores)) continue;
        if (count > 0) count--;
        else CPU_CLR(core, &cores);
    }
    return sched_setaffinity(0, sizeof cores, &cores) == 0 ? 0 : errno;
}

unsigned int clotus_allowed_cores(void) {
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? (unsigned int)CPU_COUNT(&cores) : 1;
}
