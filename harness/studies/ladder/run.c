/* SPDX-License-Identifier: MIT */
/* run.c - bitfate ladder: does more precision decide the outcome?
 *
 * The same starts are trained under each arithmetic, and observed after each of ladder.steps steps
 * along one run.
 */
#include "cli/command.h"
#include "cli/output.h"
#include "studies/ladder/ladder.h"
#include "studies/lyapunov/lyapunov.h"
#include "run/run.h"
#include "run/trials.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
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
    size_t sketch; /* bytes of a rung's theta */
    store_rung *rungs;
} job;

/* One run, as the scheduler keeps it: a head, then for each stop a rung, then for each its theta.
 */
typedef struct head {
    uint64_t start;
} head;

static store_rung *rung_of(void *result, unsigned stop) {
    return (store_rung *)((char *)result + sizeof(head)) + stop;
}

static uint8_t *theta_of(const job *j, void *result, unsigned stop) {
    return (uint8_t *)rung_of(result, j->x->ladder.n_steps) + stop * j->sketch;
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
    store_rung *r = rung_of(result, v->stop);
    *r = (store_rung){.start = ((head *)result)->start,
                      .steps = j->x->ladder.steps[v->stop],
                      .step = v->step,
                      .n_theta = j->sketch};
    strcpy(r->outcome, v->label);
    memcpy(theta_of(j, result, v->stop), v->theta, j->sketch);
}

static size_t result_size(const job *j) {
    const size_t stops = j->x->ladder.n_steps,
                 size = sizeof(head) + stops * (sizeof(store_rung) + j->sketch);
    return (size + _Alignof(store_rung) - 1) / _Alignof(store_rung) * _Alignof(store_rung);
}

static bf_status deliver(void *context, const void *results, size_t n, bf_error *err) {
    job *j = context;
    const unsigned stops = j->x->ladder.n_steps;
    store_rung *rungs = realloc(j->rungs, n * stops * sizeof *rungs);
    if (!rungs)
        return bf_no_memory(err);
    j->rungs = rungs;
    for (size_t i = 0; i < n; i++) {
        void *result = (char *)results + i * result_size(j);
        for (unsigned stop = 0; stop < stops; stop++) {
            rungs[i * stops + stop] = *rung_of(result, stop);
            rungs[i * stops + stop].theta = theta_of(j, result, stop);
        }
    }
    return store_add_rungs(j->store, j->id, rungs, n * stops, err);
}

/* Memory for n values, or NULL; a size_t may have 32 bits. */
static void *room_for(uint64_t n, size_t size) {
    return n <= SIZE_MAX / size ? malloc((size_t)n * size) : NULL;
}

