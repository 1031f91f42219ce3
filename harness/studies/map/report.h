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

/* What chapter.c and brief.c share. */
enum { MAP_MANY = 8 };        /* outcomes that need no count beside their names */
extern const char map_none[]; /* said of a store without maps */
extern const pictures map_pictures;
uint64_t map_starts_of(const map *m);
extern const question map_questions[];
const map_measures *map_end_of(const summary *sum);
void map_put_shares(FILE *f, const map_measures *m, uint32_t most);
const basin_scaling *map_uncertain(const map_measures *m);

extern const chapter map_chapter;

#endif
