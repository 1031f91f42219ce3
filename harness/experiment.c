/* SPDX-License-Identifier: MIT */
/* experiment.c - reads, checks and writes experiment files.
 *
 * A file goes through three forms. libyaml's events become a tree of nodes that remember where
 * they came from; overrides, shorthands and defaults are applied to the tree, which is then
 * checked against `schema` and `rules`. What is left is in the schema's plain form: libcyaml reads
 * it into the struct. The check comes first because libcyaml 1.3 is lenient (it reads 5x as 5, -5
 * as 2^64-5, 010 as 8, any word as true) and cannot know lines of the file or overrides.
 *
 * Files come from strangers: size, depth and counts are bounded, nothing is expanded. */
#include "experiment.h"

#include "outcome.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <float.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

enum {
    MAX_SIZE = 1 << 20, /* bytes in a file */
    MAX_DEPTH = 16,
    MAX_FIELDS = 100, /* in a mapping */
    MAX_LAYERS = 1000,
    MAX_VALUES = 1000000,
    MAX_ARITHMETICS = 1000,
    MAX_EPS = 10000,
    MAX_VIEWS = 1000,
    MAX_PUBLISHED = 1000,
    MAX_NUMBER = 1000, /* characters */
    MAX_NAME = 100,
    DEFAULT_REPEATS = 32
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
#define LAYER_TEXT(key, member, flags) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), bf_layer, member, 0, CYAML_UNLIMITED)

static const cyaml_schema_value_t text_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t layer_fields[] = {
    LAYER_TEXT("kind", kind, 0),
    CYAML_FIELD_UINT("width", CYAML_FLAG_OPTIONAL, bf_layer, width),
    CYAML_FIELD_BOOL("bias", CYAML_FLAG_OPTIONAL, bf_layer, bias),
    LAYER_TEXT("scale", scale, CYAML_FLAG_OPTIONAL),
    LAYER_TEXT("gain", gain, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};
static const cyaml_schema_value_t layer_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, bf_layer, layer_fields)};

static const cyaml_schema_field_t model_fields[] = {
    LIST_OF("layers", model.layers, model.n_layers, &layer_entry, 1, MAX_LAYERS, 0),
    TEXT("loss", model.loss), CYAML_FIELD_END};

static const cyaml_schema_field_t data_fields[] = {TEXT("set", data.set), CYAML_FIELD_END};

static const cyaml_schema_field_t uniform_fields[] = {TEXT("low", init.low),
                                                      TEXT("high", init.high), CYAML_FIELD_END};
static const cyaml_schema_field_t planes_fields[] = {TEXT("distance", init.distance),
                                                     CYAML_FIELD_END};
static const cyaml_schema_field_t init_fields[] = {
    LIST_OF("values", init.values, init.n_values, &text_entry, 1, MAX_VALUES, CYAML_FLAG_OPTIONAL),
    GROUP("uniform", uniform_fields, CYAML_FLAG_OPTIONAL),
    GROUP("planes", planes_fields, CYAML_FLAG_OPTIONAL), CYAML_FIELD_END};

static const cyaml_schema_field_t train_fields[] = {
    WHOLE("steps", train.steps), TEXT("rate", train.rate), TEXT("momentum", train.momentum),
    TEXT("decay", train.decay), CYAML_FIELD_END};

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
    CYAML_FIELD_UINT("repeats", CYAML_FLAG_OPTIONAL, experiment, sweep.repeats),
    CYAML_FIELD_FLOAT("stability", CYAML_FLAG_STRICT, experiment, sweep.stability),
    GROUP("fit", fit_fields, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_END};

static const cyaml_schema_value_t whole_entry = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint64_t)};
static const cyaml_schema_field_t ladder_fields[] = {
    WHOLE("starts", ladder.starts),
    LIST_OF("steps", ladder.steps, ladder.n_steps, &whole_entry, 1, EXPERIMENT_STOPS, 0),
    CYAML_FIELD_END};

static const cyaml_schema_field_t lyapunov_fields[] = {WHOLE("trajectories", lyapunov.trajectories),
                                                       WHOLE("steps", lyapunov.steps),
                                                       WHOLE("transient", lyapunov.transient),
                                                       WHOLE("tail", lyapunov.tail),
                                                       TEXT("within", lyapunov.within),
                                                       TEXT("spread", lyapunov.spread),
                                                       WHOLE("every", lyapunov.every),
                                                       LIST_OF("windows", lyapunov.windows,
                                                               lyapunov.n_windows, &whole_entry, 1,
                                                               EXPERIMENT_WINDOWS, 0),
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
    LIST_OF("u", map.u, map.n_u, &text_entry, 1, MAX_VALUES, 0),
    LIST_OF("v", map.v, map.n_v, &text_entry, 1, MAX_VALUES, 0), TEXT("shade", map.shade),
    LIST_OF("views", map.views, map.n_views, &view_entry, 1, MAX_VIEWS, 0), CYAML_FIELD_END};

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

/* What a scalar may be, by the pattern of its path: the first that matches. */
typedef struct rule {
    const char *path;
    enum { NUMBER, RATIONAL, NAME, KNOWN } test;
    double low, high;
    const char *expected;               /* but KNOWN */
    const char *(*known)(size_t index); /* KNOWN: the names; NULL after the last */
} rule;

static const char *known_kind(size_t i) {
    const bf_layer_info *info = bf_layer_list(i);
    return info ? info->kind : NULL;
}

static const char *known_loss(size_t i) {
    const bf_loss_info *info = bf_loss_list(i);
    return info ? info->name : NULL;
}

static const char *known_rule(size_t i) {
    return outcome_rule(i, NULL);
}

static const char *known_perturb(size_t i) {
    static const char *const names[] = {"cube", NULL};
    return names[i];
}

