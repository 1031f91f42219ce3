/* SPDX-License-Identifier: MIT */
/* analyse.h - what a summary says of one map. */
#ifndef SUMMARY_MAP_H
#define SUMMARY_MAP_H

#include "studies/summary.h"

/* Read the map and measure its basins; `seed` is that of the bootstraps. To be freed in any case.
 * BF_EINPUT: as map_read. */
BF_MUST_CHECK bf_status summary_read_map(summary_map *out, store *from, int64_t id, uint64_t seed,
                                         bf_error *err);
/* A zeroed one is nothing. */
void summary_free_map(summary_map *m);

#endif
