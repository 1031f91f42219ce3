/* SPDX-License-Identifier: MIT */
/* gather.h - sum_over by sum_products (contract: contract.h): factors are first brought together.
 */
#ifndef NUM_GATHER_H
#define NUM_GATHER_H

#include "num/sum/index.h"

enum { SUM_NEEDS_ROOM = 1 };

static inline num *gather(num *to, const num *from, const size_t *n, const ptrdiff_t *strides,
                          num_ctx *ctx) {
    for (size_t i = 0; i < n[0]; i++)
        for (size_t j = 0; j < n[1]; j++) {
            const num *p = from + (ptrdiff_t)i * strides[0] + (ptrdiff_t)j * strides[1];
            for (size_t l = 0; l < n[2]; l++, p += strides[2])
                num_copy(to++, p, ctx);
        }
    return to;
}

static inline void sum_over(num *r, size_t r_row, size_t m, size_t n, const num *a, size_t a_row,
                            const num *b, size_t b_column, const sum_index *index, num *room,
                            num_ctx *ctx) {
    const size_t terms = index->n[0] * index->n[1] * index->n[2],
                 groups = index->groups ? index->groups : 1;
    num *rows = room, *columns = rows;
    for (size_t i = 0; i < m; i++)
        columns = gather(columns, a + i * a_row, index->n, index->a, ctx);
    for (size_t g = 0; g < groups; g++) {
        num *sums = columns;
        for (size_t j = 0; j < n; j++)
            sums = gather(sums, b + g * index->b_group + j * b_column, index->n, index->b, ctx);
        sum_products(sums, m, n, terms, rows, terms, 1, columns, 1, terms, ctx);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                num_copy(&r[g * index->r_group + i * r_row + j], &sums[i * n + j], ctx);
    }
}

#endif
