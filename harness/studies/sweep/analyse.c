/* SPDX-License-Identifier: MIT */
/* analyse.c - what the trials of a sweep say: fractions, churn, exponents. */
#include "studies/sweep/read.h"

#include "stats/stats.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Arithmetics in the experiment's order; any others follow in the store's. */
static void order_arithmetics(sweep_reading *b, const experiment *x) {
    sweep_results *results = b->results;
    size_t placed = 0;
    for (unsigned i = 0; i < x->n_arithmetics; i++)
        for (size_t j = placed; j < results->n_arithmetics; j++)
            if (strcmp(results->arithmetics[j].name, x->arithmetics[i]) == 0) {
                sweep_arithmetic found = results->arithmetics[j];
                sweep_runs found_runs = b->runs[j];
                memmove(&results->arithmetics[placed + 1], &results->arithmetics[placed],
                        (j - placed) * sizeof found);
                memmove(&b->runs[placed + 1], &b->runs[placed], (j - placed) * sizeof found_runs);
                results->arithmetics[placed] = found;
                b->runs[placed++] = found_runs;
                break;
            }
}

bool sweep_resolved(const sweep_point *p) {
    return p->n > 0 && (double)p->moved >= 0.99 * (double)p->n;
}

/* The share of changed outcomes; its interval where chance has a part in it. */
static void estimate_point(const sweep_arithmetic *a, sweep_point *p) {
    bool certain = a->determined && !sweep_resolved(p);
    estimate f = stats_share(p->changed, p->n);
    p->fraction = f.value;
    p->low = certain ? NAN : f.low;
    p->high = certain ? NAN : f.high;
}

/* For stats_bootstrap: the mean churn at each of an arithmetic's points, over its starts. */
typedef struct churn_sample {
    const sweep_arithmetic *a;
    const sweep_runs *r;
} churn_sample;

static void mean_churn(const void *self, const uint32_t *times, double *means) {
    const churn_sample *c = self;
    for (size_t i = 0; i < c->a->n_points; i++) {
        const double *shares = c->r->churn + i * c->r->n;
        double sum = 0, n = 0;
        for (size_t j = 0; j < c->r->n; j++)
            if (times[j] > 0 && !isnan(shares[j])) {
                sum += times[j] * shares[j];
                n += times[j];
            }
        means[i] = sum / n; /* NAN: none */
    }
}

/* The churn of every point; its interval where chance has a part in it. */
static bf_status estimate_churn(sweep_arithmetic *a, const sweep_runs *r, uint64_t seed,
                                bf_error *err) {
    const churn_sample c = {a, r};
    if (a->n_points == 0)
        return BF_OK;
    uint32_t *once = malloc(r->n * sizeof *once);
    double *means = malloc(a->n_points * sizeof *means);
    interval *spans = malloc(a->n_points * sizeof *spans);
    bool room = once && means && spans;
    for (size_t i = 0; room && i < r->n; i++)
        once[i] = 1;
    if (room) {
        mean_churn(&c, once, means);
        room = stats_bootstrap(r->n, a->n_points, mean_churn, &c, STATS_RESAMPLES, seed, spans);
    }
    for (size_t i = 0; room && i < a->n_points; i++) {
        sweep_point *p = &a->points[i];
        const bool chance = p->compared > 0 && (!a->determined || sweep_resolved(p));
        p->churn = means[i];
        p->churn_low = chance ? fmax(spans[i].low, 0) : NAN;
        p->churn_high = chance ? fmin(spans[i].high, 1) : NAN;
    }
    free(once);
    free(means);
    free(spans);
    return room ? BF_OK : bf_no_memory(err);
}

static bool any_compared(const sweep_results *r) {
    for (size_t i = 0; i < r->n_arithmetics; i++)
        for (size_t j = 0; j < r->arithmetics[i].n_points; j++)
            if (r->arithmetics[i].points[j].compared > 0)
                return true;
    return false;
}

