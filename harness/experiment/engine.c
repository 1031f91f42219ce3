/* SPDX-License-Identifier: MIT */
/* engine.c - layers, losses and optimisers in experiment files, by the engine's rows: a new option
 * costs nothing here. */
#include "experiment/emit.h"
#include "experiment/fields.h"

#include <stdlib.h>
#include <string.h>

/* ---- what the engine has -------------------------------------------------------------------- */

typedef struct kind {
    const char *name, *alias, *summary;
    const bf_option *options;
} kind;

/* The i-th kind of a family; false after the last. */
typedef bool family(size_t i, kind *out);

static bool layer_at(size_t i, kind *out) {
    const bf_layer_info *k = bf_layer_list(i);
    *out = k ? (kind){k->kind, k->alias, k->summary, k->options} : (kind){NULL, NULL, NULL, NULL};
    return k != NULL;
}

static bool loss_at(size_t i, kind *out) {
    const bf_loss_info *k = bf_loss_list(i);
    *out = k ? (kind){k->name, k->alias, k->summary, k->options} : (kind){NULL, NULL, NULL, NULL};
    return k != NULL;
}

static bool optimiser_at(size_t i, kind *out) {
    const bf_optimiser_info *k = bf_optimiser_list(i);
    *out = k ? (kind){k->name, k->alias, k->summary, k->options} : (kind){NULL, NULL, NULL, NULL};
    return k != NULL;
}

/* By name or alias. */
static bool find(family *of, const char *word, kind *out) {
    for (size_t i = 0; of(i, out); i++)
        if (strcmp(out->name, word) == 0 || (out->alias && strcmp(out->alias, word) == 0))
            return true;
    return false;
}

static const char *names_of(family *of, phrase *out) {
    kind k;
    *out = (phrase){""};
    for (size_t i = 0; of(i, &k); i++)
        tree_add_name(out, "one of ", k.name);
    return out->text;
}

/* The option of this name or alias, of an optimiser before the n-th. */
static const bf_option *any_option(const char *name, size_t n) {
    const bf_option *o = NULL;
    kind k;
    for (size_t i = 0; i < n && !o && optimiser_at(i, &k); i++)
        o = bf_option_find(k.options, name);
    return o;
}

const char *known_optimiser_option(size_t i) {
    kind k;
    for (size_t n = 0; optimiser_at(n, &k); n++)
        for (const bf_option *o = k.options; o->name; o++)
            if (!any_option(o->name, n) && i-- == 0)
                return o->name;
    return NULL;
}

/* What a number alone means: `{dense: 2}`, `{max_pool: 2}`, `{residual: 2}`. */
static const char *subject(const bf_option *options) {
    while (options->name && options->value)
        options++;
    return options->name;
}

/* ---- the plain form ------------------------------------------------------------------------- */

/* Set a field; of two that are equally new, neither is meant. */
static bool put_newer(loader *l, node *map, const char *path, const char *key, node *value) {
    const node *twin = tree_find(map, key);
    if (twin && twin->turn > value->turn)
        return true;
    if (twin && twin->turn == value->turn)
        return tree_fail(l, value, "field '%.40s' is given twice in %s; expected it once", key,
                         path);
    return tree_put(l, map, key, value);
}

/* Call options by their names: of these, or of any optimiser (NULL). */
static bool rename_options(loader *l, node *map, const char *path, const bf_option *options) {
    for (node *c = map->first, *next; c; c = next) {
        next = c->next;
        const bf_option *o =
            options ? bf_option_find(options, c->key->text) : any_option(c->key->text, SIZE_MAX);
        if (!o || strcmp(o->name, c->key->text) == 0)
            continue;
        tree_drop(map, c);
        if (!put_newer(l, map, path, o->name, c))
            return false;
    }
    return true;
}

/* `{KIND: value, ...}` -> the options among the others. */
static bool unfold(loader *l, node *map, const char *path, node *named, const kind *k) {
    const char *alone = subject(k->options);
    if (named->kind == LIST)
        return tree_fail(l, named, "%s.%s is a list; expected a mapping of options", path, k->name);
    if (named->kind == SCALAR && !named->null && !alone)
        return tree_fail(l, named, "%s.%s is '%.40s'; expected nothing, or a mapping of options",
                         path, k->name, named->text);
    if (named->kind == SCALAR)
        return named->null || put_newer(l, map, path, alone, named);
    for (node *c = named->first, *next; c; c = next) {
        next = c->next;
        if (!put_newer(l, map, path, c->key->text, c))
            return false;
    }
    return true;
}

