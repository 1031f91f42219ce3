/* SPDX-License-Identifier: MIT */
/* half_exact.h - the exact sum of products of bfloat16 or binary16 numbers, rounded once, in every
 * lane.
 *
 * The value is that of superacc.h; only the speed differs. A product is exact in binary64, and far
 * from its overflow and its subnormals. The error of every addition is known (D. Knuth, TAOCP 2,
 * 4.2.2): where all are zero, the sum of doubles is the exact sum, and is rounded once to p bits.
 * Products of 16 or 22 bits leave so much room that this is nearly always so; the other lanes go to
 * superacc.h.
 */
#ifndef NUM_HALF_EXACT_H
#define NUM_HALF_EXACT_H

#include "num/half.h"
#include "num/sum/superacc.h"

#include <stddef.h>

/* Doubles rounded to nearest-even to p bits, as in f16_on_grid: numbers of the format, or 2^128
 * (bfloat16) or 2^16 (binary16) and more, which stand for infinity. */
static inline vf64 half_on_grid_f64(vf64 x, int p) {
    const vi64 least = (vi64)vf64_of(p == BF16 ? 0x1p-126 : 0x1p-14);
    const vi64 most = (vi64)vf64_of(p == BF16 ? 0x1p128 : 0x1p16);
    const vi64 e = (vi64)x & (INT64_C(0x7ff) << 52);
    const vi64 low = e < least;
    const vi64 high = e > most;
    const vi64 binade = (low & least) | (high & most) | (~(low | high) & e);
    const vf64 shifter = (vf64)(binade + ((INT64_C(53) - p) << 52 | INT64_C(1) << 51));
    const vf64 r = (x + shifter) - shifter;
    return (vf64)((vi64)r | ((vi64)x & INT64_MIN));
}

/* Doubles rounded once into the format. */
static inline vf32 half_narrow(vf64 lower, vf64 upper, int p) {
    const vf32 r = vf64_narrow(half_on_grid_f64(lower, p), half_on_grid_f64(upper, p));
    return p == F16 ? f16_overflow(r) : r;
}

/* One lane by the long accumulator. */
static inline float half_exact_lane(const vf32 *a, size_t stride_a, const vf32 *b, size_t stride_b,
                                    size_t n, int lane, int p) {
    struct superacc acc;
    bf_superacc_zero(&acc);
    for (size_t k = 0; k < n; k++)
        bf_superacc_addmul_f32(&acc, a[k * stride_a][lane], b[k * stride_b][lane]);
    const double sum = bf_superacc_round_odd(&acc);
    return half_narrow(vf64_of(sum), vf64_of(sum), p)[0];
}

__attribute__((noinline, cold, unused)) static vf32 half_exact_again(const vf32 *a, size_t stride_a,
                                                                     const vf32 *b, size_t stride_b,
                                                                     size_t n, vf32 r,
                                                                     const vi64 lost[2], int p) {
    for (int i = 0; i < VF32; i++)
        if (lost[i / VF64][i % VF64] & INT64_MAX)
            r[i] = half_exact_lane(a, stride_a, b, stride_b, n, i, p);
    return r;
}

/* In each element: sum_{k<n} a[k stride_a] b[k stride_b], exactly, rounded once to nearest-even to
 * p bits. Strides count in vectors. The rules for zeros, infinities and NaN are those of
 * superacc.h: where a term is not finite, an error is NaN. */
static inline vf32 half_exact_dot(const vf32 *a, size_t stride_a, const vf32 *b, size_t stride_b,
                                  size_t n, int p) {
    vf64 sum[2] = {{0}, {0}};
    vi64 lost[2] = {{0}, {0}}; /* the bits of all errors */
    for (size_t k = 0; k < n; k++)
        for (int half = 0; half < 2; half++) {
            const vf64 h = vf32_widen(a[k * stride_a], half) * vf32_widen(b[k * stride_b], half);
            const vf64 was = sum[half];
            sum[half] = was + h;
            const vf64 seen = sum[half] - was;
            lost[half] |= (vi64)((was - (sum[half] - seen)) + (h - seen));
        }
    const vf32 r = half_narrow(sum[0], sum[1], p);
    if (__builtin_expect(vi64_any((lost[0] | lost[1]) & INT64_MAX), 0))
        return half_exact_again(a, stride_a, b, stride_b, n, r, lost, p);
    return r;
}

#endif
