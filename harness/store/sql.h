/* SPDX-License-Identifier: MIT */
/* sql.h - what the tables of studies are written with. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/store.h"

#include <sqlite3.h>

/* The present error of SQLite. */
bf_status store_failed(store *st, bf_error *err);
BF_MUST_CHECK bf_status store_execute(store *st, const char *sql, bf_error *err);
BF_MUST_CHECK bf_status store_prepare(store *st, const char *sql, sqlite3_stmt **out,
                                      bf_error *err);
/* Bind in order: i an int64_t, d a double, s a text or NULL, h a hash, b bytes: a pointer and an
 * int, how many. */
void store_bind(sqlite3_stmt *q, const char *types, ...);
/* Run a statement that returns no row, and make it ready for the next. */
BF_MUST_CHECK bf_status store_step(store *st, sqlite3_stmt *q, bf_error *err);
/* A whole number from a query of one row and column. */
BF_MUST_CHECK bf_status store_number(store *st, const char *sql, int64_t *out, bf_error *err);
/* missing[i] for the i < n that the query does not return in its first column; ends the query. */
BF_MUST_CHECK bf_status store_find_missing(store *st, sqlite3_stmt *q, uint64_t n, bool *missing,
                                           bf_error *err);
/* A block of rows: one transaction, which is on disk when store_end returns BF_OK. Nothing of it is
 * when it fails or `s` is not BF_OK. */
BF_MUST_CHECK bf_status store_begin(store *st, bf_error *err);
BF_MUST_CHECK bf_status store_end(store *st, bf_status s, bf_error *err);

/* What is read from here on is one state of a store that may be growing. Until the end of it nobody
 * can write, so nothing should take long. Does nothing inside a transaction. */
BF_MUST_CHECK bf_status store_snapshot(store *st, bf_error *err);
/* Ends what store_snapshot began, if anything. */
void store_snapshot_end(store *st);

#endif
