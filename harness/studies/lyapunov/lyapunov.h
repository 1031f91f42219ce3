/* SPDX-License-Identifier: MIT */
/* lyapunov.h - Lyapunov exponents of training, x -> F(x) over the optimiser's state, along
 * trajectories.
 *
 * Tangents are propagated exactly (bf_arithmetic_tangent, binary64) and orthonormalised every few
 * steps; the logarithms of what that takes off their lengths, per step, average to the exponents
 * (G. Benettin et al., Meccanica 15 (1980) 9; J.-P. Eckmann, D. Ruelle, Rev. Mod. Phys. 57 (1985)
 * 617). K tangents give the K largest exponents, which are those of the whole spectrum: a tangent
 * is orthonormalised against those before it only. Natural logarithms throughout, by libm:
 * trajectories have the same bits everywhere, exponents agree up to rounding.
 *
 * Resolved by invariant subspace (subspace.h): its symmetry S commutes with DF there, which
 * therefore maps longitudinal vectors to longitudinal ones and transverse vectors to transverse
 * ones. Each block's tangents are projected onto it, (1 +- S)/2, and orthonormalised by themselves,
 * so that no rounding mixes them; `sorted` is the plain iteration over all directions, which does
 * mix them.
 *
 * For the minimal model (w1, w2, v1, v2) P+ has the longitudinal directions e1 = (1,1,0,0)/sqrt(2),
 * e2 = (0,0,1,1)/sqrt(2) and the transverse ones (1,-1,0,0)/sqrt(2), (0,0,1,-1)/sqrt(2).
 *
 * A trajectory is written once, in a transaction of its own. Tables, beside those of every store:
 *
 *   exponent   (id INTEGER PRIMARY KEY, subspace TEXT, place INTEGER)
 *       the columns of growth, from 0: longitudinal, transverse or sorted, and the place
 *       among the vectors of its frame
 *   trajectory (id INTEGER PRIMARY KEY, steps, escaped, first, windows INTEGER,
 *               growth BLOB, points BLOB, mixing, nudge, nudge_short, nudge_tangent REAL)
 *       as in lyapunov_trajectory; id is its index. BLOBs are binary64 numbers, least significant
 *       byte first: growth (windows, exponents), points (windows, 2). NULL: no number.
 *
 * The finite-time exponents of T steps are the sums of T/windows[0] successive rows of growth,
 * divided by T. */
#ifndef LYAPUNOV_H
#define LYAPUNOV_H

#include "experiment/experiment.h"
#include "run/limits.h"
#include "stats/stats.h"
#include "store/contents.h"
#include "experiment/subspace.h"

struct json_t;

extern const store_kind lyapunov_store;

/* Exponents that a block may have. */
enum { LYAPUNOV_MOST = 256 };

/* ---- trajectories ------------------------------------------------------------------------- */

/* Tangents that are orthonormalised together. Their exponents are [at, at + count) of all. */
typedef struct lyapunov_block {
    const char *name; /* "longitudinal", "transverse", "sorted" */
    int sign;         /* of its directions' image under S; 0: all directions */
    size_t count, at;
} lyapunov_block;

/* What follows from an experiment alone. */
typedef struct lyapunov_plan {
    const experiment *x;
    size_t state, parameters;
    size_t n_blocks, n_exponents;
    lyapunov_block blocks[3];     /* sorted is the last, and without a subspace the only one */
    const lyapunov_block *nudged; /* transverse, without a subspace sorted */
    subspace *within;             /* of the state */
    /* A run begun at a trajectory's parameters is not its rest: optimiser state, order of samples
     * and phases begin again. */
    bool restarts;
} lyapunov_plan;

/* For an experiment that has a section lyapunov. BF_EINPUT when the model has no such subspace, or
 * more than LYAPUNOV_MOST directions and the experiment does not say how many exponents. */
BF_MUST_CHECK bf_status lyapunov_plan_new(lyapunov_plan **out, const experiment *x, bf_error *err);
void lyapunov_plan_free(lyapunov_plan *p);

