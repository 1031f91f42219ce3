/* SPDX-License-Identifier: MIT */
/* sum_index.h - what a sum runs over: l = (l0, l1, l2), l2 fastest, up to n. Term l takes its
 * factors at a + l0 a[0] + l1 a[1] + l2 a[2], and likewise in b. */
#ifndef NUM_SUM_INDEX_H
#define NUM_SUM_INDEX_H

#include <stddef.h>

typedef struct sum_index {
    size_t n[3];
    ptrdiff_t a[3], b[3];
} sum_index;

#endif
