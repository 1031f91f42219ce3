/* SPDX-License-Identifier: MIT */
/* figure.h - figures drawn by gnuplot, as SVG to be inlined in a page. */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdio.h>

#include "summary.h"

/* A kind of figure. */
typedef struct figure {
    void (*script)(FILE *out, const summary *s); /* for gnuplot, from `set terminal` to `plot` */
    bool (*empty)(const summary *s);             /* nothing to draw */
} figure;

extern const figure figure_fraction, figure_panels, figure_relabelled, figure_exponent, figure_bits;

/* Write the figure as one <svg> element. `number` makes its ids unique in the page; `label` says
 * what it shows. Colours are custom properties of the page: --c0 .. --c6 for arithmetics in turn,
 * and --muted. BF_EMACHINE when gnuplot cannot be run or fails. */
BF_MUST_CHECK bf_status figure_svg(FILE *out, const figure *f, const summary *s, unsigned number,
                                   const char *label, bf_error *err);

#endif
