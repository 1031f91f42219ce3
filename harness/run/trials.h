/* SPDX-License-Identifier: MIT */
/* trials.h - many runs of one experiment under one arithmetic, on all threads.
 *
 * Every thread trains an ensemble of its own, whose lanes are refilled as runs end. A trial must
 * depend on nothing but its index: then neither lanes nor threads nor interruptions show in the
 * results.
 */
#ifndef TRIALS_H
#define TRIALS_H

#include "experiment/experiment.h"
#include "run/progress.h"

/* A run at one of the steps where it is observed. */
typedef struct trials_view {
    const bf_ensemble *e;
    unsigned stop; /* which of the stops */
    uint64_t step; /* of the stop; of the divergence, when the run has diverged before */
    bool diverged;
    const uint8_t *theta; /* parameters * bytes, canonical encoding */
    const char *label;    /* of the outcome here */
    /* Of the test samples, at the first stop, if asked for: see predict.h. NULL: there are no test
     * data, or the run has diverged. */
    const uint8_t *predictions;
} trials_view;

/* Trials that are to be run, and results that wait for delivery: what threads share. */
typedef struct trials_queue trials_queue;

typedef struct trials {
    const experiment *x;
    const bf_arithmetic *arithmetic;
    uint64_t n;         /* trials 0 .. n-1: what each stands for, the caller knows */
    size_t result_size; /* bytes of a result: the caller's record of a trial, all zero at first */
    const uint64_t *stops; /* steps at which every run is observed: above 0, not decreasing; a run
                              ends at the last */
    unsigned n_stops;
    bool predict; /* the test samples at the first stop */
    const limits *limits;
    void *context;
    progress *bar; /* counts the trials; NULL: nothing does */

    /* The start of trial i into theta, and into the result what the caller wants to know of it.
     * Called by many threads. */
    bf_status (*start)(void *context, uint64_t i, const bf_ensemble *e, uint8_t *theta,
                       void *result, bf_error *err);
    /* The number of the run, for arithmetics that draw orders (bf_lane_set_run); NULL: 0. */
    uint64_t (*run)(void *context, uint64_t i);
    /* Called by many threads, once for each stop, in order. A run that has diverged is observed as
     * it then is at all stops that are left. */
    void (*observe)(void *context, const trials_view *v, void *result);
    /* Or, instead of stops, start and observe: all of trial i, in an ensemble for itself. */
    bf_status (*alone)(void *context, uint64_t i, bf_ensemble *e, void *result, bf_error *err);
    /* Or, instead of all of these, x and arithmetic: all that one thread does, with ensembles of
     * its own. It takes trials from the queue and gives results back, until there are no more. */
    bf_status (*thread)(void *context, trials_queue *q, bf_error *err);

    /* Take the results of n trials that have ended, in no particular order. Called by one thread at
     * a time, about once a second, and at the end: also when interrupted. */
    bf_status (*deliver)(void *context, const void *results, size_t n, bf_error *err);
} trials;

/* For `thread`. The next trial; false: there is none, or no time. */
bool trials_take(trials_queue *q, uint64_t *i);
BF_MUST_CHECK bf_status trials_give(trials_queue *q, const void *results, size_t n, bf_error *err);
/* To be asked from time to time: false after another thread has failed, and, with BF_EINTERRUPTED
 * in *s, after an interruption. */
bool trials_go_on(trials_queue *q, bf_status *s, bf_error *err);

/* Run all. The first failure of anything ends it (BF_EINTERRUPTED: by the limits); results up
 * to there are delivered. Out of time, no trial is begun, those begun end: BF_INCONCLUSIVE. */
BF_MUST_CHECK bf_status trials_run(const trials *t, bf_error *err);

#endif
