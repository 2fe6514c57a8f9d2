// The store that everyone would take instead of a log: one table in WAL mode, a thousand events a transaction, then a scan in order.
#include "cfloor.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS_PER_TRANSACTION = 1000, ROUNDS_MAX = 20 };

static void check(sqlite3 *database, int result, int expected) {
    if (result != expected) fail_plainly(database ? sqlite3_errmsg(database) : sqlite3_errstr(result));
}

static void execute(sqlite3 *database, const char *sql) { check(database, sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK); }

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement;
    check(database, sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

static sqlite3 *open_database(const char *path, const char *synchronous) {
    sqlite3 *database;
    check(NULL, sqlite3_open(path, &database), SQLITE_OK);
    execute(database, "PRAGMA journal_mode=WAL");
    char pragma[64];
    snprintf(pragma, sizeof pragma, "PRAGMA synchronous=%s", synchronous);
    execute(database, pragma);
    return database;
}

// Something of each payload that cannot be had without reading it: its event time.
static uint64_t touch(const void *payload) {
    uint64_t event_ns;
    memcpy(&event_ns, (const uint8_t *)payload + offsetof(trade_event, event_ns), sizeof event_ns);
    return event_ns;
}

static uint64_t insert_all(sqlite3 *database, const event_file *events) {
    sqlite3_stmt *insert = prepare(database, "INSERT INTO event VALUES (?, ?, ?, ?)");
    uint64_t sum = 0;
    sqlite3_int64 seq = 0;
    for (const uint8_t *next = events->bytes, *end = next + events->size; next < end;) {
        record_header header;
        memcpy(&header, next, sizeof header);
        next += sizeof header;
        if (seq % EVENTS_PER_TRANSACTION == 0) execute(database, "BEGIN");
        sqlite3_bind_int64(insert, 1, ++seq);
        sqlite3_bind_int64(insert, 2, (sqlite3_int64)touch(next));
        sqlite3_bind_int(insert, 3, header.type);
        sqlite3_bind_blob(insert, 4, next, header.length, SQLITE_STATIC);
        check(database, sqlite3_step(insert), SQLITE_DONE);
        sqlite3_reset(insert);
        sum += touch(next) * header.length;
        next += header.length;
        if (seq % EVENTS_PER_TRANSACTION == 0 || next == end) execute(database, "COMMIT");
    }
    sqlite3_finalize(insert);
    return sum;
}

// Looks at the payload alone, although a reader would want the other columns too: where in doubt, the peer gets the better of it.
static uint64_t read_all(sqlite3 *database, uint32_t *count) {
    sqlite3_stmt *select = prepare(database, "SELECT seq, ts, type, payload FROM event ORDER BY seq");
    uint64_t sum = 0;
    int step;
    for (*count = 0; (step = sqlite3_step(select)) == SQLITE_ROW; (*count)++) {
        const void *payload = sqlite3_column_blob(select, 3);
        sum += touch(payload) * (uint64_t)sqlite3_column_bytes(select, 3);
    }
    check(database, step, SQLITE_DONE);
    sqlite3_finalize(select);
    return sum;
}

int run_sqlite(int count, char **arguments) {
    const char *mode = arguments[2];
    if (strcmp(mode, "OFF") && strcmp(mode, "NORMAL") && strcmp(mode, "FULL")) fail_plainly("MODE is OFF, NORMAL or FULL");
    uint32_t wanted = count > 3 ? (uint32_t)number_argument(arguments[3], 1, ROUNDS_MAX) : 3;
    event_file events = event_file_load(arguments[0]);
    const char *path = scratch_path(arguments[1], "events.db"), *wal = scratch_path(arguments[1], "events.db-wal"),
               *shared = scratch_path(arguments[1], "events.db-shm");

    double append[ROUNDS_MAX], cpu[ROUNDS_MAX], read[ROUNDS_MAX];
    off_t size = 0;
    uint32_t rounds = 0;
    for (double start = wall_seconds(); rounds < wanted && (rounds == 0 || wall_seconds() - start < TIME_BUDGET_SECONDS); rounds++) {
        sqlite3 *database = open_database(path, mode);
        execute(database, "CREATE TABLE event (seq INTEGER PRIMARY KEY, ts INTEGER, type INTEGER, payload BLOB)");
        double before = wall_seconds(), cpu_before = cpu_seconds();
        uint64_t written = insert_all(database, &events);
        append[rounds] = events.count / (wall_seconds() - before);
        cpu[rounds] = (cpu_seconds() - cpu_before) / events.count * 1e9;
        check(database, sqlite3_close(database), SQLITE_OK); // moves what is left of the WAL into the file

        struct stat status;
        if (stat(path, &status)) fail(path);
        size = status.st_size;
        database = open_database(path, mode);
        uint32_t seen;
        before = wall_seconds();
        uint64_t found = read_all(database, &seen);
        read[rounds] = seen / (wall_seconds() - before);
        if (seen != events.count || found != written) fail_plainly("SQLite gave back something else");
        check(database, sqlite3_close(database), SQLITE_OK);
        unlink(path);
        unlink(wal);
        unlink(shared);
    }
    spread a = spread_of(append, rounds);
    printf("{\"bench\":\"sqlite\",\"mode\":\"%s\",\"events\":%u,\"rounds\":%u,\"events_per_s\":%.0f,\"events_per_s_min\":%.0f,"
           "\"events_per_s_max\":%.0f,\"cpu_ns_per_event\":%.2f,\"bytes_per_event\":%.3f,\"read_events_per_s\":%.0f}\n",
           mode, events.count, rounds, a.median, a.low, a.high, quantile(cpu, rounds, 0.5), (double)size / events.count,
           quantile(read, rounds, 0.5));
    free(events.bytes);
    return 0;
}
