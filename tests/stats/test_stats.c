/* SPDX-License-Identifier: MIT */
/* test_stats.c - Wilson's interval and the uncertainty exponent: known answers, invariances,
 * coverage, and counts with nothing to fit. */
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bitfate.h"

enum { POINTS = 29, RESAMPLES = 400, MOST = 10000 };

/* One sweep: 29 values of eps from 1e-16 to 1e-2, and their counts. */
typedef struct sweep {
    double eps[POINTS];
    uint64_t n[POINTS], k[POINTS];
} sweep;

static void near(double x, double expected, double tolerance) {
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", x, expected, tolerance);
}

static sweep sweep_of(uint64_t n, double prefactor, double phi) {
    sweep s;
    for (int i = 0; i < POINTS; i++) {
        s.eps[i] = pow(10, -16 + 0.5 * i);
        s.n[i] = n;
        s.k[i] = (uint64_t)llround((double)n * prefactor * pow(s.eps[i], phi));
    }
    return s;
}

static exponent fit(const sweep *s) {
    return stats_fit(POINTS, s->eps, s->n, s->k);
}

/* The same with every start's outcome. */
typedef struct runs {
    double eps[POINTS];
    size_t starts;
    uint8_t of[POINTS * MOST]; /* [point * starts + start] */
} runs;

static double uniform(uint64_t set, uint64_t start, uint32_t index) {
    return (double)(bf_random(set, BF_STREAM_START, start, index, 0) >> 11) * 0x1p-53;
}

/* Starts at a random distance from the nearest boundary of outcomes: a perturbation changes the
 * outcome when it is larger, so one start changes at every eps above its own; but at a share
 * 1 - `shared` of the sizes luck decides anew. The law is exact at every eps in either case. */
static void draw_runs(runs *f, size_t starts, double prefactor, double phi, double shared,
                      uint64_t set) {
    sweep s = sweep_of(1, prefactor, phi);
    memcpy(f->eps, s.eps, sizeof f->eps);
    f->starts = starts;
    for (size_t j = 0; j < starts; j++)
        for (uint32_t i = 0; i < POINTS; i++) {
            bool own = uniform(set, j, 2 * i + 2) >= shared;
            double distance = uniform(set, j, own ? 2 * i + 1 : 0);
            bool changed = distance < prefactor * pow(f->eps[i], phi);
            f->of[i * starts + j] = changed ? STATS_CHANGED : STATS_SAME;
        }
}

static exponent fit_runs(const runs *f, unsigned resamples, uint64_t seed) {
    return stats_exponent(POINTS, f->eps, f->starts, f->of, resamples, seed);
}

/* One that every test may use. */
static runs drawn;

/* ---- Wilson ------------------------------------------------------------------------------- */

