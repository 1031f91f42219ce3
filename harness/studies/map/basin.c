/* SPDX-License-Identifier: MIT */
/* basin.c - basin entropy, dimension of the boundary, uncertainty exponent, the Wada merging test.
 *
 * Whatever is measured is a ratio of two sums over the map. The sums are taken tile by tile once;
 * a bootstrap replicate then adds tiles, not pixels.
 */
#include "studies/map/basin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS = UINT16_MAX + 1 };

/* Pixels x0 <= x < x1, y0 <= y < y1. */
typedef struct window {
    size_t x0, y0, x1, y1;
} window;

static const uint16_t *row_of(const basin_map *m, size_t y) {
    return m->labels + y * m->width;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static bf_status check_map(const basin_map *m, bf_error *err) {
    if (m->width == 0 || m->height == 0 || m->width > BASIN_MAX_SIDE || m->height > BASIN_MAX_SIDE)
        return bf_fail(err, BF_EINPUT, "a map of %zu x %zu pixels: each side must be from 1 to %d",
                       m->width, m->height, BASIN_MAX_SIDE);
    return BF_OK;
}

/* ---- tiles -------------------------------------------------------------------------------- */

/* nx x ny square units of `unit` pixels, from (x, y) on, in gx x gy tiles of whole units, which are
 * as equal as can be. */
typedef struct tiling {
    size_t x, y, unit, nx, ny, gx, gy;
} tiling;

static tiling tiling_of(size_t x, size_t y, size_t unit, size_t width, size_t height) {
    size_t nx = width / unit, ny = height / unit;
    return (tiling){x, y, unit, nx, ny, smaller(nx, BASIN_TILES), smaller(ny, BASIN_TILES)};
}

static size_t tiles_of(const tiling *t) {
    return t->gx * t->gy;
}

static window tile_at(const tiling *t, size_t i) {
    size_t column = i % t->gx, row = i / t->gx;
    return (window){t->x + column * t->nx / t->gx * t->unit, t->y + row * t->ny / t->gy * t->unit,
                    t->x + (column + 1) * t->nx / t->gx * t->unit,
                    t->y + (row + 1) * t->ny / t->gy * t->unit};
}

/* Sums of some ratios part / whole: [tile * columns + column]. */
typedef struct sums {
    size_t tiles, columns;
    double *part, *whole;
} sums;

static bool sums_new(sums *s, size_t tiles, size_t columns) {
    *s = (sums){.tiles = tiles, .columns = columns};
    s->part = calloc(2 * tiles * columns, sizeof *s->part);
    if (s->part)
        s->whole = s->part + tiles * columns;
    return s->part;
}

/* How many tiles have something in a table of sums. */
static size_t filled(const sums *s, const double *table) {
    size_t n = 0;
    for (size_t t = 0; t < s->tiles; t++) {
        bool some = false;
        for (size_t c = 0; c < s->columns; c++)
            some = some || table[t * s->columns + c] > 0;
        n += some;
    }
    return n;
}

/* Least squares of ln u against ln s where u > 0; NAN with fewer than two points. */
static double slope_of(size_t n, const size_t *s, const double *u) {
    double points = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++)
        if (u[i] > 0) {
            points++;
            mean_x += log((double)s[i]);
            mean_y += log(u[i]);
        }
    if (points < 2)
        return NAN;
    mean_x /= points;
    mean_y /= points;
    for (size_t i = 0; i < n; i++)
        if (u[i] > 0) {
            double x = log((double)s[i]) - mean_x;
            xx += x * x;
            xy += x * (log(u[i]) - mean_y);
        }
    return xy / xx;
}

/* The ratios over the tiles drawn[0 ... tiles - 1], NULL: over every tile once; then, with `scale`,
 * the slope through them. */
static void ratios(double *out, const sums *s, const uint32_t *drawn, const size_t *scale) {
    double part[BASIN_MAX_SCALES] = {0}, whole[BASIN_MAX_SCALES] = {0};
    for (size_t i = 0; i < s->tiles; i++) {
        size_t first = (drawn ? drawn[i] : i) * s->columns;
        for (size_t c = 0; c < s->columns; c++) {
            part[c] += s->part[first + c];
            whole[c] += s->whole[first + c];
        }
    }
    for (size_t c = 0; c < s->columns; c++)
        out[c] = part[c] / whole[c];
    if (scale)
        out[s->columns] = slope_of(s->columns, scale, out);
}

