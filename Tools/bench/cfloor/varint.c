// The layout that compresses best: each record as differences to what stands before it in the batch. Sequence numbers and times differ from
// the event before, prices, trade ids and books from the last of the same instrument; a book stores only its changed levels, named by a bit
// mask. State starts anew in each batch, so batches stay readable on their own.
#include "cfloor.h"
#include "fold.h"

#include <string.h>

// Small differences of either sign become small unsigned numbers.
static inline uint64_t zigzag(int64_t x) { return (uint64_t)x << 1 ^ (uint64_t)(x >> 63); }
static inline int64_t unzigzag(uint64_t v) { return (int64_t)(v >> 1) ^ -(int64_t)(v & 1); }

// ---- encoder ----

static inline uint8_t *put(uint8_t *out, uint64_t v) {
    for (; v >= 0x80; v >>= 7) *out++ = (uint8_t)(v | 0x80);
    *out++ = (uint8_t)v;
    return out;
}

static inline uint8_t *put_signed(uint8_t *out, int64_t x) { return put(out, zigzag(x)); }

// The fields that all three types start with, and the instrument.
static inline uint8_t *put_start(uint8_t *out, varint_state *state, uint8_t type, uint64_t seq, int64_t event_ns, int64_t receive_ns,
                                 uint32_t instrument) {
    *out++ = type;
    out = put(out, seq - state->seq);
    out = put_signed(out, event_ns - state->event_ns);
    out = put_signed(out, receive_ns - event_ns);
    state->seq = seq;
    state->event_ns = event_ns;
    return put(out, instrument);
}

static inline uint8_t *put_price(uint8_t *out, varint_state *state, uint32_t instrument, int64_t price) {
    int64_t *last = &state->price[instrument - 1];
    out = put_signed(out, (price - *last) / TICK);
    *last = price;
    return out;
}

static uint8_t *put_trade(uint8_t *out, varint_state *state, const trade_event *e) {
    out = put_start(out, state, EVENT_TRADE, e->seq, e->event_ns, e->receive_ns, e->instrument);
    out = put_price(out, state, e->instrument, e->price);
    out = put(out, (uint64_t)(e->quantity / TICK));
    uint64_t *last_id = &state->trade_id[e->instrument - 1];
    out = put_signed(out, (int64_t)(e->trade_id - *last_id));
    *last_id = e->trade_id;
    *out++ = (uint8_t)e->venue;
    *out++ = (uint8_t)e->condition;
    *out++ = (uint8_t)(e->side | e->flags << 1);
    *out++ = (uint8_t)e->channel;
    return out;
}

enum { MASK_BYTES = 5 }; // 20 bits for changed offsets, then 20 for changed quantities

static uint8_t *put_book(uint8_t *out, varint_state *state, const book_event *e) {
    out = put_start(out, state, EVENT_BOOK, e->seq, e->event_ns, e->receive_ns, e->instrument);
    *out++ = (uint8_t)e->venue;
    *out++ = (uint8_t)e->depth;
    out = put_price(out, state, e->instrument, e->base);
    uint8_t *mask_at = out;
    out += MASK_BYTES;
    book_event *last = &state->book[e->instrument - 1];
    uint64_t mask = 0;
    for (int i = 0; i < BOOK_LEVELS; i++) {
        if (e->offset[i] != last->offset[i]) {
            mask |= 1ull << i;
            out = put_signed(out, (int64_t)e->offset[i] - last->offset[i]);
        }
        if (e->quantity[i] != last->quantity[i]) {
            mask |= 1ull << (BOOK_LEVELS + i);
            out = put_signed(out, (int64_t)e->quantity[i] - last->quantity[i]);
        }
    }
    memcpy(mask_at, &mask, MASK_BYTES);
    *last = *e;
    return out;
}

// Score, deviation and features lie side by side and are noise: 36 bytes as they are.
enum { SCORE_NOISE_AT = offsetof(score_event, score), SCORE_NOISE_BYTES = offsetof(score_event, flags) - SCORE_NOISE_AT };

static uint8_t *put_score(uint8_t *out, varint_state *state, const score_event *e) {
    out = put_start(out, state, EVENT_SCORE, e->seq, e->event_ns, e->receive_ns, e->instrument);
    out = put(out, e->detector);
    out = put(out, e->version);
    memcpy(out, (const uint8_t *)e + SCORE_NOISE_AT, SCORE_NOISE_BYTES);
    return put(out + SCORE_NOISE_BYTES, e->flags);
}

size_t varint_encode(const uint8_t *rows, size_t size, uint8_t *out, varint_state *state) {
    const uint8_t *end = rows + size;
    uint8_t *next = out;
    memset(state, 0, sizeof *state);
    while (rows < end) {
        record_header header;
        memcpy(&header, rows, sizeof header);
        rows += sizeof header;
        union {
            trade_event trade;
            book_event book;
            score_event score;
        } e;
        memcpy(&e, rows, header.length);
        rows += header.length;
        next = header.type == EVENT_TRADE  ? put_trade(next, state, &e.trade)
               : header.type == EVENT_BOOK ? put_book(next, state, &e.book)
                                           : put_score(next, state, &e.score);
    }
    return (size_t)(next - out);
}

