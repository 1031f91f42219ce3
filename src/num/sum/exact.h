/* SPDX-License-Identifier: MIT */
/* exact.h - sum_products over lanes, every sum exact and rounded once. Goes with lanes.h. */
#ifndef NUM_EXACT_H
#define NUM_EXACT_H

#if defined NUM_NARROW
#include "num/sum/narrow_exact.h"
#define EXACT_DOT(...) narrow_exact_dot(__VA_ARGS__, NARROW)
#elif defined NUM_HALF
#include "num/sum/half_exact.h"
#define EXACT_DOT(...) half_exact_dot(__VA_ARGS__, NUM_HALF)
#elif NUM_BITS == 64
#include "num/sum/exact_f64.h"
#define EXACT_DOT exact_dot_f64
#else
#include "num/sum/exact_f32.h"
#define EXACT_DOT exact_dot_f32
#endif

/* Not inline: it is long, and called from every layer. */
__attribute__((noinline)) static void sum_products(num *r, size_t m, size_t n, size_t k,
                                                   const num *a, size_t a_row, size_t a_k,
                                                   const num *b, size_t b_k, size_t b_column,
                                                   num_ctx *ctx) {
    (void)ctx;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++, r++)
            LANEWISE(r,
                     EXACT_DOT(a[i * a_row].v + q, a_k * NV, b[j * b_column].v + q, b_k * NV, k));
}

#include "num/sum/gather.h"

#endif
