/* SPDX-License-Identifier: MIT */
/* half.h - bfloat16 (p = 8 bits) and binary16 (p = 11) in vectors of binary32, every operation
 * rounded once.
 *
 * An operation is computed in binary32, rounded there (to 24 bits), and rounded again. Rounding is
 * monotonic and the numbers halfway between two of the format are numbers of binary32. So:
 *
 *     the second rounding is wrong only if it starts from such a midpoint m, while the exact result
 *     x is not m but within half a unit in the last place of binary32 from it.
 *
 * That cannot happen to + - * / sqrt (S. Figueroa, When is double rounding innocuous?, SIGNUM
 * 30(3), 1995, for results that are normal numbers: 24 >= 2 p + 2). For subnormal results neither,
 * nor where binary32 is coarser than 24 bits: below 2^-126 it has the multiples of 2^-149, which
 * concerns bfloat16 only. With s the smallest positive number, 2^-133 or 2^-24, midpoints between
 * subnormal numbers are odd multiples of s/2.
 * - a + b, a - b are multiples of s, exact in binary32 below 2^24 s.
 * - a b is an integer of 2 p <= 24 bits times 2^k, exact in binary32 if k >= -149. If not, p = 8,
 *   and |a b| <= 255^2 2^-150 < (1 - 2^-8) 2^-134 is 0 after either rounding.
 * - a / b, with m = M 2^k, b = B 2^j, M < 2^(p+1), B < 2^p: if a != m b, either both are multiples
 *   of 2^(k+j), and |a/b - m| >= 2^k / B > 2^(k-p); or of the last place of a, and |a/b - m| is
 *   more than 2^-p a/b. Half a unit of binary32 is at most 2^-24 a/b, or 2^-150; and 2^k is more
 *   than 2^-(p+1) m, or it is s/2.
 * - sqrt(a) is never subnormal.
 *
 * It can happen to a function: then a midpoint is computed again by slow.c (a tanh, exp,
 * log or erf is never one, being 0, 1 or transcendental). And to a b + c: see half_fma.
 *
 * Overflow is like any other rounding: what would be the next number above the largest stands for
 * infinity, and a midpoint lies below it.
 */
#ifndef NUM_HALF_H
#define NUM_HALF_H

#include "num/elementary/f32.h"
#include "num/elementary/slow.h"
#include "num/formats.h"
#include "num/vec.h"

enum { BF16 = 8, F16 = 11 }; /* which of the two: its p */

/* ---- rounding ----------------------------------------------------------------------------- */

/* The bits of the power of two at or below |x|, taken to [2^-14, 2^16]: 2^10 times the distance of
 * binary16 numbers there. */
static inline vi32 f16_binade(vf32 x) {
    const vi32 least = (vi32)vf32_of(0x1p-14F), most = (vi32)vf32_of(0x1p16F);
    const vi32 e = (vi32)x & 0x7f800000;
#if VEC_BYTES == 64
    return (vi32)_mm512_min_epi32(_mm512_max_epi32((__m512i)e, (__m512i)least), (__m512i)most);
#elif VEC_BYTES == 32
    return (vi32)_mm256_min_epi32(_mm256_max_epi32((__m256i)e, (__m256i)least), (__m256i)most);
#else
    const vi32 low = e<least, high = e> most;
    return (low & least) | (high & most) | (~(low | high) & e);
#endif
}

/* x rounded to a multiple of that distance: 1.5 2^13 binade + x has it as the unit in its last
 * place. Not yet infinite from 2^16 on. */
static inline vf32 f16_on_grid(vf32 x, vi32 binade) {
    const vf32 shifter = (vf32)(binade + ((13 << 23) | (1 << 22)));
    const vf32 r = (x + shifter) - shifter;
    return (vf32)((vi32)r | ((vi32)x & INT32_MIN));
}

/* Infinite from 2^16 on. */
static inline vf32 f16_overflow(vf32 r) {
    return r * 0x1p112F * 0x1p-112F;
}

/* x rounded to nearest-even, into the format of p bits. */
static inline vf32 half_round(vf32 x, int p) {
    if (p == BF16) { /* the upper half of the bits; a carry into the exponent is right */
        const vu32 bits = (vu32)x;
        return (vf32)((bits + (bits >> 16 & 1) + 0x7fff) & 0xffff0000);
    }
#if VEC_BYTES == 64
    return (vf32)_mm512_cvtph_ps(
        _mm512_maskz_cvtps_ph(0xffff, (__m512)x, _MM_FROUND_TO_NEAREST_INT));
#else
    return f16_overflow(f16_on_grid(x, f16_binade(x)));
#endif
}

/* Where x is halfway between two numbers of the format. */
static inline vi32 half_midpoint(vf32 x, int p) {
    if (p == BF16)
        return (vi32)(((vi32)x & 0xffff) == 0x8000);
    const vi32 binade = f16_binade(x);
    const vf32 half_unit = (vf32)(binade - (11 << 23));
    return (vi32)(vf32_abs(x - f16_on_grid(x, binade)) == half_unit);
}

