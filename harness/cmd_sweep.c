/* SPDX-License-Identifier: MIT */
/* cmd_sweep.c - bitfate sweep: how often does a perturbation of size eps change the outcome?
 *
 * For each arithmetic: from each start one unperturbed reference run, continued to stability *
 * steps; one perturbed run for each eps; and, from the first few starts, two identical runs whose
 * trajectories are hashed. The trials of one (arithmetic, eps) are cut into chunks; a chunk is done
 * by one thread in one ensemble, whose lanes are refilled as runs end. A trial depends on nothing
 * but the experiment, so that neither chunks nor threads nor interruptions show in the rows.
 */
#include "command.h"
#include "outcome.h"
#include "progress.h"
#include "run.h"
#include "report.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined _OPENMP
#include <omp.h>
#else
static int omp_get_max_threads(void) {
    return 1;
}
#endif

/* Steps between two looks at the interrupt flag; seconds between two writes to the store. */
enum { BREATH = 512, WRITE_EVERY = 1 };

/* What is to be done under one arithmetic, and where the results wait to be written. */
typedef struct job {
    const experiment *x;
    bf_arithmetic arithmetic;
    int id;
    store *store;
    uint64_t later_steps; /* the references go on to here */
    struct chunk {
        unsigned eps; /* 0: references; REPEATS: repeats */
        uint64_t first, last;
    } * chunks;
    size_t n_chunks;
    bool *missing;       /* [(eps) starts + start], then repeats */
    store_trial *trials; /* waiting */
    store_repeat *repeats;
    size_t n_trials, n_repeats, trials_room, repeats_room;
    time_t written;
    progress *bar;
    bf_status status; /* of the whole */
    bf_error *err;
} job;

static const unsigned REPEATS = UINT32_MAX;

static uint64_t trial_number(unsigned eps, uint64_t start) {
    return (uint64_t)eps << 32 | start;
}

static bool *missing_of(const job *j, unsigned eps) {
    const size_t row = eps == REPEATS ? j->x->sweep.n_eps + 1 : eps;
    return j->missing + row * j->x->sweep.starts;
}

/* ---- one chunk, on one thread ------------------------------------------------------------- */

typedef struct worker {
    bf_ensemble *e;
    uint8_t *theta;
    store_trial *lane_trials; /* what runs in each lane */
} worker;

static void free_worker(worker *w) {
    bf_ensemble_free(w->e);
    free(w->theta);
    free(w->lane_trials);
    *w = (worker){.e = NULL};
}

static bf_status new_worker(worker *w, const job *j, bf_error *err) {
    *w = (worker){.e = NULL};
    bf_status s = run_ensemble(j->x, &j->arithmetic, &w->e, err);
    if (s != BF_OK)
        return s;
    w->theta = malloc(bf_parameters(w->e) * j->arithmetic.format.bytes);
    w->lane_trials = calloc((size_t)bf_lanes(w->e), sizeof *w->lane_trials);
    return w->theta && w->lane_trials ? BF_OK : bf_fail(err, BF_EMACHINE, "out of memory");
}

static bf_status begin(worker *w, const job *j, int lane, unsigned eps, uint64_t start,
                       bf_error *err) {
    const experiment *x = j->x;
    store_trial *t = &w->lane_trials[lane];
    *t = (store_trial){.eps = eps, .start = start};
    bf_status s = run_start(x, w->e, start, w->theta, err);
    if (s == BF_OK && eps > 0)
        s = bf_perturb_cube(&j->arithmetic.format, bf_parameters(w->e), w->theta,
                            x->sweep.eps[eps - 1], x->seed, trial_number(eps, start), &t->moved,
                            err);
    if (s == BF_OK)
        bf_lane_start(w->e, lane, w->theta);
    return s;
}

/* The run in this lane is at its end, or at a point where its outcome is read. Returns whether it
 * is over. */
static bool observe(worker *w, const job *j, int lane) {
    const bf_format *f = &j->arithmetic.format;
    const size_t n = bf_parameters(w->e);
    store_trial *t = &w->lane_trials[lane];
    const bool diverged = bf_lane_diverged(w->e, lane);
    bf_lane_theta(w->e, lane, w->theta);
    char label[OUTCOME_SIZE];
    outcome_label(j->x, f, n, w->theta, diverged, label);
    if (!t->outcome[0]) {
        strcpy(t->outcome, label);
        t->step = bf_lane_step(w->e, lane);
        t->hash = bf_hash_of(w->theta, n * f->bytes);
        if (t->eps > 0)
            return true;
    }
    if (!diverged && bf_lane_step(w->e, lane) < j->later_steps)
        return false;
    strcpy(t->later, label);
    return true;
}