static const char *known_within(size_t i) {
    static const char *const names[] = {"none", "P+", "P-", NULL};
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
    {"model.layers.*.kind", KNOWN, 0, 0, NULL, known_kind},
    {"model.layers.*.width", NUMBER, 1, 65536, "a whole number from 1 to 65536", NULL},
    {"model.layers.*.scale", NUMBER, -DBL_MAX, DBL_MAX, FINITE, NULL},
    {"model.layers.*.gain", NUMBER, -DBL_MAX, DBL_MAX, FINITE, NULL},
    {"model.loss", KNOWN, 0, 0, NULL, known_loss},
    {"data.set", KNOWN, 0, 0, NULL, bf_data_list},
    {"init.values.*", NUMBER, -DBL_MAX, DBL_MAX, FINITE, NULL},
    {"init.uniform.*", NUMBER, -DBL_MAX, DBL_MAX, FINITE, NULL},
    {"init.planes.distance", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"train.steps", NUMBER, 1, 1e12, "a whole number from 1 to 10^12", NULL},
    {"train.rate", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"train.momentum", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"train.decay", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"outcome.rule", KNOWN, 0, 0, NULL, known_rule},
    {"outcome.within", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"outcome.bound", NUMBER, DBL_TRUE_MIN, INFINITY, "a number above 0, or inf", NULL},
    {"sweep.eps.points", NUMBER, 1, MAX_EPS, "a whole number from 1 to 10000", NULL},
    {"sweep.eps.*", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"sweep.starts", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"sweep.perturb", KNOWN, 0, 0, NULL, known_perturb},
    {"sweep.repeats", NUMBER, 0, 1e9, "a whole number, at most sweep.starts", NULL},
    {"sweep.stability", NUMBER, 1, 100, "a decimal number from 1 to 100", NULL},
    {"sweep.fit.*", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
    {"ladder.starts", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"ladder.steps.*", NUMBER, 1, 1e12, "a whole number from 1 to 10^12", NULL},
    {"lyapunov.trajectories", NUMBER, 1, 1e6, "a whole number from 1 to 10^6", NULL},
    {"lyapunov.steps", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"lyapunov.transient", NUMBER, 0, 1e9, "a whole number up to 10^9", NULL},
    {"lyapunov.tail", NUMBER, 0, 1e9, "a whole number up to 10^9", NULL},
    {"lyapunov.within", KNOWN, 0, 0, NULL, known_within},
    {"lyapunov.spread", NUMBER, 0, DBL_MAX, NOT_NEGATIVE, NULL},
    {"lyapunov.every", NUMBER, 1, 1e6, "a whole number from 1 to 10^6", NULL},
    {"lyapunov.windows.*", NUMBER, 1, 1e9, "a whole number from 1 to 10^9", NULL},
    {"map.u.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.v.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.shade", KNOWN, 0, 0, NULL, known_shade},
    {"map.views.*.name", NAME, 0, 0, "1 to 100 of a-z, 0-9, '.', '_', '-'", NULL},
    {"map.views.*.x.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.views.*.y.*", RATIONAL, 0, 0, RATIONAL_NUMBER, NULL},
    {"map.views.*.points", NUMBER, 2, 16384, "a whole number from 2 to 16384", NULL},
    {"map.views.*.rate", NUMBER, DBL_TRUE_MIN, DBL_MAX, POSITIVE, NULL},
};

/* What a file leaves out, in YAML. sweep.repeats and the name follow from other things. */
static const struct {
    const char *group, *key, *value;
    bool optional; /* nothing is filled into a group that is not there */
} defaults[] = {
    {"", "description", "", false},
    {"", "seed", "1", false},
    {"model", "loss", "mse", true},
    {"init.uniform", "low", "-1", true},
    {"init.uniform", "high", "1", true},
    {"init.planes", "distance", "1", true},
    {"train", "steps", "1000", false},
    {"train", "momentum", "0", false},
    {"train", "decay", "0", false},
    {"outcome", "rule", "planes", false},
    {"outcome", "within", "3", false},
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
};

/* The options of a layer, which kinds take them, and their defaults. */
static const struct {
    const char *key;
    size_t taken;      /* offset of the flag in bf_layer_info */
    const char *value; /* NULL: needed */
} options[] = {
    {"width", offsetof(bf_layer_info, needs_width), NULL},
    {"bias", offsetof(bf_layer_info, takes_bias), "true"},
    {"scale", offsetof(bf_layer_info, takes_scale), "1"},
    {"gain", offsetof(bf_layer_info, takes_gain), "1"},
};
enum { N_OPTIONS = sizeof options / sizeof *options };

/* ---- the tree ------------------------------------------------------------------------------- */

typedef enum node_kind { SCALAR, LIST, MAP } node_kind;

typedef struct node {
    node_kind kind;
    bool null;          /* a scalar that stands for nothing: an empty mapping, if need be */
    int line;           /* in the file */
    size_t turn;        /* 0: from the file; n: from the n-th override */
    size_t touched;     /* the last override that changed something in it */
    const char *text;   /* SCALAR */
    struct node *key;   /* when in a mapping */
    struct node *first; /* LIST, MAP */
    struct node *next;  /* in the list or mapping that holds it */
    struct node *all;   /* the node made before it */
} node;

typedef struct loader {
    const char *origin;
    int line; /* of the first line */
    const char *const *overrides;
    size_t turn;
    node *root, *all;
    yaml_parser_t parser;
    yaml_event_t event;
    char logged[256]; /* libcyaml's first complaint */
    bf_status status;
    bf_error *err;
} loader;

typedef struct phrase {
    char text[400];
} phrase;

/* Make a text printable: controls become spaces, what is not UTF-8 (a character cut in two,
 * perhaps) becomes question marks. */
static void cleanse(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        size_t more = *c < 0x80 ? 0 : *c >= 0xf0 ? 3 : *c >= 0xe0 ? 2 : 1, n = 0;
        while (n < more && (c[n + 1] & 0xc0) == 0x80)
            n++;
        if (*c < ' ' || *c == 0x7f)
            *c = ' ';
        else if (n < more || (*c >= 0x80 && *c < 0xc2) || *c > 0xf4)
            *c = '?';
        else
            c += n;
    }
}

/* Record the failure, in one line: where it lies, then the message. Returns false. */
static bool fail(loader *l, const node *at, const char *format, ...) BF_PRINTF(3, 4);
static bool fail(loader *l, const node *at, const char *format, ...) {
    char text[1024];
    int n;
    va_list args;
    if (at->turn > 0)
        n = snprintf(text, sizeof text, "--set %.250s: ", l->overrides[at->turn - 1]);
    else
        n = snprintf(text, sizeof text, "%.250s:%d: ", l->origin, at->line);
    va_start(args, format);
    vsnprintf(text + n, sizeof text - (size_t)n, format, args);
    va_end(args);
    cleanse(text);
    l->status = bf_fail(l->err, BF_EINPUT, "%s", text);
    return false;
}

static bool fail_memory(loader *l) {
    l->status = bf_fail(l->err, BF_EMACHINE, "%.250s: out of memory", l->origin);
    return false;
}

/* A scalar that comes from where `like` comes from. */
static node *make(loader *l, const char *text, size_t size, const node *like) {
    node *n = malloc(sizeof *n + size + 1);
    if (!n) {
        fail_memory(l);
        return NULL;
    }
    char *copy = (char *)(n + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    *n = (node){.line = like->line,
                .turn = like->turn,
                .touched = like->touched,
                .text = copy,
                .all = l->all};
    l->all = n;
    return n;
}

static node *make_text(loader *l, const char *text, const node *like) {
    return make(l, text, strlen(text), like);
}

/* Turn a node into an empty list or mapping. */
static void become(node *n, node_kind kind) {
    n->kind = kind;
    n->null = false;
    n->text = "";
    n->first = NULL;
}

static node *find(const node *n, const char *key) {
    if (!n || n->kind != MAP)
        return NULL;
    for (node *c = n->first; c; c = c->next)
        if (strcmp(c->key->text, key) == 0)
            return c;
    return NULL;
}

/* Where a dotted path of fields leads, or NULL. */
static node *follow(const loader *l, const char *path) {
    node *n = l->root;
    for (const char *end; n && *path; path = *end ? end + 1 : end) {
        char key[32];
        end = path + strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)(end - path), path);
        n = find(n, key);
    }
    return n;
}

