// What a durable commit costs at all: one write and fdatasync, on one file and on many.
#include "cfloor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void commit(int fd, const void *bytes, size_t count, off_t offset) {
    write_at(fd, bytes, count, offset);
    if (fdatasync(fd)) fail("fdatasync");
}

// ---- sync: a file that grows, whose size must reach the journal each time, against one whose blocks are there and written ----

// Enough to never write the same place twice in a sensible run, and little enough to prepare quickly.
enum { PREPARED_BYTES_MAX = 128 << 20 };

static void write_zeros(int fd, size_t size) {
    static uint8_t zeros[1 << 20]; // not const: that would be a megabyte of the program file
    for (size_t at = 0; at < size; at += sizeof zeros) write_at(fd, zeros, sizeof zeros, (off_t)at);
    if (fsync(fd)) fail("fsync");
}

int run_sync(int count, char **arguments) {
    (void)count;
    const char *directory = arguments[0];
    size_t bytes = number_argument(arguments[1], 1, 16 << 20), wanted = number_argument(arguments[2], 1, 1000000);
    uint8_t *noise = allocate(bytes);
    fill_with_noise(noise, bytes);
    size_t slots = PREPARED_BYTES_MAX / bytes < wanted ? PREPARED_BYTES_MAX / bytes : wanted;
    scratch_file growing = scratch_create(directory, "growing"), zeroed = scratch_create(directory, "zeroed");
    write_zeros(zeroed.fd, slots * bytes);
    if (fsync(growing.fd)) fail("fsync");

    // Turn and turn about in short runs, so that a busy spell of the disk hits both.
    enum { RUN = 16 };
    double *growing_us = allocate(wanted * sizeof(double)), *zeroed_us = allocate(wanted * sizeof(double));
    size_t done = 0;
    for (double start = wall_seconds(); done < wanted && wall_seconds() - start < TIME_BUDGET_SECONDS;) {
        size_t until = done + RUN < wanted ? done + RUN : wanted;
        for (size_t i = done; i < until; i++) {
            int64_t before = wall_nanos();
            commit(growing.fd, noise, bytes, (off_t)(i * bytes));
            growing_us[i] = (double)(wall_nanos() - before) * 1e-3;
        }
        for (size_t i = done; i < until; i++) {
            int64_t before = wall_nanos();
            commit(zeroed.fd, noise, bytes, (off_t)(i % slots * bytes));
            zeroed_us[i] = (double)(wall_nanos() - before) * 1e-3;
        }
        done = until;
    }
    printf("{\"bench\":\"sync\",\"bytes\":%zu,\"commits\":%zu,\"growing_p50_us\":%.1f,\"growing_p99_us\":%.1f,\"zeroed_p50_us\":%.1f,"
           "\"zeroed_p99_us\":%.1f}\n",
           bytes, done, quantile(growing_us, done, 0.5), quantile(growing_us, done, 0.99), quantile(zeroed_us, done, 0.5),
           quantile(zeroed_us, done, 0.99));
    scratch_remove(&growing);
    scratch_remove(&zeroed);
    free(noise);
    free(growing_us);
    free(zeroed_us);
    return 0;
}

// ---- syncmany: the logs of one process, committed one after another or all at the same moment ----

enum { LOGS_MAX = 256, COMMIT_BYTES = 4096, SLOTS = 1024 };

typedef struct {
    scratch_file file;
    off_t end;
    pthread_t thread;
    struct group *group;
} many_log;

typedef struct group {
    many_log logs[LOGS_MAX];
    uint8_t noise[COMMIT_BYTES];
    pthread_barrier_t start, done;
    bool zeroed, stop;
} group;

typedef struct {
    double alone_ms, in_turn_ms, together_ms;
    uint32_t rounds;
} many_result;

