// Picks the subcommand.
#include "cfloor.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *arguments, *what;
    int minimum, maximum;
    int (*run)(int count, char **arguments);
} commands[] = {
    {"gen", "FILE N", "N market events, the same at each call, as row records", 2, 2, run_gen},
    {"append", "FILE DIR nosync|sync|pipelined|each [ROUNDS]", "events into a framed log", 3, 4, run_append},
    {"replay", "FILE row|varint [BLOCK]", "a segment in memory: verify, decompress, decode, fold; BLOCK row bytes a batch", 2, 3, run_replay},
    {"sync", "DIR BYTES N", "one write and fdatasync, growing and pre-zeroed file", 3, 3, run_sync},
    {"syncmany", "DIR LOGS ROUNDS", "4 KiB and fdatasync on many files: alone, in turn, together", 3, 3, run_syncmany},
    {"wake", "N", "futex wake-up of another process", 1, 1, run_wake},
    {"tail", "DIR N", "one event from one process into a fold of another, through the file", 2, 2, run_tail},
    {"sqlite", "FILE DIR OFF|NORMAL|FULL [ROUNDS]", "the same events into SQLite in WAL mode and back", 3, 4, run_sqlite},
};

int main(int count, char **arguments) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (count < 2 || strcmp(arguments[1], commands[i].name)) continue;
        if (count - 2 < commands[i].minimum || count - 2 > commands[i].maximum) break;
        return commands[i].run(count - 2, arguments + 2);
    }
    fprintf(stderr, "Each command prints one line of JSON.\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, "  cfloor %s %s\n      %s\n", commands[i].name, commands[i].arguments, commands[i].what);
    return 2;
}
