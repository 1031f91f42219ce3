/* SPDX-License-Identifier: MIT */
/* store.c - the trials of a sweep. */
#include "store/sql.h"

static const char schema[] =
    "CREATE TABLE eps (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, value REAL NOT NULL);"
    "CREATE TABLE trial (arithmetic INTEGER NOT NULL, eps INTEGER NOT NULL,"
    " start INTEGER NOT NULL, outcome TEXT NOT NULL, later TEXT, step INTEGER NOT NULL,"
    " moved INTEGER NOT NULL, hash BLOB NOT NULL, predictions BLOB,"
    " PRIMARY KEY (arithmetic, eps, start)) WITHOUT ROWID;"
    "CREATE TABLE repeat (arithmetic INTEGER NOT NULL, start INTEGER NOT NULL,"
    " first BLOB NOT NULL, second BLOB NOT NULL,"
    " PRIMARY KEY (arithmetic, start)) WITHOUT ROWID;";

static bf_status put_eps(store *s, const experiment *x, bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, "INSERT INTO eps VALUES (?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    store_bind(q, "isd", (int64_t)0, "0", 0.0);
    status = store_step(s, q, err);
    for (unsigned i = 0; i < x->sweep.n_eps && status == BF_OK; i++) {
        double value;
        status = bf_number_double(x->sweep.eps[i], &value, err);
        store_bind(q, "isd", (int64_t)i + 1, x->sweep.eps[i], value);
        BF_TRY(status, store_step(s, q, err));
    }
    sqlite3_finalize(q);
    return status;
}

const store_kind store_sweep = {
    .name = "sweep", .schema = schema, .identity = experiment_sweep_hash, .fill = put_eps};

bf_status store_missing_trials(store *s, int arithmetic, unsigned eps, uint64_t n, bool *missing,
                               bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        store_prepare(s, "SELECT start FROM trial WHERE arithmetic = ? AND eps = ?", &q, err);
    if (status != BF_OK)
        return status;
    store_bind(q, "ii", (int64_t)arithmetic, (int64_t)eps);
    return store_find_missing(s, q, n, missing, err);
}

bf_status store_missing_repeats(store *s, int arithmetic, uint64_t n, bool *missing,
                                bf_error *err) {
    sqlite3_stmt *q;
    bf_status status = store_prepare(s, "SELECT start FROM repeat WHERE arithmetic = ?", &q, err);
    if (status != BF_OK)
        return status;
    store_bind(q, "i", (int64_t)arithmetic);
    return store_find_missing(s, q, n, missing, err);
}

static bf_status add_trials(store *s, int arithmetic, const store_trial *t, size_t n,
                            bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        store_prepare(s, "INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        store_bind(q, "iiissiihb", (int64_t)arithmetic, (int64_t)t[i].eps, (int64_t)t[i].start,
                   t[i].outcome, t[i].later[0] ? t[i].later : NULL, (int64_t)t[i].step,
                   (int64_t)t[i].moved, &t[i].hash, t[i].n_predictions ? t[i].predictions : NULL,
                   (int)t[i].n_predictions);
        status = store_step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

static bf_status add_repeats(store *s, int arithmetic, const store_repeat *r, size_t n,
                             bf_error *err) {
    sqlite3_stmt *q;
    bf_status status =
        store_prepare(s, "INSERT OR IGNORE INTO repeat VALUES (?, ?, ?, ?)", &q, err);
    if (status != BF_OK)
        return status;
    for (size_t i = 0; i < n && status == BF_OK; i++) {
        store_bind(q, "iihh", (int64_t)arithmetic, (int64_t)r[i].start, &r[i].first, &r[i].second);
        status = store_step(s, q, err);
    }
    sqlite3_finalize(q);
    return status;
}

bf_status store_add(store *s, int arithmetic, const store_trial *trials, size_t n_trials,
                    const store_repeat *repeats, size_t n_repeats, bf_error *err) {
    bf_status status = store_begin(s, err);
    if (status != BF_OK)
        return status;
    status = add_trials(s, arithmetic, trials, n_trials, err);
    BF_TRY(status, add_repeats(s, arithmetic, repeats, n_repeats, err));
    return store_end(s, status, err);
}
