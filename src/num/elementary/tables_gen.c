/* SPDX-License-Identifier: MIT */
/* tables_gen.c - prints tables.h: `make tables`. */
#include <mpfr.h>
#include <stdio.h>

enum { PRECISION = 400 };

static mpfr_t ln2, step; /* step = ln2 / 256 */

/* Print x rounded to `bits` bits, and set x to what was printed. */
static void print_rounded(mpfr_t x, int bits) {
    mpfr_prec_round(x, bits, MPFR_RNDN);
    printf("%a", mpfr_get_d(x, MPFR_RNDN));
    mpfr_prec_round(x, PRECISION, MPFR_RNDN);
}

static void print_constant(const char *name, mpfr_t x, int bits) {
    printf("#define %s ", name);
    print_rounded(x, bits);
    printf("\n");
}

/* power = 2^(-index/128) rounded to `bits` bits, and offset = index step + log(power)/2, so that
 * exp(-2 (index step - offset)) = power exactly. */
static void power_and_offset(mpfr_t power, mpfr_t offset, int index, int bits) {
    mpfr_t t;
    mpfr_init2(t, PRECISION);
    mpfr_set_si(t, -index, MPFR_RNDN);
    mpfr_div_ui(t, t, 128, MPFR_RNDN);
    mpfr_exp2(t, t, MPFR_RNDN);
    mpfr_prec_round(t, bits, MPFR_RNDN);
    mpfr_set(power, t, MPFR_RNDN);
    mpfr_set_prec(t, PRECISION);
    mpfr_mul_si(t, step, index, MPFR_RNDN);
    mpfr_log(offset, power, MPFR_RNDN);
    mpfr_div_ui(offset, offset, 2, MPFR_RNDN);
    mpfr_add(offset, offset, t, MPFR_RNDN);
    mpfr_clear(t);
}

static void print_array(const char *name, int n, mpfr_t x[]) {
    printf("\nstatic const double %s[%d] = {\n", name, n);
    for (int i = 0; i < n; i++)
        printf("%s%a%s", i % 3 == 0 ? "    " : " ", mpfr_get_d(x[i], MPFR_RNDN),
               i == n - 1   ? "};\n"
               : i % 3 == 2 ? ",\n"
                            : ",");
}

enum { COARSE = 16, FINE = 8, ALL = COARSE * FINE };

static void print_powers(void) {
    mpfr_t power_coarse[COARSE], offset_coarse[COARSE], power_fine[FINE], offset_fine[FINE];
    mpfr_t power[ALL], offset[ALL];
    for (int i = 0; i < COARSE; i++) {
        mpfr_inits2(PRECISION, power_coarse[i], offset_coarse[i], (mpfr_ptr)0);
        power_and_offset(power_coarse[i], offset_coarse[i], i * FINE, 25);
    }
    for (int i = 0; i < FINE; i++) {
        mpfr_inits2(PRECISION, power_fine[i], offset_fine[i], (mpfr_ptr)0);
        power_and_offset(power_fine[i], offset_fine[i], i, 28);
    }
    for (int i = 0; i < ALL; i++) {
        mpfr_inits2(PRECISION, power[i], offset[i], (mpfr_ptr)0);
        mpfr_mul(power[i], power_coarse[i / FINE], power_fine[i % FINE], MPFR_RNDN);
        mpfr_add(offset[i], offset_coarse[i / FINE], offset_fine[i % FINE], MPFR_RNDN);
    }
    printf("\n/* Powers p of 2, near 2^(-i/16) with 25 bits and near 2^(-j/128) with 28, so that\n"
           " * their products are exact; and offsets o such that p = exp(-2 (k STEP - o)) where\n"
           " * k = 8 i or j, STEP = log(2)/256. */");
    print_array("power_coarse", COARSE, power_coarse);
    print_array("offset_coarse", COARSE, offset_coarse);
    print_array("power_fine", FINE, power_fine);
    print_array("offset_fine", FINE, offset_fine);
    printf("\n/* The same for k = 8 i + j: products and sums of the above. */");
    print_array("power_all", ALL, power);
    print_array("offset_all", ALL, offset);
    for (int i = 0; i < COARSE; i++)
        mpfr_clears(power_coarse[i], offset_coarse[i], (mpfr_ptr)0);
    for (int i = 0; i < FINE; i++)
        mpfr_clears(power_fine[i], offset_fine[i], (mpfr_ptr)0);
    for (int i = 0; i < ALL; i++)
        mpfr_clears(power[i], offset[i], (mpfr_ptr)0);
}

