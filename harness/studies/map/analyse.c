/* SPDX-License-Identifier: MIT */
/* analyse.c - the measures of a map's basins. */
#include "studies/map/map.h"

#include "store/sql.h"

#include <math.h>
#include <stdlib.h>

/* Counts of every label in every tile: count[label * tiles * tiles + tile]. */
static void count_tiles(uint64_t *count, const map *m, uint32_t tiles) {
    for (uint32_t y = 0; y < m->points; y++)
        for (uint32_t x = 0; x < m->points; x++) {
            const size_t tile = (size_t)((uint64_t)y * tiles / m->points) * tiles +
                                (size_t)((uint64_t)x * tiles / m->points);
            count[(size_t)m->cells[(size_t)y * m->points + x] * tiles * tiles + tile]++;
        }
}

static bf_status measure_shares(map_measures *out, bf_error *err) {
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

static bf_status measure_basins(map_measures *out, uint64_t seed, bf_error *err) {
    const map *m = out->map;
    const basin_map b = {m->points, m->points, m->cells};
    bf_status s = BF_OK;
    out->entropies.entropy = out->entropies.boundary = (estimate){NAN, NAN, NAN};
    if (m->points >= MAP_BASIN_BOX)
        s = basin_entropy(&out->entropies, &b, MAP_BASIN_BOX, STATS_RESAMPLES, seed, err);
    for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY && s == BF_OK; law++)
        s = basin_scaling_of(&out->scaling[law], &b, law, NULL, 0, STATS_RESAMPLES, seed, err);
    out->wada = (basin_wada){.outcomes = m->n_labels, .radius = MAP_WADA_RADIUS};
    if (m->n_labels <= BASIN_MAX_WADA && s == BF_OK)
        s = basin_wada_merge(&out->wada, &b, MAP_WADA_RADIUS, STATS_RESAMPLES, seed, err);
    return s;
}

static void free_measures(map_measures *m) {
    map_free(m->map);
    free(m->shares);
}

/* `seed`: of the bootstraps. */
static bf_status measure(map_measures *m, store *st, int64_t id, uint64_t seed, bf_error *err) {
    bf_status s = map_read(&m->map, st, id, err);
    if (s != BF_OK)
        return s;
    const experiment_view *v = m->map->view;
    s = bf_number_difference(v->x[0], v->x[1], &m->width, err);
    BF_TRY(s, bf_number_difference(v->y[0], v->y[1], &m->height, err));
    BF_TRY(s, measure_shares(m, err));
    BF_TRY(s, measure_basins(m, seed, err));
    return s;
}

bf_status map_results_add(map_results *r, store *st, int64_t id, uint64_t seed, bf_error *err) {
    bf_status s = bf_array_grow(&r->maps, &r->room, r->n + 1, sizeof *r->maps, err);
    if (s != BF_OK)
        return s;
    r->maps[r->n] = (map_measures){0};
    return measure(&r->maps[r->n++], st, id, seed, err);
}

bf_status map_analyse(void **out, store *st, const store_contents *c, bf_error *err) {
    int64_t *ids = NULL;
    size_t n = 0;
    *out = NULL;
    map_results *r = calloc(1, sizeof *r);
    bf_status s = r ? map_list(st, &ids, &n, err) : bf_no_memory(err);
    store_snapshot_end(st); /* a row of a map never changes */
    for (size_t i = 0; i < n && s == BF_OK; i++)
        s = map_results_add(r, st, ids[i], c->x->seed, err);
    free(ids);
    if (s == BF_OK)
        *out = r;
    else
        map_results_free(r);
    return s;
}

void map_results_clear(map_results *r) {
    for (size_t i = 0; i < r->n; i++)
        free_measures(&r->maps[i]);
    free(r->maps);
}

void map_results_free(void *results) {
    if (results)
        map_results_clear(results);
    free(results);
}
