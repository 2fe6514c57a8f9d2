// cfloor: what plain C reaches on this machine with the same libraries, events and disk, so that the Swift engine is judged against a
// ratio of one run and not against a number from another day. This header is all that the files share; each file says its own idea.
#pragma once
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// ---- events (events.c) ----

enum { INSTRUMENTS = 16, BOOK_LEVELS = 20 };
enum { EVENT_TRADE = 1, EVENT_BOOK = 2, EVENT_SCORE = 3 };

// A record is this header and then `length` bytes of payload. All structs are the bytes of the file: none has a hole, and the attributes let
// a pointer to any place in a buffer be read as one of them, so that a decoder touches only the fields that it uses.
#define IN_PLACE __attribute__((packed, may_alias))

typedef struct IN_PLACE {
    uint16_t length;
    uint8_t type, version;
    uint32_t schema;
} record_header;

typedef struct IN_PLACE {
    uint64_t seq;
    int64_t event_ns, receive_ns;
    int64_t price, quantity; // in millionths
    uint64_t trade_id;
    uint32_t instrument; // 1...16
    uint16_t venue, condition;
    uint8_t side, flags;
    uint16_t channel;
    uint32_t reserved;
} trade_event;

typedef struct IN_PLACE {
    uint64_t seq;
    int64_t event_ns, receive_ns;
    int64_t base; // price that the offsets count from
    uint32_t instrument;
    uint16_t venue, depth;
    int32_t offset[BOOK_LEVELS]; // in ticks; ten bids, then ten asks
    uint32_t quantity[BOOK_LEVELS];
} book_event;

typedef struct IN_PLACE {
    uint64_t seq;
    int64_t event_ns, receive_ns;
    uint32_t instrument;
    uint16_t detector, version;
    double score, deviation;
    float features[5];
    uint32_t flags;
} score_event;

_Static_assert(sizeof(record_header) == 8, "record header");
_Static_assert(sizeof(trade_event) == 64, "trade");
_Static_assert(sizeof(book_event) == 200, "book");
_Static_assert(sizeof(score_event) == 72, "score");

enum { RECORD_BYTES_MAX = sizeof(record_header) + sizeof(book_event) };
enum { TICK = 1000000 }; // prices and quantities are whole multiples of it

typedef struct event_source event_source;
event_source *event_source_create(uint64_t seed);
// Writes the next record to `record`, which has room for RECORD_BYTES_MAX. Returns its length with the header.
size_t event_source_next(event_source *source, uint8_t *record);

// A file of records in memory, checked once: every record is whole and of a known type and instrument.
typedef struct {
    uint8_t *bytes;
    size_t size;
    uint32_t count;
} event_file;
event_file event_file_load(const char *path);

// ---- framed log (frame.c) ----

enum { BATCH_BYTES = 64 << 10 };

// Stands before the LZ4 frame of a batch. Being an LZ4 skippable frame itself, it lets `lz4 -dc` print the records of a whole log.
typedef struct {
    uint32_t skippable_magic, skippable_length;
    uint32_t magic, count;
    uint32_t raw_length, stored_length;
    uint64_t first_seq;
    uint64_t stored_hash; // XXH3 of the stored bytes
    uint8_t reserved[80];
    uint64_t header_hash; // XXH3 of the 120 bytes before
} batch_header;
_Static_assert(sizeof(batch_header) == 128, "batch header");

// Most bytes that batch_pack writes for `raw_length` raw bytes.
size_t batch_bound(size_t raw_length);
// Writes header and LZ4 frame to `out`. Returns their length.
size_t batch_pack(const uint8_t *raw, size_t raw_length, uint32_t count, uint64_t first_seq, uint8_t *out, size_t capacity);

typedef struct batch_reader batch_reader;
batch_reader *batch_reader_create(size_t raw_length_max);
// Verifies and decompresses the batch at `bytes`. Returns its raw bytes, followed by at least BATCH_SLACK readable ones, or NULL.
const uint8_t *batch_unpack(batch_reader *reader, const uint8_t *bytes, size_t available, batch_header *header);
enum { BATCH_SLACK = 1024 };

// ---- varint-delta layout (varint.c) ----

struct fold; // fold.h
// What the codec remembers within a batch.
typedef struct {
    uint64_t seq;
    int64_t event_ns;
    int64_t price[INSTRUMENTS];
    uint64_t trade_id[INSTRUMENTS];
    book_event book[INSTRUMENTS];
} varint_state;

enum { VARINT_RECORD_MAX = 512 }; // no record takes more
// Encodes a run of row records as one batch. `out` has room for VARINT_RECORD_MAX bytes a record. Returns the length.
size_t varint_encode(const uint8_t *rows, size_t size, uint8_t *out, varint_state *state);
// Decodes a batch, with BATCH_SLACK readable bytes behind it, straight into the fold. Returns events, or 0 if it is malformed.
uint32_t varint_fold(const uint8_t *bytes, size_t size, varint_state *state, struct fold *fold);
// Decodes a batch back to row records. Returns their length, or 0 if it is malformed.
size_t varint_restore(const uint8_t *bytes, size_t size, varint_state *state, uint8_t *rows);

// ---- support (support.c) ----

_Noreturn void fail(const char *what);             // prints `what` and errno, removes scratch files, exits
_Noreturn void fail_plainly(const char *what);     // the same without errno
void *allocate(size_t size);                       // touched memory, so that no page fault falls into a measurement
uint64_t number_argument(const char *text, uint64_t low, uint64_t high);

double wall_seconds(void);
int64_t wall_nanos(void);
double cpu_seconds(void); // of all threads of this process: what other processes take away does not count

// Every figure is a summary of several rounds. Sorts `values`.
typedef struct {
    double median, low, high;
} spread;
spread spread_of(double *values, size_t count);
double quantile(double *values, size_t count, double q);

// Scratch files have names of this process, stand in the caller's directory and are removed at exit, failure and termination signals.
typedef struct {
    int fd;
    char *path;
} scratch_file;
scratch_file scratch_create(const char *directory, const char *name);
char *scratch_path(const char *directory, const char *name); // registered for removal, not created
void scratch_remove(scratch_file *file);
void write_at(int fd, const void *bytes, size_t count, off_t offset);
void fill_with_noise(void *bytes, size_t count); // incompressible, the same each time

// ---- subcommands: arguments without the program's and the command's name ----

int run_gen(int count, char **arguments);
int run_append(int count, char **arguments);
int run_replay(int count, char **arguments);
int run_sync(int count, char **arguments);
int run_syncmany(int count, char **arguments);
int run_wake(int count, char **arguments);
int run_tail(int count, char **arguments);
int run_sqlite(int count, char **arguments);

// A run stops starting rounds after this long, whatever it was asked for, and reports how many it did.
#define TIME_BUDGET_SECONDS 8.0
