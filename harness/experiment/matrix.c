/* SPDX-License-Identifier: MIT */
/* matrix.c - axes, and the cell of reference, in experiment files. */
#include "experiment/fields.h"

#include "experiment/emit.h"

#include <string.h>

const char *known_axis(size_t i) {
    return i < AXIS_KINDS ? axes_name((axis_kind)i) : NULL;
}

static bool read_axes(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    x->matrix.line = section->turn ? 0 : section->key->line;
    return axes_take(l, section, path, &x->matrix.axes);
}

static void write_axes(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    (void)indent;
    axes_write(f, &x->matrix.axes);
}

static bool has_axes(const void *base) {
    const experiment *x = base;
    return x->matrix.axes.n > 0;
}

static void free_axes(void *base) {
    experiment *x = base;
    axes_free(&x->matrix.axes);
}

static void describe_axes(field_put *put, void *to) {
    for (int i = 0; i < AXIS_KINDS; i++) {
        phrase expected;
        char path[64];
        snprintf(path, sizeof path, "matrix.%s", axes_name((axis_kind)i));
        put(to, &(field_description){.path = path,
                                     .type = "axis",
                                     .expected = axes_expected((axis_kind)i, &expected),
                                     .summary = axes_summary((axis_kind)i)});
    }
}

const field_own axes_field = {read_axes, write_axes, has_axes, free_axes, describe_axes};

/* `reference: {AXIS: VALUE}` -> the cell. */
static bool find_cell(loader *l, const node *reference, const axes *a, size_t *cell) {
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

static bool read_reference(loader *l, node *section, const char *path, void *base) {
    experiment *x = base;
    const node *n = tree_find(section, "reference");
    (void)path;
    return !n || find_cell(l, n, &x->matrix.axes, &x->matrix.reference);
}

static void write_reference(FILE *f, const void *base, int indent) {
    const experiment *x = base;
    const axes *a = &x->matrix.axes;
    fprintf(f, "%*sreference: {", indent, "");
    for (unsigned i = 0; i < a->n; i++) {
        fputs(i ? ", " : "", f);
        emit_form(f, "%: %", a->list[i].name,
                  a->list[i].values[axes_value(a, x->matrix.reference, i)]);
    }
    fputs("}\n", f);
}

static void keep(void *base) {
    (void)base;
}

/* Always written: the first cell is the default. */
const field_own reference_field = {read_reference, write_reference, has_axes, keep, NULL};