/* Give a place the value of another node; its key and its neighbours stay. */
static void assign(node *place, const node *value) {
    node old = *place;
    *place = *value;
    place->key = old.key;
    place->next = old.next;
    place->all = old.all;
}

static void append(node *parent, node *key, node *value) {
    node **tail = &parent->first;
    while (*tail)
        tail = &(*tail)->next;
    value->key = key;
    value->next = NULL;
    *tail = value;
}

static void drop(node *parent, const node *child) {
    for (node **link = &parent->first; *link; link = &(*link)->next)
        if (*link == child) {
            *link = child->next;
            return;
        }
}

/* Set a field of a mapping that the tree itself needs. */
static bool put(loader *l, node *map, const char *key, node *value) {
    node *place = find(map, key);
    if (!value)
        return false;
    if (place) {
        assign(place, value);
        return true;
    }
    node *name = make_text(l, key, value);
    if (!name)
        return false;
    append(map, name, value);
    return true;
}

/* A decimal whole number without sign or leading zeros, below 2^64. */
static bool whole(const char *text, uint64_t *out) {
    size_t digits = strspn(text, "0123456789");
    if (!digits || text[digits] || (text[0] == '0' && digits > 1))
        return false;
    errno = 0;
    *out = strtoull(text, NULL, 10);
    return errno == 0;
}

/* The place that the path of an override leads to; mappings on the way are made when missing. */
static node *reach(loader *l, const char *path, size_t size) {
    node *n = l->root;
    for (size_t at = 0, end, depth = 0; at <= size; at = end + 1, depth++) {
        for (end = at; end < size && path[end] != '.'; end++)
            ;
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)(end - at < 64 ? end - at : 64), path + at);
        const node here = {.line = n->line, .turn = l->turn, .touched = l->turn};
        if (end == at || end - at >= sizeof key || depth >= MAX_DEPTH) {
            fail(l, &here, "bad path '%.*s'; expected field names with dots between them",
                 (int)(size < 60 ? size : 60), path);
            return NULL;
        }
        if (n->null)
            become(n, MAP);
        node *child = NULL;
        if (n->kind == MAP) {
            child = find(n, key);
            if (!child) {
                node *name = make_text(l, key, &here);
                child = make_text(l, "", &here);
                if (!name || !child)
                    return NULL;
                child->null = true;
                append(n, name, child);
            }
        } else if (n->kind == LIST) {
            uint64_t index = 0, items = 0;
            bool valid = whole(key, &index);
            for (node *c = n->first; c; c = c->next)
                if (items++ == index && valid)
                    child = c;
            if (!child)
                fail(l, &here, "no item '%s' in %.*s; expected a number below %" PRIu64, key,
                     (int)(at ? at - 1 : 0), path, items);
        } else {
            fail(l, &here, "%.*s is a single value and has no field '%s'; expected a mapping",
                 (int)(at ? at - 1 : 0), path, key);
        }
        if (!child)
            return NULL;
        n->touched = child->touched = l->turn;
        n = child;
    }
    return n;
}

/* ---- YAML to tree --------------------------------------------------------------------------- */

/* What to blame for an error on a line of the present document; the first line is 0. */
static node position(const loader *l, size_t line) {
    return (node){.line = l->line + (int)line, .turn = l->turn, .touched = l->turn};
}

static bool advance(loader *l) {
    yaml_event_delete(&l->event);
    if (yaml_parser_parse(&l->parser, &l->event))
        return true;
    const yaml_parser_t *p = &l->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return fail_memory(l);
    node at;
    size_t line = p->problem_mark.line;
    if (p->error == YAML_READER_ERROR) { /* has an offset only */
        const unsigned char *start = p->input.string.start;
        line = 0;
        for (size_t i = 0; i < p->problem_offset && start + i < p->input.string.end; i++)
            line += start[i] == '\n';
        at = position(l, line);
        return fail(l, &at, "%s; expected printable UTF-8 text", p->problem);
    }
    at = position(l, line);
    return fail(l, &at, "malformed YAML: %s%s%s (column %zu); expected a well-formed document",
                p->context ? p->context : "", p->context ? ", " : "",
                p->problem ? p->problem : "syntax error", p->problem_mark.column + 1);
}

/* Escapes in a YAML string can spell anything. Here: no controls, no exotic line breaks, no
 * noncharacters. The bytes are valid UTF-8. */
static bool printable(const unsigned char *s, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if ((s[i] < ' ' && s[i] != '\n' && s[i] != '\t') || s[i] == 0x7f)
            return false;
        if (s[i] == 0xc2 && s[i + 1] < 0xa0)
            return false;
        if (s[i] == 0xe2 && s[i + 1] == 0x80 && (s[i + 2] == 0xa8 || s[i + 2] == 0xa9))
            return false;
        if (s[i] == 0xef &&
            ((s[i + 1] == 0xbb && s[i + 2] == 0xbf) || (s[i + 1] == 0xbf && s[i + 2] >= 0xbe)))
            return false;
    }
    return true;
}