static void commit_log(group *g, many_log *log) {
    commit(log->file.fd, g->noise, COMMIT_BYTES, log->end);
    log->end += COMMIT_BYTES;
    if (g->zeroed && log->end == SLOTS * COMMIT_BYTES) log->end = 0;
}

static void *commit_when_told(void *argument) {
    many_log *log = argument;
    for (;;) {
        pthread_barrier_wait(&log->group->start);
        if (log->group->stop) return NULL;
        commit_log(log->group, log);
        pthread_barrier_wait(&log->group->done);
    }
}

static many_result measure_many(const char *directory, uint32_t logs, uint32_t wanted, bool zeroed) {
    static group g;
    g.zeroed = zeroed;
    g.stop = false;
    fill_with_noise(g.noise, COMMIT_BYTES);
    pthread_barrier_init(&g.start, NULL, logs + 1);
    pthread_barrier_init(&g.done, NULL, logs + 1);
    for (uint32_t i = 0; i < logs; i++) {
        char name[32];
        snprintf(name, sizeof name, "many-%u", i);
        many_log *log = &g.logs[i];
        log->file = scratch_create(directory, name);
        log->end = 0;
        log->group = &g;
        if (zeroed) write_zeros(log->file.fd, SLOTS * COMMIT_BYTES);
        if (fsync(log->file.fd)) fail("fsync");
        if (pthread_create(&log->thread, NULL, commit_when_told, log)) fail_plainly("pthread_create");
    }

    double *alone = allocate(wanted * sizeof(double)), *in_turn = allocate(wanted * sizeof(double)),
           *together = allocate(wanted * sizeof(double));
    uint32_t rounds = 0;
    for (double start = wall_seconds(); rounds < wanted && wall_seconds() - start < TIME_BUDGET_SECONDS; rounds++) {
        int64_t before = wall_nanos();
        commit_log(&g, &g.logs[0]);
        alone[rounds] = (double)(wall_nanos() - before) * 1e-6;

        before = wall_nanos();
        for (uint32_t i = 0; i < logs; i++) commit_log(&g, &g.logs[i]);
        in_turn[rounds] = (double)(wall_nanos() - before) * 1e-6;

        before = wall_nanos();
        pthread_barrier_wait(&g.start);
        pthread_barrier_wait(&g.done);
        together[rounds] = (double)(wall_nanos() - before) * 1e-6;
    }
    g.stop = true;
    pthread_barrier_wait(&g.start);
    for (uint32_t i = 0; i < logs; i++) {
        pthread_join(g.logs[i].thread, NULL);
        scratch_remove(&g.logs[i].file);
    }
    pthread_barrier_destroy(&g.start);
    pthread_barrier_destroy(&g.done);
    many_result result = {quantile(alone, rounds, 0.5), quantile(in_turn, rounds, 0.5), quantile(together, rounds, 0.5), rounds};
    free(alone);
    free(in_turn);
    free(together);
    return result;
}

int run_syncmany(int count, char **arguments) {
    (void)count;
    uint32_t logs = (uint32_t)number_argument(arguments[1], 1, LOGS_MAX), wanted = (uint32_t)number_argument(arguments[2], 1, 100000);
    // Files that grow, and files whose blocks are there and written, as a log has them that writes zeros ahead.
    many_result growing = measure_many(arguments[0], logs, wanted, false), zeroed = measure_many(arguments[0], logs, wanted, true);
    printf("{\"bench\":\"syncmany\",\"logs\":%u,\"rounds\":%u,\"alone_p50_ms\":%.3f,\"in_turn_p50_ms\":%.3f,\"together_p50_ms\":%.3f,"
           "\"zeroed_alone_p50_ms\":%.3f,\"zeroed_in_turn_p50_ms\":%.3f,\"zeroed_together_p50_ms\":%.3f}\n",
           logs, growing.rounds, growing.alone_ms, growing.in_turn_ms, growing.together_ms, zeroed.alone_ms, zeroed.in_turn_ms,
           zeroed.together_ms);
    return 0;
}
