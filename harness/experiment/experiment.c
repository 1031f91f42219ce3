/* SPDX-License-Identifier: MIT */
/* experiment.c - reads, checks and writes experiment files.
 *
 * A file becomes a tree (tree.h); overrides, shorthands and defaults are applied to the tree, which
 * is then checked against `schema` and `rules`. What is left is in the schema's plain form:
 * libcyaml reads it into the struct. The check comes first because libcyaml 1.3 is lenient (it
 * reads 5x as 5, -5 as 2^64-5, 010 as 8, any word as true) and cannot know lines of the file or
 * overrides. */
#include "experiment/experiment.h"

#include "experiment/outcome.h"
#include "experiment/subspace.h"
#include "experiment/tree.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_LAYERS = 1000,
    MAX_VALUES = 1000000,
    MAX_ARITHMETICS = 1000,
    MAX_EPS = 10000,
    MAX_VIEWS = 1000,
    MAX_PUBLISHED = 1000,
    MAX_PHASES = 1000,
    DEFAULT_REPEATS = 32,
    MAX_SETTINGS = 16, /* of a layer */
    MAX_NUMBER = 1000  /* characters */
};

/* ---- the schema ----------------------------------------------------------------------------- */

/* Groups of fields lie in the experiment itself, so every offset counts from its start. */
#define TEXT(key, member) OPTIONAL_TEXT(key, member, 0)
#define OPTIONAL_TEXT(key, member, flags)                                            \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), experiment, member, 0, \
                           CYAML_UNLIMITED)
#define WHOLE(key, member) CYAML_FIELD_UINT(key, CYAML_FLAG_DEFAULT, experiment, member)
#define LIST_OF(key, list, count, entry, min, max, flags)                                         \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), experiment, list, count, entry, \
                               min, max)
#define GROUP(name, group, optional)                                               \
    {                                                                              \
        .key = name, .value = { CYAML_VALUE_MAPPING(optional, experiment, group) } \
    }

static const cyaml_schema_value_t text_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

/* Read apart: options come as the engine has them. */
static const cyaml_schema_value_t layer_entry = {.type = CYAML_IGNORE};

static const cyaml_schema_field_t model_fields[] = {LIST_OF("layers", model.layers, model.n_layers,
                                                            &layer_entry, 1, MAX_LAYERS,
                                                            CYAML_FLAG_OPTIONAL),
                                                    TEXT("loss", model.loss), CYAML_FIELD_END};

#define DATA_TEXT(key) OPTIONAL_TEXT(#key, data.key, CYAML_FLAG_OPTIONAL)
#define DATA_WHOLE(key) CYAML_FIELD_UINT(#key, CYAML_FLAG_OPTIONAL, experiment, data.key)
static const cyaml_schema_field_t targets_fields[] = {TEXT("shift", data.shift),
                                                      TEXT("scale", data.scale), CYAML_FIELD_END};
static const cyaml_schema_field_t data_fields[] = {
    TEXT("set", data.set),
    DATA_TEXT(folder),
    DATA_TEXT(x),
    DATA_TEXT(y),
    DATA_TEXT(x_test),
    DATA_TEXT(y_test),
    DATA_WHOLE(samples),
    DATA_WHOLE(side),
    DATA_WHOLE(classes),
    DATA_WHOLE(first),
    DATA_WHOLE(test),
    DATA_WHOLE(pool),
    CYAML_FIELD_BOOL("standardise", CYAML_FLAG_OPTIONAL, experiment, data.standardise),
    DATA_TEXT(noise),
    GROUP("targets", targets_fields, CYAML_FLAG_OPTIONAL),
    DATA_WHOLE(seed),
    DATA_TEXT(hash),
    CYAML_FIELD_END};

static const cyaml_schema_field_t uniform_fields[] = {TEXT("low", init.low),
                                                      TEXT("high", init.high), CYAML_FIELD_END};
static const cyaml_schema_field_t planes_fields[] = {TEXT("distance", init.distance),
                                                     CYAML_FIELD_END};
/* Each has a place of its own, because libcyaml frees every one. */
#define GAIN(i) \
    { TEXT("gain", init.gains[i]), CYAML_FIELD_END }
static const cyaml_schema_field_t gain_fields[EXPERIMENT_INITIALISERS][2] = {
    GAIN(0), GAIN(1), GAIN(2), GAIN(3), GAIN(4), GAIN(5)};
static const cyaml_schema_field_t init_fields[] = {
    LIST_OF("values", init.values, init.n_values, &text_entry, 1, MAX_VALUES, CYAML_FLAG_OPTIONAL),
    GROUP("uniform", uniform_fields, CYAML_FLAG_OPTIONAL),
    GROUP("planes", planes_fields, CYAML_FLAG_OPTIONAL),
    GROUP("torch_default", gain_fields[0], CYAML_FLAG_OPTIONAL),
    GROUP("kaiming_uniform", gain_fields[1], CYAML_FLAG_OPTIONAL),
    GROUP("kaiming_normal", gain_fields[2], CYAML_FLAG_OPTIONAL),
    GROUP("xavier_uniform", gain_fields[3], CYAML_FLAG_OPTIONAL),
    GROUP("xavier_normal", gain_fields[4], CYAML_FLAG_OPTIONAL),
    GROUP("lecun_normal", gain_fields[5], CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};

static const cyaml_schema_field_t phase_fields[] = {
    CYAML_FIELD_UINT("at", CYAML_FLAG_DEFAULT, bf_phase, at),
    CYAML_FIELD_STRING_PTR("rate", CYAML_FLAG_POINTER, bf_phase, rate, 0, CYAML_UNLIMITED),
    CYAML_FIELD_BOOL("reset", CYAML_FLAG_OPTIONAL, bf_phase, reset), CYAML_FIELD_END};
static const cyaml_schema_value_t phase_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, bf_phase, phase_fields)};
#define TRAIN_TEXT(key) OPTIONAL_TEXT(#key, train.key, CYAML_FLAG_OPTIONAL)
static const cyaml_schema_field_t train_fields[] = {
    WHOLE("steps", train.steps),
    TEXT("rate", train.rate),
    TEXT("momentum", train.momentum),
    TEXT("decay", train.decay),
    TRAIN_TEXT(optimiser),
    TRAIN_TEXT(beta1),
    TRAIN_TEXT(beta2),
    TRAIN_TEXT(epsilon),
    CYAML_FIELD_UINT("batch", CYAML_FLAG_OPTIONAL, experiment, train.batch),
    LIST_OF("phases", train.phases, train.n_phases, &phase_entry, 1, MAX_PHASES,
            CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};

static const cyaml_schema_field_t outcome_fields[] = {
    TEXT("rule", outcome.rule), TEXT("within", outcome.within), TEXT("bound", outcome.bound),
    CYAML_FIELD_END};

static const cyaml_schema_field_t fit_fields[] = {
    OPTIONAL_TEXT("from", sweep.fit_from, CYAML_FLAG_OPTIONAL),
    OPTIONAL_TEXT("to", sweep.fit_to, CYAML_FLAG_OPTIONAL), CYAML_FIELD_END};
static const cyaml_schema_field_t sweep_fields[] = {
    LIST_OF("eps", sweep.eps, sweep.n_eps, &text_entry, 0, MAX_EPS, CYAML_FLAG_OPTIONAL),
    WHOLE("starts", sweep.starts),
    TEXT("perturb", sweep.perturb),
    OPTIONAL_TEXT("orders", sweep.orders, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_UINT("repeats", CYAML_FLAG_OPTIONAL, experiment, sweep.repeats),
    CYAML_FIELD_FLOAT("stability", CYAML_FLAG_STRICT, experiment, sweep.stability),
    GROUP("fit", fit_fields, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};

static const cyaml_schema_value_t whole_entry = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint64_t)};
static const cyaml_schema_field_t ladder_fields[] = {
    WHOLE("starts", ladder.starts),
    LIST_OF("steps", ladder.steps, ladder.n_steps, &whole_entry, 1, EXPERIMENT_STOPS, 0),
    CYAML_FIELD_END};

static const cyaml_schema_field_t lyapunov_fields[] = {
    WHOLE("trajectories", lyapunov.trajectories),
    WHOLE("steps", lyapunov.steps),
    WHOLE("transient", lyapunov.transient),
    WHOLE("tail", lyapunov.tail),
    TEXT("within", lyapunov.within),
    TEXT("spread", lyapunov.spread),
    WHOLE("every", lyapunov.every),
    CYAML_FIELD_UINT("exponents", CYAML_FLAG_OPTIONAL, experiment, lyapunov.exponents),
    LIST_OF("windows", lyapunov.windows, lyapunov.n_windows, &whole_entry, 1, EXPERIMENT_WINDOWS,
            0),
    CYAML_FIELD_END};

#define VIEW_TEXTS(key, list, count)                                                               \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, experiment_view, list, count, &text_entry, \
                               2, 2)
