/* SPDX-License-Identifier: MIT */
/* verify.h - the contract, executed: under --enable-verify every function of contract.h is called
 * through a checked one of the same name, and a breach of a sentence marked [v] ends the program
 * with that sentence. The arithmetic itself is compiled as it is, and knows nothing of this. */
#ifndef NUM_VERIFY_H
#define NUM_VERIFY_H

#include "base/verify.h"

#include <fenv.h>
#include <stdlib.h>
#include <string.h>

typedef struct verified_ctx {
    num_ctx ctx;
    bf_format format;
    size_t longest;
    bool strict, entered;
    size_t temporaries;
    int rounding; /* of the thread, before ctx_enter */
    num *scratch; /* two numbers */
    struct {
        const num *p;
        size_t n;
    } * blocks; /* every array of num_alloc */
    size_t n_blocks;
} verified_ctx;

static inline void verify_inside(const verified_ctx *v, const char *function) {
    VERIFY(v->entered, function, "between ctx_enter and ctx_leave");
    VERIFY(ctx_holds(&v->ctx), function, "the thread is as ctx_enter made it");
}

/* Whether the format has r in every lane: whether it comes back from its encoding. (By operations
 * that no test's arithmetic changes.) */
static inline void verify_number(const num *r, verified_ctx *v, const char *function) {
    num *const there = &v->scratch[0], *const back = &v->scratch[1];
    uint8_t bytes[BF_MAX_BYTES], larger[LANES] = {0}, smaller[LANES] = {0};
    for (int lane = 0; lane < LANES; lane++) {
        num_take(r, lane, bytes, &v->ctx);
        num_put(back, lane, bytes, &v->ctx);
    }
    num_abs(there, r, &v->ctx);
    num_abs(back, back, &v->ctx);
    if (!num_beyond(there, back, larger) & !num_beyond(back, there, smaller))
        return;
    for (int lane = 0; lane < LANES; lane++) { /* a NaN is beyond everything */
        num_take(there, lane, bytes, &v->ctx);
        const double x = bf_to_double(&v->format, bytes);
        VERIFY(x != x || (!larger[lane] && !smaller[lane]), function,
               "the result is a number of the format");
    }
}

/* The numbers first ... last lie in one array; TEMPORARYs and others are not known, and pass. */
static inline void verify_array(const num *first, const num *last, const verified_ctx *v,
                                const char *function) {
    for (size_t i = 0; i < v->n_blocks; i++) {
        const num *p = v->blocks[i].p, *end = p + v->blocks[i].n;
        VERIFY((first >= p && first < end) == (last >= p && last < end), function,
               "each operand lies within one array");
    }
}

/* The first and last numbers of what a sum touches. */
typedef struct verified_extent {
    const num *first, *last;
} verified_extent;

static inline verified_extent extent_of(const num *p, int n, const size_t *counts,
                                        const ptrdiff_t *strides) {
    verified_extent e = {p, p};
    for (int i = 0; i < n; i++) {
        const ptrdiff_t reach = counts[i] > 1 ? (ptrdiff_t)(counts[i] - 1) * strides[i] : 0;
        if (reach < 0)
            e.first += reach;
        else
            e.last += reach;
    }
    return e;
}

static inline void verify_apart(verified_extent a, verified_extent b, const char *function) {
    VERIFY(a.last < b.first || b.last < a.first, function, "the result overlaps no operand");
}

static inline void verify_sums(verified_extent r, verified_extent a, verified_extent b,
                               size_t terms, const verified_ctx *v, const char *function) {
    verify_inside(v, function);
    VERIFY(terms <= v->longest, function, "no more terms than ctx_init was told");
    verify_array(r.first, r.last, v, function);
    verify_array(a.first, a.last, v, function);
    verify_array(b.first, b.last, v, function);
    verify_apart(r, a, function);
    verify_apart(r, b, function);
}

/* ---- context ------------------------------------------------------------------------------ */

