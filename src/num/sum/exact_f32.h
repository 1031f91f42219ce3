/* SPDX-License-Identifier: MIT */
/* exact_f32.h - the exact sum of products of binary32 numbers, rounded once, in every lane.
 *
 * The value is that of superacc.h; only the speed differs. A product of two floats is exact in a
 * double, and sums of them neither overflow nor underflow there. A sum is tried in three ways, each
 * of which either proves its result or passes the lane on:
 *   1. exact_dot_f32: a plain sum of doubles with a bound on its error; the bound decides whether
 *      the rounding to float is known. Fails on random data with a probability of the order of
 *      n^2 2^-28 times the condition number.
 *   2. exact_levels_f32: two exact levels (see exact_f64.h), which hold about 100 bits. Decides
 *      exact ties and cancellation.
 *   3. superacc.h, lane by lane.
 * Notation as in exact_f64.h.
 */
#ifndef NUM_EXACT_F32_H
#define NUM_EXACT_F32_H

#include "num/sum/exact_f64.h"
#include "num/sum/superacc.h"
#include "num/vec.h"

#include <stddef.h>

/* One bit per element: x and y differ in any bit, a zero's sign included. */
static inline unsigned exact_bits_differ(vf32 x, vf32 y) {
#if VEC_BYTES == 64
    return _mm512_cmpneq_epi32_mask((__m512i)x, (__m512i)y);
#elif VEC_BYTES == 32
    const __m256i same = _mm256_cmpeq_epi32((__m256i)x, (__m256i)y);
    return (unsigned)~_mm256_movemask_ps((__m256)same) & ((1U << VF32) - 1);
#else
    unsigned bits = 0;
    for (int i = 0; i < VF32; i++)
        bits |= (unsigned)(((vi32)x)[i] != ((vi32)y)[i]) << i;
    return bits;
#endif
}

/* One bit per element. */
static inline unsigned exact_is_nan(vf32 x) {
#if VEC_BYTES == 64
    return _mm512_cmp_ps_mask((__m512)x, (__m512)x, _CMP_UNORD_Q);
#elif VEC_BYTES == 32
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)x, (__m256)x, _CMP_UNORD_Q));
#else
    unsigned bits = 0;
    for (int i = 0; i < VF32; i++)
        bits |= (unsigned)(x[i] != x[i]) << i;
    return bits;
#endif
}

/* The mask of such bits. */
static inline vi32 exact_lanes_f32(unsigned bits) {
    vi32 bit;
    for (int i = 0; i < VF32; i++)
        bit[i] = 1 << i;
    return (vi32)((bit & (int32_t)bits) != 0);
}

/* Half of the elements, n products whose magnitudes are at most m. The elements in
 * which *upper and *lower, rounded to float, have the same bits are decided.
 *
 * Level 0 takes the n products, level 1 what it leaves, at most ulp(sigma0)/2 each: the absolute
 * sum of their parts is below n ulp(sigma0) <= 2^c 2^-52 sigma0, and sigma1 = 2^(c-50) sigma0 is
 * four times that. What level 1 leaves is ORed: if nothing, t0 + t1 is the exact sum, and rounding
 * it to odd before rounding to float is rounding once (Boldo and Melquiond 2008: 53 >= 24 + 2
 * bits; the double is far from its own subnormals). Otherwise at most n ulp(sigma1)/2 is left;
 * bound also covers |low| <= u |high| and the rounding of high + bound, high - bound. */
static inline void exact_levels_f32(const vf32 *a, size_t stride_a, const vf32 *b, size_t stride_b,
                                    size_t n, int half, vf64 m, vf64 *upper, vf64 *lower) {
    const int64_t c = exact_log2(n);
    const vf64 sigma0 = exact_sigma(m, c),
               sigma1 = (vf64)vi64_plus((vi64)sigma0, vi64_of((c - 50) * (INT64_C(1) << 52)));
    const vf64 start0 = exact_level_start(sigma0), start1 = exact_level_start(sigma1);
    vf64 s0 = start0, s1 = start1;
    vi64 left = {0};
    for (size_t k = 0; k < n; k++) {
        const vf64 h = vf32_widen(a[k * stride_a], half) * vf32_widen(b[k * stride_b], half);
        left |= (vi64)exact_deposit(&s1, exact_deposit(&s0, h));
    }
    const vi64 exact = (left & INT64_MAX) == 0;
    const vf64 t0 = s0 - start0, t1 = s1 - start1;
    const vf64 odd = exact_odd_sum(t0, t1), high = t0 + t1;
    const vf64 bound = (double)n * 0x1p-52 * sigma1 + 0x1p-50 * vf64_abs(high);
    *upper = vf64_select(exact, odd, high + bound);
    *lower = vf64_select(exact, odd, high - bound);
}