static const cyaml_schema_field_t view_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, experiment_view, name, 0, CYAML_UNLIMITED),
    VIEW_TEXTS("x", x, n_x),
    VIEW_TEXTS("y", y, n_y),
    CYAML_FIELD_UINT("points", CYAML_FLAG_DEFAULT, experiment_view, points),
    CYAML_FIELD_STRING_PTR("rate", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, experiment_view, rate,
                           0, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t view_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, experiment_view, view_fields)};
static const cyaml_schema_field_t map_fields[] = {
    LIST_OF("u", map.u, map.n_u, &text_entry, 1, MAX_VALUES, CYAML_FLAG_OPTIONAL),
    LIST_OF("v", map.v, map.n_v, &text_entry, 1, MAX_VALUES, CYAML_FLAG_OPTIONAL),
    OPTIONAL_TEXT("within", map.within, CYAML_FLAG_OPTIONAL),
    TEXT("shade", map.shade),
    LIST_OF("views", map.views, map.n_views, &view_entry, 1, MAX_VIEWS, 0),
    CYAML_FIELD_END};

/* Read apart: axes come in any number and order (axes.h). */
static const cyaml_schema_field_t matrix_fields[] = {
    CYAML_FIELD_IGNORE("arithmetics", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("threads", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("kernels", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("libraries", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("coretypes", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("affinity", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("flush", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("rounding", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("environment", CYAML_FLAG_OPTIONAL),
    {.key = "repeat", .value = {.type = CYAML_UINT, .flags = CYAML_FLAG_OPTIONAL}},
    {.key = "limit", .value = {.type = CYAML_UINT, .flags = CYAML_FLAG_OPTIONAL}},
    CYAML_FIELD_IGNORE("reference", CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};
static const cyaml_schema_value_t matrix_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, experiment, matrix_fields)};

#define PUBLISHED_TEXT(key, flags)                                                           \
    CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | (flags), experiment_published, key, 0, \
                           CYAML_UNLIMITED)
static const cyaml_schema_field_t published_fields[] = {
    PUBLISHED_TEXT(where, 0), PUBLISHED_TEXT(what, 0), PUBLISHED_TEXT(value, 0),
    PUBLISHED_TEXT(measure, CYAML_FLAG_OPTIONAL), CYAML_FIELD_END};
static const cyaml_schema_value_t published_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, experiment_published, published_fields)};

static const cyaml_schema_field_t fields[] = {
    TEXT("name", name),
    TEXT("description", description),
    WHOLE("seed", seed),
    GROUP("model", model_fields, 0),
    GROUP("data", data_fields, 0),
    GROUP("init", init_fields, 0),
    GROUP("train", train_fields, 0),
    GROUP("outcome", outcome_fields, 0),
    LIST_OF("arithmetics", arithmetics, n_arithmetics, &text_entry, 1, MAX_ARITHMETICS, 0),
    GROUP("sweep", sweep_fields, 0),
    GROUP("ladder", ladder_fields, 0),
    GROUP("lyapunov", lyapunov_fields, CYAML_FLAG_OPTIONAL),
    GROUP("map", map_fields, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_IGNORE("matrix", CYAML_FLAG_OPTIONAL),
    LIST_OF("published", published, n_published, &published_entry, 1, MAX_PUBLISHED,
            CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, experiment, fields)};

/* A range of eps, expanded before libcyaml sees it: offsets mean nothing. */
static const cyaml_schema_field_t range_fields[] = {{.key = "from", .value.type = CYAML_STRING},
                                                    {.key = "to", .value.type = CYAML_STRING},
                                                    {.key = "points", .value.type = CYAML_UINT},
                                                    CYAML_FIELD_END};
static const cyaml_schema_value_t range_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, experiment, range_fields)};

static bool is_called(const char *text, const char *name, const char *alias) {
    return strcmp(text, name) == 0 || (alias && strcmp(text, alias) == 0);
}

static const char *known_kind(size_t i) {
    const bf_layer_info *info = bf_layer_list(i);
    return info ? info->kind : NULL;
}

/* Their names, then the aliases. */
static const char *known_loss(size_t i) {
    size_t n = 0;
    for (const bf_loss_info *info; (info = bf_loss_list(n)); n++)
        if (n == i)
            return info->name;
    for (size_t j = 0; j < n; j++)
        if (bf_loss_list(j)->alias && i-- == n)
            return bf_loss_list(j)->alias;
    return NULL;
}

static const char *known_set(size_t i) {
    static const char *const names[] = {"paper8", "idx", "npy", "synthetic", NULL};
    return names[i];
}

static const char *known_optimiser(size_t i) {
    const bf_optimiser_info *info = bf_optimiser_list(i);
    return info ? info->name : NULL;
}

static const bf_optimiser_info *optimiser_info(const char *name) {
    const bf_optimiser_info *info;
    for (size_t i = 0; (info = bf_optimiser_list(i)); i++)
        if (is_called(name ? name : "sgd", info->name, info->alias))
            return info;
    return NULL;
}

static const char *known_rule(size_t i) {
    return outcome_rule(i, NULL);
}

static const char *known_perturb(size_t i) {
    const bf_perturbation *p = bf_perturbation_list(i);
    return p ? p->name : NULL;
}

static const char *known_orders(size_t i) {
    static const char *const names[] = {"same", "own", NULL};
    return names[i];
}

static const char *known_shade(size_t i) {
    static const char *const names[] = {"none", "distance", "step", NULL};
    return names[i];
}

#define FINITE "a finite number"
#define POSITIVE "a finite number above 0"
#define NOT_NEGATIVE "a finite number, 0 or above"
#define RATIONAL_NUMBER "a decimal, a hex float or a quotient"

static const rule rules[] = {
    {"name", NAME, 0, 0, "1 to 100 of a-z, 0-9, '.', '_', '-'", NULL},
    {"seed", NUMBER, 0, 0x1p64, "a whole number below 2^64", NULL},
    {"model.loss", KNOWN, 0, 0, NULL, known_loss},
    {"data.set", KNOWN, 0, 0, NULL, known_set},
    {"data.samples", NUMBER, 1, 1e7, "a whole number from 1 to 10^7", NULL},
    {"data.side", NUMBER, 1, 4096, "a whole number from 1 to 4096", NULL},
    {"data.classes", NUMBER, 1, 65536, "a whole number from 1 to 65536", NULL},
    {"data.first", NUMBER, 0, 1e9, "a whole number, 0 for all", NULL},
    {"data.test", NUMBER, 0, 1e9, "a whole number, 0 for none", NULL},
    {"data.pool", NUMBER, 1, 4096, "a whole number from 1 to 4096", NULL},
    {"data.noise", RATIONAL, 0, 1, "a probability: " RATIONAL_NUMBER ", from 0 to 1", NULL},
    {"data.targets.shift", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"data.targets.scale", RATIONAL, DBL_TRUE_MIN, DBL_MAX, RATIONAL_NUMBER ", above 0", NULL},
    {"data.seed", NUMBER, 0, 0x1p64, "a whole number below 2^64", NULL},
    {"init.values.*", NUMBER, -DBL_MAX, DBL_MAX, FINITE, NULL},
    {"init.uniform.*", NUMBER, -DBL_MAX, DBL_MAX, FINITE, NULL},
    {"init.planes.distance", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"init.*.gain", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"train.steps", NUMBER, 1, 1e12, "a whole number from 1 to 10^12", NULL},
    {"train.rate", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"train.momentum", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"train.decay", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"train.optimiser", KNOWN, 0, 0, NULL, known_optimiser},
    {"train.beta1", NUMBER, 0, 1, "a number from 0 to 1", NULL},
    {"train.beta2", NUMBER, 0, 1, "a number from 0 to 1", NULL},
    {"train.epsilon", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"train.batch", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"train.phases.*.at", NUMBER, 1, 1e12, "a whole number from 1 to 10^12", NULL},
    {"train.phases.*.rate", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"outcome.rule", KNOWN, 0, 0, NULL, known_rule},
    {"outcome.within", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"outcome.bound", NUMBER, DBL_TRUE_MIN, INFINITY, "a number above 0, or inf", NULL},
    {"sweep.eps.points", NUMBER, 1, MAX_EPS, "a whole number from 1 to 10000", NULL},
    {"sweep.eps.*", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"sweep.starts", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"sweep.perturb", KNOWN, 0, 0, NULL, known_perturb},
    {"sweep.orders", KNOWN, 0, 0, NULL, known_orders},
    {"sweep.repeats", NUMBER, 0, 1e9, "a whole number, at most sweep.starts", NULL},
    {"sweep.stability", NUMBER, 1, 100, "a decimal number from 1 to 100", NULL},
    {"sweep.fit.*", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"ladder.starts", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"ladder.steps.*", NUMBER, 1, 1e12, "a whole number from 1 to 10^12", NULL},
    {"lyapunov.trajectories", NUMBER, 1, 1e6, "a whole number from 1 to 10^6", NULL},
    {"lyapunov.steps", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"lyapunov.transient", NUMBER, 0, 1e9, "a whole number up to 10^9", NULL},
    {"lyapunov.tail", NUMBER, 0, 1e9, "a whole number up to 10^9", NULL},
    {"lyapunov.spread", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"lyapunov.every", NUMBER, 1, 1e6, "a whole number from 1 to 10^6", NULL},
    {"lyapunov.exponents", NUMBER, 1, 256, "a whole number from 1 to 256", NULL},
    {"lyapunov.windows.*", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"map.u.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.v.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.shade", KNOWN, 0, 0, NULL, known_shade},
    {"map.views.*.name", NAME, 0, 0, "1 to 100 of a-z, 0-9, '.', '_', '-'", NULL},
    {"map.views.*.x.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.views.*.y.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.views.*.points", NUMBER, 2, 16384, "a whole number from 2 to 16384", NULL},
    {"map.views.*.rate", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"matrix.repeat", NUMBER, 1, 1000, "a whole number from 1 to 1000", NULL},
    {"matrix.limit", NUMBER, 1, 1e6, "a whole number of seconds, from 1 to 10^6", NULL},
    {NULL, NAME, 0, 0, NULL, NULL},
};

/* What a file leaves out, in YAML. sweep.repeats and the name follow from other things. */
static const struct {
    const char *group, *key, *value;
    bool optional; /* nothing is filled into a group that is not there */
} defaults[] = {
    {"", "description", "", false},
    {"", "seed", "1", false},
    {"", "arithmetics", "[f64]", false},
    {"model", "loss", "mse", true},
    {"data.targets", "shift", "0", true},
    {"data.targets", "scale", "1", true},
    {"init.uniform", "low", "-1", true},
    {"init.uniform", "high", "1", true},
    {"init.planes", "distance", "1", true},
    {"train", "steps", "1000", false},
    {"train", "momentum", "0", false},
    {"train", "decay", "0", false},
    {"outcome", "rule", "planes", false},
    {"outcome", "bound", "1e6", false},
    {"sweep", "starts", "1000", false},
    {"sweep", "perturb", "cube", false},
    {"sweep", "stability", "1.2", false},
    {"ladder", "starts", "1000", false},
    {"lyapunov", "trajectories", "32", true},
    {"lyapunov", "steps", "100000", true},
    {"lyapunov", "transient", "1000", true},
    {"lyapunov", "tail", "1000", true},
    {"lyapunov", "within", "none", true},
    {"lyapunov", "spread", "1e-3", true},
    {"lyapunov", "every", "1", true},
    {"lyapunov", "windows", "[32, 64, 128, 256, 512]", true},
    {"map", "shade", "none", true},
    {"matrix", "repeat", "2", true},
    {"matrix", "limit", "60", true},
};

/* ---- shorthands ----------------------------------------------------------------------------- */

static const bf_layer_info *layer_info(const char *kind) {
    for (size_t i = 0; bf_layer_list(i); i++)
        if (is_called(kind, bf_layer_list(i)->kind, bf_layer_list(i)->alias))
            return bf_layer_list(i);
    return NULL;
}

/* What a number alone means: `{dense: 2}`, `{max_pool: 2}`, `{residual: 2}`. It is the first option
 * without a default. */
static const char *subject(const bf_layer_info *info) {
    const bf_option *o = info->options;
    while (o->name && o->value)
        o++;
    return o->name;
}

static bool put_option(loader *l, node *layer, size_t index, const char *key, node *value) {
    const node *twin = tree_find(layer, key);
    if (twin && twin->turn == value->turn)
        return tree_fail(l, value,
                         "field '%.40s' is given twice in model.layers.%zu; expected it once", key,
                         index);
    return tree_put(l, layer, key, value);
}

/* `tanh`, `{tanh: {gain: 2}}`, `{dense: 2, bias: false}` -> `{kind: ..., width: 2, ...}`. A newer
 * override replaces what was there. */
static bool plain_layer(loader *l, node *layer, size_t index) {
    phrase list;
    if (layer->kind == SCALAR && layer_info(layer->text)) {
        node *kind = tree_text(l, layer->text, layer);
        tree_become(layer, MAP);
        return tree_put(l, layer, "kind", kind);
    }
    /* Not `kind` but the first key that names one, unless `kind` is as new. */
    node *kind = tree_find(layer, "kind"), *named = layer->kind == MAP ? layer->first : NULL;
    while (named && !(layer_info(named->key->text) && (!kind || named->touched > kind->touched)))
        named = named->next;
    if (!named && !kind)
        return tree_fail(l, layer, "model.layers.%zu is %s%.40s%s; expected a layer: %s", index,
                         layer->kind == SCALAR ? "'" : tree_kind_names[layer->kind],
                         layer->kind == SCALAR ? layer->text : "",
                         layer->kind == SCALAR ? "'" : " that names no known kind",
                         tree_known_names(&list, known_kind));
    if (!named)
        return true;
    tree_drop(layer, named);
    kind = tree_text(l, named->key->text, named);
    if (!tree_put(l, layer, "kind", kind))
        return false;
    if (named->kind == LIST)
        return tree_fail(l, named, "model.layers.%zu.%s is a list; expected a mapping of options",
                         index, kind->text);
    const char *alone = subject(layer_info(kind->text));
    if (named->kind == SCALAR)
        return named->null || put_option(l, layer, index, alone ? alone : "width", named);
    for (node *c = named->first, *next; c; c = next) {
        next = c->next;
        if (!put_option(l, layer, index, c->key->text, c))
            return false;
    }
    return true;
}

static bool plain_layers(loader *l) {
    const node *layers = tree_follow(l, "model.layers");
    size_t i = 0;
    if (layers && layers->kind == LIST)
        for (node *c = layers->first; c; c = c->next)
            if (!plain_layer(l, c, i++))
                return false;
    return true;
}

/* A value that the option may have; a flag in its plain words. */
static bool check_option(loader *l, node *value, size_t index, const bf_option *o) {
    if (value->kind == SCALAR && o->type == BF_OPTION_FLAG) {
        static const char *const yes[] = {"yes", "on", "true"}, *const no[] = {"no", "off",
                                                                               "false"};
        for (size_t i = 0; i < 3; i++)
            if (strcasecmp(value->text, yes[i]) == 0 || strcasecmp(value->text, no[i]) == 0)
                value->text = strcasecmp(value->text, yes[i]) == 0 ? "true" : "false";
    }
    if (value->kind == SCALAR && strlen(value->text) <= MAX_NUMBER &&
        bf_option_accepts(o, value->text))
        return true;
    const char *what = value->kind != SCALAR ? tree_kind_names[value->kind]
                       : value->null         ? "empty"
                                             : value->text;
    const char *quote = value->kind == SCALAR && !value->null ? "'" : "";
    return tree_fail(l, value, "model.layers.%zu.%s is %s%.60s%s; expected %s", index, o->name,
                     quote, what, quote, o->expected);
}

/* A layer has the options that its kind takes, defaults filled in, and no others. */
static bool layer_options(loader *l, node *layer, size_t index) {
    phrase list = {""};
    const node *kind = tree_find(layer, "kind");
    const bf_layer_info *info = kind->kind == SCALAR ? layer_info(kind->text) : NULL;
    if (!info)
        return tree_fail(l, kind, "model.layers.%zu.kind is '%.40s'; expected %s", index,
                         kind->kind == SCALAR ? kind->text : tree_kind_names[kind->kind],
                         tree_known_names(&list, known_kind));
    for (const bf_option *o = info->options; o->name; o++)
        tree_add_name(&list, "the options ", o->name);
    for (node *c = layer->first; c; c = c->next) {
        const bf_option *o = bf_option_find(info->options, c->key->text);
        if (c != kind && !o)
            return tree_fail(
                l, c->key, "unknown field '%.40s' in model.layers.%zu, a %s layer; expected %s",
                c->key->text, index, kind->text, *list.text ? list.text : "no options");
        if (o && !check_option(l, c, index, o))
            return false;
    }
    for (const bf_option *o = info->options; o->name; o++) {
        if (tree_find(layer, o->name) || (o->alias && tree_find(layer, o->alias)))
            continue;
        if (!o->value)
            return tree_fail(l, layer,
                             "model.layers.%zu, a %s layer, has no %s; expected %s: 2 or the like",
                             index, kind->text, o->name, kind->text);
        if (!tree_put(l, layer, o->name, tree_text(l, o->value, layer)))
            return false;
    }
    return true;
}

static bool all_layer_options(loader *l) {
    const node *layers = tree_follow(l, "model.layers");
    size_t index = 0;
    for (node *c = layers && layers->kind == LIST ? layers->first : NULL; c; c = c->next)
        if (!layer_options(l, c, index++))
            return false;
    return true;
}

/* The fields of `data`, which sets take them, and their defaults. */
enum { PAPER8 = 1, IDX = 2, NPY = 4, SYNTHETIC = 8, LOADED = IDX | NPY | SYNTHETIC };
static const struct {
    const char *key;
    unsigned sets;
    const char *value; /* NULL: none */
} data_options[] = {
    {"set", PAPER8 | LOADED, NULL},
    {"folder", IDX, NULL},
    {"x", NPY, NULL},
    {"y", NPY, NULL},
    {"x_test", NPY, NULL},
    {"y_test", NPY, NULL},
    {"samples", SYNTHETIC, "1000"},
    {"side", SYNTHETIC, "16"},
    {"classes", LOADED, "10"},
    {"first", IDX | NPY, "0"},
    {"test", LOADED, "0"},
    {"pool", LOADED, "1"},
    {"standardise", LOADED, "false"},
    {"noise", LOADED, "0"},
    {"targets", LOADED, "{}"},
    {"seed", LOADED, "1"},
    {"hash", LOADED, NULL},
};
enum { N_DATA_OPTIONS = sizeof data_options / sizeof *data_options };

static size_t data_option(const char *key, unsigned set) {
    size_t i = 0;
    while (i < N_DATA_OPTIONS &&
           !((data_options[i].sets & set) && strcmp(data_options[i].key, key) == 0))
        i++;
    return i;
}

/* `data` has the fields that its set takes, defaults filled in, and no others. */
static bool plain_data(loader *l) {
    node *data = tree_find(l->root, "data");
    const node *name = data && data->kind == MAP ? tree_find(data, "set") : NULL;
    unsigned set = 0;
    for (size_t i = 0; name && name->kind == SCALAR && known_set(i); i++)
        if (strcmp(known_set(i), name->text) == 0)
            set = 1u << i;
    if (!set)
        return true; /* the schema will refuse it */
    phrase list = {""};
    for (size_t i = 0; i < N_DATA_OPTIONS; i++)
        if (data_options[i].sets & set)
            tree_add_name(&list, "", data_options[i].key);
    for (const node *c = data->first; c; c = c->next)
        if (data_option(c->key->text, set) == N_DATA_OPTIONS)
            return tree_fail(l, c->key,
                             "unknown field '%.40s' in data, a set of kind %s; expected "
                             "one of %s",
                             c->key->text, name->text, list.text);
    for (size_t i = 0; i < N_DATA_OPTIONS; i++) {
        const char *value = data_options[i].value;
        if (!value || !(data_options[i].sets & set) || tree_find(data, data_options[i].key))
            continue;
        node *n = tree_text(l, value, data);
        if (!n)
            return false;
        if (*value == '{')
            tree_become(n, MAP);
        if (!tree_put(l, data, data_options[i].key, n))
            return false;
    }
    const char *const needed[] = {"x", "y"};
    for (size_t i = 0; set == NPY && i < 2; i++)
        if (!tree_find(data, needed[i]))
            return tree_fail(l, data,
                             "data, a set of kind npy, has no %s; expected the path of a "
                             ".npy file",
                             needed[i]);
    return true;
}

static const bf_initialiser_info *initialiser(const char *name) {
    for (size_t i = 0; bf_initialiser_list(i); i++)
        if (strcmp(bf_initialiser_list(i)->name, name) == 0)
            return bf_initialiser_list(i);
    return NULL;
}

/* Keep one distribution; see experiment.h. */
static bool plain_init(loader *l) {
    phrase list;
    node *init = tree_find(l->root, "init"), *best = NULL;
    if (!init)
        return true;
    if (init->kind == SCALAR && !init->null) { /* `init: planes` */
        node *name = tree_text(l, init->text, init), *value = tree_text(l, "", init);
        if (!name || !value)
            return false;
        value->null = true;
        tree_become(init, MAP);
        tree_append(init, name, value);
    }
    size_t best_score = 0;
    const node *rival = NULL;
    for (node *c = init->kind == MAP ? init->first : NULL; c; c = c->next) {
        size_t score = 2 * c->touched + (strcmp(c->key->text, "values") == 0);
        const cyaml_schema_field_t *f = init_fields;
        while (f->key && strcmp(f->key, c->key->text) != 0)
            f++;
        if (!f->key)
            return tree_fail(l, c->key, "unknown distribution '%.40s' in init; expected %s",
                             c->key->text, tree_field_names(&list, "one of ", init_fields));
        if (c->null && f->value.type == CYAML_MAPPING)
            tree_become(c, MAP);
        if (!best || score > best_score) {
            best = c;
            best_score = score;
            rival = NULL;
        } else if (score == best_score) {
            rival = c;
        }
    }
    if (!best)
        return tree_fail(l, init, "init is empty or a list; expected a mapping with %s",
                         tree_field_names(&list, "one of ", init_fields));
    if (rival)
        return tree_fail(l, init, "init has both %s and %s; expected one of them", rival->key->text,
                         best->key->text);
    init->first = best;
    best->next = NULL;
    const bf_initialiser_info *info = initialiser(best->key->text);
    return !info || best->kind != MAP || tree_find(best, "gain") ||
           tree_put(l, best, "gain", tree_text(l, info->gain, best));
}

/* 10^(log10 from + i/(points-1) (log10 to - log10 from)), to 6 significant digits. Every function
 * used is correctly rounded, so that the text is the same everywhere. */
static void eps_text(char out[32], double from, double to, uint64_t i, uint64_t points) {
    mpfr_t a, b;
    mpfr_inits2(256, a, b, (mpfr_ptr)0);
    mpfr_set_d(a, from, MPFR_RNDN);
    mpfr_log10(a, a, MPFR_RNDN);
    mpfr_set_d(b, to, MPFR_RNDN);
    mpfr_log10(b, b, MPFR_RNDN);
    mpfr_sub(b, b, a, MPFR_RNDN);
    mpfr_mul_ui(b, b, (unsigned long)i, MPFR_RNDN);
    mpfr_div_ui(b, b, (unsigned long)(points > 1 ? points - 1 : 1), MPFR_RNDN);
    mpfr_add(a, a, b, MPFR_RNDN);
    mpfr_exp10(a, a, MPFR_RNDN);
    char digits[16];
    mpfr_exp_t exponent;
    mpfr_get_str(digits, &exponent, 10, 6, a, MPFR_RNDN);
    mpfr_clears(a, b, (mpfr_ptr)0);
    size_t n = 6;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    snprintf(out, 32, "%c%s%.*se%ld", digits[0], n > 1 ? "." : "", (int)n - 1, digits + 1,
             (long)exponent - 1);
}

static bool ordered(loader *l, const node *low, const node *high, const char *group) {
    return tree_number(low) < tree_number(high) ||
           tree_fail(l, low, "%s.%s is '%.40s' and %s.%s '%.40s'; expected %s < %s", group,
                     low->key->text, low->text, group, high->key->text, high->text, low->key->text,
                     high->key->text);
}

/* A single eps, `{values: [...]}` or `{from, to, points}` -> a list. */
static bool plain_eps(loader *l) {
    node *eps = tree_follow(l, "sweep.eps");
    if (!eps || eps->kind == LIST)
        return true;
    if (eps->kind == SCALAR) {
        node *only = tree_text(l, eps->text, eps);
        tree_become(eps, LIST);
        eps->first = only;
        return only != NULL;
    }
    if (tree_find(eps, "values")) {
        tree_assign(eps, tree_find(eps, "values"));
        return true;
    }
    if (!tree_check(l, &range_value, eps, "sweep.eps"))
        return false;
    const node *from = tree_find(eps, "from"), *to = tree_find(eps, "to"),
               *points = tree_find(eps, "points");
    uint64_t n = 0;
    double low = tree_number(from), high = tree_number(to);
    if (!tree_whole(points->text, &n) || (n == 1 && low != high))
        return tree_fail(
            l, points,
            "sweep.eps.points is 1 from %.40s to %.40s; expected at least 2, or from = to",
            from->text, to->text);
    if (n > 1 && !ordered(l, from, to, "sweep.eps"))
        return false;
    tree_become(eps, LIST);
    node **tail = &eps->first;
    for (uint64_t i = 0; i < n; i++, tail = &(*tail)->next) {
        char text[32];
        eps_text(text, low, high, i, n);
        *tail = tree_text(l, text, eps);
        if (!*tail)
            return false;
    }
    return true;
}

/* ---- the whole tree ------------------------------------------------------------------------- */

/* The name of the file, without folders and ending, in the letters that a name may have. */
static bool default_name(loader *l) {
    char name[MAX_NAME + 1];
    const char *slash = strrchr(l->origin, '/');
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : l->origin);
    char *dot = strrchr(name, '.');
    if (dot && dot != name)
        *dot = '\0';
    for (char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        else if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && !strchr("._-", *c))
            *c = '-';
    }
    return tree_put(l, l->root, "name", tree_text(l, *name ? name : "experiment", l->root));
}

/* A text, or a list of them, that comes from where `group` comes from. */
static node *default_value(loader *l, const char *value, const node *group) {
    if (*value != '[')
        return tree_text(l, value, group);
    node *list = tree_parse(l, value, strlen(value));
    if (list)
        list->line = group->line;
    return list;
}

/* The distance that a rule asks for. */
static bool default_within(loader *l) {
    node *outcome = tree_follow(l, "outcome");
    const node *named = tree_find(outcome, "rule");
    if (outcome->kind != MAP || tree_find(outcome, "within") || !named || named->kind != SCALAR)
        return true;
    const char *value = strcmp(named->text, "vanished") == 0 ? "0.01" : "3";
    return tree_put(l, outcome, "within", tree_text(l, value, outcome));
}

/* Those of momentum and decay that an optimiser has of its own. */
static bool default_optimiser(loader *l) {
    node *train = tree_find(l->root, "train");
    const node *name = train && train->kind == MAP ? tree_find(train, "optimiser") : NULL;
    const bf_optimiser_info *info =
        name && name->kind == SCALAR ? optimiser_info(name->text) : NULL;
    const char *const keys[] = {"momentum", "decay"};
    for (size_t i = 0; info && i < 2; i++) {
        const bf_option *o = bf_option_find(info->options, keys[i]);
        if (o && !tree_find(train, keys[i]) &&
            !tree_put(l, train, keys[i], tree_text(l, o->value, train)))
            return false;
    }
    return true;
}

static bool fill(loader *l) {
    if ((!tree_find(l->root, "name") && !default_name(l)) || !default_optimiser(l))
        return false;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const char *key = defaults[i].key;
        node *group = tree_follow(l, defaults[i].group);
        if (!group && defaults[i].optional)
            continue;
        if (!group) {
            group = tree_text(l, "", l->root);
            if (!tree_put(l, l->root, defaults[i].group, group))
                return false;
            tree_become(group, MAP);
        }
        if (group->null)
            tree_become(group, MAP);
        if (group->kind == MAP && !tree_find(group, key) &&
            !tree_put(l, group, key, default_value(l, defaults[i].value, group)))
            return false;
    }
    if (!default_within(l))
        return false;
    node *ladder = tree_follow(l, "ladder");
    const node *steps = tree_follow(l, "train.steps");
    if (ladder->kind != MAP || tree_find(ladder, "steps") || !steps || steps->kind != SCALAR)
        return true;
    node *list = tree_text(l, "", ladder), *only = tree_text(l, steps->text, ladder);
    if (!list || !only)
        return false;
    tree_become(list, LIST);
    tree_append(list, NULL, only);
    return tree_put(l, ladder, "steps", list);
}

