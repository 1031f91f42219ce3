/* SPDX-License-Identifier: MIT */
/* lanes.h - binary64, binary32 or narrower formats over lanes: `num`, and its operations (contract:
 * contract.h). The including file says which format: NUM_BITS, 64 or 32; or NUM_HALF, BF16 or F16
 * (half.h); or NUM_NARROW, the name of a format (narrow.h). NUM_WIDE names the one in which wide.h
 * accumulates. */
#ifndef NUM_LANES_H
#define NUM_LANES_H

#include "bitfate.h"
#include "base/bytes.h"
#include "num/environment.h"
#include "num/vec.h"

#include <stdlib.h>

#if defined NUM_NARROW
#include "num/narrow.h"
typedef double real;
typedef uint32_t word;
typedef vf64 vec;
typedef vi64 ivec;
enum { V = VF64 };
#define NARROW_NAMED(name) (&format_##name)
#define NARROW_OF(name) NARROW_NAMED(name)
#define NARROW NARROW_OF(NUM_NARROW)
#define VEC(name) vf64_##name
#define FMA(a, b, c) narrow_fma(a, b, c, NARROW)
#define WIDE_FMA(a, b, c) narrow_fma(a, b, c, NARROW_OF(NUM_WIDE))
#define ROUND(x) narrow_round(x, NARROW)
#define ELEMENTARY(name, x) narrow_##name(x, NARROW)
#define TANH_ALL(r, x, n_vectors) narrow_tanh_all(r, x, n_vectors, NARROW)
#define GET_WORD(bytes) narrow_get(bytes, NARROW)
#define PUT_WORD(bytes, w) narrow_put(bytes, w, NARROW)
#define QUIET_NAN narrow_encode((double)NAN, NARROW)
#elif defined NUM_HALF
#include "num/half.h"
typedef float real;
typedef uint16_t word;
typedef vf32 vec;
typedef vi32 ivec;
enum { V = VF32 };
#define VEC(name) vf32_##name
#define FMA(a, b, c) half_fma(a, b, c, NUM_HALF)
#define WIDE_FMA vf32_fma
#define ROUND(x) half_round(x, NUM_HALF)
#define ELEMENTARY(name, x) half_##name(x, NUM_HALF)
#define TANH_ALL(r, x, n_vectors) half_tanh_all(r, x, n_vectors, NUM_HALF)
#define GET_WORD bytes_get16
#define PUT_WORD bytes_put16
#define QUIET_NAN (NUM_HALF == BF16 ? 0x7fc0 : 0x7e00)
#elif NUM_BITS == 64
#include "num/elementary/f64.h"
typedef double real;
typedef uint64_t word;
typedef vf64 vec;
typedef vi64 ivec;
enum { V = VF64 };
#define VEC(name) vf64_##name
#define FMA vf64_fma
#define ROUND(x) (x)
#define ELEMENTARY(name, x) elementary_##name##_f64(x)
#define TANH_ALL elementary_tanh_all_f64
#define GET_WORD bytes_get64
#define PUT_WORD bytes_put64
#define QUIET_NAN UINT64_C(0x7ff8000000000000)
#else
#include "num/elementary/f32.h"
typedef float real;
typedef uint32_t word;
typedef vf32 vec;
typedef vi32 ivec;
enum { V = VF32 };
#define VEC(name) vf32_##name
#define FMA vf32_fma
#define ROUND(x) (x)
#define ELEMENTARY(name, x) elementary_##name##_f32(x)
#define TANH_ALL elementary_tanh_all_f32
#define GET_WORD bytes_get32
#define PUT_WORD bytes_put32
#define QUIET_NAN UINT32_C(0x7fc00000)
#endif

#if defined NUM_NARROW
static inline real decode_word(word w) {
    return narrow_decode(w, NARROW);
}

static inline word encode_word(real x) {
    return narrow_encode(x, NARROW);
}
#elif defined NUM_HALF
static inline real decode_word(word w) {
    return half_decode(w, NUM_HALF);
}

static inline word encode_word(real x) {
    return half_encode(x, NUM_HALF);
}
#else
static inline real decode_word(word w) {
    real x;
    memcpy(&x, &w, sizeof x);
    return x;
}

static inline word encode_word(real x) {
    word w;
    memcpy(&w, &x, sizeof w);
    return w;
}
#endif

/* Vectors in flight, to hide the latency of an operation. */
enum { NV = 2, LANES = NV * V };

typedef struct num {
    vec v[NV];
} num;

#ifdef NUM_SHUFFLE
#include "num/sum/order.h"
#else
typedef struct num_ctx {
    environment found;
} num_ctx;