/* Starts that lack a rung. */
static bf_status find_todo(job *j, bf_error *err) {
    const experiment *x = j->x;
    const uint64_t starts = x->ladder.starts;
    bool *missing = room_for(starts, sizeof *missing), *any = calloc((size_t)starts, sizeof *any);
    j->todo = room_for(starts, sizeof *j->todo);
    bf_status s = missing && any && j->todo ? BF_OK : bf_no_memory(err);
    for (unsigned stop = 0; stop < x->ladder.n_steps && s == BF_OK; stop++) {
        s = store_missing_rungs(j->store, j->id, x->ladder.steps[stop], starts, missing, err);
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

static bf_status sketch_size(job *j, bf_error *err) {
    bf_ensemble *e;
    bf_status s = run_ensemble(j->x, &j->arithmetic, j->limits, &e, err);
    if (s != BF_OK)
        return s;
    const size_t n = bf_n_parameters(e);
    j->sketch = (n < STORE_SKETCH ? n : STORE_SKETCH) * j->arithmetic.format.bytes;
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

static bf_status ladder_arithmetic(const experiment *x, const char *name, store *st,
                                   const options *o, bf_error *err) {
    job j = {.x = x, .limits = &o->limits, .store = st};
    bf_status s = bf_arithmetic_parse(&j.arithmetic, name, err);
    BF_TRY(s, store_arithmetic(st, &j.arithmetic, &j.id, err));
    BF_TRY(s, find_todo(&j, err));
    if (s == BF_OK && j.n > 0)
        s = sketch_size(&j, err);
    if (s == BF_OK && j.n > 0)
        s = run_todo(&j, err);
    free(j.todo);
    free(j.rungs);
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
    BF_TRY(s, store_add_growth(st, rates, (size_t)starts, err));
    free(theta);
    free(rates);
    return s;
}

static bf_status measure_growth(const experiment *x, store *st, const limits *l, bf_error *err) {
    const uint64_t starts = x->ladder.starts;
    bool *missing = room_for(starts, sizeof *missing), any = false;
    bf_status s = missing ? store_missing_growth(st, starts, missing, err) : bf_no_memory(err);
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

/* ---- the command -------------------------------------------------------------------------- */

static void print_estimate(const char *what, estimate e, const char *unit) {
    if (isnan(e.value))
        printf("%-24s none to be seen\n", what);
    else
        printf("%-24s %.4g [%.4g, %.4g] %s\n", what, e.value, e.low, e.high, unit);
}

static void print_level(const ladder *l, const ladder_level *v) {
    printf("after %" PRIu64 " steps, against %s, %" PRIu64 " starts:\n", v->steps, l->reference,
           l->starts);
    for (size_t i = 0; i < v->n_points; i++) {
        const ladder_point *p = &v->points[i];
        printf("  %-16s %5d bits   %6.2f %%  [%.2f, %.2f]   %" PRIu64 " of %" PRIu64 " differ\n",
               p->arithmetic, p->bits, 100 * p->fraction.value, 100 * p->fraction.low,
               100 * p->fraction.high, p->differ, p->n);
    }
    print_estimate("  bits to halve", v->bits_to_halve, "on the plateau");
    print_estimate("  horizon, measured", v->horizon, "bits");
    print_estimate("  horizon, predicted", v->predicted, "bits: lambda_1 T / ln 2");
}

static bf_status print_ladder(const ladder *l, bf_error *err) {
    for (size_t i = 0; i < l->n_levels && l->reference; i++)
        print_level(l, &l->levels[i]);
    if (l->n_levels > 1)
        print_estimate("horizon per step", l->horizon_per_step, "bits");
    return close_output(stdout, "-", err);
}

static bf_status climb(const experiment *x, const options *o, bf_error *err) {
    store *st;
    bf_status s = store_open(&st, o->output, &store_ladder, x, err);
    if (s != BF_OK)
        return s;
    store_describe(st, o->command_line, limits_threads(&o->limits));
    for (unsigned i = 0; i < x->n_arithmetics && s == BF_OK; i++)
        s = ladder_arithmetic(x, x->arithmetics[i], st, o, err);
    BF_TRY(s, measure_growth(x, st, &o->limits, err));
    ladder *l = NULL;
    BF_TRY(s, ladder_of(&l, st, x, err));
    store_close(st);
    if (s == BF_EINTERRUPTED)
        return bf_fail(err, s, "interrupted; the same command goes on from here (%s)", o->output);
    if (s == BF_INCONCLUSIVE)
        return stopped_in_time(o, o->output);
    if (s == BF_OK && o->json)
        s = print_json(ladder_json(l, x->name), err);
    else if (s == BF_OK && !o->quiet)
        s = print_ladder(l, err);
    ladder_free(l);
    return s;
}

static bf_status run_ladder(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    if (!o->output)
        return bf_fail(err, BF_EINPUT, "expected -o STORE, the file for the runs");
    experiment *x;
    bf_status s =
        experiment_load(&x, arguments[0], o->overrides, o->n_overrides, o->limits.data_folder, err);
    if (s != BF_OK)
        return s;
    if (x->n_arithmetics < 2)
        s = bf_fail(err, BF_EINPUT, "%s: has one arithmetic; expected several to compare",
                    arguments[0]);
    else
        s = climb(x, o, err);
    experiment_free(x);
    return s;
}

const command command_ladder = {
    .name = "ladder",
    .arguments = "EXPERIMENT",
    .summary = "Train the same starts under each arithmetic; compare outcomes with the highest",
    .help = "Outcomes are compared after each of ladder.steps steps (default: train.steps) with\n"
            "those of the arithmetic of highest precision. The store given by -o is one SQLite\n"
            "file; interrupted or killed, the same command goes on where it stopped. It can be\n"
            "extended by more starts, steps or arithmetics.\n\n"
            "JSON: points [{arithmetic, bits, n, differ, fraction, low, high}],\n"
            "horizon_bits_measured, horizon_bits_predicted, bits_to_halve, after train.steps\n"
            "steps; the same under levels for each number of steps. null: there is none.\n\n"
            "  bitfate ladder experiments/minimal-ladder.yaml -o ladder.store\n",
    .takes = "set output allow-library max-time",
    .output = "STORE",
    .least = 1,
    .most = 1,
    .run = run_ladder,
};