static void wilson_known(void **state) {
    (void)state;
    /* R. G. Newcombe, Stat. Med. 17 (1998) 857, table I, method 3 */
    static const struct {
        uint64_t k, n;
        double low, high;
    } known[] = {{81, 263, 0.2553, 0.3662},
                 {15, 148, 0.0624, 0.1605},
                 {0, 20, 0, 0.1611},
                 {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        interval w = stats_wilson(known[i].k, known[i].n, STATS_Z95);
        near(w.low, known[i].low, 5.1e-5);
        near(w.high, known[i].high, 5.1e-5);
    }
}

/* Closed forms: no success, [0, z^2/(n + z^2)]; one half, 1/2 +- z/2 / sqrt(n + z^2). */
static void wilson_closed(void **state) {
    (void)state;
    for (uint64_t n = 2; n < 2000000; n *= 10) {
        double z = 1.7, m = (double)n;
        interval none = stats_wilson(0, n, z), half = stats_wilson(n / 2, n, z);
        assert_true(none.low == 0);
        near(none.high, z * z / (m + z * z), 1e-15);
        near(half.low, 0.5 - z / 2 / sqrt(m + z * z), 1e-15);
        near(half.high, 0.5 + z / 2 / sqrt(m + z * z), 1e-15);
    }
}

static void wilson_edges(void **state) {
    (void)state;
    interval w = stats_wilson(0, 0, STATS_Z95);
    assert_true(w.low == 0 && w.high == 1);
    w = stats_wilson(7, 7, STATS_Z95);
    assert_true(w.low > 0.5 && w.high == 1);
    for (uint64_t n = 1; n < 60; n++)
        for (uint64_t k = 0; k <= n; k++) {
            interval a = stats_wilson(k, n, STATS_Z95), b = stats_wilson(n - k, n, STATS_Z95);
            double p = (double)k / (double)n;
            assert_true(0 <= a.low && a.low <= p && p <= a.high && a.high <= 1);
            near(a.low, 1 - b.high, 1e-15);
        }
}

/* ---- known exponents ---------------------------------------------------------------------- */

/* With 10^15 trials per point, rounding to whole counts is all the noise there is. */
static void noise_free(void **state) {
    (void)state;
    static const double phis[] = {0.0126, 0.1, 0.5, -0.02};
    for (size_t i = 0; i < sizeof phis / sizeof *phis; i++) {
        double c = phis[i] < 0 ? 0.3 : 0.9;
        sweep s = sweep_of(1000000000000000, c, phis[i]);
        exponent e = fit(&s);
        near(e.phi, phis[i], 1e-9);
        near(e.prefactor / c, 1, 1e-8);
        assert_true(isnan(e.low) && isnan(e.high));
        assert_int_equal(e.points, POINTS);
    }
}

/* Two points are met exactly: phi = log(f2/f1) / log(eps2/eps1). */
static void two_points(void **state) {
    (void)state;
    double eps[] = {0.25, 4};
    uint64_t n[] = {1000, 500}, k[] = {100, 200};
    exponent e = stats_fit(2, eps, n, k);
    near(e.phi, 0.5, 1e-13);
    near(e.prefactor, 0.2, 1e-13);
}

static void flat(void **state) {
    (void)state;
    sweep s = sweep_of(10000, 0.05, 0);
    exponent e = fit(&s);
    assert_true(e.phi == 0);
    near(e.prefactor, 0.05, 1e-15);
}

/* A point where every trial changed bounds the line, but does not stop it. */
static void saturated(void **state) {
    (void)state;
    double eps[] = {1e-4, 1e-3, 1e-2, 1e-1};
    uint64_t n[] = {1000, 1000, 1000, 1000}, k[] = {125, 250, 500, 1000};
    exponent e = stats_fit(4, eps, n, k);
    near(e.phi, log10(2), 1e-3);
}

/* Outcomes are fitted as their counts are; what is absent does not count. */
static void same_as_counts(void **state) {
    (void)state;
    draw_runs(&drawn, 300, 0.1, 0.03, 0.7, 4);
    sweep s = sweep_of(1, 1, 0);
    for (size_t i = 0; i < POINTS; i++) {
        s.n[i] = s.k[i] = 0;
        for (size_t j = 0; j < drawn.starts; j++) {
            uint8_t *outcome = &drawn.of[i * drawn.starts + j];
            if ((i * 7 + j) % 5 == 0)
                *outcome = STATS_ABSENT;
            s.n[i] += *outcome != STATS_ABSENT;
            s.k[i] += *outcome == STATS_CHANGED;
        }
    }
    exponent a = fit(&s), b = fit_runs(&drawn, RESAMPLES, 1);
    assert_true(a.phi == b.phi && a.prefactor == b.prefactor);
    assert_int_equal(b.points, POINTS);
    assert_true(b.low < b.phi && b.phi < b.high);
}

/* ---- known intervals ---------------------------------------------------------------------- */

/* Outcomes that do not depend on each other are so many binomial counts. The interval of a flat law
 * has the width of their Fisher information: 1.96 / sqrt(sum n f / (1-f) x^2) to either side, x =
 * ln eps from its mean. */
static void width_independent(void **state) {
    (void)state;
    draw_runs(&drawn, 10000, 0.05, 0, 0, 8);
    double information = 0;
    for (int i = 0; i < POINTS; i++)
        information += 10000 * 0.05 / 0.95 * pow((i - POINTS / 2) * 0.5 * log(10), 2);
    exponent e = fit_runs(&drawn, 1000, 3);
    near((e.high - e.low) / 2 * sqrt(information) / STATS_Z95, 1, 0.1);
}

/* Two eps; of 1000 starts 100 change at both and 30 at the larger only. With f_i the shares, phi
 * is ln(f2 / f1) / ln(eps2 / eps1), and its variance by the delta method (1/f1 - 1/f2) / 1000 for
 * these nested counts, where independent ones would have (1/f1 + 1/f2 - 2) / 1000. */
static void width_nested(void **state) {
    (void)state;
    enum { STARTS = 1000 };
    static const double eps[] = {1, 10};
    uint8_t of[2 * STARTS];
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < STARTS; j++)
            of[i * STARTS + j] = j < (i == 0 ? 100 : 130) ? STATS_CHANGED : STATS_SAME;
    exponent e = stats_exponent(2, eps, STARTS, of, 4000, 1);
    double deviation = sqrt((1 / 0.1 - 1 / 0.13) / STARTS) / log(10);
    near(e.phi, log10(1.3), 1e-12);
    near((e.high - e.low) / 2 / STATS_Z95 / deviation, 1, 0.06);
}