static uint64_t next_stop(const job *j, const store_trial *t) {
    return t->outcome[0] ? j->later_steps : j->x->train.steps;
}

/* Trials [first, last) of one eps that are missing, into `out`. */
static bf_status run_trials(worker *w, const job *j, const struct chunk *c, store_trial *out,
                            size_t *n_out, bf_error *err) {
    const bool *missing = missing_of(j, c->eps);
    const int lanes = bf_lanes(w->e);
    uint64_t next = c->first;
    bf_status s = BF_OK;
    *n_out = 0;
    for (;;) {
        uint64_t steps = BREATH;
        bool busy = false;
        for (int lane = 0; lane < lanes && s == BF_OK; lane++) {
            store_trial *t = &w->lane_trials[lane];
            const bool occupied = bf_lane_running(w->e, lane) || bf_lane_diverged(w->e, lane);
            if (occupied &&
                (bf_lane_diverged(w->e, lane) || bf_lane_step(w->e, lane) == next_stop(j, t)) &&
                observe(w, j, lane)) {
                out[(*n_out)++] = *t;
                bf_lane_stop(w->e, lane);
            }
            if (!bf_lane_running(w->e, lane)) {
                while (next < c->last && !missing[next])
                    next++;
                if (next < c->last)
                    s = begin(w, j, lane, c->eps, next++, err);
            }
            if (s == BF_OK && bf_lane_running(w->e, lane)) {
                uint64_t left = next_stop(j, t) - bf_lane_step(w->e, lane);
                steps = left < steps ? left : steps;
                busy = true;
            }
        }
        if (s != BF_OK || !busy)
            return s;
        if (interrupted())
            return bf_fail(err, BF_EINTERRUPTED, "interrupted");
        bf_train(w->e, steps);
    }
}

/* The chained hash of one start's trajectory, in a given lane among the given neighbours. */
static bf_status hash_run(worker *w, const job *j, int lane, uint64_t start, bool neighbours,
                          bf_hash *out, bf_error *err) {
    bf_recorder *r = NULL;
    bf_status s = BF_OK;
    for (int i = 0; i < bf_lanes(w->e) && s == BF_OK; i++)
        if (neighbours && i != lane)
            s = begin(w, j, i, 0, start + 1 + (uint64_t)i, err);
    if (s == BF_OK)
        s = begin(w, j, lane, 0, start, err);
    if (s == BF_OK)
        s = bf_recorder_new(&r, w->e, lane, NULL, err);
    for (uint64_t done = 0; s == BF_OK; done++) {
        bf_gradient(w->e);
        bf_record(r);
        if (done == j->x->train.steps || bf_lane_diverged(w->e, lane))
            break;
        bf_update(w->e);
        if (done % BREATH == 0 && interrupted())
            s = bf_fail(err, BF_EINTERRUPTED, "interrupted");
    }
    if (s == BF_OK)
        *out = bf_recorder_hash(r);
    bf_recorder_free(r);
    for (int i = 0; i < bf_lanes(w->e); i++)
        bf_lane_stop(w->e, i);
    return s;
}

/* Twice the same run: alone in the first lane, then in another lane beside other runs. */
static bf_status run_repeats(worker *w, const job *j, const struct chunk *c, store_repeat *out,
                             size_t *n_out, bf_error *err) {
    *n_out = 0;
    bf_status s = BF_OK;
    const int lanes = bf_lanes(w->e);
    for (uint64_t start = c->first; start < c->last && s == BF_OK; start++) {
        if (!missing_of(j, REPEATS)[start])
            continue;
        store_repeat *r = &out[*n_out];
        r->start = start;
        s = hash_run(w, j, 0, start, false, &r->first, err);
        if (s == BF_OK)
            s = hash_run(w, j, (int)((start + 1) % (uint64_t)lanes), start, true, &r->second, err);
        *n_out += s == BF_OK;
    }
    return s;
}

/* ---- one arithmetic ----------------------------------------------------------------------- */

static bf_status flush(job *j, bf_error *err) {
    if (j->n_trials + j->n_repeats == 0)
        return BF_OK;
    bf_status s = store_add(j->store, j->id, j->trials, j->n_trials, j->repeats, j->n_repeats, err);
    j->n_trials = j->n_repeats = 0;
    j->written = time(NULL);
    return s;
}