static bool ladder_relations(loader *l) {
    const node *steps = tree_follow(l, "ladder.steps");
    for (const node *c = steps->first; c && c->next; c = c->next)
        if (!(tree_number(c) < tree_number(c->next)))
            return tree_fail(l, c->next,
                             "ladder.steps has '%.40s' after '%.40s'; expected increasing values",
                             c->next->text, c->text);
    return true;
}

/* Windows, and steps enough for one of the longest. */
static bool lyapunov_relations(loader *l, const node *group) {
    uint64_t every = 0, first = 0, longest = 0, steps = 0, transient = 0, tail = 0;
    const node *windows = tree_find(group, "windows"), *within = tree_find(group, "within");
    if (!subspace_known(within->text))
        return tree_fail(l, within,
                         "lyapunov.within is '%.60s'; expected none or one of " SUBSPACE_NAMES,
                         within->text);
    if (!tree_whole(tree_find(group, "every")->text, &every) ||
        !tree_whole(windows->first->text, &first) ||
        !tree_whole(tree_find(group, "steps")->text, &steps) ||
        !tree_whole(tree_find(group, "tail")->text, &tail) ||
        !tree_whole(tree_find(group, "transient")->text, &transient))
        return tree_fail(l, group, "lyapunov: expected whole numbers");
    if (first % every != 0)
        return tree_fail(l, windows->first,
                         "lyapunov.windows begins with %" PRIu64 "; expected a multiple of "
                         "lyapunov.every, %" PRIu64,
                         first, every);
    for (const node *c = windows->first; c; c = c->next) {
        uint64_t window;
        if (!tree_whole(c->text, &window) || window <= longest || window % first != 0)
            return tree_fail(
                l, c,
                "lyapunov.windows has '%.40s'; expected increasing multiples of the first, "
                "%" PRIu64,
                c->text, first);
        longest = window;
    }
    if (steps < transient + every + longest + tail)
        return tree_fail(l, tree_find(group, "steps"),
                         "lyapunov.steps is %" PRIu64 "; expected at least %" PRIu64
                         ", which is transient + every + the longest window + tail",
                         steps, transient + every + longest + tail);
    return true;
}