/* 2^(-i/16), rounded to double. */
static void print_sixteenths(void) {
    mpfr_t power[16];
    for (int i = 0; i < 16; i++) {
        mpfr_init2(power[i], PRECISION);
        mpfr_set_si(power[i], -i, MPFR_RNDN);
        mpfr_div_ui(power[i], power[i], 16, MPFR_RNDN);
        mpfr_exp2(power[i], power[i], MPFR_RNDN);
    }
    printf("\n/* 2^(-i/16). */");
    print_array("power_sixteenth", 16, power);
    for (int i = 0; i < 16; i++)
        mpfr_clear(power[i]);
}

/* log(x), x = 2^e m: the bits of m less those of 1 - (2 n - 1) / 2^(bits + 2) start with the
 * number i of m's interval, n of them below that of 1. Near the middle of interval i: 1 / inverse.
 */
static void middle_inverse(mpfr_t inverse, int i, int n, int bits) {
    /* Position in units of 2^-bits from 1: of the binade below when negative. */
    mpfr_set_si(inverse, i - n, MPFR_RNDN);
    mpfr_div_2ui(inverse, inverse, (unsigned long)(i < n ? bits + 1 : bits), MPFR_RNDN);
    mpfr_add_ui(inverse, inverse, 1, MPFR_RNDN);
    mpfr_ui_div(inverse, 1, inverse, MPFR_RNDN);
    mpfr_prec_round(inverse, 24, MPFR_RNDN);
    mpfr_prec_round(inverse, PRECISION, MPFR_RNDN);
}

/* x rounded to a multiple of 2^-42, and the rest. */
static void split(mpfr_t upper, mpfr_t lower, mpfr_t x) {
    mpfr_mul_2ui(upper, x, 42, MPFR_RNDN);
    mpfr_rint(upper, upper, MPFR_RNDN);
    mpfr_div_2ui(upper, upper, 42, MPFR_RNDN);
    mpfr_sub(lower, x, upper, MPFR_RNDN);
}

static void print_logs(int n_intervals, int n, int bits, const char *inverse_name,
                       const char *upper_name, const char *lower_name) {
    mpfr_t inverse[ALL], upper[ALL], lower[ALL], t;
    mpfr_init2(t, PRECISION);
    for (int i = 0; i < n_intervals; i++) {
        mpfr_inits2(PRECISION, inverse[i], upper[i], lower[i], (mpfr_ptr)0);
        middle_inverse(inverse[i], i, n, bits);
        mpfr_log(t, inverse[i], MPFR_RNDN);
        mpfr_neg(t, t, MPFR_RNDN);
        mpfr_set(upper[i], t, MPFR_RNDN);
        mpfr_set_zero(lower[i], 1);
        if (lower_name)
            split(upper[i], lower[i], t);
        if (mpfr_zero_p(upper[i]))
            mpfr_set_zero(upper[i], 1);
        if (mpfr_zero_p(lower[i]))
            mpfr_set_zero(lower[i], 1);
    }
    print_array(inverse_name, n_intervals, inverse);
    print_array(upper_name, n_intervals, upper);
    if (lower_name)
        print_array(lower_name, n_intervals, lower);
    for (int i = 0; i < n_intervals; i++)
        mpfr_clears(inverse[i], upper[i], lower[i], (mpfr_ptr)0);
    mpfr_clear(t);
}

enum { ERF_STEPS = 128, ERF_ENTRIES = 6 * ERF_STEPS + 1 };

