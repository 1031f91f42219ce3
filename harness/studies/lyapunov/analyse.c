/* SPDX-License-Identifier: MIT */
/* analyse.c - from trajectories to exponents, finite-time distributions and intervals. */
#include "studies/lyapunov/lyapunov.h"

#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void lyapunov_trajectory_free(lyapunov_trajectory *t) {
    if (!t)
        return;
    free(t->growth);
    free(t->points);
    free(t);
}

/* ---- batches ------------------------------------------------------------------------------ */

/* What each batch says, as sums, so that batches add up. For every exponent `terms` of them: the
 * growth, then for each window length the sums of lambda^T and of its square. */
typedef struct batches {
    size_t n, n_exponents, n_windows, terms;
    const uint64_t *windows; /* (n_windows) lengths */
    uint64_t *steps;         /* (n) */
    uint64_t *counts;        /* (n_windows, n) windows of each length, */
    uint64_t *positive;      /* (n_exponents, n_windows, n) and those with positive lambda^T */
    double *sums;            /* (n, n_exponents, terms) */
} batches;

static double *sums_of(const batches *b, size_t batch, size_t e) {
    return b->sums + (batch * b->n_exponents + e) * b->terms;
}

static uint64_t *positive_of(const batches *b, size_t e, size_t window) {
    return b->positive + (e * b->n_windows + window) * b->n;
}

/* In shortest windows. */
static size_t batch_length(const lyapunov_plan *p) {
    const uint64_t *windows = p->x->lyapunov.windows;
    return (size_t)(LYAPUNOV_BATCH * windows[p->x->lyapunov.n_windows - 1] / windows[0]);
}

/* The growth in column e over `length` shortest windows; n: columns. */
static double growth_over(const lyapunov_trajectory *t, size_t n, size_t e, size_t at,
                          size_t length) {
    double growth = 0;
    for (size_t k = at; k < at + length; k++)
        growth += t->growth[k * n + e];
    return growth;
}

/* Shortest windows [first, last) of a trajectory as batch i. Longer windows lie one after the other
 * from `first` on; what is left at the end is too short for one. */
static void fill_batch(batches *b, size_t i, const lyapunov_trajectory *t, size_t first,
                       size_t last) {
    const size_t n = b->n_exponents;
    b->steps[i] = (last - first) * b->windows[0];
    for (size_t w = 0; w < b->n_windows; w++) {
        const size_t length = (size_t)(b->windows[w] / b->windows[0]);
        b->counts[w * b->n + i] = (last - first) / length;
        for (size_t at = first; at + length <= last; at += length)
            for (size_t e = 0; e < n; e++) {
                double *sums = sums_of(b, i, e);
                const double growth = growth_over(t, n, e, at, length),
                             lambda = growth / (double)b->windows[w];
                if (w == 0)
                    sums[0] += growth;
                sums[1 + 2 * w] += lambda;
                sums[2 + 2 * w] += lambda * lambda;
                positive_of(b, e, w)[i] += lambda > 0;
            }
    }
}

static void batches_free(batches *b) {
    free(b->steps);
    free(b->counts);
    free(b->positive);
    free(b->sums);
}

static bf_status batches_new(batches *b, const lyapunov_plan *p, lyapunov_trajectory *const *t,
                             size_t n, bf_error *err) {
    const size_t n_windows = p->x->lyapunov.n_windows;
    *b = (batches){.n_exponents = p->n_exponents,
                   .n_windows = n_windows,
                   .terms = 1 + 2 * n_windows,
                   .windows = p->x->lyapunov.windows};
    const size_t length = batch_length(p);
    for (size_t i = 0; i < n; i++)
        b->n += (t[i]->n_windows + length - 1) / length;
    b->steps = calloc(b->n + 1, sizeof *b->steps);
    b->counts = calloc(b->n * n_windows + 1, sizeof *b->counts);
    b->positive = calloc(b->n_exponents * n_windows * b->n + 1, sizeof *b->positive);
    b->sums = calloc(b->n * b->n_exponents * b->terms + 1, sizeof *b->sums);
    if (!b->steps || !b->counts || !b->positive || !b->sums) {
        batches_free(b);
        return bf_no_memory(err);
    }
    size_t batch = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t first = 0; first < t[i]->n_windows; first += length)
            fill_batch(b, batch++, t[i], first,
                       first + length < t[i]->n_windows ? first + length : t[i]->n_windows);
    return BF_OK;
}

