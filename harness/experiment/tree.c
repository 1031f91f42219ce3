/* SPDX-License-Identifier: MIT */
/* tree.c - YAML files as trees of nodes. */
#include "experiment/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DEPTH = 16,
    MAX_FIELDS = 100, /* in a mapping */
};

/* ---- the tree ------------------------------------------------------------------------------- */

bool tree_fail(loader *l, const node *at, const char *format, ...) {
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
    bf_text_printable(text, false);
    l->status = bf_fail(l->err, BF_EINPUT, "%s", text);
    return false;
}

bool tree_fail_memory(loader *l) {
    l->status = bf_fail(l->err, BF_EMACHINE, "%.250s: out of memory", l->origin);
    return false;
}

/* A scalar that comes from where `like` comes from. */
static node *make(loader *l, const char *text, size_t size, const node *like) {
    node *n = malloc(sizeof *n + size + 1);
    if (!n) {
        tree_fail_memory(l);
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

node *tree_text(loader *l, const char *text, const node *like) {
    return make(l, text, strlen(text), like);
}

void tree_place(node *n, const node *like) {
    n->line = like->line;
    n->turn = like->turn;
    n->touched = like->touched;
    for (node *c = n->kind == SCALAR ? NULL : n->first; c; c = c->next)
        tree_place(c, like);
}

void tree_become(node *n, node_kind kind) {
    n->kind = kind;
    n->null = false;
    n->text = "";
    n->first = NULL;
}

node *tree_find(const node *n, const char *key) {
    if (!n || n->kind != MAP)
        return NULL;
    for (node *c = n->first; c; c = c->next)
        if (strcmp(c->key->text, key) == 0)
            return c;
    return NULL;
}

node *tree_follow(const loader *l, const char *path) {
    node *n = l->root;
    for (const char *end; n && *path; path = *end ? end + 1 : end) {
        char key[32];
        end = path + strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)(end - path), path);
        n = tree_find(n, key);
    }
    return n;
}

void tree_assign(node *place, const node *value) {
    node old = *place;
    *place = *value;
    place->key = old.key;
    place->next = old.next;
    place->all = old.all;
}

void tree_append(node *parent, node *key, node *value) {
    node **tail = &parent->first;
    while (*tail)
        tail = &(*tail)->next;
    value->key = key;
    value->next = NULL;
    *tail = value;
}

void tree_drop(node *parent, const node *child) {
    for (node **link = &parent->first; *link; link = &(*link)->next)
        if (*link == child) {
            *link = child->next;
            return;
        }
}

bool tree_put(loader *l, node *map, const char *key, node *value) {
    node *place = tree_find(map, key);
    if (!value)
        return false;
    if (place) {
        tree_assign(place, value);
        return true;
    }
    node *name = tree_text(l, key, value);
    if (!name)
        return false;
    tree_append(map, name, value);
    return true;
}

