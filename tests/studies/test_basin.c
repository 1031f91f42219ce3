/* SPDX-License-Identifier: MIT */
/* test_basin.c - basins whose measures are known, counts by other means, invariances, coverage of
 * the intervals, and input that cannot be measured. */
#include "studies/map/basin.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RESAMPLES = 400 };

/* What sums of some thousand logarithms lose. */
#define EXACTLY 1e-12

static void near(double x, double expected, double tolerance) {
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", x, expected, tolerance);
}

/* ---- maps --------------------------------------------------------------------------------- */

typedef struct canvas {
    basin_map map;
    uint16_t *labels; /* what the map shows */
} canvas;

static canvas blank(size_t width, size_t height) {
    uint16_t *labels = calloc(width * height, sizeof *labels);
    assert_non_null(labels);
    return (canvas){{width, height, labels}, labels};
}

/* `label` of a pixel may use x, y and what is around it. */
#define PAINT(c, label)                            \
    for (size_t y = 0; y < (c).map.height; y++)    \
        for (size_t x = 0; x < (c).map.width; x++) \
            (c).labels[y * (c).map.width + x] = (uint16_t)(label);

static uint32_t random_below(uint32_t end, uint64_t set, uint64_t index) {
    return stats_below(end, bf_random(set, BF_STREAM_START, index, 0, 0));
}

static canvas salt_and_pepper(size_t side, uint32_t outcomes, uint64_t set) {
    canvas c = blank(side, side);
    PAINT(c, random_below(outcomes, set, y * side + x));
    return c;
}

/* Convex cells: the label of the nearest of some random points. */
static canvas voronoi(size_t width, size_t height, uint32_t outcomes, uint64_t set) {
    enum { POINTS = 12 };
    canvas c = blank(width, height);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            double nearest = INFINITY;
            for (uint32_t i = 0; i < POINTS; i++) {
                double dx = (double)x - random_below((uint32_t)width, set, 2 * i);
                double dy = (double)y - random_below((uint32_t)height, set, 2 * i + 1);
                if (dx * dx + dy * dy < nearest) {
                    nearest = dx * dx + dy * dy;
                    c.labels[y * width + x] = (uint16_t)(i % outcomes);
                }
            }
        }
    return c;
}

/* Newton's method for z^3 = 1 on the square of side 3 around 0: which root. */
static canvas newton(size_t side) {
    enum { STEPS = 60 };
    canvas c = blank(side, side);
    for (size_t j = 0; j < side; j++)
        for (size_t i = 0; i < side; i++) {
            double x = 3 * ((double)i + 0.5) / (double)side - 1.5;
            double y = 3 * ((double)j + 0.5) / (double)side - 1.5;
            for (int step = 0; step < STEPS; step++) { /* z <- (2 z + 1/z^2) / 3 */
                double re = x * x - y * y, im = 2 * x * y, norm = re * re + im * im;
                x = (2 * x + re / norm) / 3;
                y = (2 * y - im / norm) / 3;
            }
            c.labels[j * side + i] = x > 0 ? 0 : y > 0 ? 1 : 2;
        }
    return c;
}

/* Whether the middle-third construction keeps the i-th interval of length 3^-level. */
static bool in_cantor_set(size_t i, int level) {
    for (; level > 0; level--, i /= 3)
        if (i % 3 == 1)
            return false;
    return true;
}

/* The product of the Cantor set and an interval, 3^level pixels wide, with `pad` pixels on either
 * side: the label, new each time, changes from pixel i to i + 1 where the set has the interval i.
 */
static canvas cantor(int level, size_t pad, size_t height) {
    size_t length = (size_t)lround(pow(3, level)), width = length + 1 + 2 * pad;
    canvas c = blank(width, height);
    for (size_t y = 0; y < height; y++) {
        uint16_t *row = c.labels + y * width, label = 0;
        for (size_t x = 0; x < width; x++) {
            row[x] = label;
            label =
                (uint16_t)(label + (x >= pad && x < pad + length && in_cantor_set(x - pad, level)));
        }
    }
    return c;
}

/* ---- short names -------------------------------------------------------------------------- */

static basin_entropies entropies(const canvas *c, size_t box) {
    basin_entropies e;
    bf_error err;
    if (basin_entropy(&e, &c->map, box, RESAMPLES, 1, &err) != BF_OK)
        fail_msg("%s", err.text);
    return e;
}