/* ---- invariances -------------------------------------------------------------------------- */

static void same(exponent a, exponent b, double tolerance) {
    near(a.phi, b.phi, tolerance);
    near(a.low, b.low, tolerance);
    near(a.high, b.high, tolerance);
}

static void scaling(void **state) {
    (void)state;
    draw_runs(&drawn, 300, 0.1, 0.02, 0.7, 5);
    exponent a = fit_runs(&drawn, RESAMPLES, 1);
    for (int i = 0; i < POINTS; i++)
        drawn.eps[i] *= 12345;
    exponent b = fit_runs(&drawn, RESAMPLES, 1);
    same(a, b, 1e-12);
    near(b.prefactor * pow(12345, b.phi), a.prefactor, 1e-12);
}

/* Neither the order of the points nor that of the starts matters. */
static void permutation(void **state) {
    (void)state;
    static runs other;
    draw_runs(&drawn, 300, 0.1, 0.02, 0.7, 5);
    other.starts = drawn.starts;
    for (size_t i = 0; i < POINTS; i++) {
        size_t p = i * 12 % POINTS;
        other.eps[i] = drawn.eps[p];
        for (size_t j = 0; j < drawn.starts; j++)
            other.of[i * 300 + j] = drawn.of[p * 300 + j * 7 % 300];
    }
    exponent a = fit_runs(&drawn, RESAMPLES, 1), b = fit_runs(&other, RESAMPLES, 1);
    same(a, b, 0);
    near(a.prefactor, b.prefactor, 0);
}

static void repeatable(void **state) {
    (void)state;
    draw_runs(&drawn, 300, 0.1, 0.02, 0.7, 5);
    exponent a = fit_runs(&drawn, RESAMPLES, 1), b = fit_runs(&drawn, RESAMPLES, 1),
             other = fit_runs(&drawn, RESAMPLES, 2);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.phi == other.phi && a.low != other.low);
}

/* Points without trials, or whose eps is no size, change nothing. */
static void left_out(void **state) {
    (void)state;
    double eps[] = {0, 1e-3, INFINITY, 1e-2, NAN, 1e-1, -1, 1};
    uint64_t n[] = {9, 100, 9, 100, 9, 0, 9, 0}, k[] = {1, 10, 1, 20, 1, 0, 1, 0};
    exponent e = stats_fit(8, eps, n, k);
    assert_int_equal(e.points, 2);
    near(e.phi, log10(2), 1e-12);
}

/* ---- nothing to fit ----------------------------------------------------------------------- */

static void check_nothing(size_t points, const double *eps, const uint64_t *n, const uint64_t *k) {
    exponent e = stats_fit(points, eps, n, k);
    assert_true(isnan(e.phi) && isnan(e.prefactor) && isnan(e.low) && isnan(e.high));
}

