/* SPDX-License-Identifier: MIT */
/* mpfr.c - MPFR, sums in index order. */
#define ARITHMETIC mpfr
#include "num/mpfr.h"

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    (void)err;
    *ctx = (num_ctx){.format = a->format, .longest = longest};
    mpfr_init2(ctx->t, a->format.precision);
    return BF_OK;
}

/* The accumulator is the destination. */
typedef num *acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)ctx;
    *s = r;
    mpfr_set_zero(r->x, 1);
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    num_fma(*s, a, b, *s, ctx);
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    (void)r, (void)s, (void)ctx;
}

#include "num/sum.h"
#include "net/train_tmpl.c"
