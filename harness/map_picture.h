/* SPDX-License-Identifier: MIT */
/* map_picture.h - a destination map as a PNG. */
#ifndef MAP_PICTURE_H
#define MAP_PICTURE_H

#include "map.h"

/* Draw the map, y upwards: a small grid magnified by a whole factor, with title, axes and a legend;
 * or, `raw`, one pixel for each start and nothing else. The PNG's texts name the experiment, the
 * view, the arithmetic and the map's hash. The same map gives the same bytes. */
BF_MUST_CHECK bf_status map_picture(const map *m, const char *path, bool raw, bf_error *err);

#endif
