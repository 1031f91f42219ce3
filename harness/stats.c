/* SPDX-License-Identifier: MIT */
/* stats.c - Wilson's interval; the uncertainty exponent by maximum likelihood and bootstrap.
 *
 * With x = ln eps and f = exp(a + phi x) the log-likelihood of a point,
 *     k (a + phi x) + (n - k) ln(1 - exp(a + phi x)),
 * is concave in (a, phi) wherever f < 1, so Newton's method with a line search that stays there
 * finds the maximum, and it is the only one. A point where every trial changed would let f reach 1;
 * half a trial is counted as unchanged there, which keeps the maximum inside.
 */
#include "stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bitfate.h"

interval stats_wilson(uint64_t k, uint64_t n, double z) {
    if (n == 0)
        return (interval){0, 1};
    double trials = (double)n, p = (double)k / trials, q = z * z / trials;
    double centre = (p + q / 2) / (1 + q);
    double half = sqrt(q * (p * (1 - p) + q / 4)) / (1 + q);
    return (interval){k == 0 ? 0 : fmax(0, centre - half), k == n ? 1 : fmin(1, centre + half)};
}

estimate stats_share(uint64_t k, uint64_t n) {
    interval i = stats_wilson(k, n, STATS_Z95);
    return (estimate){(double)k / (double)n, i.low, i.high};
}

/* ---- the fit ------------------------------------------------------------------------------ */

/* One eps of the data: x = ln eps, less the mean over the points. */
typedef struct observation {
    double eps, x;
    uint64_t n, k;
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

static double deviance(size_t m, const observation *o, line l) {
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        double f = exp(l.a + l.phi * o[i].x), n = (double)o[i].n, k = (double)o[i].k;
        if (o[i].k > 0)
            sum += k * log(k / (n * f));
        if (o[i].k < o[i].n)
            sum += (n - k) * log((n - k) / (n * (1 - f)));
    }
    return fmax(0, 2 * sum);
}

/* ---- the bootstrap ------------------------------------------------------------------------ */

/* A binomial distribution for draws by inversion: unnormalised cumulative weights of the counts
 * first, first + 1, ... around the mode; what lies outside has less than 2^-60 of the mode's
 * weight. Their number grows with sqrt(n). Only +, * and / enter, so that every machine draws the
 * same counts. */
typedef struct binomial {
    uint64_t first;
    size_t size;
    double *cumulative;
} binomial;

static bool binomial_new(binomial *b, uint64_t n, double p) {
    const double negligible = 0x1p-60;
    double odds = p / (1 - p), weight = 1;
    uint64_t mode = (uint64_t)(((double)n + 1) * p), first, last;
    if (mode > n)
        mode = n;
    for (first = mode; first > 0 && weight > negligible; first--)
        weight *= (double)first / ((double)(n - first + 1) * odds);
    weight = 1;
    for (last = mode; last < n && weight > negligible; last++)
        weight *= (double)(n - last) * odds / (double)(last + 1);

    *b = (binomial){first, (size_t)(last - first) + 1, NULL};
    b->cumulative = malloc(b->size * sizeof *b->cumulative);
    if (!b->cumulative)
        return false;
    double *w = b->cumulative;
    w[mode - first] = 1;
    for (uint64_t k = mode; k > first; k--)
        w[k - 1 - first] = w[k - first] * ((double)k / ((double)(n - k + 1) * odds));
    for (uint64_t k = mode; k < last; k++)
        w[k + 1 - first] = w[k - first] * ((double)(n - k) * odds / (double)(k + 1));
    for (size_t i = 1; i < b->size; i++)
        w[i] += w[i - 1];
    return true;
}

static uint64_t binomial_draw(const binomial *b, uint64_t random) {
    double target = (double)(random >> 11) * 0x1p-53 * b->cumulative[b->size - 1];
    size_t low = 0, high = b->size - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->cumulative[middle] > target)
            high = middle;
        else
            low = middle + 1;
    }
    return b->first + low;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value at a fractional index of sorted values, linear between them. */
