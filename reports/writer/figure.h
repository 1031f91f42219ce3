/* SPDX-License-Identifier: MIT */
/* figure.h - figures drawn by gnuplot, as SVG to be inlined in a page. */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdio.h>

#include "studies/summary.h"

/* A kind of figure. */
typedef struct figure {
    void (*script)(FILE *out, const summary *s); /* for gnuplot, from `set terminal` to `plot` */
    bool (*empty)(const summary *s);             /* nothing to draw */
} figure;

extern const figure figure_fraction, figure_panels, figure_relabelled, figure_exponent, figure_bits;
extern const figure figure_churn;                 /* of a sweep with test data */
extern const figure figure_share, figure_horizon; /* of a ladder */

/* Write the figure as one <svg> element. `number` makes its ids unique in the page; `label` says
 * what it shows. Colours are custom properties of the page: --c0 .. --c6 for arithmetics in turn,
 * and --muted. BF_EMACHINE when gnuplot cannot be run or fails. */
BF_MUST_CHECK bf_status figure_svg(FILE *out, const figure *f, const summary *s, unsigned number,
                                   const char *label, bf_error *err);

/* ---- what scripts are made of ---- */

/* In turn: 7 colours, of which the last is the ink's, and 6 filled points, the hollow one of each
 * being one less; and the colour of what is not data. */
const char *colour(size_t i);
int shape(size_t i);
#define MUTED "#808080"

void put_terminal(FILE *f, int width, int height);
/* A name as a gnuplot string: whatever could end or escape it becomes `?`, and of a long one the
 * middle is left out. */
void put_name(FILE *f, const char *name);
/* A logarithmic y axis over decades, labelled in per cent; below it a strip where nothing changed,
 * and one where no start did. */
void put_percent_axis(FILE *f, int low, int high, bool zeros, bool unmoved);
/* The first strip's place, in decades under the axis; the second lies below. */
extern const double zero_strip;

#endif
