// How soon another process knows. wake: a bare futex. tail: the futex, and the event's way through the file into the other's fold.
#include "cfloor.h"
#include "fold.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES_MAX = 100000, GAP_NANOS = 200000, STUCK_SECONDS = 5 };

// Shared by the two processes. The words that they spin or sleep on have cache lines of their own.
typedef struct {
    alignas(64) _Atomic uint32_t published; // futex word: how many signals were given
    alignas(64) _Atomic uint32_t seen;      // how many the receiver is done with, plus one for being ready
    alignas(64) int64_t sent_ns;            // these three are the sender's, guarded by `published`
    off_t end;
    bool stop;
    alignas(64) double latency_us[SAMPLES_MAX]; // the receiver's, guarded by `seen`
} channel;

static void futex(_Atomic uint32_t *word, int operation, uint32_t value) { syscall(SYS_futex, word, operation, value, NULL, NULL, 0); }

static void publish(channel *c, uint32_t signals) {
    atomic_store_explicit(&c->published, signals, memory_order_release);
    futex(&c->published, FUTEX_WAKE, 1);
}

// ---- receiver ----

typedef struct {
    int fd;
    off_t position;
    uint8_t *bytes;
    batch_reader *reader;
    fold fold;
} tailer;

// Reads what was written since the last time and folds it.
static void follow(tailer *t, off_t end) {
    size_t count = (size_t)(end - t->position);
    batch_header header;
    if (count > BATCH_BYTES || pread(t->fd, t->bytes, count, t->position) != (ssize_t)count) _exit(3);
    const uint8_t *raw = batch_unpack(t->reader, t->bytes, count, &header);
    if (!raw || fold_rows(&t->fold, raw, header.raw_length) != header.count) _exit(4);
    t->position = end;
}

_Noreturn static void receive(channel *c, const char *path) {
    // The parent may die by a signal that leaves it no time to end this process.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    static tailer t;
    if (path) {
        t.fd = open(path, O_RDONLY | O_CLOEXEC);
        if (t.fd < 0) _exit(2);
        t.bytes = allocate(BATCH_BYTES);
        t.reader = batch_reader_create(BATCH_BYTES);
    }
    atomic_store_explicit(&c->seen, 1, memory_order_release);
    for (uint32_t i = 0;; i++) {
        while (atomic_load_explicit(&c->published, memory_order_acquire) == i) futex(&c->published, FUTEX_WAIT, i);
        if (c->stop) _exit(0);
        if (path) follow(&t, c->end);
        c->latency_us[i] = (double)(wall_nanos() - c->sent_ns) * 1e-3;
        atomic_store_explicit(&c->seen, i + 2, memory_order_release);
    }
}

// ---- sender ----

// Yields instead of spinning, so that the receiver may run on this core: that is where the scheduler usually puts it.
static void await(channel *c, uint32_t seen, pid_t receiver) {
    double start = wall_seconds();
    for (uint32_t spins = 1; atomic_load_explicit(&c->seen, memory_order_acquire) != seen; spins++) {
        sched_yield();
        if (spins % 1024) continue;
        if (waitpid(receiver, NULL, WNOHANG) != 0) fail_plainly("the receiving process failed");
        if (wall_seconds() - start > STUCK_SECONDS) {
            kill(receiver, SIGKILL);
            fail_plainly("the receiving process is stuck");
        }
    }
}

// With a log file: writes one event a signal to it. Without: signals only.
static void measure(const char *name, uint32_t wanted, scratch_file *log) {
    channel *c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (c == MAP_FAILED) fail("mmap");
    pid_t receiver = fork();
    if (receiver < 0) fail("fork");
    if (receiver == 0) receive(c, log ? log->path : NULL);
    event_source *source = event_source_create(42);
    uint8_t record[RECORD_BYTES_MAX];
    size_t capacity = batch_bound(RECORD_BYTES_MAX);
    uint8_t *packed = allocate(capacity);
    await(c, 1, receiver);

    uint32_t signals = 0;
    off_t end = 0;
    for (double start = wall_seconds(); signals < wanted && wall_seconds() - start < TIME_BUDGET_SECONDS; signals++) {
        size_t length = event_source_next(source, record);
        nanosleep(&(struct timespec){0, GAP_NANOS}, NULL);
        // The clock starts when the event is in hand: packing and writing it is part of the way.
        c->sent_ns = wall_nanos();
        if (log) {
            size_t packed_length = batch_pack(record, length, 1, signals + 1, packed, capacity);
            write_at(log->fd, packed, packed_length, end);
            c->end = end += (off_t)packed_length;
        }
        publish(c, signals + 1);
        await(c, signals + 2, receiver);
    }
    c->stop = true;
    publish(c, signals + 1);
    waitpid(receiver, NULL, 0);
    printf("{\"bench\":\"%s\",\"signals\":%u,\"gap_us\":%d,\"p50_us\":%.2f,\"p99_us\":%.2f}\n", name, signals, GAP_NANOS / 1000,
           quantile(c->latency_us, signals, 0.5), quantile(c->latency_us, signals, 0.99));
    munmap(c, sizeof *c);
    free(packed);
    free(source);
}

int run_wake(int count, char **arguments) {
    (void)count;
    measure("wake", (uint32_t)number_argument(arguments[0], 1, SAMPLES_MAX), NULL);
    return 0;
}

int run_tail(int count, char **arguments) {
    (void)count;
    uint32_t wanted = (uint32_t)number_argument(arguments[1], 1, SAMPLES_MAX);
    scratch_file log = scratch_create(arguments[0], "tail.log");
    measure("tail", wanted, &log);
    scratch_remove(&log);
    return 0;
}
