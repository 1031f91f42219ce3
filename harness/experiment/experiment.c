/* SPDX-License-Identifier: MIT */
/* experiment.c - experiment files: read, written and identified by the table of fields. */
#include "experiment/experiment.h"

#include "experiment/fields.h"
#include "experiment/emit.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading -------------------------------------------------------------------------------- */

/* Names of arithmetics in their canonical form, each once. */
static bool canonical_arithmetics(loader *l, experiment *x) {
    const node *n = tree_find(l->root, "arithmetics")->first;
    for (unsigned i = 0; i < x->n_arithmetics; i++, n = n->next) {
        bf_arithmetic arithmetic;
        char path[32];
        snprintf(path, sizeof path, "arithmetics.%u", i);
        if (!tree_arithmetic(l, n, path, &arithmetic))
            return false;
        for (unsigned j = 0; j < i; j++)
            if (strcmp(x->arithmetics[j], arithmetic.name) == 0)
                return tree_fail(l, n, "arithmetics has '%.60s' twice; expected it once",
                                 arithmetic.name);
        char *name = strdup(arithmetic.name);
        if (!name)
            return tree_fail_memory(l);
        free(x->arithmetics[i]);
        x->arithmetics[i] = name;
    }
    return true;
}

/* The struct, by what is known before the table is read. */
static bool begin(loader *l, experiment *x) {
    const node *init = tree_find(l->root, "init");
    x->data.loaded = calloc(1, sizeof *x->data.loaded);
    x->init.distribution = init ? strdup(init->first->key->text) : NULL;
    return (x->data.loaded && (!init || x->init.distribution)) || tree_fail_memory(l);
}

static bool override(loader *l, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!plain_kinds(l))
            return false;
        l->turn = i + 1;
        if (!tree_override(l, l->overrides[i]))
            return false;
        l->turn = 0;
    }
    return true;
}

static bool load(loader *l, experiment *x, const char *text, size_t size, size_t n_overrides) {
    l->root = tree_parse(l, text, size);
    if (!l->root)
        return false;
    if (l->root->null) {
        phrase list = {""};
        field_names(&list, "a mapping with ", experiment_table, NULL, NULL);
        return tree_fail(l, l->root, "the file is empty; expected %s", list.text);
    }
    if (l->root->kind != MAP)
        return fields_read(l, experiment_table, l->root, "", x);
    return override(l, n_overrides) && plain_kinds(l) && plain_init(l) && plain_eps(l) &&
           plain_name(l) && begin(l, x) && fields_read(l, experiment_table, l->root, "", x) &&
           relations_hold(l, x) && canonical_arithmetics(l, x);
}

static bf_status parse(experiment **out, loader *l, const char *text, size_t size,
                       size_t n_overrides, const char *data_folder) {
    experiment *x = calloc(1, sizeof *x);
    const bool ok = x ? load(l, x, text, size, n_overrides) : tree_fail_memory(l);
    tree_free(l);
    if (!ok) {
        experiment_free(x);
        return l->status;
    }
    x->data.elsewhere = data_folder;
    *out = x;
    return BF_OK;
}

bf_status experiment_parse(experiment **out, const char *text, size_t size, const char *origin,
                           int line, const char *const *overrides, size_t n_overrides,
                           const char *data_folder, bf_error *err) {
    loader l = {.origin = origin,
                .line = line,
                .overrides = overrides,
                .title = "the experiment",
                .err = err};
    return parse(out, &l, text, size, n_overrides, data_folder);
}

bf_status experiment_load(experiment **out, const char *path, const char *const *overrides,
                          size_t n_overrides, const char *data_folder, bf_error *err) {
    char *text;
    size_t size;
    loader l = {.origin = path,
                .line = 1,
                .overrides = overrides,
                .title = "the experiment",
                .beside = true,
                .err = err};
    bf_status s = tree_read_file(&text, &size, path, "an experiment file", err);
    BF_TRY(s, parse(out, &l, text, size, n_overrides, data_folder));
    free(text);
    return s;
}

void experiment_free(experiment *x) {
    if (!x)
        return;
    fields_free(experiment_table, x);
    free(x->init.distribution);
    if (x->data.loaded)
        bf_data_free(x->data.loaded->set);
    free(x->data.loaded);
    free(x);
}

/* ---- writing -------------------------------------------------------------------------------- */

typedef struct document {
    experiment x; /* a copy, whose strings are the original's */
    unsigned parts;
} document;

static document document_of(const experiment *x, unsigned parts) {
    document d = {*x, parts};
    if (x->data.loaded->hash[0])
        d.x.data.hash = x->data.loaded->hash;
    return d;
}

static void write_document(FILE *f, const void *what) {
    const document *d = what;
    fields_write(f, experiment_table, &d->x, d->parts);
}

char *experiment_resolved(const experiment *x) {
    const document d = document_of(x, 0);
    return emit_string(write_document, &d);
}

/* Not where the data lie counts, but what they are, where that is known. */
static bf_hash hash_of(document d) {
    bf_hash hash = {{0}};
    if (!d.x.data.hash)
        d.parts |= PART_DATA;
    char *text = emit_string(write_document, &d);
    if (text)
        hash = bf_hash_of(text, strlen(text));
    free(text);
    return hash;
}

bf_hash experiment_sweep_hash(const experiment *x) {
    return hash_of(document_of(x, PART_RUN | PART_OUTCOME | PART_SWEEP));
}

bf_hash experiment_runs_hash(const experiment *x) {
    return hash_of(document_of(x, PART_RUN | PART_OUTCOME));
}

bf_hash experiment_lyapunov_hash(const experiment *x) {
    return hash_of(document_of(x, PART_RUN | PART_LYAPUNOV));
}

bf_hash experiment_map_hash(const experiment *x, const experiment_view *view,
                            const char *arithmetic) {
    document d = document_of(x, PART_RUN | PART_OUTCOME | PART_MAP);
    experiment_view only = *view;
    char *one[] = {(char *)arithmetic};
    d.x.map.views = &only;
    d.x.map.n_views = 1;
    d.x.arithmetics = one;
    d.x.n_arithmetics = 1;
    if (view->rate)
        d.x.train.rate = view->rate;
    if (!x->map.within && x->train.batch == 0) /* the plane, the batches' order */
        d.x.seed = 0;
    return hash_of(d);
}
