/* SPDX-License-Identifier: MIT */
/* read.h - the runs of a ladder, out of a store. */
#ifndef LADDER_READ_H
#define LADDER_READ_H

#include "studies/ladder/ladder.h"

/* The runs of one arithmetic at one number of steps, by start. */
typedef struct ladder_runs {
    int *outcome; /* its number in labels; -1: no run */
    bool *ended;  /* diverged */
    uint8_t **theta;
    int *n_theta; /* bytes */
} ladder_runs;

typedef struct ladder_member {
    int64_t id;
    char *name;
    bf_format format;
    bool strict, plain;
    unsigned order;  /* in the experiment */
    ladder_runs *at; /* after each number of steps */
} ladder_member;

typedef struct ladder_data {
    size_t starts, n_comparisons;
    const uint64_t *steps;  /* at which they are compared */
    ladder_member *members; /* by bits, then in the experiment's order */
    size_t n_members;
    const ladder_member *reference;
    char **labels;
    int n_labels;
    double *rates; /* of growth, of the starts of which they are known */
    size_t n_rates;
} ladder_data;

/* To be freed in any case. `x`: the store's experiment. */
BF_MUST_CHECK bf_status ladder_read(ladder_data *d, store *st, const experiment *x, bf_error *err);
void ladder_data_free(ladder_data *d);

#endif
