/* SPDX-License-Identifier: MIT */
/* bootstrap.c - intervals by drawing clusters of data again. */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bitfate.h"

uint32_t stats_below(uint32_t end, uint64_t random) {
    uint64_t low = (random & UINT32_MAX) * end >> 32;
    return (uint32_t)(((random >> 32) * end + low) >> 32);
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

interval stats_percentiles(double *replicates, size_t n, size_t fitted) {
    double lost = (double)(n - fitted), tail = n < 2 ? 0 : 0.025 * (double)(n - 1);
    if (lost >= tail)
        return (interval){-INFINITY, INFINITY};
    qsort(replicates, fitted, sizeof *replicates, by_value);
    return (interval){at_rank(replicates, tail - lost),
                      at_rank(replicates, (double)(n - 1) - tail)};
}

bool stats_bootstrap(size_t m, size_t k, stats_statistic *statistic, const void *self,
                     unsigned resamples, uint64_t seed, interval *out) {
    for (size_t i = 0; i < k; i++)
        out[i] = (interval){-INFINITY, INFINITY};
    if (m < STATS_FEWEST || m > UINT32_MAX)
        return true;
    uint32_t *times = malloc(m * sizeof *times);
    double *values = malloc(k * sizeof *values), *replicates = NULL;
    size_t *fitted = calloc(k, sizeof *fitted);
    if (k > 0)
        replicates = malloc(k * ((size_t)resamples + 1) * sizeof *replicates);
    const bool room = times && values && fitted && (replicates || k == 0);
    for (unsigned r = 0; room && r < resamples; r++) {
        memset(times, 0, m * sizeof *times);
        for (uint32_t i = 0; i < m; i++)
            times[stats_below((uint32_t)m, bf_random(seed, BF_STREAM_BOOTSTRAP, r, i, 0))]++;
        statistic(self, times, values);
        for (size_t i = 0; i < k; i++)
            if (!isnan(values[i]))
                replicates[i * resamples + fitted[i]++] = values[i];
    }
    for (size_t i = 0; room && i < k; i++)
        out[i] = stats_percentiles(replicates + i * resamples, resamples, fitted[i]);
    free(times);
    free(values);
    free(fitted);
    free(replicates);
    return room;
}

typedef struct sample {
    size_t n;
    const double *values;
} sample;

static void mean_of(const void *self, const uint32_t *times, double *out) {
    const sample *s = self;
    double sum = 0, n = 0;
    for (size_t i = 0; i < s->n; i++) {
        sum += times[i] * s->values[i];
        n += times[i];
    }
    *out = sum / n;
}

bool stats_mean(size_t n, const double *values, unsigned resamples, uint64_t seed, estimate *out) {
    double *present = malloc((n + 1) * sizeof *present), sum = 0;
    sample s = {.values = present};
    interval i = {NAN, NAN};
    for (size_t k = 0; present && k < n; k++)
        if (!isnan(values[k])) {
            present[s.n++] = values[k];
            sum += values[k];
        }
    const bool room = present && stats_bootstrap(s.n, 1, mean_of, &s, resamples, seed, &i);
    *out = (estimate){sum / (double)s.n, i.low, i.high};
    free(present);
    return room;
}
