/* SPDX-License-Identifier: MIT */
/* narrow.h - any named format of p <= 24 bits within the range of binary32, in vectors of binary64,
 * every operation rounded once. For formats to which half.h, twice as fast, does not extend: it
 * needs products that are exact in binary32, which those of tf32 near 2^-149 are not.
 *
 * An operation is computed in binary64, rounded there (to 53 bits), and rounded again. As in half.h
 * the second rounding is wrong only if it starts from a midpoint m between two numbers of the
 * format, while the exact result is not m but within half a unit in the last place of binary64 from
 * it. With s the smallest positive number, s >= 2^-149; binary64 has its full 53 bits from 2^-1022
 * to 2^1024, where all results lie: the smallest are products of s s >= 2^-298, the largest
 * quotients of 2^128 / s <= 2^277.
 * - a b has 2 p <= 48 bits and is exact.
 * - a + b, a - b are multiples of s, exact below 2^53 s; above, results are normal numbers of the
 *   format, and 53 >= 2 p + 2 (S. Figueroa, SIGNUM 30(3), 1995). So is sqrt(a), never subnormal.
 * - a / b is more than 2^-p a/b, or 2^-(2p+1) m, from m (half.h has the argument): more than
 *   2^-49 - 2^-52 of it, and half a unit of binary64 is at most 2^-53 of it.
 * - a b + c: the product is exact, so that the sum is one of two doubles, whose error is known (D.
 *   Knuth, TAOCP 2, 4.2.2). Made odd where it is inexact, it is no midpoint, and on the same side
 *   of each as a b + c (S. Boldo, G. Melquiond, IEEE TC 57(4), 2008).
 * - tanh, exp, log, erf can be wrong so: then a midpoint is computed again by slow.c (a function's
 *   value is never one).
 *
 * Overflow is like any other rounding: what would be the next number above the largest stands for
 * infinity, or for NaN in a format that has none.
 */
#ifndef NUM_NARROW_H
#define NUM_NARROW_H

#include "num/elementary/f64.h"
#include "num/elementary/slow.h"
#include "num/formats.h"
#include "num/vec.h"