/* Before trajectories are computed: whether S F(theta) = F(S theta), put to the test by two steps
 * under exact sums, BF_EINPUT if not. That a subspace is kept is not enough for its exponents. */
BF_MUST_CHECK bf_status lyapunov_check_symmetry(const lyapunov_plan *p, bf_error *err);

typedef struct lyapunov_trajectory {
    uint64_t index;
    uint64_t steps; /* until it diverged, or all */
    bool diverged;
    /* Windows of windows[0] steps, from the first orthonormalisation at or after `transient`
     * steps, while they end at least `tail` steps before the last step. */
    uint64_t first; /* the step at which the first window begins */
    size_t n_windows;
    double *growth; /* (n_exponents, n_windows): sum of the logarithms over a window */
    /* (n_windows, 2): where it begins, along the first two longitudinal directions of the
     * parameters; without a subspace, the first two parameters */
    double *points;
    /* Within a subspace: the longest piece of a longitudinal or transverse tangent that projection
     * takes off after `every` steps, relative to the tangent, as long as it was or is. */
    double mixing;
    /* A nudge of LYAPUNOV_NUDGE of the parameters at the step `first`, in the leading direction of
     * plan->nudged, by actual runs under LYAPUNOV_NUDGE_ARITHMETIC: the growth rate of its distance
     * from the subspace, without one from the run that is not nudged, over the longest window, and
     * over the shortest, for which the tangent's is beside it (over more, a trajectory in binary64
     * is another one). All of these, the tangent too, begin as runs do: optimiser state zero, step
     * 0 of the order of samples and of phases. NAN: one of them diverged. A nudge that
     * shrinks below 2^-256 of the parameters is lost. */
    double nudge, nudge_short, nudge_tangent;
} lyapunov_trajectory;

#define LYAPUNOV_NUDGE "1e-40"
#define LYAPUNOV_NUDGE_ARITHMETIC "mpfr:256"

void lyapunov_trajectory_free(lyapunov_trajectory *t);

/* Compute the trajectories i < x->lyapunov.trajectories with t[i] NULL, in parallel; every one is
 * the same whatever is computed beside it. `done` (may be NULL) is called with each, by one thread
 * at a time, in no certain order. Ends early when the limits say so: BF_EINTERRUPTED,
 * BF_INCONCLUSIVE. BF_EINPUT when a trajectory leaves the subspace. */
typedef struct lyapunov_watch {
    bf_status (*done)(void *self, const lyapunov_trajectory *t, bf_error *err);
    const limits *limits;
    struct progress *bar; /* counts them; NULL: nothing does */
    void *self;
} lyapunov_watch;
BF_MUST_CHECK bf_status lyapunov_run(const lyapunov_plan *p, lyapunov_trajectory **t,
                                     const lyapunov_watch *watch, bf_error *err);

/* Modified Gram-Schmidt on the rows of v, (count, n): orthonormal afterwards; what was taken off
 * their lengths is added to logs (count) as logarithms. A row that vanishes stays zero and adds
 * minus infinity. */
void lyapunov_orthonormalise(size_t count, size_t n, double *v, double *logs);

/* ---- rows --------------------------------------------------------------------------------- */

/* The trajectories below n that are in the store, into t[index]; the others stay as they are. */
BF_MUST_CHECK bf_status lyapunov_load(store *st, const lyapunov_plan *p, lyapunov_trajectory **t,
                                      size_t n, bf_error *err);
BF_MUST_CHECK bf_status lyapunov_add(store *st, const lyapunov_plan *p,
                                     const lyapunov_trajectory *t, bf_error *err);

/* Compute the trajectories that the store lacks; before that, whether they can be. */
BF_MUST_CHECK bf_status lyapunov_check(const experiment *x, const limits *l, const char *path,
                                       bf_error *err);
BF_MUST_CHECK bf_status lyapunov_compute(const experiment *x, store *st, const limits *l,
                                         bf_error *err);

