/* SPDX-License-Identifier: MIT */
/* tree.c - YAML files as trees of nodes, checked against a schema. */
#include "experiment/tree.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_DEPTH = 16,
    MAX_FIELDS = 100,  /* in a mapping */
    MAX_NUMBER = 1000, /* characters */
};

/* ---- the tree ------------------------------------------------------------------------------- */

/* Record the failure, in one line: where it lies, then the message. Returns false. */
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

/* Turn a node into an empty list or mapping. */
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

/* Where a dotted path of fields leads, or NULL. */
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

/* Give a place the value of another node; its key and its neighbours stay. */
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

/* Set a field of a mapping that the tree itself needs. */
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

/* A decimal whole number without sign or leading zeros, below 2^64. */
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

/* The only document in the text; an empty text is a null scalar. */
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

/* ---- checks --------------------------------------------------------------------------------- */

const char *const tree_kind_names[] = {"a single value", "a list", "a mapping"};

/* The text before the first name, then the names with commas between them. */
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

const char *tree_field_names(phrase *out, const char *before, const cyaml_schema_field_t *f) {
    out->text[0] = '\0';
    for (; f->key; f++)
        tree_add_name(out, before, f->key);
    return out->text;
}

static const rule *rule_of(const loader *l, const char *path) {
    for (const rule *r = l->rules; r->path; r++)
        if (fnmatch(r->path, path, 0) == 0)
            return r;
    return NULL;
}

const char *tree_expected(const loader *l, phrase *out, const cyaml_schema_value_t *s,
                          const char *path) {
    const rule *r = rule_of(l, path);
    switch (s->type) {
    case CYAML_MAPPING:
        return tree_field_names(out, "a mapping with ", s->mapping.fields);
    case CYAML_SEQUENCE:
        return "a list";
    case CYAML_BOOL:
        return "true or false";
    default:
        return !r ? "a text" : r->known ? tree_known_names(out, r->known) : r->expected;
    }
}

double tree_number(const node *n) {
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
        return strlen(text) <= MAX_NUMBER &&
               bf_number_difference("0", text, &value, NULL) == BF_OK &&
               ((r->low == 0 && r->high == 0) || (value >= r->low && value <= r->high));
    case NUMBER:
        break;
    }
    if (type == CYAML_UINT) {
        if (!tree_whole(text, &integer))
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
bool tree_check(loader *l, const cyaml_schema_value_t *s, const node *n, const char *path) {
    if (s->type == CYAML_IGNORE)
        return true;
    phrase list;
    char inner[200];
    const char *title = *path ? path : l->title;
    node_kind kind = s->type == CYAML_MAPPING ? MAP : s->type == CYAML_SEQUENCE ? LIST : SCALAR;
    if (n->kind != kind)
        return tree_fail(l, n, "%s is %s; expected %s", title,
                         n->null ? "empty" : tree_kind_names[n->kind],
                         tree_expected(l, &list, s, path));
    if (kind == MAP) {
        const cyaml_schema_field_t *f;
        for (const node *c = n->first; c; c = c->next) {
            for (f = s->mapping.fields; f->key && strcmp(f->key, c->key->text) != 0; f++)
                ;
            if (!f->key)
                return tree_fail(l, c->key, "unknown field '%.40s' in %s; expected %s",
                                 c->key->text, title,
                                 tree_field_names(&list, "one of ", s->mapping.fields));
            snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", f->key);
            if (!tree_check(l, &f->value, c, inner))
                return false;
        }
        for (f = s->mapping.fields; f->key; f++) {
            snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", f->key);
            if (!(f->value.flags & CYAML_FLAG_OPTIONAL) && !tree_find(n, f->key))
                return tree_fail(l, n, "field '%s' is missing in %s; expected %s", f->key, title,
                                 tree_expected(l, &list, &f->value, inner));
        }
    } else if (kind == LIST) {
        size_t i = 0;
        for (const node *c = n->first; c; c = c->next, i++) {
            snprintf(inner, sizeof inner, "%s.%zu", path, i);
            if (i < s->sequence.max && !tree_check(l, s->sequence.entry, c, inner))
                return false;
        }
        if (i < s->sequence.min || i > s->sequence.max)
            return tree_fail(l, n, "%s has %zu items; expected from %u to %u", title, i,
                             s->sequence.min, s->sequence.max);
    } else if (!acceptable(s->type, rule_of(l, path), n->text)) {
        return tree_fail(l, n, "%s is %s%.60s%s; expected %s", title, *n->text ? "'" : "empty",
                         n->text, *n->text ? "'" : "", tree_expected(l, &list, s, path));
    }
    return true;
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

/* ---- writing -------------------------------------------------------------------------------- */

/* A scalar that any YAML reader reads as this text: plain where that is safe. */
void tree_write_text(FILE *f, const char *s) {
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
        tree_write_text(f, n->text);
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
void tree_write_list(FILE *f, char *const *items, unsigned n, size_t column) {
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
        tree_write_text(f, items[i]);
        at += width;
    }
    fputs("]\n", f);
}

/* Write `form`, each % in it replaced by the next text. */
void tree_write_form(FILE *f, const char *form, ...) {
    va_list texts;
    va_start(texts, form);
    for (; *form; form++) {
        if (*form == '%')
            tree_write_text(f, va_arg(texts, const char *));
        else
            fputc(*form, f);
    }
    va_end(texts);
}
void tree_write(FILE *f, const void *what) {
    write_node(f, what);
}
/* What `write` writes, as a string to be freed; NULL: no memory. */
char *tree_written(void (*write)(FILE *f, const void *what), const void *what) {
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
