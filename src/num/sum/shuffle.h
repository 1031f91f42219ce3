/* SPDX-License-Identifier: MIT */
/* shuffle.h - sums over lanes in a pseudo-random order, a new one for every sum in every lane
 * (order.h): acc = fma(a, b, acc), from +0. Goes with lanes.h under NUM_SHUFFLE. */
#ifndef NUM_SHUFFLE_H
#define NUM_SHUFFLE_H

/* In each lane, the l-th in the lane's order of the numbers from[0], from[stride], ... */
static inline void shuffle_take(num *r, const num *from, size_t stride, size_t l,
                                const num_ctx *ctx) {
    const uint32_t *order = ctx->order + l;
    for (int q = 0; q < NV; q++) {
        vec taken = {0};
        for (int i = 0; i < V; i++, order += ctx->longest)
            taken[i] = from[*order * stride].v[q][i];
        r->v[q] = taken;
    }
}

/* Not inline: it is long, and called from every layer. */
__attribute__((noinline)) static void sum_products(num *restrict r, size_t m, size_t n, size_t k,
                                                   const num *a, size_t a_row, size_t a_k,
                                                   const num *b, size_t b_k, size_t b_column,
                                                   num_ctx *ctx) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++, r++) {
            num s = {0}, x, y;
            order_draw(ctx, k);
            for (size_t l = 0; l < k; l++) {
                shuffle_take(&x, a + i * a_row, a_k, l, ctx);
                shuffle_take(&y, b + j * b_column, b_k, l, ctx);
                num_fma(&s, &x, &y, &s, ctx);
            }
            *r = s;
        }
}

#include "num/sum/gather.h"

#endif
