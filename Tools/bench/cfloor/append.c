// The framed log as a C engineer would write it: one thread copies records to a batch, compresses and writes it; how it becomes durable is
// the mode. nosync: never. sync: when 5 ms have passed since the last time. each: after every batch. pipelined: a second thread syncs back
// to back, so that the size of a group commit sets itself. All but nosync end with everything durable.
#include "cfloor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum mode { NOSYNC, SYNC, PIPELINED, EACH, MODES };
static const char *const mode_names[MODES] = {"nosync", "sync", "pipelined", "each"};
static const double sync_interval_seconds = 0.005;

// ---- the second thread of `pipelined` ----

typedef struct {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    int fd;
    off_t written; // under the mutex
    bool closing;  // under the mutex
    uint32_t syncs;
} syncer;

static void *sync_back_to_back(void *argument) {
    syncer *s = argument;
    off_t durable = 0;
    for (;;) {
        pthread_mutex_lock(&s->mutex);
        while (s->written == durable && !s->closing) pthread_cond_wait(&s->more, &s->mutex);
        off_t written = s->written;
        pthread_mutex_unlock(&s->mutex);
        if (written == durable) return NULL;
        // What the writer adds from here on belongs to the next commit.
        if (fdatasync(s->fd)) fail("fdatasync");
        durable = written;
        s->syncs++;
    }
}

static void syncer_tell(syncer *s, off_t written, bool closing) {
    pthread_mutex_lock(&s->mutex);
    s->written = written;
    s->closing = closing;
    pthread_mutex_unlock(&s->mutex);
    pthread_cond_signal(&s->more);
}

// ---- the writer ----

typedef struct {
    double wall, cpu;
    uint64_t bytes;
    uint32_t batches, syncs;
} append_result;

typedef struct {
    enum mode mode;
    int fd;
    uint8_t *batch, *packed;
    size_t filled, packed_capacity;
    uint32_t count;
    uint64_t next_seq;
    off_t end;
    double last_sync;
    syncer *syncer;
    append_result result;
} writer;

static void sync_now(writer *w) {
    if (fdatasync(w->fd)) fail("fdatasync");
    w->result.syncs++;
    w->last_sync = wall_seconds();
}

static void write_batch(writer *w) {
    size_t length = batch_pack(w->batch, w->filled, w->count, w->next_seq, w->packed, w->packed_capacity);
    write_at(w->fd, w->packed, length, w->end);
    w->end += (off_t)length;
    w->next_seq += w->count;
    w->filled = 0;
    w->count = 0;
    w->result.batches++;
    if (w->mode == EACH || (w->mode == SYNC && wall_seconds() - w->last_sync >= sync_interval_seconds)) sync_now(w);
    if (w->mode == PIPELINED) syncer_tell(w->syncer, w->end, false);
}

static append_result append_all(const event_file *events, const char *directory, enum mode mode) {
    scratch_file file = scratch_create(directory, "append.log");
    syncer s = {.mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .fd = file.fd};
    writer w = {.mode = mode, .fd = file.fd, .next_seq = 1, .syncer = &s};
    w.packed_capacity = batch_bound(BATCH_BYTES);
    w.batch = allocate(BATCH_BYTES);
    w.packed = allocate(w.packed_capacity);
    if (mode == PIPELINED && pthread_create(&s.thread, NULL, sync_back_to_back, &s)) fail_plainly("pthread_create");

    double wall = wall_seconds(), cpu = cpu_seconds();
    w.last_sync = wall;
    for (const uint8_t *next = events->bytes, *end = next + events->size; next < end;) {
        record_header header;
        memcpy(&header, next, sizeof header);
        size_t length = sizeof header + header.length;
        if (w.filled + length > BATCH_BYTES) write_batch(&w);
        memcpy(w.batch + w.filled, next, length);
        w.filled += length;
        w.count++;
        next += length;
    }
    if (w.count > 0) write_batch(&w);
    if (mode == PIPELINED) {
        syncer_tell(&s, w.end, true);
        pthread_join(s.thread, NULL);
        w.result.syncs = s.syncs;
    } else if (mode != NOSYNC) {
        sync_now(&w);
    }
    w.result.wall = wall_seconds() - wall;
    w.result.cpu = cpu_seconds() - cpu;
    w.result.bytes = (uint64_t)w.end;

    scratch_remove(&file);
    free(w.batch);
    free(w.packed);
    return w.result;
}

int run_append(int count, char **arguments) {
    enum mode mode = NOSYNC;
    while (mode < MODES && strcmp(arguments[2], mode_names[mode])) mode++;
    if (mode == MODES) fail_plainly("MODE is nosync, sync, pipelined or each");
    enum { ROUNDS_MAX = 50 };
    uint32_t wanted = count > 3 ? (uint32_t)number_argument(arguments[3], 1, ROUNDS_MAX) : 5;
    event_file events = event_file_load(arguments[0]);

    double rate[ROUNDS_MAX], cpu[ROUNDS_MAX], syncs[ROUNDS_MAX];
    append_result last = {0};
    uint32_t rounds = 0;
    for (double start = wall_seconds(); rounds < wanted && (rounds == 0 || wall_seconds() - start < TIME_BUDGET_SECONDS); rounds++) {
        last = append_all(&events, arguments[1], mode);
        rate[rounds] = events.count / last.wall;
        cpu[rounds] = last.cpu / events.count * 1e9;
        syncs[rounds] = last.syncs;
    }
    spread r = spread_of(rate, rounds);
    printf("{\"bench\":\"append\",\"mode\":\"%s\",\"events\":%u,\"rounds\":%u,\"events_per_s\":%.0f,\"events_per_s_min\":%.0f,"
           "\"events_per_s_max\":%.0f,\"cpu_ns_per_event\":%.2f,\"bytes_per_event\":%.3f,\"batches\":%u,\"syncs\":%.0f}\n",
           mode_names[mode], events.count, rounds, r.median, r.low, r.high, quantile(cpu, rounds, 0.5),
           (double)last.bytes / events.count, last.batches, quantile(syncs, rounds, 0.5));
    free(events.bytes);
    return 0;
}
