/* SPDX-License-Identifier: MIT */
/* figures.h - the figures of a map store, and what they share with its text. */
#ifndef MAP_FIGURE_H
#define MAP_FIGURE_H

#include "writer/figure.h"

/* The uncertain fraction against distance in the plane; dimension and boundary basin entropy
 * against the width of the box. */
extern const figure figure_scaling, figure_magnification;

/* The map with the widest box, of these the one with the most starts; NULL: there is none. */
const summary_map *map_widest(const summary *s);
/* Whether a map differs from another by its box and its grid only. */
bool map_comparable(const summary_map *a, const summary_map *b);
/* The learning rate it was made at. */
const char *map_rate(const map *m);
/* The distance of two neighbouring starts along x, in units of the plane. */
double map_spacing(const summary_map *m);

#endif
