/* SPDX-License-Identifier: MIT */
/* f32.h - tanh, exp, log, erf of vectors, binary32, correctly rounded.
 *
 * Each function is evaluated in binary64 with a relative error proved to be at most 2^-45, for each
 * half of the vector, and rounded to binary32 once the interval this leaves is seen to contain no
 * number halfway between two binary32 numbers. Otherwise, about once in a million, the element is
 * computed again by slow.c.
 *
 * In the derivations u = 2^-53: one rounding changes a value by at most u times that value.
 */
#ifndef NUM_ELEMENTARY_F32_H
#define NUM_ELEMENTARY_F32_H

#include "num/elementary/slow.h"
#include "num/elementary/tables.h"
#include "num/vec.h"

#define EACH for (int q = 0; q < n_vectors; q++)

/* Undecided: a binary64 value of relative error at most 2^-45, that is 2^8 ulp, whose 29 bits that
 * binary32 lacks are within 2^8 of the half 2^28. After adding NEAR these 29 bits are below 2^9, so
 * those of FAR are clear. For results outside the subnormals of binary32, for zeros, infinities and
 * NaN (never undecided), and for subnormals that are exact. */
#define ELEMENTARY_F32_NEAR ((INT64_C(1) << 8) - (INT64_C(1) << 28))
#define ELEMENTARY_F32_FAR ((INT64_C(1) << 29) - (INT64_C(1) << 9))

static inline vi64 elementary_from_near(vf64 x) {
    return vi64_plus((vi64)x, vi64_of(ELEMENTARY_F32_NEAR));
}

/* The undecided elements, computed again. Out of line: this is rare. */
__attribute__((noinline, cold, unused)) static vf32
elementary_redo_f32(float (*slow)(float), vf32 x, vf64 lower, vf64 upper, vf32 r) {
    for (int i = 0; i < VF32; i++) {
        const vi64 bits = elementary_from_near(i < VF64 ? lower : upper);
        if ((bits[i % VF64] & ELEMENTARY_F32_FAR) == 0)
            r[i] = slow(x[i]);
    }
    return r;
}

static inline vf32 elementary_finish_f32(float (*slow)(float), vf32 x, vf64 lower, vf64 upper) {
    vf32 r = vf64_narrow(lower, upper);
    if (__builtin_expect(vi64_any_clear(elementary_from_near(lower), ELEMENTARY_F32_FAR) ||
                             vi64_any_clear(elementary_from_near(upper), ELEMENTARY_F32_FAR),
                         0))
        r = elementary_redo_f32(slow, x, lower, upper, r);
    return r;
}

/* The same where the result may be a subnormal that is not exact: both ends of the interval are
 * rounded. */
__attribute__((noinline, cold, unused)) static vf32
elementary_redo_ends_f32(float (*slow)(float), vf32 x, vi32 undecided, vf32 r) {
    for (int i = 0; i < VF32; i++)
        if (undecided[i])
            r[i] = slow(x[i]);
    return r;
}

static inline vf32 elementary_finish_ends_f32(float (*slow)(float), vf32 x, vf64 lower,
                                              vf64 upper) {
    vf32 r = vf64_narrow(lower * (1 + 0x1p-45), upper * (1 + 0x1p-45));
    const vf32 other = vf64_narrow(lower * (1 - 0x1p-45), upper * (1 - 0x1p-45));
    const vi32 undecided = (other < r) | (r < other);
    if (__builtin_expect(vi32_any(undecided), 0))
        r = elementary_redo_ends_f32(slow, x, undecided, r);
    return r;
}

/* ROUNDER + k is rounded to the integer k, which is then in the low bits. */
#define ELEMENTARY_F32_ROUNDER 0x1.8p52

/* table[k mod 16] */
static inline vf64 elementary_lookup_16(const double *table, vi64 k) {
#if VEC_BYTES == 64
    return (vf64)_mm512_permutex2var_pd(_mm512_loadu_pd(table), (__m512i)k,
                                        _mm512_loadu_pd(table + 8));
#else
    return vf64_lookup(table, k & 15);
#endif
}

/* 2^(-k/16) from ROUNDER + k. */
static inline vf64 elementary_sixteenths(vf64 rounded) {
    const vi64 k = (vi64)rounded;
    return (vf64)((vi64)elementary_lookup_16(power_sixteenth, k) - ((k >> 4) << 52));
}

/* tanh(x) with relative error at most 2^-45, for x that are floats.
 *
 * As in elementary/f64.h, tanh(c + d) = ((1 - p) + (1 + p) tanh(d)) / ((1 + p) + (1 - p) tanh(d)),
 * p = exp(-2 c). Error: tanh(d)/d = 1 + d^2 (c3 + c5 d^2), with the next term of the series,
 * c7 d^4, c7 = -17/315, replaced by its best linear approximation in d^2 on [0, Y],
 * Y = (log(2)/64)^2: |c7| Y^2/8 Y < 2^-46.3. d: k log(2)/32 is off by less than k 2^-59, and
 * rounded by u d. All else: 8 roundings, < 2^-50. Sum: < 2^-46.1. */
