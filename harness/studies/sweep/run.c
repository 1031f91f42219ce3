/* SPDX-License-Identifier: MIT */
/* run.c - how often does a perturbation of size eps change the outcome?
 *
 * For each arithmetic: from each start one unperturbed reference run, continued to stability *
 * steps; one perturbed run for each eps; and, from the first few starts, two identical runs whose
 * trajectories are hashed.
 */
#include "studies/sweep/sweep.h"

#include "run/predict.h"
#include "run/run.h"
#include "run/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps between two looks at the limits. */
enum { INTERRUPT_EVERY = 512 };

/* What is to be done under one arithmetic. The result of a trial is a sweep_trial, and behind it
 * its predictions. */
typedef struct job {
    const experiment *x;
    const limits *limits;
    bf_arithmetic arithmetic;
    int id;
    store *store;
    uint64_t *todo; /* what a trial's index stands for: its number, or a repeat's start */
    progress *bar;
    size_t n_predictions; /* bytes; 0: no test data */
    sweep_trial *batch;   /* on its way into the store */
} job;

/* Also what a perturbation is drawn for; eps 0 is the reference. */
static uint64_t trial_number(unsigned eps, uint64_t start) {
    return (uint64_t)eps << 32 | start;
}

/* ---- trials ------------------------------------------------------------------------------- */

static bf_status begin_trial(void *context, uint64_t i, const bf_ensemble *e, uint8_t *theta,
                             void *result, bf_error *err) {
    const job *j = context;
    const experiment *x = j->x;
    sweep_trial *t = result;
    t->eps = (unsigned)(j->todo[i] >> 32);
    t->start = (uint32_t)j->todo[i];
    bf_status s = run_start(x, e, t->start, theta, err);
    if (s == BF_OK && t->eps > 0)
        s = run_perturbation(x)->apply(&j->arithmetic.format, bf_n_parameters(e), theta,
                                       sweep_eps(x, t->eps), x->seed, j->todo[i], &t->moved, err);
    return s;
}

/* Where every run sums in orders of its own, by the trial's number; else all in the same. */
static uint64_t run_number(const experiment *x, uint64_t trial) {
    return x->sweep.orders && strcmp(x->sweep.orders, "own") == 0 ? trial : 0;
}

static uint64_t trial_run(void *context, uint64_t i) {
    const job *j = context;
    return run_number(j->x, j->todo[i]);
}

/* The sizes of results keep them aligned. */
static size_t result_size(const job *j) {
    const size_t size = sizeof(sweep_trial) + j->n_predictions, unit = _Alignof(sweep_trial);
    return (size + unit - 1) / unit * unit;
}

static void observe_trial(void *context, const trials_view *v, void *result) {
    const job *j = context;
    sweep_trial *t = result;
    if (v->stop > 0) {
        strcpy(t->later, v->label);
        return;
    }
    strcpy(t->outcome, v->label);
    t->step = v->step;
    t->hash = bf_hash_of(v->theta, bf_n_parameters(v->e) * j->arithmetic.format.bytes);
    if (v->predictions) {
        t->n_predictions = j->n_predictions;
        memcpy(t + 1, v->predictions, j->n_predictions);
    }
}

static bf_status store_trials(void *context, const void *results, size_t n, bf_error *err) {
    job *j = context;
    sweep_trial *batch = realloc(j->batch, n * sizeof *batch);
    if (!batch)
        return bf_no_memory(err);
    j->batch = batch;
    for (size_t i = 0; i < n; i++) {
        const sweep_trial *t = (const sweep_trial *)((const char *)results + i * result_size(j));
        batch[i] = *t;
        batch[i].predictions = (const uint8_t *)(t + 1);
    }
    return sweep_add(j->store, j->id, batch, n, NULL, 0, err);
}

/* ---- repeats ------------------------------------------------------------------------------ */

