/* SPDX-License-Identifier: MIT */
/* test_stats.c - Wilson's interval and the uncertainty exponent: known answers, invariances,
 * coverage, and counts with nothing to fit. */
#include "stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bitfate.h"

enum { POINTS = 29, RESAMPLES = 400 };

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

static exponent fit(const sweep *s, unsigned resamples, uint64_t seed) {
    return stats_exponent(POINTS, s->eps, s->n, s->k, resamples, seed);
}

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
        exponent e = fit(&s, 0, 1);
        near(e.phi, phis[i], 1e-9);
        near(e.prefactor / c, 1, 1e-8);
        assert_int_equal(e.points, POINTS);
    }
}

/* Two points are met exactly: phi = log(f2/f1) / log(eps2/eps1). */
static void two_points(void **state) {
    (void)state;
    double eps[] = {0.25, 4};
    uint64_t n[] = {1000, 500}, k[] = {100, 200};
    exponent e = stats_exponent(2, eps, n, k, 0, 1);
    near(e.phi, 0.5, 1e-13);
    near(e.prefactor, 0.2, 1e-13);
    near(e.deviance, 0, 1e-9);
}

static void flat(void **state) {
    (void)state;
    sweep s = sweep_of(10000, 0.05, 0);
    exponent e = fit(&s, RESAMPLES, 1);
    assert_true(e.phi == 0);
    near(e.prefactor, 0.05, 1e-15);
    assert_true(e.low < 0 && 0 < e.high);
}

/* Symmetric counts have the level line; the deviance is then a textbook G statistic. */
static void known_deviance(void **state) {
    (void)state;
    static const double eps[] = {1e-3, 1e-2, 1e-1};
    static const uint64_t n[] = {100, 100, 100}, k[] = {10, 25, 10};
    exponent e = stats_exponent(3, eps, n, k, 0, 1);
    near(e.phi, 0, 1e-15);
    near(e.prefactor, 0.15, 1e-15);
    near(e.deviance,
         2 * (20 * log(10 / 15.0) + 180 * log(90 / 85.0) + 25 * log(25 / 15.0) +
              75 * log(75 / 85.0)),
         1e-12);
}

/* The interval of a flat law has the width of its Fisher information: 1.96 / sqrt(sum n f / (1-f)
 * x^2) to either side, x = ln eps from its mean. */
static void width(void **state) {
    (void)state;
    sweep s = sweep_of(10000, 0.05, 0);
    double information = 0;
    for (int i = 0; i < POINTS; i++)
        information += 10000 * 0.05 / 0.95 * pow((i - POINTS / 2) * 0.5 * log(10), 2);
    exponent e = fit(&s, 4000, 3);
    near((e.high - e.low) / 2, STATS_Z95 / sqrt(information), 0.05 / sqrt(information));
}

/* A point where every trial changed bounds the line, but does not stop it. */
static void saturated(void **state) {
    (void)state;
    double eps[] = {1e-4, 1e-3, 1e-2, 1e-1};
    uint64_t n[] = {1000, 1000, 1000, 1000}, k[] = {125, 250, 500, 1000};
    exponent e = stats_exponent(4, eps, n, k, RESAMPLES, 1);
    near(e.phi, log10(2), 1e-3);
    assert_true(e.low < e.phi && e.phi < e.high);
}

/* ---- invariances -------------------------------------------------------------------------- */

static void same(exponent a, exponent b, double tolerance) {
    near(a.phi, b.phi, tolerance);
    near(a.low, b.low, tolerance);
    near(a.high, b.high, tolerance);
    near(a.deviance, b.deviance, 1e6 * tolerance);
}

static sweep noisy(void) {
    sweep s = sweep_of(1000, 0.06, 0.02);
    for (int i = 0; i < POINTS; i++)
        s.k[i] += bf_random(5, BF_STREAM_START, 0, (uint32_t)i, 0) % 9;
    return s;
}

static void scaling(void **state) {
    (void)state;
    sweep s = noisy(), t = s;
    for (int i = 0; i < POINTS; i++)
        t.eps[i] *= 12345;
    exponent a = fit(&s, RESAMPLES, 1), b = fit(&t, RESAMPLES, 1);
    same(a, b, 1e-12);
    near(b.prefactor * pow(12345, b.phi), a.prefactor, 1e-12);
}

