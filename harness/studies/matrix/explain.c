/* SPDX-License-Identifier: MIT */
/* explain.c - which axes explain into which groups cells fall. Every subset of the axes is tried,
 * by size: axes with one value set aside, 10^4 cells have at most 13 axes. */
#include "studies/matrix/explain.h"

#include <stdlib.h>
#include <string.h>

typedef struct table {
    size_t cells, n_axes;
    const unsigned *sizes, *values;
    const size_t *groups;
    size_t *seen; /* group + 1 of each combination of values; 0: none yet */
} table;

/* Whether cells that agree on the k axes of `set` are in the same group. */
static bool explains(table *t, const unsigned *set, unsigned k) {
    size_t combinations = 1;
    for (unsigned i = 0; i < k; i++)
        combinations *= t->sizes[set[i]];
    memset(t->seen, 0, combinations * sizeof *t->seen);
    for (size_t c = 0; c < t->cells; c++) {
        size_t key = 0;
        for (unsigned i = 0; i < k; i++)
            key = key * t->sizes[set[i]] + t->values[c * t->n_axes + set[i]];
        if (t->seen[key] && t->seen[key] != t->groups[c] + 1)
            return false;
        t->seen[key] = t->groups[c] + 1;
    }
    return true;
}

/* The next k of m numbers, increasing, in lexicographic order; false after the last. */
static bool next_combination(unsigned *c, unsigned k, unsigned m) {
    unsigned i = k;
    while (i > 0 && c[i - 1] == m - k + i - 1)
        i--;
    if (i == 0)
        return false;
    c[i - 1]++;
    for (; i < k; i++)
        c[i] = c[i - 1] + 1;
    return true;
}

/* The first set of k of the m axes listed in `open` that explains. */
static bool search(table *t, const unsigned *open, unsigned m, unsigned k, unsigned *set) {
    unsigned c[32];
    for (unsigned i = 0; i < k; i++)
        c[i] = i;
    do {
        for (unsigned i = 0; i < k; i++)
            set[i] = open[c[i]];
        if (explains(t, set, k))
            return true;
    } while (next_combination(c, k, m));
    return false;
}

bf_status explain(size_t cells, unsigned n_axes, const unsigned *sizes, const unsigned *values,
                  const size_t *groups, bool *chosen, bool *found, bf_error *err) {
    size_t product = 1;
    unsigned open[32], set[32], m = 0, k = 0; /* 2^24: at most 24 axes have two values or more */
    for (unsigned i = 0; i < n_axes; i++) {
        product *= sizes[i];
        if (sizes[i] > 1)
            open[m++] = i;
    }
    table t = {cells, n_axes, sizes, values, groups, calloc(product, sizeof *t.seen)};
    if (!t.seen)
        return bf_no_memory(err);
    *found = false;
    while (k <= m && !(*found = search(&t, open, m, k, set)))
        k++;
    free(t.seen);
    memset(chosen, 0, n_axes * sizeof *chosen);
    for (unsigned i = 0; *found && i < k; i++)
        chosen[set[i]] = true;
    return BF_OK;
}