/* The node that begins with the present event. */
static node *build(loader *l, int depth) {
    const yaml_event_t *e = &l->event;
    node at = position(l, e->start_mark.line);
    if (e->type == YAML_ALIAS_EVENT) {
        fail(l, &at, "alias '*%.40s'; expected no anchors or aliases", e->data.alias.anchor);
        return NULL;
    }
    /* The first members of the three kinds of events differ, so each is looked at. */
    bool scalar = e->type == YAML_SCALAR_EVENT, list = e->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *anchor = scalar ? e->data.scalar.anchor
                                : list ? e->data.sequence_start.anchor
                                       : e->data.mapping_start.anchor;
    const yaml_char_t *tag = scalar ? e->data.scalar.tag
                             : list ? e->data.sequence_start.tag
                                    : e->data.mapping_start.tag;
    if (anchor || tag) {
        fail(l, &at, "%s '%.40s'; expected no anchors, aliases or tags", anchor ? "anchor" : "tag",
             anchor ? anchor : tag);
        return NULL;
    }
    if (scalar) {
        const char *text = (const char *)e->data.scalar.value;
        if (!printable(e->data.scalar.value, e->data.scalar.length)) {
            fail(l, &at, "a control character in a value; expected printable text");
            return NULL;
        }
        node *n = make(l, text, e->data.scalar.length, &at);
        if (n)
            n->null = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                      (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
        return n;
    }
    if (depth >= MAX_DEPTH) {
        fail(l, &at, "nested too deeply; expected at most %d levels", MAX_DEPTH);
        return NULL;
    }
    node *n = make_text(l, "", &at), *last = NULL;
    if (n)
        become(n, list ? LIST : MAP);
    for (size_t fields_seen = 0; n; fields_seen++) {
        if (!advance(l))
            return NULL;
        if (e->type == YAML_SEQUENCE_END_EVENT || e->type == YAML_MAPPING_END_EVENT)
            return n;
        node *key = NULL;
        if (!list) {
            at = position(l, e->start_mark.line);
            if (e->type != YAML_SCALAR_EVENT || fields_seen >= MAX_FIELDS) {
                fail(l, &at, "%s; expected a mapping of names to values",
                     e->type != YAML_SCALAR_EVENT ? "a key that is not a plain name"
                                                  : "too many fields");
                return NULL;
            }
            key = build(l, depth + 1);
            if (!key)
                return NULL;
            const node *twin = find(n, key->text);
            if (twin) {
                fail(l, &at, "field '%.40s' is given twice (first on line %d); expected it once",
                     key->text, twin->key->line);
                return NULL;
            }
            if (!advance(l))
                return NULL;
        }
        node *value = build(l, depth + 1);
        if (!value)
            return NULL;
        value->key = key;
        *(last ? &last->next : &n->first) = value;
        last = value;
    }
    return NULL;
}

/* The only document in the text; an empty text is a null scalar. */
static node *read_yaml(loader *l, const char *text, size_t size) {
    node *n = NULL, at = position(l, 0);
    if (size > MAX_SIZE) {
        fail(l, &at, "larger than 1 MiB; expected an experiment file");
        return NULL;
    }
    if (!yaml_parser_initialize(&l->parser)) {
        fail_memory(l);
        return NULL;
    }
    yaml_parser_set_encoding(&l->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l->parser, (const unsigned char *)text, size);
    if (!advance(l) || !advance(l)) /* stream start, document start */
        goto done;
    if (l->event.type == YAML_STREAM_END_EVENT) {
        n = make_text(l, "", &at);
        if (n)
            n->null = true;
        goto done;
    }
    if (!advance(l))
        goto done;
    node *document = build(l, 0);
    if (!document || !advance(l) || !advance(l)) /* document end, stream end */
        goto done;
    at = position(l, l->event.start_mark.line);
    if (l->event.type != YAML_STREAM_END_EVENT)
        fail(l, &at, "a second document begins here; expected one");
    else
        n = document;
done:
    yaml_event_delete(&l->event);
    yaml_parser_delete(&l->parser);
    return n;
}

/* ---- checks --------------------------------------------------------------------------------- */

static const char *const kind_names[] = {"a single value", "a list", "a mapping"};

/* The text before the first name, then the names with commas between them. */
static void add_name(phrase *out, const char *before, const char *name) {
    size_t used = strlen(out->text);
    snprintf(out->text + used, sizeof out->text - used, "%s%s", used ? ", " : before, name);
}

static const char *known_names(phrase *out, const char *(*known)(size_t)) {
    out->text[0] = '\0';
    for (size_t i = 0; known(i); i++)
        add_name(out, known(1) ? "one of " : "", known(i));
    return out->text;
}

static const char *field_names(phrase *out, const char *before, const cyaml_schema_field_t *f) {
    out->text[0] = '\0';
    for (; f->key; f++)
        add_name(out, before, f->key);
    return out->text;
}

static const rule *rule_of(const char *path) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (fnmatch(rules[i].path, path, 0) == 0)
            return &rules[i];
    return NULL;
}

static const char *expected(phrase *out, const cyaml_schema_value_t *s, const char *path) {
    const rule *r = rule_of(path);
    switch (s->type) {
    case CYAML_MAPPING:
        return field_names(out, "a mapping with ", s->mapping.fields);
    case CYAML_SEQUENCE:
        return "a list";
    case CYAML_BOOL:
        return "true or false";
    default:
        return !r ? "a text" : r->known ? known_names(out, r->known) : r->expected;
    }
}

static double number(const node *n) {
    double value;
    return bf_number_double(n->text, &value, NULL) == BF_OK ? value : NAN;
}

static bool decimal(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end;
}

