/* SPDX-License-Identifier: MIT */
/* summary.h - what a store says. Of a sweep: uncertain fractions, exponents, repeats, label
 * stability; of other kinds: what their modules say. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "studies/map/basin.h"
#include "studies/ladder/ladder.h"
#include "studies/lyapunov/lyapunov.h"
#include "studies/map/map.h"
#include "store/store.h"

struct json_t;

typedef struct summary_point {
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
} summary_point;

typedef struct summary_outcome {
    char *label;
    uint64_t n;
} summary_outcome;

typedef struct summary_arithmetic {
    char *name;
    int precision;
    bool strict;
    bool determined; /* the start determines the run: strict, and no orders of its own are drawn */
    uint64_t n;      /* trials, references left out */
    summary_point *points;
    size_t n_points;
    /* f(eps) = C eps^phi by maximum likelihood over [fit_from, fit_to], with the 95 % interval of a
     * bootstrap over starts: see stats.h. NAN when it cannot be fitted (fewer than two points, or
     * no change at all); an end without bound is infinite. */
    double phi, phi_low, phi_high, prefactor, fit_from, fit_to;
    /* 1/phi: further bits of the start that halve f. phi <= 0 gives INFINITY. */
    double bits_to_halve, bits_low, bits_high;
    uint64_t repeats, identical; /* second runs, and how many had the same bits at every step */
    summary_outcome *outcomes;   /* of the references, most frequent first, then by label */
    size_t n_outcomes;
    /* Unperturbed runs; those that went on to stability * steps; and of these, those whose label
     * was still the same there. */
    uint64_t references, later, stable;
    size_t n_fitted; /* points */
} summary_arithmetic;

/* What one process that added trials said about itself. */
typedef struct summary_fact {
    char *key, *value;
} summary_fact;

typedef struct summary_session {
    int64_t number;
    summary_fact *facts; /* by key */
    size_t n_facts;
} summary_session;

/* Boundaries no farther apart than so many pixels count as one in the Wada merging test. */
enum { SUMMARY_WADA_RADIUS = 5 };
/* Side in pixels of the boxes of basin entropy: 25 starts each. */
enum { SUMMARY_BASIN_BOX = 5 };

/* A map and the measures of its basins (basin.h, map.h); 1000 resamples, the experiment's seed.
 * What its grid is too small for is NAN, with no boxes and no scales. */
typedef struct summary_map {
    map *map;
    double width, height; /* of the box of the plane */
    /* Share of each of the map's labels, with an interval over tiles (stats_clustered_share): the
     * starts of one tile are no independent trials. */
    estimate *shares;
    basin_entropies entropies;
    basin_scaling scaling[BASIN_ENTROPY + 1]; /* by basin_law */
    /* Not applicable also with more than BASIN_MAX_WADA outcomes. */
    basin_wada wada;
} summary_map;

typedef struct summary {
    const store_kind *kind;
    char *name, *resolved, *description;
    experiment *x;
    uint64_t steps;
    summary_session *sessions;
    size_t n_sessions;

    /* A sweep; all zero for other kinds. */
    double stability;
    uint64_t n, expected;            /* trials stored and asked for, references included */
    summary_arithmetic *arithmetics; /* in the experiment's order */
    size_t n_arithmetics;
    bool churns; /* some predictions are compared */

    /* The others; NULL for another kind. */
    ladder *ladder;
    struct summary_lyapunov {
        lyapunov_plan *plan;
        lyapunov_trajectory **trajectories; /* those that are there, by index */
        size_t n;
        lyapunov_spectrum *spectrum;
    } * lyapunov;
    summary_map *maps; /* in the order in which they were begun */
    size_t n_maps;
} summary;

/* Everything that the store holds so far, in one consistent reading even while it is written.
 * Only points with trials are listed; trials whose reference is missing are left out.
 *
 * The fit's default range is where at least 99 % of the perturbations change the start (so that
 * rounding of the start is not mistaken for predictability); sweep.fit narrows it.
 *
 * The overrides (see experiment.h) are of what does not define the trials, such as sweep.fit.
 *
 * BF_EINPUT: the file is not a store of this version, it is damaged, or a map in it is not
 * finished. */
BF_MUST_CHECK bf_status summary_of(summary **out, store *s, const char *const *overrides,
                                   size_t n_overrides, bf_error *err);
void summary_free(summary *s);
/* Forget of the sessions what may differ where the results do not: all but their commands. */
void summary_reproducible(summary *s);

/* Whether at least 99 % of the point's perturbations changed the start. */
bool summary_resolved(const summary_point *p);

/* A sweep as the document of `sweep --json` and `report --json`:
 * {experiment, arithmetics: [{arithmetic, precision, n, points: [{eps, n, changed, fraction, low,
 * high, ...}], phi, phi_low, phi_high, bits_to_halve, ...}]}. The n of an arithmetic is the sum of
 * those of its points. null: there is none (no fit, no interval); "inf", "-inf": infinite, as are
 * the bits to halve when phi <= 0. The exponent's numbers stand once more under "hex", as hex
 * floats. Where predictions are compared, each point also has {compared, churn, churn_low,
 * churn_high}. NULL: no memory. */
struct json_t *summary_json(const summary *s);

#endif
