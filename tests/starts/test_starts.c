/* SPDX-License-Identifier: MIT */
/* test_starts.c - initialisers of layers, and perturbations: each number is the real one that
 * doc/numerics.md defines, rounded once. */
#include "bitfate.h"
#include "num/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Layers 100 -> 40 -> 20, the first with a bias. */
enum { INPUTS = 100, HIDDEN = 40, OUTPUTS = 20, WEIGHTS = HIDDEN * INPUTS, WIDE = 600 };
enum { PARAMETERS = WEIGHTS + HIDDEN + OUTPUTS * HIDDEN };

static void must(bf_status s, const bf_error *err) {
    if (s != BF_OK)
        fail_msg("%s", err->text);
}

static bf_format format_named(const char *name) {
    bf_format f;
    assert_true(bf_format_find(&f, name));
    return f;
}

static bf_ensemble *model(const char *arithmetic) {
    static const double zeros[INPUTS];
    static const bf_data data = {
        .n = 1, .inputs = INPUTS, .outputs = OUTPUTS, .x = zeros, .y = zeros};
    const bf_layer layers[] = {BF_LAYER("dense", {"width", "40"}),
                               {.kind = "tanh"},
                               BF_LAYER("dense", {"width", "20"}, {"bias", "false"})};
    const bf_problem problem = {.layers = layers,
                                .n_layers = COUNT(layers),
                                .loss = "mse",
                                .data = &data,
                                .rate = "1",
                                .bound = "inf"};
    bf_arithmetic a;
    bf_ensemble *e;
    bf_error err;
    must(bf_arithmetic_parse(&a, arithmetic, &err), &err);
    must(bf_ensemble_new(&e, &a, &problem, &err), &err);
    assert_int_equal(bf_n_parameters(e), PARAMETERS);
    return e;
}

/* (2D + 1)/2^65, D a draw of the start's stream. */
static void open_uniform(mpfr_t u, uint64_t trial, uint32_t index) {
    const uint64_t d = bf_random(1, BF_STREAM_START, trial, index, 0);
    mpfr_set_ui_2exp(u, (unsigned long)d, 1, MPFR_RNDN);
    mpfr_add_ui(u, u, 1, MPFR_RNDN);
    mpfr_div_2ui(u, u, 65, MPFR_RNDN);
}

/* sqrt(numerator/fan) times the uniform or normal number of an index, far wider than any format. */
static void reference(mpfr_t r, bool uniform, unsigned long numerator, unsigned long fan,
                      uint64_t trial, uint32_t index) {
    mpfr_t u, v;
    mpfr_inits2(WIDE, u, v, (mpfr_ptr)0);
    if (uniform) {
        open_uniform(u, trial, index);
        mpfr_mul_ui(u, u, 2, MPFR_RNDN);
        mpfr_sub_ui(u, u, 1, MPFR_RNDN);
    } else {
        open_uniform(u, trial, index & ~UINT32_C(1));
        open_uniform(v, trial, index | 1);
        mpfr_log(u, u, MPFR_RNDN);
        mpfr_mul_si(u, u, -2, MPFR_RNDN);
        mpfr_sqrt(u, u, MPFR_RNDN);
        mpfr_const_pi(r, MPFR_RNDN);
        mpfr_mul(v, v, r, MPFR_RNDN);
        mpfr_mul_ui(v, v, 2, MPFR_RNDN);
        (index & 1 ? mpfr_sin : mpfr_cos)(v, v, MPFR_RNDN);
        mpfr_mul(u, u, v, MPFR_RNDN);
    }
    mpfr_set_ui(v, numerator, MPFR_RNDN);
    mpfr_div_ui(v, v, fan, MPFR_RNDN);
    mpfr_sqrt(v, v, MPFR_RNDN);
    mpfr_mul(r, u, v, MPFR_RNDN);
    mpfr_clears(u, v, (mpfr_ptr)0);
}