/* The first key that names a kind, unless `kind` is as new: a newer override replaces what was
 * there. */
static node *find_named(node *n, family *of, kind *k) {
    const node *there = tree_find(n, "kind");
    for (node *c = n->kind == MAP ? n->first : NULL; c; c = c->next)
        if (find(of, c->key->text, k) && (!there || c->touched > there->touched))
            return c;
    return NULL;
}

/* `tanh`, `{tanh: {gain: 2}}`, `{dense: 2, bias: false}` -> `{kind: ..., width: 2, ...}`, with
 * present names for aliases. */
static bool plain_kind(loader *l, node *n, const char *path, family *of, const char *what) {
    phrase list;
    kind k;
    if (n->kind == SCALAR && find(of, n->text, &k)) {
        node *name = tree_text(l, k.name, n);
        tree_become(n, MAP);
        return tree_put(l, n, "kind", name);
    }
    node *named = find_named(n, of, &k);
    const node *there = tree_find(n, "kind");
    if (named) {
        tree_drop(n, named);
        return tree_put(l, n, "kind", tree_text(l, k.name, named)) &&
               unfold(l, n, path, named, &k) && rename_options(l, n, path, k.options);
    }
    if (there)
        return !find(of, there->text, &k) || rename_options(l, n, path, k.options);
    if (n->kind == SCALAR)
        return tree_fail(l, n, "%s is '%.40s'; expected a %s: %s", path, n->text, what,
                         names_of(of, &list));
    return tree_fail(l, n, "%s is %s that names no known kind; expected a %s: %s", path,
                     tree_kind_names[n->kind], what, names_of(of, &list));
}

static bool plain_optimiser(loader *l) {
    node *train = tree_follow(l, "train"), *name = tree_find(train, "optimiser");
    kind k;
    if (name && name->kind == SCALAR && find(optimiser_at, name->text, &k)) {
        node *present = tree_text(l, k.name, name);
        if (!present)
            return false;
        tree_assign(name, present);
    }
    return !train || train->kind != MAP || rename_options(l, train, "train", NULL);
}

bool plain_kinds(loader *l) {
    const node *layers = tree_follow(l, "model.layers");
    node *loss = tree_follow(l, "model.loss");
    size_t i = 0;
    for (node *c = layers && layers->kind == LIST ? layers->first : NULL; c; c = c->next) {
        char path[40];
        snprintf(path, sizeof path, "model.layers.%zu", i++);
        if (!plain_kind(l, c, path, layer_at, "layer"))
            return false;
    }
    return (!loss || plain_kind(l, loss, "model.loss", loss_at, "loss")) && plain_optimiser(l);
}

/* ---- settings ------------------------------------------------------------------------------- */

static void free_settings(const bf_setting *settings, size_t n) {
    for (size_t i = 0; i < n; i++)
        free((char *)settings[i].value);
    free((bf_setting *)settings);
}

/* The value of one option, in the engine's words. */
static char *take_option(loader *l, const bf_option *o, const node *n, const char *path) {
    bool flag = false;
    const char *text = n->text;
    if (n->kind == SCALAR && o->type == BF_OPTION_FLAG && text_is_flag(text, &flag))
        text = flag ? "true" : "false";
    if (n->kind != SCALAR || !bf_option_accepts(o, text)) {
        const char *quote = n->kind == SCALAR && *text ? "'" : "";
        (void)tree_fail(l, n, "%s.%s is %s%.60s%s; expected %s", path, o->name, quote,
                        n->kind != SCALAR ? tree_kind_names[n->kind]
                        : *text           ? text
                                          : "empty",
                        quote, o->expected);
        return NULL;
    }
    char *copy = strdup(text);
    if (!copy)
        (void)tree_fail_memory(l);
    return copy;
}

