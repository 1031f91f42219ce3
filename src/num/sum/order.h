/* SPDX-License-Identifier: MIT */
/* order.h - the context of an arithmetic that shuffles (contract: contract.h), and the order of its
 * next sum, in every lane. doc/numerics.md defines the orders. */
#ifndef NUM_ORDER_H
#define NUM_ORDER_H

#include "bitfate.h"
#include "num/environment.h"

#include <stdlib.h>

typedef struct num_ctx {
    environment found;
    uint64_t seed;
    uint64_t runs[LANES], keys[LANES], steps[LANES];
    uint32_t sum; /* number of the next one in the step */
    size_t longest;
    uint32_t *order; /* (LANES, longest): a permutation of 0, 1, ... in each lane */
} num_ctx;

static inline uint64_t order_key(const num_ctx *ctx, uint64_t run) {
    return bf_random(ctx->seed, BF_STREAM_SHUFFLE, run, 0, 0);
}

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    *ctx = (num_ctx){.seed = a->seed, .longest = longest};
    for (int lane = 0; lane < LANES; lane++)
        ctx->keys[lane] = order_key(ctx, 0);
    ctx->order = malloc(LANES * longest * sizeof *ctx->order);
    return ctx->order ? BF_OK : bf_no_memory(err);
}

static inline void ctx_clear(num_ctx *ctx) {
    free(ctx->order);
}

static inline void ctx_step(num_ctx *ctx, const uint64_t *runs, const uint64_t *steps) {
    for (int lane = 0; lane < LANES; lane++) {
        if (ctx->runs[lane] != runs[lane])
            ctx->keys[lane] = order_key(ctx, runs[lane]);
        ctx->runs[lane] = runs[lane];
        ctx->steps[lane] = steps[lane];
    }
    ctx->sum = 0;
}

/* The words of one lane's sum, one after the other. */
typedef struct order_words {
    uint32_t counter[4], key[2], block[4];
    unsigned taken; /* of the block */
} order_words;

/* Uniform in 0 ... n - 1: D. Lemire, Fast random integer generation in an interval, TOMACS 29(1),
 * 2019. */
static inline uint32_t order_below(order_words *w, uint32_t n) {
    for (;;) {
        if (w->taken == 4) {
            bf_philox(w->counter, w->key, w->block);
            w->counter[0]++;
            w->taken = 0;
        }
        const uint64_t product = (uint64_t)w->block[w->taken++] * n;
        const uint32_t low = (uint32_t)product;
        if (low >= n || low >= -n % n) /* the division is rare */
            return (uint32_t)(product >> 32);
    }
}

/* Fisher and Yates's shuffle, downwards (D. Knuth, TAOCP 2, 3.4.2, algorithm P). */
static inline void order_lane(num_ctx *ctx, int lane, uint32_t n) {
    uint32_t *order = ctx->order + (size_t)lane * ctx->longest;
    const uint64_t step = ctx->steps[lane], key = ctx->keys[lane];
    order_words w = {.counter = {0, ctx->sum, (uint32_t)step, (uint32_t)(step >> 32)},
                     .key = {(uint32_t)key, (uint32_t)(key >> 32)},
                     .taken = 4};
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        const uint32_t j = order_below(&w, i), last = order[i - 1];
        order[i - 1] = order[j];
        order[j] = last;
    }
}

/* Draw the order of the next sum, of n terms, in every lane. */
static inline void order_draw(num_ctx *ctx, size_t n) {
    for (int lane = 0; lane < LANES; lane++)
        order_lane(ctx, lane, (uint32_t)n);
    ctx->sum++;
}

#endif
