/* SPDX-License-Identifier: MIT */
/* axes.c - the axes over which a training is repeated. */
#include "experiment/axes.h"

#include "experiment/emit.h"
#include "experiment/tree.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 1000 };

static const char *known_affinity(size_t i) {
    static const char *const names[] = {"all", "one", NULL};
    return names[i];
}

static const char *known_flush(size_t i) {
    static const char *const names[] = {"off", "on", NULL};
    return names[i];
}

static const char *known_rounding(size_t i) {
    static const char *const names[] = {"nearest", "up", "down", "zero", NULL};
    return names[i];
}

/* What a value may be, by the axis. NAME: letters, digits, '.', '_', '-'. */
static const struct {
    const char *name;
    enum { ARITHMETIC, COUNT, WORD, CHOICE, PATH, VARIABLE } test;
    const char *expected;
    const char *(*known)(size_t);
    const char *summary;
} kinds[AXIS_KINDS] = {
    [AXIS_ARITHMETICS] = {"arithmetics", ARITHMETIC, "an arithmetic", NULL, "arithmetics"},
    [AXIS_THREADS] = {"threads", COUNT, "a whole number from 1 to 4096", NULL,
                      "threads of the program and of a BLAS"},
    [AXIS_KERNELS] = {"kernels", WORD, "a kernel path: auto, plain, avx2 or the like", NULL,
                      "kernel paths"},
    [AXIS_LIBRARIES] = {"libraries", PATH, "the path of a CBLAS, or linked", NULL,
                        "libraries of .../blas, {NAME: PATH}"},
    [AXIS_CORETYPES] = {"coretypes", WORD, "a core type of OpenBLAS, or auto", NULL,
                        "OPENBLAS_CORETYPE"},
    [AXIS_AFFINITY] = {"affinity", CHOICE, NULL, known_affinity, "processors that may be used"},
    [AXIS_FLUSH] = {"flush", CHOICE, NULL, known_flush,
                    "subnormals flushed (FTZ, DAZ) before the engine is called"},
    [AXIS_ROUNDING] = {"rounding", CHOICE, NULL, known_rounding, "rounding mode, likewise"},
    [AXIS_ENVIRONMENT] = {"environment", VARIABLE, "one line of text, or unset", NULL,
                          "variables, {NAME: [VALUE, ...]}, each an axis of its own"},
};

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

const char *axes_name(axis_kind kind) {
    return kinds[kind].name;
}

const char *axes_expected(axis_kind kind, phrase *out) {
    return kinds[kind].known ? tree_known_names(out, kinds[kind].known) : kinds[kind].expected;
}

const char *axes_summary(axis_kind kind) {
    return kinds[kind].summary;
}

const matrix_axis *axes_find(const axes *a, const char *name) {
    for (unsigned i = 0; i < a->n; i++)
        if (strcmp(a->list[i].name, name) == 0)
            return &a->list[i];
    return NULL;
}

unsigned axes_value(const axes *a, size_t cell, unsigned i) {
    for (unsigned j = a->n - 1; j > i; j--)
        cell /= a->list[j].n;
    return (unsigned)(cell % a->list[i].n);
}

