/* SPDX-License-Identifier: MIT */
/* axes.h - the axes over which a training is repeated: what must not matter, but may.
 *
 * In a file, a mapping of axes to lists of values:
 *   arithmetics: [f64, f64/exact]
 *   threads: [1, 2]               of the program and of a BLAS
 *   kernels: [plain, auto]        kernel paths
 *   libraries: {linked: linked, reference: /usr/lib/.../libblas.so.3}     CBLAS, for .../blas
 *   coretypes: [auto, Haswell]    OPENBLAS_CORETYPE
 *   affinity: [all, one]          cores
 *   flush: [off, on]              subnormals flushed (FTZ, DAZ) before the engine is called
 *   rounding: [nearest, up]       rounding mode, likewise
 *   environment: {MALLOC_PERTURB_: [unset, 165]}     variables, each an axis of its own
 * A cell of the product is numbered from 0; the last axis varies fastest.
 */
#ifndef AXES_H
#define AXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct loader;
struct phrase;
struct node;

typedef enum axis_kind {
    AXIS_ARITHMETICS,
    AXIS_THREADS,
    AXIS_KERNELS,
    AXIS_LIBRARIES,
    AXIS_CORETYPES,
    AXIS_AFFINITY,
    AXIS_FLUSH,
    AXIS_ROUNDING,
    AXIS_ENVIRONMENT,
    AXIS_KINDS
} axis_kind;

typedef struct matrix_axis {
    axis_kind kind;
    char *name;    /* as in the file; of AXIS_ENVIRONMENT, the variable's */
    char **values; /* n texts, each once; of AXIS_ARITHMETICS, canonical names */
    char **paths;  /* AXIS_LIBRARIES: n paths, "linked" for the one linked; else NULL */
    unsigned n;
    int line; /* of the file; 0: of an override */
} matrix_axis;

typedef struct axes {
    matrix_axis *list; /* in the order of the file */
    unsigned n;
    size_t cells; /* the product of the numbers of values */
} axes;

enum { AXES_MAX = 32, AXES_MAX_CELLS = 10000 };

/* The name of a kind of axis in a file. */
const char *axes_name(axis_kind kind);
/* What its values are, and what for. */
const char *axes_expected(axis_kind kind, struct phrase *out);
const char *axes_summary(axis_kind kind);
/* The axis of this name, or NULL. */
const matrix_axis *axes_find(const axes *a, const char *name);
/* Which value of axis i a cell has. */
unsigned axes_value(const axes *a, size_t cell, unsigned i);
/* The cell of these values, one an axis. */
size_t axes_cell(const axes *a, const unsigned *values);

/* Take the fields that are axes out of the mapping `map`, whose path is `path`; others stay in it.
 * To be given back to axes_free whether or not it succeeds. */
bool axes_take(struct loader *l, struct node *map, const char *path, axes *out);
void axes_free(axes *a);
/* Write them as fields of a mapping, each on a line of its own, indented by two. */
void axes_write(FILE *f, const axes *a);

#endif