static uint64_t length(const node *list) {
    uint64_t n = 0;
    for (const node *c = list ? list->first : NULL; c; c = c->next)
        n++;
    return n;
}

/* A plane by its directions, or by a subspace. */
static bool plane_relations(loader *l, const node *map) {
    const node *u = tree_find(map, "u"), *v = tree_find(map, "v"),
               *within = tree_find(map, "within");
    if (within && (u || v))
        return tree_fail(l, u ? u : v, "map has within and %s; expected u and v, or within",
                         u ? "u" : "v");
    if (!within && (!u || !v))
        return tree_fail(l,
                         u   ? u
                         : v ? v
                             : map,
                         "map has %s; expected u and v, or within (a subspace)",
                         u   ? "u but no v"
                         : v ? "v but no u"
                             : "no u and v");
    if (within && (!subspace_known(within->text) || strcmp(within->text, "none") == 0))
        return tree_fail(l, within, "map.within is '%.60s'; expected one of " SUBSPACE_NAMES,
                         within->text);
    return length(u) == length(v) || tree_fail(l, v,
                                               "map.u has %" PRIu64 " numbers and map.v %" PRIu64
                                               "; expected one for each parameter",
                                               length(u), length(v));
}

/* A box: both coordinates increase, by an amount that a double can hold. */
static bool ordered_pair(loader *l, const node *pair, const char *view) {
    double d = 0;
    const node *from = pair->first, *to = from->next;
    if (bf_number_difference(from->text, to->text, &d, NULL) == BF_OK && d > 0 && d <= DBL_MAX)
        return true;
    return tree_fail(l, pair, "%s of the view '%.40s' is from %.40s to %.40s; expected from < to",
                     pair->key->text, view, from->text, to->text);
}