/* What way 1 could not decide: the elements `open` of r. sum[half], m[half]: what it had there. */
EXACT_SLOW static vf32 exact_rest_f32(const vf32 *a, size_t stride_a, const vf32 *b,
                                      size_t stride_b, size_t n, vf32 r, const vf64 *sum,
                                      const vf64 *m, unsigned open) {
    if (n <= EXACT_MAX_TERMS) {
        vf64 upper[2], lower[2];
        for (int half = 0; half < 2; half++) {
            exact_levels_f32(a, stride_a, b, stride_b, n, half,
                             exact_max_abs(vf64_of(0x1p-400), m[half]), &upper[half], &lower[half]);
            /* Finite terms cannot overflow here: what is not finite is IEEE's own result. */
            const vi64 finite = (vi64)(vf64_abs(sum[half]) < INFINITY);
            const vf64 special = exact_canonical(sum[half]);
            upper[half] = vf64_select(finite, upper[half], special);
            lower[half] = vf64_select(finite, lower[half], special);
        }
        const vf32 by_levels = vf64_narrow(upper[0], upper[1]);
        const unsigned undecided = exact_bits_differ(by_levels, vf64_narrow(lower[0], lower[1]));
        r = vf32_select(exact_lanes_f32(open & ~undecided), by_levels, r);
        open &= undecided;
    }
    for (int i = 0; i < VF32; i++)
        if (open >> i & 1) {
            struct superacc acc;
            bf_superacc_zero(&acc);
            for (size_t k = 0; k < n; k++)
                bf_superacc_addmul_f32(&acc, a[k * stride_a][i], b[k * stride_b][i]);
            r[i] = bf_superacc_round_f32(&acc);
        }
    return r;
}

/* In each element: sum_{k<n} a[k stride_a] b[k stride_b], exactly, rounded once to nearest-even.
 * Strides count in vectors. The rules for zeros, infinities and NaN are those of superacc.h.
 *
 * Way 1. Each addition but the first of a sum s of n products of at most m each is wrong by at most
 * u |s| <= u n m (1 + n u): together (n - 1) n u m (1 + n u). Adding and subtracting the bound is
 * wrong by at most u (n m + bound) (1 + n u). bound = (n^2 + n) u m is more than both, for 2 <= n
 * <= 2^20. Rounding is monotone: when s - bound and s + bound round to the same float, so does the
 * sum. The bits are compared, since -0 and +0 would be different results. Only products that all
 * are zero give bound 0, and then s is +0. An infinity makes s - bound or s + bound NaN or of
 * another sign; a NaN is left to be made canonical. */
static inline vf32 exact_dot_f32(const vf32 *a, size_t stride_a, const vf32 *b, size_t stride_b,
                                 size_t n) {
    if (n == 1) { /* + 0 turns a zero product, which is exact, into +0 */
        const vf64 h0 = vf32_widen(*a, 0) * vf32_widen(*b, 0) + 0.0,
                   h1 = vf32_widen(*a, 1) * vf32_widen(*b, 1) + 0.0;
        return vf64_narrow(exact_canonical(h0), exact_canonical(h1));
    }
    if (n == 0)
        return vf32_of(0);
    if (n > EXACT_MAX_TERMS)
        return exact_rest_f32(a, stride_a, b, stride_b, n, vf32_of(0), NULL, NULL,
                              (1U << VF32) - 1);

    vf64 s0 = vf64_of(0), s1 = s0, m0 = s0, m1 = s0;
    for (size_t k = 0; k < n; k++) {
        const vf32 *x = &a[k * stride_a], *y = &b[k * stride_b];
        const vf64 h0 = vf32_widen(*x, 0) * vf32_widen(*y, 0),
                   h1 = vf32_widen(*x, 1) * vf32_widen(*y, 1);
        s0 += h0;
        s1 += h1;
        m0 = exact_max_abs(m0, h0);
        m1 = exact_max_abs(m1, h1);
    }
    const double factor = ((double)n * (double)n + (double)n) * 0x1p-53;
    const vf64 bound0 = factor * m0, bound1 = factor * m1;
    const vf32 upper = vf64_narrow(s0 + bound0, s1 + bound1),
               lower = vf64_narrow(s0 - bound0, s1 - bound1);
    const unsigned open = exact_bits_differ(upper, lower) | exact_is_nan(upper);
    if (__builtin_expect(open != 0, 0))
        return exact_rest_f32(a, stride_a, b, stride_b, n, upper, (const vf64[]){s0, s1},
                              (const vf64[]){m0, m1}, open);
    return upper;
}

#endif
