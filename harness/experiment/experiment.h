/* SPDX-License-Identifier: MIT */
/* experiment.h - experiment files: what to run, as a methods section would say it. */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "experiment/axes.h"
#include "bitfate.h"

/* At most so many ladder.steps. */
enum { EXPERIMENT_STOPS = 32 };
/* At most so many lyapunov.windows. */
enum { EXPERIMENT_WINDOWS = 32 };
/* So many initialisers may `init` name. */
enum { EXPERIMENT_INITIALISERS = 6 };
/* A value that was published of what the experiment measures. */
typedef struct experiment_published {
    char *where, *what, *value; /* free texts */
    char *measure; /* the same here, by the name that the report's chapter knows it by; or NULL */
} experiment_published;

/* A rectangle of the map's plane, and its grid. */
typedef struct experiment_view {
    char *name;    /* [a-z0-9._-]+, of one view only */
    char **x, **y; /* from and to, increasing */
    unsigned n_x, n_y;
    unsigned points; /* per side, both ends included */
    char *rate;      /* NULL: train.rate */
} experiment_view;

/* As written in the file, with defaults filled in. Numbers that enter the computation stay texts:
 * each is rounded once, into the format of the arithmetic that uses it. Strings are owned by the
 * experiment. */
typedef struct experiment {
    char *name;        /* [a-z0-9._-]+, at most 100; default: the file's name without its ending */
    char *description; /* default: empty */
    uint64_t seed;     /* default 1 */
    struct {
        bf_layer *layers;
        unsigned n_layers;
        char *loss; /* default mse */
    } model;
    /* Which fields there are depends on the set; those that it does not take are NULL or 0. */
    struct {
        char *set;    /* "paper8", "idx", "npy" or "synthetic"; see bf_data_source */
        char *folder; /* idx: relative to the present folder; NULL: that of $BITFATE_DATA */
        char *x, *y, *x_test, *y_test; /* npy: files; the last two optional, together */
        uint64_t samples;              /* synthetic: of training; default 1000 */
        uint64_t side;                 /* synthetic: height and width; default 16 */
        uint64_t classes;              /* of labels; default 10 */
        uint64_t first;                /* training samples that are used; default 0: all */
        uint64_t test;                 /* test samples that are used; default 0: none */
        uint64_t pool;                 /* average over so many pixels by as many; default 1 */
        bool standardise;              /* by the training data's mean and deviation */
        char *noise;         /* probability that a training label is drawn anew; default 0 */
        char *shift, *scale; /* `targets: {shift, scale}`: scale (onehot - shift); default 0, 1 */
        uint64_t seed;       /* of noise and synthetic images; default 1 */
        char *hash;          /* of the data; NULL: not known before they are loaded */
        struct experiment_data *loaded;
    } data;
    /* In a file: `init: {values: [...]}`, `{uniform: {low, high}}`, `{planes: {distance}}` or, for
     * layered networks, `{INITIALISER: {gain}}` by a name of bf_initialiser_list. Of
     * several, the one that was overridden last counts and the others are dropped; at a draw,
     * values do. */
    struct {
        char *distribution; /* "values", "uniform", "planes" or an initialiser */
        char **values;      /* "values": one text per parameter */
        unsigned n_values;
        char *low, *high; /* "uniform": default -1, 1 */
        char *distance;   /* "planes": default 1 */
        const char *gain; /* initialisers: default as bf_initialiser_list says */
        char *gains[EXPERIMENT_INITIALISERS]; /* where it is kept */
    } init;
    struct {
        uint64_t steps;                /* default 1000 */
        char *rate;                    /* required */
        char *momentum;                /* default 0 */
        char *decay;                   /* default 0 */
        char *optimiser;               /* NULL: sgd */
        char *beta1, *beta2, *epsilon; /* adam; NULL: 0.9, 0.999, 1e-8 */
        uint64_t batch;                /* samples in a step; 0: all */
        bf_phase *phases;              /* optional: later learning rates */
        unsigned n_phases;
    } train;
    struct {
        char *rule;   /* "planes", "sign" or "vanished"; see outcome.h. Default planes */
        char *within; /* "planes": default 3; "vanished": 0.01 */
        char *bound;  /* above it in magnitude a parameter has diverged; default 1e6; may be inf */
    } outcome;
    char **arithmetics; /* default [f64]; canonical names, no duplicates */
    unsigned n_arithmetics;
    struct {
        /* Resolved to a list of texts, increasing, each a positive number. In a file: a list, a
         * single number, `{values: [...]}`, or `{from, to, points}`: evenly spaced logarithms,
         * both ends included, rounded to 6 significant digits. Default: none. */
        char **eps;
        unsigned n_eps;
        uint64_t starts; /* default 1000 */
        char *perturb; /* a name of bf_perturbation_list, which may want whole eps; default cube */
        /* "own": every run sums in orders of its own, where the arithmetic draws them (as atomic
         * additions on a GPU do); "same": all runs in the same. NULL: same */
        char *orders;
        uint64_t repeats; /* starts of which a second, identical run is hashed; default 32,
                             at most `starts` */
        double stability; /* the reference runs go on to this many times `steps`; default 1.2 */
        char *fit_from;   /* `fit: {from, to}`, each optional: range of eps of the exponent's
                             fit; NULL: see studies/sweep/sweep.h */
        char *fit_to;
    } sweep;
    struct {
        uint64_t starts; /* default 1000 */
        uint64_t *steps; /* at which outcomes are compared, increasing; default [train.steps] */
        unsigned n_steps;
    } ladder;
    /* Optional; its fields have defaults once it is there. */
    struct {
        uint64_t trajectories; /* default 32; 0: there is no such section */
        uint64_t steps;        /* of each, unless it diverges before; default 100000 */
        uint64_t transient;    /* steps at the beginning that do not count; default 1000 */
        uint64_t tail;         /* likewise at the end: the way out, if it escapes; default 1000 */
        /* The invariant subspace in which trajectories lie, by a name of subspace.h; default none.
         */
        char *within;
        /* They begin within this distance, per weight, of the experiment's start; default 1e-3. */
        char *spread;
        /* Steps between orthonormalisations; default 1. More are faster, but in so many steps
         * directions must not draw apart by a factor near 2^53. */
        uint64_t every;
        uint64_t exponents; /* of each block the largest, at most 256; 0: all */
        /* Steps over which finite-time exponents are taken: increasing, each a multiple of the
         * first, the first a multiple of `every`. Default 32, 64, 128, 256, 512. */
        uint64_t *windows;
        unsigned n_windows;
    } lyapunov;
    /* A plane, origin + a u/|u| + b v/|v|, and views of it: either with the directions u and v,
     * rational numbers, one per parameter, and the origin init.values; or through zero and the
     * experiment's start: u what it has within a subspace, v what it has across it. Optional:
     * without it everything here is NULL and 0. */
    struct {
        char **u, **v;
        unsigned n_u, n_v;
        char *within; /* the subspace, by a name of subspace.h; NULL: u and v */
        char *shade;  /* "none", "distance" or "step"; see map.h. Default none */
        experiment_view *views;
        unsigned n_views;
    } map;
    /* Optional; its fields have defaults once it is there. In a file the axes are fields of the
     * section itself, see axes.h. */
    struct {
        axes axes;
        uint64_t repeat;  /* times that each cell is run; default 2; 0: there is no such section */
        uint64_t limit;   /* seconds for one run; default 60 */
        size_t reference; /* the cell with which others are compared; `reference: {AXIS: VALUE}`,
                             the first value where it names none; default the first cell */
        int line;         /* of the file; 0: of an override */
    } matrix;
    experiment_published *published; /* optional: reports set it beside what was measured */
    unsigned n_published;
} experiment;