bool tree_whole(const char *text, uint64_t *out) {
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
            tree_fail(l, &here, "bad path '%.*s'; expected field names with dots between them",
                      (int)(size < 60 ? size : 60), path);
            return NULL;
        }
        if (n->null)
            tree_become(n, MAP);
        node *child = NULL;
        if (n->kind == MAP) {
            child = tree_find(n, key);
            if (!child) {
                node *name = tree_text(l, key, &here);
                child = tree_text(l, "", &here);
                if (!name || !child)
                    return NULL;
                child->null = true;
                tree_append(n, name, child);
            }
        } else if (n->kind == LIST) {
            uint64_t index = 0, items = 0;
            bool valid = tree_whole(key, &index);
            for (node *c = n->first; c; c = c->next)
                if (items++ == index && valid)
                    child = c;
            if (!child)
                tree_fail(l, &here, "no item '%s' in %.*s; expected a number below %" PRIu64, key,
                          (int)(at ? at - 1 : 0), path, items);
        } else {
            tree_fail(l, &here, "%.*s is a single value and has no field '%s'; expected a mapping",
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
        return tree_fail_memory(l);
    node at;
    size_t line = p->problem_mark.line;
    if (p->error == YAML_READER_ERROR) { /* has an offset only */
        const unsigned char *start = p->input.string.start;
        line = 0;
        for (size_t i = 0; i < p->problem_offset && start + i < p->input.string.end; i++)
            line += start[i] == '\n';
        at = position(l, line);
        return tree_fail(l, &at, "%s; expected printable UTF-8 text", p->problem);
    }
    at = position(l, line);
    return tree_fail(l, &at, "malformed YAML: %s%s%s (column %zu); expected a well-formed document",
                     p->context ? p->context : "", p->context ? ", " : "",
                     p->problem ? p->problem : "syntax error", p->problem_mark.column + 1);
}

/* Escapes in a YAML string can spell anything. */
static bool printable(const char *s, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < size; i += length)
        if ((length = bf_text_character(s + i, true)) == 0)
            return false;
    return true;
}

