/* SPDX-License-Identifier: MIT */
/* slow.c - tanh, exp, log, erf, correctly rounded by MPFR. */
#include "num/elementary/slow.h"

#include <math.h>
#include <mpfr.h>

#ifdef ELEMENTARY_COUNT
_Thread_local uint64_t bf_elementary_slow_calls;
#define COUNT() (void)bf_elementary_slow_calls++
#else
#define COUNT() (void)0
#endif

typedef int function(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

/* f(x) rounded once to `precision` bits in MPFR's exponent range [emin, emax]. mpfr_subnormalize
 * takes the ternary value, so that a subnormal result is not rounded twice. The thread's exponent
 * range and flags are left as found. */
static double rounded(function *f, double x, int precision, mpfr_exp_t emin, mpfr_exp_t emax) {
    COUNT();
    mp_limb_t x_limb[64 / GMP_NUMB_BITS + 1], y_limb[64 / GMP_NUMB_BITS + 1];
    mpfr_t mx, my;
    mpfr_custom_init(x_limb, precision);
    mpfr_custom_init_set(mx, MPFR_ZERO_KIND, 0, precision, x_limb);
    mpfr_custom_init(y_limb, precision);
    mpfr_custom_init_set(my, MPFR_ZERO_KIND, 0, precision, y_limb);

    const mpfr_exp_t emin_was = mpfr_get_emin(), emax_was = mpfr_get_emax();
    const mpfr_flags_t flags_were = mpfr_flags_save();
    mpfr_set_emin(emin);
    mpfr_set_emax(emax);
    mpfr_set_d(mx, x, MPFR_RNDN); /* exact */
    int ternary = f(my, mx, MPFR_RNDN);
    mpfr_subnormalize(my, ternary, MPFR_RNDN);
    const double y = mpfr_get_d(my, MPFR_RNDN); /* exact */
    mpfr_set_emin(emin_was);
    mpfr_set_emax(emax_was);
    mpfr_flags_restore(flags_were, MPFR_FLAGS_ALL);
    return y;
}

static double rounded_f64(function *f, double x) {
    return rounded(f, x, 53, -1073, 1024);
}

static float rounded_f32(function *f, float x) {
    return (float)rounded(f, (double)x, 24, -148, 128);
}

static float rounded_bf16(function *f, float x) {
    return (float)rounded(f, (double)x, 8, -132, 128);
}

static float rounded_f16(function *f, float x) {
    return (float)rounded(f, (double)x, 11, -23, 16);
}

double bf_tanh_f64_slow(double x) {
    return rounded_f64(mpfr_tanh, x);
}

double bf_exp_f64_slow(double x) {
    return rounded_f64(mpfr_exp, x);
}

double bf_log_f64_slow(double x) {
    return rounded_f64(mpfr_log, x);
}

double bf_erf_f64_slow(double x) {
    return rounded_f64(mpfr_erf, x);
}

float bf_tanh_f32_slow(float x) {
    return rounded_f32(mpfr_tanh, x);
}

float bf_exp_f32_slow(float x) {
    return rounded_f32(mpfr_exp, x);
}

float bf_log_f32_slow(float x) {
    return rounded_f32(mpfr_log, x);
}

float bf_erf_f32_slow(float x) {
    return rounded_f32(mpfr_erf, x);
}

float bf_tanh_bf16_slow(float x) {
    return rounded_bf16(mpfr_tanh, x);
}

float bf_exp_bf16_slow(float x) {
    return rounded_bf16(mpfr_exp, x);
}

float bf_log_bf16_slow(float x) {
    return rounded_bf16(mpfr_log, x);
}

float bf_erf_bf16_slow(float x) {
    return rounded_bf16(mpfr_erf, x);
}

float bf_tanh_f16_slow(float x) {
    return rounded_f16(mpfr_tanh, x);
}

float bf_exp_f16_slow(float x) {
    return rounded_f16(mpfr_exp, x);
}

float bf_log_f16_slow(float x) {
    return rounded_f16(mpfr_log, x);
}

float bf_erf_f16_slow(float x) {
    return rounded_f16(mpfr_erf, x);
}