/* ---- estimates ---------------------------------------------------------------------------- */

/* y = intercept + slope x by least squares, and how much of y's variance it explains. */
typedef struct straight {
    double slope, intercept, r2;
} straight;

static straight fit_straight(size_t n, const double *x, const double *y) {
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
        yy += (y[i] - my) * (y[i] - my);
    }
    if (n < 2)
        return (straight){NAN, NAN, NAN};
    return (straight){xy / xx, my - xy / xx * mx, xy * xy / (xx * yy)};
}

static double fold(const batches *b, const uint32_t *times, const uint64_t *of) {
    double sum = 0;
    for (size_t i = 0; i < b->n; i++)
        sum += times[i] * (double)of[i];
    return sum;
}

/* Values for each exponent: itself, the variance for each window length, slope, intercept, r2. */
static size_t values_each(const batches *b) {
    return b->n_windows + 4;
}

/* From the sum over the batches, the i-th counted times[i] times: (n_exponents, values_each). */
static void evaluate(const void *self, const uint32_t *times, double *values) {
    const batches *b = self;
    double length[EXPERIMENT_WINDOWS], count[EXPERIMENT_WINDOWS], inverse[EXPERIMENT_WINDOWS];
    const double steps = fold(b, times, b->steps);
    for (size_t w = 0; w < b->n_windows; w++) {
        length[w] = (double)b->windows[w];
        count[w] = fold(b, times, b->counts + w * b->n);
    }
    for (size_t e = 0; e < b->n_exponents; e++, values += values_each(b)) {
        double total[1 + 2 * EXPERIMENT_WINDOWS] = {0};
        for (size_t i = 0; i < b->n; i++) {
            const double *sums = sums_of(b, i, e);
            for (size_t k = 0; times[i] > 0 && k < b->terms; k++)
                total[k] += times[i] * sums[k];
        }
        values[0] = total[0] / steps;
        for (size_t w = 0; w < b->n_windows; w++) {
            const double mean = total[1 + 2 * w] / count[w],
                         variance = total[2 + 2 * w] / count[w] - mean * mean;
            values[1 + w] = variance < 0 ? 0 : variance; /* stays NAN */
            inverse[w] = 1 / values[1 + w];
        }
        const straight line = fit_straight(b->n_windows, length, inverse);
        values[1 + b->n_windows] = line.slope;
        values[2 + b->n_windows] = line.intercept;
        values[3 + b->n_windows] = line.r2;
    }
}

static estimate with_interval(double value, interval i) {
    return isnan(value) ? (estimate){NAN, NAN, NAN} : (estimate){value, i.low, i.high};
}

static bf_status estimate_exponent(const batches *b, size_t e, const double *values,
                                   const interval *intervals, lyapunov_exponent *out,
                                   bf_error *err) {
    out->value = with_interval(values[0], intervals[0]);
    out->slope = with_interval(values[1 + b->n_windows], intervals[1 + b->n_windows]);
    out->intercept = values[2 + b->n_windows];
    out->r2 = values[3 + b->n_windows];
    out->finite = calloc(b->n_windows, sizeof *out->finite);
    if (!out->finite)
        return bf_no_memory(err);
    for (size_t w = 0; w < b->n_windows; w++) {
        lyapunov_finite *f = &out->finite[w];
        const uint64_t *count = b->counts + w * b->n, *positive = positive_of(b, e, w);
        f->steps = b->windows[w];
        for (size_t i = 0; i < b->n; i++) {
            f->n += count[i];
            f->positive += positive[i];
        }
        f->positive_fraction = stats_clustered_share(b->n, positive, count);
        f->variance = with_interval(values[1 + w], intervals[1 + w]);
    }
    return BF_OK;
}

