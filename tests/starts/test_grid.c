/* SPDX-License-Identifier: MIT */
/* test_grid.c - starts on a grid: correctly rounded, whatever the format, the plane and the zoom.
 */
#include "bitfate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <mpfr.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { N = 4, WIDE = 4000 };

typedef struct plane {
    const char *origin[N], *x[N], *y[N], *x0, *x1, *y0, *y1;
} plane;

static const plane planes[] = {
    /* the paper's */
    {{"0", "0", "0", "0"},
     {"0x1.c398ef3e5cfa5p+0", "0x1.c398ef3e5cfa5p+0", "0x1.99c2cfacc8953p-2",
      "0x1.99c2cfacc8953p-2"},
     {"0x1.f51d25222c9abp-1", "-0x1.f51d25222c9abp-1", "0x1.1ed5969e3314ep+1",
      "-0x1.1ed5969e3314ep+1"},
     "0",
     "8",
     "0",
     "6"},
    /* far smaller than a double resolves */
    {{"1/3", "-2.5", "1e-3", "7"},
     {"1", "2", "3", "-4"},
     {"1", "1", "1", "0.1"},
     "3.1415926535897932384626433832795028841971693993751",
     "3.1415926535897932384626433832795028841971693993752",
     "-1e-45",
     "2e-45"},
    /* lengths 5 and 13: rational coordinates */
    {{"0.5", "-1/7", "0", "0x1p-30"},
     {"3", "4", "0", "0"},
     {"0", "0", "5", "-12"},
     "-1",
     "1",
     "-2",
     "3"},
    /* lengths sqrt(2) and sqrt(8): sums that cancel */
    {{"0", "0", "0", "1"}, {"1", "1", "0", "0"}, {"2", "-2", "0", "0"}, "-1", "1", "-1", "1"},
    /* subnormal and too large */
    {{"1e-310", "-3e-46", "1e308", "3e38"},
     {"1", "1", "0", "0"},
     {"0", "0", "1", "1"},
     "-1e-310",
     "1e-45",
     "-1e308",
     "1e308"},
};

static const char *const formats[] = {"bf16",     "f16",      "tf32",    "f32",      "f64",
                                      "fp8_e4m3", "fp8_e5m2", "mpfr:64", "mpfr:113", "mpfr:256"};

static bf_format format_named(const char *name) {
    bf_format f;
    assert_true(bf_format_find(&f, name));
    return f;
}

static bf_grid *grid(const plane *p, const bf_format *f, uint32_t points) {
    const bf_axis x = {p->x, p->x0, p->x1, points}, y = {p->y, p->y0, p->y1, points};
    bf_grid *g = NULL;
    bf_error err;
    if (bf_grid_new(&g, f, N, p->origin, &x, &y, &err) != BF_OK)
        fail_msg("%s", err.text);
    return g;
}

/* A rational text of at most one quotient, exactly or to WIDE bits. */
static void wide(mpfr_t out, const char *text) {
    char *end;
    mpfr_strtofr(out, text, &end, 0, MPFR_RNDN);
    if (*end == '/') {
        mpfr_t d;
        mpfr_init2(d, WIDE);
        mpfr_strtofr(d, end + 1, NULL, 0, MPFR_RNDN);
        mpfr_div(out, out, d, MPFR_RNDN);
        mpfr_clear(d);
    }
}

/* out += (from + i (to - from)/(points - 1)) d_k / |d| */
static void add_term(mpfr_t out, const char *from, const char *to, const char *const *d, size_t k,
                     uint32_t i, uint32_t points) {
    mpfr_t a, t, norm;
    mpfr_inits2(WIDE, a, t, norm, (mpfr_ptr)0);
    mpfr_set_zero(norm, 1);
    for (size_t m = 0; m < N; m++) {
        wide(t, d[m]);
        mpfr_fma(norm, t, t, norm, MPFR_RNDN);
    }
    mpfr_rec_sqrt(norm, norm, MPFR_RNDN);
    wide(a, from);
    wide(t, to);
    mpfr_sub(t, t, a, MPFR_RNDN);
    mpfr_mul_ui(t, t, i, MPFR_RNDN);
    mpfr_div_ui(t, t, points - 1, MPFR_RNDN);
    mpfr_add(a, a, t, MPFR_RNDN);
    wide(t, d[k]);
    mpfr_mul(a, a, t, MPFR_RNDN);
    mpfr_fma(out, a, norm, out, MPFR_RNDN);
    mpfr_clears(a, t, norm, (mpfr_ptr)0);
}

/* The true value to nearly WIDE bits, then bf_number on its digits: an independent rounding. Values
 * that cancel to nothing but rounding errors are zero. */
static void expect(const plane *p, const bf_format *f, size_t k, uint32_t i, uint32_t j,
                   uint32_t points, uint8_t *out) {
    static char text[WIDE];
    mpfr_t x;
    mpfr_init2(x, WIDE);
    wide(x, p->origin[k]);
    add_term(x, p->x0, p->x1, p->x, k, i, points);
    add_term(x, p->y0, p->y1, p->y, k, j, points);
    if (mpfr_regular_p(x) && mpfr_get_exp(x) < -2500)
        mpfr_set_zero(x, 1);
    /* What lies within 2^-3000 of a number of few bits is that number. */
    mpfr_t few;
    mpfr_init2(few, 3000);
    mpfr_set(few, x, MPFR_RNDN);
    mpfr_snprintf(text, sizeof text, "%.3000Ra", few);
    mpfr_clears(x, few, (mpfr_ptr)0);
    bf_error err;
    if (bf_number(f, text, out, &err) != BF_OK)
        fail_msg("%s", err.text);
}