static bool map_relations(loader *l) {
    const node *map = tree_follow(l, "map"), *views = tree_follow(l, "map.views");
    for (const node *n = views ? views->first : NULL; n; n = n->next) {
        const node *name = tree_find(n, "name");
        for (const node *m = views->first; m != n; m = m->next)
            if (strcmp(tree_find(m, "name")->text, name->text) == 0)
                return tree_fail(l, name, "map.views has '%.40s' twice; expected a name once",
                                 name->text);
        if (!ordered_pair(l, tree_find(n, "x"), name->text) ||
            !ordered_pair(l, tree_find(n, "y"), name->text))
            return false;
    }
    return !map || plane_relations(l, map);
}

static bool data_relations(loader *l) {
    const node *hash = tree_follow(l, "data.hash");
    bf_hash h;
    if (hash && (strlen(hash->text) != 32 || !bf_hash_parse(hash->text, &h)))
        return tree_fail(l, hash, "data.hash is '%.40s'; expected 32 hexadecimal digits",
                         hash->text);
    const node *x = tree_follow(l, "data.x_test"), *y = tree_follow(l, "data.y_test"),
               *test = tree_follow(l, "data.test");
    if ((x != NULL) != (y != NULL))
        return tree_fail(l, x ? x : y, "data has %s; expected x_test and y_test, or neither",
                         x ? "x_test but no y_test" : "y_test but no x_test");
    const node *set = tree_follow(l, "data.set");
    if (strcmp(set->text, "npy") == 0 && (x != NULL) != (tree_number(test) > 0))
        return tree_fail(l, test, "data.test is %.40s; expected %s", test->text,
                         x ? "how many samples of x_test to use" : "x_test and y_test for it");
    return true;
}

/* Perturbations that count want whole numbers. */
static bool counted_eps(loader *l, const node *sweep, const node *eps) {
    const char *name = tree_find(sweep, "perturb")->text;
    size_t i = 0;
    while (strcmp(known_perturb(i), name) != 0)
        i++;
    for (const node *c = eps && bf_perturbation_list(i)->counts ? eps->first : NULL; c;
         c = c->next) {
        const double value = tree_number(c);
        if (!(value >= 1 && value <= 0x1p53 && value == floor(value)))
            return tree_fail(l, c,
                             "sweep.eps has '%.40s'; expected whole numbers from 1 with "
                             "sweep.perturb: %s",
                             c->text, name);
    }
    return true;
}

