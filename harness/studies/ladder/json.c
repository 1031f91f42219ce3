/* SPDX-License-Identifier: MIT */
/* json.c - a ladder as a JSON document. */
#include "studies/ladder/ladder.h"

#include "stats/json.h"

#include <jansson.h>

static json_t *points_json(const ladder_comparison *l) {
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_points; i++) {
        const ladder_point *p = &l->points[i];
        json_array_append_new(
            list, json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:o, s:b}", "arithmetic", p->arithmetic,
                            "bits", p->bits, "n", (json_int_t)p->n, "differ", (json_int_t)p->differ,
                            "fraction", json_number(p->fraction.value), "low",
                            json_number(p->fraction.low), "high", json_number(p->fraction.high),
                            "plateau", p->plateau));
    }
    return list;
}

/* Numbers by themselves, and with their intervals. */
static json_t *comparison_json(const ladder_comparison *l) {
    json_t *intervals =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "plateau", json_estimate(l->plateau), "phi",
                  json_estimate((estimate){l->slope.phi, l->slope.low, l->slope.high}),
                  "bits_to_halve", json_estimate(l->bits_to_halve), "horizon_bits_predicted",
                  json_estimate(l->predicted), "horizon_bits_measured", json_estimate(l->horizon),
                  "half_plateau_bits", json_estimate(l->half));
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "steps",
                     (json_int_t)l->steps, "points", points_json(l), "plateau",
                     json_number(l->plateau.value), "horizon_bits_predicted",
                     json_number(l->predicted.value), "horizon_bits_measured",
                     json_number(l->horizon.value), "horizon_n", (json_int_t)l->n_horizon,
                     "half_plateau_bits", json_number(l->half.value), "no_difference_from_bits",
                     l->resolved_from ? json_integer(l->resolved_from) : json_null(),
                     "bits_to_halve", json_number(l->bits_to_halve.value), "intervals", intervals);
}

json_t *ladder_json(const ladder *l, const store_contents *c) {
    json_t *list = json_array();
    for (size_t i = 0; i < l->n_comparisons; i++)
        json_array_append_new(list, comparison_json(&l->comparisons[i]));
    json_t *out = json_pack("{s:s, s:s?, s:i, s:I, s:o, s:o}", "experiment", c->name, "reference",
                            l->reference, "reference_bits", l->reference_bits, "starts",
                            (json_int_t)l->starts, "lambda_1", json_estimate(l->lambda),
                            "horizon_bits_per_step", json_estimate(l->horizon_per_step));
    json_t *main = l->n_comparisons ? comparison_json(&l->comparisons[l->main]) : json_object();
    if (!out || !main || json_object_update_missing(out, main) != 0 ||
        json_object_set_new(out, "levels", list) != 0) {
        json_decref(out);
        out = NULL;
    }
    json_decref(main);
    return out;
}