/* Squares of bounds or variances, numerator/fan, of the two weights with the default gain. */
static const struct {
    const char *name;
    bool uniform, biases;
    unsigned long numerator, fans[2];
} expected[] = {
    {"torch_default", true, true, 1, {INPUTS, HIDDEN}},
    {"kaiming_uniform", true, false, 6, {INPUTS, HIDDEN}},
    {"kaiming_normal", false, false, 2, {INPUTS, HIDDEN}},
    {"xavier_uniform", true, false, 6, {INPUTS + HIDDEN, HIDDEN + OUTPUTS}},
    {"xavier_normal", false, false, 2, {INPUTS + HIDDEN, HIDDEN + OUTPUTS}},
    {"lecun_normal", false, false, 1, {INPUTS, HIDDEN}},
};

static void starts_are_rounded_once(void **state) {
    (void)state;
    static const char *const arithmetics[] = {"bf16",     "f16",      "tf32",     "f32",     "f64",
                                              "fp8_e4m3", "fp8_e5m2", "mpfr:113", "mpfr:256"};
    mpfr_t wide;
    mpfr_init2(wide, WIDE);
    for (size_t a = 0; a < COUNT(arithmetics); a++) {
        bf_ensemble *e = model(arithmetics[a]);
        const bf_format *f = bf_ensemble_format(e);
        uint8_t *theta = malloc(PARAMETERS * f->bytes), one[BF_MAX_BYTES];
        assert_non_null(theta);
        mpfr_t rounded;
        mpfr_init2(rounded, f->precision);
        for (size_t k = 0; k < COUNT(expected); k++) {
            bf_error err;
            must(bf_start_layers(e, theta, expected[k].name, NULL, 1, 7, &err), &err);
            for (uint32_t i = 0; i < PARAMETERS; i += 1 + i % 5) {
                const bool second = i >= WEIGHTS + HIDDEN, bias = i >= WEIGHTS && !second;
                reference(wide, expected[k].uniform, expected[k].numerator,
                          expected[k].fans[second], 7, i);
                if (bias && !expected[k].biases)
                    mpfr_set_zero(wide, 1);
                bf_format_round(f, rounded, wide);
                bf_format_encode(f, rounded, one);
                assert_memory_equal(theta + i * f->bytes, one, f->bytes);
            }
        }
        mpfr_clear(rounded);
        free(theta);
        bf_ensemble_free(e);
    }
    mpfr_clear(wide);
}

/* Mean squares are those of the distributions, over 4000 weights within 6 deviations. */
static void starts_have_their_variances(void **state) {
    (void)state;
    bf_ensemble *e = model("f64");
    const bf_format *f = bf_ensemble_format(e);
    static uint8_t theta[PARAMETERS * 8];
    for (size_t k = 0; k < COUNT(expected); k++) {
        bf_error err;
        must(bf_start_layers(e, theta, expected[k].name, NULL, 3, 0, &err), &err);
        double sum = 0, square = 0, most = 0;
        for (size_t i = 0; i < WEIGHTS; i++) {
            const double x = bf_to_double(f, theta + 8 * i);
            sum += x;
            square += x * x;
            most = fmax(most, fabs(x));
        }
        const double scale = (double)expected[k].numerator / (double)expected[k].fans[0],
                     variance = expected[k].uniform ? scale / 3 : scale;
        assert_true(fabs(sum / WEIGHTS) < 6 * sqrt(variance / WEIGHTS));
        assert_true(fabs(square / WEIGHTS / variance - 1) < 6 * sqrt(2.0 / WEIGHTS));
        assert_true(!expected[k].uniform || most <= sqrt(scale));
    }
    bf_ensemble_free(e);
}