/* What concerns several fields at once; each by itself is as the schema says. */
static bool relations(loader *l) {
    node *sweep = tree_follow(l, "sweep");
    const node *uniform = tree_follow(l, "init.uniform"), *eps = tree_follow(l, "sweep.eps");
    const node *from = tree_follow(l, "sweep.fit.from"), *to = tree_follow(l, "sweep.fit.to");
    if (uniform &&
        !ordered(l, tree_find(uniform, "low"), tree_find(uniform, "high"), "init.uniform"))
        return false;
    if (from && to && !ordered(l, from, to, "sweep.fit"))
        return false;
    const node *lyapunov = tree_follow(l, "lyapunov");
    if ((lyapunov && !lyapunov_relations(l, lyapunov)) || !map_relations(l) || !data_relations(l))
        return false;
    for (const node *c = eps ? eps->first : NULL; c && c->next; c = c->next)
        if (!(tree_number(c) < tree_number(c->next)))
            return tree_fail(l, c->next,
                             "sweep.eps has '%.40s' after '%.40s'; expected increasing values",
                             c->next->text, c->text);
    if (!counted_eps(l, sweep, eps))
        return false;
    const node *repeats = tree_find(sweep, "repeats"), *starts = tree_find(sweep, "starts");
    uint64_t n_starts = 0, n_repeats = 0;
    if (!tree_whole(starts->text, &n_starts) ||
        (repeats && !tree_whole(repeats->text, &n_repeats)) || n_repeats > n_starts)
        return tree_fail(l, repeats ? repeats : starts,
                         "sweep.repeats is %" PRIu64 "; expected at most sweep.starts, %" PRIu64,
                         n_repeats, n_starts);
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64,
             n_starts < DEFAULT_REPEATS ? n_starts : DEFAULT_REPEATS);
    if (!repeats && !tree_put(l, sweep, "repeats", tree_text(l, text, sweep)))
        return false;
    return ladder_relations(l);
}

/* `{dense: 2, bias: false, scale: 1/2}`, `{tanh: {gain: sqrt(2)}}`, `{relu: {}}` */
static void write_layer(FILE *f, const bf_layer *layer) {
    const bf_layer_info *info = layer_info(layer->kind);
    const char *alone = subject(info), *before = alone ? ", " : "";
    fprintf(f, "    - {%s: %s", layer->kind, alone ? "" : "{");
    for (size_t i = 0; i < layer->n_settings; i++) {
        const bf_setting *is = &layer->settings[i];
        if (!alone || strcmp(is->name, alone) != 0)
            fprintf(f, "%s%s: ", before, is->name);
        if (bf_option_find(info->options, is->name)->type == BF_OPTION_NUMBER)
            tree_write_form(f, "%", is->value);
        else
            fputs(is->value, f);
        before = ", ";
    }
    fputs(alone ? "}\n" : "}}\n", f);
}

/* What the experiment knows of its data beyond the file: they are loaded by one thread. */
struct experiment_data {
    bf_data_set *set;
    char hash[33]; /* that of the set; empty before */
};

static const char *data_hash(const experiment *x) {
    return x->data.loaded->hash[0] ? x->data.loaded->hash : x->data.hash;
}

static bool has_own_data(const experiment *x) {
    return bf_data_named(x->data.set) != NULL;
}

/* `data` with all its fields. */
static void write_data(FILE *f, const experiment *x) {
    if (has_own_data(x)) {
        tree_write_form(f, "data: {set: %}\n", x->data.set);
        return;
    }
    tree_write_form(f, "data:\n  set: %\n", x->data.set);
    const struct {
        const char *form, *text;
    } texts[] = {{"  folder: %\n", x->data.folder},
                 {"  x: %\n", x->data.x},
                 {"  y: %\n", x->data.y},
                 {"  x_test: %\n", x->data.x_test},
                 {"  y_test: %\n", x->data.y_test}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text)
            tree_write_form(f, texts[i].form, texts[i].text);
    if (x->data.samples)
        fprintf(f, "  samples: %" PRIu64 "\n  side: %" PRIu64 "\n", x->data.samples, x->data.side);
    else
        fprintf(f, "  first: %" PRIu64 "\n", x->data.first);
    fprintf(f, "  classes: %" PRIu64 "\n  test: %" PRIu64 "\n  pool: %" PRIu64 "\n",
            x->data.classes, x->data.test, x->data.pool);
    fprintf(f, "  standardise: %s\n", x->data.standardise ? "true" : "false");
    tree_write_form(f, "  noise: %\n  targets: {shift: %, scale: %}\n", x->data.noise,
                    x->data.shift, x->data.scale);
    fprintf(f, "  seed: %" PRIu64 "\n", x->data.seed);
    if (data_hash(x))
        tree_write_form(f, "  hash: %\n", data_hash(x));
}

/* What defines the data: not where they lie, but what they are. */
static void write_data_identity(FILE *f, const experiment *x) {
    if (has_own_data(x) || !data_hash(x))
        write_data(f, x);
    else
        tree_write_form(f, "data: {hash: %}\n", data_hash(x));
}

/* What else there is of the section train. */
static void write_training(FILE *f, const experiment *x) {
    if (x->train.optimiser)
        tree_write_form(f, ", optimiser: %", x->train.optimiser);
    if (x->train.beta1)
        tree_write_form(f, ", beta1: %", x->train.beta1);
    if (x->train.beta2)
        tree_write_form(f, ", beta2: %", x->train.beta2);
    if (x->train.epsilon)
        tree_write_form(f, ", epsilon: %", x->train.epsilon);
    if (x->train.batch)
        fprintf(f, ", batch: %" PRIu64, x->train.batch);
    for (unsigned i = 0; i < x->train.n_phases; i++) {
        const bf_phase *phase = &x->train.phases[i];
        fprintf(f, "%s{at: %" PRIu64, i == 0 ? ", phases: [" : ", ", phase->at);
        tree_write_form(f, ", rate: %", phase->rate);
        fprintf(f, ", reset: %s}%s", phase->reset ? "true" : "false",
                i + 1 == x->train.n_phases ? "]" : "");
    }
}

/* Model, data, start and training, at this rate. */
static void write_run(FILE *f, const experiment *x, const char *rate,
                      void (*put_data)(FILE *f, const experiment *x)) {
    fputs("model:\n  layers:\n", f);
    for (unsigned i = 0; i < x->model.n_layers; i++)
        write_layer(f, &x->model.layers[i]);
    tree_write_form(f, "  loss: %\n", x->model.loss);
    put_data(f, x);
    if (strcmp(x->init.distribution, "values") == 0) {
        fputs("init:\n  values: ", f);
        tree_write_list(f, x->init.values, x->init.n_values, 10);
    } else if (strcmp(x->init.distribution, "uniform") == 0) {
        tree_write_form(f, "init: {uniform: {low: %, high: %}}\n", x->init.low, x->init.high);
    } else if (initialiser(x->init.distribution)) {
        tree_write_form(f, "init: {%: {gain: %}}\n", x->init.distribution, x->init.gain);
    } else {
        tree_write_form(f, "init: {planes: {distance: %}}\n", x->init.distance);
    }
    fprintf(f, "train: {steps: %" PRIu64, x->train.steps);
    tree_write_form(f, ", rate: %, momentum: %, decay: %", rate, x->train.momentum, x->train.decay);
    write_training(f, x);
    fputs("}\n", f);
}

static void write_outcome(FILE *f, const experiment *x) {
    tree_write_form(f, "outcome: {rule: %, within: %, bound: %}\n", x->outcome.rule,
                    x->outcome.within, x->outcome.bound);
}

static void write_perturb(FILE *f, const experiment *x) {
    tree_write_form(f, "  perturb: %\n", x->sweep.perturb);
    if (x->sweep.orders)
        tree_write_form(f, "  orders: %\n", x->sweep.orders);
}

static void write_stability(FILE *f, const experiment *x) {
    char text[32];
    double back = NAN;
    for (int digits = 15; digits <= 17 && back != x->sweep.stability; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x->sweep.stability);
        back = strtod(text, NULL);
    }
    fprintf(f, "  stability: %s\n", text);
}

static void write_plane(FILE *f, const experiment *x) {
    fputs("map:\n", f);
    if (x->map.within) {
        tree_write_form(f, "  within: %\n", x->map.within);
    } else {
        fputs("  u: ", f);
        tree_write_list(f, x->map.u, x->map.n_u, 5);
        fputs("  v: ", f);
        tree_write_list(f, x->map.v, x->map.n_v, 5);
    }
    tree_write_form(f, "  shade: %\n", x->map.shade);
}

static void write_box(FILE *f, const experiment_view *view) {
    fputs("      x: ", f);
    tree_write_list(f, view->x, view->n_x, 9);
    fputs("      y: ", f);
    tree_write_list(f, view->y, view->n_y, 9);
    fprintf(f, "      points: %u\n", view->points);
}

static void write_map(FILE *f, const experiment *x) {
    write_plane(f, x);
    fputs("  views:\n", f);
    for (const experiment_view *v = x->map.views; v < x->map.views + x->map.n_views; v++) {
        tree_write_form(f, "    - name: %\n", v->name);
        write_box(f, v);
        if (v->rate)
            tree_write_form(f, "      rate: %\n", v->rate);
    }
}