/* Read `path`, then apply the overrides, each "path.to.field=YAML value", in order. On failure the
 * error names file, line and what was expected, or the override. */
BF_MUST_CHECK bf_status experiment_load(experiment **out, const char *path,
                                        const char *const *overrides, size_t n_overrides,
                                        bf_error *err);
/* The same from memory; `origin` stands for the file's name in errors, `line` for the number of
 * its first line (1 for a whole file). */
BF_MUST_CHECK bf_status experiment_parse(experiment **out, const char *text, size_t size,
                                         const char *origin, int line, const char *const *overrides,
                                         size_t n_overrides, bf_error *err);
void experiment_free(experiment *x);

/* The data, loaded at the first call; they belong to the experiment. test->n is 0 when there are no
 * test data. Several threads may call it. Not those that the experiment's data.hash says, or not
 * to be had: BF_EINPUT. What describes or identifies an experiment includes the data's hash: call
 * this before. */
BF_MUST_CHECK bf_status experiment_data(const experiment *x, const bf_data **train,
                                        const bf_data **test, bf_error *err);

/* The resolved experiment: YAML with every field present, in a fixed order; reading it back gives
 * the same text. The caller frees it; NULL: no memory. */
char *experiment_resolved(const experiment *x);

/* What defines the trials of a sweep: seed, model, data, init, train, outcome, sweep.eps,
 * sweep.perturb and sweep.stability, but neither the arithmetics nor the number of starts or
 * repeats: a store may be extended by these. Over the resolved text of
 * these fields, so `0.5` and `1/2` differ; all zero when there is no memory. */
bf_hash experiment_sweep_hash(const experiment *x);
/* Likewise of unperturbed runs: seed, model, data, init, train and outcome. */
bf_hash experiment_runs_hash(const experiment *x);
/* Likewise what defines each of the trajectories of `lyapunov`, but not how many there are. */
bf_hash experiment_lyapunov_hash(const experiment *x);

/* What defines the pixels of a map: all that defines a run (its rate is the view's), plane, view
 * and shade, but neither names nor seed. All zero when there is no memory. */
bf_hash experiment_map_hash(const experiment *x, const experiment_view *view,
                            const char *arithmetic);

#endif
