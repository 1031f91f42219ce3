/* SPDX-License-Identifier: MIT */
/* analyse.c - outcome against precision: from the runs of a ladder to curves and horizons. */
#include "studies/ladder/read.h"

#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SATURATED = -10 /* log2 of distance over norm */ };

/* The plateau ends at this share of the horizon. */
static const double plateau_end = 0.6;

/* ---- one comparison ----------------------------------------------------------------------------
 */

/* What a bootstrap over starts draws from. */
typedef struct curve {
    size_t starts, n; /* plain points */
    double plateau_to;
    const double *bits;
    const uint8_t *outcomes; /* [point * starts + start]: see stats.h */
    double *room;            /* 3 n */
} curve;

/* The shares, with start s counted times[s] times (NULL: once). */
static void shares(const curve *c, const uint32_t *times, double *share, double *weight) {
    for (size_t i = 0; i < c->n; i++) {
        double n = 0, k = 0;
        for (size_t s = 0; s < c->starts; s++) {
            const double t = times ? times[s] : 1;
            const uint8_t outcome = c->outcomes[i * c->starts + s];
            n += outcome == STATS_ABSENT ? 0 : t;
            k += outcome == STATS_CHANGED ? t : 0;
        }
        share[i] = n > 0 ? k / n : 0;
        weight[i] = n;
    }
}

/* The decreasing sequence nearest to n weighted values: at i, the lowest over beginnings at or
 * before i of the highest over ends at or after i of the mean between them. */
static void decreasing(size_t n, const double *value, const double *weight, double *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = INFINITY;
        for (size_t begin = 0; begin <= i; begin++) {
            double sum = 0, all = 0, highest = -INFINITY;
            for (size_t end = begin; end < n; end++) {
                sum += value[end] * weight[end];
                all += weight[end];
                if (end >= i && all > 0)
                    highest = fmax(highest, sum / all);
            }
            out[i] = fmin(out[i], highest);
        }
    }
}

static bool on_plateau(const curve *c, size_t i) {
    return c->bits[i] >= LADDER_FEWEST_BITS && c->bits[i] <= c->plateau_to;
}

/* The mean share of the plateau, and where the decreasing shares have fallen to half of it;
 * infinite when they do not. */
static void plateau_and_half(const void *self, const uint32_t *times, double *values) {
    const curve *c = self;
    double *share = c->room, *weight = share + c->n, *smooth = weight + c->n, sum = 0, all = 0;
    shares(c, times, share, weight);
    decreasing(c->n, share, weight, smooth);
    for (size_t i = 0; i < c->n; i++)
        if (on_plateau(c, i)) {
            sum += share[i] * weight[i];
            all += weight[i];
        }
    const double half = sum / all / 2;
    size_t i = 0;
    while (i < c->n && (c->bits[i] < LADDER_FEWEST_BITS || smooth[i] > half))
        i++;
    values[0] = sum / all;
    values[1] = half > 0 && i < c->n && i > 0
                    ? c->bits[i] - (c->bits[i] - c->bits[i - 1]) * (half - smooth[i]) /
                                       (smooth[i - 1] - smooth[i])
                : half > 0 ? INFINITY
                           : NAN;
}

static uint8_t outcome_of(const ladder_runs *r, const ladder_runs *reference, size_t start) {
    if (r->outcome[start] < 0 || reference->outcome[start] < 0)
        return STATS_ABSENT;
    return r->outcome[start] == reference->outcome[start] ? STATS_SAME : STATS_CHANGED;
}

static double log2_distance(const ladder_member *a, const ladder_runs *r, const ladder_member *b,
                            const ladder_runs *s, size_t start) {
    const size_t n = (size_t)r->n_theta[start] / a->format.bytes;
    if (b && n != (size_t)s->n_theta[start] / b->format.bytes)
        return NAN;
    return bf_log2_distance(n, &a->format, r->theta[start], b ? &b->format : NULL,
                            b ? s->theta[start] : NULL);
}

