/* SPDX-License-Identifier: MIT */
/* picture.h - a destination map as a PNG. */
#ifndef MAP_PICTURE_H
#define MAP_PICTURE_H

#include "studies/map/map.h"

#include <stdio.h>

/* Draw the map to an open stream, y upwards: a small grid magnified by a whole factor, with title,
 * axes and a legend; or, `raw`, one pixel for each start and nothing else. The PNG's texts name the
 * experiment, the view, the arithmetic and the map's hash. The same map gives the same bytes. */
BF_MUST_CHECK bf_status map_picture(const map *m, FILE *f, bool raw, bf_error *err);

/* With title, axes and legend, but of every k-th start of a row and of a column
 * only, from the first on; the legend's shares are of all starts. */
BF_MUST_CHECK bf_status map_picture_put(const map *m, FILE *f, uint32_t k, bf_error *err);

#endif