/* ---- operations ---------------------------------------------------------------------------- */

/* a b + c
 *
 * `sum` is rounded once to 24 bits. Made odd where it is inexact, it is no midpoint, and on the
 * same side of each as a b + c (S. Boldo, G. Melquiond, Emulation of FMA and correctly rounded
 * sums: proved algorithms using rounding to odd, IEEE TC 57(4), 2008). The error of product + c is
 * D. Knuth's (TAOCP 2, 4.2.2), exact if the product is exact and finite, as it is for p = 11. If
 * not, `error` may be anything where sum is neither zero nor an inexact midpoint: making an even
 * number odd does not take it across a midpoint.
 * - Product inexact: |a b| < (1 - 2^-8) 2^-134, as above. If c = 0, sum = product and error = 0.
 *   Else |c| >= 2^-133 and sum is not zero; midpoints are d >= 2^-134 from c and so more than
 *   2^-8 d from a b + c, when half a unit of binary32 is at most 2^-15 d.
 * - Product infinite: error is NaN, and sum is left as it is. If sum is finite, a b is a multiple
 *   of 2^113 and at least 2^128: either |c| >= 2^111, and sum is exact, or |sum| > 2^128 - 2^111
 *   is beyond the last midpoint. */
static inline vf32 half_fma(vf32 a, vf32 b, vf32 c, int p) {
    const vf32 sum = vf32_fma(a, b, c), product = a * b, c_seen = sum - product;
    const vf32 error = (product - (sum - c_seen)) + (c - c_seen);
    const vi32 inexact = (error < 0) | (error > 0);
    const vi32 odd = (vi32)((vu32)sum + (vu32)(((vi32)sum ^ (vi32)error) >> 31)) | 1;
    return half_round(vf32_select(inexact, (vf32)odd, sum), p);
}

typedef double half_slow(const bf_format *f, double x);

/* Elements of r that are midpoints are replaced by slow(x), which is rounded once. */
__attribute__((noinline, cold, unused)) static vf32 half_redo(half_slow *slow, vf32 x, vf32 r,
                                                              vi32 midpoint, int p) {
    r = half_round(r, p);
    for (int i = 0; i < VF32; i++)
        if (midpoint[i])
            r[i] = (float)slow(p == BF16 ? &format_bf16 : &format_f16, (double)x[i]);
    return r;
}

static inline vf32 half_finish(half_slow *slow, vf32 x, vf32 r, int p) {
    const vi32 midpoint = half_midpoint(r, p);
    if (__builtin_expect(vi32_any(midpoint), 0))
        return half_redo(slow, x, r, midpoint, p);
    return half_round(r, p);
}

#define HALF_FUNCTION(name)                                                     \
    static inline vf32 half_##name(vf32 x, int p) {                             \
        return half_finish(bf_##name##_slow, x, elementary_##name##_f32(x), p); \
    }
HALF_FUNCTION(exp)
HALF_FUNCTION(log)
HALF_FUNCTION(erf)
#undef HALF_FUNCTION

/* r[i] = tanh(x[i]) for n_vectors vectors, as elementary_tanh_all_f32. */
static inline __attribute__((always_inline)) void half_tanh_all(vf32 *r, const vf32 *x,
                                                                const int n_vectors, int p) {
    elementary_tanh_all_f32(r, x, n_vectors);
    for (int q = 0; q < n_vectors; q++)
        r[q] = half_finish(bf_tanh_slow, x[q], r[q], p);
}

/* ---- encodings ----------------------------------------------------------------------------- */

/* The exponent fields of binary16 begin at 2^-15, those of binary32 at 2^-127. */
#define F16_REBIAS (UINT32_C(112) << 23)

/* The number of an IEEE encoding of 16 bits. Exact in any floating-point environment. */
static inline float half_decode(uint16_t w, int p) {
    const uint32_t rest = w & 0x7fff;
    uint32_t bits = rest << (p == BF16 ? 16 : 13);
    float x;
    if (p == F16 && rest < 0x0400) { /* subnormal */
        x = (float)rest * 0x1p-24F;
        memcpy(&bits, &x, sizeof bits);
    } else if (p == F16) {
        bits += rest < 0x7c00 ? F16_REBIAS : 2 * F16_REBIAS;
    }
    bits |= (uint32_t)(w & 0x8000) << 16;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The encoding of a number of the format. */
static inline uint16_t half_encode(float x, int p) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000, rest = bits & INT32_MAX;
    if (p == BF16)
        return (uint16_t)(bits >> 16);
    if (rest >= UINT32_C(0x7f800000))
        return (uint16_t)(sign | (rest - 2 * F16_REBIAS) >> 13);
    if (fabsf(x) >= 0x1p-14F)
        return (uint16_t)(sign | (rest - F16_REBIAS) >> 13);
    return (uint16_t)(sign | (uint32_t)(fabsf(x) * 0x1p24F));
}

#endif
