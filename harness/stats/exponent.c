/* SPDX-License-Identifier: MIT */
/* exponent.c - the uncertainty exponent by maximum likelihood, with a bootstrap over starts.
 *
 * With x = ln eps and f = exp(a + phi x) the log-likelihood of a point,
 *     k (a + phi x) + (n - k) ln(1 - exp(a + phi x)),
 * is concave in (a, phi) wherever f < 1, so Newton's method with a line search that stays there
 * finds the maximum, and it is the only one. A point where every trial changed would let f reach 1;
 * half a trial is counted as unchanged there, which keeps the maximum inside.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bitfate.h"

/* ---- the fit ------------------------------------------------------------------------------ */

/* One eps of the data: x = ln eps, less the mean over the points. */
typedef struct observation {
    double eps, x;
    uint64_t n, k;
    size_t point; /* where the caller had it */
} observation;

typedef struct line {
    double a, phi; /* ln f = a + phi x */
} line;

/* Log-likelihood at a line with its gradient and the negative of its Hessian. */
typedef struct likelihood {
    double value, by_a, by_phi, aa, ap, pp;
} likelihood;

static double changed_of(const observation *o) {
    return o->k == o->n ? (double)o->n - 0.5 : (double)o->k;
}

/* False where the line leaves f < 1. */
static bool likelihood_at(likelihood *out, size_t m, const observation *o, line l) {
    *out = (likelihood){0};
    for (size_t i = 0; i < m; i++) {
        double log_f = l.a + l.phi * o[i].x, f = exp(log_f), rest = -expm1(log_f);
        if (!(rest > 0))
            return false;
        double k = changed_of(&o[i]), unchanged = (double)o[i].n - k;
        double slope = k - unchanged * f / rest, bend = unchanged * f / (rest * rest);
        out->value += k * log_f + unchanged * log(rest);
        out->by_a += slope;
        out->by_phi += slope * o[i].x;
        out->aa += bend;
        out->ap += bend * o[i].x;
        out->pp += bend * o[i].x * o[i].x;
    }
    return isfinite(out->value);
}

/* Whether the likelihood has a maximum: see stats.h. `o` is sorted by eps. */
static bool has_maximum(size_t m, const observation *o) {
    if (m == 0 || o[0].eps == o[m - 1].eps)
        return false;
    bool all = true;
    double first = INFINITY, last = -INFINITY; /* where something changed */
    for (size_t i = 0; i < m; i++) {
        all = all && o[i].k == o[i].n;
        if (o[i].k > 0) {
            first = fmin(first, o[i].eps);
            last = fmax(last, o[i].eps);
        }
    }
    if (all || first > last)
        return false;
    return first < last || (o[0].eps < first && last < o[m - 1].eps);
}

/* Newton's method from *l, which must have f < 1 at every point. */
static bool maximise(size_t m, const observation *o, line *l) {
    enum { STEPS = 200, HALVINGS = 100 };
    const double settled = 1e-24; /* squared distance to the maximum in standard errors */
    const double nearby = 1e-8;   /* where the full step is right, and rounding hides its gain */
    likelihood here;
    if (!likelihood_at(&here, m, o, *l))
        return false;
    for (int step = 0; step < STEPS; step++) {
        double det = here.aa * here.pp - here.ap * here.ap;
        line d = {(here.by_a * here.pp - here.by_phi * here.ap) / det,
                  (here.by_phi * here.aa - here.by_a * here.ap) / det};
        double gain = here.by_a * d.a + here.by_phi * d.phi;
        if (!isfinite(gain) || gain < settled)
            return isfinite(gain);
        bool moved = false;
        double length = 1;
        for (int i = 0; i < HALVINGS && !moved; i++, length /= 2) {
            line next = {l->a + length * d.a, l->phi + length * d.phi};
            likelihood there;
            if (likelihood_at(&there, m, o, next) &&
                (gain < nearby || there.value >= here.value + 1e-4 * length * gain)) {
                *l = next;
                here = there;
                moved = true;
            }
        }
        if (!moved)
            return gain < 1e-4;
    }
    return true;
}

/* The level line, where every fit can start. */
static line level(size_t m, const observation *o) {
    double k = 0, n = 0;
    for (size_t i = 0; i < m; i++) {
        k += changed_of(&o[i]);
        n += (double)o[i].n;
    }
    return (line){log(k / n), 0};
}