/* Bits that the run from this start has lost; NAN: no arithmetic tells. */
static double bits_lost(const ladder_data *d, size_t place, size_t start) {
    const ladder_member *ref = d->reference;
    const ladder_runs *r = &ref->at[place];
    if (r->outcome[start] < 0 || r->ended[start])
        return NAN;
    for (size_t i = d->n_members; i-- > 0;) {
        const ladder_member *m = &d->members[i];
        const ladder_runs *q = &m->at[place];
        if (!m->plain || m->format.precision >= ref->format.precision || q->outcome[start] < 0)
            continue;
        if (q->ended[start])
            return NAN;
        const double lost =
            log2_distance(m, q, ref, r, start) - log2_distance(ref, r, NULL, NULL, start);
        return isfinite(lost) && lost < SATURATED ? m->format.precision + lost : NAN;
    }
    return NAN;
}

/* Bits lost, of all starts: [start]. */
typedef struct losses {
    size_t starts;
    const double *bits;
    double *room; /* starts */
} losses;

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const losses *l, const uint32_t *times) {
    size_t n = 0;
    for (size_t s = 0; s < l->starts; s++)
        if (!isnan(l->bits[s]))
            for (uint32_t t = times ? times[s] : 1; t > 0 && n < l->starts; t--)
                l->room[n++] = l->bits[s];
    if (n == 0)
        return NAN;
    qsort(l->room, n, sizeof *l->room, by_value);
    return (l->room[(n - 1) / 2] + l->room[n / 2]) / 2;
}

static bool add_points(ladder_comparison *l, const ladder_data *d, size_t place) {
    l->points = calloc(d->n_members + 1, sizeof *l->points);
    for (size_t i = 0; l->points && i < d->n_members; i++) {
        const ladder_member *m = &d->members[i];
        ladder_point p = {.bits = m->format.precision, .strict = m->strict, .plain = m->plain};
        for (size_t s = 0; s < d->starts; s++) {
            const uint8_t outcome = outcome_of(&m->at[place], &d->reference->at[place], s);
            p.n += outcome != STATS_ABSENT;
            p.differ += outcome == STATS_CHANGED;
        }
        if (m == d->reference || p.n == 0)
            continue;
        p.fraction = stats_share(p.differ, p.n);
        if (!(p.arithmetic = strdup(m->name)))
            return false;
        l->points[l->n_points++] = p;
    }
    return l->points != NULL;
}

/* One comparison, for bootstraps over starts. */
typedef struct sample {
    curve curve;
    losses losses;
    double *bits, *lost, *room;
    uint8_t *outcomes;
} sample;

static void free_sample(sample *v) {
    free(v->bits);
    free(v->lost);
    free(v->room);
    free(v->outcomes);
}

/* The outcomes of the plain arithmetics below the reference; the bits lost from each start. */
static bool new_sample(sample *v, const ladder_data *d, size_t place) {
    const size_t starts = d->starts, most = d->n_members + 1;
    *v = (sample){.bits = malloc(most * sizeof *v->bits),
                  .lost = malloc((starts + 1) * sizeof *v->lost),
                  .room = malloc((starts + 3 * most) * sizeof *v->room),
                  .outcomes = malloc(most * (starts + 1))};
    if (!v->bits || !v->lost || !v->room || !v->outcomes)
        return false;
    v->curve = (curve){
        .starts = starts, .bits = v->bits, .outcomes = v->outcomes, .room = v->room + starts};
    v->losses = (losses){.starts = starts, .bits = v->lost, .room = v->room};
    for (size_t i = 0; i < d->n_members; i++) {
        const ladder_member *m = &d->members[i];
        bool any = false;
        for (size_t s = 0; s < starts; s++) {
            uint8_t *outcome = v->outcomes + v->curve.n * starts + s;
            *outcome = outcome_of(&m->at[place], &d->reference->at[place], s);
            any |= *outcome != STATS_ABSENT;
        }
        if (any && m->plain && m != d->reference)
            v->bits[v->curve.n++] = m->format.precision;
    }
    for (size_t s = 0; s < starts; s++)
        v->lost[s] = bits_lost(d, place, s);
    return true;
}

