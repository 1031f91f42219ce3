/* SPDX-License-Identifier: MIT */
/* store.c - the trials of a sweep. */
#include "studies/sweep/sweep.h"

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

unsigned sweep_sizes(const experiment *x) {
    return x->sweep.n_eps + 1;
}

const char *sweep_eps(const experiment *x, unsigned index) {
    return index == 0 ? "0" : x->sweep.eps[index - 1];
}

static bf_status put_eps(store *st, const experiment *x, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "INSERT INTO eps VALUES (?, ?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    for (unsigned i = 0; i < sweep_sizes(x) && s == BF_OK; i++) {
        double value;
        s = bf_number_double(sweep_eps(x, i), &value, err);
        store_bind(q, "isd", (int64_t)i, sweep_eps(x, i), value);
        BF_TRY(s, store_step(st, q, err));
    }
    sqlite3_finalize(q);
    return s;
}

static void extend(struct store_extension *to, const experiment *now, const experiment *old) {
    store_keep(to, "sweep.starts", now->sweep.starts, old->sweep.starts);
    store_keep(to, "sweep.repeats", now->sweep.repeats, old->sweep.repeats);
}

const store_kind sweep_store = {.name = "sweep",
                                .schema = schema,
                                .identity = experiment_sweep_hash,
                                .fill = put_eps,
                                .extend = extend};

bf_status sweep_missing_trials(store *st, int arithmetic, unsigned eps, uint64_t n, bool *missing,
                               bf_error *err) {
    sqlite3_stmt *q;
    bf_status s =
        store_prepare(st, "SELECT start FROM trial WHERE arithmetic = ? AND eps = ?", &q, err);
    if (s != BF_OK)
        return s;
    store_bind(q, "ii", (int64_t)arithmetic, (int64_t)eps);
    return store_find_missing(st, q, n, missing, err);
}

bf_status sweep_missing_repeats(store *st, int arithmetic, uint64_t n, bool *missing,
                                bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "SELECT start FROM repeat WHERE arithmetic = ?", &q, err);
    if (s != BF_OK)
        return s;
    store_bind(q, "i", (int64_t)arithmetic);
    return store_find_missing(st, q, n, missing, err);
}

static bf_status add_trials(store *st, int arithmetic, const sweep_trial *t, size_t n,
                            bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(
        st, "INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    for (size_t i = 0; i < n && s == BF_OK; i++) {
        store_bind(q, "iiissiihb", (int64_t)arithmetic, (int64_t)t[i].eps, (int64_t)t[i].start,
                   t[i].outcome, t[i].later[0] ? t[i].later : NULL, (int64_t)t[i].step,
                   (int64_t)t[i].moved, &t[i].hash, t[i].n_predictions ? t[i].predictions : NULL,
                   (int)t[i].n_predictions);
        s = store_step(st, q, err);
    }
    sqlite3_finalize(q);
    return s;
}

static bf_status add_repeats(store *st, int arithmetic, const sweep_repeat *r, size_t n,
                             bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "INSERT OR IGNORE INTO repeat VALUES (?, ?, ?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    for (size_t i = 0; i < n && s == BF_OK; i++) {
        store_bind(q, "iihh", (int64_t)arithmetic, (int64_t)r[i].start, &r[i].first, &r[i].second);
        s = store_step(st, q, err);
    }
    sqlite3_finalize(q);
    return s;
}

bf_status sweep_add(store *st, int arithmetic, const sweep_trial *trials, size_t n_trials,
                    const sweep_repeat *repeats, size_t n_repeats, bf_error *err) {
    bf_status s = store_begin(st, err);
    if (s != BF_OK)
        return s;
    s = add_trials(st, arithmetic, trials, n_trials, err);
    BF_TRY(s, add_repeats(st, arithmetic, repeats, n_repeats, err));
    return store_end(st, s, err);
}
