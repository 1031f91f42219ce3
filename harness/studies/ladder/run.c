/* SPDX-License-Identifier: MIT */
/* run.c - does more precision decide the outcome?
 *
 * The same starts are trained under each arithmetic, and observed after each of ladder.steps steps
 * along one run.
 */
#include "studies/ladder/ladder.h"
#include "studies/lyapunov/lyapunov.h"
#include "run/run.h"
#include "run/trials.h"

#include <stdlib.h>
#include <string.h>

/* What is to be done under one arithmetic. */
typedef struct job {
    const experiment *x;
    const limits *limits;
    bf_arithmetic arithmetic;
    int id;
    store *store;
    uint64_t *todo; /* starts */
    uint64_t n;
    size_t prefix; /* bytes of a row's theta */
    ladder_row *rows;
} job;

/* One run, as the scheduler keeps it: a head, then for each stop a row, then for each its theta.
 */
typedef struct head {
    uint64_t start;
} head;

static ladder_row *row_of(void *result, unsigned stop) {
    return (ladder_row *)((char *)result + sizeof(head)) + stop;
}

static uint8_t *theta_of(const job *j, void *result, unsigned stop) {
    return (uint8_t *)row_of(result, j->x->ladder.n_steps) + stop * j->prefix;
}

static bf_status begin(void *context, uint64_t i, const bf_ensemble *e, uint8_t *theta,
                       void *result, bf_error *err) {
    const job *j = context;
    head *h = result;
    h->start = j->todo[i];
    return run_start(j->x, e, h->start, theta, err);
}

static void observe(void *context, const trials_view *v, void *result) {
    const job *j = context;
    ladder_row *r = row_of(result, v->stop);
    *r = (ladder_row){.start = ((head *)result)->start,
                      .steps = j->x->ladder.steps[v->stop],
                      .step = v->step,
                      .n_theta = j->prefix};
    strcpy(r->outcome, v->label);
    memcpy(theta_of(j, result, v->stop), v->theta, j->prefix);
}

static size_t result_size(const job *j) {
    const size_t stops = j->x->ladder.n_steps,
                 size = sizeof(head) + stops * (sizeof(ladder_row) + j->prefix);
    return (size + _Alignof(ladder_row) - 1) / _Alignof(ladder_row) * _Alignof(ladder_row);
}

static bf_status deliver(void *context, const void *results, size_t n, bf_error *err) {
    job *j = context;
    const unsigned stops = j->x->ladder.n_steps;
    ladder_row *rows = realloc(j->rows, n * stops * sizeof *rows);
    if (!rows)
        return bf_no_memory(err);
    j->rows = rows;
    for (size_t i = 0; i < n; i++) {
        void *result = (char *)results + i * result_size(j);
        for (unsigned stop = 0; stop < stops; stop++) {
            rows[i * stops + stop] = *row_of(result, stop);
            rows[i * stops + stop].theta = theta_of(j, result, stop);
        }
    }
    return ladder_add(j->store, j->id, rows, n * stops, err);
}

/* Memory for n values, or NULL; a size_t may have 32 bits. */
static void *room_for(uint64_t n, size_t size) {
    return n <= SIZE_MAX / size ? malloc((size_t)n * size) : NULL;
}

/* Starts that lack a row. */
static bf_status find_todo(job *j, bf_error *err) {
    const experiment *x = j->x;
    const uint64_t starts = x->ladder.starts;
    bool *missing = room_for(starts, sizeof *missing), *any = calloc((size_t)starts, sizeof *any);
    j->todo = room_for(starts, sizeof *j->todo);
    bf_status s = missing && any && j->todo ? BF_OK : bf_no_memory(err);
    for (unsigned stop = 0; stop < x->ladder.n_steps && s == BF_OK; stop++) {
        s = ladder_missing(j->store, j->id, x->ladder.steps[stop], starts, missing, err);
        for (uint64_t i = 0; i < starts && s == BF_OK; i++)
            any[i] |= missing[i];
    }
    for (uint64_t i = 0; i < starts && s == BF_OK; i++)
        if (any[i])
            j->todo[j->n++] = i;
    free(missing);
    free(any);
    return s;
}