static void draw(uint32_t *drawn, size_t tiles, uint64_t seed, uint64_t trial) {
    for (uint32_t i = 0; i < tiles; i++)
        drawn[i] = stats_below((uint32_t)tiles, bf_random(seed, BF_STREAM_BOOTSTRAP, trial, i, 0));
}

/* Estimates of every column's ratio, then, with `scale`, of the slope through them, with intervals
 * if enough tiles hold boundary. */
static bool estimates(estimate *out, const sums *s, const size_t *scale, size_t holding,
                      unsigned resamples, uint64_t seed) {
    size_t n = s->columns + (scale != NULL), fitted[BASIN_MAX_SCALES + 1] = {0};
    double value[BASIN_MAX_SCALES + 1];
    ratios(value, s, NULL, scale);
    double *replicates = malloc((n * resamples + 1) * sizeof *replicates);
    uint32_t *drawn = malloc(s->tiles * sizeof *drawn);
    bool ok = replicates && drawn, enough = holding >= STATS_FEWEST;
    for (size_t j = 0; j < n; j++) {
        double end = resamples == 0 ? NAN : INFINITY;
        out[j] = (estimate){value[j], -end, end};
    }
    for (unsigned r = 0; ok && enough && r < resamples; r++) {
        draw(drawn, s->tiles, seed, r);
        ratios(value, s, drawn, scale);
        for (size_t j = 0; j < n; j++)
            if (!isnan(value[j]))
                replicates[j * resamples + fitted[j]++] = value[j];
    }
    for (size_t j = 0; ok && enough && resamples > 0 && j < n; j++) {
        interval i = stats_percentiles(replicates + j * resamples, resamples, fitted[j]);
        out[j].low = i.low;
        out[j].high = i.high;
    }
    free(drawn);
    free(replicates);
    return ok;
}

/* ---- uncertainty at a scale --------------------------------------------------------------- */

/* Over some boxes or pixels. */
typedef struct tally {
    double uncertainty;       /* their sum */
    uint64_t boundary, total; /* how many are uncertain, and how many there are */
} tally;

/* Room for the entropy of a box: zeros between uses. */
typedef struct scratch {
    uint32_t count[LABELS];
    uint16_t found[LABELS];
} scratch;

static bool is_boundary_box(const basin_map *m, size_t x, size_t y, size_t s) {
    uint16_t first = row_of(m, y)[x];
    for (size_t j = y; j <= y + s; j++)
        for (size_t i = x; i <= x + s; i++)
            if (row_of(m, j)[i] != first)
                return true;
    return false;
}

static tally tally_boxes(const basin_map *m, window w, size_t s, scratch *unused) {
    (void)unused;
    tally t = {0};
    for (size_t y = w.y0; y < w.y1; y += s)
        for (size_t x = w.x0; x < w.x1; x += s) {
            t.boundary += is_boundary_box(m, x, y, s);
            t.total++;
        }
    t.uncertainty = (double)t.boundary;
    return t;
}

static tally tally_pairs(const basin_map *m, window w, size_t s, scratch *unused) {
    (void)unused;
    tally t = {.total = (uint64_t)(w.x1 - w.x0) * (w.y1 - w.y0)};
    for (size_t y = w.y0; y < w.y1; y++) {
        const uint16_t *here = row_of(m, y), *above = row_of(m, y - s), *below = row_of(m, y + s);
        uint32_t uncertain = 0;
        for (size_t x = w.x0; x < w.x1; x++)
            uncertain += (here[x] != here[x - s]) | (here[x] != here[x + s]) |
                         (here[x] != above[x]) | (here[x] != below[x]);
        t.boundary += uncertain;
    }
    t.uncertainty = (double)t.boundary;
    return t;
}

