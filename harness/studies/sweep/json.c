/* SPDX-License-Identifier: MIT */
/* json.c - a sweep as a JSON document. */
#include "studies/sweep/sweep.h"

#include "stats/json.h"
#include "stats/stats.h"

#include <jansson.h>

static json_t *point_json(const sweep_point *p) {
    return json_pack("{s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:I, s:b}", "eps", json_number(p->value),
                     "eps_text", p->eps, "n", (json_int_t)p->n, "changed", (json_int_t)p->changed,
                     "fraction", json_number(p->fraction), "low", json_number(p->low), "high",
                     json_number(p->high), "moved", (json_int_t)p->moved, "fitted", p->fitted);
}

static void add_churn_json(json_t *o, const sweep_point *p) {
    json_object_set_new(o, "compared", json_integer((json_int_t)p->compared));
    json_object_set_new(o, "churn", json_number(p->churn));
    json_object_set_new(o, "churn_low", json_number(p->churn_low));
    json_object_set_new(o, "churn_high", json_number(p->churn_high));
}

static json_t *points_json(const sweep_arithmetic *a, bool churns) {
    json_t *list = json_array();
    for (size_t i = 0; i < a->n_points; i++) {
        json_t *o = point_json(&a->points[i]);
        if (churns)
            add_churn_json(o, &a->points[i]);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *outcomes_json(const sweep_arithmetic *a) {
    json_t *list = json_array();
    for (size_t i = 0; i < a->n_outcomes; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "outcome", a->outcomes[i].label, "n",
                                              (json_int_t)a->outcomes[i].n));
    return list;
}

static json_t *share_json(uint64_t k, uint64_t n) {
    estimate e = stats_share(k, n);
    return json_pack("{s:I, s:I, s:o, s:o, s:o}", "n", (json_int_t)n, "count", (json_int_t)k,
                     "fraction", json_number(e.value), "low", json_number(e.low), "high",
                     json_number(e.high));
}

/* The exponent's numbers under their names, written by `as`. */
static json_t *exponent_json(const sweep_arithmetic *a, json_t *(*as)(double)) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "phi", as(a->phi), "phi_low",
                     as(a->phi_low), "phi_high", as(a->phi_high), "prefactor", as(a->prefactor),
                     "fit_from", as(a->fit_from), "fit_to", as(a->fit_to), "bits_to_halve",
                     as(a->bits_to_halve), "bits_low", as(a->bits_low), "bits_high",
                     as(a->bits_high));
}

static json_t *arithmetic_json(const sweep_arithmetic *a, bool churns) {
    json_t *o = json_pack("{s:s, s:i, s:b, s:I, s:I, s:o}", "arithmetic", a->name, "precision",
                          a->precision, "strict", a->strict, "n", (json_int_t)a->n, "references",
                          (json_int_t)a->references, "points", points_json(a, churns));
    json_t *fitted = exponent_json(a, json_number);
    json_object_update(o, fitted);
    json_decref(fitted);
    json_object_set_new(o, "hex", exponent_json(a, json_hex));
    json_object_set_new(o, "n_fitted", json_integer((json_int_t)a->n_fitted));
    json_object_set_new(o, "repeats", json_integer((json_int_t)a->repeats));
    json_object_set_new(o, "identical", json_integer((json_int_t)a->identical));
    json_object_set_new(o, "outcomes", outcomes_json(a));
    json_object_set_new(o, "relabelled", share_json(a->later - a->stable, a->later));
    return o;
}

static json_t *session_json(const store_session *session) {
    json_t *o = json_pack("{s:I}", "session", (json_int_t)session->number);
    for (size_t i = 0; i < session->n_facts; i++)
        json_object_set_new(o, session->facts[i].key, json_string(session->facts[i].value));
    return o;
}

json_t *sweep_json(const sweep_results *r, const store_contents *c) {
    json_t *arithmetics = json_array(), *sessions = json_array();
    for (size_t i = 0; i < r->n_arithmetics; i++)
        json_array_append_new(arithmetics, arithmetic_json(&r->arithmetics[i], r->churns));
    for (size_t i = 0; i < c->n_sessions; i++)
        json_array_append_new(sessions, session_json(&c->sessions[i]));
    return json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:o, s:o, s:s}", "experiment", c->name,
                     "description", c->description, "steps", (json_int_t)c->x->train.steps,
                     "stability", json_number(r->stability), "trials", (json_int_t)r->n, "expected",
                     (json_int_t)r->expected, "arithmetics", arithmetics, "sessions", sessions,
                     "resolved", c->resolved);
}
