/* SPDX-License-Identifier: MIT */
/* mpfr.c - MPFR, sums in index order. */
#define ARITHMETIC mpfr
#include "num/mpfr.h"

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    (void)err;
    ctx_begin(ctx, a, longest);
    return BF_OK;
}

/* The accumulator is the destination. */
typedef struct acc {
    num *at;
    bool any;
} acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)ctx;
    *s = (acc){.at = r};
    mpfr_set_zero(r->x, 1);
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    if (s->any) {
        num_fma(s->at, a, b, s->at, ctx);
        return;
    }
    num_mul(s->at, a, b,
            ctx); /* +0 + a b: except for the sign of a zero the product, and cheaper */
    if (mpfr_zero_p(s->at->x))
        mpfr_set_zero(s->at->x, 1);
    s->any = true;
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    (void)r, (void)s, (void)ctx;
}

#include "num/sum/sum.h"
#include "net/train_tmpl.c"