static bf_status estimate_exponents(const batches *b, uint64_t seed, lyapunov_exponent *out,
                                    bf_error *err) {
    const size_t n = b->n_exponents * values_each(b);
    double *values = calloc(n, sizeof *values);
    interval *intervals = calloc(n, sizeof *intervals);
    uint32_t *once = calloc(b->n, sizeof *once);
    bf_status s = BF_OK;
    if (!values || !intervals || !once)
        s = bf_no_memory(err);
    for (size_t i = 0; s == BF_OK && i < b->n; i++)
        once[i] = 1;
    if (s == BF_OK) {
        evaluate(b, once, values);
        if (!stats_bootstrap(b->n, n, evaluate, b, STATS_RESAMPLES, seed, intervals))
            s = bf_no_memory(err);
    }
    for (size_t e = 0; e < b->n_exponents && s == BF_OK; e++)
        s = estimate_exponent(b, e, values + e * values_each(b), intervals + e * values_each(b),
                              &out[e], err);
    free(values);
    free(intervals);
    free(once);
    return s;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* Largest first; equal ones keep their order. */
static void sort_block(lyapunov_exponent *e, size_t n) {
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && e[j].value.value > e[j - 1].value.value; j--) {
            const lyapunov_exponent swap = e[j];
            e[j] = e[j - 1];
            e[j - 1] = swap;
        }
}