static void write_published(FILE *f, const experiment *x) {
    fputs("published:\n", f);
    for (const experiment_published *p = x->published; p < x->published + x->n_published; p++) {
        tree_write_form(f, "  - where: %\n    what: %\n    value: %\n", p->where, p->what,
                        p->value);
        if (p->measure)
            tree_write_form(f, "    measure: %\n", p->measure);
    }
}

static void write_sweep_identity(FILE *f, const void *what) {
    const experiment *x = what;
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate, write_data_identity);
    write_outcome(f, x);
    fputs("sweep:\n  eps: ", f);
    tree_write_list(f, x->sweep.eps, x->sweep.n_eps, 7);
    write_perturb(f, x);
    write_stability(f, x);
}

static void write_runs_identity(FILE *f, const void *what) {
    const experiment *x = what;
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate, write_data_identity);
    write_outcome(f, x);
}

/* All of the section but the number of trajectories. */
static void write_lyapunov(FILE *f, const experiment *x) {
    fprintf(f, "  steps: %" PRIu64 "\n  transient: %" PRIu64 "\n  tail: %" PRIu64 "\n",
            x->lyapunov.steps, x->lyapunov.transient, x->lyapunov.tail);
    tree_write_form(f, "  within: %\n  spread: %\n", x->lyapunov.within, x->lyapunov.spread);
    fprintf(f, "  every: %" PRIu64 "\n", x->lyapunov.every);
    if (x->lyapunov.exponents > 0)
        fprintf(f, "  exponents: %" PRIu64 "\n", x->lyapunov.exponents);
    fputs("  windows: [", f);
    for (unsigned i = 0; i < x->lyapunov.n_windows; i++)
        fprintf(f, "%s%" PRIu64, i ? ", " : "", x->lyapunov.windows[i]);
    fputs("]\n", f);
}

static void write_lyapunov_identity(FILE *f, const void *what) {
    const experiment *x = what;
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate, write_data_identity);
    tree_write_form(f, "outcome: {bound: %}\nlyapunov:\n", x->outcome.bound);
    write_lyapunov(f, x);
}

typedef struct map_identity {
    const experiment *x;
    const experiment_view *view;
    const char *arithmetic;
} map_identity;

static void write_map_identity(FILE *f, const void *what) {
    const map_identity *m = what;
    if (m->x->map.within || m->x->train.batch > 0) /* the plane, the batches' order */
        fprintf(f, "seed: %" PRIu64 "\n", m->x->seed);
    write_run(f, m->x, m->view->rate ? m->view->rate : m->x->train.rate, write_data_identity);
    write_outcome(f, m->x);
    write_plane(f, m->x);
    write_box(f, m->view);
    tree_write_form(f, "arithmetic: %\n", m->arithmetic);
}

static void write_matrix(FILE *f, const experiment *x) {
    const axes *a = &x->matrix.axes;
    fputs("matrix:\n", f);
    axes_write(f, a);
    fprintf(f, "  repeat: %" PRIu64 "\n  limit: %" PRIu64 "\n", x->matrix.repeat, x->matrix.limit);
    for (unsigned i = 0; i < a->n && x->matrix.reference; i++) {
        fputs(i ? ", " : "  reference: {", f);
        tree_write_form(f, "%: %", a->list[i].name,
                        a->list[i].values[axes_value(a, x->matrix.reference, i)]);
    }
    fputs(x->matrix.reference ? "}\n" : "", f);
}

static void write_resolved(FILE *f, const void *what) {
    const experiment *x = what;
    tree_write_form(f, "name: %\ndescription: %\n", x->name, x->description);
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate, write_data);
    write_outcome(f, x);
    fputs("arithmetics: ", f);
    tree_write_list(f, x->arithmetics, x->n_arithmetics, 13);
    fputs("sweep:\n  eps: ", f);
    tree_write_list(f, x->sweep.eps, x->sweep.n_eps, 7);
    fprintf(f, "  starts: %" PRIu64 "\n", x->sweep.starts);
    write_perturb(f, x);
    fprintf(f, "  repeats: %" PRIu64 "\n", x->sweep.repeats);
    write_stability(f, x);
    const char *from = x->sweep.fit_from, *to = x->sweep.fit_to;
    if (from && to)
        tree_write_form(f, "  fit: {from: %, to: %}\n", from, to);
    else if (from || to)
        tree_write_form(f, from ? "  fit: {from: %}\n" : "  fit: {to: %}\n", from ? from : to);
    fprintf(f, "ladder: {starts: %" PRIu64 ", steps: [", x->ladder.starts);
    for (unsigned i = 0; i < x->ladder.n_steps; i++)
        fprintf(f, "%s%" PRIu64, i ? ", " : "", x->ladder.steps[i]);
    fputs("]}\n", f);
    if (x->lyapunov.trajectories > 0) {
        fprintf(f, "lyapunov:\n  trajectories: %" PRIu64 "\n", x->lyapunov.trajectories);
        write_lyapunov(f, x);
    }
    if (x->map.n_views > 0)
        write_map(f, x);
    if (x->matrix.repeat > 0)
        write_matrix(f, x);
    if (x->n_published > 0)
        write_published(f, x);
}

/* ---- the interface -------------------------------------------------------------------------- */

static void log_cyaml(cyaml_log_t level, void *context, const char *format, va_list args) {
    loader *l = context;
    (void)level;
    if (!l->logged[0])
        vsnprintf(l->logged, sizeof l->logged, format, args);
}

/* A layer's kind and settings, in the order of the rows, in one piece of memory. */
static bool read_layer(loader *l, const node *from, bf_layer *to) {
    const char *kind = tree_find(from, "kind")->text;
    const bf_option *rows = layer_info(kind)->options;
    size_t n = 0, size = strlen(kind) + 1;
    const node *values[MAX_SETTINGS];
    for (const bf_option *o = rows; o->name && n < MAX_SETTINGS; o++, n++) {
        values[n] = tree_find(from, o->name);
        if (!values[n])
            values[n] = tree_find(from, o->alias);
        size += strlen(values[n]->text) + 1;
    }
    bf_setting *settings = malloc(n * sizeof *settings + size);
    if (!settings)
        return tree_fail_memory(l);
    char *text = (char *)(settings + n);
    *to = (bf_layer){text, settings, n};
    text = stpcpy(text, kind) + 1;
    for (size_t i = 0; i < n; i++) {
        settings[i] = (bf_setting){rows[i].name, text};
        text = stpcpy(text, values[i]->text) + 1;
    }
    return true;
}

static bool read_layers(loader *l, experiment *x, const node *layers) {
    size_t n = 0;
    for (const node *c = layers->first; c; c = c->next)
        n++;
    x->model.layers = calloc(n, sizeof *x->model.layers);
    for (const node *c = layers->first; c && x->model.layers; c = c->next)
        if (!read_layer(l, c, &x->model.layers[x->model.n_layers++]))
            return false;
    return x->model.layers || tree_fail_memory(l);
}

static void free_layers(experiment *x) {
    for (unsigned i = 0; i < x->model.n_layers; i++)
        free((void *)x->model.layers[i].settings);
    free(x->model.layers);
    x->model.layers = NULL;
    x->model.n_layers = 0;
}

static bool zero(const char *text) {
    double value;
    return bf_number_double(text, &value, NULL) == BF_OK && value == 0;
}

/* What is given of the options of the optimiser. Every file has momentum and decay: those that it
 * does not take are passed on only where they are not 0. */
static void optimiser_settings(experiment *x) {
    const bf_setting all[EXPERIMENT_SETTINGS] = {{"momentum", x->train.momentum},
                                                 {"decay", x->train.decay},
                                                 {"beta1", x->train.beta1},
                                                 {"beta2", x->train.beta2},
                                                 {"epsilon", x->train.epsilon}};
    const bf_optimiser_info *info = optimiser_info(x->train.optimiser);
    for (size_t i = 0; i < EXPERIMENT_SETTINGS; i++)
        if (all[i].value && (bf_option_find(info->options, all[i].name) || !zero(all[i].value)))
            x->train.settings[x->train.n_settings++] = all[i];
}

static bool read_struct(loader *l, experiment **out) {
    const cyaml_config_t config = {.log_fn = log_cyaml,
                                   .log_ctx = l,
                                   .mem_fn = cyaml_mem,
                                   .log_level = CYAML_LOG_ERROR,
                                   .flags = CYAML_CFG_NO_ALIAS};
    node *model = tree_find(l->root, "model"), *layers = tree_find(model, "layers");
    tree_drop(model, layers);
    char *text = tree_written(tree_write, l->root);
    if (!text)
        return tree_fail_memory(l);
    cyaml_data_t *data = NULL;
    cyaml_err_t e =
        cyaml_load_data((const uint8_t *)text, strlen(text), &config, &schema, &data, NULL);
    free(text);
    if (e == CYAML_ERR_OOM)
        return tree_fail_memory(l);
    if (e != CYAML_OK)
        return tree_fail(l, l->root, "%s: %s; expected an experiment", cyaml_strerror(e),
                         l->logged);
    *out = data;
    if (!read_layers(l, *out, layers))
        return false;
    const node *init = tree_find(l->root, "init");
    (*out)->init.distribution = strdup(init->first->key->text);
    for (size_t i = 0; i < EXPERIMENT_INITIALISERS; i++)
        if ((*out)->init.gains[i])
            (*out)->init.gain = (*out)->init.gains[i];
    (*out)->data.loaded = calloc(1, sizeof *(*out)->data.loaded);
    optimiser_settings(*out);
    return ((*out)->init.distribution && (*out)->data.loaded) || tree_fail_memory(l);
}

