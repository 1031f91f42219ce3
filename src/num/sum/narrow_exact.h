/* SPDX-License-Identifier: MIT */
/* narrow_exact.h - the exact sum of products of numbers of narrow.h, rounded once, in every lane:
 * as half_exact.h, with numbers that are doubles already. */
#ifndef NUM_NARROW_EXACT_H
#define NUM_NARROW_EXACT_H

#include "num/narrow.h"
#include "num/sum/superacc.h"

#include <stddef.h>

/* In each element: sum_{k<n} a[k stride_a] b[k stride_b], exactly, rounded once to nearest-even.
 * Strides count in vectors. The rules for zeros, infinities and NaN are those of superacc.h. Where
 * all errors are zero, the sum of doubles is the exact sum; a term that is not finite makes one
 * NaN.
 */
static inline vf64 narrow_exact_dot(const vf64 *a, size_t stride_a, const vf64 *b, size_t stride_b,
                                    size_t n, const bf_format *f) {
    vf64 sum = {0};
    vi64 lost = {0}; /* the bits of all errors */
    for (size_t k = 0; k < n; k++) {
        const vf64 h = a[k * stride_a] * b[k * stride_b], was = sum;
        sum = was + h;
        const vf64 seen = sum - was;
        lost |= (vi64)((was - (sum - seen)) + (h - seen));
    }
    for (int i = 0; i < VF64; i++)
        if (__builtin_expect(lost[i] & INT64_MAX, 0)) {
            struct superacc acc;
            bf_superacc_zero(&acc);
            for (size_t k = 0; k < n; k++)
                bf_superacc_addmul_f64(&acc, a[k * stride_a][i], b[k * stride_b][i]);
            sum[i] = bf_superacc_round_odd(&acc);
        }
    return narrow_round(sum, f);
}

#endif
