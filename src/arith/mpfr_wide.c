/* SPDX-License-Identifier: MIT */
/* mpfr_wide.c - MPFR, sums in index order, accumulated in the wide format of the numbers' own. */
#define ARITHMETIC mpfr_wide
#include "num/mpfr.h"

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    (void)err;
    ctx_begin(ctx, a, longest);
    if (bf_format_find(&ctx->wide, a->format.wide))
        mpfr_init2(ctx->accumulator, ctx->wide.precision);
    return BF_OK;
}

/* The context holds the accumulator. */
typedef struct acc {
    char none;
} acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)s, (void)r;
    mpfr_set_zero(ctx->accumulator, 1);
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    (void)s;
    bf_format_enter(&ctx->wide);
    format_finish(&ctx->wide, ctx->accumulator,
                  mpfr_fma(ctx->accumulator, a->x, b->x, ctx->accumulator, MPFR_RNDN));
    bf_format_enter(&ctx->format);
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    (void)s;
    bf_format_enter(&ctx->wide);
    const int ternary = mpfr_set(r->x, ctx->accumulator, MPFR_RNDN);
    bf_format_enter(&ctx->format);
    num_finish(r, mpfr_check_range(r->x, ternary, MPFR_RNDN), ctx);
}

#include "num/sum/sum.h"
#include "net/train_tmpl.c"
