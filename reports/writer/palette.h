/* SPDX-License-Identifier: MIT */
/* palette.h - colours and points of figures. */
#ifndef PALETTE_H
#define PALETTE_H

#include <stdbool.h>
#include <stddef.h>

/* In turn: 7 colours, of which the last is the ink's, and 6 filled points, the hollow one of each
 * being one less; and the colour of what is not data. */
const char *colour(size_t i);
int shape(size_t i);
#define MUTED "#808080"

/* The i-th colour as gnuplot writes it in an SVG, and as the page's custom property; false: past
 * the last. */
bool palette_entry(size_t i, const char **svg, const char **page);

#endif