/* Every option of a kind, with its value in the mapping or its default. */
static bool take_settings(loader *l, const node *map, const char *path, const char *what,
                          const kind *k, const bf_setting **out, size_t *n) {
    size_t most = 0;
    while (k->options[most].name)
        most++;
    bf_setting *settings = calloc(most + 1, sizeof *settings);
    *out = settings;
    if (!settings)
        return tree_fail_memory(l);
    for (const bf_option *o = k->options; o->name; o++) {
        const node *given = tree_find(map, o->name);
        if (!given && !o->value)
            return tree_fail(l, map, "%s, a %s %s, has no %s; expected %s: 2 or the like", path,
                             k->name, what, o->name, k->name);
        char *value = given ? take_option(l, o, given, path) : strdup(o->value);
        if (!value)
            return given ? false : tree_fail_memory(l);
        settings[(*n)++] = (bf_setting){o->name, value};
    }
    return true;
}

static const char *options_of(const kind *k, phrase *out) {
    *out = (phrase){""};
    for (const bf_option *o = k->options; o->name; o++)
        tree_add_name(out, "the options ", o->name);
    return *out->text ? out->text : "no options";
}

/* A mapping in the plain form, with the options of its kind and no others. */
static bool take_kind(loader *l, const node *n, const char *path, family *of, const char *what,
                      bf_layer *out) {
    phrase list;
    kind k;
    const node *name = tree_find(n, "kind");
    if (name->kind != SCALAR || !find(of, name->text, &k))
        return tree_fail(l, name, "%s.kind is '%.40s'; expected %s", path, name->text,
                         names_of(of, &list));
    for (const node *c = n->first; c; c = c->next)
        if (c != name && !bf_option_find(k.options, c->key->text))
            return tree_fail(l, c->key, "unknown field '%.40s' in %s, a %s %s; expected %s",
                             c->key->text, path, k.name, what, options_of(&k, &list));
    out->kind = k.name;
    return take_settings(l, n, path, what, &k, &out->settings, &out->n_settings);
}

static void put_setting(FILE *f, const bf_setting *s) {
    const bool flag = strcmp(s->value, "true") == 0 || strcmp(s->value, "false") == 0;
    emit_form(f, flag ? "%: " : "%: %", s->name, s->value);
    fputs(flag ? s->value : "", f);
}

/* `{dense: 2, bias: false, scale: 1/2}`, `{tanh: {gain: sqrt(2)}}`, `{relu: {}}` */
static void put_kind(FILE *f, const bf_layer *layer, family *of) {
    kind k;
    const char *alone = find(of, layer->kind, &k) ? subject(k.options) : NULL;
    const char *before = alone ? ", " : "";
    fprintf(f, "{%s: %s", layer->kind, alone ? "" : "{");
    for (size_t i = 0; i < layer->n_settings; i++)
        if (alone && strcmp(layer->settings[i].name, alone) == 0)
            emit_text(f, layer->settings[i].value);
    for (size_t i = 0; i < layer->n_settings; i++)
        if (!alone || strcmp(layer->settings[i].name, alone) != 0) {
            fputs(before, f);
            put_setting(f, &layer->settings[i]);
            before = ", ";
        }
    fputs(alone ? "}\n" : "}}\n", f);
}

/* ---- documentation -------------------------------------------------------------------------- */

static void describe_options(const char *path, const char *when, const kind *k, field_put *put,
                             void *to) {
    static const char *const types[] = {[BF_OPTION_COUNT] = "whole number",
                                        [BF_OPTION_NUMBER] = "number",
                                        [BF_OPTION_FLAG] = "flag"};
    char name[100];
    for (const bf_option *o = k->options; o->name; o++) {
        snprintf(name, sizeof name, "%s.%s", path, o->name);
        put(to, &(field_description){.path = name,
                                     .type = types[o->type],
                                     .value = o->value,
                                     .needed = !o->value,
                                     .expected = o->expected,
                                     .when = when,
                                     .summary = o->summary});
    }
}

static void describe_kinds(const char *path, family *of, field_put *put, void *to) {
    kind k;
    char name[64];
    for (size_t i = 0; of(i, &k); i++) {
        snprintf(name, sizeof name, "%s.%s", path, k.name);
        put(to, &(field_description){
                    .path = name, .type = "section", .expected = "", .summary = k.summary});
        describe_options(name, NULL, &k, put, to);
    }
}

/* ---- layers --------------------------------------------------------------------------------- */

static bool always(const void *base) {
    (void)base;
    return true;
}

