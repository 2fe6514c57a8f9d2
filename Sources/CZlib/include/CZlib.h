// Streaming inflate through zlib, without its struct: the state lives on the C side and steps are told in numbers.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A stream that is being decompressed.
typedef struct clotus_inflater clotus_inflater;

/// What one step led to.
typedef enum {
    CLOTUS_INFLATE_MORE = 0,   // wants more input or more room
    CLOTUS_INFLATE_END = 1,    // a member or stream ended, its checksum was right
    CLOTUS_INFLATE_DAMAGED = 2 // the bytes are not what the format says
} clotus_inflate_result;

/// A new stream: gzip members if `gzip` is not 0, else raw deflate as in a zip. Null without memory.
clotus_inflater *clotus_inflater_make(int gzip);

/// Decompresses a stretch; says how much input it used and how much output it made.
clotus_inflate_result clotus_inflater_step(clotus_inflater *inflater, const void *input, size_t input_count,
                                           size_t *used, void *output, size_t output_count, size_t *made);

/// Makes it ready for the next member.
void clotus_inflater_reset(clotus_inflater *inflater);

/// Gives its memory back.
void clotus_inflater_free(clotus_inflater *inflater);

/// Where `byte` first stands, or -1.
ptrdiff_t clotus_find_byte(const void *bytes, uint8_t byte, size_t count);

/// CRC-32 of the zip format, going on from `seed` (0 at the start).
uint32_t clotus_crc32(uint32_t seed, const void *bytes, size_t count);