static inline bf_status verified_ctx_init(verified_ctx *v, const bf_arithmetic *a, size_t longest,
                                          bf_error *err) {
    memset(v, 0, sizeof *v);
    v->format = a->format;
    v->longest = longest;
    const bf_status s = ctx_init(&v->ctx, a, longest, err);
    if (s == BF_OK)
        v->scratch = num_alloc(2, &v->ctx);
    VERIFY(s != BF_OK || v->scratch, "ctx_init", "enough memory to verify");
    return s;
}

static inline void verified_ctx_clear(verified_ctx *v) {
    VERIFY(!v->entered, "ctx_clear", "not between ctx_enter and ctx_leave");
    num_free(v->scratch, 2);
    free(v->blocks);
    ctx_clear(&v->ctx);
}

static inline void verified_ctx_enter(verified_ctx *v) {
    VERIFY(!v->entered, "ctx_enter", "not nested");
    v->rounding = fegetround();
    ctx_enter(&v->ctx);
    v->entered = true;
    verify_inside(v, "ctx_enter");
}

static inline void verified_ctx_leave(verified_ctx *v) {
    verify_inside(v, "ctx_leave");
    VERIFY(v->temporaries == 0, "ctx_leave", "no TEMPORARY outlives it");
    ctx_leave(&v->ctx);
    v->entered = false;
    VERIFY(fegetround() == v->rounding, "ctx_leave", "the thread rounds as before ctx_enter");
}

static inline void verified_ctx_step(verified_ctx *v, const uint64_t *runs, const uint64_t *steps) {
    verify_inside(v, "ctx_step");
    ctx_step(&v->ctx, runs, steps);
}

/* ---- numbers ------------------------------------------------------------------------------ */

static inline num *verified_num_alloc(size_t n, verified_ctx *v) {
    void *blocks = realloc(v->blocks, (v->n_blocks + 1) * sizeof *v->blocks);
    num *const p = num_alloc(n, &v->ctx);
    VERIFY(blocks, "num_alloc", "enough memory to verify");
    v->blocks = blocks;
    if (p) {
        v->blocks[v->n_blocks].p = p;
        v->blocks[v->n_blocks++].n = n;
    }
    return p;
}

static inline void verified_num_put(num *r, int lane, const uint8_t *bytes, verified_ctx *v) {
    VERIFY(lane >= 0 && lane < LANES, "num_put", "0 <= lane < LANES");
    num_put(r, lane, bytes, &v->ctx);
}

static inline void verified_num_take(const num *a, int lane, uint8_t *bytes, verified_ctx *v) {
    VERIFY(lane >= 0 && lane < LANES, "num_take", "0 <= lane < LANES");
    num_take(a, lane, bytes, &v->ctx);
}

static inline void verified_num_fill(num *r, const uint8_t *bytes, verified_ctx *v) {
    num_fill(r, bytes, &v->ctx);
}

static inline bool verified_num_beyond(const num *a, const num *bound, uint8_t *beyond) {
    uint8_t before[LANES];
    memcpy(before, beyond, LANES);
    const bool any = num_beyond(a, bound, beyond);
    bool written = false;
    for (int lane = 0; lane < LANES; lane++) {
        VERIFY(before[lane] <= 1 && beyond[lane] >= before[lane] && beyond[lane] <= 1, "num_beyond",
               "bytes are 0 or 1, and become 1 alone");
        written |= beyond[lane] != before[lane];
    }
    VERIFY(any || !written, "num_beyond", "it returns whether it was so in any lane");
    return any;
}

typedef struct verified_temporary {
    temporary inner;
    verified_ctx *ctx;
} verified_temporary;

static inline num *verified_temporary_take(verified_temporary *t, verified_ctx *v) {
    uint8_t nan[BF_MAX_BYTES];
    bf_error err;
    VERIFY(bf_number(&v->format, "nan", nan, &err) == BF_OK, "TEMPORARY", "a NaN to begin with");
    t->ctx = v;
    v->temporaries++;
    num *const r = temporary_take(&t->inner, &v->ctx);
    num_fill(r, nan, &v->ctx);
    return r;
}

