/* SPDX-License-Identifier: MIT */
/* ladder.h - what a ladder says: outcome against precision, the plateau, the horizon.
 *
 * The same starts are trained under every arithmetic; the one of highest precision is the
 * reference. At a given number of steps an arithmetic *differs* from it in the share of starts that
 * end with another outcome. Plain arithmetics (sums in index order: f32, f64, mpfr:P, ...) of
 * growing precision form the curve: a plateau, which falls like 2^(-phi bits), and then, towards
 * the horizon, the fall to nothing: a rounding error of 2^-p that has not had time to grow to the
 * size of a weight cannot change an outcome.
 *
 * Tables, beside those of every store:
 *
 *   rung (arithmetic, steps, start, outcome TEXT, step, theta BLOB)
 *       PRIMARY KEY (arithmetic, steps, start) WITHOUT ROWID
 *       the run from a start after `steps` steps; step: where it ended (below `steps` when it
 *       diverged); theta: its first parameters there, at most LADDER_PREFIX, in canonical encoding
 *   growth (start INTEGER PRIMARY KEY, rate REAL)
 *       of a tangent, per step, over train.steps steps in binary64; NULL: the run diverged
 */
#ifndef LADDER_H
#define LADDER_H

#include "experiment/outcome.h"
#include "stats/stats.h"
#include "run/limits.h"
#include "store/contents.h"

struct json_t;

extern const store_kind ladder_store;

/* ---- rows --------------------------------------------------------------------------------- */

enum { LADDER_PREFIX = 8 };
typedef struct ladder_row {
    uint64_t start, steps, step;
    char outcome[OUTCOME_SIZE];
    size_t n_theta; /* bytes */
    uint8_t *theta;
} ladder_row;

BF_MUST_CHECK bf_status ladder_missing(store *st, int arithmetic, uint64_t steps, uint64_t n,
                                       bool *missing, bf_error *err);
BF_MUST_CHECK bf_status ladder_missing_growth(store *st, uint64_t n, bool *missing, bf_error *err);
/* Rows that are there already (from another process at the same time) stay: they are the same. */
BF_MUST_CHECK bf_status ladder_add_growth(store *st, const double *rates, size_t n, bf_error *err);
BF_MUST_CHECK bf_status ladder_add(store *st, int arithmetic, const ladder_row *rows, size_t n,
                                   bf_error *err);

/* Run what the store lacks; before that, whether it can be run. */
BF_MUST_CHECK bf_status ladder_check(const experiment *x, const limits *l, const char *path,
                                     bf_error *err);
BF_MUST_CHECK bf_status ladder_run(const experiment *x, store *st, const limits *l, bf_error *err);

/* ---- results ------------------------------------------------------------------------------ */

typedef struct ladder_point {
    char *arithmetic;
    int bits;
    bool strict, plain; /* plain: on the curve */
    bool plateau;       /* one of the points of the plateau's fit */
    uint64_t n, differ; /* starts that both have; of these, those whose outcome differs */
    estimate fraction;
} ladder_point;

/* The comparison after one number of steps. All estimates with 95 % intervals; NAN where there is
 * nothing to measure. */
typedef struct ladder_comparison {
    uint64_t steps;
    ladder_point *points; /* by bits, then in the experiment's order; without the reference */
    size_t n_points;
    /* The horizon: bits that a run has lost by then to the growth of its rounding errors,
     * p + log2(distance from the reference / norm), of the highest p below the reference's, as long
     * as the distance is below 2^-10 of the norm. Median over the starts of which that is known,
     * n_horizon of them; bootstrap over starts. */
    estimate horizon;
    uint64_t n_horizon;
    estimate predicted; /* lambda_1 steps / ln 2 */
    /* The plateau: plain points from LADDER_FEWEST_BITS to 0.6 times the horizon. Their mean share
     * (bootstrap over starts), and share = prefactor 2^(-phi bits), see stats.h. */
    estimate plateau;
    exponent slope;
    estimate bits_to_halve; /* 1/phi: further bits that halve the share; infinite when phi <= 0 */
    /* Bits at which the share has fallen to half of the plateau, linear between points of the
     * decreasing regression (Ayer et al., Ann. Math. Stat. 26 (1955) 641); bootstrap over starts.
     * Infinite: the ladder does not reach so far. */
    estimate half;
    int resolved_from; /* no start differs from so many bits on, in a plain point; 0: none */
} ladder_comparison;

enum { LADDER_FEWEST_BITS = 24 };

typedef struct ladder {
    char *reference; /* NULL: no arithmetic has runs */
    int reference_bits;
    uint64_t starts; /* of the reference */
    ladder_comparison *comparisons;
    size_t n_comparisons;
    size_t main; /* the comparison at train.steps, else the last */
    /* The largest Lyapunov exponent per step, over train.steps from these starts: the mean over
     * runs that do not diverge. */
    estimate lambda;
    /* Bits of horizon per step: least squares over the comparisons, bootstrap over starts. NAN with
     * fewer than two. */
    estimate horizon_per_step;
} ladder;

/* A ladder. BF_EINPUT: the store is damaged. */
BF_MUST_CHECK bf_status ladder_analyse(void **out, store *st, const store_contents *c,
                                       bf_error *err);
void ladder_free(void *results);

/* {experiment, reference, reference_bits, steps, points: [{arithmetic, bits, n, differ, fraction,
 * low, high}], plateau, horizon_bits_measured, horizon_bits_predicted, bits_to_halve, ...} of the
 * main comparison, and `levels`, the same for every number of steps. NULL: no memory. */
struct json_t *ladder_json(const ladder *l, const store_contents *c);

#endif