static bool grow(void **array, size_t *room, size_t wanted, size_t size) {
    if (wanted <= *room)
        return true;
    size_t n = wanted * 2;
    void *p = realloc(*array, n * size);
    if (!p)
        return false;
    *array = p;
    *room = n;
    return true;
}

/* Take a chunk's results. Called by one thread at a time. */
static void deliver(job *j, bf_status s, const bf_error *err, const store_trial *t, size_t n_trials,
                    const store_repeat *r, size_t n_repeats) {
    bf_error own;
    if (s == BF_OK && j->status == BF_OK) {
        if (!grow((void **)&j->trials, &j->trials_room, j->n_trials + n_trials, sizeof *t) ||
            !grow((void **)&j->repeats, &j->repeats_room, j->n_repeats + n_repeats, sizeof *r)) {
            s = bf_fail(&own, BF_EMACHINE, "out of memory");
        } else {
            if (n_trials)
                memcpy(j->trials + j->n_trials, t, n_trials * sizeof *t);
            if (n_repeats)
                memcpy(j->repeats + j->n_repeats, r, n_repeats * sizeof *r);
            j->n_trials += n_trials;
            j->n_repeats += n_repeats;
            progress_add(j->bar, n_trials + n_repeats);
            if (time(NULL) >= j->written + WRITE_EVERY)
                s = flush(j, &own);
        }
        err = &own;
    }
    if (s != BF_OK && j->status == BF_OK) {
        *j->err = *err;
#pragma omp atomic write
        j->status = s;
    }
}

static void work(job *j) {
    /* A thread keeps its ensemble for all its chunks. */
#pragma omp parallel
    {
        worker w;
        bf_error err;
        bf_status s = new_worker(&w, j, &err);
        store_trial *trials = NULL;
        store_repeat *repeats = NULL;
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < j->n_chunks; i++) {
            const struct chunk *c = &j->chunks[i];
            size_t n_trials = 0, n_repeats = 0;
            bf_status go;
#pragma omp atomic read
            go = j->status;
            if (go != BF_OK)
                continue;
            trials = realloc(trials, (c->last - c->first) * sizeof *trials);
            repeats = realloc(repeats, (c->last - c->first) * sizeof *repeats);
            if (s == BF_OK && (!trials || !repeats))
                s = bf_fail(&err, BF_EMACHINE, "out of memory");
            if (s == BF_OK)
                s = c->eps == REPEATS ? run_repeats(&w, j, c, repeats, &n_repeats, &err)
                                      : run_trials(&w, j, c, trials, &n_trials, &err);
#pragma omp critical
            deliver(j, s, &err, trials, n_trials, repeats, n_repeats);
        }
        free(trials);
        free(repeats);
        free_worker(&w);
        bf_thread_end();
    }
}

/* Chunks as large as keeps every lane busy, but small enough to share out and to write often. */
static uint64_t chunk_size(const job *j, bf_error *err, bf_status *s) {
    bf_ensemble *e;
    *s = run_ensemble(j->x, &j->arithmetic, &e, err);
    if (*s == BF_OK)
        *s = outcome_check(j->x, bf_parameters(e), err);
    uint64_t lanes = *s == BF_OK ? (uint64_t)bf_lanes(e) : 1;
    if (*s == BF_OK)
        bf_ensemble_free(e);
    return lanes == 1 ? 4 : 8 * lanes;
}

static bf_status plan_chunks(job *j, uint64_t *todo, bf_error *err) {
    const experiment *x = j->x;
    const uint64_t starts = x->sweep.starts;
    bf_status s;
    const uint64_t size = chunk_size(j, err, &s);
    j->missing = malloc((x->sweep.n_eps + 2) * starts * sizeof *j->missing);
    j->chunks = malloc((x->sweep.n_eps + 2) * (starts / size + 1) * sizeof *j->chunks);
    if (s == BF_OK && (!j->missing || !j->chunks))
        s = bf_fail(err, BF_EMACHINE, "out of memory");
    *todo = 0;
    for (unsigned row = 0; row < x->sweep.n_eps + 2 && s == BF_OK; row++) {
        const unsigned eps = row <= x->sweep.n_eps ? row : REPEATS;
        const uint64_t n = eps == REPEATS ? x->sweep.repeats : starts;
        bool *missing = missing_of(j, eps);
        s = eps == REPEATS ? store_missing_repeats(j->store, j->id, n, missing, err)
                           : store_missing_trials(j->store, j->id, eps, n, missing, err);
        for (uint64_t first = 0; first < n && s == BF_OK; first += size) {
            struct chunk c = {eps, first, first + size < n ? first + size : n};
            uint64_t count = 0;
            for (uint64_t i = c.first; i < c.last; i++)
                count += missing[i];
            if (count)
                j->chunks[j->n_chunks++] = c;
            *todo += count;
        }
    }
    return s;
}

