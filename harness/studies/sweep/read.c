/* SPDX-License-Identifier: MIT */
/* read.c - the trials of a sweep, out of a store: one query per question. */
#include "studies/sweep/read.h"

#include "run/predict.h"
#include "stats/stats.h"
#include "store/query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One more element, zeroed, at the end of an array; NULL: no memory. */
static void *append(void *array, size_t *n, size_t size) {
    char **at = array, *grown = realloc(*at, (*n + 1) * size);
    if (!grown)
        return NULL;
    *at = grown;
    return memset(grown + size * (*n)++, 0, size);
}

/* ---- one function per query: what a row adds ----------------------------------------------- */

static sweep_arithmetic *arithmetic_by_id(sweep_reading *b, int64_t id, sweep_runs **r) {
    for (size_t i = 0; i < b->results->n_arithmetics; i++)
        if (b->runs[i].arithmetic == id) {
            *r = &b->runs[i];
            return &b->results->arithmetics[i];
        }
    return NULL;
}

static bf_status want_zero(void *self, sqlite3_stmt *row, bf_error *err) {
    (void)self;
    if (sqlite3_column_int64(row, 0) != 0)
        return bf_fail(err, BF_EINPUT, "not a store of bitfate: %s",
                       (const char *)sqlite3_column_text(row, 1));
    return BF_OK;
}

static bf_status add_arithmetic(void *self, sqlite3_stmt *row, bf_error *err) {
    sweep_reading *b = self;
    size_t n = b->results->n_arithmetics;
    sweep_runs *r = append(&b->runs, &n, sizeof *r);
    if (!r)
        return bf_no_memory(err);
    r->arithmetic = sqlite3_column_int64(row, 0);
    sweep_arithmetic *a = append(&b->results->arithmetics, &b->results->n_arithmetics, sizeof *a);
    if (!a || !(a->name = store_column_text(row, 1)))
        return bf_no_memory(err);
    a->precision = sqlite3_column_int(row, 2);
    a->strict = sqlite3_column_int(row, 3) != 0;
    return BF_OK;
}

static bf_status add_total(void *self, sqlite3_stmt *row, bf_error *err) {
    sweep_reading *b = self;
    (void)err;
    b->results->n = store_column_count(row, 0);
    return BF_OK;
}

static bf_status add_start(void *self, sqlite3_stmt *row, bf_error *err) {
    sweep_reading *b = self;
    sweep_runs *r;
    if (!arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r))
        return bf_fail(err, BF_EINPUT, "damaged store: runs of an arithmetic it does not name");
    bf_status s = bf_array_grow(&r->starts, &r->room, r->n + 1, sizeof *r->starts, err);
    if (s == BF_OK)
        r->starts[r->n++] = sqlite3_column_int64(row, 1);
    return s;
}

/* The trial's point, at the end of the list: a new one when its eps is new. */
static sweep_point *point_of(sweep_arithmetic *a, sweep_runs *r, sqlite3_stmt *row) {
    int64_t eps = sqlite3_column_int64(row, 1);
    if (a->n_points > 0 && r->eps == eps)
        return &a->points[a->n_points - 1];
    uint8_t *outcomes = realloc(r->outcomes, (a->n_points + 1) * r->n);
    if (!outcomes)
        return NULL;
    memset(outcomes + a->n_points * r->n, STATS_ABSENT, r->n);
    r->outcomes = outcomes;
    double *churn = realloc(r->churn, (a->n_points + 1) * r->n * sizeof *churn);
    if (!churn)
        return NULL;
    for (size_t i = 0; i < r->n; i++)
        churn[a->n_points * r->n + i] = NAN;
    r->churn = churn;
    r->eps = eps;
    r->at = 0;
    sweep_point *p = append(&a->points, &a->n_points, sizeof *p);
    if (!p || !(p->eps = store_column_text(row, 2)))
        return NULL;
    p->value = sqlite3_column_double(row, 3);
    return p;
}

/* The share of predictions in which two columns differ; NAN: one has none. False: they are not
 * predictions of the same samples. */
static bool compare_predictions(sqlite3_stmt *row, int column_a, int column_b, double *share) {
    enum { WIDTH = PREDICTION_BYTES };
    const uint8_t *a = sqlite3_column_blob(row, column_a);
    const uint8_t *b = sqlite3_column_blob(row, column_b);
    const int size = sqlite3_column_bytes(row, column_a);
    *share = NAN;
    if (!a || !b)
        return true;
    if (size % WIDTH != 0 || size != sqlite3_column_bytes(row, column_b))
        return false;
    int differ = 0;
    for (int i = 0; i < size; i += WIDTH)
        differ += memcmp(a + i, b + i, WIDTH) != 0;
    *share = (double)differ / (size / WIDTH);
    return true;
}