static inline void verified_temporary_leave(verified_temporary *t) {
    t->ctx->temporaries--;
    temporary_leave(&t->inner);
}

/* ---- operations --------------------------------------------------------------------------- */

#define VERIFIED(name, parameters, ...)                 \
    static inline void verified_num_##name parameters { \
        verify_inside(v, "num_" #name);                 \
        num_##name(r, __VA_ARGS__, &v->ctx);            \
        verify_number(r, v, "num_" #name);              \
    }
#define UNARY_PARAMETERS (num * r, const num *a, verified_ctx *v)
#define BINARY_PARAMETERS (num * r, const num *a, const num *b, verified_ctx *v)
#define TERNARY_PARAMETERS (num * r, const num *a, const num *b, const num *c, verified_ctx *v)
#define QUATERNARY_PARAMETERS \
    (num * r, const num *a, const num *b, const num *c, const num *d, verified_ctx *v)
VERIFIED(copy, UNARY_PARAMETERS, a)
VERIFIED(neg, UNARY_PARAMETERS, a)
VERIFIED(abs, UNARY_PARAMETERS, a)
VERIFIED(sqrt, UNARY_PARAMETERS, a)
VERIFIED(tanh, UNARY_PARAMETERS, a)
VERIFIED(exp, UNARY_PARAMETERS, a)
VERIFIED(log, UNARY_PARAMETERS, a)
VERIFIED(erf, UNARY_PARAMETERS, a)
VERIFIED(add, BINARY_PARAMETERS, a, b)
VERIFIED(sub, BINARY_PARAMETERS, a, b)
VERIFIED(mul, BINARY_PARAMETERS, a, b)
VERIFIED(div, BINARY_PARAMETERS, a, b)
VERIFIED(fma, TERNARY_PARAMETERS, a, b, c)
VERIFIED(fnma, TERNARY_PARAMETERS, a, b, c)
VERIFIED(choose, QUATERNARY_PARAMETERS, a, b, c, d)

/* ---- sums --------------------------------------------------------------------------------- */

static inline void verified_sum_products(num *r, size_t m, size_t n, size_t k, const num *a,
                                         size_t a_row, size_t a_k, const num *b, size_t b_k,
                                         size_t b_column, verified_ctx *v) {
    const char *const function = "sum_products";
    const verified_extent to = {r, r + m * n - 1};
    verify_sums(
        to, extent_of(a, 2, (size_t[]){m, k}, (ptrdiff_t[]){(ptrdiff_t)a_row, (ptrdiff_t)a_k}),
        extent_of(b, 2, (size_t[]){k, n}, (ptrdiff_t[]){(ptrdiff_t)b_k, (ptrdiff_t)b_column}), k, v,
        function);
    sum_products(r, m, n, k, a, a_row, a_k, b, b_k, b_column, &v->ctx);
    for (size_t i = 0; i < m * n; i++)
        verify_number(&r[i], v, function);
}

static inline void verified_sum_over(num *r, size_t r_row, size_t m, size_t n, const num *a,
                                     size_t a_row, const num *b, size_t b_column,
                                     const sum_index *x, num *room, verified_ctx *v) {
    const char *const function = "sum_over";
    const size_t groups = x->groups ? x->groups : 1, terms = x->n[0] * x->n[1] * x->n[2];
    const verified_extent to = extent_of(r, 3, (size_t[]){groups, m, n},
                                         (ptrdiff_t[]){(ptrdiff_t)x->r_group, (ptrdiff_t)r_row, 1});
    const verified_extent from_a =
        extent_of(a, 4, (size_t[]){m, x->n[0], x->n[1], x->n[2]},
                  (ptrdiff_t[]){(ptrdiff_t)a_row, x->a[0], x->a[1], x->a[2]});
    const verified_extent from_b = extent_of(
        b, 5, (size_t[]){groups, n, x->n[0], x->n[1], x->n[2]},
        (ptrdiff_t[]){(ptrdiff_t)x->b_group, (ptrdiff_t)b_column, x->b[0], x->b[1], x->b[2]});
    verify_sums(to, from_a, from_b, terms, v, function);
    if (SUM_NEEDS_ROOM) {
        const verified_extent own = {room, room + (m + n) * terms + m * n - 1};
        verify_array(own.first, own.last, v, function);
        verify_apart(own, to, function);
        verify_apart(own, from_a, function);
        verify_apart(own, from_b, function);
    }
    sum_over(r, r_row, m, n, a, a_row, b, b_column, x, room, &v->ctx);
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                verify_number(&r[g * x->r_group + i * r_row + j], v, function);
}

#ifdef ONE_PASS
static inline void verified_num_tanh_pair(num *r, const num *a, verified_ctx *v) {
    verify_inside(v, "num_tanh_pair");
    num_tanh_pair(r, a, &v->ctx);
    verify_number(&r[0], v, "num_tanh_pair");
    verify_number(&r[1], v, "num_tanh_pair");
}

static inline void verified_acc_zero(acc *s, num *r, verified_ctx *v) {
    verify_inside(v, "acc_zero");
    acc_zero(s, r, &v->ctx);
}

static inline void verified_acc_addmul(acc *s, const num *a, const num *b, verified_ctx *v) {
    verify_inside(v, "acc_addmul");
    acc_addmul(s, a, b, &v->ctx);
}

static inline void verified_acc_round(num *r, const acc *s, verified_ctx *v) {
    verify_inside(v, "acc_round");
    acc_round(r, s, &v->ctx);
    verify_number(r, v, "acc_round");
}
#undef num_tanh_pair
#define num_tanh_pair verified_num_tanh_pair
#define acc_zero verified_acc_zero
#define acc_addmul verified_acc_addmul
#define acc_round verified_acc_round
#endif

/* From here on the names are those of the checked functions, also where they are an arithmetic's
 * over another (dual.h). */
#undef num_ctx
#define num_ctx verified_ctx
#undef temporary
#define temporary verified_temporary
#undef ctx_init
#define ctx_init verified_ctx_init
#undef ctx_clear
#define ctx_clear verified_ctx_clear
#undef ctx_enter
#define ctx_enter verified_ctx_enter
#undef ctx_leave
#define ctx_leave verified_ctx_leave
#undef ctx_step
#define ctx_step verified_ctx_step
#undef num_alloc
#define num_alloc verified_num_alloc
#undef num_put
#define num_put verified_num_put
#undef num_take
#define num_take verified_num_take
#undef num_fill
#define num_fill verified_num_fill
#undef num_beyond
#define num_beyond verified_num_beyond
#undef num_copy
#define num_copy verified_num_copy
#undef num_neg
#define num_neg verified_num_neg
#undef num_abs
#define num_abs verified_num_abs
#undef num_choose
#define num_choose verified_num_choose
#undef num_add
#define num_add verified_num_add
#undef num_sub
#define num_sub verified_num_sub
#undef num_mul
#define num_mul verified_num_mul
#undef num_div
#define num_div verified_num_div
#undef num_fma
#define num_fma verified_num_fma
#undef num_fnma
#define num_fnma verified_num_fnma
#undef num_sqrt
#define num_sqrt verified_num_sqrt
#undef num_tanh
#define num_tanh verified_num_tanh
#undef num_exp
#define num_exp verified_num_exp
#undef num_log
#define num_log verified_num_log
#undef num_erf
#define num_erf verified_num_erf
#undef sum_products
#define sum_products verified_sum_products
#undef sum_over
#define sum_over verified_sum_over
#undef temporary_take
#define temporary_take verified_temporary_take
#undef temporary_leave
#define temporary_leave verified_temporary_leave

#endif