/* The chained hash of one start's trajectory, in a given lane among the given neighbours. */
static bf_status hash_run(const job *j, bf_ensemble *e, uint8_t *theta, int lane, uint64_t start,
                          bool neighbours, bf_hash *out, bf_error *err) {
    bf_recorder *r = NULL;
    bf_status s = BF_OK;
    for (int i = 0; i < bf_lanes(e) && s == BF_OK; i++) {
        if (i != lane && !neighbours)
            continue;
        s = run_start(j->x, e, i == lane ? start : start + 1 + (uint64_t)i, theta, err);
        if (s == BF_OK)
            bf_lane_start(e, i, theta);
        if (s == BF_OK && i == lane)
            bf_lane_set_run(e, i, run_number(j->x, trial_number(0, start)));
    }
    BF_TRY(s, bf_recorder_new(&r, e, lane, NULL, err));
    for (uint64_t done = 0; s == BF_OK; done++) {
        bf_gradient(e);
        bf_record(r);
        if (done == j->x->train.steps || bf_lane_diverged(e, lane))
            break;
        bf_update(e);
        if (done % INTERRUPT_EVERY == 0 && limits_interrupted(j->limits))
            s = bf_fail(err, BF_EINTERRUPTED, "interrupted");
    }
    if (s == BF_OK)
        *out = bf_recorder_hash(r);
    bf_recorder_free(r);
    for (int i = 0; i < bf_lanes(e); i++)
        bf_lane_stop(e, i);
    return s;
}

/* Twice the same run: alone in the first lane, then in another lane beside other runs. */
static bf_status repeat(void *context, uint64_t i, bf_ensemble *e, void *result, bf_error *err) {
    const job *j = context;
    sweep_repeat *r = result;
    uint8_t *theta = malloc(bf_n_parameters(e) * j->arithmetic.format.bytes);
    r->start = j->todo[i];
    const int other = (int)((r->start + 1) % (uint64_t)bf_lanes(e));
    bf_status s =
        theta ? hash_run(j, e, theta, 0, r->start, false, &r->first, err) : bf_no_memory(err);
    BF_TRY(s, hash_run(j, e, theta, other, r->start, true, &r->second, err));
    free(theta);
    return s;
}

static bf_status store_repeats(void *context, const void *results, size_t n, bf_error *err) {
    const job *j = context;
    return sweep_add(j->store, j->id, NULL, 0, results, n, err);
}

/* ---- one arithmetic ----------------------------------------------------------------------- */

/* What the store lacks: references, then perturbed trials, then repeats. */
typedef struct counts {
    uint64_t references, perturbed, repeats;
} counts;

static uint64_t sum_of(const counts *n) {
    return n->references + n->perturbed + n->repeats;
}

/* Of the starts from `first` up to `end`. */
static bf_status find_todo(job *j, uint64_t first, uint64_t end, counts *n, bf_error *err) {
    const experiment *x = j->x;
    const uint64_t starts = x->sweep.starts;
    const uint64_t most = (sweep_sizes(x) + 1) * starts;
    free(j->todo);
    j->todo = NULL;
    bool *missing = NULL;
    if (most <= SIZE_MAX / sizeof *j->todo) { /* a size_t may have 32 bits */
        missing = malloc((size_t)starts * sizeof *missing);
        j->todo = malloc((size_t)most * sizeof *j->todo);
    }
    bf_status s = missing && j->todo ? BF_OK : bf_no_memory(err);
    uint64_t found = 0;
    for (unsigned eps = 0; eps < sweep_sizes(x) && s == BF_OK; eps++) {
        s = sweep_missing_trials(j->store, j->id, eps, starts, missing, err);
        for (uint64_t i = first; i < end && s == BF_OK; i++)
            if (missing[i])
                j->todo[found++] = trial_number(eps, i);
        if (eps == 0)
            n->references = found;
    }
    n->perturbed = found - n->references;
    BF_TRY(s, sweep_missing_repeats(j->store, j->id, x->sweep.repeats, missing, err));
    for (uint64_t i = first; i < end && i < x->sweep.repeats && s == BF_OK; i++)
        if (missing[i])
            j->todo[found++] = i;
    n->repeats = found - n->references - n->perturbed;
    free(missing);
    return s;
}

static bf_status run_todo(job *j, const counts *n, bf_error *err) {
    const experiment *x = j->x;
    /* Rounded up: with stability 1.2, 1000 steps go on to 1200. */
    const uint64_t stops[] = {x->train.steps,
                              (uint64_t)ceil(x->sweep.stability * (double)x->train.steps)};
    trials t = {.x = x,
                .arithmetic = &j->arithmetic,
                .n = n->references,
                .result_size = result_size(j),
                .stops = stops,
                .n_stops = 2,
                .predict = true,
                .limits = j->limits,
                .context = j,
                .bar = j->bar,
                .start = begin_trial,
                .run = trial_run,
                .observe = observe_trial,
                .deliver = store_trials};
    uint64_t *const all = j->todo;
    bf_status s = trials_run(&t, err);
    j->todo += t.n;
    t.n = n->perturbed;
    t.n_stops = 1;
    BF_TRY(s, trials_run(&t, err));
    j->todo += t.n;
    t.n = n->repeats;
    t.result_size = sizeof(sweep_repeat);
    t.predict = false;
    t.alone = repeat;
    t.deliver = store_repeats;
    BF_TRY(s, trials_run(&t, err));
    j->todo = all;
    return s;
}

