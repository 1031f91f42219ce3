/* SPDX-License-Identifier: MIT */
/* mpfr_exact.c - MPFR, every sum exact and rounded once: products of double precision are exact,
 * and mpfr_sum rounds their sum correctly. Shares no code with the exact sums of f32 and f64. */
#define ARITHMETIC mpfr_exact
#include "num/mpfr.h"

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    ctx_begin(ctx, a, longest);
    ctx->products = malloc(longest * sizeof *ctx->products);
    ctx->terms = malloc(longest * sizeof *ctx->terms);
    if (!ctx->products || !ctx->terms) {
        free(ctx->products);
        ctx->products = NULL;
        ctx_clear(ctx);
        return bf_no_memory(err);
    }
    for (size_t i = 0; i < longest; i++) {
        mpfr_init2(ctx->products[i], 2 * a->format.precision);
        ctx->terms[i] = ctx->products[i];
    }
    return BF_OK;
}

static inline format_range widest(void) {
    return (format_range){mpfr_get_emin_min(), mpfr_get_emax_max()};
}

/* The accumulator counts the products that the context holds. */
typedef size_t acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)r, (void)ctx;
    *s = 0;
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    bf_format_leave(widest()); /* a product may lie outside the format's range */
    mpfr_mul(ctx->products[(*s)++], a->x, b->x, MPFR_RNDN);
    bf_format_enter(&ctx->format);
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    bf_format_leave(widest());
    int ternary = mpfr_sum(r->x, ctx->terms, (unsigned long)*s, MPFR_RNDN);
    bf_format_enter(&ctx->format);
    ternary = mpfr_check_range(r->x, ternary, MPFR_RNDN);
    if (ternary == 0 && mpfr_zero_p(r->x)) /* an exact zero is +0, whatever its terms */
        mpfr_set_zero(r->x, 1);
    num_finish(r, ternary, ctx);
}

#include "num/sum/sum.h"
#include "net/train_tmpl.c"
