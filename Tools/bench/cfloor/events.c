// Plausible market events, the same for a seed at each run: 70 % trades, 20 % book snapshots of 20 levels, 10 % detector scores, on 16
// instruments of which some are far busier than others. What makes them a fair load for a compressor is that they repeat as real ones do:
// prices walk in ticks, lot sizes cluster, books change at one to four levels; and that the nanoseconds do not repeat at all.
//
// The order of the random draws is part of the format: moving one changes every byte behind it. Logarithms and cosines come from the C
// library, so another library may differ in a last bit; `cfloor gen` prints a hash to tell.
#include "cfloor.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

struct event_source {
    uint64_t random[4];
    uint64_t seq;
    int64_t event_ns;
    double activity[INSTRUMENTS]; // share of events up to and including this instrument
    int64_t ticks[INSTRUMENTS];   // last price
    uint64_t trade_id[INSTRUMENTS];
    book_event book[INSTRUMENTS];
    double score[INSTRUMENTS];
};

// ---- randomness: xoshiro256**, seeded by splitmix64 ----

static uint64_t rotate_left(uint64_t x, int n) { return x << n | x >> (64 - n); }

static uint64_t draw(event_source *source) {
    uint64_t *s = source->random;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

static void seed_random(event_source *source, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15;
        uint64_t z = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        source->random[i] = z ^ z >> 31;
    }
}

static double uniform(event_source *source) { return (double)(draw(source) >> 11) * 0x1p-53; }

static double above_zero(event_source *source) { return uniform(source) + 1e-12; } // for logarithms

static double normal(event_source *source) {
    double radius = sqrt(-2 * log(above_zero(source)));
    return radius * cos(6.283185307179586 * uniform(source));
}

// Log-normal, and nearly every second time a round number, as people trade.
static uint32_t lots(event_source *source) {
    uint32_t n = (uint32_t)exp(normal(source) * 1.1 + 1.2) + 1;
    return uniform(source) < 0.45 ? (n + 9) / 10 * 10 : n;
}

// ---- events ----

event_source *event_source_create(uint64_t seed) {
    event_source *source = calloc(1, sizeof *source);
    if (!source) fail("out of memory");
    seed_random(source, seed);
    source->event_ns = 1767225600000000000; // 2026-01-01
    double sum = 0;
    for (int i = 0; i < INSTRUMENTS; i++) {
        sum += 1.0 / (i + 1); // Zipf
        source->activity[i] = sum;
        source->ticks[i] = 5000 + (int64_t)(draw(source) % 20000);
        source->trade_id[i] = 1000000ull * (unsigned)(i + 1);
        book_event *book = &source->book[i];
        book->instrument = (uint32_t)i + 1;
        book->venue = (uint16_t)(i % 4);
        book->depth = BOOK_LEVELS;
        for (int level = 0; level < BOOK_LEVELS; level++) {
            book->offset[level] = level < 10 ? -(level + 1) : level - 9;
            book->quantity[level] = lots(source) * (uint32_t)(1 + level % 10);
        }
    }
    for (int i = 0; i < INSTRUMENTS; i++) source->activity[i] /= sum;
    return source;
}

static size_t emit(uint8_t *record, uint8_t type, const void *payload, uint16_t length) {
    record_header header = {length, type, 1, 0x1000u + type};
    memcpy(record, &header, sizeof header);
    memcpy(record + sizeof header, payload, length);
    return sizeof header + length;
}

static size_t next_trade(event_source *source, int i, int64_t receive_ns, uint8_t *record) {
    if (uniform(source) < 0.3) source->ticks[i] += uniform(source) < 0.5 ? 1 : -1;
    trade_event e = {.seq = source->seq, .event_ns = source->event_ns, .receive_ns = receive_ns};
    e.price = source->ticks[i] * TICK;
    e.quantity = (int64_t)lots(source) * TICK;
    e.trade_id = source->trade_id[i]++;
    e.instrument = (uint32_t)i + 1;
    e.venue = (uint16_t)(i % 4);
    e.condition = uniform(source) < 0.1 ? 3 : 0;
    e.side = draw(source) & 1;
    e.flags = uniform(source) < 0.05;
    e.channel = (uint16_t)(i % 3);
    return emit(record, EVENT_TRADE, &e, sizeof e);
}

