// Rows in memory as a table that SQLite reads: `INSERT INTO strands SELECT * FROM rows_of_strands` takes a portion with
// one statement, without a binding and a step for each row. In C, because SQLite calls it for every cell.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Canonical bytes of rows; what stands here when the table is read is what SQLite gets.
typedef struct {
    const uint8_t *bytes;
    size_t byte_count;
    /// Where rows begin (64 bits, as Swift counts), in the order in which they are given.
    const int64_t *starts;
    size_t row_count;
} clotus_rows;

/// Makes a table `name` of `column_count` columns over `rows`, for one connection; a code of SQLite, 0 if all is well.
/// `rows` must outlive the connection.
int clotus_rows_register(void *database, const char *name, int column_count, clotus_rows *rows);

/// Leaves out SQLite's own account of its memory, which takes a lock with every allocation. Only before SQLite is used.
int clotus_sqlite_configure(void);