static void horizon_statistic(const void *self, const uint32_t *times, double *values) {
    *values = median(&((const sample *)self)->losses, times);
}

/* The horizon. Everything else is measured from it. */
static bool measure_horizon(ladder_comparison *l, const sample *v, uint64_t seed) {
    interval i;
    for (size_t s = 0; s < v->losses.starts; s++)
        l->n_horizon += isnan(v->lost[s]) ? 0 : 1;
    horizon_statistic(v, NULL, &l->horizon.value);
    if (isnan(l->horizon.value))
        return true;
    bool room =
        stats_bootstrap(v->losses.starts, 1, horizon_statistic, v, STATS_RESAMPLES, seed, &i);
    l->horizon.low = i.low;
    l->horizon.high = i.high;
    return room;
}

static double inverse(double phi) {
    return isnan(phi) ? NAN : phi > 0 ? 1 / phi : INFINITY;
}

static bool fit_plateau(ladder_comparison *l, const curve *c, uint64_t seed) {
    double *eps = malloc((c->n + 1) * sizeof *eps);
    uint8_t *outcomes = malloc(c->n * c->starts + 1);
    size_t n = 0;
    for (size_t i = 0; eps && outcomes && i < c->n; i++) {
        if (!on_plateau(c, i))
            continue;
        memcpy(outcomes + n * c->starts, c->outcomes + i * c->starts, c->starts);
        eps[n++] = exp2(-c->bits[i]);
        for (size_t k = 0; k < l->n_points; k++)
            l->points[k].plateau |= l->points[k].plain && l->points[k].bits == (int)c->bits[i];
    }
    if (eps && outcomes)
        l->slope = stats_exponent(n, eps, c->starts, outcomes, STATS_RESAMPLES, seed);
    l->bits_to_halve =
        (estimate){inverse(l->slope.phi), inverse(l->slope.high), inverse(l->slope.low)};
    const bool room = eps && outcomes;
    free(eps);
    free(outcomes);
    return room;
}

static bool measure_plateau(ladder_comparison *l, const curve *c, uint64_t seed) {
    double values[2];
    interval i[2];
    plateau_and_half(c, NULL, values);
    if (!stats_bootstrap(c->starts, 2, plateau_and_half, c, STATS_RESAMPLES, seed, i))
        return false;
    l->plateau = (estimate){values[0], i[0].low, i[0].high};
    l->half = (estimate){values[1], i[1].low, i[1].high};
    return fit_plateau(l, c, seed);
}

static bool compare_at(ladder_comparison *l, const ladder_data *d, size_t place, sample *v,
                       uint64_t seed) {
    const estimate none = {NAN, NAN, NAN};
    *l = (ladder_comparison){.steps = d->steps[place],
                             .plateau = none,
                             .slope = {NAN, NAN, NAN, NAN, 0},
                             .bits_to_halve = none,
                             .half = none,
                             .horizon = none,
                             .predicted = none};
    if (!add_points(l, d, place) || !new_sample(v, d, place) || !measure_horizon(l, v, seed))
        return false;
    for (size_t k = l->n_points; k-- > 0 && (!l->points[k].plain || l->points[k].differ == 0);)
        if (l->points[k].plain)
            l->resolved_from = l->points[k].bits;
    v->curve.plateau_to = plateau_end * l->horizon.value;
    bool any = false;
    for (size_t i = 0; i < v->curve.n; i++)
        any |= on_plateau(&v->curve, i);
    return !any || measure_plateau(l, &v->curve, seed);
}

/* ---- over the comparisons ----------------------------------------------------------------------
 */

typedef struct samples {
    size_t n;
    const sample *of;
    const uint64_t *steps;
} samples;

