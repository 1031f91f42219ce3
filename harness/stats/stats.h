/* SPDX-License-Identifier: MIT */
/* stats.h - intervals and exponents of divergence. */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
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

/* The fraction of sum k over sum n, which are counts of m clusters (k <= n in each), trials of one
 * cluster being alike: Wilson's interval for as many independent trials as would let the fraction
 * vary as much as the clusters do (the design effect of L. Kish, Survey Sampling, 1965), at most
 * all. Where the clusters do not differ at all, for one trial a cluster. No trials: NAN in [0, 1].
 */
estimate stats_clustered_share(size_t m, const uint64_t *k, const uint64_t *n);

typedef struct exponent {
    double phi, prefactor; /* f = prefactor * eps^phi; NAN when there is nothing to fit */
    double low, high;      /* 95 % interval of phi; may be infinite */
    size_t points;         /* that entered the fit */
} exponent;

/* Maximum likelihood of f(eps) = C eps^phi < 1 on binomial counts: points of eps, n trials, k <= n
 * changed; without an interval (NAN). Points with no trial or with an eps that is not a positive
 * number are left out. The order of the points does not matter.
 *
 * There is nothing to fit with fewer than two values of eps, with no change at all or nothing but
 * change, or when only the smallest or only the largest eps shows any (phi would be infinite). */
exponent stats_fit(size_t points, const double *eps, const uint64_t *n, const uint64_t *k);

/* What became of one start at one eps, against the reference. */
enum { STATS_ABSENT, STATS_SAME, STATS_CHANGED };
/* Fewer starts that change at some eps, or that stay the same at some, have no finite interval. */
enum { STATS_FEWEST = 10 };
/* Resamples of the bootstraps that reports show. */
enum { STATS_RESAMPLES = 1000 };

/* stats_fit of the counts in outcomes[point * starts + start], with an interval.
 *
 * All eps share their starts, so the counts at different eps are not independent. The interval is
 * therefore the 95 % percentile bootstrap over starts (the cluster bootstrap: B. Efron, R. J.
 * Tibshirani, An Introduction to the Bootstrap, 1993): `resamples` times, as many starts as there
 * are are drawn with replacement, each with all its outcomes, and phi is fitted again. Draws come
 * from the counter-based generator with `seed` and are made of whole numbers, so that every machine
 * draws the same. A resample with nothing to fit counts against both ends. The order of the points
 * and of the starts does not matter. No resamples: no interval, NAN.
 *
 * Its limit: the starts must be independent of each other and many. With few that change the
 * percentiles are too narrow, and below STATS_FEWEST the interval is infinite. It does not test
 * whether f is a power law. The time grows with starts times resamples. */
exponent stats_exponent(size_t points, const double *eps, size_t starts, const uint8_t *outcomes,
                        unsigned resamples, uint64_t seed);

/* What any bootstrap needs. A whole number below `end`, almost equally likely: the upper half of
 * the product of `end` and 64 random bits. */
uint32_t stats_below(uint32_t end, uint64_t random);
/* The 95 % percentile interval of n >= 1 replicates, of which only the first `fitted` have a value:
 * each of the others counts as infinite on both sides. Sorts the values. */
interval stats_percentiles(double *replicates, size_t n, size_t fitted);
/* Some numbers that follow from clusters of data, the i-th of which counts times[i] times; NAN:
 * there is none. */
typedef void stats_statistic(const void *self, const uint32_t *times, double *values);

/* 95 % percentile bootstrap intervals for k such numbers, from m clusters that are independent of
 * each other: `resamples` times m of them are drawn with replacement (the limits are those of
 * stats_exponent). Infinite when there are fewer than STATS_FEWEST clusters, or when more
 * replicates have no value than lie beyond an end. False: no memory. */
bool stats_bootstrap(size_t m, size_t k, stats_statistic *statistic, const void *self,
                     unsigned resamples, uint64_t seed, interval *out);

/* The mean of those of n independent values that are not NAN, with such an interval; NAN when there
 * are none. False: no memory. */
bool stats_mean(size_t n, const double *values, unsigned resamples, uint64_t seed, estimate *out);

#endif