/* 2^e for a normal number, a constant to the compiler. */
static inline double narrow_power(long e) {
    const uint64_t bits = (uint64_t)(e + 1023) << 52;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- rounding ----------------------------------------------------------------------------- */

/* The bits of the power of two at or below |x|, not below the smallest normal number of p bits, not
 * above 2^emax. */
static inline vi64 narrow_binade(vf64 x, const bf_format *f) {
    const vi64 least = (vi64)vf64_of(narrow_power(f->emin + f->precision - 2));
    const vi64 most = (vi64)vf64_of(narrow_power(f->emax));
    const vi64 e = (vi64)x & (INT64_C(0x7ff) << 52);
    const vi64 low = e < least;
    const vi64 high = e > most;
    return (low & least) | (high & most) | (~(low | high) & e);
}

/* x rounded to nearest-even to a multiple of 2^(1-p) binade: 1.5 2^(53-p) binade + x has it as the
 * unit in its last place. Nothing overflows. */
static inline vf64 narrow_on_grid(vf64 x, vi64 binade, const bf_format *f) {
    const int64_t above = (INT64_C(53) - f->precision) << 52 | INT64_C(1) << 51;
    const vf64 shifter = (vf64)(binade + above);
    const vf64 r = (x + shifter) - shifter;
    return (vf64)((vi64)r | ((vi64)x & INT64_MIN));
}

/* x rounded to nearest-even, into the format. */
static inline vf64 narrow_round(vf64 x, const bf_format *f) {
    const double ulp = narrow_power(f->emax - f->precision);
    const double largest = narrow_power(f->emax) - (f->has_infinity ? ulp : 2 * ulp);
    const vf64 r = narrow_on_grid(x, narrow_binade(x, f), f);
    const vi64 sign = (vi64)r & INT64_MIN;
    const vi64 beyond =
        f->has_infinity ? (vi64)vf64_of((double)INFINITY) | sign : (vi64)vf64_of((double)NAN);
    return vf64_select((vi64)(vf64_abs(r) > largest), (vf64)beyond, r);
}

/* Where x is halfway between two numbers of the format. */
static inline vi64 narrow_midpoint(vf64 x, const bf_format *f) {
    const vi64 binade = narrow_binade(x, f);
    const vf64 half_unit = (vf64)(binade - ((int64_t)f->precision << 52));
    return (vi64)(vf64_abs(x - narrow_on_grid(x, binade, f)) == half_unit);
}

/* ---- operations --------------------------------------------------------------------------- */

/* a b + c, a and b of at most 24 bits, c and the result of the format, which may be binary64. */
static inline vf64 narrow_fma(vf64 a, vf64 b, vf64 c, const bf_format *f) {
    const vf64 product = a * b, sum = product + c;
    if (f->precision == 53)
        return sum;
    const vf64 c_seen = sum - product;
    const vf64 error = (product - (sum - c_seen)) + (c - c_seen);
    const vi64 inexact = (error < 0) | (error > 0);
    const vi64 odd = (vi64)((vu64)sum + (vu64)(((vi64)sum ^ (vi64)error) >> 63)) | 1;
    return narrow_round(vf64_select(inexact, (vf64)odd, sum), f);
}

typedef double narrow_slow(const bf_format *f, double x);

/* Elements of r that are midpoints are replaced by slow(x), which is rounded once. */
static inline vf64 narrow_finish(narrow_slow *slow, vf64 x, vf64 r, const bf_format *f) {
    const vi64 midpoint = narrow_midpoint(r, f);
    if (__builtin_expect(vi64_any(midpoint), 0))
        for (int i = 0; i < VF64; i++)
            if (midpoint[i])
                r[i] = slow(f, x[i]);
    return narrow_round(r, f);
}

#define NARROW_FUNCTION(name)                                                     \
    static inline vf64 narrow_##name(vf64 x, const bf_format *f) {                \
        return narrow_finish(bf_##name##_slow, x, elementary_##name##_f64(x), f); \
    }
NARROW_FUNCTION(exp)
NARROW_FUNCTION(log)
NARROW_FUNCTION(erf)
#undef NARROW_FUNCTION

/* r[i] = tanh(x[i]) for n_vectors vectors, as elementary_tanh_all_f64. */
static inline __attribute__((always_inline)) void
narrow_tanh_all(vf64 *r, const vf64 *x, const int n_vectors, const bf_format *f) {
    elementary_tanh_all_f64(r, x, n_vectors);
    for (int q = 0; q < n_vectors; q++)
        r[q] = narrow_finish(bf_tanh_slow, x[q], r[q], f);
}

/* ---- encodings ---------------------------------------------------------------------------- */

/* The encoding as an integer. */
static inline uint32_t narrow_get(const uint8_t *bytes, const bf_format *f) {
    uint32_t w = 0;
    for (size_t i = 0; i < f->bytes; i++)
        w |= (uint32_t)bytes[i] << (8 * i);
    return w;
}

static inline void narrow_put(uint8_t *bytes, uint32_t w, const bf_format *f) {
    for (size_t i = 0; i < f->bytes; i++)
        bytes[i] = (uint8_t)(w >> (8 * i));
}

/* Exact in any floating-point environment. */
static inline double narrow_decode(uint32_t w, const bf_format *f) {
    const int fraction_bits = f->precision - 1;
    const uint32_t sign = UINT32_C(1) << (8 * f->bytes - 1), place = (w & ~sign) >> f->spare;
    const uint32_t biased = place >> fraction_bits,
                   fraction = place & ((UINT32_C(1) << fraction_bits) - 1);
    double x;
    if (place >= format_beyond(f))
        x = place == format_beyond(f) && f->has_infinity ? (double)INFINITY : (double)NAN;
    else if (biased == 0)
        x = (double)fraction * narrow_power(f->emin - 1);
    else
        x = (double)(fraction | UINT32_C(1) << fraction_bits) *
            narrow_power(f->emin - 2 + (long)biased);
    return w & sign ? -x : x;
}

/* The encoding of a number of the format. */
static inline uint32_t narrow_encode(double x, const bf_format *f) {
    const int fraction_bits = f->precision - 1;
    uint64_t bits, place;
    memcpy(&bits, &x, sizeof bits);
    const uint64_t sign = bits >> 63 << (8 * f->bytes - 1);
    const uint64_t field = bits >> 52 & 0x7ff; /* of binary64; the smallest normal number's: */
    const uint64_t least = (uint64_t)(f->emin + f->precision - 2 + 1023);
    if (x != x)
        return (uint32_t)(format_nan(f) << f->spare);
    if (field == 0x7ff)
        place = format_beyond(f);
    else if (field >= least)
        place = (field - least + 1) << fraction_bits |
                (bits >> (52 - fraction_bits) & ((UINT64_C(1) << fraction_bits) - 1));
    else
        place = (uint64_t)(fabs(x) * narrow_power(1 - f->emin));
    return (uint32_t)(place << f->spare | sign);
}

#endif