/* Gibbs entropy of the labels in a box of s x s pixels, in nats; exactly 0 with one label. */
static double box_entropy(const basin_map *m, size_t x, size_t y, size_t s, scratch *k) {
    size_t labels = 0;
    for (size_t j = y; j < y + s; j++)
        for (size_t i = x; i < x + s; i++) {
            uint16_t label = row_of(m, j)[i];
            if (k->count[label]++ == 0)
                k->found[labels++] = label;
        }
    double entropy = 0, pixels = (double)s * (double)s;
    for (size_t i = 0; i < labels; i++) {
        double share = k->count[k->found[i]] / pixels;
        if (labels > 1)
            entropy -= share * log(share);
        k->count[k->found[i]] = 0;
    }
    return entropy;
}

static tally tally_entropy(const basin_map *m, window w, size_t s, scratch *k) {
    tally t = {0};
    for (size_t y = w.y0; y < w.y1; y += s)
        for (size_t x = w.x0; x < w.x1; x += s) {
            double entropy = box_entropy(m, x, y, s, k);
            t.uncertainty += entropy;
            t.boundary += entropy > 0;
            t.total++;
        }
    return t;
}

/* ---- basin entropy ------------------------------------------------------------------------ */

static bool meets_ln2(double entropy) {
    const double rounding = 1e-12; /* of a mean of boxes that all have ln 2 */
    return entropy > log(2) + rounding;
}

bf_status basin_entropy(basin_entropies *out, const basin_map *map, size_t box, unsigned resamples,
                        uint64_t seed, bf_error *err) {
    *out = (basin_entropies){.box = box};
    bf_status s = check_map(map, err);
    if (s != BF_OK)
        return s;
    if (box < 2 || box > smaller(map->width, map->height))
        return bf_fail(err, BF_EINPUT,
                       "a box side of %zu pixels: must be from 2 to %zu, the map's "
                       "shorter side",
                       box, smaller(map->width, map->height));
    tiling t = tiling_of(0, 0, box, map->width, map->height);
    sums all;
    scratch *k = calloc(1, sizeof *k);
    bool ok = sums_new(&all, tiles_of(&t), 2) && k;
    for (size_t i = 0; ok && i < all.tiles; i++) {
        tally one = tally_entropy(map, tile_at(&t, i), box, k);
        all.part[2 * i] = all.part[2 * i + 1] = one.uncertainty;
        all.whole[2 * i] = (double)one.total;
        all.whole[2 * i + 1] = (double)one.boundary;
        out->boxes += one.total;
        out->boundary_boxes += one.boundary;
    }
    estimate e[2];
    if (ok && estimates(e, &all, NULL, filled(&all, all.part), resamples, seed)) {
        out->entropy = e[0];
        out->boundary = e[1];
        out->fractal = meets_ln2(e[1].low);
    } else {
        s = bf_no_memory(err);
    }
    free(k);
    free(all.part);
    return s;
}

/* ---- scaling ------------------------------------------------------------------------------ */

static const struct {
    tally (*tally)(const basin_map *m, window w, size_t s, scratch *k);
    size_t first, least; /* scale: of the default, and that has a meaning */
    size_t shared;       /* pixels by which neighbouring boxes overlap */
    bool boxes;          /* else pixels, with a margin of the largest scale around them */
} laws[] = {
    [BASIN_BOX_COUNTING] = {tally_boxes, 2, 1, 1, true},
    [BASIN_UNCERTAIN_FRACTION] = {tally_pairs, 1, 1, 0, false},
    [BASIN_ENTROPY] = {tally_entropy, 8, 2, 0, true},
};

static void default_scales(basin_scaling *out, basin_law law, size_t side) {
    enum { COARSEST = 16 }; /* of the shorter side */
    for (size_t s = laws[law].first; s <= side / COARSEST; s *= 2)
        out->scale[out->scales++] = s;
}

