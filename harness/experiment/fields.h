/* SPDX-License-Identifier: MIT */
/* fields.h - the table of an experiment's fields, and what stands behind it. */
#ifndef FIELDS_H
#define FIELDS_H

#include "experiment/experiment.h"
#include "experiment/field.h"

/* Identities are unions of parts. */
enum {
    PART_RUN = 1,     /* every run depends on it */
    PART_DATA = 2,    /* likewise, unless the data are known by their hash */
    PART_OUTCOME = 4, /* labels */
    PART_SWEEP = 8,
    PART_LYAPUNOV = 16,
    PART_MAP = 32,
};

extern const field experiment_table[];

/* What the experiment knows of its data beyond the file: they are loaded by one thread. */
struct experiment_data {
    bf_data_set *set;
    char hash[33]; /* that of the set; empty before */
};

/* engine.c: layers and the loss, and the optimiser's options among the fields of train. */
extern const field_own layers_field, loss_field, optimiser_field;
/* The options of all optimisers, each once. */
const char *known_optimiser_option(size_t i);

/* matrix.c: axes, and the cell with which others are compared. */
extern const field_own axes_field, reference_field;
const char *known_axis(size_t i);

/* What a file may say in short, in full: in the tree, before it is read by the table. Kinds, also
 * before each override, which may address them:
 * `tanh`, `{tanh: {gain: 2}}`, `{dense: 2, bias: false}` -> `{kind: ..., width: 2, ...}` */
bool plain_kinds(loader *l);
/* The name, when there is none: the file's, without folders and ending. */
bool plain_name(loader *l);
/* `init: planes` -> `init: {planes: }`; of several distributions the one that counts. */
bool plain_init(loader *l);
/* A single eps, `{values: [...]}` or `{from, to, points}` -> a list. */
bool plain_eps(loader *l);

/* relations.c: what concerns several fields, of an experiment read from the loader's tree. */
bool relations_hold(loader *l, const experiment *x);
/* Whether one field of a group is below another. */
bool ordered_fields(loader *l, const node *low, const node *high, const char *group);

#endif
