/* SPDX-License-Identifier: MIT */
/* scalar.h - binary32 or binary64 in an unspecified order: a CBLAS for sums, libm for functions,
 * one run at a time (contract: contract.h, except for the promise of bits). NUM_BITS selects the
 * format. */
#ifndef NUM_SCALAR_H
#define NUM_SCALAR_H

#include "num/sum/blas.h"
#include "base/bytes.h"

#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#if NUM_BITS == 64
typedef double real;
typedef uint64_t word;
#define LIBM(name) name
#define GEMM dgemm
#define DOT ddot
#define GET_WORD bytes_get64
#define PUT_WORD bytes_put64
#define QUIET_NAN UINT64_C(0x7ff8000000000000)
#else
typedef float real;
typedef uint32_t word;
#define LIBM(name) name##f
#define GEMM sgemm
#define DOT sdot
#define GET_WORD bytes_get32
#define PUT_WORD bytes_put32
#define QUIET_NAN UINT32_C(0x7fc00000)
#endif

enum { LANES = 1 };

typedef struct num {
    real x;
} num;

typedef struct num_ctx {
    blas blas;
    fenv_t found;
} num_ctx;

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    (void)longest;
    return bf_blas_open(&ctx->blas, a->library, err);
}

static inline void ctx_clear(num_ctx *ctx) {
    bf_blas_close(&ctx->blas);
}

/* What the library does to the floating-point environment stays here. */
static inline void ctx_enter(num_ctx *ctx) {
    fegetenv(&ctx->found);
}

static inline void ctx_leave(num_ctx *ctx) {
    fesetenv(&ctx->found);
}

static inline bool ctx_holds(const num_ctx *ctx) {
    (void)ctx;
    return true;
}

static inline void ctx_step(num_ctx *ctx, const uint64_t *runs, const uint64_t *steps) {
    (void)ctx, (void)runs, (void)steps;
}

static inline num *num_alloc(size_t n, num_ctx *ctx) {
    (void)ctx;
    return calloc(n, sizeof(num));
}

static inline void num_free(num *p, size_t n) {
    (void)n;
    free(p);
}

#define OPERATION(name, parameters, expression) \
    static inline void num_##name parameters {  \
        (void)ctx;                              \
        r->x = (expression);                    \
    }
#define UNARY (num * r, const num *a, num_ctx *ctx)
#define BINARY (num * r, const num *a, const num *b, num_ctx *ctx)
#define QUATERNARY (num * r, const num *a, const num *b, const num *c, const num *d, num_ctx *ctx)
#define TERNARY (num * r, const num *a, const num *b, const num *c, num_ctx *ctx)

OPERATION(add, BINARY, a->x + b->x)
OPERATION(sub, BINARY, a->x - b->x)
OPERATION(mul, BINARY, a->x * b->x)
OPERATION(div, BINARY, a->x / b->x)
OPERATION(fma, TERNARY, LIBM(fma)(a->x, b->x, c->x))
OPERATION(fnma, TERNARY, LIBM(fma)(-a->x, b->x, c->x))
OPERATION(neg, UNARY, -a->x)
OPERATION(abs, UNARY, LIBM(fabs)(a->x))
OPERATION(copy, UNARY, a->x)
OPERATION(choose, QUATERNARY, a->x > b->x ? c->x : d->x)
OPERATION(sqrt, UNARY, LIBM(sqrt)(a->x))
OPERATION(tanh, UNARY, LIBM(tanh)(a->x))
OPERATION(exp, UNARY, LIBM(exp)(a->x))
OPERATION(log, UNARY, LIBM(log)(a->x))
OPERATION(erf, UNARY, LIBM(erf)(a->x))

static inline void num_put(num *r, int lane, const uint8_t *bytes, num_ctx *ctx) {
    (void)lane, (void)ctx;
    const word w = GET_WORD(bytes);
    memcpy(&r->x, &w, sizeof w);
}

static inline void num_fill(num *r, const uint8_t *bytes, num_ctx *ctx) {
    num_put(r, 0, bytes, ctx);
}

static inline void num_take(const num *a, int lane, uint8_t *bytes, num_ctx *ctx) {
    (void)lane, (void)ctx;
    word w;
    memcpy(&w, &a->x, sizeof w);
    if (isnan(a->x))
        w = QUIET_NAN;
    PUT_WORD(bytes, w);
}

static inline bool num_beyond(const num *a, const num *bound, uint8_t *beyond) {
    if (LIBM(fabs)(a->x) <= bound->x)
        return false;
    *beyond = 1;
    return true;
}

/* A matrix product as the frameworks ask for it; a single sum is a dot product. */
static inline void sum_products(num *r, size_t m, size_t n, size_t k, const num *a, size_t a_row,
                                size_t a_k, const num *b, size_t b_k, size_t b_column,
                                num_ctx *ctx) {
    enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };
    if (m == 1 && n == 1) {
        r->x = ctx->blas.DOT((int)k, &a->x, (int)a_k, &b->x, (int)b_k);
        return;
    }
    /* One of each matrix's strides is 1; the other is its leading dimension, which BLAS wants at
     * least as large as a row. */
    const bool ta = a_k != 1, tb = b_column != 1;
    const size_t lda = ta ? a_k : a_row, ldb = tb ? b_column : b_k;
    const size_t least_a = ta ? m : k, least_b = tb ? k : n;
    ctx->blas.GEMM(ROW_MAJOR, ta ? TRANSPOSED : AS_IS, tb ? TRANSPOSED : AS_IS, (int)m, (int)n,
                   (int)k, 1, &a->x, (int)(lda > least_a ? lda : least_a), &b->x,
                   (int)(ldb > least_b ? ldb : least_b), 0, &r->x, (int)n);
}

#include "num/sum/gather.h"

#endif