static basin_scaling scaling(const canvas *c, basin_law law, size_t n, const size_t *scales) {
    basin_scaling s;
    bf_error err;
    if (basin_scaling_of(&s, &c->map, law, scales, n, RESAMPLES, 1, &err) != BF_OK)
        fail_msg("%s", err.text);
    return s;
}

static basin_wada wada(const canvas *c, double radius) {
    basin_wada w;
    bf_error err;
    if (basin_wada_merge(&w, &c->map, radius, RESAMPLES, 1, &err) != BF_OK)
        fail_msg("%s", err.text);
    return w;
}

static double two_label_entropy(double p) {
    return -p * log(p) - (1 - p) * log(1 - p);
}

/* ---- smooth boundaries -------------------------------------------------------------------- */

static const size_t octaves[] = {1, 2, 4, 8, 16};
enum { OCTAVES = sizeof octaves / sizeof *octaves };

/* A line x = edge crosses one box of every row of boxes; c of a box's columns are on its left. */
static void half_plane(void **state) {
    (void)state;
    enum { SIDE = 321, BOX = 5, ROW = SIDE / BOX };
    for (size_t edge = 150; edge < 150 + BOX; edge++) {
        canvas c = blank(SIDE, SIDE);
        PAINT(c, x < edge);
        double h = edge % BOX ? two_label_entropy((double)(edge % BOX) / BOX) : 0;
        basin_entropies e = entropies(&c, BOX);
        assert_int_equal(e.boxes, ROW * ROW);
        assert_int_equal(e.boundary_boxes, edge % BOX ? ROW : 0);
        near(e.entropy.value, h / ROW, EXACTLY);
        assert_true(edge % BOX ? fabs(e.boundary.value - h) < EXACTLY : isnan(e.boundary.value));
        assert_false(e.fractal);

        basin_scaling s = scaling(&c, BASIN_BOX_COUNTING, OCTAVES, octaves);
        for (size_t i = 0; i < OCTAVES; i++) {
            size_t row = (SIDE - 1) / octaves[i];
            assert_int_equal(s.boundary[i], row);
            assert_int_equal(s.total[i], row * row);
        }
        near(s.dimension.value, 1, EXACTLY);

        s = scaling(&c, BASIN_UNCERTAIN_FRACTION, OCTAVES, octaves);
        for (size_t i = 0; i < OCTAVES; i++) {
            size_t inner = SIDE - 2 * octaves[OCTAVES - 1];
            assert_int_equal(s.boundary[i], 2 * octaves[i] * inner);
            assert_int_equal(s.total[i], inner * inner);
        }
        near(s.alpha.value, 1, EXACTLY);

        basin_wada w = wada(&c, 5);
        assert_int_equal(w.verdict, BASIN_NOT_APPLICABLE);
        assert_int_equal(w.outcomes, 2);
        assert_true(isnan(w.needed) && isnan(w.share.value));
        free(c.labels);
    }
}

/* The diagonal y = x passes through the corners of boxes: those on it, and, since neighbours share
 * their edges, those below it that touch it with a corner, are boundary boxes. */
static void diagonal(void **state) {
    (void)state;
    enum { SIDE = 321, BOX = 5, ROW = SIDE / BOX, BELOW = BOX * (BOX - 1) / 2 };
    canvas c = blank(SIDE, SIDE);
    PAINT(c, y > x);
    double h = two_label_entropy((double)BELOW / (BOX * BOX));
    basin_entropies e = entropies(&c, BOX);
    assert_int_equal(e.boundary_boxes, ROW);
    near(e.entropy.value, h / ROW, EXACTLY);
    near(e.boundary.value, h, EXACTLY);
    assert_false(e.fractal);

    basin_scaling s = scaling(&c, BASIN_BOX_COUNTING, OCTAVES, octaves);
    for (size_t i = 0; i < OCTAVES; i++)
        assert_int_equal(s.boundary[i], 2 * ((SIDE - 1) / octaves[i]) - 1);
    s = scaling(&c, BASIN_UNCERTAIN_FRACTION, OCTAVES, octaves);
    for (size_t i = 0; i < OCTAVES; i++) {
        size_t d = octaves[i], inner = SIDE - 2 * octaves[OCTAVES - 1];
        assert_int_equal(s.boundary[i], 2 * d * inner - d * d);
    }
    free(c.labels);
}

/* Of a line in general position the number of boxes is a multiple of 1/s except for less than one
 * box at either end, of at least 16 boxes: the coarsest count is off by 1/8 at most, and so is the
 * slope over four octaves by less than 1/8 * 2/(4 ln 2) * 1.2. */
