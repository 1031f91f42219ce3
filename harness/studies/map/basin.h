/* SPDX-License-Identifier: MIT */
/* basin.h - measures of basins of attraction from a destination map: basin entropy, dimension of
 * the boundary, uncertainty exponent, the Wada merging test.
 *
 * A map is a grid of starts, each with the label of its outcome. Every label counts as an outcome,
 * divergence too. Lengths are in pixels, the distance of two neighbouring starts. No result depends
 * on which numbers the labels are.
 *
 * Intervals are 95 % percentile bootstraps over tiles (the block bootstrap for spatial data: P.
 * Hall, Stoch. Process. Appl. 20 (1985) 231): the map is cut into at most BASIN_TILES x BASIN_TILES
 * tiles, and `resamples` times as many tiles as there are are drawn with replacement, each with all
 * its counts. Labels of neighbouring pixels depend on each other, so that pixels or boxes drawn
 * singly would give intervals that are far too narrow. An interval says how much the number would
 * differ on other maps of the same size and statistics. It does not know of the bias of a finite
 * grid, nor of dependence beyond a tile, and is too narrow where dependence reaches nearly as far:
 * with patches of 2/3 of a tile's side 87 % of the intervals cover. Where all tiles agree it has no
 * width. Where fewer than STATS_FEWEST tiles hold any boundary the ends are infinite; without
 * resamples they are NAN. Draws come from the counter-based generator with `seed`, so that every
 * machine draws the same.
 *
 * A function returns BF_EINPUT for a map or a parameter that cannot be measured, BF_EMACHINE when
 * memory is short. */
#ifndef BASIN_H
#define BASIN_H

#include "bitfate.h"
#include "stats/stats.h"

enum {
    BASIN_MAX_SIDE = 32767, /* of a map: a squared distance fits 32 bits */
    BASIN_TILES = 16,
    BASIN_MAX_SCALES = 32,
    BASIN_MAX_WADA = 16 /* outcomes: their pairwise distances are a table */
};

typedef struct basin_map {
    size_t width, height;
    const uint16_t *labels; /* (height, width), row-major */
} basin_map;

typedef struct basin_entropies {
    size_t box;                     /* side */
    uint64_t boxes, boundary_boxes; /* a boundary box holds more than one label */
    estimate entropy;               /* S_b: mean over all boxes, in nats; in [0, ln outcomes] */
    estimate boundary;              /* S_bb: mean over boundary boxes; NAN without any */
    /* The ln 2 criterion: S_bb > ln 2, with all of its interval. It is sufficient for a fractal
     * boundary, provided that boxes where three smooth basins meet are few; it is not necessary.
     * Two outcomes can never meet it; without an interval it is false. */
    bool fractal;
} basin_entropies;

/* Basin entropy over disjoint boxes of box x box pixels, from the top left corner; what remains at
 * the right and the bottom is left out. A box with shares p_i of its labels has the entropy
 * -sum p_i ln p_i. 2 <= box <= shorter side; 5 puts 25 starts into a box. Both entropies depend on
 * the box: compare maps at the same one. A. Daza, A. Wagemakers, B. Georgeot, D. Guery-Odelin,
 * M. A. F. Sanjuan, Sci. Rep. 6 (2016) 31416. */
BF_MUST_CHECK bf_status basin_entropy(basin_entropies *out, const basin_map *map, size_t box,
                                      unsigned resamples, uint64_t seed, bf_error *err);

/* A share or mean u(s) of uncertainty at scale s, whose law u ~ s^alpha gives the dimension of the
 * boundary D = 2 - alpha: 1 for a smooth one, 2 where the basins are riddled. */
