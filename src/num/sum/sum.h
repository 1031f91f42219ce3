/* SPDX-License-Identifier: MIT */
/* sum.h - sum_products (see contract.h) for every arithmetic with an accumulator that takes one
 * product at a time, in index order:
 *
 *   acc
 *   acc_zero (s, r, ctx)        s = +0; the sum will end in r, which s may use as its room
 *   acc_addmul (s, a, b, ctx)   s += a b
 *   acc_round (r, s, ctx)       r = s, rounded to the format
 */
#ifndef NUM_SUM_H
#define NUM_SUM_H

/* Not inline: it is long, and called from every layer. */
__attribute__((noinline)) static void sum_products(num *restrict r, size_t m, size_t n, size_t k,
                                                   const num *a, size_t a_row, size_t a_k,
                                                   const num *b, size_t b_k, size_t b_column,
                                                   num_ctx *ctx) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++, r++) {
            acc s;
            acc_zero(&s, r, ctx);
            for (size_t l = 0; l < k; l++)
                acc_addmul(&s, a + i * a_row + l * a_k, b + l * b_k + j * b_column, ctx);
            acc_round(r, &s, ctx);
        }
}

#include "num/sum/gather.h"

#endif