static void slanted(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++) {
        canvas c = blank(513, 513);
        double angle = 0.1 + 0.25 * i;
        PAINT(c, cos(angle) * ((double)x - 250) + sin(angle) * ((double)y - 260) > 0);
        for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_UNCERTAIN_FRACTION; law++) {
            basin_scaling s = scaling(&c, law, 0, NULL);
            near(s.dimension.value, 1, 0.06);
            assert_true(s.dimension.low <= 1 && 1 <= s.dimension.high);
        }
        near(scaling(&c, BASIN_ENTROPY, 0, NULL).dimension.value, 1, 0.15);
        assert_false(entropies(&c, 5).fractal);
        free(c.labels);
    }
}

/* Three stripes of width STRIPE. The boundaries of the outer ones are each two columns of pixels,
 * STRIPE apart; that of the middle one is both. */
static void stripes(void **state) {
    (void)state;
    enum { STRIPE = 40, SIDE = 3 * STRIPE };
    canvas c = blank(SIDE, SIDE);
    PAINT(c, 700 + x / STRIPE);
    basin_wada w = wada(&c, STRIPE - 1);
    assert_int_equal(w.verdict, BASIN_NOT_WADA);
    assert_int_equal(w.outcomes, 3);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            assert_true(w.distance[i][j] == (i == j ? 0 : STRIPE));
    assert_true(w.needed == STRIPE);
    assert_int_equal(w.label[2], 702);
    assert_int_equal(w.pixels, 4 * SIDE);
    assert_int_equal(w.inside, 2 * SIDE); /* the columns that face the other boundary */
    assert_true(w.share.value == 0.5 && w.share.low <= 0.5 && w.share.high >= 0.5);

    w = wada(&c, STRIPE - 1.5);
    assert_true(w.inside == 0 && w.share.low == 0 && w.share.high > 0 && w.share.high < 0.2);
    w = wada(&c, STRIPE); /* nothing is resolved at such a radius */
    assert_int_equal(w.verdict, BASIN_WADA);
    assert_true(w.share.high == 1 && w.share.low > 0.8 && w.share.low < 1);
    free(c.labels);
}

/* Three sectors of 120 degrees: only within r of the point where they meet are all three near, on
 * some 2 r/SIDE of the boundary (its rays are between SIDE/2 and SIDE/sqrt 2 long). */
static void sectors(void **state) {
    (void)state;
    enum { SIDE = 401, R = 10 };
    canvas c = blank(SIDE, SIDE);
    PAINT(c, (atan2((double)y - 200.3, (double)x - 200.4) + 3.2) / 2.0943951023931953);
    PAINT(c, c.labels[y * SIDE + x] % 3);
    basin_wada w = wada(&c, R);
    assert_int_equal(w.verdict, BASIN_NOT_WADA);
    assert_true(w.needed > SIDE / 3.);
    near(w.share.value, 1.7 * R / SIDE, 0.4 * R / SIDE);
    assert_true(w.share.low < w.share.value && w.share.value < w.share.high);
    assert_false(entropies(&c, 5).fractal);
    near(scaling(&c, BASIN_BOX_COUNTING, 0, NULL).dimension.value, 1, 0.06);
    free(c.labels);
}

/* ---- fractal boundaries ------------------------------------------------------------------- */

static const size_t thirds[] = {1, 3, 9, 27, 81};
enum { THIRDS = sizeof thirds / sizeof *thirds, LEVEL = 6 };

static void cantor_boxes(void **state) {
    (void)state;
    canvas c = cantor(LEVEL, 0, 730);
    basin_scaling s = scaling(&c, BASIN_BOX_COUNTING, THIRDS, thirds);
    size_t n = 64, rows = 729;
    for (size_t i = 0; i < THIRDS; i++, n /= 2, rows /= 3) {
        assert_int_equal(s.boundary[i], n * rows);
        assert_int_equal(s.total[i], rows * rows);
    }
    near(s.dimension.value, 1 + log(2) / log(3), EXACTLY);
    free(c.labels);
}

/* The pixels from i - d + 1 to i + d are uncertain beside a change from i to i + 1. With d = 3^k
 * those around an interval of length d of the construction are 3 d - 1, and around two such
 * intervals that are d apart 5 d - 1; the next pair is too far away to overlap. But for the - 1
 * that is the law of the set; from d = 9 to 81 the slope differs by less than 1/44 / ln 9. */