/* A gain of 2 doubles every weight, exactly; what is not a gain is refused. */
static void gains_scale(void **state) {
    (void)state;
    bf_ensemble *e = model("f64");
    const bf_format *f = bf_ensemble_format(e);
    static uint8_t one[PARAMETERS * 8], two[PARAMETERS * 8];
    bf_error err;
    for (size_t k = 0; k < COUNT(expected); k++) {
        must(bf_start_layers(e, one, expected[k].name, "1", 1, 0, &err), &err);
        must(bf_start_layers(e, two, expected[k].name, "sqrt(4)", 1, 0, &err), &err);
        for (size_t i = 0; i < PARAMETERS; i++)
            assert_true(2 * bf_to_double(f, one + 8 * i) == bf_to_double(f, two + 8 * i));
        assert_string_equal(bf_initialiser_list(k)->name, expected[k].name);
    }
    assert_null(bf_initialiser_list(COUNT(expected)));
    assert_int_equal(bf_start_layers(e, one, "lecun_normal", "0", 1, 0, &err), BF_EINPUT);
    assert_int_equal(bf_start_layers(e, one, "lecun_normal", "-1", 1, 0, &err), BF_EINPUT);
    assert_int_equal(bf_start_layers(e, one, "lecun", NULL, 1, 0, &err), BF_EINPUT);
    bf_ensemble_free(e);
}

/* A distance chosen so that a parameter lies next to the middle of two numbers, 16000 bits away: it
 * is not rounded on a guess. */
static void a_start_that_cannot_be_rounded_is_refused(void **state) {
    (void)state;
    enum { FAR = BF_MAX_PRECISION };
    const bf_format f = format_named("f64"), far = bf_format_of(FAR);
    static uint8_t real[4 * BF_MAX_BYTES];
    static char distance[FAR];
    uint8_t theta[4 * 8];
    bf_error err;
    must(bf_start_planes(&far, real, "2", 1, 0, &err), &err);
    mpfr_t sum, d;
    mpfr_inits2(FAR, sum, d, (mpfr_ptr)0);
    bf_format_decode(&far, real, sum); /* cos alpha + cos beta */
    mpfr_set_ui_2exp(d, 1, -53, MPFR_RNDN);
    mpfr_add_ui(d, d, 1, MPFR_RNDN); /* midway from 1 to the next */
    mpfr_div(d, d, sum, MPFR_RNDN);
    mpfr_mul_2ui(d, d, 1, MPFR_RNDN);
    mpfr_snprintf(distance, sizeof distance, "%Ra", d);
    assert_int_equal(bf_start_planes(&f, theta, distance, 1, 0, &err), BF_EINPUT);
    assert_non_null(strstr(err.text, "cannot be rounded to f64"));
    must(bf_start_planes(&f, theta, distance, 1, 1, &err), &err); /* another start */
    must(bf_start_planes(&f, theta, "0", 1, 0, &err), &err);
    mpfr_clears(sum, d, (mpfr_ptr)0);
}

/* ---- perturbations ------------------------------------------------------------------------ */

enum { N = 200 };
static const char *const formats[] = {"bf16",     "f16",      "tf32",    "f32",     "f64",
                                      "fp8_e4m3", "fp8_e5m2", "mpfr:64", "mpfr:113"};

/* Zeros, both ends of binades, subnormals, the largest, and what lies between; both signs. */
static void make_values(const bf_format *f, uint8_t *theta) {
    static const char *const texts[] = {"0",       "1",         "2",     "-1",
                                        "0x1p-14", "0x1.8p-24", "0.1",   "-3.75",
                                        "1e-3",    "-1e-40",    "60000", "0x1.fffffep+0",
                                        "-0",      "0.0078",    "-4"};
    bf_error err;
    for (size_t i = 0; i < N; i++)
        must(bf_number(f, texts[i % COUNT(texts)], theta + i * f->bytes, &err), &err);
    bf_largest(f, theta);
}

