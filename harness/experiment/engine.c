/* SPDX-License-Identifier: MIT */
/* engine.c - layers, losses and optimisers in experiment files, by the engine's rows. */
#include "experiment/engine.h"

#include "experiment/emit.h"
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 1000 };

/* ---- what the engine has -------------------------------------------------------------------- */

static bool is_called(const char *name, const char *alias, const char *word) {
    return strcmp(name, word) == 0 || (alias && strcmp(alias, word) == 0);
}

const bf_layer_info *engine_layer(const char *kind) {
    const bf_layer_info *info;
    for (size_t i = 0; (info = bf_layer_list(i)); i++)
        if (is_called(info->kind, info->alias, kind))
            return info;
    return NULL;
}

const bf_loss_info *engine_loss(const char *name) {
    const bf_loss_info *info;
    for (size_t i = 0; (info = bf_loss_list(i)); i++)
        if (is_called(info->name, info->alias, name))
            return info;
    return NULL;
}

const bf_optimiser_info *engine_optimiser(const char *name) {
    const bf_optimiser_info *info;
    for (size_t i = 0; (info = bf_optimiser_list(i)); i++)
        if (is_called(info->name, info->alias, name))
            return info;
    return NULL;
}

static const char *known_kind(size_t i) {
    const bf_layer_info *info = bf_layer_list(i);
    return info ? info->kind : NULL;
}

static const char *known_loss(size_t i) {
    const bf_loss_info *info = bf_loss_list(i);
    return info ? info->name : NULL;
}

/* The option of this name or alias, of whichever optimiser, before the n-th. */
static const bf_option *any_option(const char *name, size_t n) {
    const bf_option *option = NULL;
    for (size_t i = 0; i < n && bf_optimiser_list(i) && !option; i++)
        option = bf_option_find(bf_optimiser_list(i)->options, name);
    return option;
}

const char *known_optimiser_option(size_t i) {
    for (size_t k = 0; bf_optimiser_list(k); k++)
        for (const bf_option *o = bf_optimiser_list(k)->options; o->name; o++)
            if (!any_option(o->name, k) && i-- == 0)
                return o->name;
    return NULL;
}

/* ---- the plain form ------------------------------------------------------------------------- */

/* What a number alone means: `{dense: 2}`, `{max_pool: 2}`, `{residual: 2}`. */
static const char *subject(const bf_option *options) {
    while (options->name && options->value)
        options++;
    return options->name;
}

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

/* Call options by their names. */
static bool rename_options(loader *l, node *map, const char *path,
                           const bf_option *(*find)(const void *of, const char *name),
                           const void *of) {
    for (node *c = map->first, *next; c; c = next) {
        next = c->next;
        const bf_option *o = find(of, c->key->text);
        if (!o || strcmp(o->name, c->key->text) == 0)
            continue;
        tree_drop(map, c);
        if (!put_newer(l, map, path, o->name, c))
            return false;
    }
    return true;
}

static const bf_option *option_of(const void *options, const char *name) {
    return bf_option_find(options, name);
}

static const bf_option *optimiser_option(const void *none, const char *name) {
    (void)none;
    return any_option(name, SIZE_MAX);
}

/* `{KIND: value, ...}` -> the options among the others. */
static bool unfold(loader *l, node *layer, const char *path, node *named,
                   const bf_layer_info *info) {
    if (named->kind == LIST)
        return tree_fail(l, named, "%s.%s is a list; expected a mapping of options", path,
                         info->kind);
    const char *alone = subject(info->options);
    if (named->kind == SCALAR)
        return named->null || put_newer(l, layer, path, alone ? alone : "width", named);
    for (node *c = named->first, *next; c; c = next) {
        next = c->next;
        if (!put_newer(l, layer, path, c->key->text, c))
            return false;
    }
    return true;
}

/* The first key that names a kind, unless `kind` is as new. */
static node *find_kind(node *layer, const node *kind) {
    node *named = layer->kind == MAP ? layer->first : NULL;
    while (named && !(engine_layer(named->key->text) && (!kind || named->touched > kind->touched)))
        named = named->next;
    return named;
}

static bool no_layer(loader *l, const node *layer, const char *path) {
    phrase list;
    const bool scalar = layer->kind == SCALAR;
    return tree_fail(l, layer, "%s is %s%.40s%s; expected a layer: %s", path,
                     scalar ? "'" : tree_kind_names[layer->kind], scalar ? layer->text : "",
                     scalar ? "'" : " that names no known kind",
                     tree_known_names(&list, known_kind));
}