static void cantor_pairs(void **state) {
    (void)state;
    enum { HEIGHT = 200 };
    canvas c = cantor(LEVEL, 200, HEIGHT);
    basin_scaling s = scaling(&c, BASIN_UNCERTAIN_FRACTION, THIRDS, thirds);
    size_t pairs = 32;
    for (size_t i = 0; i < THIRDS; i++, pairs /= 2)
        assert_int_equal(s.boundary[i], (HEIGHT - 2 * 81) * pairs * (5 * thirds[i] - 1));
    s = scaling(&c, BASIN_UNCERTAIN_FRACTION, THIRDS - 2, thirds + 2);
    near(s.dimension.value, 1 + log(2) / log(3), 1. / 44 / log(9));
    free(c.labels);
}

/* The boundary's dimension is given as 1.42 to 1.44; the three laws, over their default ranges, on
 * this grid scatter by 0.03. That each boundary is all three's is a theorem. */
static void newton_basins(void **state) {
    (void)state;
    canvas c = newton(511);
    basin_entropies e = entropies(&c, 5);
    assert_true(e.fractal && e.boundary.low > log(2));
    for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY; law++) {
        basin_scaling s = scaling(&c, law, 0, NULL);
        near(s.dimension.value, 1.43, 0.03);
        assert_true(s.dimension.low < 1.44 && 1.42 < s.dimension.high);
        near(s.alpha.value + s.dimension.value, 2, EXACTLY);
    }
    basin_wada w = wada(&c, 5);
    assert_int_equal(w.verdict, BASIN_WADA);
    assert_true(w.needed <= 5 && w.share.value == 1);
    assert_int_equal(wada(&c, w.needed).verdict, BASIN_WADA);
    assert_int_equal(wada(&c, nextafter(w.needed, 0)).verdict, BASIN_NOT_WADA);
    free(c.labels);
}

/* Mean entropy of a box of n pixels whose two labels are equally likely, and the share of such
 * boxes that are of one label. */
static double coin_entropy(int n, double *uniform) {
    double mean = 0, ways = -n * log(2); /* ln of the probability of k */
    *uniform = 2 * exp(ways);
    for (int k = 1; k < n; k++) {
        ways += log(n - k + 1) - log(k);
        mean += exp(ways) * two_label_entropy((double)k / n);
    }
    return mean;
}

/* Independent pixels. At every distance f = 1 - 2^-4, on average; in n boxes the mean entropy of a
 * box has a standard error below 0.03/sqrt(n), and five of them are allowed. */
static void riddled(void **state) {
    (void)state;
    enum { SIDE = 600, BOX = 5 };
    canvas c = salt_and_pepper(SIDE, 2, 1);
    double uniform, mean = coin_entropy(BOX * BOX, &uniform);
    basin_entropies e = entropies(&c, BOX);
    near(e.entropy.value, mean, 5 * 0.03 / (SIDE / BOX));
    assert_int_equal(e.boundary_boxes, e.boxes);
    assert_false(e.fractal); /* two labels cannot */
    basin_scaling s = scaling(&c, BASIN_UNCERTAIN_FRACTION, 0, NULL);
    for (size_t i = 0; i < s.scales; i++)
        near(s.value[i].value, 15. / 16, 5 * 0.25 * 2 / (SIDE - 2. * 32));
    near(s.alpha.value, 0, 0.003);
    near(scaling(&c, BASIN_BOX_COUNTING, 0, NULL).dimension.value, 2, 0.002);
    near(scaling(&c, BASIN_ENTROPY, 0, NULL).dimension.value, 2, 0.01);
    free(c.labels);

    c = salt_and_pepper(SIDE, 4, 2);
    e = entropies(&c, BOX);
    assert_true(e.fractal && e.boundary.value < log(4));
    assert_int_equal(wada(&c, 5).verdict, BASIN_WADA);
    free(c.labels);
}

/* Half of every box one label and half another: S_bb is ln 2, which is not more than ln 2. */
static void checkerboard(void **state) {
    (void)state;
    canvas c = blank(300, 300);
    PAINT(c, (x + y) % 2 + (x >= 150 ? 2u : 0u));
    basin_entropies e = entropies(&c, 6);
    near(e.boundary.value, log(2), EXACTLY);
    assert_false(e.fractal);
    free(c.labels);
}

/* ---- by other means ----------------------------------------------------------------------- */

static bool has_two(const canvas *c, size_t x, size_t y, size_t w, size_t h) {
    uint16_t low = UINT16_MAX, high = 0;
    for (size_t i = 0; i < w * h; i++) {
        uint16_t label = c->labels[(y + i / w) * c->map.width + x + i % w];
        low = label < low ? label : low;
        high = label > high ? label : high;
    }
    return low < high;
}

