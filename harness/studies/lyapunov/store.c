/* SPDX-License-Identifier: MIT */
/* store.c - trajectories in a store, and out of it. */
#include "studies/lyapunov/lyapunov.h"

#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "CREATE TABLE exponent (id INTEGER PRIMARY KEY, subspace TEXT NOT NULL,"
    " place INTEGER NOT NULL);"
    "CREATE TABLE trajectory (id INTEGER PRIMARY KEY, steps INTEGER NOT NULL,"
    " escaped INTEGER NOT NULL, first INTEGER NOT NULL, windows INTEGER NOT NULL,"
    " growth BLOB NOT NULL, points BLOB NOT NULL, mixing REAL, nudge REAL, nudge_short REAL,"
    " nudge_tangent REAL);";

static bf_status finish(store *st, sqlite3_stmt *q, int code, bf_error *err) {
    const bf_status s = code == SQLITE_DONE ? BF_OK : store_failed(st, err);
    sqlite3_finalize(q);
    return s;
}

static bf_status put_exponents(store *st, const lyapunov_plan *p, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, "INSERT INTO exponent VALUES (?, ?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    for (size_t b = 0; b < p->n_blocks; b++)
        for (size_t i = 0; i < p->blocks[b].count && s == BF_OK; i++) {
            store_bind(q, "isi", (int64_t)(p->blocks[b].at + i), p->blocks[b].name, (int64_t)i);
            s = store_step(st, q, err);
        }
    sqlite3_finalize(q);
    return s;
}

static bf_status fill(store *st, const experiment *x, bf_error *err) {
    lyapunov_plan *p;
    bf_status s = lyapunov_plan_new(&p, x, err);
    BF_TRY(s, put_exponents(st, p, err));
    lyapunov_plan_free(p);
    return s;
}

static void extend(struct store_extension *to, const experiment *now, const experiment *old) {
    store_keep(to, "lyapunov.trajectories", now->lyapunov.trajectories, old->lyapunov.trajectories);
}

const store_kind lyapunov_store = {.name = "lyapunov",
                                   .schema = schema,
                                   .identity = experiment_lyapunov_hash,
                                   .fill = fill,
                                   .extend = extend};

/* ---- numbers ------------------------------------------------------------------------------ */

/* Numbers as little-endian bytes, to be freed by SQLite. */
static uint8_t *encode(const double *x, size_t n) {
    uint8_t *out = sqlite3_malloc64(8 * n + 1);
    for (size_t i = 0; out && i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &x[i], 8);
        for (int k = 0; k < 8; k++)
            out[8 * i + (size_t)k] = (uint8_t)(bits >> 8 * k);
    }
    return out;
}

static bool bind_numbers(sqlite3_stmt *q, int column, const double *x, size_t n) {
    uint8_t *bytes = encode(x, n);
    return bytes && sqlite3_bind_blob64(q, column, bytes, 8 * n, sqlite3_free) == SQLITE_OK;
}

/* n numbers; NULL: there are not so many, or there is no memory. */
static double *column_numbers(sqlite3_stmt *q, int column, size_t n) {
    const uint8_t *bytes = sqlite3_column_blob(q, column);
    double *out = malloc((n + 1) * sizeof *out);
    if (!out || (size_t)sqlite3_column_bytes(q, column) != 8 * n) {
        free(out);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = 0;
        for (int k = 8; k-- > 0;)
            bits = bits << 8 | bytes[8 * i + (size_t)k];
        memcpy(&out[i], &bits, 8);
    }
    return out;
}

static double column_number(sqlite3_stmt *q, int column) {
    return sqlite3_column_type(q, column) == SQLITE_NULL ? NAN : sqlite3_column_double(q, column);
}

/* ---- rows --------------------------------------------------------------------------------- */

static lyapunov_trajectory *read_row(sqlite3_stmt *q, const lyapunov_plan *p) {
    lyapunov_trajectory *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    *t = (lyapunov_trajectory){.index = (uint64_t)sqlite3_column_int64(q, 0),
                               .steps = (uint64_t)sqlite3_column_int64(q, 1),
                               .diverged = sqlite3_column_int(q, 2) != 0,
                               .first = (uint64_t)sqlite3_column_int64(q, 3),
                               .n_windows = (size_t)sqlite3_column_int64(q, 4),
                               .mixing = column_number(q, 7),
                               .nudge = column_number(q, 8),
                               .nudge_short = column_number(q, 9),
                               .nudge_tangent = column_number(q, 10)};
    if (t->n_windows <= p->x->lyapunov.steps) {
        t->growth = column_numbers(q, 5, t->n_windows * p->n_exponents);
        t->points = column_numbers(q, 6, t->n_windows * 2);
    }
    if (t->growth && t->points)
        return t;
    lyapunov_trajectory_free(t);
    return NULL;
}

bf_status lyapunov_load(store *st, const lyapunov_plan *p, lyapunov_trajectory **t, size_t n,
                        bf_error *err) {
    sqlite3_stmt *q;
    int code;
    bf_status s =
        store_prepare(st, "SELECT * FROM trajectory WHERE id BETWEEN 0 AND ? - 1", &q, err);
    if (s != BF_OK)
        return s;
    sqlite3_bind_int64(q, 1, (int64_t)n);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        const size_t index = (size_t)sqlite3_column_int64(q, 0);
        t[index] = read_row(q, p);
        if (!t[index]) {
            sqlite3_finalize(q);
            return bf_fail(err, BF_EINPUT,
                           "the store's trajectory %zu is damaged; expected a new file", index);
        }
    }
    return finish(st, q, code, err);
}

static bf_status write_row(store *st, const lyapunov_plan *p, const lyapunov_trajectory *t,
                           bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(
        st, "INSERT OR IGNORE INTO trajectory VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &q, err);
    if (s != BF_OK)
        return s;
    const int64_t whole[] = {(int64_t)t->index, (int64_t)t->steps, t->diverged, (int64_t)t->first,
                             (int64_t)t->n_windows};
    const double numbers[] = {t->mixing, t->nudge, t->nudge_short, t->nudge_tangent};
    for (int i = 0; i < 5; i++)
        sqlite3_bind_int64(q, i + 1, whole[i]);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_double(q, i + 8, numbers[i]); /* NAN becomes NULL */
    if (!bind_numbers(q, 6, t->growth, t->n_windows * p->n_exponents) ||
        !bind_numbers(q, 7, t->points, t->n_windows * 2)) {
        sqlite3_finalize(q);
        return bf_no_memory(err);
    }
    return finish(st, q, sqlite3_step(q), err);
}

bf_status lyapunov_add(store *st, const lyapunov_plan *p, const lyapunov_trajectory *t,
                       bf_error *err) {
    bf_status s = store_begin(st, err);
    return s == BF_OK ? store_end(st, write_row(st, p, t, err), err) : s;
}