size_t axes_cell(const axes *a, const unsigned *values) {
    size_t cell = 0;
    for (unsigned i = 0; i < a->n; i++)
        cell = cell * a->list[i].n + values[i];
    return cell;
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool acceptable(axis_kind kind, const char *text) {
    uint64_t count;
    switch (kinds[kind].test) {
    case COUNT:
        return tree_whole(text, &count) && count >= 1 && count <= 4096;
    case WORD:
        return *text && strlen(text) <= MAX_NAME && !text[strspn(text, letters)];
    case CHOICE:
        for (size_t i = 0; kinds[kind].known(i); i++)
            if (strcmp(text, kinds[kind].known(i)) == 0)
                return true;
        return false;
    case PATH:
        return *text != '\0';
    case VARIABLE:
        return !strpbrk(text, "\n\t");
    default: /* ARITHMETIC: by the engine */
        return true;
    }
}

/* Check one value of axis `a` and add it. A library's name is its key. */
static bool add_value(loader *l, matrix_axis *a, const node *n, const char *path) {
    phrase list;
    bf_arithmetic arithmetic;
    const char *text = a->paths ? n->key->text : n->text;
    if (n->kind != SCALAR || !acceptable(a->kind, n->text) ||
        (a->paths && !acceptable(AXIS_KERNELS, text)))
        return tree_fail(l, n, "%s.%s has %s%.60s%s; expected %s", path, a->name,
                         n->kind == SCALAR ? "'" : "",
                         n->kind == SCALAR ? n->text : tree_kind_names[n->kind],
                         n->kind == SCALAR ? "'" : "", axes_expected(a->kind, &list));
    if (a->kind == AXIS_ARITHMETICS) {
        char field[120];
        snprintf(field, sizeof field, "%s.%s", path, a->name);
        if (!tree_arithmetic(l, n, field, &arithmetic))
            return false;
        text = arithmetic.name;
    }
    for (unsigned i = 0; i < a->n; i++)
        if (strcmp(a->values[i], text) == 0)
            return tree_fail(l, n, "%s.%s has '%.60s' twice; expected it once", path, a->name,
                             text);
    a->values[a->n] = strdup(text);
    if (a->paths)
        a->paths[a->n] = tree_library(l, n, n->text);
    a->n++;
    return (a->values[a->n - 1] && (!a->paths || a->paths[a->n - 1])) || tree_fail_memory(l);
}

/* The axis whose values are the items of `n`. */
static bool add_axis(loader *l, axes *out, axis_kind kind, const node *n, const char *path) {
    const node_kind form = kind == AXIS_LIBRARIES ? MAP : LIST;
    size_t count = 0;
    for (const node *c = n->first; c; c = c->next)
        count++;
    if (n->kind != form)
        return tree_fail(l, n, "%s.%s is %s; expected %s", path, n->key->text,
                         n->null ? "empty" : tree_kind_names[n->kind],
                         form == MAP ? "a mapping of names to paths" : "a list");
    if (count == 0 || count > MAX_VALUES)
        return tree_fail(l, n, "%s.%s has %zu values; expected from 1 to %d", path, n->key->text,
                         count, MAX_VALUES);
    if (out->n == AXES_MAX)
        return tree_fail(l, n->key, "%s has more than %d axes; expected fewer", path, AXES_MAX);
    if (axes_find(out, n->key->text))
        return tree_fail(l, n->key, "%s.%s is given twice; expected it once", path, n->key->text);
    if (out->cells * count > AXES_MAX_CELLS)
        return tree_fail(l, n, "%s has more than %d cells; expected fewer axes or values", path,
                         AXES_MAX_CELLS);
    out->cells *= count;
    matrix_axis *a = &out->list[out->n++];
    *a = (matrix_axis){.kind = kind,
                       .name = strdup(n->key->text),
                       .values = calloc(count, sizeof *a->values),
                       .paths = form == MAP ? calloc(count, sizeof *a->paths) : NULL,
                       .line = n->turn ? 0 : n->key->line};
    if (!a->name || !a->values || (form == MAP && !a->paths))
        return tree_fail_memory(l);
    for (const node *c = n->first; c; c = c->next)
        if (!add_value(l, a, c, path))
            return false;
    return true;
}

/* Each variable is an axis. Names are capitals, so that no variable looks like another axis. */
static bool add_variables(loader *l, axes *out, const node *map, const char *path) {
    if (map->kind != MAP)
        return tree_fail(l, map, "%s.environment is %s; expected variables, each with a list", path,
                         tree_kind_names[map->kind]);
    for (const node *c = map->first; c; c = c->next) {
        const char *name = c->key->text;
        if (!*name || name[strspn(name, capitals)] || (*name >= '0' && *name <= '9'))
            return tree_fail(l, c->key,
                             "%s.environment has '%.60s'; expected a variable of capitals, "
                             "digits and '_'",
                             path, name);
        if (!add_axis(l, out, AXIS_ENVIRONMENT, c, path))
            return false;
    }
    return true;
}

bool axes_take(loader *l, node *map, const char *path, axes *out) {
    *out = (axes){.list = calloc(AXES_MAX, sizeof *out->list), .cells = 1};
    if (!out->list)
        return tree_fail_memory(l);
    for (node *c = map->first, *next; c; c = next) {
        next = c->next;
        int kind = 0;
        while (kind < AXIS_KINDS && strcmp(kinds[kind].name, c->key->text) != 0)
            kind++;
        if (kind == AXIS_KINDS)
            continue;
        if (!(kind == AXIS_ENVIRONMENT ? add_variables(l, out, c, path)
                                       : add_axis(l, out, (axis_kind)kind, c, path)))
            return false;
        tree_drop(map, c);
    }
    return true;
}

void axes_free(axes *a) {
    for (unsigned i = 0; a->list && i < a->n; i++) {
        for (unsigned j = 0; a->list[i].values && j < a->list[i].n; j++) {
            free(a->list[i].values[j]);
            if (a->list[i].paths)
                free(a->list[i].paths[j]);
        }
        free(a->list[i].name);
        free(a->list[i].values);
        free(a->list[i].paths);
    }
    free(a->list);
    *a = (axes){.list = NULL};
}

/* ---- writing -------------------------------------------------------------------------------- */

static void write_axis(FILE *f, const matrix_axis *a) {
    if (!a->paths) {
        fprintf(f, "%s: ", a->name);
        emit_list(f, a->values, a->n, strlen(a->name) + 6);
        return;
    }
    fprintf(f, "%s: {", a->name);
    for (unsigned i = 0; i < a->n; i++) {
        fputs(i ? ", " : "", f);
        emit_form(f, "%: %", a->values[i], a->paths[i]);
    }
    fputs("}\n", f);
}

void axes_write(FILE *f, const axes *a) {
    bool variables = false;
    for (unsigned i = 0; i < a->n; i++)
        if (a->list[i].kind != AXIS_ENVIRONMENT) {
            fputs("  ", f);
            write_axis(f, &a->list[i]);
        } else {
            variables = true;
        }
    if (variables)
        fputs("  environment:\n", f);
    for (unsigned i = 0; i < a->n; i++)
        if (a->list[i].kind == AXIS_ENVIRONMENT) {
            fputs("    ", f);
            write_axis(f, &a->list[i]);
        }
}
