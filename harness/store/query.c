/* SPDX-License-Identifier: MIT */
/* query.c - reading rows that a stranger may have written. */
#include "store/query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

char *store_text(const char *text) {
    char *out = strdup(text ? text : "");
    if (out)
        bf_text_printable(out, true);
    return out;
}

char *store_column_text(sqlite3_stmt *row, int column) {
    return store_text((const char *)sqlite3_column_text(row, column));
}

uint64_t store_column_count(sqlite3_stmt *row, int column) {
    const int64_t n = sqlite3_column_int64(row, column);
    return n > 0 ? (uint64_t)n : 0;
}

/* The one-line error behind a result code. */
static bf_status database_error(sqlite3 *db, bf_error *err) {
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_ERROR:
        return bf_fail(err, BF_EINPUT, "not a store of bitfate: %s", sqlite3_errmsg(db));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return bf_fail(err, BF_EINPUT, "damaged store: %s", sqlite3_errmsg(db));
    case SQLITE_NOMEM:
        return bf_no_memory(err);
    default:
        return bf_fail(err, BF_EMACHINE, "cannot read the store: %s", sqlite3_errmsg(db));
    }
}

static bool has_type(sqlite3_stmt *row, int column, char wanted) {
    int type = sqlite3_column_type(row, column);
    switch (wanted) {
    case 't':
        return type == SQLITE_TEXT;
    case 'i':
        return type == SQLITE_INTEGER;
    case 'b':
        return type == SQLITE_BLOB || type == SQLITE_NULL;
    default:
        return (type == SQLITE_FLOAT || type == SQLITE_INTEGER) &&
               isfinite(sqlite3_column_double(row, column));
    }
}

static bool has_types(sqlite3_stmt *row, const char *columns) {
    for (int i = 0; columns[i]; i++)
        if (!has_type(row, i, columns[i]))
            return false;
    return true;
}

bf_status store_query_rows(store *st, const store_query *q, void *self, bf_error *err) {
    sqlite3 *db = store_db(st);
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(db, q->sql, -1, &row, NULL) != SQLITE_OK)
        return database_error(db, err);
    bf_status s = BF_OK;
    int result;
    while (s == BF_OK && (result = sqlite3_step(row)) != SQLITE_DONE) {
        if (result != SQLITE_ROW)
            s = database_error(db, err);
        else if (!has_types(row, q->columns))
            s = bf_fail(err, BF_EINPUT, "not a store of bitfate: a value of the wrong type");
        else
            s = q->row(self, row, err);
    }
    sqlite3_finalize(row);
    return s;
}
