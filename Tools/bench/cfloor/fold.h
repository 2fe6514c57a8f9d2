// The fold that replays feed: a small state per instrument, as a projection of the engine would keep. Both layouts must end in the same bits.
#pragma once
#include "cfloor.h"

#include <string.h>

typedef struct {
    int64_t last_price, volume; // volume is signed: buys minus sells
    double notional;
    double imbalance; // of the book, smoothed
    double score;     // highest lately, fading
    int64_t last_event_ns;
    uint64_t trades, books, scores;
} instrument_state;

typedef struct fold {
    instrument_state instrument[INSTRUMENTS];
} fold;

static inline void fold_trade(fold *f, const trade_event *e) {
    instrument_state *s = &f->instrument[e->instrument - 1];
    s->last_price = e->price;
    // Negates without a branch: sides are random, and half the guesses at them would be wrong. Unsigned, so that nonsense wraps.
    uint64_t sell = -(uint64_t)(e->side == 0);
    s->volume = (int64_t)((uint64_t)s->volume + ((uint64_t)e->quantity ^ sell) - sell);
    s->notional += (double)e->price * (double)e->quantity;
    s->last_event_ns = e->event_ns;
    s->trades++;
}

static inline void fold_book(fold *f, const book_event *e) {
    instrument_state *s = &f->instrument[e->instrument - 1];
    int64_t bids = 0, asks = 0; // ten 32-bit quantities cannot overflow, and a signed sum becomes a double in one instruction
    for (int i = 0; i < BOOK_LEVELS / 2; i++) {
        bids += e->quantity[i];
        asks += e->quantity[BOOK_LEVELS / 2 + i];
    }
    s->imbalance = 0.9 * s->imbalance + 0.1 * ((double)bids - (double)asks) / (double)(bids + asks + 1);
    s->last_event_ns = e->event_ns;
    s->books++;
}

static inline void fold_score(fold *f, const score_event *e) {
    instrument_state *s = &f->instrument[e->instrument - 1];
    s->score = e->score > s->score ? e->score : s->score * 0.999;
    s->last_event_ns = e->event_ns;
    s->scores++;
}

static inline bool known_instrument(uint32_t instrument) { return instrument - 1 < INSTRUMENTS; }

// Decodes and folds row records. Returns how many, or 0 if one is malformed. Each record is checked once, as a whole, before it is read.
static inline uint32_t fold_rows(fold *f, const uint8_t *next, size_t size) {
    const uint8_t *end = next + size;
    uint32_t count = 0;
    for (; next < end; count++) {
        const record_header *header = (const record_header *)next;
        if ((size_t)(end - next) < sizeof *header || (size_t)(end - next) - sizeof *header < header->length) return 0;
        next += sizeof *header;
        switch (header->type) {
        case EVENT_TRADE: {
            const trade_event *e = (const trade_event *)next;
            if (header->length != sizeof *e || !known_instrument(e->instrument)) return 0;
            fold_trade(f, e);
            break;
        }
        case EVENT_BOOK: {
            const book_event *e = (const book_event *)next;
            if (header->length != sizeof *e || !known_instrument(e->instrument)) return 0;
            fold_book(f, e);
            break;
        }
        case EVENT_SCORE: {
            const score_event *e = (const score_event *)next;
            if (header->length != sizeof *e || !known_instrument(e->instrument)) return 0;
            fold_score(f, e);
            break;
        }
        default: return 0;
        }
        next += header->length;
    }
    return count;
}