static void ulps_move_every_parameter_so_far(void **state) {
    (void)state;
    static const char *const sizes[] = {"1", "2", "7", "300"};
    uint8_t before[N * 32], after[N * 32];
    for (size_t p = 0; p < COUNT(formats); p++)
        for (size_t k = 0; k < COUNT(sizes); k++) {
            const bf_format f = format_named(formats[p]);
            make_values(&f, before);
            memcpy(after, before, sizeof before);
            bool moved = false;
            bf_error err;
            size_t up = 0;
            must(bf_perturb_ulps(&f, N, after, sizes[k], 1, 5, &moved, &err), &err);
            assert_true(moved);
            for (size_t i = 1; i < N; i++) {
                const uint8_t *a = before + i * f.bytes, *b = after + i * f.bytes;
                if (isnan(bf_to_double(&f, a)))
                    assert_memory_equal(a, b, f.bytes);
                else if (bf_is_finite(&f, b)) /* near the largest of small formats it need not be */
                    assert_true(bf_ulps(&f, a, b) == strtod(sizes[k], NULL));
                up += bf_to_double(&f, b) > bf_to_double(&f, a);
            }
            /* Where there is a NaN for it, an overflow is not seen to go up. */
            assert_in_range(up, f.ieee && f.has_infinity ? N / 4 : 0, 3 * N / 4);
        }
}

/* Up and down again is where it was, through zero, binades and subnormals. */
static void steps_can_be_undone(void **state) {
    (void)state;
    uint8_t before[N * 32], after[N * 32];
    mpz_t step;
    mpz_init(step);
    for (size_t p = 0; p < COUNT(formats); p++) {
        const bf_format f = format_named(formats[p]);
        make_values(&f, before);
        memcpy(after, before, sizeof before);
        for (size_t i = 1; i < N; i++) {
            mpz_set_ui(step, 3 * i);
            uint8_t *value = after + i * f.bytes;
            bf_format_step(&f, value, step);
            if (!bf_is_finite(&f, value))
                continue;
            mpz_neg(step, step);
            bf_format_step(&f, value, step);
            assert_true(bf_ulps(&f, before + i * f.bytes, value) == 0);
        }
        mpz_set_ui(step, 1);
        bf_format_step(&f, after, step); /* the largest */
        assert_true(isinf(bf_to_double(&f, after)) || !bf_is_finite(&f, after));
        assert_true(f.has_infinity ? bf_ulps(&f, before, after) == 1
                                   : isnan(bf_to_double(&f, after)));
    }
    mpz_clear(step);
}

/* Exactly eps parameters differ, each in its last bit, and over many trials each as often. */
static void bits_are_flipped_in_so_many_parameters(void **state) {
    (void)state;
    enum { M = 10, TRIALS = 3000 };
    for (size_t p = 0; p < COUNT(formats); p++)
        for (int k = 1; k <= M; k += 3) {
            const bf_format f = format_named(formats[p]);
            const size_t last = f.ieee ? (size_t)f.spare / 8 : 9;
            uint8_t before[M * 32], after[M * 32];
            bf_error err;
            size_t flips[M] = {0};
            char eps[16];
            snprintf(eps, sizeof eps, "%d", k);
            for (size_t i = 0; i < M; i++)
                must(bf_number(&f, "0.7", before + i * f.bytes, &err), &err);
            for (uint64_t trial = 0; trial < TRIALS; trial++) {
                int changed = 0;
                bool moved = false;
                memcpy(after, before, sizeof before);
                must(bf_perturb_bit(&f, M, after, eps, 1, trial, &moved, &err), &err);
                assert_true(moved);
                for (size_t i = 0; i < M; i++) {
                    uint8_t *value = after + i * f.bytes;
                    if (memcmp(value, before + i * f.bytes, f.bytes) == 0)
                        continue;
                    changed++;
                    flips[i]++;
                    assert_true(bf_ulps(&f, value, before + i * f.bytes) == 1);
                    value[last] ^= (uint8_t)(1 << f.spare % 8);
                    assert_memory_equal(value, before + i * f.bytes, f.bytes);
                }
                assert_int_equal(changed, k);
            }
            const double mean = (double)TRIALS * k / M;
            for (size_t i = 0; i < M; i++)
                assert_true(fabs((double)flips[i] - mean) <= 6 * sqrt(mean * (1 - (double)k / M)));
        }
}

