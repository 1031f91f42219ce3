/* SPDX-License-Identifier: MIT */
/* store.c - the runs of a ladder. */
#include "studies/ladder/ladder.h"

#include "store/sql.h"

static const char schema[] =
    "CREATE TABLE rung (arithmetic INTEGER NOT NULL, steps INTEGER NOT NULL,"
    " start INTEGER NOT NULL, outcome TEXT NOT NULL, step INTEGER NOT NULL, theta BLOB NOT NULL,"
    " PRIMARY KEY (arithmetic, steps, start)) WITHOUT ROWID;"
    "CREATE TABLE growth (start INTEGER PRIMARY KEY, rate REAL);";

static void extend(struct store_extension *to, const experiment *now, const experiment *old) {
    store_keep(to, "ladder.starts", now->ladder.starts, old->ladder.starts);
}

const store_kind ladder_store = {
    .name = "ladder", .schema = schema, .identity = experiment_runs_hash, .extend = extend};

bf_status ladder_missing(store *st, int arithmetic, uint64_t steps, uint64_t n, bool *missing,
                         bf_error *err) {
    sqlite3_stmt *q;
    bf_status s =
        store_prepare(st, "SELECT start FROM rung WHERE arithmetic = ? AND steps = ?", &q, err);
    if (s != BF_OK)
        return s;
    store_bind(q, "ii", (int64_t)arithmetic, (int64_t)steps);
    return store_find_missing(st, q, n, missing, err);
}

static bf_status add_rows(store *st, int arithmetic, const ladder_row *r, size_t n, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s =
        store_prepare(st, "INSERT OR IGNORE INTO rung VALUES (?, ?, ?, ?, ?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    for (size_t i = 0; i < n && s == BF_OK; i++) {
        store_bind(q, "iiisib", (int64_t)arithmetic, (int64_t)r[i].steps, (int64_t)r[i].start,
                   r[i].outcome, (int64_t)r[i].step, (const void *)r[i].theta, (int)r[i].n_theta);
        s = store_step(st, q, err);
    }
    sqlite3_finalize(q);
    return s;
}

bf_status ladder_add(store *st, int arithmetic, const ladder_row *rows, size_t n, bf_error *err) {
    bf_status s = store_begin(st, err);
    if (s != BF_OK)
        return s;
    return store_end(st, add_rows(st, arithmetic, rows, n, err), err);
}

bf_status ladder_missing_growth(store *st, uint64_t n, bool *missing, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "SELECT start FROM growth", &q, err);
    return s == BF_OK ? store_find_missing(st, q, n, missing, err) : s;
}

static bf_status add_growth(store *st, const double *rates, size_t n, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "INSERT OR IGNORE INTO growth VALUES (?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    for (size_t i = 0; i < n && s == BF_OK; i++) {
        store_bind(q, "id", (int64_t)i, rates[i]); /* SQLite stores NaN as NULL */
        s = store_step(st, q, err);
    }
    sqlite3_finalize(q);
    return s;
}

bf_status ladder_add_growth(store *st, const double *rates, size_t n, bf_error *err) {
    bf_status s = store_begin(st, err);
    if (s != BF_OK)
        return s;
    return store_end(st, add_growth(st, rates, n, err), err);
}
