/* SPDX-License-Identifier: MIT */
/* analyse.c - the measures of a map's basins. */
#include "studies/map/analyse.h"

#include <math.h>
#include <stdlib.h>

enum { RESAMPLES = 1000 };

/* Counts of every label in every tile: count[label * tiles * tiles + tile]. */
static void count_tiles(uint64_t *count, const map *m, uint32_t tiles) {
    for (uint32_t y = 0; y < m->points; y++)
        for (uint32_t x = 0; x < m->points; x++) {
            const size_t tile = (size_t)((uint64_t)y * tiles / m->points) * tiles +
                                (size_t)((uint64_t)x * tiles / m->points);
            count[(size_t)m->cells[(size_t)y * m->points + x] * tiles * tiles + tile]++;
        }
}

static bf_status measure_shares(summary_map *out, bf_error *err) {
    const map *m = out->map;
    const uint32_t tiles = m->points < BASIN_TILES ? m->points : BASIN_TILES;
    const size_t all = (size_t)tiles * tiles;
    uint64_t *count = calloc(m->n_labels * all, sizeof *count);
    uint64_t whole[BASIN_TILES * BASIN_TILES] = {0};
    out->shares = malloc(m->n_labels * sizeof *out->shares);
    const bool good = count && out->shares;
    if (good)
        count_tiles(count, m, tiles);
    for (size_t i = 0; good && i < m->n_labels * all; i++)
        whole[i % all] += count[i];
    for (size_t i = 0; good && i < m->n_labels; i++)
        out->shares[i] = stats_clustered_share(all, count + i * all, whole);
    free(count);
    return good ? BF_OK : bf_no_memory(err);
}

static bf_status measure_basins(summary_map *out, uint64_t seed, bf_error *err) {
    const map *m = out->map;
    const basin_map b = {m->points, m->points, m->cells};
    bf_status s = BF_OK;
    out->entropies.entropy = out->entropies.boundary = (estimate){NAN, NAN, NAN};
    if (m->points >= SUMMARY_BASIN_BOX)
        s = basin_entropy(&out->entropies, &b, SUMMARY_BASIN_BOX, RESAMPLES, seed, err);
    for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY && s == BF_OK; law++)
        s = basin_scaling_of(&out->scaling[law], &b, law, NULL, 0, RESAMPLES, seed, err);
    out->wada = (basin_wada){.outcomes = m->n_labels, .radius = SUMMARY_WADA_RADIUS};
    if (m->n_labels <= BASIN_MAX_WADA && s == BF_OK)
        s = basin_wada_merge(&out->wada, &b, SUMMARY_WADA_RADIUS, RESAMPLES, seed, err);
    return s;
}

bf_status summary_read_map(summary_map *out, store *from, int64_t id, uint64_t seed,
                           bf_error *err) {
    bf_status s = map_read(&out->map, from, id, err);
    if (s != BF_OK)
        return s;
    const experiment_view *v = out->map->view;
    s = bf_number_difference(v->x[0], v->x[1], &out->width, err);
    BF_TRY(s, bf_number_difference(v->y[0], v->y[1], &out->height, err));
    BF_TRY(s, measure_shares(out, err));
    return s == BF_OK ? measure_basins(out, seed, err) : s;
}

void summary_free_map(summary_map *m) {
    map_free(m->map);
    free(m->shares);
}
