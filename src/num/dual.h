/* SPDX-License-Identifier: MIT */
/* dual.h - dual numbers over the arithmetic of lanes.h: a value x, and a tangent d that every
 * operation carries along by the chain rule (forward-mode differentiation; A. Griewank, A. Walther,
 * Evaluating Derivatives, 2008, chapter 3).
 *
 * Values are computed by the very operations of lanes.h, sums in index order: they have the bits of
 * that arithmetic. Tangents are rounded at every operation and promise none. What is put in has the
 * tangent zero, what is taken out is the value; a value alone decides whether it is beyond a bound.
 *
 * From here on `num` and its operations are those of dual numbers (contract: contract.h).
 */
#ifndef NUM_DUAL_H
#define NUM_DUAL_H

#include "num/lanes.h"

typedef struct dual {
    num x, d;
} dual;

static inline dual *dual_alloc(size_t n, num_ctx *ctx) {
    return (dual *)num_alloc(2 * n, ctx);
}

static inline void dual_free(dual *p, size_t n) {
    num_free((num *)p, 2 * n);
}

static inline void dual_add(dual *r, const dual *a, const dual *b, num_ctx *ctx) {
    num_add(&r->d, &a->d, &b->d, ctx);
    num_add(&r->x, &a->x, &b->x, ctx);
}

static inline void dual_sub(dual *r, const dual *a, const dual *b, num_ctx *ctx) {
    num_sub(&r->d, &a->d, &b->d, ctx);
    num_sub(&r->x, &a->x, &b->x, ctx);
}

static inline void dual_mul(dual *r, const dual *a, const dual *b, num_ctx *ctx) {
    LANEWISE(&r->d, VEC(fma)(a->d.v[q], b->x.v[q], a->x.v[q] * b->d.v[q]));
    num_mul(&r->x, &a->x, &b->x, ctx);
}

static inline void dual_div(dual *r, const dual *a, const dual *b, num_ctx *ctx) {
    num y;
    num_div(&y, &a->x, &b->x, ctx);
    LANEWISE(&r->d, VEC(fma)(-y.v[q], b->d.v[q], a->d.v[q]) / b->x.v[q]);
    r->x = y;
}

static inline void dual_fma(dual *r, const dual *a, const dual *b, const dual *c, num_ctx *ctx) {
    LANEWISE(&r->d, VEC(fma)(a->d.v[q], b->x.v[q], VEC(fma)(a->x.v[q], b->d.v[q], c->d.v[q])));
    num_fma(&r->x, &a->x, &b->x, &c->x, ctx);
}

static inline void dual_fnma(dual *r, const dual *a, const dual *b, const dual *c, num_ctx *ctx) {
    LANEWISE(&r->d, VEC(fma)(-a->d.v[q], b->x.v[q], VEC(fma)(-a->x.v[q], b->d.v[q], c->d.v[q])));
    num_fnma(&r->x, &a->x, &b->x, &c->x, ctx);
}

static inline void dual_neg(dual *r, const dual *a, num_ctx *ctx) {
    num_neg(&r->d, &a->d, ctx);
    num_neg(&r->x, &a->x, ctx);
}

/* The tangent of |x| at 0 is that of x. */
static inline void dual_abs(dual *r, const dual *a, num_ctx *ctx) {
    LANEWISE(&r->d, VEC(select)((ivec)(a->x.v[q] < 0), -a->d.v[q], a->d.v[q]));
    num_abs(&r->x, &a->x, ctx);
}

static inline void dual_copy(dual *r, const dual *a, num_ctx *ctx) {
    (void)ctx;
    *r = *a;
}

static inline void dual_choose(dual *r, const dual *a, const dual *b, const dual *c, const dual *d,
                               num_ctx *ctx) {
    const num x = a->x, y = b->x; /* r may be one of them */
    num_choose(&r->d, &x, &y, &c->d, &d->d, ctx);
    num_choose(&r->x, &x, &y, &c->x, &d->x, ctx);
}

static inline void dual_sqrt(dual *r, const dual *a, num_ctx *ctx) {
    num_sqrt(&r->x, &a->x, ctx);
    LANEWISE(&r->d, a->d.v[q] / (r->x.v[q] + r->x.v[q]));
}

/* 1 - tanh^2 is wrong by at most 3/2 units of 2^-53, which is little beside 1, not beside itself
 * where tanh is near 1. */
static inline void dual_tanh(dual *r, const dual *a, num_ctx *ctx) {
    num_tanh(&r->x, &a->x, ctx);
    LANEWISE(&r->d, a->d.v[q] * VEC(fma)(-r->x.v[q], r->x.v[q], VEC(of)(1)));
}

static inline void dual_tanh_pair(dual *r, const dual *a, num_ctx *ctx) {
    dual_tanh(&r[0], &a[0], ctx);
    dual_tanh(&r[1], &a[1], ctx);
}

static inline void dual_exp(dual *r, const dual *a, num_ctx *ctx) {
    num_exp(&r->x, &a->x, ctx);
    num_mul(&r->d, &a->d, &r->x, ctx);
}

static inline void dual_log(dual *r, const dual *a, num_ctx *ctx) {
    num_div(&r->d, &a->d, &a->x, ctx);
    num_log(&r->x, &a->x, ctx);
}

/* 2/sqrt(pi) exp(-x^2). */
static inline void dual_erf(dual *r, const dual *a, num_ctx *ctx) {
    num y;
    LANEWISE(&y, -(a->x.v[q] * a->x.v[q]));
    num_exp(&y, &y, ctx);
    LANEWISE(&r->d, a->d.v[q] * y.v[q] * (real)0x1.20dd750429b6dp+0);
    num_erf(&r->x, &a->x, ctx);
}

static inline void dual_put(dual *r, int lane, const uint8_t *bytes, num_ctx *ctx) {
    num_put(&r->x, lane, bytes, ctx);
    r->d.v[lane / V][lane % V] = 0;
}

static inline void dual_fill(dual *r, const uint8_t *bytes, num_ctx *ctx) {
    num_fill(&r->x, bytes, ctx);
    LANEWISE(&r->d, (vec){0});
}

static inline void dual_take(const dual *a, int lane, uint8_t *bytes, num_ctx *ctx) {
    num_take(&a->x, lane, bytes, ctx);
}

static inline bool dual_beyond(const dual *a, const dual *bound, uint8_t *beyond) {
    return num_beyond(&a->x, &bound->x, beyond);
}

#define num dual
#define num_alloc dual_alloc
#define num_free dual_free
#define num_add dual_add
#define num_sub dual_sub
#define num_mul dual_mul
#define num_div dual_div
#define num_fma dual_fma
#define num_fnma dual_fnma
#define num_neg dual_neg
#define num_abs dual_abs
#define num_copy dual_copy
#define num_choose dual_choose
#define num_sqrt dual_sqrt
#define num_tanh dual_tanh
#define num_tanh_pair dual_tanh_pair
#define num_exp dual_exp
#define num_log dual_log
#define num_erf dual_erf
#define num_put dual_put
#define num_fill dual_fill
#define num_take dual_take
#define num_beyond dual_beyond

typedef dual acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)r, (void)ctx;
    LANEWISE(&s->x, (vec){0});
    LANEWISE(&s->d, (vec){0});
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    num_fma(s, a, b, s, ctx);
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    (void)ctx;
    *r = *s;
}

#include "num/sum/sum.h"

#endif