static bf_status sweep_arithmetic(const experiment *x, const char *name, store *st,
                                  const options *o, bf_error *err) {
    job j = {.x = x, .store = st, .err = err, .written = time(NULL)};
    /* Rounded up: with stability 1.2, 1000 steps go on to 1200. */
    j.later_steps = (uint64_t)ceil(x->sweep.stability * (double)x->train.steps);
    uint64_t todo = 0;
    bf_status s = bf_arithmetic_parse(&j.arithmetic, name, err);
    if (s == BF_OK)
        s = store_arithmetic(st, &j.arithmetic, &j.id, err);
    if (s == BF_OK)
        s = plan_chunks(&j, &todo, err);
    if (s == BF_OK && todo > 0) {
        progress bar;
        progress_begin(&bar, j.arithmetic.name, "trials", todo, !o->quiet && !o->json);
        j.bar = &bar;
        work(&j);
        progress_end(&bar);
        s = j.status;
        bf_error later;
        bf_status flushed = flush(&j, s == BF_OK ? err : &later);
        s = s == BF_OK ? flushed : s;
    }
    free(j.missing);
    free(j.chunks);
    free(j.trials);
    free(j.repeats);
    return s;
}

/* ---- the command -------------------------------------------------------------------------- */

static bf_status sweep(const experiment *x, const options *o, bf_error *err) {
    store *st;
    bf_status s = store_open(&st, o->output, x, err);
    if (s != BF_OK)
        return s;
    store_describe(st, run_provenance(o->command_line, omp_get_max_threads()));
    for (unsigned i = 0; i < x->n_arithmetics && s == BF_OK; i++)
        s = sweep_arithmetic(x, x->arithmetics[i], st, o, err);
    summary *sum = NULL;
    if (s == BF_OK)
        s = summary_of(&sum, st, NULL, 0, err);
    store_close(st);
    if (s == BF_EINTERRUPTED)
        return bf_fail(err, s, "interrupted; the same command goes on from here (%s)", o->output);
    if (s == BF_OK && o->json) {
        s = print_json(summary_json(sum), err);
    } else if (s == BF_OK) {
        if (!o->quiet)
            s = report_table(stdout, sum, err);
        if (s == BF_OK)
            s = close_output(stdout, "-", err);
    }
    summary_free(sum);
    return s;
}

static bf_status run_sweep(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    if (!o->output)
        return bf_fail(err, BF_EINPUT, "expected -o STORE, the file for the trials");
    experiment *x;
    bf_status s = experiment_load(&x, arguments[0], o->overrides, o->n_overrides, err);
    if (s != BF_OK)
        return s;
    if (x->sweep.n_eps == 0)
        s = bf_fail(err, BF_EINPUT,
                    "%s: has no sweep.eps; expected for example eps: {from: 1e-16, "
                    "to: 1e-2, points: 8}",
                    arguments[0]);
    else
        s = sweep(x, o, err);
    experiment_free(x);
    return s;
}

const command command_sweep = {
    .name = "sweep",
    .arguments = "EXPERIMENT",
    .summary = "Perturb starts at many scales under each arithmetic; store the outcomes",
    .help =
        "The store given by -o is one SQLite file. Interrupted or killed at any moment, the\n"
        "same command goes on where it stopped and ends with the same rows. A store can be\n"
        "extended by more starts or arithmetics, not by anything else.\n\n"
        "JSON: per arithmetic arithmetic, n, points [{eps, n, changed, fraction, low, high}],\n"
        "phi, phi_low, phi_high, bits_to_halve, and more. null: there is none (no fit, no\n"
        "interval); the texts \"inf\" and \"-inf\": infinite, such as bits_to_halve when phi <= 0.\n"
        "An arithmetic's n is the sum of n over its points.\n\n"
        "  bitfate sweep experiments/minimal-sweep.yaml -o sweep.store\n",
    .takes = OPT_SET | OPT_OUTPUT | OPT_LIBRARY,
    .output = "STORE",
    .least = 1,
    .most = 1,
    .run = run_sweep,
};