typedef enum basin_law {
    /* The share of boundary boxes of side s: box counting, as N(s) ~ s^-D. The boxes are those
     * between the pixels' centres, (s + 1) x (s + 1) pixels that share their edges with the
     * neighbouring boxes, so that no boundary slips between two boxes. The default begins at s = 2:
     * the four pixels of s = 1 often miss that other labels are near (in riddled basins of two
     * labels in one box of eight, at s = 2 in one of 256). */
    BASIN_BOX_COUNTING,
    /* The uncertain fraction f(s): the share of pixels of which one of the four pixels at distance
     * s along an axis has another label. Two pixels are an exact pair of starts whatever lies
     * between them, so nothing biases the finest scale. Pixels nearer to the edge than the largest
     * s are left out. The source perturbs along one axis; both have the same law, and with both a
     * transposed map has the same f. S. W. McDonald, C. Grebogi, E. Ott, J. A. Yorke, Physica D 17
     * (1985) 125. */
    BASIN_UNCERTAIN_FRACTION,
    /* Basin entropy at box side s (disjoint boxes, as in basin_entropy): Daza et al. 2016. The
     * default begins at s = 8, because the entropy of few pixels is too low: that of a box with an
     * upright line, averaged over the line's positions, is 0.35, 0.45, 0.49 at s = 2, 4, 8, and 1/2
     * in the limit. */
    BASIN_ENTROPY
} basin_law;
enum { BASIN_LAWS = BASIN_ENTROPY + 1 };
const char *basin_law_name(basin_law law);

typedef struct basin_scaling {
    size_t scales, scale[BASIN_MAX_SCALES];
    estimate value[BASIN_MAX_SCALES];    /* u(s) */
    uint64_t boundary[BASIN_MAX_SCALES]; /* boxes or pixels that are uncertain at s, and ... */
    uint64_t total[BASIN_MAX_SCALES];    /* ... that were looked at */
    estimate alpha, dimension;
} basin_scaling;

/* alpha by least squares of ln u(s) against ln s, every scale with u > 0 weighing the same; NAN
 * with fewer than two. `scales`: n > 0 increasing scales; of boxes each must divide the largest, so
 * that all cover the same area. NULL: powers of two from the law's first up to 1/16 of the shorter
 * side. The largest scale must leave at least one box or pixel. A regression line through a law
 * that is no power has an exponent too: look at the values. */
BF_MUST_CHECK bf_status basin_scaling_of(basin_scaling *out, const basin_map *map, basin_law law,
                                         const size_t *scales, size_t n, unsigned resamples,
                                         uint64_t seed, bf_error *err);

typedef enum basin_verdict { BASIN_NOT_APPLICABLE, BASIN_WADA, BASIN_NOT_WADA } basin_verdict;

typedef struct basin_wada {
    basin_verdict verdict; /* not applicable below three outcomes: what follows is NAN or 0 */
    size_t outcomes;
    uint16_t label[BASIN_MAX_WADA]; /* of the outcomes, increasing */
    /* Hausdorff distance of the boundaries of two merged basins. */
    double distance[BASIN_MAX_WADA][BASIN_MAX_WADA];
    double needed;           /* the largest of them: the smallest r at which the verdict is Wada */
    double radius;           /* r */
    uint64_t pixels, inside; /* in any of the boundaries; no farther than r from every other one */
    estimate share;          /* inside / pixels */
} basin_wada;

/* The merging test. For every outcome all others are merged into one basin; the slim boundary of
 * these two are the pixels with a pixel of the other basin among their eight neighbours. The
 * boundaries are those of Wada basins if each lies in every other one fattened by r: verdict
 * BASIN_WADA if that holds for all of their pixels (needed <= radius). It is a statement about one
 * grid and one radius, of a few pixels. As the grid is refined, what is needed remains a few pixels
 * if the basins are Wada (3.2, 4.1, 5.0 for Newton's basins of z^3 = 1 on 511, 2047, 4095 pixels a
 * side), and grows with the grid if not. Distances are Euclidean and exact. The share has the
 * interval of the tiles; where all pixels are within r, or none is, that of Wilson with the tiles
 * that hold boundary as the trials. A. Daza, A. Wagemakers, M. A. F. Sanjuan, Sci. Rep. 8 (2018)
 * 9954. More than BASIN_MAX_WADA outcomes are BF_EINPUT. */
BF_MUST_CHECK bf_status basin_wada_merge(basin_wada *out, const basin_map *map, double radius,
                                         unsigned resamples, uint64_t seed, bf_error *err);

#endif
