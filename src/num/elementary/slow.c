/* SPDX-License-Identifier: MIT */
/* slow.c - tanh, exp, log, erf, correctly rounded by MPFR. */
#include "num/elementary/slow.h"

#include "num/formats.h"

#include <math.h>
#include <mpfr.h>

#ifdef ELEMENTARY_COUNT
_Thread_local uint64_t bf_elementary_slow_calls;
#define COUNT() (void)bf_elementary_slow_calls++
#else
#define COUNT() (void)0
#endif

typedef int function(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

/* of(x) rounded once into the format. mpfr_subnormalize takes the ternary value, so that a
 * subnormal result is not rounded twice. The thread's exponent range and flags are left as found.
 */
static double rounded(function *of, const bf_format *f, double x) {
    COUNT();
    mp_limb_t x_limb[64 / GMP_NUMB_BITS + 1], y_limb[64 / GMP_NUMB_BITS + 1];
    mpfr_t mx, my;
    mpfr_custom_init(x_limb, f->precision);
    mpfr_custom_init_set(mx, MPFR_ZERO_KIND, 0, f->precision, x_limb);
    mpfr_custom_init(y_limb, f->precision);
    mpfr_custom_init_set(my, MPFR_ZERO_KIND, 0, f->precision, y_limb);

    const mpfr_exp_t emin_was = mpfr_get_emin(), emax_was = mpfr_get_emax();
    const mpfr_flags_t flags_were = mpfr_flags_save();
    mpfr_set_emin(f->emin);
    mpfr_set_emax(f->emax);
    mpfr_set_d(mx, x, MPFR_RNDN); /* exact */
    int ternary = of(my, mx, MPFR_RNDN);
    mpfr_subnormalize(my, ternary, MPFR_RNDN);
    const double y = mpfr_get_d(my, MPFR_RNDN); /* exact */
    mpfr_set_emin(emin_was);
    mpfr_set_emax(emax_was);
    mpfr_flags_restore(flags_were, MPFR_FLAGS_ALL);
    return y;
}

#define FUNCTION(name)                                              \
    double bf_##name##_slow(const bf_format *f, double x) {         \
        return rounded(mpfr_##name, f, x);                          \
    }                                                               \
    double bf_##name##_f64_slow(double x) {                         \
        return rounded(mpfr_##name, &format_f64, x);                \
    }                                                               \
    float bf_##name##_f32_slow(float x) {                           \
        return (float)rounded(mpfr_##name, &format_f32, (double)x); \
    }
FUNCTION(tanh)
FUNCTION(exp)
FUNCTION(log)
FUNCTION(erf)
