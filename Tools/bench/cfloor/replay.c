// Replay of a segment that lies in memory: verify, decompress, decode, fold. CPU time, because nothing here waits for anything.
#include "cfloor.h"
#include "fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { ROUNDS = 7 };

typedef struct {
    uint8_t *bytes;
    size_t size, capacity;
    uint32_t batches;
    size_t raw_length_max;
} segment;

static void segment_add(segment *s, const uint8_t *raw, size_t raw_length, uint32_t count, uint64_t first_seq) {
    size_t needed = s->size + batch_bound(raw_length);
    if (needed > s->capacity) {
        s->capacity = needed * 2;
        s->bytes = realloc(s->bytes, s->capacity);
        if (!s->bytes) fail("out of memory");
    }
    s->size += batch_pack(raw, raw_length, count, first_seq, s->bytes + s->size, s->capacity - s->size);
    s->batches++;
    if (raw_length > s->raw_length_max) s->raw_length_max = raw_length;
}

// Encodes a batch of rows and makes sure that it gives the same rows back: a codec that loses something is faster for nothing.
static size_t encode_checked(const uint8_t *rows, size_t size, uint8_t *encoded, uint8_t *restored, varint_state *state) {
    size_t length = varint_encode(rows, size, encoded, state);
    memset(encoded + length, 0, BATCH_SLACK);
    if (varint_restore(encoded, length, state, restored) != size || memcmp(rows, restored, size))
        fail_plainly("varint-delta does not give back what it took");
    return length;
}

// Both layouts cut batches at the same events, after `block` bytes of rows: they differ in nothing but the layout.
static segment build(const event_file *events, bool varint, size_t block) {
    segment s = {0};
    size_t records_max = block / sizeof(trade_event) + 1;
    uint8_t *encoded = allocate(records_max * VARINT_RECORD_MAX + BATCH_SLACK), *restored = allocate(block);
    varint_state *state = allocate(sizeof *state);
    const uint8_t *start = events->bytes, *end = start + events->size, *next = start;
    uint64_t first_seq = 1;
    uint32_t count = 0;
    while (start < end) {
        record_header header = {0};
        if (next < end) memcpy(&header, next, sizeof header);
        size_t length = sizeof header + header.length, size = (size_t)(next - start);
        if (next < end && size + length <= block) {
            next += length;
            count++;
            continue;
        }
        if (varint) segment_add(&s, encoded, encode_checked(start, size, encoded, restored, state), count, first_seq);
        else segment_add(&s, start, size, count, first_seq);
        first_seq += count;
        count = 0;
        start = next;
    }
    free(encoded);
    free(restored);
    free(state);
    return s;
}

static uint32_t replay(const segment *s, bool varint, batch_reader *reader, varint_state *state, fold *f) {
    uint32_t events = 0;
    for (size_t at = 0; at < s->size;) {
        batch_header header;
        const uint8_t *raw = batch_unpack(reader, s->bytes + at, s->size - at, &header);
        if (!raw) fail_plainly("a batch does not verify");
        uint32_t count = varint ? varint_fold(raw, header.raw_length, state, f) : fold_rows(f, raw, header.raw_length);
        if (count != header.count) fail_plainly("a batch is malformed");
        events += count;
        at += sizeof header + header.stored_length;
    }
    return events;
}

int run_replay(int count, char **arguments) {
    bool varint = !strcmp(arguments[1], "varint");
    if (!varint && strcmp(arguments[1], "row")) fail_plainly("LAYOUT is row or varint");
    size_t block = count > 2 ? number_argument(arguments[2], 4096, 4 << 20) : BATCH_BYTES;
    event_file events = event_file_load(arguments[0]);
    segment s = build(&events, varint, block);
    batch_reader *reader = batch_reader_create(s.raw_length_max);
    varint_state *state = allocate(sizeof *state);

    // What the fold must come to, without segment and codec.
    fold expected = {0};
    fold_rows(&expected, events.bytes, events.size);

    double rate[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) { // the first one warms up
        fold f = {0};
        double cpu = cpu_seconds();
        uint32_t seen = replay(&s, varint, reader, state, &f);
        cpu = cpu_seconds() - cpu;
        if (seen != events.count || memcmp(&f, &expected, sizeof f)) fail_plainly("the fold came out differently");
        if (round >= 0) rate[round] = events.count / cpu;
    }
    spread r = spread_of(rate, ROUNDS);
    printf("{\"bench\":\"replay\",\"layout\":\"%s\",\"events\":%u,\"block\":%zu,\"batches\":%u,\"rounds\":%d,\"events_per_s\":%.0f,"
           "\"events_per_s_min\":%.0f,\"events_per_s_max\":%.0f,\"cpu_ns_per_event\":%.2f,\"bytes_per_event\":%.3f,\"fold\":\"%016llx\"}\n",
           arguments[1], events.count, block, s.batches, ROUNDS, r.median, r.low, r.high, 1e9 / r.median, (double)s.size / events.count,
           (unsigned long long)XXH3_64bits(&expected, sizeof expected));
    return 0;
}