static void correctly_rounded(void **state) {
    (void)state;
    enum { POINTS = 9 };
    for (size_t p = 0; p < COUNT(planes); p++)
        for (size_t q = 0; q < COUNT(formats); q++) {
            const bf_format f = format_named(formats[q]);
            bf_grid *g = grid(&planes[p], &f, POINTS);
            uint8_t theta[N * 64], expected[64];
            for (uint32_t i = 0; i < POINTS; i++)
                for (uint32_t j = 0; j < POINTS; j++) {
                    bf_grid_start(g, i, j, theta);
                    for (size_t k = 0; k < N; k++) {
                        expect(&planes[p], &f, k, i, j, POINTS, expected);
                        if (memcmp(expected, theta + k * f.bytes, f.bytes) != 0)
                            fail_msg("plane %zu, %s, column %u, row %u, parameter %zu", p, f.name,
                                     i, j, k);
                    }
                }
            bf_grid_free(g);
        }
}

/* Points of a plane that are exactly representable, half-way, or zero. */
static void exact_cases(void **state) {
    (void)state;
    const bf_format f = bf_format_of(53);
    bf_grid *g = grid(&planes[3], &f, 3);
    uint8_t theta[N * 8];
    bf_grid_start(g, 2, 2, theta); /* (1/sqrt 2 + 1/sqrt 2, 1/sqrt 2 - 1/sqrt 2, 0, 1) */
    assert_true(bf_to_double(&f, theta) == 0x1.6a09e667f3bcdp+0);
    assert_memory_equal(theta + 8, "\0\0\0\0\0\0\0\0", 8);
    assert_memory_equal(theta + 16, "\0\0\0\0\0\0\0\0", 8);
    assert_true(bf_to_double(&f, theta + 24) == 1);
    bf_grid_free(g);
    /* 1 + 2^-53, between 1 and the next double, to even; 3 * 2^-53 more, away from 1 */
    const char *const origin[] = {"1"}, *const one[] = {"-7"};
    const bf_axis x = {one, "0", "0", 1}, y = {one, "-0x1p-53", "-0x3p-53", 2};
    bf_error err;
    if (bf_grid_new(&g, &f, 1, origin, &x, &y, &err) != BF_OK)
        fail_msg("%s", err.text);
    bf_grid_start(g, 0, 0, theta);
    assert_true(bf_to_double(&f, theta) == 1);
    bf_grid_start(g, 0, 1, theta);
    assert_true(bf_to_double(&f, theta) == 1 + 0x1p-51);
    bf_grid_free(g);
}

/* The same point has the same bits in a grid and in a magnification of it. */
static void zooms(void **state) {
    (void)state;
    plane zoom = planes[0];
    zoom.x0 = "2";
    zoom.x1 = "4";
    zoom.y0 = "3/2";
    zoom.y1 = "3";
    for (size_t q = 0; q < COUNT(formats); q++) {
        const bf_format f = format_named(formats[q]);
        bf_grid *whole = grid(&planes[0], &f, 17), *part = grid(&zoom, &f, 9);
        uint8_t a[N * 64], b[N * 64];
        for (uint32_t i = 0; i < 9; i += 2)
            for (uint32_t j = 0; j < 9; j += 2) {
                bf_grid_start(whole, 4 + i / 2, 4 + j / 2, a);
                bf_grid_start(part, i, j, b);
                assert_memory_equal(a, b, N * f.bytes);
            }
        bf_grid_free(whole);
        bf_grid_free(part);
    }
}

static void refused(void **state) {
    (void)state;
    const bf_format f = bf_format_of(53);
    const struct {
        const char *origin, *direction, *from, *to;
    } bad[] = {{"sqrt(2)", "1", "0", "1"}, {"0", "inf", "0", "1"},       {"0", "0", "0", "1"},
               {"0", "-0/3", "0", "1"},    {"0", "1", "x", "1"},         {"0", "1", "0", "1/0"},
               {"nan", "1", "0", "1"},     {"0", "0x1p300000", "0", "1"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        bf_axis x = {&bad[i].direction, bad[i].from, bad[i].to, 2};
        bf_grid *g;
        bf_error err;
        assert_int_equal(bf_grid_new(&g, &f, 1, &bad[i].origin, &x, &x, &err), BF_EINPUT);
        assert_null(g);
        assert_non_null(strstr(err.text, "expected"));
    }
}

static void differences(void **state) {
    (void)state;
    double d;
    assert_int_equal(
        bf_number_difference("1", "1.0000000000000000000000000000000000000001", &d, NULL), BF_OK);
    assert_true(d == 1e-40);
    assert_int_equal(bf_number_difference("1/3", "2/6", &d, NULL), BF_OK);
    assert_true(d == 0);
    assert_int_equal(bf_number_difference("sqrt(2)", "2", &d, NULL), BF_EINPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correctly_rounded), cmocka_unit_test(exact_cases), cmocka_unit_test(zooms),
        cmocka_unit_test(refused),           cmocka_unit_test(differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