static bool boolean(const char *text) {
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool listed(const char *text, const char *(*known)(size_t)) {
    for (size_t i = 0; known(i); i++)
        if (strcmp(text, known(i)) == 0)
            return true;
    return false;
}

static bool acceptable(cyaml_type_e type, const rule *r, const char *text) {
    uint64_t integer;
    double value = NAN;
    if (type == CYAML_BOOL)
        return boolean(text);
    if (!r)
        return true;
    switch (r->test) {
    case NAME:
        return *text && strlen(text) <= MAX_NAME &&
               !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-")];
    case KNOWN:
        return listed(text, r->known);
    case RATIONAL:
        return strlen(text) <= MAX_NUMBER && bf_number_difference("0", text, &value, NULL) == BF_OK;
    case NUMBER:
        break;
    }
    if (type == CYAML_UINT) {
        if (!whole(text, &integer))
            return false;
        value = (double)integer;
    } else if (type == CYAML_FLOAT) {
        if (!decimal(text, &value))
            return false;
    } else if (strlen(text) > MAX_NUMBER || bf_number_double(text, &value, NULL) != BF_OK) {
        return false;
    }
    return value >= r->low && value <= r->high;
}

/* Check a node against the schema and the rules. `path` is the field's; empty for the root. */
static bool check(loader *l, const cyaml_schema_value_t *s, const node *n, const char *path) {
    phrase list;
    char inner[200];
    const char *title = *path ? path : "the experiment";
    node_kind kind = s->type == CYAML_MAPPING ? MAP : s->type == CYAML_SEQUENCE ? LIST : SCALAR;
    if (n->kind != kind)
        return fail(l, n, "%s is %s; expected %s", title, n->null ? "empty" : kind_names[n->kind],
                    expected(&list, s, path));
    if (kind == MAP) {
        const cyaml_schema_field_t *f;
        for (const node *c = n->first; c; c = c->next) {
            for (f = s->mapping.fields; f->key && strcmp(f->key, c->key->text) != 0; f++)
                ;
            if (!f->key)
                return fail(l, c->key, "unknown field '%.40s' in %s; expected %s", c->key->text,
                            title, field_names(&list, "one of ", s->mapping.fields));
            snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", f->key);
            if (!check(l, &f->value, c, inner))
                return false;
        }
        for (f = s->mapping.fields; f->key; f++) {
            snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", f->key);
            if (!(f->value.flags & CYAML_FLAG_OPTIONAL) && !find(n, f->key))
                return fail(l, n, "field '%s' is missing in %s; expected %s", f->key, title,
                            expected(&list, &f->value, inner));
        }
    } else if (kind == LIST) {
        size_t i = 0;
        for (const node *c = n->first; c; c = c->next, i++) {
            snprintf(inner, sizeof inner, "%s.%zu", path, i);
            if (i < s->sequence.max && !check(l, s->sequence.entry, c, inner))
                return false;
        }
        if (i < s->sequence.min || i > s->sequence.max)
            return fail(l, n, "%s has %zu items; expected from %u to %u", title, i, s->sequence.min,
                        s->sequence.max);
    } else if (!acceptable(s->type, rule_of(path), n->text)) {
        return fail(l, n, "%s is %s%.60s%s; expected %s", title, *n->text ? "'" : "empty", n->text,
                    *n->text ? "'" : "", expected(&list, s, path));
    }
    return true;
}

/* ---- shorthands ----------------------------------------------------------------------------- */

static const bf_layer_info *layer_info(const char *kind) {
    for (size_t i = 0; bf_layer_list(i); i++)
        if (strcmp(bf_layer_list(i)->kind, kind) == 0)
            return bf_layer_list(i);
    return NULL;
}

static bool put_option(loader *l, node *layer, size_t index, const char *key, node *value) {
    const node *twin = find(layer, key);
    if (twin && twin->turn == value->turn)
        return fail(l, value, "field '%.40s' is given twice in model.layers.%zu; expected it once",
                    key, index);
    return put(l, layer, key, value);
}

/* `tanh`, `{tanh: {gain: 2}}`, `{dense: 2, bias: false}` -> `{kind: ..., width: 2, ...}`. A newer
 * override replaces what was there. */
static bool plain_layer(loader *l, node *layer, size_t index) {
    phrase list;
    if (layer->kind == SCALAR && layer_info(layer->text)) {
        node *kind = make_text(l, layer->text, layer);
        become(layer, MAP);
        return put(l, layer, "kind", kind);
    }
    /* Not `kind` but the first key that names one, unless `kind` is as new. */
    node *kind = find(layer, "kind"), *named = layer->kind == MAP ? layer->first : NULL;
    while (named && !(layer_info(named->key->text) && (!kind || named->touched > kind->touched)))
        named = named->next;
    if (!named && !kind)
        return fail(l, layer, "model.layers.%zu is %s%.40s%s; expected a layer: %s", index,
                    layer->kind == SCALAR ? "'" : kind_names[layer->kind],
                    layer->kind == SCALAR ? layer->text : "",
                    layer->kind == SCALAR ? "'" : " that names no known kind",
                    known_names(&list, known_kind));
    if (!named)
        return true;
    drop(layer, named);
    kind = make_text(l, named->key->text, named);
    if (!put(l, layer, "kind", kind))
        return false;
    if (named->kind == LIST)
        return fail(l, named, "model.layers.%zu.%s is a list; expected a mapping of options", index,
                    kind->text);
    if (named->kind == SCALAR)
        return named->null || put_option(l, layer, index, "width", named);
    for (node *c = named->first, *next; c; c = next) {
        next = c->next;
        if (!put_option(l, layer, index, c->key->text, c))
            return false;
    }
    return true;
}

static bool plain_layers(loader *l) {
    const node *layers = follow(l, "model.layers");
    size_t i = 0;
    if (layers && layers->kind == LIST)
        for (node *c = layers->first; c; c = c->next)
            if (!plain_layer(l, c, i++))
                return false;
    return true;
}

/* Each layer has the options that its kind takes, defaults filled in, and no others. */
static bool layer_options(loader *l) {
    const node *layers = follow(l, "model.layers");
    size_t index = 0;
    for (node *layer = layers && layers->kind == LIST ? layers->first : NULL; layer;
         layer = layer->next, index++) {
        phrase list = {""};
        const node *kind = find(layer, "kind");
        const bf_layer_info *info = kind->kind == SCALAR ? layer_info(kind->text) : NULL;
        if (!info)
            return fail(l, kind, "model.layers.%zu.kind is '%.40s'; expected %s", index, kind->text,
                        known_names(&list, known_kind));
        bool taken[N_OPTIONS];
        for (size_t i = 0; i < N_OPTIONS; i++) {
            taken[i] = *(const bool *)((const char *)info + options[i].taken);
            if (taken[i])
                add_name(&list, "the options ", options[i].key);
        }
        for (const node *c = layer->first; c; c = c->next) {
            size_t i = 0;
            while (i < N_OPTIONS && !(taken[i] && strcmp(c->key->text, options[i].key) == 0))
                i++;
            if (i == N_OPTIONS && c != kind)
                return fail(l, c->key,
                            "unknown field '%.40s' in model.layers.%zu, a %s layer; expected %s",
                            c->key->text, index, info->kind, *list.text ? list.text : "no options");
        }
        for (size_t i = 0; i < N_OPTIONS; i++) {
            if (!taken[i] || find(layer, options[i].key))
                continue;
            if (!options[i].value)
                return fail(l, layer,
                            "model.layers.%zu, a %s layer, has no %s; expected %s: 2 or the like",
                            index, info->kind, options[i].key, info->kind);
            if (!put(l, layer, options[i].key, make_text(l, options[i].value, layer)))
                return false;
        }
    }
    return true;
}

/* Keep one distribution; see experiment.h. */
static bool plain_init(loader *l) {
    phrase list;
    node *init = find(l->root, "init"), *best = NULL;
    if (!init)
        return true;
    if (init->kind == SCALAR && !init->null) { /* `init: planes` */
        node *name = make_text(l, init->text, init), *value = make_text(l, "", init);
        if (!name || !value)
            return false;
        value->null = true;
        become(init, MAP);
        append(init, name, value);
    }
    size_t best_score = 0;
    const node *rival = NULL;
    for (node *c = init->kind == MAP ? init->first : NULL; c; c = c->next) {
        size_t score = 2 * c->touched + (strcmp(c->key->text, "values") == 0);
        const cyaml_schema_field_t *f = init_fields;
        while (f->key && strcmp(f->key, c->key->text) != 0)
            f++;
        if (!f->key)
            return fail(l, c->key, "unknown distribution '%.40s' in init; expected %s",
                        c->key->text, field_names(&list, "one of ", init_fields));
        if (c->null && f->value.type == CYAML_MAPPING)
            become(c, MAP);
        if (!best || score > best_score) {
            best = c;
            best_score = score;
            rival = NULL;
        } else if (score == best_score) {
            rival = c;
        }
    }
    if (!best)
        return fail(l, init, "init is empty or a list; expected a mapping with %s",
                    field_names(&list, "one of ", init_fields));
    if (rival)
        return fail(l, init, "init has both %s and %s; expected one of them", rival->key->text,
                    best->key->text);
    init->first = best;
    best->next = NULL;
    return true;
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
    return number(low) < number(high) ||
           fail(l, low, "%s.%s is '%.40s' and %s.%s '%.40s'; expected %s < %s", group,
                low->key->text, low->text, group, high->key->text, high->text, low->key->text,
                high->key->text);
}

/* A single eps, `{values: [...]}` or `{from, to, points}` -> a list. */
static bool plain_eps(loader *l) {
    node *eps = follow(l, "sweep.eps");
    if (!eps || eps->kind == LIST)
        return true;
    if (eps->kind == SCALAR) {
        node *only = make_text(l, eps->text, eps);
        become(eps, LIST);
        eps->first = only;
        return only != NULL;
    }
    if (find(eps, "values")) {
        assign(eps, find(eps, "values"));
        return true;
    }
    if (!check(l, &range_value, eps, "sweep.eps"))
        return false;
    const node *from = find(eps, "from"), *to = find(eps, "to"), *points = find(eps, "points");
    uint64_t n = 0;
    double low = number(from), high = number(to);
    if (!whole(points->text, &n) || (n == 1 && low != high))
        return fail(l, points,
                    "sweep.eps.points is 1 from %.40s to %.40s; expected at least 2, or from = to",
                    from->text, to->text);
    if (n > 1 && !ordered(l, from, to, "sweep.eps"))
        return false;
    become(eps, LIST);
    node **tail = &eps->first;
    for (uint64_t i = 0; i < n; i++, tail = &(*tail)->next) {
        char text[32];
        eps_text(text, low, high, i, n);
        *tail = make_text(l, text, eps);
        if (!*tail)
            return false;
    }
    return true;
}

/* ---- the whole tree ------------------------------------------------------------------------- */

static bool apply(loader *l, const char *override) {
    const char *equals = strchr(override, '=');
    if (!equals)
        return fail(l, &(node){.turn = l->turn}, "no '='; expected path=value");
    node *value = read_yaml(l, equals + 1, strlen(equals + 1));
    node *place = value ? reach(l, override, (size_t)(equals - override)) : NULL;
    if (!place)
        return false;
    value->line = place->line;
    assign(place, value);
    return true;
}

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
    return put(l, l->root, "name", make_text(l, *name ? name : "experiment", l->root));
}

