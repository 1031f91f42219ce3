/* SPDX-License-Identifier: MIT */
/* stats.h - intervals and exponents of divergence. */
#ifndef STATS_H
#define STATS_H

#include <stddef.h>
#include <stdint.h>

/* The normal quantile of a two-sided 95 % interval. */
#define STATS_Z95 1.959963984540054

typedef struct interval {
    double low, high;
} interval;

/* Wilson's score interval for k successes in n trials (k <= n) at the normal quantile z.
 * n = 0 gives [0, 1]. E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. */
interval stats_wilson(uint64_t k, uint64_t n, double z);

/* A value with its 95 % interval. */
typedef struct estimate {
    double value, low, high;
} estimate;

/* The fraction k/n with Wilson's interval; n = 0: NAN in [0, 1]. */
estimate stats_share(uint64_t k, uint64_t n);

typedef struct exponent {
    double phi, prefactor; /* f = prefactor * eps^phi; NAN when there is nothing to fit */
    double low, high;      /* 95 % percentile bootstrap of phi; may be infinite */
    double deviance;       /* twice the log-likelihood lost against a free fraction per point */
    size_t points; /* that entered the fit; the deviance has points - 2 degrees of freedom */
} exponent;

/* Maximum likelihood of f(eps) = C eps^phi < 1 on binomial counts: points of eps, n trials, k <= n
 * changed. Points with no trial or with an eps that is not a positive number are left out. The
 * order of the points does not matter.
 *
 * There is nothing to fit with fewer than two values of eps, with no change at all or nothing but
 * change, or when only the smallest or only the largest eps shows any (phi would be infinite).
 *
 * The interval is a parametric bootstrap: `resamples` sets of counts are drawn from the fitted
 * fractions by the counter-based generator with `seed`, and fitted again. A set with nothing to
 * fit counts against both ends. No resamples: no interval, NAN. */
exponent stats_exponent(size_t points, const double *eps, const uint64_t *n, const uint64_t *k,
                        unsigned resamples, uint64_t seed);

#endif