static size_t next_book(event_source *source, int i, int64_t receive_ns, uint8_t *record) {
    book_event *book = &source->book[i];
    for (int changes = 1 + (int)(draw(source) % 4); changes > 0; changes--) {
        // The product prefers levels near the touch. One draw a statement: C leaves the order within an expression open.
        double a = uniform(source);
        double b = uniform(source);
        int level = (int)(a * b * 10) + (draw(source) & 1 ? 10 : 0);
        book->quantity[level] = lots(source) * (uint32_t)(1 + level % 10);
        if (uniform(source) < 0.1) book->offset[level] += level < 10 ? -1 : 1;
    }
    book->seq = source->seq;
    book->event_ns = source->event_ns;
    book->receive_ns = receive_ns;
    book->base = source->ticks[i] * TICK;
    return emit(record, EVENT_BOOK, book, sizeof *book);
}

static size_t next_score(event_source *source, int i, int64_t receive_ns, uint8_t *record) {
    source->score[i] = 0.95 * source->score[i] + normal(source) * 0.3;
    score_event e = {.seq = source->seq, .event_ns = source->event_ns, .receive_ns = receive_ns};
    e.instrument = (uint32_t)i + 1;
    e.detector = (uint16_t)(1 + draw(source) % 6);
    e.version = 3;
    e.score = source->score[i];
    e.deviation = source->score[i] / 0.96;
    for (int k = 0; k < 5; k++) e.features[k] = (float)normal(source);
    e.flags = fabs(e.deviation) > 2;
    return emit(record, EVENT_SCORE, &e, sizeof e);
}

size_t event_source_next(event_source *source, uint8_t *record) {
    double pick = uniform(source);
    int i = 0;
    while (source->activity[i] < pick) i++;
    source->event_ns += (int64_t)(-log(above_zero(source)) * 20000); // 50,000 events a second
    source->seq++;
    int64_t receive_ns = source->event_ns + 80000 + (int64_t)fabs(normal(source) * 15000);
    double kind = uniform(source);
    if (kind < 0.7) return next_trade(source, i, receive_ns, record);
    if (kind < 0.9) return next_book(source, i, receive_ns, record);
    return next_score(source, i, receive_ns, record);
}

// ---- files ----

int run_gen(int count, char **arguments) {
    (void)count;
    const char *path = arguments[0];
    uint64_t events = number_argument(arguments[1], 1, 20000000);
    FILE *file = fopen(path, "wb");
    if (!file) fail(path);
    static char buffer[1 << 20];
    setvbuf(file, buffer, _IOFBF, sizeof buffer);

    event_source *source = event_source_create(42);
    XXH3_state_t *hash = XXH3_createState();
    if (!hash || XXH3_64bits_reset(hash) == XXH_ERROR) fail_plainly("xxhash");
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < events; i++) {
        uint8_t record[RECORD_BYTES_MAX];
        size_t length = event_source_next(source, record);
        if (fwrite(record, 1, length, file) != length) fail(path);
        XXH3_64bits_update(hash, record, length);
        bytes += length;
    }
    if (fclose(file)) fail(path);
    printf("{\"bench\":\"gen\",\"events\":%llu,\"bytes\":%llu,\"xxh3\":\"%016llx\"}\n", (unsigned long long)events,
           (unsigned long long)bytes, (unsigned long long)XXH3_64bits_digest(hash));
    XXH3_freeState(hash);
    free(source);
    return 0;
}

// Everything that later loops rely on is checked here, so that they may be as lean as code for trusted memory.
static bool well_formed(const uint8_t *payload, record_header header) {
    uint32_t instrument;
    size_t length, at;
    switch (header.type) {
    case EVENT_TRADE: length = sizeof(trade_event), at = offsetof(trade_event, instrument); break;
    case EVENT_BOOK: length = sizeof(book_event), at = offsetof(book_event, instrument); break;
    case EVENT_SCORE: length = sizeof(score_event), at = offsetof(score_event, instrument); break;
    default: return false;
    }
    if (header.length != length) return false;
    memcpy(&instrument, payload + at, sizeof instrument);
    return instrument >= 1 && instrument <= INSTRUMENTS;
}

event_file event_file_load(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status)) fail(path);
    event_file file = {allocate((size_t)status.st_size + 1), (size_t)status.st_size, 0};
    for (size_t have = 0; have < file.size;) {
        ssize_t got = read(fd, file.bytes + have, file.size - have);
        if (got < 0) fail(path);
        if (got == 0) fail_plainly("the event file shrank while it was read");
        have += (size_t)got;
    }
    close(fd);
    for (size_t at = 0; at < file.size; file.count++) {
        record_header header;
        if (file.size - at < sizeof header) fail_plainly("the event file ends within a record header");
        memcpy(&header, file.bytes + at, sizeof header);
        at += sizeof header;
        if (file.size - at < header.length || !well_formed(file.bytes + at, header)) fail_plainly("not an event file of cfloor gen");
        at += header.length;
    }
    if (file.count == 0) fail_plainly("the event file is empty");
    return file;
}