static void permutation(void **state) {
    (void)state;
    sweep s = noisy(), t;
    for (int i = 0; i < POINTS; i++) {
        int j = i * 12 % POINTS;
        t.eps[i] = s.eps[j];
        t.n[i] = s.n[j];
        t.k[i] = s.k[j];
    }
    exponent a = fit(&s, RESAMPLES, 1), b = fit(&t, RESAMPLES, 1);
    same(a, b, 0);
    near(a.prefactor, b.prefactor, 0);
}

static void repeatable(void **state) {
    (void)state;
    sweep s = noisy();
    exponent a = fit(&s, RESAMPLES, 1), b = fit(&s, RESAMPLES, 1), other = fit(&s, RESAMPLES, 2);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.phi == other.phi && a.low != other.low);
}

/* Points without trials, or whose eps is no size, change nothing. */
static void left_out(void **state) {
    (void)state;
    double eps[] = {0, 1e-3, INFINITY, 1e-2, NAN, 1e-1, -1, 1};
    uint64_t n[] = {9, 100, 9, 100, 9, 0, 9, 0}, k[] = {1, 10, 1, 20, 1, 0, 1, 0};
    exponent e = stats_exponent(8, eps, n, k, 0, 1);
    assert_int_equal(e.points, 2);
    near(e.phi, log10(2), 1e-12);
}

/* ---- nothing to fit ----------------------------------------------------------------------- */

static void check_nothing(size_t points, const double *eps, const uint64_t *n, const uint64_t *k) {
    exponent e = stats_exponent(points, eps, n, k, RESAMPLES, 1);
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

/* One change in the middle has a best line, but hardly an interval: many resamples show no change
 * at all, and count against both ends. */
static void hardly_anything(void **state) {
    (void)state;
    static const double eps[] = {1e-3, 1e-2, 1e-1};
    static const uint64_t n[] = {50, 50, 50}, middle[] = {0, 1, 0};
    exponent e = stats_exponent(3, eps, n, middle, RESAMPLES, 1);
    near(e.phi, 0, 1e-9);
    assert_true(isinf(e.low) && e.low < 0 && isinf(e.high) && e.high > 0);
}

/* ---- coverage ----------------------------------------------------------------------------- */

/* A binomial count by counting: slow, and not the sampler under test. */
static uint64_t count(uint64_t n, double p, uint64_t seed, uint32_t index) {
    uint64_t k = 0;
    for (uint64_t i = 0; i < n; i++)
        k += (double)(bf_random(seed, BF_STREAM_START, i, index, 0) >> 11) * 0x1p-53 < p;
    return k;
}

static void check_coverage(double prefactor, double phi, uint64_t trials) {
    enum { SETS = 300 };
    int covered = 0;
    for (uint64_t set = 0; set < SETS; set++) {
        sweep s = sweep_of(trials, prefactor, phi);
        for (uint32_t i = 0; i < POINTS; i++)
            s.k[i] = count(trials, prefactor * pow(s.eps[i], phi), 1000 + set, i);
        exponent e = fit(&s, RESAMPLES, set);
        covered += e.low <= phi && phi <= e.high;
    }
    if (covered < SETS * 90 / 100 || covered > SETS * 99 / 100)
        fail_msg("phi = %g: %d of %d intervals cover it", phi, covered, SETS);
}

static void coverage(void **state) {
    (void)state;
    check_coverage(0.065, 0.0126, 200);
    check_coverage(0.9, 0.15, 200);
}

/* ---- speed -------------------------------------------------------------------------------- */

/* The sweep of the paper, and one with a hundred times its trials: not slow, whatever the size. */
static void large(void **state) {
    (void)state;
    for (uint64_t n = 10000; n <= 1000000; n *= 100) {
        sweep s = sweep_of(n, 0.065, 0.0126);
        exponent e = fit(&s, 1000, 1);
        near(e.phi, 0.0126, 0.001);
        assert_true(e.low < 0.0126 && 0.0126 < e.high);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_known),    cmocka_unit_test(wilson_closed),
        cmocka_unit_test(wilson_edges),    cmocka_unit_test(noise_free),
        cmocka_unit_test(two_points),      cmocka_unit_test(flat),
        cmocka_unit_test(known_deviance),  cmocka_unit_test(width),
        cmocka_unit_test(saturated),       cmocka_unit_test(scaling),
        cmocka_unit_test(permutation),     cmocka_unit_test(repeatable),
        cmocka_unit_test(left_out),        cmocka_unit_test(nothing),
        cmocka_unit_test(hardly_anything), cmocka_unit_test(coverage),
        cmocka_unit_test(large),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
