/* SPDX-License-Identifier: MIT */
/* json.c - a Lyapunov spectrum as a JSON document. */
#include "stats/json.h"
#include "studies/lyapunov/lyapunov.h"

#include <inttypes.h>
#include <jansson.h>

static void set_estimate(json_t *object, const char *key, estimate e) {
    char name[64];
    json_object_set_new(object, key, json_number(e.value));
    snprintf(name, sizeof name, "%s_low", key);
    json_object_set_new(object, name, json_number(e.low));
    snprintf(name, sizeof name, "%s_high", key);
    json_object_set_new(object, name, json_number(e.high));
}

static json_t *finite_json(const lyapunov_finite *f) {
    json_t *out = json_pack(
        "{s:I, s:I, s:o, s:o, s:o}", "n", (json_int_t)f->n, "positive", (json_int_t)f->positive,
        "positive_fraction", json_number(f->positive_fraction.value), "low",
        json_number(f->positive_fraction.low), "high", json_number(f->positive_fraction.high));
    set_estimate(out, "variance", f->variance);
    return out;
}

/* {"32": {...}, ...} */
static json_t *windows_json(const lyapunov_spectrum *l, const lyapunov_exponent *e) {
    json_t *out = json_object();
    for (unsigned w = 0; w < l->plan->x->lyapunov.n_windows; w++) {
        char length[32];
        snprintf(length, sizeof length, "%" PRIu64, e->finite[w].steps);
        json_object_set_new(out, length, finite_json(&e->finite[w]));
    }
    return out;
}

static json_t *growth_json(const lyapunov_exponent *e) {
    json_t *out =
        json_pack("{s:o, s:o}", "intercept", json_number(e->intercept), "r2", json_number(e->r2));
    set_estimate(out, "slope", e->slope);
    return out;
}

json_t *lyapunov_json(const lyapunov_spectrum *l) {
    const lyapunov_plan *p = l->plan;
    json_t *out = json_object(), *exact = json_object(), *intervals = json_object(),
           *finite = json_object(), *growth = json_object();
    json_object_set_new(out, "experiment", json_string(p->x->name));
    for (const char *const *name = (const char *const[]){"longitudinal", "transverse", NULL}; *name;
         name++)
        json_object_set_new(out, *name, json_null()); /* without a subspace */
    for (size_t b = 0; b < p->n_blocks; b++) {
        const lyapunov_block *block = &p->blocks[b];
        json_t *values = json_array(), *hexes = json_array(), *ends = json_array(),
               *windows = json_array(), *lines = json_array();
        for (size_t i = block->at; i < block->at + block->count; i++) {
            const lyapunov_exponent *e = &l->exponents[i];
            json_array_append_new(values, json_number(e->value.value));
            json_array_append_new(hexes, json_hex(e->value.value));
            json_array_append_new(ends, json_pack("{s:o, s:o}", "low", json_number(e->value.low),
                                                  "high", json_number(e->value.high)));
            json_array_append_new(windows, windows_json(l, e));
            json_array_append_new(lines, growth_json(e));
        }
        json_object_set_new(out, block->name, values);
        json_object_set_new(exact, block->name, hexes);
        json_object_set_new(intervals, block->name, ends);
        json_object_set_new(finite, block->name, windows);
        json_object_set_new(growth, block->name, lines);
    }
    json_object_set_new(out, "exact", exact);
    json_object_set_new(out, "intervals", intervals);
    json_object_set_new(out, "finite_time", finite);
    json_object_set_new(out, "inverse_variance", growth);
    json_object_set_new(out, "within", json_string(p->x->lyapunov.within));
    json_object_set_new(out, "directions", json_integer((json_int_t)p->state));
    json_object_set_new(out, "trajectories", json_integer((json_int_t)l->trajectories));
    json_object_set_new(out, "batches", json_integer((json_int_t)l->batches));
    json_object_set_new(out, "steps", json_integer((json_int_t)l->steps));
    json_object_set_new(out, "used", json_integer((json_int_t)l->used));
    json_object_set_new(out, "escapes",
                        l->diverged
                            ? json_pack("{s:I, s:I, s:I, s:I}", "n", (json_int_t)l->diverged,
                                        "first", (json_int_t)l->first_divergence, "median",
                                        (json_int_t)l->median_divergence, "last",
                                        (json_int_t)l->last_divergence)
                            : json_null());
    json_object_set_new(out, "mixing", p->n_blocks > 1 ? json_number(l->mixing) : json_null());
    json_t *nudge =
        json_pack("{s:I, s:s, s:s, s:s, s:o}", "n", (json_int_t)l->nudges, "direction",
                  p->nudged->name, "size", LYAPUNOV_NUDGE, "arithmetic", LYAPUNOV_NUDGE_ARITHMETIC,
                  "difference", json_number(l->nudge_difference));
    set_estimate(nudge, "rate", l->nudge);
    json_object_set_new(out, "nudge", nudge);
    return out;
}