/* Least squares. */
static void slope_statistic(const void *self, const uint32_t *times, double *values) {
    const samples *v = self;
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t l = 0; l < v->n; l++) {
        const double at = (double)v->steps[l], bits = median(&v->of[l].losses, times);
        if (isnan(bits))
            continue;
        n++;
        x += at;
        y += bits;
        xx += at * at;
        xy += at * bits;
    }
    *values = n < 2 ? NAN : (n * xy - x * y) / (n * xx - x * x);
}

static bool measure_comparisons(ladder *out, const ladder_data *d, uint64_t seed) {
    sample *of = calloc(d->n_comparisons, sizeof *of);
    bool room = of != NULL;
    for (size_t l = 0; l < d->n_comparisons && room; l++)
        room = compare_at(&out->comparisons[l], d, l, &of[l], seed);
    const samples all = {d->n_comparisons, of, d->steps};
    interval i = {NAN, NAN};
    double slope = NAN;
    if (room && d->n_comparisons > 1) {
        slope_statistic(&all, NULL, &slope);
        room = stats_bootstrap(d->starts, 1, slope_statistic, &all, STATS_RESAMPLES, seed, &i);
    }
    out->horizon_per_step = (estimate){slope, i.low, i.high};
    for (size_t l = 0; of && l < d->n_comparisons; l++)
        free_sample(&of[l]);
    free(of);
    return room;
}

/* lambda_1 from the rates of growth, and what it predicts. */
static bool predict(ladder *out, const ladder_data *d, uint64_t seed) {
    if (!stats_mean(d->n_rates, d->rates, STATS_RESAMPLES, seed, &out->lambda))
        return false;
    for (size_t l = 0; l < out->n_comparisons; l++) {
        const double bits = (double)out->comparisons[l].steps / log(2);
        out->comparisons[l].predicted =
            (estimate){out->lambda.value * bits, out->lambda.low * bits, out->lambda.high * bits};
    }
    return true;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bf_status measure(ladder *out, const ladder_data *d, const experiment *x, bf_error *err) {
    out->n_comparisons = d->n_comparisons;
    out->comparisons = calloc(d->n_comparisons, sizeof *out->comparisons);
    if (!out->comparisons)
        return bf_no_memory(err);
    const estimate none = {NAN, NAN, NAN};
    out->lambda = out->horizon_per_step = none;
    out->main = d->n_comparisons - 1;
    for (size_t l = 0; l < d->n_comparisons; l++)
        if (d->steps[l] == x->train.steps)
            out->main = l;
    if (!d->reference)
        return BF_OK;
    out->reference_bits = d->reference->format.precision;
    for (size_t i = 0; i < d->starts; i++)
        out->starts += d->reference->at[out->main].outcome[i] >= 0;
    if (!(out->reference = strdup(d->reference->name)))
        return bf_no_memory(err);
    return measure_comparisons(out, d, x->seed) && predict(out, d, x->seed) ? BF_OK
                                                                            : bf_no_memory(err);
}

bf_status ladder_analyse(void **out, store *st, const store_contents *c, bf_error *err) {
    ladder_data d;
    *out = NULL;
    bf_status s = ladder_read(&d, st, c->x, err);
    store_snapshot_end(st);
    ladder *l = calloc(1, sizeof *l);
    if (s == BF_OK && !l)
        s = bf_no_memory(err);
    BF_TRY(s, measure(l, &d, c->x, err));
    ladder_data_free(&d);
    if (s == BF_OK)
        *out = l;
    else
        ladder_free(l);
    return s;
}

void ladder_free(void *results) {
    ladder *l = results;
    if (!l)
        return;
    for (size_t i = 0; l->comparisons && i < l->n_comparisons; i++) {
        for (size_t k = 0; k < l->comparisons[i].n_points; k++)
            free(l->comparisons[i].points[k].arithmetic);
        free(l->comparisons[i].points);
    }
    free(l->comparisons);
    free(l->reference);
    free(l);
}