/* The number beside the largest of FP8 E4M3 is NaN, which has one encoding. */
static void a_flip_into_nan_is_the_canonical_one(void **state) {
    (void)state;
    const bf_format f = format_named("fp8_e4m3");
    uint8_t theta[2] = {0x7e, 0xfe};
    bf_error err;
    must(bf_perturb_bit(&f, 2, theta, "2", 1, 0, NULL, &err), &err);
    assert_int_equal(theta[0], 0x7f);
    assert_int_equal(theta[1], 0x7f);
}

static void counts_are_checked(void **state) {
    (void)state;
    const bf_format f = bf_format_of(53), wide = bf_format_of(100);
    uint8_t theta[4 * 32] = {0};
    bf_error err;
    assert_int_equal(bf_perturb_bit(&f, 4, theta, "5", 1, 0, NULL, &err), BF_EINPUT);
    assert_string_equal(err.text, "eps is 5; expected at most 4, the number of parameters");
    static const char *const bad[] = {"0", "-1", "1.5", "sqrt(4)", "inf", "x"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(bf_perturb_bit(&f, 4, theta, bad[i], 1, 0, NULL, &err), BF_EINPUT);
        assert_int_equal(bf_perturb_ulps(&f, 4, theta, bad[i], 1, 0, NULL, &err), BF_EINPUT);
    }
    /* A zero without subnormals has no significand. */
    bool moved = true;
    must(bf_perturb_bit(&wide, 4, theta, "4", 1, 0, &moved, &err), &err);
    assert_false(moved);
    must(bf_perturb_bit(&f, 4, theta, "4", 1, 0, &moved, &err), &err);
    assert_true(moved);
}

/* From zero a perturbation is RN(eps RN(z)): z of the format's own precision, the same number in
 * every format except for the bits it lacks, of mean 0 and deviation 1. */
static void gaussian_perturbations_are_normal(void **state) {
    (void)state;
    enum { MANY = 4000 };
    static uint8_t theta[MANY * 8];
    const bf_format f = bf_format_of(53);
    bf_error err;
    bool moved = false;
    must(bf_perturb_gaussian(&f, MANY, theta, "0.25", 9, 3, &moved, &err), &err);
    assert_true(moved);
    double sum = 0, square = 0, fourth = 0;
    for (size_t i = 0; i < MANY; i++) {
        const double z = 4 * bf_to_double(&f, theta + 8 * i);
        sum += z;
        square += z * z;
        fourth += z * z * z * z;
    }
    assert_true(fabs(sum / MANY) < 6 / sqrt(MANY));
    assert_true(fabs(square / MANY - 1) < 6 * sqrt(2.0 / MANY));
    assert_true(fabs(fourth / MANY - 3) < 6 * sqrt(96.0 / MANY));
    for (size_t p = 0; p < COUNT(formats); p++) {
        const bf_format g = format_named(formats[p]);
        uint8_t other[N * 32] = {0};
        must(bf_perturb_gaussian(&g, N, other, "0.25", 9, 3, NULL, &err), &err);
        for (size_t i = 0; i < N; i++) {
            const double a = bf_to_double(&f, theta + 8 * i),
                         b = bf_to_double(&g, other + i * g.bytes);
            const double normal = ldexp(1, g.emin < -1000 ? -1000 : (int)g.emin + g.precision - 1);
            assert_true(fabs(a - b) <= ldexp(1, -(g.precision < 53 ? g.precision : 53)) *
                                           fmax(fabs(a), fmax(normal, 0x1p-13)));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_are_rounded_once),
        cmocka_unit_test(starts_have_their_variances),
        cmocka_unit_test(gains_scale),
        cmocka_unit_test(a_start_that_cannot_be_rounded_is_refused),
        cmocka_unit_test(ulps_move_every_parameter_so_far),
        cmocka_unit_test(steps_can_be_undone),
        cmocka_unit_test(bits_are_flipped_in_so_many_parameters),
        cmocka_unit_test(a_flip_into_nan_is_the_canonical_one),
        cmocka_unit_test(counts_are_checked),
        cmocka_unit_test(gaussian_perturbations_are_normal),
    };
    return cmocka_run_group_tests_name("starts", tests, NULL, NULL);
}