/* How many starts are done with before the next ones begin. All, unless the time may not suffice:
 * then as many as fill the lanes, so that what is done is whole, but few blocks. */
static bf_status block_of(const job *j, uint64_t *block, bf_error *err) {
    enum { BLOCKS = 64 };
    bf_ensemble *e;
    *block = j->x->sweep.starts;
    if (j->limits->deadline <= 0)
        return BF_OK;
    bf_status s = run_ensemble(j->x, &j->arithmetic, j->limits, &e, err);
    if (s != BF_OK)
        return s;
    const uint64_t lanes = (uint64_t)bf_lanes(e) * (uint64_t)limits_threads(j->limits),
                   least = (*block + BLOCKS - 1) / BLOCKS;
    *block = (least + lanes - 1) / lanes * lanes;
    bf_ensemble_free(e);
    return BF_OK;
}

/* What was found of all starts, or block by block. */
static bf_status run_blocks(job *j, const counts *all, bf_error *err) {
    const uint64_t starts = j->x->sweep.starts;
    uint64_t block = starts;
    bf_status s = block_of(j, &block, err);
    if (s == BF_OK && block >= starts)
        return run_todo(j, all, err);
    for (uint64_t first = 0; first < starts && s == BF_OK; first += block) {
        counts n = {0};
        s = find_todo(j, first, first + block < starts ? first + block : starts, &n, err);
        BF_TRY(s, run_todo(j, &n, err));
    }
    return s;
}

static bf_status run_arithmetic(const experiment *x, const char *name, store *st, const limits *l,
                                bf_error *err) {
    job j = {.x = x, .limits = l, .store = st};
    counts n = {0};
    const bf_data *train, *test;
    bf_status s = experiment_data(x, &train, &test, err);
    if (s == BF_OK) {
        j.n_predictions = test->n * PREDICTION_BYTES;
        s = bf_arithmetic_parse(&j.arithmetic, name, err);
    }
    BF_TRY(s, store_arithmetic(st, &j.arithmetic, &j.id, err));
    BF_TRY(s, find_todo(&j, 0, x->sweep.starts, &n, err));
    if (s == BF_OK && sum_of(&n) > 0) {
        progress bar;
        progress_begin(&bar, l, j.arithmetic.name, "trials", sum_of(&n));
        j.bar = &bar;
        s = run_blocks(&j, &n, err);
        progress_end(&bar);
    }
    free(j.todo);
    free(j.batch);
    return s;
}

/* Whether the largest eps suits the model, which only some perturbations ask: before anything is
 * run. */
static bf_status check_perturbation(const experiment *x, const limits *l, bf_error *err) {
    const bf_perturbation *p = run_perturbation(x);
    run r;
    if (!p->counts)
        return BF_OK;
    bf_status s = run_open(&r, x, x->arithmetics[0], l, err);
    if (s != BF_OK)
        return s;
    const size_t n = bf_n_parameters(r.e);
    uint8_t *theta = calloc(n, r.arithmetic.format.bytes);
    s = theta ? p->apply(&r.arithmetic.format, n, theta, sweep_eps(x, sweep_sizes(x) - 1), x->seed,
                         0, NULL, err)
              : bf_no_memory(err);
    free(theta);
    run_close(&r);
    return s;
}

bf_status sweep_check(const experiment *x, const limits *l, const char *path, bf_error *err) {
    return x->sweep.n_eps > 0
               ? check_perturbation(x, l, err)
               : bf_fail(err, BF_EINPUT,
                         "%s: has no sweep.eps; expected for example eps: {from: 1e-16, "
                         "to: 1e-2, points: 8}",
                         path);
}

bf_status sweep_run(const experiment *x, store *st, const limits *l, bf_error *err) {
    bf_status s = BF_OK;
    for (unsigned i = 0; i < x->n_arithmetics && s == BF_OK; i++)
        s = run_arithmetic(x, x->arithmetics[i], st, l, err);
    return s;
}