/* A list of one text. */
static bool put_list(loader *l, node *map, const char *key, const char *text) {
    node *list = make_text(l, "", map), *only = make_text(l, text, map);
    if (!list || !only)
        return false;
    become(list, LIST);
    append(list, NULL, only);
    return put(l, map, key, list);
}

/* A text, or a list of them, that comes from where `group` comes from. */
static node *default_value(loader *l, const char *value, const node *group) {
    if (*value != '[')
        return make_text(l, value, group);
    node *list = read_yaml(l, value, strlen(value));
    if (list)
        list->line = group->line;
    return list;
}

static bool fill(loader *l) {
    if (!find(l->root, "name") && !default_name(l))
        return false;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const char *key = defaults[i].key;
        node *group = follow(l, defaults[i].group);
        if (!group && defaults[i].optional)
            continue;
        if (!group) {
            group = make_text(l, "", l->root);
            if (!put(l, l->root, defaults[i].group, group))
                return false;
            become(group, MAP);
        }
        if (group->null)
            become(group, MAP);
        if (group->kind == MAP && !find(group, key) &&
            !put(l, group, key, default_value(l, defaults[i].value, group)))
            return false;
    }
    if (!find(l->root, "arithmetics") && !put_list(l, l->root, "arithmetics", "f64"))
        return false;
    node *ladder = follow(l, "ladder");
    const node *steps = follow(l, "train.steps");
    return ladder->kind != MAP || find(ladder, "steps") || !steps || steps->kind != SCALAR ||
           put_list(l, ladder, "steps", steps->text);
}

static bool ladder_relations(loader *l) {
    const node *steps = follow(l, "ladder.steps");
    for (const node *c = steps->first; c && c->next; c = c->next)
        if (!(number(c) < number(c->next)))
            return fail(l, c->next,
                        "ladder.steps has '%.40s' after '%.40s'; expected increasing values",
                        c->next->text, c->text);
    return true;
}

/* Windows, and steps enough for one of the longest. */
static bool lyapunov_relations(loader *l, const node *group) {
    uint64_t every = 0, first = 0, longest = 0, steps = 0, transient = 0, tail = 0;
    const node *windows = find(group, "windows");
    if (!whole(find(group, "every")->text, &every) || !whole(windows->first->text, &first) ||
        !whole(find(group, "steps")->text, &steps) || !whole(find(group, "tail")->text, &tail) ||
        !whole(find(group, "transient")->text, &transient))
        return fail(l, group, "lyapunov: expected whole numbers");
    if (first % every != 0)
        return fail(l, windows->first,
                    "lyapunov.windows begins with %" PRIu64 "; expected a multiple of "
                    "lyapunov.every, %" PRIu64,
                    first, every);
    for (const node *c = windows->first; c; c = c->next) {
        uint64_t window;
        if (!whole(c->text, &window) || window <= longest || window % first != 0)
            return fail(l, c,
                        "lyapunov.windows has '%.40s'; expected increasing multiples of the first, "
                        "%" PRIu64,
                        c->text, first);
        longest = window;
    }
    if (steps < transient + every + longest + tail)
        return fail(l, find(group, "steps"),
                    "lyapunov.steps is %" PRIu64 "; expected at least %" PRIu64
                    ", which is transient + every + the longest window + tail",
                    steps, transient + every + longest + tail);
    return true;
}

/* A box: both coordinates increase, by an amount that a double can hold. */
static bool ordered_pair(loader *l, const node *pair, const char *view) {
    double d = 0;
    const node *from = pair->first, *to = from->next;
    if (bf_number_difference(from->text, to->text, &d, NULL) == BF_OK && d > 0 && d <= DBL_MAX)
        return true;
    return fail(l, pair, "%s of the view '%.40s' is from %.40s to %.40s; expected from < to",
                pair->key->text, view, from->text, to->text);
}

static bool map_relations(loader *l) {
    const node *views = follow(l, "map.views"), *u = follow(l, "map.u"), *v = follow(l, "map.v");
    for (const node *n = views ? views->first : NULL; n; n = n->next) {
        const node *name = find(n, "name");
        for (const node *m = views->first; m != n; m = m->next)
            if (strcmp(find(m, "name")->text, name->text) == 0)
                return fail(l, name, "map.views has '%.40s' twice; expected a name once",
                            name->text);
        if (!ordered_pair(l, find(n, "x"), name->text) ||
            !ordered_pair(l, find(n, "y"), name->text))
            return false;
    }
    uint64_t more_u = 0, more_v = 0;
    for (const node *c = u ? u->first : NULL; c; c = c->next)
        more_u++;
    for (const node *c = v ? v->first : NULL; c; c = c->next)
        more_v++;
    return more_u == more_v || fail(l, v,
                                    "map.u has %" PRIu64 " numbers and map.v %" PRIu64
                                    "; expected one for each parameter",
                                    more_u, more_v);
}

/* What concerns several fields at once; each by itself is as the schema says. */
static bool relations(loader *l) {
    node *sweep = follow(l, "sweep");
    const node *uniform = follow(l, "init.uniform"), *eps = follow(l, "sweep.eps");
    const node *from = follow(l, "sweep.fit.from"), *to = follow(l, "sweep.fit.to");
    if (uniform && !ordered(l, find(uniform, "low"), find(uniform, "high"), "init.uniform"))
        return false;
    if (from && to && !ordered(l, from, to, "sweep.fit"))
        return false;
    const node *lyapunov = follow(l, "lyapunov");
    if ((lyapunov && !lyapunov_relations(l, lyapunov)) || !map_relations(l))
        return false;
    for (const node *c = eps ? eps->first : NULL; c && c->next; c = c->next)
        if (!(number(c) < number(c->next)))
            return fail(l, c->next,
                        "sweep.eps has '%.40s' after '%.40s'; expected increasing values",
                        c->next->text, c->text);
    const node *repeats = find(sweep, "repeats"), *starts = find(sweep, "starts");
    uint64_t n_starts = 0, n_repeats = 0;
    if (!whole(starts->text, &n_starts) || (repeats && !whole(repeats->text, &n_repeats)) ||
        n_repeats > n_starts)
        return fail(l, repeats ? repeats : starts,
                    "sweep.repeats is %" PRIu64 "; expected at most sweep.starts, %" PRIu64,
                    n_repeats, n_starts);
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64,
             n_starts < DEFAULT_REPEATS ? n_starts : DEFAULT_REPEATS);
    if (!repeats && !put(l, sweep, "repeats", make_text(l, text, sweep)))
        return false;
    return ladder_relations(l);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* A scalar that any YAML reader reads as this text: plain where that is safe. */
