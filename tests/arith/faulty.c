/* SPDX-License-Identifier: MIT */
/* faulty.c - f64 with faults. */
#define ARITHMETIC faulty
#define NUM_BITS 64
#include "num/lanes.h"

#include "faulty.h"

#include <math.h>

static fault armed;
static uint64_t calls;

void faulty_arm(const fault *f) {
    armed = *f;
    calls = 0;
}

uint64_t faulty_calls(void) {
    return calls;
}

static double *lane_of(num *r) {
    return (double *)&r->v[armed.lane / V] + armed.lane % V;
}

static double next(double x) {
    return nextafter(x, armed.up ? INFINITY : -INFINITY);
}

static double flipped(double x) {
    return decode_word(encode_word(x) ^ (word)1 << armed.p);
}

/* An operation has given r. */
static void strike(num *r) {
    double *x = lane_of(r);
    if (armed.kind == FAULT_ULP && calls == armed.call)
        *x = next(*x);
    if (armed.kind == FAULT_BIT && calls == armed.call)
        *x = flipped(*x);
    calls++;
}

#define FAULTY(name, parameters, arguments)       \
    static inline void faulty_##name parameters { \
        num_##name arguments;                     \
        strike(r);                                \
    }
FAULTY(add, (num * r, const num *a, const num *b, num_ctx *ctx), (r, a, b, ctx))
FAULTY(sub, (num * r, const num *a, const num *b, num_ctx *ctx), (r, a, b, ctx))
FAULTY(mul, (num * r, const num *a, const num *b, num_ctx *ctx), (r, a, b, ctx))
FAULTY(div, (num * r, const num *a, const num *b, num_ctx *ctx), (r, a, b, ctx))
FAULTY(fnma, (num * r, const num *a, const num *b, const num *c, num_ctx *ctx), (r, a, b, c, ctx))
FAULTY(tanh, (num * r, const num *a, num_ctx *ctx), (r, a, ctx))

/* The operation of every update. */
static inline void faulty_fma(num *r, const num *a, const num *b, const num *c, num_ctx *ctx) {
    num before = *r;
    num_fma(r, a, b, c, ctx);
    if (armed.kind == FAULT_DROP && calls >= armed.call && calls < armed.end)
        *lane_of(r) = *lane_of(&before);
    strike(r);
}

/* The faulty lane's sum. */
static double faulty_sum(size_t k, const num *a, size_t a_k, const num *b, size_t b_k) {
    double sum = 0;
    for (size_t l = 0; l < k; l++) {
        const bool swap = armed.kind == FAULT_SWAP;
        const size_t t = swap && l == armed.p ? armed.q : swap && l == armed.q ? armed.p : l;
        num x = a[t * a_k], y = b[t * b_k];
        sum = fma(*lane_of(&x), *lane_of(&y), sum);
        if (armed.kind == FAULT_TERM && l == armed.p)
            sum = next(sum);
    }
    return sum;
}

static void sum_products(num *r, size_t m, size_t n, size_t k, const num *a, size_t a_row,
                         size_t a_k, const num *b, size_t b_k, size_t b_column, num_ctx *ctx) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++, r++) {
            const num *row = a + i * a_row, *column = b + j * b_column;
            LANEWISE(r, (vec){0});
            for (size_t l = 0; l < k; l++)
                num_fma(r, row + l * a_k, column + l * b_k, r, ctx);
            if ((armed.kind == FAULT_TERM || armed.kind == FAULT_SWAP) && calls == armed.call)
                *lane_of(r) = faulty_sum(k, row, a_k, column, b_k);
            strike(r);
        }
}

#include "num/sum/gather.h"

#define num_add faulty_add
#define num_sub faulty_sub
#define num_mul faulty_mul
#define num_div faulty_div
#define num_fma faulty_fma
#define num_fnma faulty_fnma
#define num_tanh faulty_tanh

#include "net/train_tmpl.c"

void faulty_arithmetic(bf_arithmetic *out) {
    *out = (bf_arithmetic){.name = "f64",
                           .format = bf_format_of(53),
                           .strict = true,
                           .kernel = TEXT(KERNEL),
                           .table = &OPS};
}
