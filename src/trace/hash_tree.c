/* SPDX-License-Identifier: MIT */
/* hash_tree.c - hash trees: two long sequences compared from the root down (R. Merkle, A Digital
 * Signature Based on a Conventional Encryption Function, CRYPTO '87). */
#include "bitfate.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LEVELS = 65 };

/* Level 0 is the leaves; node i of the next has the children 2i and 2i + 1. A last node without a
 * sibling is promoted unchanged. */
struct bf_hash_tree {
    int levels;
    size_t n[MOST_LEVELS];
    bf_hash *nodes[MOST_LEVELS]; /* into one array */
};

bf_status bf_hash_tree_new(bf_hash_tree **out, size_t n, const bf_hash *leaves, bf_error *err) {
    bf_hash_tree *t = calloc(1, sizeof *t);
    *out = NULL;
    size_t total = n;
    for (size_t left = n; left > 1; total += left)
        left = (left + 1) / 2;
    bf_hash *nodes = malloc((total + 1) * sizeof *nodes); /* n may be 0 */
    if (!t || !nodes) {
        free(t);
        free(nodes);
        return bf_no_memory(err);
    }
    t->levels = 1;
    t->n[0] = n;
    t->nodes[0] = nodes;
    memset(nodes, 0, sizeof *nodes);
    memcpy(nodes, leaves, n * sizeof *nodes);
    for (int l = 1; t->n[l - 1] > 1; l++, t->levels++) {
        const size_t below = t->n[l - 1];
        const bf_hash *children = t->nodes[l - 1];
        t->n[l] = (below + 1) / 2;
        t->nodes[l] = t->nodes[l - 1] + below;
        for (size_t i = 0; i < t->n[l]; i++)
            t->nodes[l][i] = 2 * i + 1 < below ? bf_hash_of(children + 2 * i, 2 * sizeof *children)
                                               : children[2 * i];
    }
    *out = t;
    return BF_OK;
}

void bf_hash_tree_free(bf_hash_tree *t) {
    if (!t)
        return;
    free(t->nodes[0]);
    free(t);
}

bf_hash bf_hash_tree_root(const bf_hash_tree *t) {
    return t->nodes[t->levels - 1][0];
}

size_t bf_hash_tree_difference(const bf_hash_tree *a, const bf_hash_tree *b, size_t *compared) {
    int l = a->levels - 1;
    size_t i = 0, count = 1;
    if (bf_hash_equal(&a->nodes[l][0], &b->nodes[l][0]))
        i = a->n[0];
    else
        while (l-- > 0) {
            i *= 2;
            if (i + 1 < a->n[l]) { /* else the only child differs */
                i += bf_hash_equal(&a->nodes[l][i], &b->nodes[l][i]);
                count++;
            }
        }
    if (compared)
        *compared = count;
    return i;
}
