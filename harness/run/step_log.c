/* SPDX-License-Identifier: MIT */
/* step_log.c - what the operations of one training step gave. */
#include "run/step_log.h"

#include <stdlib.h>
#include <string.h>

static bool room_for_block(step_log *l) {
    if (l->n < l->most)
        return true;
    const size_t most = l->most ? 2 * l->most : 64;
    step_block *blocks = realloc(l->blocks, most * sizeof *blocks);
    l->blocks = blocks ? blocks : l->blocks;
    bf_hash *leaves = realloc(l->leaves, most * sizeof *leaves);
    l->leaves = leaves ? leaves : l->leaves;
    if (!blocks || !leaves)
        return false;
    l->most = most;
    return true;
}

static bool room_for_values(step_log *l, size_t size) {
    if (size <= l->room - l->size)
        return true;
    const size_t room = 2 * (l->size + size);
    uint8_t *values = realloc(l->values, room);
    if (!values)
        return false;
    l->values = values;
    l->room = room;
    return true;
}

void step_log_observe(void *log, const bf_operation *o) {
    step_log *l = log;
    const size_t size = o->count * l->bytes;
    if (l->full || !room_for_block(l) || !room_for_values(l, size)) {
        l->full = true;
        return;
    }
    l->blocks[l->n] = (step_block){*o, l->size};
    l->blocks[l->n].what.values = NULL;
    l->leaves[l->n++] = bf_hash_of(o->values, size);
    memcpy(l->values + l->size, o->values, size);
    l->size += size;
}

void step_log_clear(step_log *l) {
    l->n = l->size = 0;
}

void step_log_free(step_log *l) {
    free(l->blocks);
    free(l->leaves);
    free(l->values);
}

bool step_log_same_shape(const bf_operation *a, const bf_operation *b) {
    return a->layer == b->layer && strcmp(a->kind, b->kind) == 0 && strcmp(a->name, b->name) == 0 &&
           a->rows == b->rows && a->columns == b->columns && a->first == b->first;
}

bf_status step_log_compare(const step_log *a, const step_log *b, size_t *block, size_t *compared,
                           bf_error *err) {
    bf_hash_tree *ta = NULL, *tb = NULL;
    size_t n = 0; /* blocks that can be compared by value */
    while (n < a->n && n < b->n && step_log_same_shape(&a->blocks[n].what, &b->blocks[n].what))
        n++;
    bf_status s = a->full || b->full ? bf_no_memory(err) : bf_hash_tree_new(&ta, n, a->leaves, err);
    BF_TRY(s, bf_hash_tree_new(&tb, n, b->leaves, err));
    if (s == BF_OK) {
        *block = bf_hash_tree_difference(ta, tb, compared);
        if (*block == n && n == a->n && n == b->n)
            *block = SIZE_MAX;
    }
    bf_hash_tree_free(ta);
    bf_hash_tree_free(tb);
    return s;
}