static bf_status take_scales(basin_scaling *out, const basin_map *m, basin_law law,
                             const size_t *scales, size_t n, bf_error *err) {
    size_t side = smaller(m->width, m->height);
    if (!scales) {
        default_scales(out, law, side);
        return BF_OK;
    }
    if (n == 0 || n > BASIN_MAX_SCALES)
        return bf_fail(err, BF_EINPUT, "%zu scales: must be from 1 to %d", n, BASIN_MAX_SCALES);
    size_t last = scales[n - 1];
    size_t most = laws[law].boxes ? side - laws[law].shared : (side - 1) / 2;
    for (size_t i = 0; i < n; i++) {
        if (scales[i] < laws[law].least || scales[i] > most ||
            (i > 0 && scales[i] <= scales[i - 1]))
            return bf_fail(err, BF_EINPUT,
                           "scale %zu: scales must increase, from %zu pixels to %zu for this map",
                           scales[i], laws[law].least, most);
        if (laws[law].boxes && last % scales[i] != 0)
            return bf_fail(err, BF_EINPUT,
                           "box side %zu does not divide the largest side, %zu, so that they would "
                           "cover different areas",
                           scales[i], last);
    }
    out->scales = n;
    memcpy(out->scale, scales, n * sizeof *scales);
    return BF_OK;
}

static tiling tiling_for(const basin_map *m, basin_law law, size_t largest) {
    size_t shared = laws[law].shared;
    return laws[law].boxes
               ? tiling_of(0, 0, largest, m->width - shared, m->height - shared)
               : tiling_of(largest, largest, 1, m->width - 2 * largest, m->height - 2 * largest);
}

bf_status basin_scaling_of(basin_scaling *out, const basin_map *map, basin_law law,
                           const size_t *scales, size_t n, unsigned resamples, uint64_t seed,
                           bf_error *err) {
    *out = (basin_scaling){.alpha = {NAN, NAN, NAN}, .dimension = {NAN, NAN, NAN}};
    bf_status s = check_map(map, err);
    BF_TRY(s, take_scales(out, map, law, scales, n, err));
    if (s != BF_OK || out->scales == 0)
        return s;
    n = out->scales;
    tiling t = tiling_for(map, law, out->scale[n - 1]);
    sums all;
    scratch *k = calloc(1, sizeof *k);
    bool ok = sums_new(&all, tiles_of(&t), n) && k;
    for (size_t i = 0; ok && i < all.tiles; i++)
        for (size_t j = 0; j < n; j++) {
            tally one = laws[law].tally(map, tile_at(&t, i), out->scale[j], k);
            all.part[i * n + j] = one.uncertainty;
            all.whole[i * n + j] = (double)one.total;
            out->boundary[j] += one.boundary;
            out->total[j] += one.total;
        }
    estimate e[BASIN_MAX_SCALES + 1];
    if (ok && estimates(e, &all, out->scale, filled(&all, all.part), resamples, seed)) {
        memcpy(out->value, e, n * sizeof *e);
        out->alpha = e[n];
        out->dimension = (estimate){2 - e[n].value, 2 - e[n].high, 2 - e[n].low};
    } else {
        s = bf_no_memory(err);
    }
    free(k);
    free(all.part);
    return s;
}

/* ---- distances ---------------------------------------------------------------------------- */

/* Distance to the nearest pixel of the set in the same column; width + height where there is none.
 * The set is the pixels whose mask has the bit. */
static void column_distances(uint32_t *d, const uint16_t *mask, uint16_t bit, size_t width,
                             size_t height) {
    const uint32_t none = (uint32_t)(width + height);
    for (size_t x = 0; x < width; x++)
        d[x] = mask[x] & bit ? 0 : none;
    for (size_t i = width; i < width * height; i++)
        d[i] = mask[i] & bit ? 0 : d[i - width] < none ? d[i - width] + 1 : none;
    for (size_t i = width * (height - 1); i-- > 0;)
        if (d[i + width] + 1 < d[i])
            d[i] = d[i + width] + 1;
}

/* One parabola y = (x - centre)^2 + height, lowest of all from `from` on. */
typedef struct parabola {
    int64_t centre, height, from;
} parabola;

/* The first whole x at which `right` is lower than `left`, which is centred to the left of it. */
static int64_t overtaken(const parabola *left, const parabola *right) {
    int64_t rise =
        right->centre * right->centre + right->height - left->centre * left->centre - left->height;
    int64_t run = 2 * (right->centre - left->centre);
    return rise < 0 ? 0 : rise / run + 1;
}

