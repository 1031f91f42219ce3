/* SPDX-License-Identifier: MIT */
/* run.h - from an experiment to runs. */
#ifndef RUN_H
#define RUN_H

#include "experiment/experiment.h"
#include "run/limits.h"

#include <stdio.h>

/* An ensemble for the experiment, and whether its start fits the model. BF_EINPUT also when the
 * arithmetic names a library that the limits do not allow. */
BF_MUST_CHECK bf_status run_ensemble(const experiment *x, const bf_arithmetic *a, const limits *l,
                                     bf_ensemble **out, bf_error *err);

/* The same model on the test samples, to be run forward only: in batches of as many samples as in
 * training, at most all. NULL when there are no test data. */
BF_MUST_CHECK bf_status run_test_ensemble(const experiment *x, const bf_arithmetic *a,
                                          bf_ensemble **out, bf_error *err);

/* The start of trial i: parameters * bytes, canonical encoding. */
BF_MUST_CHECK bf_status run_start(const experiment *x, const bf_ensemble *e, uint64_t trial,
                                  uint8_t *theta, bf_error *err);

/* How the experiment's sweep perturbs. */
const bf_perturbation *run_perturbation(const experiment *x);

/* One run, in lane 0 of an ensemble of its own. */
typedef struct run {
    const experiment *x;
    const limits *limits;
    experiment *own; /* x, when it came out of a trace */
    bf_arithmetic arithmetic;
    bf_ensemble *e;
    uint64_t every; /* run_write records its multiples and the last step; 0: every step */
    /* When not NULL, run_write writes there, as CSV: a header, then for every step its number and
     * all parameters, in decimals that read back exactly. */
    FILE *weights;
} run;

/* Put the experiment's run (trial 0) at its start. */
BF_MUST_CHECK bf_status run_open(run *r, const experiment *x, const char *arithmetic,
                                 const limits *l, bf_error *err);
/* The same from a trace, read from `path`: the run that it says was recorded. */
BF_MUST_CHECK bf_status run_reopen(run *r, const bf_trace *t, const char *path, const limits *l,
                                   bf_error *err);
void run_close(run *r);

/* What makes a trace a golden. */
typedef struct blessing {
    const char *why;
    const bf_hash *replaces; /* NULL: nothing */
    bf_hash final;
    const char *scope; /* the text of a bf_scope */
} blessing;

/* Train from the start to the last step, or to where the run diverges, hashing what is recorded.
 * Writes a trace into the file (NULL: none): a golden when `b` is not NULL. Whether the file took
 * everything is for the caller to ask. `final`: the chained hash. */
BF_MUST_CHECK bf_status run_write(run *r, FILE *file, const blessing *b, bf_hash *final,
                                  bf_error *err);

#endif