static void write_text(FILE *f, const char *s) {
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_./+()-";
    size_t alnum = strspn(s + (*s == '-'), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789");
    bool plain = alnum > 0 && !s[strspn(s, safe)];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        plain = plain && strcasecmp(s, words[i]) != 0;
    if (plain) {
        fputs(s, f);
        return;
    }
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '\n' || *s == '\t')
            fputs(*s == '\n' ? "\\n" : "\\t", f);
        else
            fprintf(f, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    }
    fputc('"', f);
}

/* The tree in flow style, for libcyaml. */
static void write_node(FILE *f, const node *n) {
    if (n->kind == SCALAR) {
        write_text(f, n->text);
        return;
    }
    fputc(n->kind == LIST ? '[' : '{', f);
    for (const node *c = n->first; c; c = c->next) {
        if (c->key)
            fprintf(f, "%s: ", c->key->text);
        write_node(f, c);
        if (c->next)
            fputs(", ", f);
    }
    fputc(n->kind == LIST ? ']' : '}', f);
}

/* A flow list that begins in the given column; lines end before the 100th. */
static void write_list(FILE *f, char *const *items, unsigned n, size_t column) {
    size_t at = column + 1;
    fputc('[', f);
    for (unsigned i = 0; i < n; i++) {
        size_t width = strlen(items[i]) + 4;
        if (i > 0 && at + width > 98) {
            fprintf(f, ",\n%*s", (int)column + 1, "");
            at = column + 1;
        } else if (i > 0) {
            fputs(", ", f);
        }
        write_text(f, items[i]);
        at += width;
    }
    fputs("]\n", f);
}

/* Write `form`, each % in it replaced by the next text. */
static void write_form(FILE *f, const char *form, ...) {
    va_list texts;
    va_start(texts, form);
    for (; *form; form++) {
        if (*form == '%')
            write_text(f, va_arg(texts, const char *));
        else
            fputc(*form, f);
    }
    va_end(texts);
}

/* `{dense: 2, bias: false, scale: 1/2}`, `{tanh: {gain: sqrt(2)}}`, `{relu: {}}` */
static void write_layer(FILE *f, const bf_layer *layer) {
    const bf_layer_info *info = layer_info(layer->kind);
    const char *before = info->needs_width ? ", " : "";
    fprintf(f, "    - {%s: ", layer->kind);
    fprintf(f, info->needs_width ? "%d" : "{", layer->width);
    if (info->takes_bias) {
        fprintf(f, "%sbias: %s", before, layer->bias ? "true" : "false");
        before = ", ";
    }
    if (info->takes_scale) {
        fputs(before, f);
        write_form(f, "scale: %", layer->scale);
        before = ", ";
    }
    if (info->takes_gain) {
        fputs(before, f);
        write_form(f, "gain: %", layer->gain);
    }
    fputs(info->needs_width ? "}\n" : "}}\n", f);
}

/* Model, data, start and training, at this rate. */
static void write_run(FILE *f, const experiment *x, const char *rate) {
    fputs("model:\n  layers:\n", f);
    for (unsigned i = 0; i < x->model.n_layers; i++)
        write_layer(f, &x->model.layers[i]);
    write_form(f, "  loss: %\ndata: {set: %}\n", x->model.loss, x->data.set);
    if (strcmp(x->init.distribution, "values") == 0) {
        fputs("init:\n  values: ", f);
        write_list(f, x->init.values, x->init.n_values, 10);
    } else if (strcmp(x->init.distribution, "uniform") == 0) {
        write_form(f, "init: {uniform: {low: %, high: %}}\n", x->init.low, x->init.high);
    } else {
        write_form(f, "init: {planes: {distance: %}}\n", x->init.distance);
    }
    fprintf(f, "train: {steps: %" PRIu64, x->train.steps);
    write_form(f, ", rate: %, momentum: %, decay: %}\n", rate, x->train.momentum, x->train.decay);
}

static void write_outcome(FILE *f, const experiment *x) {
    write_form(f, "outcome: {rule: %, within: %, bound: %}\n", x->outcome.rule, x->outcome.within,
               x->outcome.bound);
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
    fputs("map:\n  u: ", f);
    write_list(f, x->map.u, x->map.n_u, 5);
    fputs("  v: ", f);
    write_list(f, x->map.v, x->map.n_v, 5);
    write_form(f, "  shade: %\n", x->map.shade);
}

static void write_box(FILE *f, const experiment_view *view) {
    fputs("      x: ", f);
    write_list(f, view->x, view->n_x, 9);
    fputs("      y: ", f);
    write_list(f, view->y, view->n_y, 9);
    fprintf(f, "      points: %u\n", view->points);
}

static void write_map(FILE *f, const experiment *x) {
    write_plane(f, x);
    fputs("  views:\n", f);
    for (const experiment_view *v = x->map.views; v < x->map.views + x->map.n_views; v++) {
        write_form(f, "    - name: %\n", v->name);
        write_box(f, v);
        if (v->rate)
            write_form(f, "      rate: %\n", v->rate);
    }
}

static void write_published(FILE *f, const experiment *x) {
    fputs("published:\n", f);
    for (const experiment_published *p = x->published; p < x->published + x->n_published; p++) {
        write_form(f, "  - where: %\n    what: %\n    value: %\n", p->where, p->what, p->value);
        if (p->measure)
            write_form(f, "    measure: %\n", p->measure);
    }
}

static void write_tree(FILE *f, const void *what) {
    write_node(f, what);
}

static void write_sweep_identity(FILE *f, const void *what) {
    const experiment *x = what;
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate);
    write_outcome(f, x);
    fputs("sweep:\n  eps: ", f);
    write_list(f, x->sweep.eps, x->sweep.n_eps, 7);
    write_form(f, "  perturb: %\n", x->sweep.perturb);
    write_stability(f, x);
}

static void write_runs_identity(FILE *f, const void *what) {
    const experiment *x = what;
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate);
    write_outcome(f, x);
}

/* All of the section but the number of trajectories. */
static void write_lyapunov(FILE *f, const experiment *x) {
    fprintf(f, "  steps: %" PRIu64 "\n  transient: %" PRIu64 "\n  tail: %" PRIu64 "\n",
            x->lyapunov.steps, x->lyapunov.transient, x->lyapunov.tail);
    write_form(f, "  within: %\n  spread: %\n", x->lyapunov.within, x->lyapunov.spread);
    fprintf(f, "  every: %" PRIu64 "\n  windows: [", x->lyapunov.every);
    for (unsigned i = 0; i < x->lyapunov.n_windows; i++)
        fprintf(f, "%s%" PRIu64, i ? ", " : "", x->lyapunov.windows[i]);
    fputs("]\n", f);
}

