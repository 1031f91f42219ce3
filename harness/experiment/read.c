/* SPDX-License-Identifier: MIT */
/* read.c - reads mappings into structs by tables of fields, checking them on the way. */
#include "experiment/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NUMBER = 1000 /* characters */ };

/* ---- rows ----------------------------------------------------------------------------------- */

const char *field_key(const field *f) {
    const char *dot = strrchr(f->path, '.');
    return dot ? dot + 1 : f->path;
}

const field *field_next(const field *table, const field *section, const field *last) {
    const char *prefix = section ? section->path : "";
    const size_t n = strlen(prefix);
    for (const field *f = last ? last + 1 : section ? section + 1 : table; f->path; f++) {
        const char *rest = f->path + n;
        if (strncmp(f->path, prefix, n) != 0 || (n > 0 && *rest != '.'))
            return NULL;
        rest += n > 0;
        if (section && section->type == FIELD_ITEMS)
            rest += 2;
        if (!strchr(rest, '.'))
            return f;
    }
    return NULL;
}

bool field_has_word(const field *f, const char *word) {
    for (size_t i = 0; f->words && f->words(i); i++)
        if (strcmp(f->words(i), word) == 0)
            return true;
    return false;
}

const field *field_at(const field *table, const char *path) {
    while (table->path && strcmp(table->path, path) != 0)
        table++;
    return table;
}

/* Whether a word stands in a list of words with spaces between them. */
static bool in_words(const char *list, const char *word) {
    const size_t n = strlen(word);
    for (const char *at = list; n > 0 && (at = strstr(at, word)); at += n)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

bool field_applies(const field *table, const field *f, const void *root) {
    if (!f->when)
        return true;
    const char *word = *(char *const *)((const char *)root + field_at(table, f->when)->offset);
    return word && in_words(f->is, word);
}

/* ---- what is expected ----------------------------------------------------------------------- */

void field_names(phrase *out, const char *before, const field *table, const field *section,
                 const void *root) {
    const field *earlier = NULL;
    for (const field *f = NULL; (f = field_next(table, section, f));) {
        if ((earlier && strcmp(earlier->path, f->path) == 0) ||
            (root && !field_applies(table, f, root)))
            continue;
        earlier = f;
        if (*field_key(f) != '*')
            tree_add_name(out, before, field_key(f));
        for (size_t i = 0; *field_key(f) == '*' && f->words(i); i++)
            tree_add_name(out, before, f->words(i));
    }
}

/* "4096", "10^12", "2^64". */
static const char *limit_text(double limit, char out[32]) {
    const int power = limit >= 1 ? (int)lround(log10(limit)) : 0;
    if (limit == 0x1p64)
        snprintf(out, 32, "2^64");
    else if (power >= 6 && pow(10, power) == limit)
        snprintf(out, 32, "10^%d", power);
    else
        snprintf(out, 32, "%.0f", limit);
    return out;
}

/* What a number within the row's limits is. */
static const char *expected_number(const field *f, phrase *out) {
    char low[32], high[32];
    if (f->type == FIELD_RATIONAL)
        return "a decimal, a hex float or a quotient";
    if (f->type == FIELD_NUMBER)
        return f->low == 0  ? "a finite number, 0 or above"
               : f->low > 0 ? "a finite number above 0"
                            : "a finite number";
    if (f->high == 0x1p64)
        snprintf(out->text, sizeof out->text, "a whole number below 2^64");
    else
        snprintf(out->text, sizeof out->text, "a whole number from %s to %s",
                 limit_text(f->low, low), limit_text(f->high, high));
    return out->text;
}

const char *field_expected(const field *table, const field *f, phrase *out) {
    static const char *const by_type[] = {
        [FIELD_TEXT] = "a text",        [FIELD_NAME] = "1 to 100 of a-z, 0-9, '.', '_', '-'",
        [FIELD_PATH] = "a path",        [FIELD_HASH] = "32 hexadecimal digits",
        [FIELD_FLAG] = "true or false", [FIELD_OWN] = "a list",
    };
    *out = (phrase){""};
    if (f->type == FIELD_SECTION) {
        field_names(out, "a mapping with ", table, f, NULL);
        return out->text;
    }
    if (f->many || f->type == FIELD_ITEMS)
        return "a list";
    return f->expected                         ? f->expected
           : f->words && f->type == FIELD_WORD ? tree_known_names(out, f->words)
           : f->type < sizeof by_type / sizeof *by_type && by_type[f->type]
               ? by_type[f->type]
               : expected_number(f, out);
}

/* ---- single values -------------------------------------------------------------------------- */

static bool decimal(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end;
}

bool text_is_flag(const char *text, bool *value) {
    static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0) {
            *value = i < 3;
            return true;
        }
    return false;
}