static bf_status prefix_size(job *j, bf_error *err) {
    bf_ensemble *e;
    bf_status s = run_ensemble(j->x, &j->arithmetic, j->limits, &e, err);
    if (s != BF_OK)
        return s;
    const size_t n = bf_n_parameters(e);
    j->prefix = (n < LADDER_PREFIX ? n : LADDER_PREFIX) * j->arithmetic.format.bytes;
    bf_ensemble_free(e);
    return BF_OK;
}

static bf_status run_todo(job *j, bf_error *err) {
    progress bar;
    progress_begin(&bar, j->limits, j->arithmetic.name, "runs", j->n);
    const trials t = {.x = j->x,
                      .arithmetic = &j->arithmetic,
                      .n = j->n,
                      .result_size = result_size(j),
                      .stops = j->x->ladder.steps,
                      .n_stops = j->x->ladder.n_steps,
                      .limits = j->limits,
                      .context = j,
                      .bar = &bar,
                      .start = begin,
                      .observe = observe,
                      .deliver = deliver};
    bf_status s = trials_run(&t, err);
    progress_end(&bar);
    return s;
}

static bf_status run_arithmetic(const experiment *x, const char *name, store *st, const limits *l,
                                bf_error *err) {
    job j = {.x = x, .limits = l, .store = st};
    bf_status s = bf_arithmetic_parse(&j.arithmetic, name, err);
    BF_TRY(s, store_arithmetic(st, &j.arithmetic, &j.id, err));
    BF_TRY(s, find_todo(&j, err));
    if (s == BF_OK && j.n > 0)
        s = prefix_size(&j, err);
    if (s == BF_OK && j.n > 0)
        s = run_todo(&j, err);
    free(j.todo);
    free(j.rows);
    return s;
}

/* ---- growth ------------------------------------------------------------------------------- */

/* How fast a tangent grows from each start: what predicts the horizon. The tangents are drawn by
 * the place of a start, so all are computed again when there are more. */
static bf_status compute_growth(const experiment *x, store *st, const bf_ensemble *e,
                                const limits *l, bf_error *err) {
    const uint64_t starts = x->ladder.starts;
    const size_t bytes = bf_n_parameters(e) * bf_ensemble_format(e)->bytes;
    uint8_t *theta = room_for(starts, bytes);
    double *rates = room_for(starts, sizeof *rates);
    estimate ignored;
    bf_status s = theta && rates ? BF_OK : bf_no_memory(err);
    for (uint64_t i = 0; i < starts && s == BF_OK; i++)
        s = run_start(x, e, i, theta + i * bytes, err);
    BF_TRY(s, lyapunov_largest(x, theta, (size_t)starts, x->train.steps, l, rates, &ignored, err));
    BF_TRY(s, ladder_add_growth(st, rates, (size_t)starts, err));
    free(theta);
    free(rates);
    return s;
}

static bf_status measure_growth(const experiment *x, store *st, const limits *l, bf_error *err) {
    const uint64_t starts = x->ladder.starts;
    bool *missing = room_for(starts, sizeof *missing), any = false;
    bf_status s = missing ? ladder_missing_growth(st, starts, missing, err) : bf_no_memory(err);
    for (uint64_t i = 0; i < starts && s == BF_OK; i++)
        any |= missing[i];
    free(missing);
    if (s != BF_OK || !any)
        return s;
    bf_arithmetic f64;
    bf_ensemble *e;
    s = bf_arithmetic_parse(&f64, "f64", err);
    BF_TRY(s, run_ensemble(x, &f64, l, &e, err));
    if (s != BF_OK)
        return s;
    s = compute_growth(x, st, e, l, err);
    bf_ensemble_free(e);
    return s;
}

/* ---- the whole ---------------------------------------------------------------------------- */

bf_status ladder_check(const experiment *x, const limits *l, const char *path, bf_error *err) {
    (void)l;
    return x->n_arithmetics > 1
               ? BF_OK
               : bf_fail(err, BF_EINPUT, "%s: has one arithmetic; expected several to compare",
                         path);
}

bf_status ladder_run(const experiment *x, store *st, const limits *l, bf_error *err) {
    bf_status s = BF_OK;
    for (unsigned i = 0; i < x->n_arithmetics && s == BF_OK; i++)
        s = run_arithmetic(x, x->arithmetics[i], st, l, err);
    BF_TRY(s, measure_growth(x, st, l, err));
    return s;
}