static inline bf_status ctx_init(num_ctx *ctx, const bf_arithmetic *a, size_t longest,
                                 bf_error *err) {
    (void)ctx, (void)a, (void)longest, (void)err;
    return BF_OK;
}

static inline void ctx_clear(num_ctx *ctx) {
    (void)ctx;
}

static inline void ctx_step(num_ctx *ctx, const uint64_t *runs, const uint64_t *steps) {
    (void)ctx, (void)runs, (void)steps;
}
#endif

static inline void ctx_enter(num_ctx *ctx) {
    ctx->found = environment_enter();
}

static inline void ctx_leave(num_ctx *ctx) {
    environment_leave(ctx->found);
}

static inline bool ctx_holds(const num_ctx *ctx) {
    (void)ctx;
    return environment_is_default();
}

static inline num *num_alloc(size_t n, num_ctx *ctx) {
    (void)ctx;
    num *p = aligned_alloc(_Alignof(num), n * sizeof *p);
    if (p)
        memset(p, 0, n * sizeof *p);
    return p;
}

static inline void num_free(num *p, size_t n) {
    (void)n;
    free(p);
}

/* r->v[q] = expression, for every vector q of a num. */
#define LANEWISE(r, expression)       \
    do {                              \
        for (int q = 0; q < NV; q++)  \
            (r)->v[q] = (expression); \
    } while (0)

static inline void num_add(num *r, const num *a, const num *b, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ROUND(a->v[q] + b->v[q]));
}

static inline void num_sub(num *r, const num *a, const num *b, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ROUND(a->v[q] - b->v[q]));
}

static inline void num_mul(num *r, const num *a, const num *b, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ROUND(a->v[q] * b->v[q]));
}

static inline void num_div(num *r, const num *a, const num *b, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ROUND(a->v[q] / b->v[q]));
}

static inline void num_fma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, FMA(a->v[q], b->v[q], c->v[q]));
}

static inline void num_fnma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, FMA(-a->v[q], b->v[q], c->v[q]));
}

static inline void num_neg(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, -a->v[q]);
}

static inline void num_abs(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, VEC(abs)(a->v[q]));
}

static inline void num_copy(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    *r = *a;
}

static inline void num_choose(num *r, const num *a, const num *b, const num *c, const num *d,
                              num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, VEC(select)((ivec)(a->v[q] > b->v[q]), c->v[q], d->v[q]));
}

static inline void num_sqrt(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ROUND(VEC(sqrt)(a->v[q])));
}

static inline void num_tanh(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    const num x = *a;
    TANH_ALL(r->v, x.v, NV);
}

/* r[0], r[1] = tanh(a[0]), tanh(a[1]): the latencies of the two overlap. */
static inline void num_tanh_pair(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    vec x[2 * NV], y[2 * NV];
    for (int q = 0; q < NV; q++) {
        x[q] = a[0].v[q];
        x[NV + q] = a[1].v[q];
    }
    TANH_ALL(y, x, 2 * NV);
    for (int q = 0; q < NV; q++) {
        r[0].v[q] = y[q];
        r[1].v[q] = y[NV + q];
    }
}

static inline void num_exp(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ELEMENTARY(exp, a->v[q]));
}

static inline void num_log(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ELEMENTARY(log, a->v[q]));
}

static inline void num_erf(num *r, const num *a, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(r, ELEMENTARY(erf, a->v[q]));
}

static inline void num_put(num *r, int lane, const uint8_t *bytes, num_ctx *ctx) {
    (void)ctx;
    r->v[lane / V][lane % V] = decode_word(GET_WORD(bytes));
}

/* The same number in every lane. */
static inline void num_fill(num *r, const uint8_t *bytes, num_ctx *ctx) {
    (void)ctx;
    const real x = decode_word(GET_WORD(bytes));
    LANEWISE(r, VEC(of)(x));
}

static inline void num_take(const num *a, int lane, uint8_t *bytes, num_ctx *ctx) {
    (void)ctx;
    const real x = a->v[lane / V][lane % V];
    PUT_WORD(bytes, x != x ? QUIET_NAN : encode_word(x));
}

static inline bool num_beyond(const num *a, const num *bound, uint8_t *beyond) {
    bool any = false;
    for (int q = 0; q < NV; q++) {
        ivec out = ~(ivec)(VEC(abs)(a->v[q]) <= bound->v[q]);
        if (vi64_any((vi64)out)) {
            any = true;
            for (int i = 0; i < V; i++)
                beyond[q * V + i] |= out[i] != 0;
        }
    }
    return any;
}

#endif