static void nothing(void **state) {
    (void)state;
    static const double eps[] = {1e-3, 1e-2, 1e-1}, equal[] = {1e-3, 1e-3, 1e-3};
    static const uint64_t n[] = {50, 50, 50}, none[] = {0, 0, 0}, some[] = {5, 6, 7},
                          first[] = {5, 0, 0}, last[] = {0, 0, 5};
    check_nothing(0, eps, n, some);
    check_nothing(1, eps, n, some);
    check_nothing(3, equal, n, some);
    check_nothing(3, eps, n, none);
    check_nothing(3, eps, n, n);
    check_nothing(3, eps, none, none);
    check_nothing(3, eps, n, first);
    check_nothing(3, eps, n, last);
}

/* The exponent of outcomes in which the first changes[i] starts change at point i of three. */
static exponent of_first(size_t starts, const size_t *changes, unsigned resamples) {
    enum { MANY = 50 };
    static const double eps[] = {1e-3, 1e-2, 1e-1};
    uint8_t of[3 * MANY];
    assert_true(starts <= MANY);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < starts; j++)
            of[i * starts + j] = j < changes[i] ? STATS_CHANGED : STATS_SAME;
    return stats_exponent(3, eps, starts, of, resamples, 1);
}

static void nothing_in_outcomes(void **state) {
    (void)state;
    static const size_t none[] = {0, 0, 0}, some[] = {20, 25, 30};
    exponent e = of_first(0, none, RESAMPLES);
    assert_true(isnan(e.phi) && isnan(e.low) && isnan(e.high));
    e = of_first(50, none, RESAMPLES);
    assert_true(isnan(e.phi) && isnan(e.low) && isnan(e.high));
    e = of_first(50, some, 0);
    assert_true(e.phi > 0 && isnan(e.low) && isnan(e.high));
}

/* Few starts that change, or few that do not, have a best line, but no interval. */
static void hardly_anything(void **state) {
    (void)state;
    static const size_t middle[] = {0, 1, 0}, nine[] = {8, 8, 9}, ten[] = {9, 8, 10},
                        all[] = {41, 50, 50}, most[] = {40, 50, 50};
    exponent e = of_first(50, middle, RESAMPLES);
    near(e.phi, 0, 1e-9);
    assert_true(isinf(e.low) && e.low < 0 && isinf(e.high) && e.high > 0);
    e = of_first(50, nine, RESAMPLES);
    assert_true(isfinite(e.phi) && isinf(e.low) && isinf(e.high));
    e = of_first(50, ten, RESAMPLES);
    assert_true(e.low < e.phi && e.phi < e.high && isfinite(e.high - e.low));
    e = of_first(50, all, RESAMPLES);
    assert_true(isfinite(e.phi) && isinf(e.low) && isinf(e.high));
    e = of_first(50, most, RESAMPLES);
    assert_true(e.low < e.phi && e.phi < e.high && isfinite(e.high - e.low));
}

/* ---- coverage ----------------------------------------------------------------------------- */

static void check_coverage(double prefactor, double phi, double shared, size_t starts) {
    enum { SETS = 300 };
    int covered = 0;
    for (uint64_t set = 0; set < SETS; set++) {
        draw_runs(&drawn, starts, prefactor, phi, shared, 1000 + set);
        exponent e = fit_runs(&drawn, RESAMPLES, set);
        covered += e.low <= phi && phi <= e.high;
    }
    if (covered < SETS * 90 / 100 || covered > SETS * 99 / 100)
        fail_msg("phi = %g, %g shared: %d of %d intervals cover it", phi, shared, covered, SETS);
}

/* Whether starts decide everything, most or nothing of their outcomes. */
static void coverage(void **state) {
    (void)state;
    check_coverage(0.1, 0.0126, 0, 400);
    check_coverage(0.1, 0.0126, 0.8, 400);
    check_coverage(0.3, 0.05, 1, 400);
    check_coverage(0.9, 0.15, 0.8, 400);
}

/* ---- speed -------------------------------------------------------------------------------- */

/* The sweep of the paper. */
static void large(void **state) {
    (void)state;
    draw_runs(&drawn, MOST, 0.065, 0.0126, 0.8, 1);
    exponent e = fit_runs(&drawn, 1000, 1);
    near(e.phi, 0.0126, 0.004);
    assert_true(e.low < e.phi && e.phi < e.high);
}

