/* SPDX-License-Identifier: MIT */
/* map.h - destination maps in a store: the outcome of every start on a grid.
 *
 * A map belongs to a view of an experiment under one arithmetic and is found by the hash of all
 * that defines its pixels, so a store can hold many maps: every view, every zoom into it. Tables,
 * beside those of store.h:
 *
 *   map     (id INTEGER PRIMARY KEY, hash TEXT UNIQUE, view TEXT, arithmetic TEXT, experiment TEXT)
 *       experiment: resolved, with the view in it
 *   map_row (map, row, labels TEXT, cells BLOB, shades BLOB)  PRIMARY KEY (map, row)
 *       row 0 is the lowest y. labels: those of the row, in the order in which its cells, from the
 *       lowest x, first have them, a newline after each. cells: for each column the place of its
 *       label in that list, in one byte, or in two (little-endian) when there are more than 256.
 *       shades: two bytes a column, little-endian; NULL when the shade is "none".
 *
 * A row is written once, whole, and depends on nothing but the map.
 */
#ifndef MAP_H
#define MAP_H

#include "experiment/experiment.h"
#include "experiment/outcome.h"
#include "store/contents.h"
#include "studies/map/basin.h"

struct json_t;

extern const store_kind map_store;

/* The shade is a second quantity of every start, by the experiment's map.shade:
 *   distance  outcome_distance at the end, rounded to bfloat16, as its bits: they increase with the
 *             distance; infinite (0x7f80) when the run has diverged
 *   step      the step of commitment: of MAP_STOPS evenly spaced steps ceil(i T / MAP_STOPS),
 *             i = 1 .. MAP_STOPS, the first from which on all have the last one's label, as i - 1
 */
enum { MAP_STOPS = 64 };

typedef struct map_cell {
    char label[OUTCOME_SIZE];
    uint16_t shade;
} map_cell;

/* ---- writing ------------------------------------------------------------------------------ */

/* The map of x's view under this arithmetic, made when it is new. */
BF_MUST_CHECK bf_status map_open(store *st, const experiment *x, const experiment_view *view,
                                 const char *arithmetic, int64_t *id, bf_error *err);
/* Which rows are still missing: missing[row] for row < points. */
BF_MUST_CHECK bf_status map_missing(store *st, int64_t id, uint32_t points, bool *missing,
                                    bf_error *err);
/* Add a row of `points` cells, inside a transaction (store_begin). */
BF_MUST_CHECK bf_status map_add_row(store *st, int64_t id, uint32_t row, const map_cell *cells,
                                    uint32_t points, bool shaded, bf_error *err);

/* ---- reading ------------------------------------------------------------------------------ */

typedef struct map {
    experiment *x;
    const experiment_view *view; /* of x */
    char *arithmetic;
    bf_hash hash;
    uint32_t points;              /* per side */
    uint16_t *cells;              /* (points, points), row 0 the lowest y: places in `labels` */
    uint16_t *shades;             /* (points, points); NULL: none */
    char (*labels)[OUTCOME_SIZE]; /* in the order in which the cells first have them */
    uint64_t *counts;             /* of each label */
    uint32_t *ranked;             /* the labels, those of most cells first, then as above */
    uint32_t n_labels;
} map;

/* The ids of the maps in a store, n of them, in the order in which they were begun; none when it
 * has no maps. The caller frees them. */
BF_MUST_CHECK bf_status map_list(store *st, int64_t **ids, size_t *n, bf_error *err);
/* A whole map. Rows that are missing or damaged are BF_EINPUT. */
BF_MUST_CHECK bf_status map_read(map **out, store *st, int64_t id, bf_error *err);
void map_free(map *m);

/* ---- results ------------------------------------------------------------------------------ */

/* Boundaries no farther apart than so many pixels count as one in the Wada merging test. */
enum { MAP_WADA_RADIUS = 5 };
/* Side in pixels of the boxes of basin entropy: 25 starts each. */
enum { MAP_BASIN_BOX = 5 };

/* A map and the measures of its basins (basin.h, map.h); 1000 resamples, the experiment's seed.
 * What its grid is too small for is NAN, with no boxes and no scales. */
typedef struct map_measures {
    map *map;
    double width, height; /* of the box of the plane */
    /* Share of each of the map's labels, with an interval over tiles (stats_clustered_share): the
     * starts of one tile are no independent trials. */
    estimate *shares;
    basin_entropies entropies;
    basin_scaling scaling[BASIN_LAWS]; /* by basin_law */
    /* Not applicable also with more than BASIN_MAX_WADA outcomes. */
    basin_wada wada;
} map_measures;

typedef struct map_results {
    map_measures *maps; /* in the order in which they were begun */
    size_t n, room;
} map_results;

/* All maps of the store. BF_EINPUT: one is not finished, or damaged. */
BF_MUST_CHECK bf_status map_analyse(void **out, store *st, const store_contents *c, bf_error *err);
/* One more map, by its id. */
BF_MUST_CHECK bf_status map_results_add(map_results *r, store *st, int64_t id, uint64_t seed,
                                        bf_error *err);
void map_results_free(void *results);
/* Of one that is not on the heap: what it holds. */
void map_results_clear(map_results *r);

/* {experiment, description, steps, maps: [{view, hash, arithmetic, rate, points, box, outcomes,
 * box_counting, uncertain_fraction, basin_entropy, entropy, wada}], resolved}. Scales and radii are
 * in distances of neighbouring starts; wada is null where the test does not apply. NULL: no memory.
 */
struct json_t *map_json(const map_results *r, const store_contents *c);
/* The learning rate that a map was made at. */
const char *map_rate(const map *m);

#endif