/* The node that begins with the present event. */
static node *build(loader *l, int depth) {
    const yaml_event_t *e = &l->event;
    node at = position(l, e->start_mark.line);
    if (e->type == YAML_ALIAS_EVENT) {
        tree_fail(l, &at, "alias '*%.40s'; expected no anchors or aliases", e->data.alias.anchor);
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
        tree_fail(l, &at, "%s '%.40s'; expected no anchors, aliases or tags",
                  anchor ? "anchor" : "tag", anchor ? anchor : tag);
        return NULL;
    }
    if (scalar) {
        const char *text = (const char *)e->data.scalar.value;
        if (!printable(text, e->data.scalar.length)) {
            tree_fail(l, &at, "a control character in a value; expected printable text");
            return NULL;
        }
        node *n = make(l, text, e->data.scalar.length, &at);
        if (n)
            n->null = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                      (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
        return n;
    }
    if (depth >= MAX_DEPTH) {
        tree_fail(l, &at, "nested too deeply; expected at most %d levels", MAX_DEPTH);
        return NULL;
    }
    node *n = tree_text(l, "", &at), *last = NULL;
    if (n)
        tree_become(n, list ? LIST : MAP);
    for (size_t fields_seen = 0; n; fields_seen++) {
        if (!advance(l))
            return NULL;
        if (e->type == YAML_SEQUENCE_END_EVENT || e->type == YAML_MAPPING_END_EVENT)
            return n;
        node *key = NULL;
        if (!list) {
            at = position(l, e->start_mark.line);
            if (e->type != YAML_SCALAR_EVENT || fields_seen >= MAX_FIELDS) {
                tree_fail(l, &at, "%s; expected a mapping of names to values",
                          e->type != YAML_SCALAR_EVENT ? "a key that is not a plain name"
                                                       : "too many fields");
                return NULL;
            }
            key = build(l, depth + 1);
            if (!key)
                return NULL;
            const node *twin = tree_find(n, key->text);
            if (twin) {
                tree_fail(l, &at,
                          "field '%.40s' is given twice (first on line %d); expected it once",
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

node *tree_parse(loader *l, const char *text, size_t size) {
    node *n = NULL, at = position(l, 0);
    if (size > MAX_SIZE) {
        tree_fail(l, &at, "larger than 1 MiB; expected a smaller file");
        return NULL;
    }
    if (!yaml_parser_initialize(&l->parser)) {
        tree_fail_memory(l);
        return NULL;
    }
    yaml_parser_set_encoding(&l->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l->parser, (const unsigned char *)text, size);
    if (!advance(l) || !advance(l)) /* stream start, document start */
        goto done;
    if (l->event.type == YAML_STREAM_END_EVENT) {
        n = tree_text(l, "", &at);
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
        tree_fail(l, &at, "a second document begins here; expected one");
    else
        n = document;
done:
    yaml_event_delete(&l->event);
    yaml_parser_delete(&l->parser);
    return n;
}

/* ---- values --------------------------------------------------------------------------------- */

const char *const tree_kind_names[] = {"a single value", "a list", "a mapping"};

void tree_add_name(phrase *out, const char *before, const char *name) {
    size_t used = strlen(out->text);
    snprintf(out->text + used, sizeof out->text - used, "%s%s", used ? ", " : before, name);
}

const char *tree_known_names(phrase *out, const char *(*known)(size_t)) {
    out->text[0] = '\0';
    for (size_t i = 0; known(i); i++)
        tree_add_name(out, known(1) ? "one of " : "", known(i));
    return out->text;
}

char *tree_path(loader *l, const node *n, const char *path) {
    const char *slash = l->beside && n->turn == 0 ? strrchr(l->origin, '/') : NULL;
    const size_t folder = slash && *path != '/' ? (size_t)(slash + 1 - l->origin) : 0;
    char *out = malloc(folder + strlen(path) + 1);
    if (out)
        sprintf(out, "%.*s%s", (int)folder, l->origin, path);
    else
        tree_fail_memory(l);
    return out;
}

char *tree_library(loader *l, const node *n, const char *name) {
    if (strchr(name, '/'))
        return tree_path(l, n, name);
    char *out = strdup(name);
    if (!out)
        tree_fail_memory(l);
    return out;
}

bool tree_arithmetic(loader *l, const node *n, const char *path, bf_arithmetic *out) {
    static const char blas[] = "/blas:";
    const char *library = strstr(n->text, blas);
    const size_t before = library ? (size_t)(library - n->text) + strlen(blas) : 0;
    char *file = library ? tree_library(l, n, n->text + before) : NULL;
    char *name = malloc(before + strlen(file ? file : n->text) + 1);
    bf_error why = {.text = ""};
    bf_status s = BF_EMACHINE;
    if (name && (file || !library)) {
        sprintf(name, "%.*s%s", (int)before, n->text, file ? file : n->text);
        s = bf_arithmetic_parse(out, name, &why);
    }
    free(file);
    free(name);
    return s == BF_OK ||
           (s == BF_EMACHINE ? tree_fail_memory(l) : tree_fail(l, n, "%s: %s", path, why.text));
}

bool tree_override(loader *l, const char *override) {
    const char *equals = strchr(override, '=');
    if (!equals)
        return tree_fail(l, &(node){.turn = l->turn}, "no '='; expected path=value");
    node *value = tree_parse(l, equals + 1, strlen(equals + 1));
    node *place = value ? reach(l, override, (size_t)(equals - override)) : NULL;
    if (!place)
        return false;
    value->line = place->line;
    tree_assign(place, value);
    return true;
}

/* ---- files ---------------------------------------------------------------------------------- */

bf_status tree_read_file(char **text, size_t *size, const char *path, const char *what,
                         bf_error *err) {
    *text = NULL;
    FILE *f = fopen(path, "rb");
    if (!f)
        return bf_fail(err, BF_EINPUT, "%.250s: %s; expected %s", path, strerror(errno), what);
    *text = malloc(MAX_SIZE + 1);
    *size = *text ? fread(*text, 1, MAX_SIZE + 1, f) : 0;
    int problem = ferror(f) ? errno : 0;
    fclose(f);
    if (!*text)
        return bf_fail(err, BF_EMACHINE, "%.250s: out of memory", path);
    if (!problem)
        return BF_OK;
    free(*text);
    *text = NULL;
    return bf_fail(err, problem == EISDIR ? BF_EINPUT : BF_EMACHINE, "%.250s: %s; expected %s",
                   path, strerror(problem), what);
}

void tree_free(loader *l) {
    while (l->all) {
        node *n = l->all;
        l->all = n->all;
        free(n);
    }
    l->root = NULL;
}
