/* SPDX-License-Identifier: MIT */
/* svg.h - gnuplot's SVG as an element of a page. */
#ifndef SVG_H
#define SVG_H

#include <stdio.h>

/* `number` makes its ids unique in the page; `label` says what it shows. */
void svg_put(FILE *out, const char *svg, unsigned number, const char *label);

#endif
