/* SPDX-License-Identifier: MIT */
/* sweep.h - how often a perturbation of size eps changes the outcome. Tables, beside those of every
 * store:
 *
 *   eps    (id INTEGER PRIMARY KEY, text TEXT UNIQUE, value REAL)
 *       id 0 is "0", the unperturbed reference; ids 1.. increase with eps
 *   trial  (arithmetic, eps, start, outcome TEXT, later TEXT, step, moved, hash BLOB,
 *           predictions BLOB)
 *       PRIMARY KEY (arithmetic, eps, start) WITHOUT ROWID
 *       outcome at `steps`; later: the outcome at stability * steps, for eps 0 only, else NULL;
 *       step: where the run ended (below `steps` when it diverged); moved: whether the
 *       perturbation changed any parameter; hash: of the final parameters;
 *       predictions: for each test sample the index of its largest output, in two bytes, the least
 *       significant first; NULL: there are no test data, or the run has diverged
 *   repeat (arithmetic, start, first BLOB, second BLOB)
 *       PRIMARY KEY (arithmetic, start) WITHOUT ROWID
 *       chained trajectory hashes of two identical runs
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "experiment/outcome.h"
#include "run/limits.h"
#include "store/contents.h"

extern const store_kind sweep_store;

/* Perturbations by index: 0 is none, that of the reference; from 1 on those of sweep.eps, which
 * increase. */
unsigned sweep_sizes(const experiment *x);
const char *sweep_eps(const experiment *x, unsigned index);

/* ---- rows --------------------------------------------------------------------------------- */

typedef struct sweep_trial {
    unsigned eps; /* index: 0 the reference */
    uint64_t start, step;
    char outcome[OUTCOME_SIZE], later[OUTCOME_SIZE]; /* later: "" when there is none */
    bool moved;
    bf_hash hash;
    size_t n_predictions; /* bytes; 0: none */
    const uint8_t *predictions;
} sweep_trial;

typedef struct sweep_repeat {
    uint64_t start;
    bf_hash first, second;
} sweep_repeat;

/* Which starts below n are still missing for (arithmetic, eps): missing[i] = true. */
BF_MUST_CHECK bf_status sweep_missing_trials(store *st, int arithmetic, unsigned eps, uint64_t n,
                                             bool *missing, bf_error *err);
BF_MUST_CHECK bf_status sweep_missing_repeats(store *st, int arithmetic, uint64_t n, bool *missing,
                                              bf_error *err);
/* Add a batch in one transaction, which is on disk when this returns. Trials that are there
 * already (from another process at the same time) stay: they are the same. */
BF_MUST_CHECK bf_status sweep_add(store *st, int arithmetic, const sweep_trial *trials,
                                  size_t n_trials, const sweep_repeat *repeats, size_t n_repeats,
                                  bf_error *err);

/* Run what the store lacks of x's trials; before that, whether they can be run. */
BF_MUST_CHECK bf_status sweep_check(const experiment *x, const limits *l, const char *path,
                                    bf_error *err);
BF_MUST_CHECK bf_status sweep_run(const experiment *x, store *st, const limits *l, bf_error *err);

/* ---- results ------------------------------------------------------------------------------ */

typedef struct sweep_point {
    char *eps; /* as in the experiment */
    double value;
    uint64_t n, changed, moved; /* trials; outcome differs from the reference's; start differs */
    /* changed / n with its Wilson 95 % interval; NAN where more than 1 % of the starts are left as
     * they are and determine their runs: such a run is the reference run, not by chance */
    double fraction, low, high;
    bool fitted; /* inside the range of the exponent's fit */
    /* Functional churn: the share of test samples that the reference and the perturbed run predict
     * differently, mean over the `compared` starts of which neither run has diverged, with the 95 %
     * interval of a bootstrap over starts. [0, 1] where that has no end; NAN as above. NAN where
     * none is compared, as without test data. */
    uint64_t compared;
    double churn, churn_low, churn_high;
} sweep_point;

typedef struct sweep_outcome {
    char *label;
    uint64_t n;
} sweep_outcome;

typedef struct sweep_arithmetic {
    char *name;
    int precision;
    bool strict;
    bool determined; /* the start determines the run: strict, and no orders of its own are drawn */
    uint64_t n;      /* trials, references left out */
    sweep_point *points;
    size_t n_points;
    /* f(eps) = C eps^phi by maximum likelihood over [fit_from, fit_to], with the 95 % interval of a
     * bootstrap over starts: see stats.h. NAN when it cannot be fitted (fewer than two points, or
     * no change at all); an end without bound is infinite. */
    double phi, phi_low, phi_high, prefactor, fit_from, fit_to;
    /* 1/phi: further bits of the start that halve f. phi <= 0 gives INFINITY. */
    double bits_to_halve, bits_low, bits_high;
    uint64_t repeats, identical; /* second runs, and how many had the same bits at every step */
    sweep_outcome *outcomes;     /* of the references, most frequent first, then by label */
    size_t n_outcomes;
    /* Unperturbed runs; those that went on to stability * steps; and of these, those whose label
     * was still the same there. */
    uint64_t references, later, stable;
    size_t n_fitted; /* points */
} sweep_arithmetic;

typedef struct sweep_results {
    double stability;
    uint64_t n, expected;          /* trials stored and asked for, references included */
    sweep_arithmetic *arithmetics; /* in the experiment's order */
    size_t n_arithmetics;
    bool churns; /* some predictions are compared */
} sweep_results;

/* Everything that the store holds so far, as sweep_results. Only points with trials are listed;
 * trials whose reference is missing are left out.
 *
 * The fit's default range is where at least 99 % of the perturbations change the start (so that
 * rounding of the start is not mistaken for predictability); sweep.fit narrows it.
 *
 * BF_EINPUT: the store is damaged. */
BF_MUST_CHECK bf_status sweep_analyse(void **out, store *st, const store_contents *c,
                                      bf_error *err);
void sweep_free(void *results);

/* Whether at least 99 % of the point's perturbations changed the start. */
bool sweep_resolved(const sweep_point *p);

struct json_t;
/* A sweep as the document of `sweep --json` and `report --json`:
 * {experiment, arithmetics: [{arithmetic, precision, n, points: [{eps, n, changed, fraction, low,
 * high, ...}], phi, phi_low, phi_high, bits_to_halve, ...}]}. The n of an arithmetic is the sum of
 * those of its points. null: there is none (no fit, no interval); "inf", "-inf": infinite, as are
 * the bits to halve when phi <= 0. The exponent's numbers stand once more under "hex", as hex
 * floats. Where predictions are compared, each point also has {compared, churn, churn_low,
 * churn_high}. NULL: no memory. */
struct json_t *sweep_json(const sweep_results *r, const store_contents *c);

#endif