static inline __attribute__((always_inline)) void elementary_tanh_halves(vf64 *r, const vf64 *x,
                                                                         const int n_vectors) {
    enum { N = 2 * ELEMENTARY_MOST };
    vf64 a[N], rounded[N], k[N], d[N], power[N];
    /* a = k log(2)/32 + d, |d| <= log(2)/64 */
    EACH a[q] = vf64_at_most(vf64_abs(x[q]), 10.0);
    EACH rounded[q] = vf64_fma(a[q], vf64_of(STEP_INVERSE / 8), vf64_of(ELEMENTARY_F32_ROUNDER));
    EACH k[q] = rounded[q] - ELEMENTARY_F32_ROUNDER;
    EACH d[q] = vf64_fma(k[q], vf64_of(-0x1.62e42fefa39efp-6), a[q]);
    EACH power[q] = elementary_sixteenths(rounded[q]);

    vf64 d2[N], p[N], t[N];
    EACH d2[q] = d[q] * d[q];
    EACH p[q] = vf64_fma(d2[q], vf64_of(0x1.110dbf6b15feep-3), vf64_of(-0x1.55555553bd1e0p-2));
    EACH t[q] = vf64_fma(d[q] * d2[q], p[q], d[q]);

    vf64 plus[N], minus[N], y[N];
    EACH plus[q] = 1.0 + power[q];
    EACH minus[q] = 1.0 - power[q];
    EACH y[q] = vf64_fma(plus[q], t[q], minus[q]) / vf64_fma(minus[q], t[q], plus[q]);
    EACH r[q] = (vf64)((vi64)y[q] | ((vi64)x[q] & INT64_MIN));
}

/* r[i] = tanh(x[i]) for n_vectors vectors, at most ELEMENTARY_MOST; r and x do not overlap. */
static inline __attribute__((always_inline)) void elementary_tanh_all_f32(vf32 *r, const vf32 *x,
                                                                          const int n_vectors) {
    vf64 wide[2 * ELEMENTARY_MOST], y[2 * ELEMENTARY_MOST];
    EACH {
        wide[2 * q] = vf32_widen(x[q], 0);
        wide[2 * q + 1] = vf32_widen(x[q], 1);
    }
    elementary_tanh_halves(y, wide, 2 * n_vectors);
    bool undecided = false;
    EACH {
        r[q] = vf64_narrow(y[2 * q], y[2 * q + 1]);
        undecided |= vi64_any_clear(elementary_from_near(y[2 * q]), ELEMENTARY_F32_FAR) ||
                     vi64_any_clear(elementary_from_near(y[2 * q + 1]), ELEMENTARY_F32_FAR);
    }
    if (__builtin_expect(undecided, 0))
        EACH r[q] = elementary_redo_f32(bf_tanh_f32_slow, x[q], y[2 * q], y[2 * q + 1], r[q]);
}

/* tanh(x) */
static inline vf32 elementary_tanh_f32(vf32 x) {
    vf32 r;
    elementary_tanh_all_f32(&r, &x, 1);
    return r;
}

/* exp(x) with relative error at most 2^-45, for x that are floats. Error: r^7/5040 < 2^-50.9;
 * the last fma, power and p < 2^-51. */
static inline vf64 elementary_exp_half(vf64 x) {
    const vf64 a = vf64_at_least(vf64_at_most(x, 90.0), -105.0);

    /* a = -k log(2)/16 + r, |r| <= log(2)/32 */
    const vf64 rounded = vf64_fma(a, vf64_of(-STEP_INVERSE / 16), vf64_of(ELEMENTARY_F32_ROUNDER));
    const vf64 k = rounded - ELEMENTARY_F32_ROUNDER;
    const vf64 r = vf64_fma(k, vf64_of(16 * STEP_LOWER), vf64_fma(k, vf64_of(16 * STEP_UPPER), a));
    vf64 p = vf64_fma(r, vf64_of(1.0 / 720), vf64_of(1.0 / 120));
    p = vf64_fma(p, r, vf64_of(1.0 / 24));
    p = vf64_fma(p, r, vf64_of(1.0 / 6));
    p = vf64_fma(p, r, vf64_of(0.5));
    p = vf64_fma(p, r, vf64_of(1.0));
    p = p * r;
    const vf64 power = elementary_sixteenths(rounded);
    return vf64_fma(p, power, power);
}

