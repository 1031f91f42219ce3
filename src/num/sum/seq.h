/* SPDX-License-Identifier: MIT */
/* seq.h - sums over lanes in index order: acc = fma(a, b, acc), from +0. Goes with lanes.h.
 *
 * A block of sums stays in registers while the index runs, so that a factor that was loaded enters
 * several. Where the two inner indices run long, sums are put down after each turn of the outer
 * one, so that what a turn reads stays in the cache: the order within each sum is the same. */
#ifndef NUM_SEQ_H
#define NUM_SEQ_H

#include "num/sum/index.h"

/* wide.h has its own: what a term is added with, and what becomes of a sum in the end. */
#ifndef SEQ_FMA
#define SEQ_FMA FMA
#endif

typedef num acc;

static inline void acc_zero(acc *s, num *r, num_ctx *ctx) {
    (void)r, (void)ctx;
    LANEWISE(s, (vec){0});
}

static inline void acc_addmul(acc *s, const num *a, const num *b, num_ctx *ctx) {
    (void)ctx;
    LANEWISE(s, SEQ_FMA(a->v[q], b->v[q], s->v[q]));
}

static inline void acc_round(num *r, const acc *s, num_ctx *ctx) {
    (void)ctx;
#ifdef SEQ_ROUND
    LANEWISE(r, SEQ_ROUND(s->v[q]));
#else
    *r = *s;
#endif
}

enum { SUM_NEEDS_ROOM = 0 };

/* Sums in a block: rows and columns at most, as registers allow (32 vectors, or 16). The fma
 * of a narrower format takes many registers of its own. */
#if defined NUM_HALF || defined NUM_NARROW
enum { SEQ_ROWS = 2, SEQ_COLUMNS = 1 };
#elif VEC_BYTES == 64
enum { SEQ_ROWS = 4, SEQ_COLUMNS = 4 };
#else
enum { SEQ_ROWS = 4, SEQ_COLUMNS = 2 };
#endif
/* Terms after which sums are put down: from so many on, if a turn has at least so many. */
enum { SEQ_LONG = 256, SEQ_TURN = 16 };

/* Where the sums of a matrix lie, in vectors. */
typedef struct seq_sums {
    vec *r;
    const vec *a, *b;
    size_t r_row, a_row, b_column;
    size_t n[2]; /* the two inner indices */
    ptrdiff_t a_step[2], b_step[2];
    bool go_on; /* from what r holds, else from +0 */
} seq_sums;

/* Rows i to i + m - 1, columns j to j + n - 1. */
static inline __attribute__((always_inline)) void seq_block(const seq_sums *s, size_t i, size_t j,
                                                            const int m, const int n) {
    vec sum[SEQ_ROWS][SEQ_COLUMNS];
    vec *r = s->r + i * s->r_row + j * NV;
    const vec *a = s->a + i * s->a_row, *b = s->b + j * s->b_column;
    for (int x = 0; x < m; x++)
        for (int y = 0; y < n; y++)
            sum[x][y] = s->go_on ? r[(size_t)x * s->r_row + (size_t)y * NV] : (vec){0};
    for (size_t outer = 0; outer < s->n[0]; outer++) {
        const vec *p = a, *q = b;
        for (size_t inner = 0; inner < s->n[1]; inner++) {
            vec column[SEQ_COLUMNS];
            for (int y = 0; y < n; y++)
                column[y] = q[(size_t)y * s->b_column];
            for (int x = 0; x < m; x++) {
                const vec row = p[(size_t)x * s->a_row];
                for (int y = 0; y < n; y++)
                    sum[x][y] = SEQ_FMA(row, column[y], sum[x][y]);
            }
            p += s->a_step[1];
            q += s->b_step[1];
        }
        a += s->a_step[0];
        b += s->b_step[0];
    }
    for (int x = 0; x < m; x++)
        for (int y = 0; y < n; y++)
            r[(size_t)x * s->r_row + (size_t)y * NV] = sum[x][y];
}

/* As many columns from j on as a block takes. */
static inline __attribute__((always_inline)) size_t
seq_columns(const seq_sums *s, size_t i, size_t j, size_t left, const int m) {
    if (SEQ_COLUMNS >= 4 && left >= 4) {
        seq_block(s, i, j, m, SEQ_COLUMNS >= 4 ? 4 : 1);
        return 4;
    }
    if (SEQ_COLUMNS >= 2 && left >= 2) {
        seq_block(s, i, j, m, SEQ_COLUMNS >= 2 ? 2 : 1);
        return 2;
    }
    seq_block(s, i, j, m, 1);
    return 1;
}

static void seq_matrix(seq_sums *s, size_t m, size_t n) {
    seq_sums at = *s;
    for (int q = 0; q < NV; q++, at.r++, at.a++, at.b++)
        for (size_t j = 0, columns; j < n; j += columns) {
            size_t i = 0;
            columns = 1;
            for (; SEQ_ROWS >= 4 && i + 4 <= m; i += 4)
                columns = seq_columns(&at, i, j, n - j, SEQ_ROWS >= 4 ? 4 : 1);
            for (; i + 2 <= m; i += 2)
                columns = seq_columns(&at, i, j, n - j, 2);
            for (; i < m; i++)
                columns = seq_columns(&at, i, j, n - j, 1);
        }
}

static inline void sum_over(num *r, size_t r_row, size_t m, size_t n, const num *a, size_t a_row,
                            const num *b, size_t b_column, const sum_index *index, num *room,
                            num_ctx *ctx) {
    (void)room;
    (void)ctx;
    const size_t *k = index->n, groups = index->groups ? index->groups : 1;
    /* A turn: l2 alone, else l1 and l2. */
    const bool inner = k[1] * k[2] >= SEQ_LONG && k[2] >= SEQ_TURN;
    seq_sums s = {.r_row = r_row * NV, .a_row = a_row * NV, .b_column = b_column * NV};
    s.n[0] = inner ? 1 : k[1];
    s.n[1] = k[2];
    for (int d = 0; d < 2; d++) {
        s.a_step[d] = index->a[1 + d] * NV;
        s.b_step[d] = index->b[1 + d] * NV;
    }
    for (size_t i = 0; i < k[0]; i++)
        for (size_t j = 0; j < (inner ? k[1] : 1); j++) {
            for (size_t g = 0; g < groups; g++) {
                s.r = r[g * index->r_group].v;
                s.a = (a + (ptrdiff_t)i * index->a[0] + (ptrdiff_t)j * index->a[1])->v;
                s.b = (b + g * index->b_group + (ptrdiff_t)i * index->b[0] +
                       (ptrdiff_t)j * index->b[1])
                          ->v;
                seq_matrix(&s, m, n);
            }
            s.go_on = true;
        }
#ifdef SEQ_ROUND
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                num *sum = &r[g * index->r_group + i * r_row + j];
                acc_round(sum, sum, ctx);
            }
#endif
}

static inline void sum_products(num *restrict r, size_t m, size_t n, size_t k, const num *a,
                                size_t a_row, size_t a_k, const num *b, size_t b_k, size_t b_column,
                                num_ctx *ctx) {
    const sum_index index = {
        .n = {1, 1, k}, .a = {0, 0, (ptrdiff_t)a_k}, .b = {0, 0, (ptrdiff_t)b_k}};
    sum_over(r, n, m, n, a, a_row, b, b_column, &index, NULL, ctx);
}

#endif