static bf_status add_trial(void *self, sqlite3_stmt *row, bf_error *err) {
    sweep_reading *b = self;
    sweep_runs *r;
    sweep_arithmetic *a = arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r);
    if (!a || r->n == 0)
        return bf_fail(err, BF_EINPUT, "damaged store: trials of an arithmetic it does not name");
    sweep_point *p = point_of(a, r, row);
    if (!p)
        return bf_no_memory(err);
    int64_t start = sqlite3_column_int64(row, 4);
    while (r->at < r->n && r->starts[r->at] < start)
        r->at++;
    if (r->at == r->n || r->starts[r->at] != start)
        return bf_fail(err, BF_EINPUT, "damaged store: its trials are not in order");
    bool changed = sqlite3_column_int(row, 5) != 0;
    const size_t at = (a->n_points - 1) * r->n + r->at++;
    r->outcomes[at] = changed ? STATS_CHANGED : STATS_SAME;
    if (!compare_predictions(row, 7, 8, &r->churn[at]))
        return bf_fail(err, BF_EINPUT, "damaged store: predictions of other samples");
    p->compared += isnan(r->churn[at]) ? 0 : 1;
    p->n++;
    p->changed += changed;
    p->moved += sqlite3_column_int(row, 6) != 0;
    a->n++;
    return BF_OK;
}

static bf_status add_outcome(void *self, sqlite3_stmt *row, bf_error *err) {
    sweep_reading *b = self;
    sweep_runs *r;
    sweep_arithmetic *a = arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r);
    if (!a)
        return bf_fail(err, BF_EINPUT, "damaged store: runs of an arithmetic it does not name");
    sweep_outcome *o = append(&a->outcomes, &a->n_outcomes, sizeof *o);
    if (!o || !(o->label = store_column_text(row, 1)))
        return bf_no_memory(err);
    o->n = store_column_count(row, 2);
    a->references += o->n;
    a->later += store_column_count(row, 3);
    a->stable += store_column_count(row, 4);
    return BF_OK;
}

static bf_status add_repeats(void *self, sqlite3_stmt *row, bf_error *err) {
    sweep_reading *b = self;
    sweep_runs *r;
    sweep_arithmetic *a = arithmetic_by_id(b, sqlite3_column_int64(row, 0), &r);
    if (!a)
        return bf_fail(err, BF_EINPUT, "damaged store: repeats of an arithmetic it does not name");
    a->repeats = store_column_count(row, 1);
    a->identical = store_column_count(row, 2);
    return BF_OK;
}

/* ---- the queries -------------------------------------------------------------------------- */

static const store_query queries[] = {
    {"it",
     "SELECT count(*) <> 6, 'one of its tables is missing' FROM sqlite_schema WHERE type = 'table'"
     " AND name IN ('experiment', 'arithmetic', 'eps', 'trial', 'repeat', 'provenance')",
     want_zero},
    {"it",
     "SELECT count(*), 'a trial has a value of the wrong type' FROM trial"
     " WHERE typeof(outcome) <> 'text' OR typeof(later) NOT IN ('text', 'null')"
     " OR typeof(moved) <> 'integer'",
     want_zero},
    {"itii", "SELECT id, name, precision, strict FROM arithmetic ORDER BY id", add_arithmetic},
    {"i", "SELECT count(*) FROM trial", add_total},
    {"ii", "SELECT arithmetic, start FROM trial WHERE eps = 0 ORDER BY arithmetic, start",
     add_start},
    {"iitriiibb",
     "SELECT t.arithmetic, t.eps, e.text, e.value, t.start, t.outcome <> r.outcome, t.moved <> 0,"
     " t.predictions, r.predictions"
     " FROM trial t CROSS JOIN eps e ON e.id = t.eps CROSS JOIN trial r"
     " ON r.arithmetic = t.arithmetic AND r.eps = 0 AND r.start = t.start"
     " WHERE t.eps <> 0 ORDER BY t.arithmetic, t.eps, t.start",
     add_trial},
    {"itiii",
     "SELECT arithmetic, outcome, count(*) AS n, count(later), coalesce(sum(later = outcome), 0)"
     " FROM trial WHERE eps = 0 GROUP BY arithmetic, outcome ORDER BY arithmetic, n DESC, outcome",
     add_outcome},
    {"iii",
     "SELECT arithmetic, count(*), sum(first = second) FROM repeat GROUP BY arithmetic"
     " ORDER BY arithmetic",
     add_repeats},
};

bf_status sweep_read(sweep_reading *b, store *st, bf_error *err) {
    bf_status s = BF_OK;
    for (size_t i = 0; s == BF_OK && i < sizeof queries / sizeof *queries; i++)
        s = store_query_rows(st, &queries[i], b, err);
    return s;
}

void sweep_reading_free(sweep_reading *b) {
    for (size_t i = 0; b->runs && i < b->results->n_arithmetics; i++) {
        free(b->runs[i].starts);
        free(b->runs[i].outcomes);
        free(b->runs[i].churn);
    }
    free(b->runs);
}
