/* SPDX-License-Identifier: MIT */
/* query.h - reading rows that a stranger may have written: their types are checked before use. */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/store.h"

#include <sqlite3.h>

/* A query, and what becomes of each of its rows. */
typedef struct store_query {
    /* The type each column must have: i integer, r finite number, t text, b bytes or NULL. */
    const char *columns, *sql;
    bf_status (*row)(void *self, sqlite3_stmt *row, bf_error *err);
} store_query;

/* Run it. BF_EINPUT: the store is damaged, or not one that has these tables. */
BF_MUST_CHECK bf_status store_query_rows(store *st, const store_query *q, void *self,
                                         bf_error *err);

/* A copy that is UTF-8 without control characters, whatever the text was; of NULL an empty one.
 * NULL: no memory. The caller frees it. */
char *store_text(const char *text);
char *store_column_text(sqlite3_stmt *row, int column);
/* 0 for a negative number. */
uint64_t store_column_count(sqlite3_stmt *row, int column);

#endif