/* ---- clusters ----------------------------------------------------------------------------- */

static void clustered_share(void **state) {
    (void)state;
    enum { M = 400 };
    uint64_t k[M], n[M];
    /* One trial a cluster: the trials are independent, except for m - 1 in place of m. */
    for (uint64_t i = 0; i < M; i++) {
        n[i] = 1;
        k[i] = i % 4 == 0;
    }
    estimate e = stats_clustered_share(M, k, n);
    interval plain = stats_wilson(M / 4 - 1, M - 4, STATS_Z95);
    near(e.value, 0.25, 0);
    near(e.low, plain.low, 1e-3);
    near(e.high, plain.high, 1e-3);
    /* Trials that only repeat the first of their cluster add nothing. */
    for (size_t i = 0; i < M; i++) {
        n[i] *= 10;
        k[i] *= 10;
    }
    const estimate repeated = stats_clustered_share(M, k, n);
    near(repeated.low, e.low, 1e-15);
    near(repeated.high, e.high, 1e-15);
    /* Clusters more alike than chance are worth no more than their trials. */
    for (size_t i = 0; i < M; i++)
        k[i] = 5 + i % 2;
    e = stats_clustered_share(M, k, n);
    plain = stats_wilson(M * 11 / 2, M * 10, STATS_Z95);
    near(e.low, plain.low, 1e-15);
    near(e.high, plain.high, 1e-15);
    /* Nothing to tell clusters apart: each counts once. Empty clusters do not count. */
    for (size_t i = 0; i < M; i++) {
        k[i] = 0;
        n[i] = i < 100 ? 10 : 0;
    }
    e = stats_clustered_share(M, k, n);
    near(e.high, stats_wilson(0, 100, STATS_Z95).high, 1e-15);
    e = stats_clustered_share(0, NULL, NULL);
    assert_true(isnan(e.value) && e.low == 0 && e.high == 1);
}

/* The mean of n uniform numbers has a standard error of 1/sqrt(12 n). */
static void bootstrap_mean(void **state) {
    (void)state;
    enum { N = 300 };
    double x[N + 2];
    size_t missed = 0;
    estimate e, again;
    for (uint64_t set = 0; set < 100; set++) {
        for (uint64_t i = 0; i < N; i++)
            x[i] = uniform(set, i, 0);
        assert_true(stats_mean(N, x, 400, set, &e));
        near((e.high - e.low) / 2, STATS_Z95 / sqrt(12.0 * N), 0.006);
        missed += !(e.low <= 0.5 && 0.5 <= e.high);
    }
    assert_in_range(missed, 1, 12); /* 5 expected */
    /* What is not there changes nothing. */
    x[N] = x[N + 1] = NAN;
    assert_true(stats_mean(N, x, 400, 99, &e));
    assert_true(stats_mean(N + 2, x, 400, 99, &again));
    assert_memory_equal(&e, &again, sizeof e);
    assert_true(stats_mean(STATS_FEWEST - 1, x, 400, 1, &e));
    assert_true(e.low == -INFINITY && e.high == INFINITY && isfinite(e.value));
    assert_true(stats_mean(2, x + N, 400, 1, &e));
    assert_true(isnan(e.value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_known),
        cmocka_unit_test(wilson_closed),
        cmocka_unit_test(wilson_edges),
        cmocka_unit_test(noise_free),
        cmocka_unit_test(two_points),
        cmocka_unit_test(flat),
        cmocka_unit_test(saturated),
        cmocka_unit_test(same_as_counts),
        cmocka_unit_test(width_independent),
        cmocka_unit_test(width_nested),
        cmocka_unit_test(scaling),
        cmocka_unit_test(permutation),
        cmocka_unit_test(repeatable),
        cmocka_unit_test(left_out),
        cmocka_unit_test(nothing),
        cmocka_unit_test(nothing_in_outcomes),
        cmocka_unit_test(hardly_anything),
        cmocka_unit_test(coverage),
        cmocka_unit_test(large),
        cmocka_unit_test(clustered_share),
        cmocka_unit_test(bootstrap_mean),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
