/* SPDX-License-Identifier: MIT */
/* json.c - destination maps as a JSON document. */
#include "stats/json.h"
#include "studies/map/map.h"

#include <jansson.h>

static json_t *outcomes_json(const map_measures *m) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < m->map->n_labels; i++)
        json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "outcome", m->map->labels[i], "n",
                                              (json_int_t)m->map->counts[i], "share",
                                              json_estimate(m->shares[i])));
    return list;
}

static json_t *scaling_json(const basin_scaling *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->scales; i++)
        json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:o}", "scale",
                                              (json_int_t)b->scale[i], "n", (json_int_t)b->total[i],
                                              "boundary", (json_int_t)b->boundary[i], "value",
                                              json_estimate(b->value[i])));
    return json_pack("{s:o, s:o, s:o}", "alpha", json_estimate(b->alpha), "dimension",
                     json_estimate(b->dimension), "scales", list);
}

static json_t *wada_json(const basin_wada *w) {
    if (w->verdict == BASIN_NOT_APPLICABLE)
        return json_null();
    return json_pack("{s:b, s:o, s:o, s:I, s:I, s:o}", "wada", w->verdict == BASIN_WADA, "radius",
                     json_number(w->radius), "needed", json_number(w->needed), "boundary",
                     (json_int_t)w->pixels, "within", (json_int_t)w->inside, "share",
                     json_estimate(w->share));
}

static json_t *measures_json(const map_measures *m) {
    const experiment_view *v = m->map->view;
    const basin_entropies *e = &m->entropies;
    char hash[33];
    bf_hash_text(&m->map->hash, hash);
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:I, s:{s:[s, s], s:[s, s]}, s:o}", "view", v->name,
                          "hash", hash, "arithmetic", m->map->arithmetic, "rate", map_rate(m->map),
                          "points", (json_int_t)m->map->points, "box", "x", v->x[0], v->x[1], "y",
                          v->y[0], v->y[1], "outcomes", outcomes_json(m));
    for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY; law++)
        json_object_set_new(o, basin_law_name(law), scaling_json(&m->scaling[law]));
    json_object_set_new(o, "entropy",
                        json_pack("{s:I, s:I, s:I, s:o, s:o, s:b}", "box", (json_int_t)e->box,
                                  "boxes", (json_int_t)e->boxes, "boundary_boxes",
                                  (json_int_t)e->boundary_boxes, "all", json_estimate(e->entropy),
                                  "boundary", json_estimate(e->boundary), "fractal", e->fractal));
    json_object_set_new(o, "wada", wada_json(&m->wada));
    return o;
}

json_t *map_json(const map_results *r, const store_contents *c) {
    json_t *maps = json_array();
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(maps, measures_json(&r->maps[i]));
    return json_pack("{s:s, s:s, s:I, s:o, s:s}", "experiment", c->name, "description",
                     c->description, "steps", (json_int_t)c->x->train.steps, "maps", maps,
                     "resolved", c->resolved);
}