static double at_rank(const double *sorted, double rank) {
    size_t i = (size_t)rank;
    double part = rank - (double)i;
    return part == 0 ? sorted[i] : sorted[i] + part * (sorted[i + 1] - sorted[i]);
}

/* 95 % interval from n replicates, of which only the first `fitted` have a value: each of the
 * others counts as infinite on both sides. */
static interval percentiles(double *phi, size_t n, size_t fitted) {
    double lost = (double)(n - fitted), tail = n < 2 ? 0 : 0.025 * (double)(n - 1);
    if (lost >= tail)
        return (interval){-INFINITY, INFINITY};
    qsort(phi, fitted, sizeof *phi, by_value);
    return (interval){at_rank(phi, tail - lost), at_rank(phi, (double)(n - 1) - tail)};
}

/* One replicate's exponent; NAN when it has nothing to fit. */
static double replicate(size_t m, observation *o, const binomial *b, line start, uint64_t seed,
                        uint64_t trial) {
    for (size_t i = 0; i < m; i++)
        o[i].k = binomial_draw(&b[i], bf_random(seed, BF_STREAM_BOOTSTRAP, trial, (uint32_t)i, 0));
    return has_maximum(m, o) && maximise(m, o, &start) ? start.phi : NAN;
}

/* Overwrites the counts of `o`. */
static interval bootstrap(size_t m, observation *o, line l, unsigned resamples, uint64_t seed) {
    interval out = {NAN, NAN};
    double *phi = malloc(((size_t)resamples + 1) * sizeof *phi);
    binomial *b = calloc(m, sizeof *b);
    bool ready = phi && b;
    for (size_t i = 0; ready && i < m; i++)
        ready = binomial_new(&b[i], o[i].n, exp(l.a + l.phi * o[i].x));
    if (ready) {
        size_t fitted = 0;
        for (unsigned r = 0; r < resamples; r++) {
            double one = replicate(m, o, b, l, seed, r);
            if (!isnan(one))
                phi[fitted++] = one;
        }
        out = percentiles(phi, resamples, fitted);
    }
    for (size_t i = 0; b && i < m; i++)
        free(b[i].cumulative);
    free(b);
    free(phi);
    return out;
}

/* ---- the exponent ------------------------------------------------------------------------- */

static int by_eps(const void *a, const void *b) {
    const observation *x = a, *y = b;
    if (x->eps != y->eps)
        return x->eps < y->eps ? -1 : 1;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return (x->k > y->k) - (x->k < y->k);
}

/* The usable points, sorted, with x centred; returns the mean of ln eps. */
static double observe(observation *o, size_t *m, size_t points, const double *eps,
                      const uint64_t *n, const uint64_t *k) {
    *m = 0;
    for (size_t i = 0; i < points; i++)
        if (n[i] > 0 && k[i] <= n[i] && eps[i] > 0 && isfinite(eps[i]))
            o[(*m)++] = (observation){eps[i], log(eps[i]), n[i], k[i]};
    qsort(o, *m, sizeof *o, by_eps);
    double mean = 0;
    for (size_t i = 0; i < *m; i++)
        mean += o[i].x / (double)*m;
    for (size_t i = 0; i < *m; i++)
        o[i].x -= mean;
    return mean;
}

exponent stats_exponent(size_t points, const double *eps, const uint64_t *n, const uint64_t *k,
                        unsigned resamples, uint64_t seed) {
    exponent e = {.phi = NAN, .prefactor = NAN, .low = NAN, .high = NAN, .deviance = NAN};
    observation *o = malloc((points + 1) * sizeof *o);
    if (!o)
        return e;
    double mean = observe(o, &e.points, points, eps, n, k);
    if (has_maximum(e.points, o)) {
        line l = level(e.points, o);
        if (maximise(e.points, o, &l)) {
            e.phi = l.phi;
            e.prefactor = exp(l.a - l.phi * mean);
            e.deviance = deviance(e.points, o, l);
            interval i = {NAN, NAN};
            if (resamples > 0)
                i = bootstrap(e.points, o, l, resamples, seed);
            e.low = i.low;
            e.high = i.high;
        }
    }
    free(o);
    return e;
}
