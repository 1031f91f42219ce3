/* SPDX-License-Identifier: MIT */
/* field.h - files as tables of fields: a row says all that there is to say of a field, and from the
 * rows a file is read, checked, written, identified and documented.
 *
 * A row's path has a name for each level: `train.steps`; `*` stands for the items of a list of
 * mappings, `map.views.*.x`, and as the last name for each of the row's words, `init.*`. Rows stand
 * in the order in which they are written; those of a section follow it. A path may have several
 * rows, of which `when` lets one count. */
#ifndef FIELD_H
#define FIELD_H

#include "experiment/tree.h"

typedef enum field_type {
    FIELD_SECTION,  /* a mapping; its fields are members of the same struct */
    FIELD_ITEMS,    /* a list of mappings, each a struct of `size` bytes */
    FIELD_TEXT,     /* char *: any text */
    FIELD_NAME,     /* char *: 1 to 100 of a-z, 0-9, '.', '_', '-' */
    FIELD_WORD,     /* char *: one of the words */
    FIELD_NUMBER,   /* char *: a number that bf_number reads, within the limits */
    FIELD_RATIONAL, /* char *: likewise, without roots */
    FIELD_PATH,     /* char *: of a file or folder; see tree_path */
    FIELD_HASH,     /* char *: 32 hexadecimal digits */
    FIELD_WHOLE,    /* uint64_t or unsigned, by `size`: a whole number within the limits */
    FIELD_DECIMAL,  /* double: a decimal number within the limits */
    FIELD_FLAG,     /* bool */
    FIELD_OWN       /* what `own` reads and writes; of FIELD_ITEMS, each item */
} field_type;

/* What a reference page says of a field. */
typedef struct field_description {
    const char *path;  /* a list's items are *, what a user chooses is in capitals */
    const char *type;  /* "section", "list of sections", "whole number", ... */
    const char *value; /* default, as in a file; NULL: none */
    bool needed;
    const char *expected;
    const char *when; /* "data.set: idx npy"; NULL: always */
    const char *summary;
} field_description;
typedef void field_put(void *to, const field_description *d);

/* A field that is unlike others: `n` is the mapping that may hold it, `path` that mapping's, `base`
 * the struct. Or each item of FIELD_ITEMS: `n` is the item. */
typedef struct field_own {
    bool (*read)(loader *l, node *n, const char *path, void *base);
    void (*write)(FILE *f, const void *base, int indent);
    bool (*present)(const void *base);
    void (*release)(void *base);
    void (*describe)(field_put *put, void *to); /* what is in it, or (`*`) stands for it; or NULL */
} field_own;

typedef struct field {
    const char *path;
    field_type type;
    bool many;            /* a list of such values: `offset` is that of a pointer to them */
    size_t offset, size;  /* of the member. Of a section that may be left out: of a member that is
                             not zero when it is there; size 0: a section that is always there */
    size_t count;         /* of `many` and items: offset of their number, an unsigned */
    unsigned least, most; /* of them */
    bool needed;          /* there is no default, and it has to be given */
    const char *value;    /* default, as in a file; NULL: left out, it is not there */
    /* Makes the default from what has been read; `value` then says what it makes. */
    void (*preset)(char out[64], const void *root);
    double low, high;
    const char *expected; /* what the message on a wrong value says; NULL: by type or words */
    const char *(*words)(size_t i); /* NULL after the last */
    const field_own *own;
    const char *when, *is; /* only there when that field is one of these words; NULL: always */
    unsigned part;         /* which identities it is part of: bits of the table's own */
    const char *summary;
} field;

/* Read the mapping `n`, whose path is `path` (empty for all of a file), into the struct; the table
 * ends with a row without path. What is left out gets its default, in the tree too. On failure the
 * struct is to be given to fields_free all the same. */
bool fields_read(loader *l, const field *table, node *n, const char *path, void *base);
void fields_free(const field *table, void *base);
/* Write the fields whose part has one of these bits; 0: all. */
void fields_write(FILE *f, const field *table, const void *base, unsigned parts);

/* Say what there is, in order. */
void fields_describe(const field *table, field_put *put, void *to);

/* Whether the field is there, by its `when`. */
bool field_applies(const field *table, const field *f, const void *root);
/* The rows of a section (NULL: of the whole), in order: after `last`, or the first. */
const field *field_next(const field *table, const field *section, const field *last);
/* The first row of a path, which there is. */
const field *field_at(const field *table, const char *path);
/* The names of a section's fields, with commas between them, after `before`; of those that are
 * there by their `when` in the struct `root`, or (NULL) of all. */
void field_names(phrase *out, const char *before, const field *table, const field *section,
                 const void *root);
/* The last name of its path. */
const char *field_key(const field *f);
bool field_has_word(const field *f, const char *word);
/* What to say of a value that was expected. */
const char *field_expected(const field *table, const field *f, phrase *out);

/* Check a single value, as any field of the kind is. */
bool field_acceptable(const field *f, const char *text);
bool text_is_flag(const char *text, bool *value);

#endif
