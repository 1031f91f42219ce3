/* SPDX-License-Identifier: MIT */
/* figure.h - figures drawn by gnuplot, as SVG to be inlined in a page. */
#ifndef FIGURE_H
#define FIGURE_H

#include "bitfate.h"

#include "writer/palette.h"

#include <stdio.h>

typedef struct summary summary; /* chapter.h */

/* A kind of figure. */
typedef struct figure {
    void (*script)(FILE *out, const summary *sum); /* for gnuplot, from `set terminal` to `plot` */
    bool (*empty)(const summary *sum);             /* nothing to draw */
} figure;

/* Write the figure as one <svg> element. `number` makes its ids unique in the page; `label` says
 * what it shows. Colours are custom properties of the page: --c0 .. --c6 for arithmetics in turn,
 * and --muted. BF_EMACHINE when gnuplot cannot be run or fails. */
BF_MUST_CHECK bf_status figure_svg(FILE *out, const figure *f, const summary *sum, unsigned number,
                                   const char *label, bf_error *err);

/* ---- what scripts are made of ---- */

void put_terminal(FILE *f, int width, int height);
/* A name as a gnuplot string: whatever could end or escape it becomes `?`, and of a long one the
 * middle is left out. */
void put_name(FILE *f, const char *name);
/* A logarithmic y axis over decades, labelled in per cent; below it a strip where nothing changed,
 * and one where no start did. */
void put_percent_axis(FILE *f, int low, int high, bool zeros, bool unmoved);
/* The strips' places, in decades under the axis. */
extern const double zero_strip, unmoved_strip;

#endif
