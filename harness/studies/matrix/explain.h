/* SPDX-License-Identifier: MIT */
/* explain.h - which axes explain into which groups cells fall. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "bitfate.h"

/* Find the smallest set of axes such that cells that agree on it are in the same group; of several
 * of that size, the first in the order of the axes. `values`: (cells, n_axes) row-major, cell c has
 * value values[c * n_axes + i], below sizes[i], on axis i; `groups`: (cells). The product of the
 * sizes is at most 2^24. `chosen`: (n_axes). Returns through `found` whether there is such a set:
 * there is none when two cells with the same values are in different groups. BF_EMACHINE: no
 * memory. */
BF_MUST_CHECK bf_status explain(size_t cells, unsigned n_axes, const unsigned *sizes,
                                const unsigned *values, const size_t *groups, bool *chosen,
                                bool *found, bf_error *err);

#endif