/* A newer override replaces what was there. */
static bool plain_layer(loader *l, node *layer, const char *path) {
    if (layer->kind == SCALAR && engine_layer(layer->text)) {
        node *kind = tree_text(l, engine_layer(layer->text)->kind, layer);
        tree_become(layer, MAP);
        return tree_put(l, layer, "kind", kind);
    }
    const node *kind = tree_find(layer, "kind");
    node *named = find_kind(layer, kind);
    if (!named && !kind)
        return no_layer(l, layer, path);
    const bf_layer_info *info = engine_layer(named ? named->key->text : kind->text);
    if (named) {
        tree_drop(layer, named);
        if (!tree_put(l, layer, "kind", tree_text(l, info->kind, named)) ||
            !unfold(l, layer, path, named, info))
            return false;
    }
    return !info || rename_options(l, layer, path, option_of, info->options);
}

static bool plain_layers(loader *l) {
    const node *layers = tree_follow(l, "model.layers");
    size_t i = 0;
    for (node *c = layers && layers->kind == LIST ? layers->first : NULL; c; c = c->next) {
        char path[40];
        snprintf(path, sizeof path, "model.layers.%zu", i++);
        if (!plain_layer(l, c, path))
            return false;
    }
    return true;
}

bool engine_plain(loader *l) {
    node *train = tree_follow(l, "train"), *optimiser = tree_follow(l, "train.optimiser");
    const bf_optimiser_info *info = NULL;
    if (optimiser && optimiser->kind == SCALAR)
        info = engine_optimiser(optimiser->text);
    if (info) {
        node *name = tree_text(l, info->name, optimiser);
        if (!name)
            return false;
        tree_assign(optimiser, name);
    }
    return plain_layers(l) && (!train || train->kind != MAP ||
                               rename_options(l, train, "train", optimiser_option, NULL));
}

/* ---- settings ------------------------------------------------------------------------------- */

static void free_settings(const bf_setting *settings, size_t n) {
    for (size_t i = 0; settings && i < n; i++)
        free((char *)settings[i].value);
    free((bf_setting *)settings);
}

static size_t count_options(const bf_option *options) {
    size_t n = 0;
    while (options[n].name)
        n++;
    return n;
}

/* The value of one option, in the engine's words. */
static char *take_option(loader *l, const bf_option *o, const node *n, const char *path) {
    bool flag = false;
    const char *text = n->text;
    if (n->kind == SCALAR && o->type == BF_OPTION_FLAG && text_is_flag(text, &flag))
        text = flag ? "true" : "false";
    if (n->kind != SCALAR || !bf_option_accepts(o, text)) {
        const bool given = n->kind == SCALAR && *n->text;
        (void)tree_fail(l, n, "%s.%s is %s%.60s%s; expected %s", path, o->name, given ? "'" : "",
                        n->kind != SCALAR ? tree_kind_names[n->kind]
                        : given           ? n->text
                                          : "empty",
                        given ? "'" : "", o->expected);
        return NULL;
    }
    char *copy = strdup(text);
    if (!copy)
        (void)tree_fail_memory(l);
    return copy;
}

/* Every option with its value in the mapping, or its default; `what` has them, "a dense layer". */
static bool take_settings(loader *l, const node *map, const char *path, const char *what,
                          const char *kind, const bf_option *options, const bf_setting **out,
                          size_t *n) {
    bf_setting *settings = calloc(count_options(options) + 1, sizeof *settings);
    *out = settings;
    if (!settings)
        return tree_fail_memory(l);
    for (const bf_option *o = options; o->name; o++) {
        const node *given = tree_find(map, o->name);
        if (!given && !o->value)
            return tree_fail(l, map, "%s, %s, has no %s; expected %s: 2 or the like", path, what,
                             o->name, kind);
        settings[*n].name = o->name;
        settings[*n].value = given ? take_option(l, o, given, path) : strdup(o->value);
        if (!settings[(*n)++].value)
            return given ? false : tree_fail_memory(l);
    }
    return true;
}

static bool no_other_options(loader *l, const node *map, const char *path, const char *what,
                             const bf_option *options) {
    for (const node *c = map->first; c; c = c->next) {
        phrase list = {""};
        if (strcmp(c->key->text, "kind") == 0 || bf_option_find(options, c->key->text))
            continue;
        for (const bf_option *o = options; o->name; o++)
            tree_add_name(&list, "the options ", o->name);
        return tree_fail(l, c->key, "unknown field '%.40s' in %s, %s; expected %s", c->key->text,
                         path, what, *list.text ? list.text : "no options");
    }
    return true;
}

