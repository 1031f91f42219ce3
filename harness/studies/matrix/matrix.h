/* SPDX-License-Identifier: MIT */
/* matrix.h - one training over a product of axes: every cell in a process of its own, cells grouped
 * by their bits, the axes that explain the groups, and where the groups part. */
#ifndef MATRIX_H
#define MATRIX_H

#include "run/difference.h"
#include "run/limits.h"
#include "experiment/experiment.h"
#include "experiment/outcome.h"

/* What is to be run: trial 0 of the experiment, the run that `bitfate train` does. */
typedef struct matrix_plan {
    const experiment *x;
    const char *path; /* of its file: cells read it again */
    const char *const *overrides;
    size_t n_overrides;
    const axes *axes;
    const char *arithmetic; /* where no axis says */
    const char *kernel;     /* likewise; NULL: auto */
    uint64_t repeat;        /* times that each cell is run */
    uint64_t limit;         /* seconds for each run */
    bool by_outcome;        /* group by outcome, not by bits */
    const limits *limits;
    int at_once; /* processes */
} matrix_plan;

typedef enum cell_state {
    CELL_RAN,
    CELL_VARIES,   /* its runs differ from each other */
    CELL_REFUSED,  /* an axis has a value that this machine or program cannot take */
    CELL_OVERTIME, /* stopped at the time limit */
    CELL_CRASHED,  /* ended by a signal */
    CELL_FAILED    /* any other way not to end well */
} cell_state;

typedef struct matrix_cell {
    cell_state state;
    char reason[256]; /* in one line, when there is no result */
    /* Of its first run, when it ran or varies. */
    bf_hash hash; /* chained */
    char outcome[OUTCOME_SIZE];
    uint64_t steps;
    size_t group;         /* CELL_RAN */
    bf_hash other;        /* CELL_VARIES: of the first run that differs from the first */
    bf_difference varies; /* CELL_VARIES: where */
    char *command;        /* does it again, in a shell */
} matrix_cell;

typedef struct matrix_group {
    size_t first, cells; /* its first cell; how many */
} matrix_group;

typedef struct matrix_pair {
    size_t a, b; /* groups, a < b */
    bf_difference where;
    difference_element what;
} matrix_pair;

/* Pairs among the first so many groups are compared; of later ones, those with the first group. */
enum { MATRIX_COMPARED = 16 };

typedef struct matrix {
    const matrix_plan *plan;
    matrix_cell *cells; /* axes->cells */
    matrix_group *groups;
    size_t n_groups; /* in the order of their first cells */
    size_t n_varying, n_missing;
    /* Of the cells in groups: the axes that explain these. Cells that vary no axis explains. */
    bool *explains;
    matrix_pair *pairs;
    size_t n_pairs;
} matrix;

/* Run all cells. What happens to a cell is a result; BF_EINPUT: the experiment itself cannot be
 * run, or names a library that is not allowed (--allow-library). To be given back to matrix_free
 * whether or not it succeeds. */
BF_MUST_CHECK bf_status matrix_run(matrix *m, const matrix_plan *p, bf_error *err);
void matrix_free(matrix *m);

/* BF_DIFFERENT: several groups, or a cell that varies; else BF_INCONCLUSIVE: a cell without a
 * result; else BF_OK. */
bf_status matrix_verdict(const matrix *m);

/* "ran", "varies", ... */
const char *matrix_state(cell_state s);
/* A, B, ..., Z, AA, AB, ... */
const char *matrix_group_name(size_t group, char out[8]);
/* `threads=2 kernels=plain`: the values of a cell on the axes for which `wanted` is true (NULL:
 * all).
 */
void matrix_values(const matrix *m, size_t cell, const bool *wanted, char *out, size_t size);

#endif