/* Replace a row's column distances by squared distances in the plane: the lower envelope of one
 * parabola a pixel. P. F. Felzenszwalb, D. P. Huttenlocher, Theory of Computing 8 (2012) 415; whole
 * numbers throughout. */
static void row_distances(uint32_t *d, size_t width, parabola *envelope) {
    size_t n = 0;
    for (size_t x = 0; x < width; x++) {
        parabola p = {(int64_t)x, (int64_t)d[x] * d[x], 0};
        while (n > 0 && (p.from = overtaken(&envelope[n - 1], &p)) <= envelope[n - 1].from)
            n--;
        if (n == 0)
            p.from = 0;
        if (p.from < (int64_t)width)
            envelope[n++] = p;
    }
    for (size_t x = width; x-- > 0;) {
        while (envelope[n - 1].from > (int64_t)x)
            n--;
        int64_t dx = (int64_t)x - envelope[n - 1].centre;
        d[x] = (uint32_t)(dx * dx + envelope[n - 1].height);
    }
}

/* Squared Euclidean distance of every pixel to a set that is not empty. */
static void squared_distances(uint32_t *d, const uint16_t *mask, uint16_t bit, size_t width,
                              size_t height, parabola *envelope) {
    column_distances(d, mask, bit, width, height);
    for (size_t y = 0; y < height; y++)
        row_distances(d + y * width, width, envelope);
}

/* ---- the merging test --------------------------------------------------------------------- */

/* The outcomes of a map, increasing; returns how many, or BASIN_MAX_WADA + 1 if there are more. */
static size_t outcomes_of(const basin_map *m, uint16_t label[BASIN_MAX_WADA]) {
    bool seen[LABELS] = {false};
    for (size_t i = 0; i < m->width * m->height; i++)
        seen[m->labels[i]] = true;
    size_t n = 0;
    for (size_t i = 0; i < LABELS && n <= BASIN_MAX_WADA; i++)
        if (seen[i]) {
            if (n < BASIN_MAX_WADA)
                label[n] = (uint16_t)i;
            n++;
        }
    return n;
}

/* Bit i of a pixel's mask: it lies in the slim boundary of outcome i against all others. It does if
 * it is of outcome i and a neighbour is not, or the other way round. */
static void slim_boundaries(uint16_t *mask, const basin_map *m, const basin_wada *w) {
    uint16_t bit[LABELS] = {0}; /* of a label */
    for (size_t i = 0; i < w->outcomes; i++)
        bit[w->label[i]] = (uint16_t)(1 << i);
    for (size_t y = 0; y < m->height; y++) {
        size_t top = y > 0 ? y - 1 : 0, bottom = smaller(y + 1, m->height - 1);
        for (size_t x = 0; x < m->width; x++) {
            size_t left = x > 0 ? x - 1 : 0, right = smaller(x + 1, m->width - 1);
            unsigned around = 0;
            for (size_t j = top; j <= bottom; j++)
                for (size_t i = left; i <= right; i++)
                    around |= bit[row_of(m, j)[i]];
            bool inside = (around & (around - 1)) == 0;
            mask[y * m->width + x] = (uint16_t)(inside ? 0 : around);
        }
    }
}

/* Take the distances to the boundary of outcome j into account: `worst` is every boundary pixel's
 * squared distance to the farthest boundary so far, farthest[i] that of boundary i's pixels to this
 * one. */
static void take_distances(uint32_t *worst, uint32_t farthest[BASIN_MAX_WADA],
                           const uint32_t *distance, const uint16_t *mask, size_t pixels) {
    memset(farthest, 0, BASIN_MAX_WADA * sizeof *farthest);
    for (size_t p = 0; p < pixels; p++) {
        if (mask[p] == 0 || distance[p] == 0)
            continue;
        if (distance[p] > worst[p])
            worst[p] = distance[p];
        for (unsigned i = 0; mask[p] >> i != 0; i++)
            if (mask[p] >> i & 1 && distance[p] > farthest[i])
                farthest[i] = distance[p];
    }
}

/* Distances of all pairs, and every boundary pixel's squared distance to the farthest boundary
 * (which is 0 on entry). `distance`: room for a map. */
