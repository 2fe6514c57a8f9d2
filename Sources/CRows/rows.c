#include "CRows.h"

#include <sqlite3.h>
#include <string.h>

enum { tag_nothing, tag_integer, tag_real, tag_text, tag_id };
enum { id_characters = 26 };

typedef struct {
    sqlite3_vtab base;
    clotus_rows *rows;
    int column_count;
} rows_table;

/// Everything that columns give out stays as it is until the next row.
typedef struct {
    sqlite3_vtab_cursor base;
    size_t row;
    /// The cell of `column`, from the start of all bytes.
    size_t at;
    int column;
    /// Texts of ids, one for each column.
    char ids[];
} rows_cursor;

static size_t size_of_cell(const clotus_rows *rows, size_t at) {
    size_t left = rows->byte_count - at;
    if (at >= rows->byte_count) return 0;
    size_t size;
    switch (rows->bytes[at]) {
    case tag_nothing: return 1;
    case tag_integer:
    case tag_real: size = 9; break;
    case tag_id: size = 17; break;
    case tag_text: {
        uint32_t length;
        if (left < 5) return 0;
        memcpy(&length, rows->bytes + at + 1, sizeof length);
        size = 5 + (size_t)length;
        break;
    }
    default: return 0;
    }
    return size <= left ? size : 0;
}

static uint64_t big_endian(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | bytes[i];
    return value;
}

/// Crockford's base 32; two bits that are always zero come first.
static void write_id(const uint8_t *bytes, char *text) {
    static const char digits[32] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint64_t high = big_endian(bytes), low = big_endian(bytes + 8);
    for (int i = id_characters - 1; i >= 0; i--) {
        text[i] = digits[low & 31];
        low = low >> 5 | high << 59;
        high >>= 5;
    }
}

static int rows_connect(sqlite3 *database, void *aux, int count, const char *const *arguments, sqlite3_vtab **table,
                        char **error) {
    (void)count;
    (void)arguments;
    const rows_table *model = aux;
    char *text = sqlite3_mprintf("CREATE TABLE x(c0");
    for (int i = 1; text && i < model->column_count; i++) text = sqlite3_mprintf("%z, c%d", text, i);
    if (text) text = sqlite3_mprintf("%z)", text);
    if (!text) return SQLITE_NOMEM;
    int code = sqlite3_declare_vtab(database, text);
    sqlite3_free(text);
    if (code != SQLITE_OK) {
        *error = sqlite3_mprintf("%s", sqlite3_errmsg(database));
        return code;
    }
    rows_table *made = sqlite3_malloc(sizeof *made);
    if (!made) return SQLITE_NOMEM;
    *made = *model;
    *table = &made->base;
    return SQLITE_OK;
}

static int rows_disconnect(sqlite3_vtab *table) {
    sqlite3_free(table);
    return SQLITE_OK;
}

static int rows_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    (void)table;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

static int rows_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor) {
    size_t size = sizeof(rows_cursor) + (size_t)((rows_table *)table)->column_count * id_characters;
    rows_cursor *made = sqlite3_malloc64(size);
    if (!made) return SQLITE_NOMEM;
    memset(made, 0, size);
    *cursor = &made->base;
    return SQLITE_OK;
}

static int rows_close(sqlite3_vtab_cursor *cursor) {
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static void stand_before(rows_cursor *cursor, size_t row) {
    const clotus_rows *rows = ((rows_table *)cursor->base.pVtab)->rows;
    cursor->row = row;
    cursor->column = 0;
    cursor->at = row < rows->row_count ? (size_t)rows->starts[row] : 0;
}

static int rows_filter(sqlite3_vtab_cursor *cursor, int index, const char *name, int count, sqlite3_value **values) {
    (void)index;
    (void)name;
    (void)count;
    (void)values;
    stand_before((rows_cursor *)cursor, 0);
    return SQLITE_OK;
}

static int rows_next(sqlite3_vtab_cursor *cursor) {
    stand_before((rows_cursor *)cursor, ((rows_cursor *)cursor)->row + 1);
    return SQLITE_OK;
}

static int rows_at_end(sqlite3_vtab_cursor *cursor) {
    return ((rows_cursor *)cursor)->row >= ((rows_table *)cursor->pVtab)->rows->row_count;
}

static int rows_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    rows_cursor *cursor = (rows_cursor *)base;
    const clotus_rows *rows = ((rows_table *)base->pVtab)->rows;
    if (column < cursor->column) stand_before(cursor, cursor->row);
    size_t size;
    while ((size = size_of_cell(rows, cursor->at)) > 0 && cursor->column < column) {
        cursor->at += size;
        cursor->column++;
    }
    if (size == 0) {
        sqlite3_result_error(context, "the bytes of a row are malformed", -1);
        return SQLITE_ERROR;
    }
    const uint8_t *value = rows->bytes + cursor->at + 1;
    switch (value[-1]) {
    case tag_nothing: sqlite3_result_null(context); break;
    case tag_integer: {
        int64_t number;
        memcpy(&number, value, sizeof number);
        sqlite3_result_int64(context, number);
        break;
    }
    case tag_real: {
        double number;
        memcpy(&number, value, sizeof number);
        sqlite3_result_double(context, number);
        break;
    }
    case tag_text: sqlite3_result_text(context, (const char *)value + 4, (int)(size - 5), SQLITE_STATIC); break;
    default: {
        char *text = cursor->ids + (size_t)column * id_characters;
        write_id(value, text);
        sqlite3_result_text(context, text, id_characters, SQLITE_STATIC);
    }
    }
    return SQLITE_OK;
}

static int rows_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row) {
    *row = (sqlite3_int64)((rows_cursor *)cursor)->row;
    return SQLITE_OK;
}

/// Without xCreate the table exists by its name alone, in no file.
static const sqlite3_module rows_module = {
    .xConnect = rows_connect,
    .xBestIndex = rows_best_index,
    .xDisconnect = rows_disconnect,
    .xOpen = rows_open,
    .xClose = rows_close,
    .xFilter = rows_filter,
    .xNext = rows_next,
    .xEof = rows_at_end,
    .xColumn = rows_column,
    .xRowid = rows_rowid,
};

int clotus_rows_register(void *database, const char *name, int column_count, clotus_rows *rows) {
    rows_table *model = sqlite3_malloc(sizeof *model);
    if (!model) return SQLITE_NOMEM;
    memset(model, 0, sizeof *model);
    model->rows = rows;
    model->column_count = column_count;
    return sqlite3_create_module_v2(database, name, &rows_module, model, sqlite3_free);
}

int clotus_sqlite_configure(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
