/* SPDX-License-Identifier: MIT */
/* store.c - the runs of a ladder. */
#include "store/sql.h"

static const char schema[] =
    "CREATE TABLE rung (arithmetic INTEGER NOT NULL, steps INTEGER NOT NULL,"
    " start INTEGER NOT NULL, outcome TEXT NOT NULL, step INTEGER NOT NULL, theta BLOB NOT NULL,"
    " PRIMARY KEY (arithmetic, steps, start)) WITHOUT ROWID;"
    "CREATE TABLE growth (start INTEGER PRIMARY KEY, rate REAL);";

const store_kind store_ladder = {
    .name = "ladder", .schema = schema, .identity = experiment_runs_hash};

bf_status store_missing_rungs(store *s, int arithmetic, uint64_t steps, uint64_t n, bool *missing,
                              bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        store_prepare(s, "SELECT start FROM rung WHERE arithmetic = ? AND steps = ?", &q, err);
    if (status != BF_OK)
        return status;
    store_bind(q, "ii", (int64_t)arithmetic, (int64_t)steps);
    return store_find_missing(s, q, n, missing, err);
}

static bf_status add_rungs(store *s, int arithmetic, const store_rung *r, size_t n, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        store_prepare(s, "INSERT OR IGNORE INTO rung VALUES (?, ?, ?, ?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        store_bind(q, "iiisib", (int64_t)arithmetic, (int64_t)r[i].steps, (int64_t)r[i].start,
                   r[i].outcome, (int64_t)r[i].step, (const void *)r[i].theta, (int)r[i].n_theta);
        status = store_step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

bf_status store_add_rungs(store *s, int arithmetic, const store_rung *rungs, size_t n,
                          bf_error *err) {
    bf_status status = store_begin(s, err);
    if (status != BF_OK)
        return status;
    return store_end(s, add_rungs(s, arithmetic, rungs, n, err), err);
}

bf_status store_missing_growth(store *s, uint64_t n, bool *missing, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, "SELECT start FROM growth", &q, err);
    return status == BF_OK ? store_find_missing(s, q, n, missing, err) : status;
}

static bf_status add_growth(store *s, const double *rates, size_t n, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, "INSERT OR IGNORE INTO growth VALUES (?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        store_bind(q, "id", (int64_t)i, rates[i]); /* SQLite stores NaN as NULL */
        status = store_step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

bf_status store_add_growth(store *s, const double *rates, size_t n, bf_error *err) {
    bf_status status = store_begin(s, err);
    if (status != BF_OK)
        return status;
    return store_end(s, add_growth(s, rates, n, err), err);
}
