/* SPDX-License-Identifier: MIT */
/* seq.h - sums over lanes in index order: acc = fma(a, b, acc), from +0. */
#ifndef NUM_SEQ_H
#define NUM_SEQ_H

typedef num acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)r, (void)ctx;
    LANEWISE(s, (vec){0});
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    num_fma(s, a, b, s, ctx);
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    (void)ctx;
    *r = *s;
}

#include "num/sum.h"

#endif
