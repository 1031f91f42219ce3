/* SPDX-License-Identifier: MIT */
/* stats.h - intervals and exponents of divergence. */
#ifndef STATS_H
#define STATS_H

#include <stddef.h>
#include <stdint.h>

typedef struct interval {
    double low, high;
} interval;

/* Wilson's score interval for k successes in n trials at the normal quantile z (1.96: 95 %).
 * n = 0 gives [0, 1]. E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. */
interval stats_wilson(uint64_t k, uint64_t n, double z);

typedef struct exponent {
    double phi, prefactor; /* f = prefactor * eps^phi; NAN when there is nothing to fit */
    double low, high;      /* 95 % percentile bootstrap */
} exponent;

/* Maximum likelihood of f(eps) = C eps^phi on binomial counts: points of eps, n trials, k changed.
 * `resamples` parametric bootstrap replicates, drawn from the counts' own fractions by the
 * counter-based generator with `seed`. */
exponent stats_exponent(size_t points, const double *eps, const uint64_t *n, const uint64_t *k,
                        unsigned resamples, uint64_t seed);

#endif
