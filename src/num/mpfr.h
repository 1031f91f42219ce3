/* SPDX-License-Identifier: MIT */
/* mpfr.h - any format, one run at a time, by MPFR (contract: contract.h). Named formats have the
 * same bits as their implementations in vectors, of which this is independent. */
#ifndef NUM_MPFR_H
#define NUM_MPFR_H

#include "num/ball.h"
#include "num/format.h"

#include <stdlib.h>

enum { LANES = 1 };

typedef struct num {
    mpfr_t x;
} num;

/* Numbers kept ready for TEMPORARYs; one more is made when it is needed. */
enum { KEPT_TEMPORARIES = 8 };

typedef struct num_ctx {
    bf_format format;
    format_range saved;
    mpfr_t negated;
    num temporaries[KEPT_TEMPORARIES];
    size_t temporaries_taken;
    ball *ball;
    mpfr_t *products; /* of double precision, one for each term of the longest sum */
    mpfr_ptr *terms;  /* their addresses, as mpfr_sum takes them */
    size_t longest;
    bf_format wide; /* wide sums: format of the accumulator; else its precision is 0 */
    mpfr_t accumulator;
} num_ctx;

/* What all ways to sum need. */
static inline void ctx_begin(num_ctx *ctx, const bf_arithmetic *a, size_t longest) {
    *ctx = (num_ctx){.format = a->format, .longest = longest};
    mpfr_init2(ctx->negated, a->format.precision);
    for (int i = 0; i < KEPT_TEMPORARIES; i++)
        mpfr_init2(ctx->temporaries[i].x, a->format.precision);
    if (!a->format.ieee)
        ctx->ball = bf_ball_new();
}

static inline void ctx_clear(num_ctx *ctx) {
    bf_ball_free(ctx->ball);
    mpfr_clear(ctx->negated);
    for (int i = 0; i < KEPT_TEMPORARIES; i++)
        mpfr_clear(ctx->temporaries[i].x);
    for (size_t i = 0; ctx->products && i < ctx->longest; i++)
        mpfr_clear(ctx->products[i]);
    free(ctx->products);
    free(ctx->terms);
    if (ctx->wide.precision)
        mpfr_clear(ctx->accumulator);
}

static inline void ctx_enter(num_ctx *ctx) {
    ctx->saved = bf_format_enter(&ctx->format);
}

static inline void ctx_leave(num_ctx *ctx) {
    bf_format_leave(ctx->saved);
}

static inline bool ctx_holds(const num_ctx *ctx) {
    return mpfr_get_emin() == ctx->format.emin && mpfr_get_emax() == ctx->format.emax;
}

static inline void ctx_step(num_ctx *ctx, const uint64_t *runs, const uint64_t *steps) {
    (void)ctx, (void)runs, (void)steps;
}

static inline num *num_alloc(size_t n, num_ctx *ctx) {
    num *p = malloc(n * sizeof *p);
    for (size_t i = 0; p && i < n; i++) {
        mpfr_init2(p[i].x, ctx->format.precision);
        mpfr_set_zero(p[i].x, 1);
    }
    return p;
}

static inline void num_free(num *p, size_t n) {
    for (size_t i = 0; p && i < n; i++)
        mpfr_clear(p[i].x);
    free(p);
}

/* TEMPORARYs are taken and left as blocks are entered and left: a stack, and what does not fit on
 * it is made and freed by its block. */
#define HAS_TEMPORARIES
typedef struct temporary {
    num_ctx *ctx;
    num made;
} temporary;

static inline num *temporary_take(temporary *t, num_ctx *ctx) {
    t->ctx = ctx;
    if (ctx->temporaries_taken++ < KEPT_TEMPORARIES)
        return &ctx->temporaries[ctx->temporaries_taken - 1];
    mpfr_init2(t->made.x, ctx->format.precision);
    return &t->made;
}

static inline void temporary_leave(temporary *t) {
    if (--t->ctx->temporaries_taken >= KEPT_TEMPORARIES)
        mpfr_clear(t->made.x);
}

/* Infinities become NaN where the format has none. */
static inline void num_finish(num *r, int ternary, num_ctx *ctx) {
    format_finish(&ctx->format, r->x, ternary);
    if (!ctx->format.has_infinity && mpfr_inf_p(r->x))
        mpfr_set_nan(r->x);
}

#define ROUNDED(r, operation) num_finish(r, (operation), ctx)

static inline void num_add(num *r, const num *a, const num *b, num_ctx *ctx) {
    ROUNDED(r, mpfr_add(r->x, a->x, b->x, MPFR_RNDN));
}

static inline void num_sub(num *r, const num *a, const num *b, num_ctx *ctx) {
    ROUNDED(r, mpfr_sub(r->x, a->x, b->x, MPFR_RNDN));
}

static inline void num_mul(num *r, const num *a, const num *b, num_ctx *ctx) {
    ROUNDED(r, mpfr_mul(r->x, a->x, b->x, MPFR_RNDN));
}

static inline void num_div(num *r, const num *a, const num *b, num_ctx *ctx) {
    ROUNDED(r, mpfr_div(r->x, a->x, b->x, MPFR_RNDN));
}

static inline void num_fma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx) {
    ROUNDED(r, mpfr_fma(r->x, a->x, b->x, c->x, MPFR_RNDN));
}

static inline void num_fnma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx) {
    mpfr_neg(ctx->negated, a->x, MPFR_RNDN);
    ROUNDED(r, mpfr_fma(r->x, ctx->negated, b->x, c->x, MPFR_RNDN));
}

static inline void num_neg(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    mpfr_neg(r->x, a->x, MPFR_RNDN);
}

static inline void num_abs(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    mpfr_abs(r->x, a->x, MPFR_RNDN);
}

static inline void num_copy(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    mpfr_set(r->x, a->x, MPFR_RNDN);
}

static inline void num_choose(num *r, const num *a, const num *b, const num *c, const num *d,
                              num_ctx *ctx) {
    num_copy(r, mpfr_greater_p(a->x, b->x) ? c : d, ctx);
}

static inline void num_sqrt(num *r, const num *a, num_ctx *ctx) {
    ROUNDED(r, mpfr_sqrt(r->x, a->x, MPFR_RNDN));
}

/* By ball arithmetic where there is some: NULL for the IEEE formats (see ball.h). */
#define FUNCTION(name)                                                  \
    static inline void num_##name(num *r, const num *a, num_ctx *ctx) { \
        if (ctx->ball)                                                  \
            bf_ball_##name(ctx->ball, r->x, a->x);                      \
        else                                                            \
            ROUNDED(r, mpfr_##name(r->x, a->x, MPFR_RNDN));             \
    }
FUNCTION(tanh)
FUNCTION(exp)
FUNCTION(log)
FUNCTION(erf)

static inline void num_put(num *r, int lane, const uint8_t *bytes, num_ctx *ctx) {
    (void)lane;
    bf_format_decode(&ctx->format, bytes, r->x);
}

static inline void num_fill(num *r, const uint8_t *bytes, num_ctx *ctx) {
    num_put(r, 0, bytes, ctx);
}

static inline void num_take(const num *a, int lane, uint8_t *bytes, num_ctx *ctx) {
    (void)lane;
    bf_format_encode(&ctx->format, a->x, bytes);
}

static inline bool num_beyond(const num *a, const num *bound, uint8_t *beyond) {
    if (!mpfr_nan_p(a->x) && mpfr_cmpabs(a->x, bound->x) <= 0)
        return false;
    *beyond = 1;
    return true;
}

#endif