/* The fit of points that are sorted by eps, and its line; NAN where there is nothing to fit. */
static exponent fit(size_t m, const observation *o, double mean, line *l) {
    exponent e = {.phi = NAN, .prefactor = NAN, .low = NAN, .high = NAN, .points = m};
    *l = (line){0};
    if (!has_maximum(m, o))
        return e;
    *l = level(m, o);
    if (maximise(m, o, l)) {
        e.phi = l->phi;
        e.prefactor = exp(l->a - l->phi * mean);
    }
    return e;
}

static int by_eps(const void *a, const void *b) {
    const observation *x = a, *y = b;
    if (x->eps != y->eps)
        return x->eps < y->eps ? -1 : 1;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    if (x->k != y->k)
        return x->k < y->k ? -1 : 1;
    return (x->point > y->point) - (x->point < y->point);
}

/* Drop the points that cannot be used, sort the others, centre x; returns the mean of ln eps. */
static double observe(observation *o, size_t *m) {
    size_t usable = 0;
    double mean = 0;
    for (size_t i = 0; i < *m; i++)
        if (o[i].n > 0 && o[i].k <= o[i].n && o[i].eps > 0 && isfinite(o[i].eps))
            o[usable++] = o[i];
    *m = usable;
    qsort(o, usable, sizeof *o, by_eps);
    for (size_t i = 0; i < usable; i++) {
        o[i].x = log(o[i].eps);
        mean += o[i].x / (double)usable;
    }
    for (size_t i = 0; i < usable; i++)
        o[i].x -= mean;
    return mean;
}

exponent stats_fit(size_t points, const double *eps, const uint64_t *n, const uint64_t *k) {
    exponent e = {.phi = NAN, .prefactor = NAN, .low = NAN, .high = NAN};
    observation *o = malloc((points + 1) * sizeof *o);
    if (!o)
        return e;
    for (size_t i = 0; i < points; i++)
        o[i] = (observation){.eps = eps[i], .n = n[i], .k = k[i], .point = i};
    line l;
    double mean = observe(o, &points);
    e = fit(points, o, mean, &l);
    free(o);
    return e;
}

/* ---- the bootstrap ------------------------------------------------------------------------ */

/* Starts that share all their outcomes are one group: a resample is then how often each group was
 * drawn. Starts are numbered anew, group by group. */
typedef struct groups {
    size_t points, n;
    uint32_t starts, *group; /* of each start */
    uint8_t *outcomes;       /* [group * points + point] */
    uint64_t *drawn;         /* of each group, in a resample */
} groups;

static void groups_free(groups *g) {
    free(g->group);
    free(g->outcomes);
    free(g->drawn);
}

/* Sort the starts by one point's outcomes, keeping the order of equal ones. */
static void sort_by_outcome(uint32_t *to, const uint32_t *from, uint32_t starts,
                            const uint8_t *outcome) {
    uint32_t place[3] = {0};
    for (uint32_t s = 0; s < starts; s++)
        for (int later = outcome[s] + 1; later < 3; later++)
            place[later]++;
    for (uint32_t s = 0; s < starts; s++)
        to[place[outcome[from[s]]]++] = from[s];
}

/* outcomes: [o[i].point * starts + start]. The order of points and starts does not matter. */
static bool groups_new(groups *g, size_t m, const observation *o, uint32_t starts,
                       const uint8_t *outcomes) {
    *g = (groups){.points = m, .starts = starts};
    g->group = malloc(starts * sizeof *g->group);
    g->outcomes = malloc(starts * m);
    g->drawn = malloc(starts * sizeof *g->drawn);
    uint32_t *order = malloc(2 * (size_t)starts * sizeof *order), *sorted = order + starts;
    if (!g->group || !g->outcomes || !g->drawn || !order) {
        free(order);
        groups_free(g);
        return false;
    }
    for (uint32_t s = 0; s < starts; s++)
        order[s] = s;
    for (size_t i = m; i-- > 0;) {
        sort_by_outcome(sorted, order, starts, outcomes + o[i].point * starts);
        memcpy(order, sorted, starts * sizeof *order);
    }
    for (uint32_t s = 0; s < starts; s++) {
        uint8_t *row = g->outcomes + g->n * m;
        for (size_t i = 0; i < m; i++)
            row[i] = outcomes[o[i].point * starts + order[s]];
        if (g->n == 0 || memcmp(row, row - m, m) != 0)
            g->n++;
        g->group[s] = (uint32_t)g->n - 1;
    }
    free(order);
    return true;
}

