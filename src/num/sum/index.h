/* SPDX-License-Identifier: MIT */
/* index.h - what sums run over: l = (l0, l1, l2), l2 fastest, up to n. Term l takes its factors
 * at a + l0 a[0] + l1 a[1] + l2 a[2], and likewise in b. The columns come `groups` times (0: once):
 * those of group g at b + g b_group, their sums at r + g r_group. */
#ifndef NUM_SUM_INDEX_H
#define NUM_SUM_INDEX_H

#include <stddef.h>

typedef struct sum_index {
    size_t n[3];
    ptrdiff_t a[3], b[3];
    size_t groups, b_group, r_group;
} sum_index;

#endif
