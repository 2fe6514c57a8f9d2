// Clocks, summaries, and scratch files that never outlive the program.
#include "cfloor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void fail(const char *what) {
    fprintf(stderr, "cfloor: %s: %s\n", what, strerror(errno));
    exit(1);
}

void fail_plainly(const char *what) {
    fprintf(stderr, "cfloor: %s\n", what);
    exit(1);
}

void *allocate(size_t size) {
    void *memory = malloc(size);
    if (!memory) fail("out of memory");
    memset(memory, 1, size); // not calloc: that gives untouched pages
    return memory;
}

uint64_t number_argument(const char *text, uint64_t low, uint64_t high) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || value < low || value > high) {
        fprintf(stderr, "cfloor: %s is not a number from %llu to %llu\n", text, (unsigned long long)low, (unsigned long long)high);
        exit(2);
    }
    return value;
}

static struct timespec read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t;
}

int64_t wall_nanos(void) {
    struct timespec t = read_clock(CLOCK_MONOTONIC);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double wall_seconds(void) { return (double)wall_nanos() * 1e-9; }

double cpu_seconds(void) {
    struct timespec t = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double quantile(double *values, size_t count, double q) {
    if (count == 0) return 0;
    qsort(values, count, sizeof *values, ascending);
    return values[(size_t)(q * (double)(count - 1) + 0.5)];
}

spread spread_of(double *values, size_t count) {
    spread s = {quantile(values, count, 0.5), 0, 0};
    if (count > 0) s.low = values[0], s.high = values[count - 1];
    return s;
}

// ---- scratch files ----

// A fixed table of plain pointers, because the signal handler walks it. A slot is set last on registration and cleared after removal.
enum { SCRATCH_MAX = 512 };
static char *volatile scratch[SCRATCH_MAX];

static void remove_all(void) {
    for (int i = 0; i < SCRATCH_MAX; i++)
        if (scratch[i]) unlink(scratch[i]);
}

static void remove_all_and_die(int signal_number) {
    remove_all();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

char *scratch_path(const char *directory, const char *name) {
    static bool prepared;
    if (!prepared) {
        prepared = true;
        atexit(remove_all);
        const int signals[] = {SIGINT, SIGTERM, SIGHUP};
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], remove_all_and_die);
    }
    int slot = 0;
    while (slot < SCRATCH_MAX && scratch[slot]) slot++;
    if (slot == SCRATCH_MAX) fail_plainly("too many scratch files");
    char *path;
    if (asprintf(&path, "%s/cfloor-%d-%s", directory, (int)getpid(), name) < 0) fail("out of memory");
    scratch[slot] = path;
    return path;
}

scratch_file scratch_create(const char *directory, const char *name) {
    scratch_file file;
    file.path = scratch_path(directory, name);
    file.fd = open(file.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file.fd < 0) fail(file.path);
    return file;
}

void scratch_remove(scratch_file *file) {
    close(file->fd);
    unlink(file->path);
    for (int i = 0; i < SCRATCH_MAX; i++)
        if (scratch[i] == file->path) scratch[i] = NULL;
    free(file->path);
}

void write_at(int fd, const void *bytes, size_t count, off_t offset) {
    const uint8_t *next = bytes;
    while (count > 0) {
        ssize_t done = pwrite(fd, next, count, offset);
        if (done < 0) {
            if (errno == EINTR) continue;
            fail("pwrite");
        }
        next += done;
        offset += done;
        count -= (size_t)done;
    }
}

void fill_with_noise(void *bytes, size_t count) {
    uint8_t *next = bytes;
    uint64_t x = 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < count; i++) {
        // xorshift64: the disk only has to be kept from seeing a pattern.
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        next[i] = (uint8_t)(x >> 32);
    }
}
