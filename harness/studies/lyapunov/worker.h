/* SPDX-License-Identifier: MIT */
/* worker.h - what one thread computes trajectories with.
 *
 * A trajectory occupies one lane for each exponent. Every lane holds the same run, and its tangent
 * is one of a block's frame, which is orthonormalised after each stretch of `every` steps. A worker
 * has as many slots for trajectories as its lanes have room for, or, when the exponents outnumber
 * an ensemble's lanes, one slot over several ensembles. */
#ifndef LYAPUNOV_WORKER_H
#define LYAPUNOV_WORKER_H

#include "studies/lyapunov/lyapunov.h"

/* A trajectory on its way, in the lanes from slot * n_exponents on. */
typedef struct lyapunov_slot {
    lyapunov_trajectory *t; /* NULL: free */
    uint64_t step;
    bool counting;  /* past the transient */
    double *sums;   /* (n_exponents), of the present window */
    uint64_t begun; /* steps in it */
    size_t room;    /* windows */
} lyapunov_slot;

typedef struct lyapunov_worker {
    const lyapunov_plan *p;
    bf_ensemble **ensembles;
    size_t n_ensembles, n_slots, lanes; /* lanes: of one ensemble */
    lyapunov_slot *slots;
    /* For nudges: f64 with tangents; of high precision, the nudged run and without a subspace the
     * one that is not, else NULL. */
    bf_ensemble *probe, *high, *beside;
    uint8_t *theta, *high_theta, *beside_theta;
    double *tangent, *frame; /* (state), (count of sorted, state) */
} lyapunov_worker;

/* The ensemble and the lane that exponent k is in. */
bf_ensemble *lyapunov_lane(const lyapunov_worker *w, const lyapunov_slot *at, size_t k, int *lane);
/* Parameter i of w->theta. */
double lyapunov_parameter(const lyapunov_worker *w, size_t i);

/* The training step with its derivative. */
BF_MUST_CHECK bf_status lyapunov_tangent_ensemble(const experiment *x, bf_ensemble **out,
                                                  bf_error *err);
double lyapunov_dot(const double *a, const double *b, size_t n);

/* A random frame for a block of the slot's trajectory, so that none begins in a subspace of its
 * own; and the block's tangents at the end of a stretch, orthonormalised, their growth in the
 * slot's sums. */
void lyapunov_frame_begin(lyapunov_worker *w, lyapunov_slot *at, const lyapunov_block *b);
void lyapunov_frame_advance(lyapunov_worker *w, lyapunov_slot *at, const lyapunov_block *b);

/* What nudges need, into the worker. */
BF_MUST_CHECK bf_status lyapunov_nudges_new(lyapunov_worker *w, bf_error *err);
/* From w->theta, at rest: how a nudge grows, by tangents and by actual runs. */
BF_MUST_CHECK bf_status lyapunov_nudge(lyapunov_worker *w, const lyapunov_slot *at, bf_error *err);

#endif