/* ---- what they say ------------------------------------------------------------------------ */

/* Finite-time exponents lambda^T: averages over windows of T steps that do not overlap. */
typedef struct lyapunov_finite {
    uint64_t steps; /* T */
    uint64_t n, positive;
    estimate positive_fraction;
    estimate variance; /* mean of (lambda^T - its mean)^2 */
} lyapunov_finite;

/* Intervals are of 95 %. Windows of one trajectory are correlated, batches of LYAPUNOV_BATCH of the
 * longest window are taken to be independent: exponents, variances and slopes have percentile
 * intervals from a bootstrap over batches (STATS_RESAMPLES of them; infinite with fewer than
 * STATS_FEWEST batches), fractions the Wilson interval of n reduced by the design effect, that is
 * by how much more the fraction varies between batches than independent windows would let it
 * (L. Kish, Survey Sampling, 1965, section 5.4); with no variation at all, a batch counts once. */
typedef struct lyapunov_exponent {
    const lyapunov_block *block;
    size_t column; /* of a trajectory's growth */
    estimate value;
    lyapunov_finite *finite; /* one a window length */
    /* Least squares of 1/variance = intercept + slope T: with short memory, it grows as T. r2 is
     * the share of its variance that the line explains. NAN: fewer than two lengths. */
    estimate slope;
    double intercept, r2;
} lyapunov_exponent;

enum { LYAPUNOV_BATCH = 8 };

typedef struct lyapunov_spectrum {
    const lyapunov_plan *plan;
    size_t trajectories, diverged, batches;
    uint64_t steps, used;                                          /* that were run; that count */
    uint64_t first_divergence, median_divergence, last_divergence; /* steps, when any diverged */
    lyapunov_exponent *exponents; /* (n_exponents), largest first in each block */
    double mixing;                /* the largest */
    estimate nudge;               /* the mean, interval from a bootstrap over trajectories */
    size_t nudges;
    double nudge_difference; /* the largest between nudge_short and nudge_tangent */
} lyapunov_spectrum;

/* Of n trajectories, in the order of their indices. */
BF_MUST_CHECK bf_status lyapunov_summarise(lyapunov_spectrum **out, const lyapunov_plan *p,
                                           lyapunov_trajectory *const *t, size_t n, bf_error *err);
void lyapunov_spectrum_free(lyapunov_spectrum *s);

/* The finite-time exponents that e->finite[w] is about: (e->finite[w].n), in the order of the
 * trajectories, which are those that were summarised. NULL: no memory. The caller frees it. */
double *lyapunov_finite_values(const lyapunov_spectrum *s, const lyapunov_exponent *e, size_t w,
                               lyapunov_trajectory *const *t);

/* What a store holds so far. */
typedef struct lyapunov_results {
    lyapunov_plan *plan;
    lyapunov_trajectory **trajectories; /* those that are there, by index */
    size_t n;
    lyapunov_spectrum *spectrum;
} lyapunov_results;
BF_MUST_CHECK bf_status lyapunov_analyse(void **out, store *st, const store_contents *c,
                                         bf_error *err);
void lyapunov_free(void *results);

/* The document of `lyapunov --json` and `report --json`; its keys are in the command's help. NULL:
 * no memory. */
struct json_t *lyapunov_json(const lyapunov_spectrum *s);

/* ---- the largest exponent alone ----------------------------------------------------------- */

/* The growth rate of a random tangent over the first `steps` steps from each of n starts (n,
 * parameters * 8, binary64), their beginning included: what decides up to which precision p =
 * value * steps / ln 2 bits a rounding error can still grow to matter. The mean over the runs that
 * do not diverge, with a bootstrap interval over them; NAN when there is none. `rates` (n, may be
 * NULL): each run's, NAN when it diverged. */
BF_MUST_CHECK bf_status lyapunov_largest(const experiment *x, const uint8_t *starts, size_t n,
                                         uint64_t steps, const limits *l, double *rates,
                                         estimate *out, bf_error *err);

#endif