static void print_erf(void) {
    static mpfr_t upper[ERF_ENTRIES], lower[ERF_ENTRIES];
    mpfr_t t, r, pi;
    mpfr_inits2(PRECISION, t, r, pi, (mpfr_ptr)0);
    for (int i = 0; i < ERF_ENTRIES; i++)
        mpfr_inits2(PRECISION, upper[i], lower[i], (mpfr_ptr)0);
    for (int derivative = 0; derivative < 2; derivative++) {
        for (int i = 0; i < ERF_ENTRIES; i++) {
            mpfr_set_si(r, i, MPFR_RNDN);
            mpfr_div_si(r, r, ERF_STEPS, MPFR_RNDN);
            if (derivative) { /* 2 / sqrt(pi) exp(-r^2) */
                mpfr_sqr(t, r, MPFR_RNDN);
                mpfr_neg(t, t, MPFR_RNDN);
                mpfr_exp(t, t, MPFR_RNDN);
                mpfr_mul_ui(t, t, 2, MPFR_RNDN);
                mpfr_const_pi(pi, MPFR_RNDN);
                mpfr_sqrt(pi, pi, MPFR_RNDN);
                mpfr_div(t, t, pi, MPFR_RNDN);
            } else {
                mpfr_erf(t, r, MPFR_RNDN);
            }
            mpfr_set(upper[i], t, MPFR_RNDN);
            mpfr_prec_round(upper[i], 53, MPFR_RNDN);
            mpfr_prec_round(upper[i], PRECISION, MPFR_RNDN);
            mpfr_sub(lower[i], t, upper[i], MPFR_RNDN);
        }
        print_array(derivative ? "erf_slope_upper" : "erf_upper", ERF_ENTRIES, upper);
        print_array(derivative ? "erf_slope_lower" : "erf_lower", ERF_ENTRIES, lower);
    }
    for (int i = 0; i < ERF_ENTRIES; i++)
        mpfr_clears(upper[i], lower[i], (mpfr_ptr)0);
    mpfr_clears(t, r, pi, (mpfr_ptr)0);
}

int main(void) {
    mpfr_t x, y;
    mpfr_inits2(PRECISION, ln2, step, x, y, (mpfr_ptr)0);
    mpfr_const_log2(ln2, MPFR_RNDN);
    mpfr_div_ui(step, ln2, 256, MPFR_RNDN);

    printf("/* SPDX-License-Identifier: MIT */\n"
           "/* tables.h - printed by tables_gen.c (make tables); do not edit. */\n"
           "/* clang-format off */\n"
           "#ifndef NUM_ELEMENTARY_TABLES_H\n"
           "#define NUM_ELEMENTARY_TABLES_H\n\n");

    printf("/* STEP = log(2)/256 in two parts, the upper with 40 bits. */\n");
    mpfr_set(x, step, MPFR_RNDN);
    print_constant("STEP_UPPER", x, 40);
    mpfr_sub(x, step, x, MPFR_RNDN);
    print_constant("STEP_LOWER", x, 53);
    mpfr_ui_div(x, 1, step, MPFR_RNDN);
    print_constant("STEP_INVERSE", x, 53);
    print_powers();
    print_sixteenths();

    printf("\n/* log(2) in two parts, the upper a multiple of 2^-42. */\n");
    split(x, y, ln2);
    print_constant("LOG2_UPPER", x, 53);
    print_constant("LOG2_LOWER", y, 53);
    printf(
        "\n/* Reciprocals (24 bits) of numbers near the middle of 128 intervals, number 75 of\n"
        " * which contains 1, and minus their logarithms: a multiple of 2^-42, and the rest. */");
    print_logs(128, 75, 7, "log_inverse", "log_upper", "log_lower");
    printf("\n/* The same for 16 intervals, number 9 of which contains 1; logarithms rounded. */");
    print_logs(16, 9, 4, "log_inverse_16", "log_16", NULL);
    printf("\n/* erf(i/128) and its derivative 2/sqrt(pi) exp(-(i/128)^2), each in two parts. */");
    print_erf();

    printf("\n#endif\n");
    mpfr_clears(ln2, step, x, y, (mpfr_ptr)0);
    mpfr_free_cache();
    return 0;
}
