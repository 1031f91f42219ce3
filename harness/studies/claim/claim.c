/* SPDX-License-Identifier: MIT */
/* claim.c - reads claim files. */
#include "studies/claim/claim.h"

#include "experiment/tree.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CLAIMS = 1000 };

/* ---- the schema: for the check only, so offsets mean nothing -------------------------------- */

#define FIELD(name, kind, optional)                                                   \
    {                                                                                 \
        .key = name, .value = {.type = CYAML_##kind, .flags = CYAML_FLAG_##optional } \
    }

static const cyaml_schema_field_t claim_fields[] = {FIELD("name", STRING, OPTIONAL),
                                                    FIELD("bits", STRING, OPTIONAL),
                                                    FIELD("outcome", STRING, OPTIONAL),
                                                    FIELD("over", IGNORE, OPTIONAL),
                                                    FIELD("arithmetics", IGNORE, OPTIONAL),
                                                    FIELD("steps", UINT, OPTIONAL),
                                                    FIELD("repeat", UINT, OPTIONAL),
                                                    FIELD("limit", UINT, OPTIONAL),
                                                    CYAML_FIELD_END};
static const cyaml_schema_value_t claim_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, claim, claim_fields)};
static const cyaml_schema_field_t file_fields[] = {
    FIELD("experiment", STRING, DEFAULT),
    {.key = "claims",
     .value = {.type = CYAML_SEQUENCE,
               .sequence = {.entry = &claim_entry, .min = 1, .max = MAX_CLAIMS}}},
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, claim_file, file_fields)};

static const char *known_bits(size_t i) {
    return i == 0 ? "identical" : NULL;
}

static const char *known_outcome(size_t i) {
    return i == 0 ? "same" : NULL;
}

static const rule rules[] = {
    {"claims.*.bits", KNOWN, 0, 0, NULL, known_bits},
    {"claims.*.outcome", KNOWN, 0, 0, NULL, known_outcome},
    {"claims.*.steps", NUMBER, 1, 1e12, "a whole number from 1 to 10^12", NULL},
    {"claims.*.repeat", NUMBER, 1, 1000, "a whole number from 1 to 1000", NULL},
    {"claims.*.limit", NUMBER, 1, 1e6, "a whole number of seconds, from 1 to 10^6", NULL},
    {NULL, NAME, 0, 0, NULL, NULL},
};

/* ---- reading -------------------------------------------------------------------------------- */

/* A field that the check has found to be a whole number, or its default. */
static uint64_t whole_or(const node *map, const char *key, uint64_t otherwise) {
    const node *n = tree_find(map, key);
    uint64_t value;
    return n && tree_whole(n->text, &value) ? value : otherwise;
}

static bool read_name(loader *l, const node *n, unsigned index, claim *out) {
    char text[32];
    const node *name = tree_find(n, "name");
    snprintf(text, sizeof text, "claim %u", index + 1);
    out->name = strdup(name ? name->text : text);
    return out->name || tree_fail_memory(l);
}

/* The axes of `over`, and nothing else. */
static bool read_over(loader *l, const node *n, const char *path, claim *out) {
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
static bool read_each(loader *l, node *n, const char *path, claim *out) {
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

static bool read_claim(loader *l, node *n, unsigned index, claim *out) {
    char path[32];
    const bool bits = tree_find(n, "bits");
    snprintf(path, sizeof path, "claims.%u", index);
    out->outcome = tree_find(n, "outcome");
    if (bits == out->outcome)
        return tree_fail(l, n, "%s has %s; expected one of bits: identical, outcome: same", path,
                         bits ? "both bits and outcome" : "neither bits nor outcome");
    out->steps = whole_or(n, "steps", 0);
    out->repeat = whole_or(n, "repeat", 2);
    out->limit = whole_or(n, "limit", 60);
    return read_name(l, n, index, out) && read_over(l, n, path, out) && read_each(l, n, path, out);
}

/* The experiment lies beside the claim file, unless its path is absolute. */
static bool read_experiment(loader *l, claim_file *out) {
    const node *n = tree_find(l->root, "experiment");
    const char *slash = strrchr(l->origin, '/');
    const size_t folder = *n->text == '/' || !slash ? 0 : (size_t)(slash + 1 - l->origin);
    const size_t size = folder + strlen(n->text) + 1;
    if (!*n->text)
        return tree_fail(l, n, "experiment is empty; expected the path of an experiment file");
    out->experiment = malloc(size);
    if (!out->experiment)
        return tree_fail_memory(l);
    snprintf(out->experiment, size, "%.*s%s", (int)folder, l->origin, n->text);
    return true;
}

static bool read_file(loader *l, const char *text, size_t size, claim_file *out) {
    l->root = tree_parse(l, text, size);
    if (!l->root || !tree_check(l, &schema, l->root, "") || !read_experiment(l, out))
        return false;
    const node *list = tree_find(l->root, "claims");
    out->claims = calloc(MAX_CLAIMS, sizeof *out->claims);
    if (!out->claims)
        return tree_fail_memory(l);
    for (node *c = list->first; c; c = c->next) {
        const unsigned index = out->n++; /* also of one that fails, which is to be freed */
        if (!read_claim(l, c, index, &out->claims[index]))
            return false;
    }
    return true;
}

bf_status claim_load(claim_file **out, const char *path, bf_error *err) {
    char *text;
    size_t size;
    bf_status s = tree_read_file(&text, &size, path, "a claim file", err);
    if (s != BF_OK)
        return s;
    loader l = {.origin = path, .line = 1, .title = "the claim file", .rules = rules, .err = err};
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
    for (unsigned i = 0; i < f->n; i++) {
        free(f->claims[i].name);
        axes_free(&f->claims[i].over);
        axes_free(&f->claims[i].each);
    }
    free(f->claims);
    free(f->experiment);
    free(f);
}