// ---- decoder ----

// Bounded by ten bytes, so that with the slack behind a batch no record can read outside of it: one check a record is enough.
static inline uint64_t get(const uint8_t **next) {
    const uint8_t *p = *next;
    uint64_t byte = *p++, value = byte;
    // Most numbers are one byte: they must not pay for the loop's set-up.
    if (byte >= 0x80) {
        value &= 0x7f;
        unsigned shift = 7;
        do {
            byte = *p++;
            value |= (byte & 0x7f) << shift;
            shift += 7;
        } while (byte >= 0x80 && shift < 64);
    }
    *next = p;
    return value;
}

static inline int64_t get_signed(const uint8_t **next) { return unzigzag(get(next)); }

// Sums wrap instead of overflowing, whatever a damaged batch says.
static inline int64_t plus(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static inline int64_t times_tick(int64_t a) { return (int64_t)((uint64_t)a * TICK); }

static inline int64_t get_price(const uint8_t **next, varint_state *state, uint32_t instrument) {
    int64_t *last = &state->price[instrument - 1];
    return *last = plus(*last, times_tick(get_signed(next)));
}

static inline uint8_t *emit(uint8_t *rows, uint8_t type, const void *payload, uint16_t length) {
    record_header header = {length, type, 1, 0x1000u + type};
    memcpy(rows, &header, sizeof header);
    memcpy(rows + sizeof header, payload, length);
    return rows + sizeof header + length;
}

typedef struct {
    uint32_t events;
    size_t row_bytes;
} decoded;

// One decoder for two ends: into the fold, or to rows if `rows` is not null. Inlined, so that neither pays for the other.
static inline __attribute__((always_inline)) decoded decode(const uint8_t *next, size_t size, varint_state *state, fold *f, uint8_t *rows) {
    const decoded malformed = {0, 0};
    const uint8_t *end = next + size;
    uint8_t *row = rows;
    uint32_t events = 0;
    memset(state, 0, sizeof *state);
    for (; next < end; events++) {
        uint8_t type = *next++;
        uint64_t seq = state->seq += get(&next);
        int64_t event_ns = state->event_ns = plus(state->event_ns, get_signed(&next));
        int64_t receive_ns = plus(event_ns, get_signed(&next));
        uint32_t instrument = (uint32_t)get(&next);
        if (!known_instrument(instrument)) return malformed;
        if (type == EVENT_TRADE) {
            trade_event e = {.seq = seq, .event_ns = event_ns, .receive_ns = receive_ns, .instrument = instrument};
            e.price = get_price(&next, state, instrument);
            e.quantity = times_tick((int64_t)get(&next));
            e.trade_id = state->trade_id[instrument - 1] += (uint64_t)get_signed(&next);
            e.venue = next[0];
            e.condition = next[1];
            e.side = next[2] & 1;
            e.flags = next[2] >> 1;
            e.channel = next[3];
            next += 4;
            if (rows) row = emit(row, type, &e, sizeof e);
            else fold_trade(f, &e);
        } else if (type == EVENT_BOOK) {
            book_event *e = &state->book[instrument - 1]; // the book is its own memory of the last one
            e->seq = seq;
            e->event_ns = event_ns;
            e->receive_ns = receive_ns;
            e->instrument = instrument;
            e->venue = next[0];
            e->depth = next[1];
            next += 2;
            e->base = get_price(&next, state, instrument);
            uint64_t mask = 0;
            memcpy(&mask, next, MASK_BYTES);
            next += MASK_BYTES;
            uint64_t offsets = mask & ((1u << BOOK_LEVELS) - 1), quantities = mask >> BOOK_LEVELS;
            // Visits the changed levels only; offset and quantity of one level stand together.
            for (uint64_t changed = offsets | quantities; changed; changed &= changed - 1) {
                int level = __builtin_ctzll(changed);
                if (offsets >> level & 1) e->offset[level] = (int32_t)((uint32_t)e->offset[level] + (uint32_t)get_signed(&next));
                if (quantities >> level & 1) e->quantity[level] += (uint32_t)get_signed(&next);
            }
            if (rows) row = emit(row, type, e, sizeof *e);
            else fold_book(f, e);
        } else if (type == EVENT_SCORE) {
            score_event e = {.seq = seq, .event_ns = event_ns, .receive_ns = receive_ns, .instrument = instrument};
            e.detector = (uint16_t)get(&next);
            e.version = (uint16_t)get(&next);
            memcpy((uint8_t *)&e + SCORE_NOISE_AT, next, SCORE_NOISE_BYTES);
            next += SCORE_NOISE_BYTES;
            e.flags = (uint32_t)get(&next);
            if (rows) row = emit(row, type, &e, sizeof e);
            else fold_score(f, &e);
        } else {
            return malformed;
        }
    }
    if (next != end) return malformed;
    return (decoded){events, rows ? (size_t)(row - rows) : 0};
}

uint32_t varint_fold(const uint8_t *bytes, size_t size, varint_state *state, fold *f) { return decode(bytes, size, state, f, NULL).events; }

size_t varint_restore(const uint8_t *bytes, size_t size, varint_state *state, uint8_t *rows) {
    return decode(bytes, size, state, NULL, rows).row_bytes;
}