/* Options with commas between them, the first after `before`. */
static void put_settings(FILE *f, const char *before, const bf_setting *settings, size_t n,
                         const char *left_out) {
    for (size_t i = 0; i < n; i++)
        if (!left_out || strcmp(settings[i].name, left_out) != 0) {
            fprintf(f, "%s%s: ", before, settings[i].name);
            if (strcmp(settings[i].value, "true") == 0 || strcmp(settings[i].value, "false") == 0)
                fputs(settings[i].value, f);
            else
                emit_text(f, settings[i].value);
            before = ", ";
        }
}

static bool always(const void *base) {
    (void)base;
    return true;
}

/* The options of a kind below `path`. */
static void describe_options(const char *path, const char *when, const bf_option *options,
                             field_put *put, void *to) {
    static const char *const types[] = {[BF_OPTION_COUNT] = "whole number",
                                        [BF_OPTION_NUMBER] = "number",
                                        [BF_OPTION_FLAG] = "flag"};
    char name[100];
    for (const bf_option *o = options; o->name; o++) {
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

static void describe_kind(const char *path, const char *summary, const bf_option *options,
                          field_put *put, void *to) {
    put(to,
        &(field_description){.path = path, .type = "section", .expected = "", .summary = summary});
    describe_options(path, NULL, options, put, to);
}

/* ---- layers --------------------------------------------------------------------------------- */

static bool take_layer(loader *l, const node *n, size_t index, bf_layer *out) {
    phrase list;
    char path[40], what[80];
    const node *kind = tree_find(n, "kind");
    const bf_layer_info *info = kind->kind == SCALAR ? engine_layer(kind->text) : NULL;
    snprintf(path, sizeof path, "model.layers.%zu", index);
    if (!info)
        return tree_fail(l, kind, "%s.kind is '%.40s'; expected %s", path, kind->text,
                         tree_known_names(&list, known_kind));
    snprintf(what, sizeof what, "a %s layer", info->kind);
    out->kind = info->kind;
    return no_other_options(l, n, path, what, info->options) &&
           take_settings(l, n, path, what, info->kind, info->options, &out->settings,
                         &out->n_settings);
}

static bool read_layers(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    const node *list = tree_find(section, "layers");
    unsigned n = 0;
    if (!list)
        return tree_fail(l, section, "field 'layers' is missing in %s; expected a list", path);
    if (list->kind != LIST)
        return tree_fail(l, list, "%s.layers is %s; expected a list", path,
                         list->null ? "empty" : tree_kind_names[list->kind]);
    for (const node *c = list->first; c; c = c->next)
        n++;
    if (n < 1 || n > MAX_LAYERS)
        return tree_fail(l, list, "%s.layers has %u items; expected from 1 to %d", path, n,
                         MAX_LAYERS);
    if (!(x->model.layers = calloc(n, sizeof *x->model.layers)))
        return tree_fail_memory(l);
    x->model.n_layers = n;
    n = 0;
    for (const node *c = list->first; c; c = c->next, n++)
        if (!take_layer(l, c, n, &x->model.layers[n]))
            return false;
    return true;
}

/* `{dense: 2, bias: false, scale: 1/2}`, `{tanh: {gain: sqrt(2)}}`, `{relu: {}}` */
static void write_layer(FILE *f, const bf_layer *layer, int indent) {
    const char *alone = subject(engine_layer(layer->kind)->options);
    fprintf(f, "%*s- {%s: ", indent, "", layer->kind);
    for (size_t i = 0; i < layer->n_settings && alone; i++)
        if (strcmp(layer->settings[i].name, alone) == 0)
            emit_text(f, layer->settings[i].value);
    put_settings(f, alone ? ", " : "{", layer->settings, layer->n_settings, alone);
    fputs(alone ? "}\n" : layer->n_settings ? "}}\n" : "{}}\n", f);
}

static void write_layers(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    fprintf(f, "%*slayers:\n", indent, "");
    for (unsigned i = 0; i < x->model.n_layers; i++)
        write_layer(f, &x->model.layers[i], indent + 2);
}

static void free_layers(void *base) {
    experiment *x = base;
    for (unsigned i = 0; x->model.layers && i < x->model.n_layers; i++)
        free_settings(x->model.layers[i].settings, x->model.layers[i].n_settings);
    free(x->model.layers);
}

static void describe_layers(field_put *put, void *to) {
    const bf_layer_info *info;
    char path[64];
    for (size_t i = 0; (info = bf_layer_list(i)); i++) {
        snprintf(path, sizeof path, "model.layers.*.%s", info->kind);
        describe_kind(path, info->summary, info->options, put, to);
    }
}

const field_own layers_field = {read_layers, write_layers, always, free_layers, describe_layers};

/* ---- the loss ------------------------------------------------------------------------------- */

/* `mse`, or `{KIND: {OPTION: ...}}` */
static bool read_loss(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    phrase list;
    const node none = {.kind = MAP, .line = section->line, .turn = section->turn};
    const node *n = tree_find(section, "loss"), *options = &none;
    const char *name = !n ? "mse" : n->text;
    if (n && n->kind == MAP && n->first && !n->first->next) {
        options = n->first;
        name = n->first->key->text;
    }
    const bf_loss_info *info =
        !n || n->kind == SCALAR || options != &none ? engine_loss(name) : NULL;
    if (!info || (options != &none && options->kind != MAP && !options->null))
        return tree_fail(l, n, "%s.loss is %s%.40s%s; expected %s", path,
                         n->kind == SCALAR ? "'" : "",
                         n->kind == SCALAR ? n->text : tree_kind_names[n->kind],
                         n->kind == SCALAR ? "'" : "", tree_known_names(&list, known_loss));
    x->model.loss = info->name;
    return no_other_options(l, options, "model.loss", info->name, info->options) &&
           take_settings(l, options, "model.loss", info->name, info->name, info->options,
                         &x->model.loss_settings, &x->model.n_loss_settings);
}

static void write_loss(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    if (x->model.n_loss_settings == 0) {
        fprintf(f, "%*sloss: %s\n", indent, "", x->model.loss);
        return;
    }
    fprintf(f, "%*sloss: {%s: ", indent, "", x->model.loss);
    put_settings(f, "{", x->model.loss_settings, x->model.n_loss_settings, NULL);
    fputs("}}\n", f);
}

static void free_loss(void *base) {
    const experiment *x = base;
    free_settings(x->model.loss_settings, x->model.n_loss_settings);
}

static void describe_losses(field_put *put, void *to) {
    const bf_loss_info *info;
    char path[64];
    for (size_t i = 0; (info = bf_loss_list(i)); i++) {
        snprintf(path, sizeof path, "model.loss.%s", info->name);
        describe_kind(path, info->summary, info->options, put, to);
    }
}

const field_own loss_field = {read_loss, write_loss, always, free_loss, describe_losses};

/* ---- the optimiser -------------------------------------------------------------------------- */

/* Whether it is an option of the first optimiser, sgd, with its default there: older resolved
 * experiments have `momentum: 0` with every optimiser. */
static bool is_idle(const char *name, const node *n) {
    double value, usual;
    const bf_option *o = bf_option_find(bf_optimiser_list(0)->options, name);
    return o && o->value && n->kind == SCALAR && bf_number_double(n->text, &value, NULL) == BF_OK &&
           bf_number_double(o->value, &usual, NULL) == BF_OK && value == usual;
}

static bool read_optimiser(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    phrase list = {""};
    const bf_optimiser_info *info = engine_optimiser(x->train.optimiser);
    for (const node *c = section->first; c; c = c->next) {
        const char *key = c->key->text;
        if (!any_option(key, SIZE_MAX) || bf_option_find(info->options, key) || is_idle(key, c))
            continue;
        for (const bf_option *o = info->options; o->name; o++)
            tree_add_name(&list, "its options ", o->name);
        return tree_fail(l, c->key,
                         "unknown field '%.40s' in %s with %s.optimiser: %s; expected %s", key,
                         path, path, info->name, *list.text ? list.text : "no options");
    }
    return take_settings(l, section, path, info->name, info->name, info->options,
                         &x->train.settings, &x->train.n_settings);
}

static void write_optimiser(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    char before[16] = "";
    snprintf(before, sizeof before, "%*s", indent, "");
    for (size_t i = 0; i < x->train.n_settings; i++) {
        put_settings(f, before, &x->train.settings[i], 1, NULL);
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
    const bf_optimiser_info *info;
    char when[64];
    for (size_t i = 0; (info = bf_optimiser_list(i)); i++) {
        snprintf(when, sizeof when, "train.optimiser: %s", info->name);
        describe_options("train", when, info->options, put, to);
    }
}

const field_own optimiser_field = {read_optimiser, write_optimiser, has_options, free_optimiser,
                                   describe_optimisers};