static bool read_layer(loader *l, node *n, const char *path, void *base) {
    return take_kind(l, n, path, layer_at, "layer", base);
}

static void write_layer(FILE *f, const void *base, int indent) {
    fprintf(f, "%*s- ", indent, "");
    put_kind(f, base, layer_at);
}

static void free_layer(void *base) {
    const bf_layer *layer = base;
    free_settings(layer->settings, layer->n_settings);
}

static void describe_layers(field_put *put, void *to) {
    describe_kinds("model.layers.*", layer_at, put, to);
}

const field_own layer_field = {read_layer, write_layer, always, free_layer, describe_layers};

/* ---- the loss ------------------------------------------------------------------------------- */

static bool read_loss(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    bf_layer loss = {.kind = NULL};
    node *n = tree_find(section, "loss");
    if (!n && (!(n = tree_text(l, "mse", section)) || !tree_put(l, section, "loss", n) ||
               !plain_kind(l, n, path, loss_at, "loss")))
        return false;
    const bool good = take_kind(l, n, "model.loss", loss_at, "loss", &loss);
    x->model.loss = loss.kind;
    x->model.loss_settings = loss.settings;
    x->model.n_loss_settings = loss.n_settings;
    return good;
}

static void write_loss(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    const bf_layer loss = {x->model.loss, x->model.loss_settings, x->model.n_loss_settings};
    fprintf(f, "%*sloss: %s", indent, "", loss.n_settings ? "" : loss.kind);
    if (loss.n_settings)
        put_kind(f, &loss, loss_at);
    else
        fputc('\n', f);
}

static void free_loss(void *base) {
    const experiment *x = base;
    free_settings(x->model.loss_settings, x->model.n_loss_settings);
}

static void describe_losses(field_put *put, void *to) {
    describe_kinds("model.loss", loss_at, put, to);
}

const field_own loss_field = {read_loss, write_loss, always, free_loss, describe_losses};

/* ---- the optimiser -------------------------------------------------------------------------- */

/* An option of another optimiser that may stand there. Of sgd, the first: with its default, as
 * older resolved experiments have `momentum: 0` with every optimiser. Others: where an earlier
 * program wrote them, which let every optimiser have them, and where they are older than the
 * override that chose this one, for they cannot be taken back. */
static bool is_idle(const loader *l, const node *chosen, const char *name, const node *n) {
    double value, usual;
    const bf_option *o = bf_option_find(bf_optimiser_list(0)->options, name);
    if (!o)
        return !l->beside || (chosen && chosen->turn > n->touched);
    return o->value && n->kind == SCALAR && bf_number_double(n->text, &value, NULL) == BF_OK &&
           bf_number_double(o->value, &usual, NULL) == BF_OK && value == usual;
}

static bool read_optimiser(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    phrase list;
    kind k;
    const node *chosen = tree_find(section, "optimiser");
    (void)find(optimiser_at, x->train.optimiser, &k);
    for (const node *c = section->first; c; c = c->next) {
        const char *key = c->key->text;
        if (any_option(key, SIZE_MAX) && !bf_option_find(k.options, key) &&
            !is_idle(l, chosen, key, c))
            return tree_fail(l, c->key,
                             "unknown field '%.40s' in %s with %s.optimiser: %s; expected %s", key,
                             path, path, k.name, options_of(&k, &list));
    }
    return take_settings(l, section, path, "optimiser", &k, &x->train.settings,
                         &x->train.n_settings);
}

static void write_optimiser(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    for (size_t i = 0; i < x->train.n_settings; i++) {
        fprintf(f, "%*s", indent, "");
        put_setting(f, &x->train.settings[i]);
        fputc('\n', f);
    }
}

static bool has_options(const void *base) {
    const experiment *x = base;
    return x->train.n_settings > 0;
}

static void free_optimiser(void *base) {
    const experiment *x = base;
    free_settings(x->train.settings, x->train.n_settings);
}

static void describe_optimisers(field_put *put, void *to) {
    kind k;
    char when[64];
    for (size_t i = 0; optimiser_at(i, &k); i++) {
        snprintf(when, sizeof when, "train.optimiser: %s", k.name);
        describe_options("train", when, &k, put, to);
    }
}

const field_own optimiser_field = {read_optimiser, write_optimiser, has_options, free_optimiser,
                                   describe_optimisers};