static bool in_slim_boundary(const canvas *c, size_t p, uint16_t label) {
    long width = (long)c->map.width, height = (long)c->map.height, x = (long)p % width,
         y = (long)p / width;
    bool inside = c->labels[p] == label;
    for (long j = y - 1; j <= y + 1; j++)
        for (long i = x - 1; i <= x + 1; i++)
            if (i >= 0 && i < width && j >= 0 && j < height &&
                (c->labels[j * width + i] == label) != inside)
                return true;
    return false;
}

static double distance_to(const canvas *c, size_t p, uint16_t label) {
    double nearest = INFINITY;
    size_t width = c->map.width;
    for (size_t q = 0; q < width * c->map.height; q++)
        if (in_slim_boundary(c, q, label))
            nearest = fmin(nearest, hypot((double)(q % width) - (double)(p % width),
                                          (double)(q / width) - (double)(p / width)));
    return nearest;
}

static void check_wada(const canvas *c, uint16_t outcomes) {
    const double radius = 4.5;
    basin_wada w = wada(c, radius);
    assert_int_equal(w.outcomes, outcomes);
    double distance[BASIN_MAX_WADA][BASIN_MAX_WADA] = {{0}}, needed = 0;
    size_t pixels = 0, inside = 0;
    for (size_t p = 0; p < c->map.width * c->map.height; p++) {
        double farthest = -1;
        for (uint16_t i = 0; i < outcomes; i++)
            for (uint16_t j = 0; in_slim_boundary(c, p, i) && j < outcomes; j++) {
                double d = distance_to(c, p, j);
                farthest = fmax(farthest, d);
                distance[i][j] = fmax(distance[i][j], d);
                distance[j][i] = distance[i][j] > distance[j][i] ? distance[i][j] : distance[j][i];
            }
        pixels += farthest >= 0;
        inside += farthest >= 0 && farthest <= radius;
        needed = fmax(needed, farthest);
    }
    for (size_t i = 0; i < outcomes; i++)
        for (size_t j = 0; j < outcomes; j++)
            near(w.distance[i][j], fmax(distance[i][j], distance[j][i]), EXACTLY);
    near(w.needed, needed, EXACTLY);
    assert_int_equal(w.pixels, pixels);
    assert_int_equal(w.inside, inside);
}

/* Cells of any shape on maps of any shape, against sums over all pairs of pixels. */
static void merging_by_pairs(void **state) {
    (void)state;
    static const size_t sides[][2] = {{37, 29}, {16, 45}, {60, 3}, {2, 40}};
    for (uint64_t set = 0; set < 4; set++)
        for (uint16_t outcomes = 3; outcomes <= 6; outcomes++) {
            canvas c = voronoi(sides[set][0], sides[set][1], outcomes, 10 + set);
            bool seen[6] = {false};
            size_t n = 0;
            for (size_t i = 0; i < c.map.width * c.map.height; i++) {
                n += !seen[c.labels[i]];
                seen[c.labels[i]] = true;
            }
            if (n == outcomes)
                check_wada(&c, outcomes);
            free(c.labels);
        }
}

static void boxes_by_extremes(void **state) {
    (void)state;
    static const size_t sides[] = {1, 2, 3, 6, 12};
    canvas c = voronoi(170, 131, 5, 3);
    basin_scaling s = scaling(&c, BASIN_BOX_COUNTING, 5, sides);
    basin_scaling h = scaling(&c, BASIN_ENTROPY, 4, sides + 1);
    for (size_t k = 0; k < 5; k++) {
        size_t side = sides[k], shared = 0, disjoint = 0;
        for (size_t y = 0; y < 120; y += side)
            for (size_t x = 0; x < 168; x += side) {
                shared += has_two(&c, x, y, side + 1, side + 1);
                disjoint += has_two(&c, x, y, side, side);
            }
        assert_int_equal(s.boundary[k], shared);
        assert_int_equal(s.total[k], 120 * 168 / (side * side));
        if (k > 0)
            assert_int_equal(h.boundary[k - 1], disjoint);
    }
    basin_entropies e = entropies(&c, 12);
    near(e.entropy.value, h.value[3].value, EXACTLY);
    assert_int_equal(e.boundary_boxes, h.boundary[3]);
    free(c.labels);
}