/* Names of arithmetics in their canonical form, each once. */
static bool canonical_arithmetics(loader *l, experiment *x) {
    const node *n = tree_find(l->root, "arithmetics")->first;
    for (unsigned i = 0; i < x->n_arithmetics; i++, n = n->next) {
        bf_arithmetic arithmetic;
        bf_error e = {.status = BF_OK};
        bf_status s = bf_arithmetic_parse(&arithmetic, x->arithmetics[i], &e);
        if (s == BF_EMACHINE)
            return tree_fail_memory(l);
        if (s != BF_OK)
            return tree_fail(l, n, "arithmetics.%u: %s", i, e.text);
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

/* `reference: {AXIS: VALUE}` -> the cell. */
static bool read_reference(loader *l, const node *reference, const axes *a, size_t *cell) {
    unsigned values[AXES_MAX] = {0};
    if (reference->kind != MAP)
        return tree_fail(l, reference,
                         "matrix.reference is %s; expected a mapping of axes to values",
                         tree_kind_names[reference->kind]);
    for (const node *c = reference->first; c; c = c->next) {
        unsigned i = 0, v = 0;
        while (i < a->n && strcmp(a->list[i].name, c->key->text) != 0)
            i++;
        while (i < a->n && v < a->list[i].n && strcmp(a->list[i].values[v], c->text) != 0)
            v++;
        if (i == a->n || v == a->list[i].n)
            return tree_fail(l, c,
                             "matrix.reference has '%.40s: %.60s'; expected an axis of the "
                             "matrix and one of its values",
                             c->key->text, c->text);
        values[i] = v;
    }
    *cell = axes_cell(a, values);
    return true;
}

static bool read_matrix(loader *l, experiment *x) {
    node *matrix = tree_find(l->root, "matrix");
    if (!matrix)
        return true;
    if (!tree_check(l, &matrix_value, matrix, "matrix") ||
        !axes_take(l, matrix, "matrix", &x->matrix.axes))
        return false;
    x->matrix.line = matrix->turn ? 0 : matrix->key->line;
    const node *reference = tree_find(matrix, "reference");
    return (tree_whole(tree_find(matrix, "repeat")->text, &x->matrix.repeat) &&
            tree_whole(tree_find(matrix, "limit")->text, &x->matrix.limit)) &&
           (!reference || read_reference(l, reference, &x->matrix.axes, &x->matrix.reference));
}

static bool has_layers(loader *l) {
    return tree_follow(l, "model.layers") ||
           tree_fail(l, tree_find(l->root, "model"),
                     "field 'layers' is missing in model; expected a list");
}

static bool load(loader *l, experiment **x, const char *text, size_t size, size_t n_overrides) {
    l->root = tree_parse(l, text, size);
    if (!l->root)
        return false;
    if (l->root->null) {
        phrase list;
        return tree_fail(l, l->root, "the file is empty; expected %s",
                         tree_expected(l, &list, &schema, ""));
    }
    if (l->root->kind != MAP)
        return tree_check(l, &schema, l->root, "");
    for (size_t i = 0; i < n_overrides; i++) {
        if (!plain_layers(l))
            return false;
        l->turn = i + 1;
        if (!tree_override(l, l->overrides[i]))
            return false;
        l->turn = 0;
    }
    return plain_layers(l) && all_layer_options(l) && plain_data(l) && plain_init(l) &&
           plain_eps(l) && fill(l) && tree_check(l, &schema, l->root, "") && has_layers(l) &&
           relations(l) && read_struct(l, x) && canonical_arithmetics(l, *x) && read_matrix(l, *x);
}

bf_status experiment_parse(experiment **out, const char *text, size_t size, const char *origin,
                           int line, const char *const *overrides, size_t n_overrides,
                           bf_error *err) {
    loader l = {.origin = origin,
                .line = line,
                .overrides = overrides,
                .title = "the experiment",
                .rules = rules,
                .err = err};
    experiment *x = NULL;
    bool ok = load(&l, &x, text, size, n_overrides);
    tree_free(&l);
    if (!ok) {
        experiment_free(x);
        return l.status;
    }
    *out = x;
    return BF_OK;
}

bf_status experiment_load(experiment **out, const char *path, const char *const *overrides,
                          size_t n_overrides, bf_error *err) {
    char *text;
    size_t size;
    bf_status s = tree_read_file(&text, &size, path, "an experiment file", err);
    BF_TRY(s, experiment_parse(out, text, size, path, 1, overrides, n_overrides, err));
    free(text);
    return s;
}

void experiment_free(experiment *x) {
    const cyaml_config_t config = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
    if (!x)
        return;
    free(x->init.distribution);
    free_layers(x);
    if (x->data.loaded)
        bf_data_free(x->data.loaded->set);
    free(x->data.loaded);
    axes_free(&x->matrix.axes);
    cyaml_free(&config, &schema, x, 0);
}

/* The experiment's data as the engine wants them described. */
static bf_status data_source(const experiment *x, bf_data_source *out, bf_error *err) {
    *out = (bf_data_source){.set = x->data.set,
                            .folder = x->data.folder ? x->data.folder : getenv("BITFATE_DATA"),
                            .x = x->data.x,
                            .y = x->data.y,
                            .x_test = x->data.x_test,
                            .y_test = x->data.y_test,
                            .samples = x->data.samples,
                            .side = (int)x->data.side,
                            .first = x->data.first,
                            .test = x->data.test,
                            .classes = x->data.classes,
                            .pool = (int)x->data.pool,
                            .standardise = x->data.standardise,
                            .noise = zero(x->data.noise) ? NULL : x->data.noise,
                            .target_shift = zero(x->data.shift) ? NULL : x->data.shift,
                            .target_scale = x->data.scale,
                            .seed = x->data.seed};
    if (strcmp(x->data.set, "idx") == 0 && !out->folder)
        return bf_fail(err, BF_EINPUT,
                       "data has no folder, and BITFATE_DATA is not set; expected "
                       "where the IDX files are");
    return BF_OK;
}

/* Load the data, and see that they are those that the experiment means. */
static bf_status load_data(const experiment *x, bf_error *err) {
    struct experiment_data *to = x->data.loaded;
    bf_data_source from;
    bf_data_set *set = NULL;
    bf_status s = data_source(x, &from, err);
    BF_TRY(s, bf_data_load(&set, &from, err));
    if (s != BF_OK)
        return s;
    char hash[33];
    bf_hash_text(&set->hash, hash);
    if (x->data.hash && strcmp(hash, x->data.hash) != 0) {
        bf_data_free(set);
        return bf_fail(err, BF_EINPUT, "the data of %.60s have the hash %s; expected data.hash, %s",
                       x->name, hash, x->data.hash);
    }
    memcpy(to->hash, hash, sizeof hash);
    to->set = set;
    return BF_OK;
}

/* By one thread. A function of its own: where the data are the engine's, OpenMP has no part. */
static bf_status load_once(const experiment *x, bf_error *err) {
    bf_status s = BF_OK;
#pragma omp critical(experiment_data)
    {
        if (!x->data.loaded->set)
            s = load_data(x, err);
    }
    return s;
}

bf_status experiment_data(const experiment *x, const bf_data **train, const bf_data **test,
                          bf_error *err) {
    static const bf_data none;
    *train = bf_data_named(x->data.set);
    *test = &none;
    if (*train)
        return BF_OK;
    bf_status s = load_once(x, err);
    if (s == BF_OK) {
        *train = &x->data.loaded->set->train;
        *test = &x->data.loaded->set->test;
    }
    return s;
}

char *experiment_resolved(const experiment *x) {
    return tree_written(write_resolved, x);
}

static bf_hash hash_of(void (*write)(FILE *f, const void *what), const void *what) {
    bf_hash hash = {{0}};
    char *text = tree_written(write, what);
    if (text)
        hash = bf_hash_of(text, strlen(text));
    free(text);
    return hash;
}

bf_hash experiment_sweep_hash(const experiment *x) {
    return hash_of(write_sweep_identity, x);
}

bf_hash experiment_runs_hash(const experiment *x) {
    return hash_of(write_runs_identity, x);
}

bf_hash experiment_lyapunov_hash(const experiment *x) {
    return hash_of(write_lyapunov_identity, x);
}

bf_hash experiment_map_hash(const experiment *x, const experiment_view *view,
                            const char *arithmetic) {
    return hash_of(write_map_identity, &(map_identity){x, view, arithmetic});
}