/* Overwrites r's outcomes: those of the points of the fit move to the front. */
static bf_status fit(sweep_arithmetic *a, sweep_runs *r, double from, double to, uint64_t seed,
                     bf_error *err) {
    double *eps = calloc(a->n_points + 1, sizeof *eps);
    if (!eps)
        return bf_no_memory(err);
    a->fit_from = a->fit_to = NAN;
    for (size_t i = 0; i < a->n_points; i++) {
        sweep_point *p = &a->points[i];
        estimate_point(a, p);
        p->fitted = sweep_resolved(p) && p->value > 0 && p->value >= from && p->value <= to;
        if (!p->fitted)
            continue;
        memmove(r->outcomes + a->n_fitted * r->n, r->outcomes + i * r->n, r->n);
        eps[a->n_fitted++] = p->value;
        a->fit_from = fmin(a->fit_from, p->value);
        a->fit_to = fmax(a->fit_to, p->value);
    }
    exponent e = stats_exponent(a->n_fitted, eps, r->n, r->outcomes, STATS_RESAMPLES, seed);
    free(eps);
    a->phi = e.phi;
    a->phi_low = e.low;
    a->phi_high = e.high;
    a->prefactor = e.prefactor;
    a->bits_to_halve = isnan(e.phi) ? NAN : e.phi > 0 ? 1 / e.phi : INFINITY;
    a->bits_low = isnan(e.high) ? NAN : e.high > 0 ? 1 / e.high : INFINITY;
    a->bits_high = isnan(e.low) ? NAN : e.low > 0 ? 1 / e.low : INFINITY;
    return BF_OK;
}

static bf_status fit_range(const experiment *x, double *from, double *to, bf_error *err) {
    *from = 0;
    *to = INFINITY;
    bf_status s = BF_OK;
    if (x->sweep.fit_from)
        s = bf_number_double(x->sweep.fit_from, from, err);
    if (s == BF_OK && x->sweep.fit_to)
        s = bf_number_double(x->sweep.fit_to, to, err);
    return s;
}

static bf_status interpret(sweep_reading *b, const experiment *x, bf_error *err) {
    sweep_results *results = b->results;
    results->stability = x->sweep.stability;
    results->expected = x->n_arithmetics * x->sweep.starts * sweep_sizes(x);
    order_arithmetics(b, x);
    const bool own = x->sweep.orders && strcmp(x->sweep.orders, "own") == 0;
    for (size_t i = 0; i < results->n_arithmetics; i++) {
        sweep_arithmetic *a = &results->arithmetics[i];
        a->determined = a->strict && !(own && strstr(a->name, "/shuffle:"));
    }
    double from, to;
    bf_status s = fit_range(x, &from, &to, err);
    for (size_t i = 0; s == BF_OK && i < results->n_arithmetics; i++)
        s = fit(&results->arithmetics[i], &b->runs[i], from, to, x->seed, err);
    results->churns = any_compared(results);
    for (size_t i = 0; results->churns && s == BF_OK && i < results->n_arithmetics; i++)
        s = estimate_churn(&results->arithmetics[i], &b->runs[i], x->seed, err);
    return s;
}

bf_status sweep_analyse(void **out, store *st, const store_contents *c, bf_error *err) {
    *out = NULL;
    sweep_reading b = {.results = calloc(1, sizeof *b.results)};
    bf_status s = b.results ? sweep_read(&b, st, err) : bf_no_memory(err);
    store_snapshot_end(st);
    BF_TRY(s, interpret(&b, c->x, err));
    if (b.results)
        sweep_reading_free(&b);
    if (s == BF_OK)
        *out = b.results;
    else
        sweep_free(b.results);
    return s;
}

static void free_arithmetic(sweep_arithmetic *a) {
    for (size_t i = 0; i < a->n_points; i++)
        free(a->points[i].eps);
    for (size_t i = 0; i < a->n_outcomes; i++)
        free(a->outcomes[i].label);
    free(a->points);
    free(a->outcomes);
    free(a->name);
}

void sweep_free(void *results) {
    sweep_results *r = results;
    if (!r)
        return;
    for (size_t i = 0; i < r->n_arithmetics; i++)
        free_arithmetic(&r->arithmetics[i]);
    free(r->arithmetics);
    free(r);
}
