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

/* The table of its fields, fields.c, says of each what it is, its default and its range. Numbers
 * that enter the computation stay texts: each is rounded once, into the format of the arithmetic
 * that uses it. Strings are owned by the experiment. */
typedef struct experiment {
    char *name, *description;
    uint64_t seed;
    struct {
        bf_layer *layers; /* all settings given */
        unsigned n_layers;
        const char *loss; /* of bf_loss_list */
        const bf_setting *loss_settings;
        size_t n_loss_settings;
    } model;
    /* Which fields there are depends on the set; those that it does not take are NULL or 0. */
    struct {
        char *set; /* one of bf_data_list, "idx", "npy" or "synthetic"; see bf_data_source */
        char *folder, *x, *y, *x_test, *y_test;
        uint64_t samples, side, classes, first, test, pool;
        bool standardise;
        char *noise, *shift, *scale;
        uint64_t seed;
        char *hash;            /* NULL: not known before they are loaded */
        const char *elsewhere; /* where IDX files are when no folder is given; NULL: nowhere */
        struct experiment_data *loaded;
    } data;
    /* Of several, the one that was overridden last counts and the others are dropped; at a draw,
     * values do. */
    struct {
        char *distribution; /* "values", "uniform", "planes" or one of bf_initialiser_list */
        char **values;
        unsigned n_values;
        char *low, *high; /* "uniform" */
        char *distance;   /* "planes" */
        char *gain;       /* initialisers */
    } init;
    struct {
        uint64_t steps;
        char *rate, *optimiser;
        const bf_setting *settings; /* all options of the optimiser */
        size_t n_settings;
        uint64_t batch;   /* samples in a step; 0: all */
        bf_phase *phases; /* later learning rates */
        unsigned n_phases;
    } train;
    struct {
        char *rule; /* see outcome.h */
        char *within, *bound;
    } outcome;
    char **arithmetics; /* canonical names, no duplicates */
    unsigned n_arithmetics;
    struct {
        char **eps; /* increasing */
        unsigned n_eps;
        uint64_t starts;
        char *perturb; /* a name of bf_perturbation_list, which may want whole eps */
        char *orders;  /* "own" (as atomic additions on a GPU do) or "same" */
        uint64_t repeats;
        double stability;
        char *fit_from, *fit_to; /* NULL: see studies/sweep/sweep.h */
    } sweep;
    struct {
        uint64_t starts, *steps; /* increasing */
        unsigned n_steps;
    } ladder;
    struct {
        uint64_t trajectories; /* 0: there is no such section */
        uint64_t steps, transient, tail;
        char *within, *spread; /* within: a name of subspace.h */
        /* More are faster, but in so many steps directions must not draw apart by a factor near
         * 2^53. */
        uint64_t every;
        uint64_t exponents; /* 0: all */
        uint64_t *windows;  /* increasing multiples of the first, it a multiple of `every` */
        unsigned n_windows;
    } lyapunov;
    /* A plane, origin + a u/|u| + b v/|v|, and views of it: either with the directions u and v,
     * rational numbers, one per parameter, and the origin init.values; or through zero and the
     * experiment's start: u what it has within a subspace, v what it has across it. Where there is
     * no such section everything here is NULL and 0. */
    struct {
        char **u, **v;
        unsigned n_u, n_v;
        char *within; /* the subspace, by a name of subspace.h; NULL: u and v */
        char *shade;  /* see map.h */
        experiment_view *views;
        unsigned n_views;
    } map;
    struct {
        axes axes;
        uint64_t repeat;  /* 0: there is no such section */
        uint64_t limit;   /* seconds */
        size_t reference; /* the cell with which others are compared */
        int line;         /* of the file; 0: of an override */
    } matrix;
    experiment_published *published; /* reports set it beside what was measured */
    unsigned n_published;
} experiment;

/* Read `path`, then apply the overrides, each "path.to.field=YAML value", in order. What the file
 * names is relative to the file, what an override names to the working directory. `data_folder` is
 * where IDX files are, when data.folder is left out; NULL: nowhere. On failure the error names
 * file, line and what was expected, or the override. */
BF_MUST_CHECK bf_status experiment_load(experiment **out, const char *path,
                                        const char *const *overrides, size_t n_overrides,
                                        const char *data_folder, bf_error *err);
/* The same from memory, for resolved experiments: what they name is relative to the working
 * directory. `origin` stands for the file's name in errors, `line` for the number of its first line
 * (1 for a whole file). */
BF_MUST_CHECK bf_status experiment_parse(experiment **out, const char *text, size_t size,
                                         const char *origin, int line, const char *const *overrides,
                                         size_t n_overrides, const char *data_folder,
                                         bf_error *err);
void experiment_free(experiment *x);

/* The data, loaded at the first call; they belong to the experiment. test->n is 0 when there are no
 * test data. Several threads may call it. BF_EINPUT when they cannot be loaded,
 * or are not those that the experiment's data.hash says. What describes or identifies an experiment
 * includes the data's hash: call this before. */
BF_MUST_CHECK bf_status experiment_data(const experiment *x, const bf_data **train,
                                        const bf_data **test, bf_error *err);

/* The resolved experiment: YAML with every field present, in a fixed order; reading it back gives
 * the same text. The caller frees it; NULL: no memory. */
char *experiment_resolved(const experiment *x);

/* What defines the trials of a sweep, by the parts that the fields are of (fields.h): neither the
 * arithmetics nor the number of starts or repeats, by which a store may be extended. Over the
 * resolved text of these fields, so `0.5` and `1/2` differ; all zero when there is no memory. A
 * program with more fields hashes otherwise: see store_identity. */
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
