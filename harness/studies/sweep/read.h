/* SPDX-License-Identifier: MIT */
/* read.h - the trials of a sweep, out of a store. */
#ifndef SWEEP_READ_H
#define SWEEP_READ_H

#include "studies/sweep/sweep.h"

/* What the trials of one arithmetic say of each start. */
typedef struct sweep_runs {
    int64_t arithmetic; /* its id in the store */
    int64_t *starts;    /* that have a reference, in order */
    size_t n, room;
    uint8_t *outcomes; /* [point * n + start]: see stats.h */
    double *churn;     /* likewise the share of predictions that differ; NAN: not compared */
    /* the last trial read: the id of its eps, and its start's place */
    int64_t eps;
    size_t at;
} sweep_runs;

/* Results being put together. */
typedef struct sweep_reading {
    sweep_results *results;
    sweep_runs *runs; /* of the results' arithmetics */
} sweep_reading;

/* Count into b->results; to be freed in any case. */
BF_MUST_CHECK bf_status sweep_read(sweep_reading *b, store *st, bf_error *err);
void sweep_reading_free(sweep_reading *b);

#endif
