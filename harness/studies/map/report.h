/* SPDX-License-Identifier: MIT */
/* report.h - what the parts of a report of maps share. */
#ifndef MAP_REPORT_H
#define MAP_REPORT_H

#include "studies/map/map.h"
#include "writer/chapter.h"

static inline const map_results *maps_in(const summary *sum) {
    return sum->results;
}

/* The uncertain fraction against distance in the plane; dimension and boundary basin entropy
 * against the width of the box. */
extern const figure figure_scaling, figure_magnification;

/* The map with the widest box, of these the one with the most starts; NULL: there is none. */
const map_measures *map_widest(const summary *sum);
/* Whether a map differs from another by its box and its grid only. */
bool map_comparable(const map_measures *a, const map_measures *b);
/* The distance of two neighbouring starts along x, in units of the plane. */
double map_spacing(const map_measures *m);

extern const chapter map_chapter;

#endif