/* Draw as many starts as there are, with replacement; their counts at the points of `o`. */
static void resample(observation *o, groups *g, uint64_t seed, uint64_t trial) {
    memset(g->drawn, 0, g->n * sizeof *g->drawn);
    for (uint32_t s = 0; s < g->starts; s++)
        g->drawn[g->group[stats_below(g->starts,
                                      bf_random(seed, BF_STREAM_BOOTSTRAP, trial, s, 0))]]++;
    for (size_t i = 0; i < g->points; i++)
        o[i].n = o[i].k = 0;
    for (size_t j = 0; j < g->n; j++) {
        const uint8_t *row = g->outcomes + j * g->points;
        for (size_t i = 0; i < g->points; i++) {
            o[i].n += row[i] != STATS_ABSENT ? g->drawn[j] : 0;
            o[i].k += row[i] == STATS_CHANGED ? g->drawn[j] : 0;
        }
    }
}

/* The exponent of the counts in `o`, whose points may have lost all their trials; NAN when there is
 * nothing to fit. `present`: room for as many. */
static double refit(size_t m, const observation *o, observation *present, line start) {
    size_t left = 0;
    for (size_t i = 0; i < m; i++)
        if (o[i].n > 0)
            present[left++] = o[i];
    return has_maximum(left, present) && maximise(left, present, &start) ? start.phi : NAN;
}

/* Overwrites the counts of `o`. */
static interval bootstrap(size_t m, observation *o, groups *g, line l, unsigned resamples,
                          uint64_t seed) {
    interval out = {NAN, NAN};
    double *phi = malloc(((size_t)resamples + 1) * sizeof *phi);
    observation *present = malloc(m * sizeof *present);
    if (phi && present) {
        size_t fitted = 0;
        for (unsigned r = 0; r < resamples; r++) {
            resample(o, g, seed, r);
            double one = refit(m, o, present, l);
            if (!isnan(one))
                phi[fitted++] = one;
        }
        out = stats_percentiles(phi, resamples, fitted);
    }
    free(present);
    free(phi);
    return out;
}

/* Whether so many starts have changed outcomes, and so many unchanged ones, that resampling them
 * tells how much phi varies. */
static bool enough(size_t m, const observation *o, uint32_t starts, const uint8_t *outcomes) {
    size_t changing = 0, staying = 0;
    for (uint32_t s = 0; s < starts; s++) {
        bool changed = false, same = false;
        for (size_t i = 0; i < m; i++) {
            uint8_t outcome = outcomes[o[i].point * starts + s];
            changed |= outcome == STATS_CHANGED;
            same |= outcome == STATS_SAME;
        }
        changing += changed;
        staying += same;
    }
    return changing >= STATS_FEWEST && staying >= STATS_FEWEST;
}

static interval interval_of(size_t m, observation *o, uint32_t starts, const uint8_t *outcomes,
                            line l, unsigned resamples, uint64_t seed) {
    if (resamples == 0)
        return (interval){NAN, NAN};
    if (!enough(m, o, starts, outcomes))
        return (interval){-INFINITY, INFINITY};
    groups g;
    if (!groups_new(&g, m, o, starts, outcomes))
        return (interval){NAN, NAN};
    interval out = bootstrap(m, o, &g, l, resamples, seed);
    groups_free(&g);
    return out;
}

/* ---- both ---------------------------------------------------------------------------------- */

exponent stats_exponent(size_t points, const double *eps, size_t starts, const uint8_t *outcomes,
                        unsigned resamples, uint64_t seed) {
    exponent e = {.phi = NAN, .prefactor = NAN, .low = NAN, .high = NAN};
    observation *o = calloc(points + 1, sizeof *o);
    if (!o || starts > UINT32_MAX) {
        free(o);
        return e;
    }
    for (size_t i = 0; i < points; i++) {
        o[i].eps = eps[i];
        o[i].point = i;
        for (size_t s = 0; s < starts; s++) {
            o[i].n += outcomes[i * starts + s] != STATS_ABSENT;
            o[i].k += outcomes[i * starts + s] == STATS_CHANGED;
        }
    }
    line l;
    double mean = observe(o, &points);
    e = fit(points, o, mean, &l);
    if (!isnan(e.phi)) {
        interval i = interval_of(points, o, (uint32_t)starts, outcomes, l, resamples, seed);
        e.low = i.low;
        e.high = i.high;
    }
    free(o);
    return e;
}