static void write_lyapunov_identity(FILE *f, const void *what) {
    const experiment *x = what;
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate);
    write_form(f, "outcome: {bound: %}\nlyapunov:\n", x->outcome.bound);
    write_lyapunov(f, x);
}

typedef struct map_identity {
    const experiment *x;
    const experiment_view *view;
    const char *arithmetic;
} map_identity;

static void write_map_identity(FILE *f, const void *what) {
    const map_identity *m = what;
    write_run(f, m->x, m->view->rate ? m->view->rate : m->x->train.rate);
    write_outcome(f, m->x);
    write_plane(f, m->x);
    write_box(f, m->view);
    write_form(f, "arithmetic: %\n", m->arithmetic);
}

static void write_resolved(FILE *f, const void *what) {
    const experiment *x = what;
    write_form(f, "name: %\ndescription: %\n", x->name, x->description);
    fprintf(f, "seed: %" PRIu64 "\n", x->seed);
    write_run(f, x, x->train.rate);
    write_outcome(f, x);
    fputs("arithmetics: ", f);
    write_list(f, x->arithmetics, x->n_arithmetics, 13);
    fputs("sweep:\n  eps: ", f);
    write_list(f, x->sweep.eps, x->sweep.n_eps, 7);
    fprintf(f, "  starts: %" PRIu64 "\n", x->sweep.starts);
    write_form(f, "  perturb: %\n", x->sweep.perturb);
    fprintf(f, "  repeats: %" PRIu64 "\n", x->sweep.repeats);
    write_stability(f, x);
    const char *from = x->sweep.fit_from, *to = x->sweep.fit_to;
    if (from && to)
        write_form(f, "  fit: {from: %, to: %}\n", from, to);
    else if (from || to)
        write_form(f, from ? "  fit: {from: %}\n" : "  fit: {to: %}\n", from ? from : to);
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
    if (x->n_published > 0)
        write_published(f, x);
}

/* What `write` writes, as a string to be freed; NULL: no memory. */
static char *written(void (*write)(FILE *f, const void *what), const void *what) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    write(f, what);
    bool failed = ferror(f);
    if (fclose(f) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

/* ---- the interface -------------------------------------------------------------------------- */

static void log_cyaml(cyaml_log_t level, void *context, const char *format, va_list args) {
    loader *l = context;
    (void)level;
    if (!l->logged[0])
        vsnprintf(l->logged, sizeof l->logged, format, args);
}

static bool read_struct(loader *l, experiment **out) {
    const cyaml_config_t config = {.log_fn = log_cyaml,
                                   .log_ctx = l,
                                   .mem_fn = cyaml_mem,
                                   .log_level = CYAML_LOG_ERROR,
                                   .flags = CYAML_CFG_NO_ALIAS};
    char *text = written(write_tree, l->root);
    if (!text)
        return fail_memory(l);
    cyaml_data_t *data = NULL;
    cyaml_err_t e =
        cyaml_load_data((const uint8_t *)text, strlen(text), &config, &schema, &data, NULL);
    free(text);
    if (e == CYAML_ERR_OOM)
        return fail_memory(l);
    if (e != CYAML_OK)
        return fail(l, l->root, "%s: %s; expected an experiment", cyaml_strerror(e), l->logged);
    *out = data;
    const node *init = find(l->root, "init");
    (*out)->init.distribution = strdup(init->first->key->text);
    return (*out)->init.distribution || fail_memory(l);
}

/* Names of arithmetics in their canonical form, each once. */
static bool canonical_arithmetics(loader *l, experiment *x) {
    const node *n = find(l->root, "arithmetics")->first;
    for (unsigned i = 0; i < x->n_arithmetics; i++, n = n->next) {
        bf_arithmetic arithmetic;
        bf_error e = {.status = BF_OK};
        bf_status status = bf_arithmetic_parse(&arithmetic, x->arithmetics[i], &e);
        if (status == BF_EMACHINE)
            return fail_memory(l);
        if (status != BF_OK)
            return fail(l, n, "arithmetics.%u: %s", i, e.text);
        for (unsigned j = 0; j < i; j++)
            if (strcmp(x->arithmetics[j], arithmetic.name) == 0)
                return fail(l, n, "arithmetics has '%.60s' twice; expected it once",
                            arithmetic.name);
        char *name = strdup(arithmetic.name);
        if (!name)
            return fail_memory(l);
        free(x->arithmetics[i]);
        x->arithmetics[i] = name;
    }
    return true;
}

static bool load(loader *l, experiment **x, const char *text, size_t size, size_t n_overrides) {
    l->root = read_yaml(l, text, size);
    if (!l->root)
        return false;
    if (l->root->null) {
        phrase list;
        return fail(l, l->root, "the file is empty; expected %s", expected(&list, &schema, ""));
    }
    if (l->root->kind != MAP)
        return check(l, &schema, l->root, "");
    for (size_t i = 0; i < n_overrides; i++) {
        if (!plain_layers(l))
            return false;
        l->turn = i + 1;
        if (!apply(l, l->overrides[i]))
            return false;
        l->turn = 0;
    }
    return plain_layers(l) && layer_options(l) && plain_init(l) && plain_eps(l) && fill(l) &&
           check(l, &schema, l->root, "") && relations(l) && read_struct(l, x) &&
           canonical_arithmetics(l, *x);
}

bf_status experiment_parse(experiment **out, const char *text, size_t size, const char *origin,
                           int line, const char *const *overrides, size_t n_overrides,
                           bf_error *err) {
    loader l = {.origin = origin, .line = line, .overrides = overrides, .err = err};
    experiment *x = NULL;
    bool ok = load(&l, &x, text, size, n_overrides);
    while (l.all) {
        node *n = l.all;
        l.all = n->all;
        free(n);
    }
    if (!ok) {
        experiment_free(x);
        return l.status;
    }
    *out = x;
    return BF_OK;
}

bf_status experiment_load(experiment **out, const char *path, const char *const *overrides,
                          size_t n_overrides, bf_error *err) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return bf_fail(err, BF_EINPUT, "%.250s: %s; expected an experiment file", path,
                       strerror(errno));
    char *text = malloc(MAX_SIZE + 1);
    size_t size = text ? fread(text, 1, MAX_SIZE + 1, f) : 0;
    int problem = ferror(f) ? errno : 0;
    fclose(f);
    bf_status status;
    if (!text)
        status = bf_fail(err, BF_EMACHINE, "%.250s: out of memory", path);
    else if (problem)
        status = bf_fail(err, problem == EISDIR ? BF_EINPUT : BF_EMACHINE,
                         "%.250s: %s; expected an experiment file", path, strerror(problem));
    else
        status = experiment_parse(out, text, size, path, 1, overrides, n_overrides, err);
    free(text);
    return status;
}

void experiment_free(experiment *x) {
    const cyaml_config_t config = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
    if (!x)
        return;
    free(x->init.distribution);
    cyaml_free(&config, &schema, x, 0);
}

char *experiment_resolved(const experiment *x) {
    return written(write_resolved, x);
}

static bf_hash hash_of(void (*write)(FILE *f, const void *what), const void *what) {
    bf_hash hash = {{0}};
    char *text = written(write, what);
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