static int by_size(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bf_status describe_divergences(lyapunov_spectrum *l, lyapunov_trajectory *const *t,
                                      bf_error *err) {
    uint64_t *divergences = malloc((l->trajectories + 1) * sizeof *divergences);
    if (!divergences)
        return bf_no_memory(err);
    for (size_t i = 0; i < l->trajectories; i++) {
        l->steps += t[i]->steps;
        l->used += t[i]->n_windows * l->plan->x->lyapunov.windows[0];
        if (t[i]->diverged)
            divergences[l->diverged++] = t[i]->steps;
    }
    if (l->diverged > 0) {
        qsort(divergences, l->diverged, sizeof *divergences, by_size);
        l->first_divergence = divergences[0];
        l->median_divergence = divergences[(l->diverged - 1) / 2];
        l->last_divergence = divergences[l->diverged - 1];
    }
    free(divergences);
    return BF_OK;
}

static bf_status describe_nudges(lyapunov_spectrum *l, lyapunov_trajectory *const *t,
                                 bf_error *err) {
    double *rates = malloc((l->trajectories + 1) * sizeof *rates);
    if (!rates)
        return bf_no_memory(err);
    for (size_t i = 0; i < l->trajectories; i++) {
        rates[i] = t[i]->nudge;
        l->mixing = fmax(l->mixing, t[i]->mixing);
        if (isnan(t[i]->nudge))
            continue;
        l->nudges++;
        l->nudge_difference =
            fmax(l->nudge_difference, fabs(t[i]->nudge_short - t[i]->nudge_tangent));
    }
    const bool room =
        stats_mean(l->trajectories, rates, STATS_RESAMPLES, l->plan->x->seed, &l->nudge);
    free(rates);
    return room ? BF_OK : bf_no_memory(err);
}

bf_status lyapunov_summarise(lyapunov_spectrum **out, const lyapunov_plan *p,
                             lyapunov_trajectory *const *t, size_t n, bf_error *err) {
    *out = NULL;
    lyapunov_spectrum *l = calloc(1, sizeof *l);
    batches b = {.n = 0};
    if (!l)
        return bf_no_memory(err);
    *l = (lyapunov_spectrum){.plan = p, .trajectories = n};
    l->exponents = calloc(p->n_exponents, sizeof *l->exponents);
    bf_status s = l->exponents ? describe_divergences(l, t, err) : bf_no_memory(err);
    if (s == BF_OK && l->used == 0)
        s = bf_fail(err, BF_EINPUT,
                    "no trajectory lasts for a window after lyapunov.transient and before "
                    "lyapunov.tail; expected smaller ones, or another start");
    BF_TRY(s, describe_nudges(l, t, err));
    BF_TRY(s, batches_new(&b, p, t, n, err));
    if (s == BF_OK) {
        l->batches = b.n;
        s = estimate_exponents(&b, p->x->seed, l->exponents, err);
        batches_free(&b);
    }
    for (size_t i = 0; i < p->n_blocks && s == BF_OK; i++) {
        lyapunov_exponent *first = l->exponents + p->blocks[i].at;
        for (size_t k = 0; k < p->blocks[i].count; k++) {
            first[k].block = &p->blocks[i];
            first[k].column = p->blocks[i].at + k;
        }
        sort_block(first, p->blocks[i].count);
    }
    if (s == BF_OK)
        *out = l;
    else
        lyapunov_spectrum_free(l);
    return s;
}

double *lyapunov_finite_values(const lyapunov_spectrum *l, const lyapunov_exponent *e, size_t w,
                               lyapunov_trajectory *const *t) {
    const uint64_t *windows = l->plan->x->lyapunov.windows;
    const size_t batch = batch_length(l->plan), length = (size_t)(windows[w] / windows[0]);
    double *out = calloc((size_t)e->finite[w].n + 1, sizeof *out);
    size_t n = 0;
    for (size_t i = 0; out && i < l->trajectories; i++)
        for (size_t first = 0; first < t[i]->n_windows; first += batch) {
            const size_t last = first + batch < t[i]->n_windows ? first + batch : t[i]->n_windows;
            for (size_t at = first; at + length <= last; at += length)
                out[n++] = growth_over(t[i], l->plan->n_exponents, e->column, at, length) /
                           (double)windows[w];
        }
    return out;
}

void lyapunov_spectrum_free(lyapunov_spectrum *l) {
    if (!l)
        return;
    for (size_t i = 0; l->exponents && i < l->plan->n_exponents; i++)
        free(l->exponents[i].finite);
    free(l->exponents);
    free(l);
}

/* Of all trajectories, those that are there, in order. */
static void close_gaps(lyapunov_results *r, size_t all) {
    for (size_t i = 0; i < all; i++) {
        lyapunov_trajectory *t = r->trajectories[i];
        r->trajectories[i] = NULL;
        if (t)
            r->trajectories[r->n++] = t;
    }
}

bf_status lyapunov_analyse(void **out, store *st, const store_contents *c, bf_error *err) {
    *out = NULL;
    lyapunov_results *r = calloc(1, sizeof *r);
    if (!r)
        return bf_no_memory(err);
    const size_t all = (size_t)c->x->lyapunov.trajectories;
    bf_status s = lyapunov_plan_new(&r->plan, c->x, err);
    if (s == BF_OK && !(r->trajectories = calloc(all + 1, sizeof *r->trajectories)))
        s = bf_no_memory(err);
    BF_TRY(s, lyapunov_load(st, r->plan, r->trajectories, all, err));
    store_snapshot_end(st);
    if (r->trajectories)
        close_gaps(r, all);
    BF_TRY(s, lyapunov_summarise(&r->spectrum, r->plan, r->trajectories, r->n, err));
    if (s == BF_OK)
        *out = r;
    else
        lyapunov_free(r);
    return s;
}

void lyapunov_free(void *results) {
    lyapunov_results *r = results;
    if (!r)
        return;
    lyapunov_spectrum_free(r->spectrum);
    for (size_t i = 0; i < r->n; i++)
        lyapunov_trajectory_free(r->trajectories[i]);
    free(r->trajectories);
    lyapunov_plan_free(r->plan);
    free(r);
}