/* Whether it is a number of the field's type, whose value is then near `value`. */
static bool is_number(field_type type, const char *text, double *value) {
    uint64_t whole = 0;
    bool good = strlen(text) <= MAX_NUMBER;
    if (type == FIELD_WHOLE) {
        good = tree_whole(text, &whole);
        *value = (double)whole;
    } else if (type == FIELD_DECIMAL) {
        good = decimal(text, value);
    } else if (type == FIELD_RATIONAL) {
        good = good && bf_number_difference("0", text, value, NULL) == BF_OK;
    } else {
        good = good && bf_number_double(text, value, NULL) == BF_OK;
    }
    return good;
}

bool field_acceptable(const field *f, const char *text) {
    double value = NAN;
    bool flag;
    bf_hash hash;
    switch (f->type) {
    case FIELD_TEXT:
        return true;
    case FIELD_PATH:
        return *text != '\0';
    case FIELD_HASH:
        return strlen(text) == 32 && bf_hash_parse(text, &hash);
    case FIELD_NAME:
        return *text && strlen(text) <= MAX_NAME &&
               !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-")];
    case FIELD_WORD:
        return field_has_word(f, text);
    case FIELD_FLAG:
        return text_is_flag(text, &flag);
    default:
        return is_number(f->type, text, &value) && value >= f->low && value <= f->high;
    }
}

/* ---- reading -------------------------------------------------------------------------------- */

typedef struct reader {
    loader *l;
    const field *table;
    void *root; /* the struct of the whole */
} reader;

typedef struct where {
    char text[200];
} where;

static where below(const char *path, const char *key) {
    where w;
    snprintf(w.text, sizeof w.text, "%.150s%s%s", path, *path ? "." : "", key);
    return w;
}

static const char *title(const reader *r, const char *path) {
    return *path ? path : r->l->title;
}

static size_t stride(const field *f) {
    return f->type == FIELD_ITEMS || f->type == FIELD_WHOLE ? f->size : sizeof(char *);
}

static bool take_text(reader *r, const field *f, const node *n, char **to) {
    *to = f->type == FIELD_PATH ? tree_path(r->l, n, n->text) : strdup(n->text);
    return *to || tree_fail_memory(r->l);
}

/* Check a single value and put it into its place. */
static bool take_value(reader *r, const field *f, const node *n, const char *path, void *to) {
    phrase list;
    uint64_t whole = 0;
    field single = *f;
    single.many = false;
    if (n->kind != SCALAR)
        return tree_fail(r->l, n, "%s is %s; expected %s", path, tree_kind_names[n->kind],
                         field_expected(r->table, &single, &list));
    if (!field_acceptable(f, n->text))
        return tree_fail(r->l, n, "%s is %s%.60s%s; expected %s", path, *n->text ? "'" : "empty",
                         n->text, *n->text ? "'" : "", field_expected(r->table, &single, &list));
    switch (f->type) {
    case FIELD_FLAG:
        return text_is_flag(n->text, to);
    case FIELD_DECIMAL:
        return decimal(n->text, to);
    case FIELD_WHOLE:
        (void)tree_whole(n->text, &whole);
        if (f->size == sizeof(unsigned))
            *(unsigned *)to = (unsigned)whole;
        else
            *(uint64_t *)to = whole;
        return true;
    default:
        return take_text(r, f, n, to);
    }
}

static bool read_section(reader *r, const field *section, node *n, const char *path, void *base);

/* A list of values, or of mappings. */
static bool take_list(reader *r, const field *f, node *n, const char *path, char *base) {
    unsigned count = 0;
    if (n->kind != LIST)
        return tree_fail(r->l, n, "%s is %s; expected a list", path,
                         n->null ? "empty" : tree_kind_names[n->kind]);
    for (const node *c = n->first; c; c = c->next)
        count++;
    if (count < f->least || count > f->most)
        return tree_fail(r->l, n, "%s has %u items; expected from %u to %u", path, count, f->least,
                         f->most);
    char *items = calloc(count ? count : 1, stride(f));
    if (!items)
        return tree_fail_memory(r->l);
    *(void **)(base + f->offset) = items;
    *(unsigned *)(base + f->count) = count;
    unsigned i = 0;
    for (node *c = n->first; c; c = c->next, i++) {
        char index[24], *item = items + i * stride(f);
        snprintf(index, sizeof index, "%u", i);
        const where at = below(path, index);
        if (!(f->many  ? take_value(r, f, c, at.text, item)
              : f->own ? f->own->read(r->l, c, at.text, item)
                       : read_section(r, f, c, at.text, item)))
            return false;
    }
    return true;
}

/* The node of a default, in the tree. */
static node *put_default(reader *r, const field *f, node *section) {
    char preset[64];
    if (f->preset)
        f->preset(preset, r->root);
    const char *text = f->preset ? preset : f->value;
    node *n = f->type == FIELD_SECTION ? tree_text(r->l, "", section)
                                       : tree_parse(r->l, text, strlen(text));
    node *key = n ? tree_text(r->l, field_key(f), section) : NULL;
    if (!key)
        return NULL;
    if (f->type == FIELD_SECTION)
        tree_become(n, MAP);
    tree_place(n, section);
    tree_append(section, key, n);
    return n;
}

