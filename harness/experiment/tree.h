/* SPDX-License-Identifier: MIT */
/* tree.h - YAML files as trees of nodes that remember where they came from, so that every error
 * names file, line (or the override) and what was expected.
 *
 * libyaml's events become a tree, to which overrides, shorthands and defaults are applied; from it
 * a table of fields (field.h) fills a struct. Functions that return false or NULL have recorded the
 * failure in the loader.
 *
 * Files come from strangers: size, depth and counts are bounded, nothing is expanded. */
#ifndef TREE_H
#define TREE_H

#include "bitfate.h"

#include <stdio.h>
#include <yaml.h>

enum { MAX_SIZE = 1 << 20, /* bytes in a file */ MAX_NAME = 100 };

/* ---- the tree ------------------------------------------------------------------------------- */

typedef enum node_kind { SCALAR, LIST, MAP } node_kind;
extern const char *const tree_kind_names[]; /* "a single value", ... */

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
    const char *title; /* of the whole, in errors: "the experiment" */
    bool beside;       /* relative paths in the file are relative to its folder */
    bf_status status;
    bf_error *err;
} loader;

typedef struct phrase { /* what a message says */
    char text[400];
} phrase;

/* All of a file, to be freed; one byte more than MAX_SIZE when it is longer. `what` was expected:
 * "an experiment file". */
BF_MUST_CHECK bf_status tree_read_file(char **text, size_t *size, const char *path,
                                       const char *what, bf_error *err);
/* Free every node. */
void tree_free(loader *l);

/* Record the failure, in one line: where it lies, then the message. Returns false. */
bool tree_fail(loader *l, const node *at, const char *format, ...) BF_PRINTF(3, 4);
bool tree_fail_memory(loader *l);

/* The only document in the text; an empty text is a null scalar. */
node *tree_parse(loader *l, const char *text, size_t size);
/* Apply an override, "path.to.field=YAML value". */
bool tree_override(loader *l, const char *override);

/* A scalar that comes from where `like` comes from. */
node *tree_text(loader *l, const char *text, const node *like);
/* Let a node, and all in it, come from where `like` comes from. */
void tree_place(node *n, const node *like);
/* Turn a node into an empty list or mapping. */
void tree_become(node *n, node_kind kind);
/* A field of a mapping, or NULL. */
node *tree_find(const node *n, const char *key);
/* Where a dotted path of fields leads, or NULL. */
node *tree_follow(const loader *l, const char *path);
/* Give a place the value of another node; its key and its neighbours stay. */
void tree_assign(node *place, const node *value);
void tree_append(node *parent, node *key, node *value);
void tree_drop(node *parent, const node *child);
/* Set a field of a mapping that the tree itself needs. */
bool tree_put(loader *l, node *map, const char *key, node *value);

/* A decimal whole number without sign or leading zeros, below 2^64. */
bool tree_whole(const char *text, uint64_t *out);

/* Names with commas between them, and a text before the first. */
void tree_add_name(phrase *out, const char *before, const char *name);
const char *tree_known_names(phrase *out, const char *(*known)(size_t));

/* A path that a scalar names, to be freed: what the file itself says is relative to the file, where
 * the loader's `beside` says so; what an override says, to the working directory. */
char *tree_path(loader *l, const node *n, const char *path);
/* Likewise a library; a name without '/' is looked for where libraries are. */
char *tree_library(loader *l, const node *n, const char *name);
/* The arithmetic that a scalar names; `path` is the field's, for errors. */
bool tree_arithmetic(loader *l, const node *n, const char *path, bf_arithmetic *out);

#endif
