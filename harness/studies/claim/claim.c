/* SPDX-License-Identifier: MIT */
/* claim.c - reads claim files. */
#include "studies/claim/claim.h"

#include "experiment/field.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CLAIMS = 1000 };

/* The axes of `over`, and nothing else. */
static bool read_over(loader *l, node *n, const char *path, void *base) {
    claim *out = base;
    node *over = tree_find(n, "over");
    if (!over || over->null)
        over = tree_text(l, "", n);
    if (!over)
        return false;
    if (over->kind == SCALAR && !*over->text)
        tree_become(over, MAP);
    if (over->kind != MAP)
        return tree_fail(l, over, "%s.over is %s; expected a mapping of axes to values", path,
                         tree_kind_names[over->kind]);
    if (!axes_take(l, over, path, &out->over))
        return false;
    phrase list = {""};
    for (int i = 0; i < AXIS_KINDS; i++)
        tree_add_name(&list, "one of ", axes_name((axis_kind)i));
    return !over->first || tree_fail(l, over->first->key,
                                     "unknown axis '%.40s' in %s.over; "
                                     "expected %s",
                                     over->first->key->text, path, list.text);
}

/* `arithmetics`, as an axis of its own. */
static bool read_each(loader *l, node *n, const char *path, void *base) {
    claim *out = base;
    node *given = tree_find(n, "arithmetics"), *alone = tree_text(l, "", n);
    if (!alone)
        return false;
    tree_become(alone, MAP);
    if (given) {
        tree_drop(n, given);
        tree_append(alone, given->key, given);
    }
    if (!axes_take(l, alone, path, &out->each))
        return false;
    return !given || !axes_find(&out->over, "arithmetics") ||
           tree_fail(l, given->key,
                     "%s has arithmetics both in over and beside it; expected one of them", path);
}

static void free_over(void *base) {
    axes_free(&((claim *)base)->over);
}

static void free_each(void *base) {
    axes_free(&((claim *)base)->each);
}

static const field_own over_field = {.read = read_over, .release = free_over},
                       each_field = {.read = read_each, .release = free_each};

/* ---- the table ------------------------------------------------------------------------------ */

static const char *known_bits(size_t i) {
    return i == 0 ? "identical" : NULL;
}

static const char *known_outcome(size_t i) {
    return i == 0 ? "same" : NULL;
}

#define IN(type, member) .offset = offsetof(type, member), .size = sizeof((type *)0)->member
#define RANGE(from, to) .low = from, .high = to

static const field claim_table[] = {
    {"experiment", FIELD_PATH, IN(claim_file, experiment), .needed = true,
     .expected = "the path of an experiment file"},
    {"claims", FIELD_ITEMS, .offset = offsetof(claim_file, claims), .size = sizeof(claim),
     .count = offsetof(claim_file, n), .least = 1, .most = MAX_CLAIMS, .needed = true},
    {"claims.*.name", FIELD_TEXT, IN(claim, name)},
    {"claims.*.bits", FIELD_WORD, IN(claim, bits), .words = known_bits},
    {"claims.*.outcome", FIELD_WORD, IN(claim, outcome), .words = known_outcome},
    {"claims.*.over", FIELD_OWN, .own = &over_field},
    {"claims.*.arithmetics", FIELD_OWN, .own = &each_field},
    {"claims.*.steps", FIELD_WHOLE, IN(claim, steps), RANGE(1, 1e12)},
    {"claims.*.repeat", FIELD_WHOLE, IN(claim, repeat), .value = "2", RANGE(1, 1000)},
    {"claims.*.limit", FIELD_WHOLE, IN(claim, limit), .value = "60", RANGE(1, 1e6),
     .expected = "a whole number of seconds, from 1 to 10^6"},
    {.path = NULL},
};

/* ---- reading -------------------------------------------------------------------------------- */

/* One thing is claimed, and the claim has a name. */
static bool finish(loader *l, const node *n, unsigned index, claim *c) {
    char name[32];
    if (!c->bits == !c->outcome)
        return tree_fail(l, n, "claims.%u has %s; expected one of bits: identical, outcome: same",
                         index, c->bits ? "both bits and outcome" : "neither bits nor outcome");
    snprintf(name, sizeof name, "claim %u", index + 1);
    return c->name || (c->name = strdup(name)) || tree_fail_memory(l);
}

static bool read_file(loader *l, const char *text, size_t size, claim_file *out) {
    l->root = tree_parse(l, text, size);
    if (!l->root || !fields_read(l, claim_table, l->root, "", out))
        return false;
    const node *n = tree_find(l->root, "claims")->first;
    for (unsigned i = 0; i < out->n; i++, n = n->next)
        if (!finish(l, n, i, &out->claims[i]))
            return false;
    return true;
}

bf_status claim_load(claim_file **out, const char *path, bf_error *err) {
    char *text;
    size_t size;
    bf_status s = tree_read_file(&text, &size, path, "a claim file", err);
    if (s != BF_OK)
        return s;
    loader l = {.origin = path, .line = 1, .title = "the claim file", .beside = true, .err = err};
    *out = calloc(1, sizeof **out);
    if (!*out)
        tree_fail_memory(&l);
    else
        (void)read_file(&l, text, size, *out);
    tree_free(&l);
    free(text);
    if (l.status != BF_OK && *out)
        claim_free(*out);
    return l.status;
}

void claim_free(claim_file *f) {
    fields_free(claim_table, f);
    free(f);
}