/* A section that is named by one of its row's words. */
static node *find_named(const field *f, const node *section) {
    for (node *c = section->first; c; c = c->next)
        if (field_has_word(f, c->key->text))
            return c;
    return NULL;
}

static bool read_field(reader *r, const field *f, node *section, const char *path, char *base) {
    phrase list;
    const bool named = *field_key(f) == '*';
    node *n = named ? find_named(f, section) : tree_find(section, field_key(f));
    if (f->type == FIELD_OWN)
        return f->own->read(r->l, section, path, base);
    if (!n && f->needed)
        return tree_fail(r->l, section, "field '%s' is missing in %s; expected %s", field_key(f),
                         title(r, path), field_expected(r->table, f, &list));
    if (!n && !f->value && !f->preset && !(f->type == FIELD_SECTION && f->size == 0))
        return true;
    if (!n && !(n = put_default(r, f, section)))
        return false;
    const where at = below(path, n->key->text);
    if (f->type == FIELD_SECTION)
        return read_section(r, f, n, at.text, base);
    if (f->many || f->type == FIELD_ITEMS)
        return take_list(r, f, n, at.text, base);
    return take_value(r, f, n, at.text, base + f->offset);
}

static const field *row_of(reader *r, const field *section, const char *key) {
    const field *f = NULL;
    while ((f = field_next(r->table, section, f)))
        if (strcmp(field_key(f), key) == 0 || (*field_key(f) == '*' && field_has_word(f, key)))
            return f;
    return NULL;
}

static bool no_unknown_fields(reader *r, const field *section, const node *n, const char *path) {
    phrase list = {""};
    for (const node *c = n->first; c; c = c->next)
        if (!row_of(r, section, c->key->text)) {
            field_names(&list, "one of ", r->table, section, NULL);
            return tree_fail(r->l, c->key, "unknown field '%.40s' in %s; expected %s", c->key->text,
                             title(r, path), list.text);
        }
    return true;
}

/* No field where its `when` does not hold. */
static bool out_of_place(reader *r, const field *section, const field *f, const node *n,
                         const char *path) {
    phrase list = {""};
    const node *c = tree_find(n, field_key(f));
    for (const field *g = NULL; (g = field_next(r->table, section, g));)
        if (strcmp(g->path, f->path) == 0 && field_applies(r->table, g, r->root))
            return false;
    if (!c)
        return false;
    field_names(&list, "one of ", r->table, section, r->root);
    const field *when = field_at(r->table, f->when);
    (void)tree_fail(r->l, c->key, "unknown field '%.40s' in %s with %s: %s; expected %s",
                    c->key->text, title(r, path), f->when,
                    *(char **)((char *)r->root + when->offset), list.text);
    return true;
}

static bool read_section(reader *r, const field *section, node *n, const char *path, void *base) {
    phrase list = {""};
    if (n->null)
        tree_become(n, MAP);
    if (n->kind != MAP) {
        field_names(&list, "a mapping with ", r->table, section, NULL);
        return tree_fail(r->l, n, "%s is %s; expected %s", title(r, path), tree_kind_names[n->kind],
                         list.text);
    }
    if (!no_unknown_fields(r, section, n, path))
        return false;
    for (const field *f = NULL; (f = field_next(r->table, section, f));) {
        if (!field_applies(r->table, f, r->root) ? out_of_place(r, section, f, n, path)
                                                 : !read_field(r, f, n, path, base))
            return false;
    }
    return true;
}

bool fields_read(loader *l, const field *table, node *n, const char *path, void *base) {
    reader r = {.l = l, .table = table, .root = base};
    return read_section(&r, NULL, n, path, base);
}

/* ---- freeing -------------------------------------------------------------------------------- */

static void free_section(const field *table, const field *section, char *base);

static void free_list(const field *table, const field *f, char *base) {
    char *items = *(char **)(base + f->offset);
    const unsigned n = *(unsigned *)(base + f->count);
    for (unsigned i = 0; items && i < n && f->type != FIELD_WHOLE; i++)
        if (f->type == FIELD_ITEMS && f->own)
            f->own->release(items + i * f->size);
        else if (f->type == FIELD_ITEMS)
            free_section(table, f, items + i * f->size);
        else
            free(((char **)(void *)items)[i]);
    free(items);
}

static void free_section(const field *table, const field *section, char *base) {
    const field *earlier = NULL;
    for (const field *f = NULL; (f = field_next(table, section, f)); earlier = f) {
        if (earlier && strcmp(earlier->path, f->path) == 0)
            continue;
        if (f->type == FIELD_SECTION)
            free_section(table, f, base);
        else if (f->type == FIELD_OWN)
            f->own->release(base);
        else if (f->many || f->type == FIELD_ITEMS)
            free_list(table, f, base);
        else if (f->type != FIELD_WHOLE && f->type != FIELD_DECIMAL && f->type != FIELD_FLAG)
            free(*(char **)(base + f->offset));
    }
}

void fields_free(const field *table, void *base) {
    free_section(table, NULL, base);
}