static void pairs_one_by_one(void **state) {
    (void)state;
    static const size_t distances[] = {1, 3, 4, 10};
    canvas c = voronoi(70, 61, 4, 5);
    basin_scaling s = scaling(&c, BASIN_UNCERTAIN_FRACTION, 4, distances);
    for (size_t k = 0; k < 4; k++) {
        size_t d = distances[k], uncertain = 0;
        for (size_t y = 10; y < 51; y++)
            for (size_t x = 10; x < 60; x++) {
                const uint16_t *p = c.labels + y * 70 + x;
                uncertain += *p != p[d] || *p != *(p - d) || *p != p[70 * d] || *p != *(p - 70 * d);
            }
        assert_int_equal(s.boundary[k], uncertain);
        assert_int_equal(s.total[k], 41 * 50);
    }
    free(c.labels);
}

/* ---- invariances -------------------------------------------------------------------------- */

static void same_values(const canvas *a, const canvas *b) {
    basin_entropies ea = entropies(a, 5), eb = entropies(b, 5);
    near(ea.entropy.value, eb.entropy.value, EXACTLY); /* summed in another order */
    near(ea.boundary.value, eb.boundary.value, EXACTLY);
    assert_int_equal(ea.boundary_boxes, eb.boundary_boxes);
    for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY; law++) {
        static const size_t scales[] = {2, 4, 8, 16};
        basin_scaling sa = scaling(a, law, 4, scales), sb = scaling(b, law, 4, scales);
        assert_memory_equal(sa.boundary, sb.boundary, sizeof sa.boundary);
        assert_memory_equal(sa.total, sb.total, sizeof sa.total);
        near(sa.alpha.value, sb.alpha.value, EXACTLY);
    }
    basin_wada wa = wada(a, 3), wb = wada(b, 3);
    assert_true(wa.verdict == wb.verdict && wa.needed == wb.needed);
    assert_true(wa.pixels == wb.pixels && wa.inside == wb.inside);
    assert_memory_equal(wa.distance, wb.distance, sizeof wa.distance);
}

/* Other names for the outcomes, in the same order: the same bits. */
static void relabelling(void **state) {
    (void)state;
    canvas a = voronoi(200, 150, 7, 1), b = blank(200, 150);
    PAINT(b, a.labels[y * 200 + x] * 9000 + 11);
    basin_entropies ea = entropies(&a, 5), eb = entropies(&b, 5);
    assert_memory_equal(&ea.entropy, &eb.entropy, sizeof ea.entropy);
    assert_memory_equal(&ea.boundary, &eb.boundary, sizeof ea.boundary);
    basin_wada wa = wada(&a, 3), wb = wada(&b, 3);
    assert_memory_equal(&wa.share, &wb.share, sizeof wa.share);
    same_values(&a, &b);
    /* And in another order. */
    PAINT(b, 65535 - b.labels[y * 200 + x]);
    ea = entropies(&a, 5), eb = entropies(&b, 5);
    assert_memory_equal(&ea.entropy, &eb.entropy, sizeof ea.entropy);
    assert_true(wada(&b, 3).needed == wa.needed && wada(&b, 3).inside == wa.inside);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++)
            assert_true(wada(&b, 3).distance[i][j] == wa.distance[6 - i][6 - j]);
    free(a.labels);
    free(b.labels);
}

static void transposition(void **state) {
    (void)state;
    canvas a = voronoi(203, 151, 5, 2), b = blank(151, 203);
    PAINT(b, a.labels[x * 203 + y]);
    same_values(&a, &b);
    free(a.labels);
    free(b.labels);
}

/* By 90 degrees, of a map that whole boxes fill: 160 = 5 * 32 = 16 * 10 for disjoint boxes; those
 * that share edges are tried on 161. */
static void rotation(void **state) {
    (void)state;
    static const size_t sides[] = {2, 4, 8, 16};
    canvas a = voronoi(160, 160, 5, 4), b = blank(160, 160);
    PAINT(b, a.labels[(159 - x) * 160 + y]);
    near(entropies(&a, 5).entropy.value, entropies(&b, 5).entropy.value, EXACTLY);
    for (basin_law law = BASIN_UNCERTAIN_FRACTION; law <= BASIN_ENTROPY; law++) {
        basin_scaling sa = scaling(&a, law, 4, sides), sb = scaling(&b, law, 4, sides);
        assert_memory_equal(sa.boundary, sb.boundary, sizeof sa.boundary);
    }
    assert_true(wada(&a, 3).needed == wada(&b, 3).needed);
    assert_true(wada(&a, 3).inside == wada(&b, 3).inside);
    free(a.labels);
    free(b.labels);
    a = voronoi(161, 161, 5, 4), b = blank(161, 161);
    PAINT(b, a.labels[(160 - x) * 161 + y]);
    basin_scaling sa = scaling(&a, BASIN_BOX_COUNTING, 4, sides);
    basin_scaling sb = scaling(&b, BASIN_BOX_COUNTING, 4, sides);
    assert_memory_equal(sa.boundary, sb.boundary, sizeof sa.boundary);
    free(a.labels);
    free(b.labels);
}

