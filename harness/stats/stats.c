/* SPDX-License-Identifier: MIT */
/* stats.c - shares and their intervals. */
#include "stats/stats.h"

#include <math.h>

/* Of a share p of `trials`, which need not be whole. */
static interval wilson(double p, double trials, double z) {
    double q = z * z / trials;
    double centre = (p + q / 2) / (1 + q);
    double half = sqrt(q * (p * (1 - p) + q / 4)) / (1 + q);
    return (interval){p == 0 ? 0 : fmax(0, centre - half), p == 1 ? 1 : fmin(1, centre + half)};
}

interval stats_wilson(uint64_t k, uint64_t n, double z) {
    return n == 0 ? (interval){0, 1} : wilson((double)k / (double)n, (double)n, z);
}

estimate stats_share(uint64_t k, uint64_t n) {
    interval i = stats_wilson(k, n, STATS_Z95);
    return (estimate){(double)k / (double)n, i.low, i.high};
}

/* The variance of a ratio of sums over clusters, k and n, is m/(m - 1) sum (k_i - p n_i)^2 / N^2
 * (W. G. Cochran, Sampling Techniques, 1977, equation 9.14). */
estimate stats_clustered_share(size_t m, const uint64_t *k, const uint64_t *n) {
    double changed = 0, trials = 0, clusters = 0, squares = 0;
    for (size_t i = 0; i < m; i++) {
        changed += (double)k[i];
        trials += (double)n[i];
        clusters += n[i] > 0;
    }
    if (trials == 0)
        return (estimate){NAN, 0, 1};
    const double p = changed / trials;
    for (size_t i = 0; i < m; i++) {
        const double rest = (double)k[i] - p * (double)n[i];
        squares += rest * rest;
    }
    const double variance = clusters / (clusters - 1) * squares / (trials * trials);
    double effective = clusters; /* nothing varies, or there is one cluster */
    if (clusters > 1 && squares > 0)
        effective = fmin(trials, p * (1 - p) / variance);
    const interval i = wilson(p, effective, STATS_Z95);
    return (estimate){p, i.low, i.high};
}