/* exp(x) */
static inline vf32 elementary_exp_f32(vf32 x) {
    return elementary_finish_ends_f32(bf_exp_f32_slow, x, elementary_exp_half(vf32_widen(x, 0)),
                                      elementary_exp_half(vf32_widen(x, 1)));
}

/* log(x) with relative error at most 2^-45, for x that are floats. Error: always |r| <= 2^-5; r is
 * exact. For m in the interval of 1, where c = 0 and the result is about r: r^9/10 < 2^-48.3, and
 * 3 roundings. Else |log(x)| > 0.0155 and |r| < 0.0313: log(1 + r) is off by less than
 * r^10/10 + 2 u r, c by u c: < 2^-47. */
static inline vf64 elementary_log_half(vf64 x) {
    const vi64 ordinary = (x > 0.0) & (x < (double)INFINITY);

    /* x = 2^e m, with m in interval number i */
    const vi64 start = (vi64)vf64_of(1.0) - ((INT64_C(19) << 48) / 2);
    const vi64 from_start = vi64_minus((vi64)x, start);
    const vi64 i = from_start >> 48;
    const vf64 m = (vf64)vi64_minus((vi64)x, from_start & -(INT64_C(1) << 52));
    const vf64 e =
        (vf64)((from_start >> 52) + (vi64)vf64_of(ELEMENTARY_F32_ROUNDER)) - ELEMENTARY_F32_ROUNDER;

    const vf64 r = vf64_fma(m, elementary_lookup_16(log_inverse_16, i), vf64_of(-1.0));
    vf64 p = vf64_fma(r, vf64_of(1.0 / 9), vf64_of(-1.0 / 8));
    p = vf64_fma(p, r, vf64_of(1.0 / 7));
    p = vf64_fma(p, r, vf64_of(-1.0 / 6));
    p = vf64_fma(p, r, vf64_of(1.0 / 5));
    p = vf64_fma(p, r, vf64_of(-1.0 / 4));
    p = vf64_fma(p, r, vf64_of(1.0 / 3));
    p = vf64_fma(p, r, vf64_of(-0.5));
    const vf64 c = vf64_fma(e, vf64_of(0x1.62e42fefa39efp-1), elementary_lookup_16(log_16, i));
    const vf64 y = vf64_fma(p, r * r, r) + c;
    const vf64 special = vf64_select(x == 0.0, vf64_of(-(double)INFINITY),
                                     vf64_select(x < 0.0, vf64_of((double)NAN), x));
    return vf64_select(ordinary, y, special);
}

/* log(x) */
static inline vf32 elementary_log_f32(vf32 x) {
    return elementary_finish_f32(bf_log_f32_slow, x, elementary_log_half(vf32_widen(x, 0)),
                                 elementary_log_half(vf32_widen(x, 1)));
}

/* erf(x) with relative error at most 2^-45, for x that are floats. Error: the next term of the
 * series, d^5 H_5(r)/720 < 2^-47 of erf(x) for r > 0, 0 for r = 0, when the one after it is below
 * 2^-53; 6 roundings. */
static inline vf64 elementary_erf_half(vf64 x) {
    const vi64 sign = (vi64)x & INT64_MIN;
    const vf64 a = vf64_at_most(vf64_abs(x), 5.0);

    /* a = r + d, r = i/128, |d| <= 1/256 */
    const vf64 rounded = a + ELEMENTARY_F32_ROUNDER / 128;
    const vf64 r = rounded - ELEMENTARY_F32_ROUNDER / 128;
    const vf64 d = a - r;
    vi64 i = (vi64)rounded & 1023; /* of NaN any entry will do */
    i = i & (i <= 640);

    /* As in elementary_erf_f64. */
    const vf64 r2 = r + r;
    const vf64 h2 = vf64_fma(r2, r2, vf64_of(-2.0));
    const vf64 h3 = vf64_fma(r2, h2, r2 * -4.0);
    const vf64 h4 = vf64_fma(r2, h3, h2 * -6.0);
    vf64 p = vf64_fma(d * (1.0 / 120), h4, h3 * (-1.0 / 24));
    p = vf64_fma(p, d, h2 * (1.0 / 6));
    p = vf64_fma(p, d, -r);
    p = vf64_fma(p, d, vf64_of(1.0));
    const vf64 slope = vf64_lookup(erf_slope_upper, i) * d;
    const vf64 y = vf64_fma(slope, p, vf64_lookup(erf_upper, i));
    return (vf64)((vi64)y | sign);
}

/* erf(x) */
static inline vf32 elementary_erf_f32(vf32 x) {
    return elementary_finish_ends_f32(bf_erf_f32_slow, x, elementary_erf_half(vf32_widen(x, 0)),
                                      elementary_erf_half(vf32_widen(x, 1)));
}

#undef EACH

#endif