/* ---- intervals ---------------------------------------------------------------------------- */

static void repeatable(void **state) {
    (void)state;
    canvas c = newton(200);
    basin_scaling a, b, other;
    assert_int_equal(basin_scaling_of(&a, &c.map, BASIN_BOX_COUNTING, NULL, 0, RESAMPLES, 7, NULL),
                     BF_OK);
    assert_int_equal(basin_scaling_of(&b, &c.map, BASIN_BOX_COUNTING, NULL, 0, RESAMPLES, 7, NULL),
                     BF_OK);
    assert_int_equal(
        basin_scaling_of(&other, &c.map, BASIN_BOX_COUNTING, NULL, 0, RESAMPLES, 8, NULL), BF_OK);
    assert_memory_equal(&a.alpha, &b.alpha, sizeof a.alpha);
    assert_memory_equal(a.value, b.value, a.scales * sizeof *a.value);
    assert_true(a.alpha.value == other.alpha.value && a.alpha.low != other.alpha.low);
    assert_int_equal(basin_scaling_of(&b, &c.map, BASIN_BOX_COUNTING, NULL, 0, 0, 7, NULL), BF_OK);
    assert_true(b.alpha.value == a.alpha.value && isnan(b.alpha.low) && isnan(b.alpha.high));
    free(c.labels);
}

/* Cells of CELL x CELL pixels, aligned with the boxes: one in four of independent pixels, the
 * others of one label. Boxes of a cell share its fate, so that single boxes drawn at random would
 * give intervals half as wide as they must be. All expectations are known. */
enum { CELL = 8, CELLS = 48, NOISY = 4, MIXED = CELL * CELLS };

static canvas mixed(uint64_t set) {
    canvas c = blank(MIXED, MIXED);
    PAINT(c, random_below(NOISY, 2 * set, y / CELL * CELLS + x / CELL) == 0 &&
                 random_below(2, 2 * set + 1, y * MIXED + x));
    return c;
}

typedef struct covered {
    const char *what;
    int n;
} covered;

static void count_covered(covered *c, estimate e, double truth) {
    c->n += e.low <= truth && truth <= e.high;
}

/* Of 300 intervals that cover with 95 %, 270 to 297 do but once in thousands; a percentile interval
 * from some 200 tiles is known to cover by a per cent or two less. */
static void coverage(void **state) {
    (void)state;
    enum { SETS = 300, BOX = 4, SIZES = 3 };
    static const size_t sides[SIZES] = {2, 4, 8}, near_by[SIZES] = {1, 2, 4};
    double uniform, h = coin_entropy(BOX * BOX, &uniform), x[SIZES], y[SIZES];
    for (size_t i = 0; i < SIZES; i++) {
        double unused;
        x[i] = log((double)sides[i]);
        y[i] = log(coin_entropy((int)(sides[i] * sides[i]), &unused));
    }
    double slope = (y[2] - y[0]) / (x[2] - x[0]); /* of three points equally far apart */
    covered c[] = {{"S_b", 0}, {"S_bb", 0}, {"alpha of S_b", 0}, {"f", 0}, {"alpha of f", 0}};
    for (uint64_t set = 0; set < SETS; set++) {
        canvas m = mixed(1000 + set);
        basin_entropies e = entropies(&m, BOX);
        count_covered(&c[0], e.entropy, h / NOISY);
        count_covered(&c[1], e.boundary, h / (1 - uniform));
        count_covered(&c[2], scaling(&m, BASIN_ENTROPY, SIZES, sides).alpha, slope);
        free(m.labels);
        m = salt_and_pepper(128, 2, 1000 + set);
        basin_scaling s = scaling(&m, BASIN_UNCERTAIN_FRACTION, SIZES, near_by);
        count_covered(&c[3], s.value[1], 15. / 16);
        count_covered(&c[4], s.alpha, 0);
        free(m.labels);
    }
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        if (c[i].n < SETS * 90 / 100 || c[i].n > SETS * 99 / 100)
            fail_msg("%s: %d of %d intervals cover it", c[i].what, c[i].n, SETS);
}