static void merge(basin_wada *w, uint32_t *worst, uint32_t *distance, const uint16_t *mask,
                  const basin_map *m, parabola *envelope) {
    uint32_t farthest[BASIN_MAX_WADA][BASIN_MAX_WADA];
    for (size_t j = 0; j < w->outcomes; j++) {
        squared_distances(distance, mask, (uint16_t)(1 << j), m->width, m->height, envelope);
        take_distances(worst, farthest[j], distance, mask, m->width * m->height);
    }
    for (size_t j = 0; j < w->outcomes; j++)
        for (size_t i = 0; i < w->outcomes; i++) {
            w->distance[i][j] = sqrt(fmax(farthest[i][j], farthest[j][i]));
            w->needed = fmax(w->needed, w->distance[i][j]);
        }
}

static void count_inside(basin_wada *w, sums *s, const tiling *t, const uint32_t *worst,
                         const uint16_t *mask, size_t width) {
    for (size_t i = 0; i < s->tiles; i++) {
        window v = tile_at(t, i);
        for (size_t y = v.y0; y < v.y1; y++)
            for (size_t x = v.x0; x < v.x1; x++)
                if (mask[y * width + x] != 0) {
                    s->whole[i]++;
                    s->part[i] += sqrt(worst[y * width + x]) <= w->radius;
                }
        w->pixels += (uint64_t)s->whole[i];
        w->inside += (uint64_t)s->part[i];
    }
}

/* Share and verdict from the distances. */
static bool judge(basin_wada *w, const uint32_t *worst, const uint16_t *mask, const basin_map *m,
                  unsigned resamples, uint64_t seed) {
    tiling t = tiling_of(0, 0, 1, m->width, m->height);
    sums s;
    if (!sums_new(&s, tiles_of(&t), 1))
        return false;
    count_inside(w, &s, &t, worst, mask, m->width);
    size_t holding = filled(&s, s.whole);
    bool ok = estimates(&w->share, &s, NULL, holding, resamples, seed);
    if (resamples > 0 && (w->inside == 0 || w->inside == w->pixels)) {
        interval i = stats_wilson(w->inside ? holding : 0, holding, STATS_Z95);
        w->share.low = i.low;
        w->share.high = i.high;
    }
    w->verdict = w->inside == w->pixels ? BASIN_WADA : BASIN_NOT_WADA;
    free(s.part);
    return ok;
}

static bool measure_wada(basin_wada *w, const basin_map *m, unsigned resamples, uint64_t seed) {
    size_t pixels = m->width * m->height;
    uint16_t *mask = malloc(pixels * sizeof *mask);
    uint32_t *distance = malloc(pixels * sizeof *distance);
    uint32_t *worst = calloc(pixels, sizeof *worst);
    parabola *envelope = malloc(m->width * sizeof *envelope);
    bool ok = mask && distance && worst && envelope;
    if (ok) {
        slim_boundaries(mask, m, w);
        merge(w, worst, distance, mask, m, envelope);
        ok = judge(w, worst, mask, m, resamples, seed);
    }
    free(envelope);
    free(worst);
    free(distance);
    free(mask);
    return ok;
}

bf_status basin_wada_merge(basin_wada *out, const basin_map *map, double radius, unsigned resamples,
                           uint64_t seed, bf_error *err) {
    *out = (basin_wada){.radius = radius, .needed = NAN, .share = {NAN, NAN, NAN}};
    bf_status s = check_map(map, err);
    if (s != BF_OK)
        return s;
    if (!(radius >= 0 && isfinite(radius)))
        return bf_fail(err, BF_EINPUT, "a radius of %g pixels: must be a number from 0", radius);
    out->outcomes = outcomes_of(map, out->label);
    if (out->outcomes > BASIN_MAX_WADA)
        s = bf_fail(err, BF_EINPUT, "the map has more than %d outcomes: too many to merge",
                    BASIN_MAX_WADA);
    else if (out->outcomes >= 3 && !measure_wada(out, map, resamples, seed))
        s = bf_no_memory(err);
    return s;
}

const char *basin_law_name(basin_law law) {
    static const char *const names[BASIN_LAWS] = {"box_counting", "uncertain_fraction",
                                                  "basin_entropy"};
    return names[law];
}