/* A boundary in few tiles has measures, but no finite interval; none at all has no exponent. */
static void hardly_any(void **state) {
    (void)state;
    canvas c = blank(320, 320);
    basin_entropies e = entropies(&c, 5);
    assert_true(e.entropy.value == 0 && isnan(e.boundary.value) && !e.fractal);
    for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY; law++)
        assert_true(isnan(scaling(&c, law, 0, NULL).alpha.value));
    assert_int_equal(wada(&c, 1).verdict, BASIN_NOT_APPLICABLE);
    PAINT(c, x > 110 && x < 131 && y > 110 && y < 131);
    e = entropies(&c, 5);
    assert_true(e.boundary.value > 0 && isinf(e.entropy.low) && isinf(e.entropy.high));
    basin_scaling s = scaling(&c, BASIN_BOX_COUNTING, 0, NULL);
    assert_true(isfinite(s.alpha.value) && isinf(s.dimension.low) && isinf(s.dimension.high));
    assert_true(s.dimension.low < 0 && s.dimension.high > 0);
    free(c.labels);
    c = blank(15, 15); /* no default scale fits */
    s = scaling(&c, BASIN_ENTROPY, 0, NULL);
    assert_true(s.scales == 0 && isnan(s.alpha.value));
    free(c.labels);
}

/* ---- bad input ---------------------------------------------------------------------------- */

static void refused(bf_status s, const bf_error *err, const char *text) {
    assert_int_equal(s, BF_EINPUT);
    if (!strstr(err->text, text))
        fail_msg("'%s' does not say '%s'", err->text, text);
}

static void bad_input(void **state) {
    (void)state;
    canvas c = salt_and_pepper(40, 17, 1);
    bf_error err;
    basin_entropies e;
    basin_scaling s;
    basin_wada w;
    basin_map empty = {0, 3, c.labels}, huge = {BASIN_MAX_SIDE + 1, 1, c.labels};
    refused(basin_entropy(&e, &empty, 5, 1, 1, &err), &err, "0 x 3");
    refused(basin_wada_merge(&w, &huge, 5, 1, 1, &err), &err, "32767");
    refused(basin_entropy(&e, &c.map, 1, 1, 1, &err), &err, "from 2 to 40");
    refused(basin_entropy(&e, &c.map, 41, 1, 1, &err), &err, "from 2 to 40");
    static const struct {
        basin_law law;
        size_t n, scales[3];
        const char *text;
    } bad[] = {{BASIN_BOX_COUNTING, 3, {2, 2, 4}, "increase"},
               {BASIN_BOX_COUNTING, 2, {2, 40}, "to 39"},
               {BASIN_BOX_COUNTING, 2, {4, 6}, "divide"},
               {BASIN_UNCERTAIN_FRACTION, 2, {1, 20}, "to 19"},
               {BASIN_ENTROPY, 2, {1, 2}, "from 2"},
               {BASIN_ENTROPY, 0, {0}, "from 1 to 32"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(basin_scaling_of(&s, &c.map, bad[i].law, bad[i].scales, bad[i].n, 1, 1, &err), &err,
                bad[i].text);
    refused(basin_wada_merge(&w, &c.map, 5, 1, 1, &err), &err, "more than 16 outcomes");
    refused(basin_wada_merge(&w, &c.map, -1, 1, 1, &err), &err, "radius");
    refused(basin_wada_merge(&w, &c.map, NAN, 1, 1, &err), &err, "radius");
    free(c.labels);
    c = salt_and_pepper(40, 16, 1);
    assert_int_equal(wada(&c, 5).outcomes, 16);
    free(c.labels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_plane),       cmocka_unit_test(diagonal),
        cmocka_unit_test(slanted),          cmocka_unit_test(stripes),
        cmocka_unit_test(sectors),          cmocka_unit_test(cantor_boxes),
        cmocka_unit_test(cantor_pairs),     cmocka_unit_test(newton_basins),
        cmocka_unit_test(riddled),          cmocka_unit_test(checkerboard),
        cmocka_unit_test(merging_by_pairs), cmocka_unit_test(boxes_by_extremes),
        cmocka_unit_test(pairs_one_by_one), cmocka_unit_test(relabelling),
        cmocka_unit_test(transposition),    cmocka_unit_test(rotation),
        cmocka_unit_test(repeatable),       cmocka_unit_test(coverage),
        cmocka_unit_test(hardly_any),       cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests_name("basin", tests, NULL, NULL);
}
