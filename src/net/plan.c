/* SPDX-License-Identifier: MIT */
/* plan.c - checks a problem and lays out its tensors. */
#include "net/plan.h"

#include "num/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shape half of each layer file. */
#define LAYER_SHAPE
#include "net/all_tmpl.c"

static const struct {
    bf_layer_info info;
    /* Fill l->outputs and the tensors, given l->inputs. */
    bf_status (*shape)(plan *p, plan_layer *l, const bf_layer *from, bf_error *err);
} layer_kinds[] = {
#define LAYER_ROW(name) {name##_info, name##_shape},
    LAYERS(LAYER_ROW)
#undef LAYER_ROW
};

static const bf_loss_info losses[] = {
#define LOSS_ROW(name) name##_info,
    LOSSES(LOSS_ROW)
#undef LOSS_ROW
};

const bf_layer_info *bf_layer_list(size_t i) {
    return i < N_LAYER_KINDS ? &layer_kinds[i].info : NULL;
}

const bf_loss_info *bf_loss_list(size_t i) {
    return i < N_LOSS_KINDS ? &losses[i] : NULL;
}

size_t plan_tensor(plan *p, const char *role, int rows, int columns) {
    bf_tensor *t = &p->tensors[p->n_tensors++];
    snprintf(t->name, sizeof t->name, "%zu.%s", p->n_layers, role);
    t->offset = p->n_parameters;
    t->rows = rows;
    t->columns = columns;
    t->count = (size_t)rows * (size_t)columns;
    p->n_parameters += t->count;
    return t->offset;
}

static bf_status no_memory(bf_error *err) {
    return bf_fail(err, BF_EMACHINE, "out of memory");
}

/* Check a text and keep a copy; NULL stays NULL. */
static bf_status keep(plan *p, const char *what, const char *text, const char **out,
                      bf_error *err) {
    *out = NULL;
    if (!text)
        return BF_OK;
    int sign;
    bf_error why;
    if (number_sign(text, &sign, &why) != BF_OK)
        return bf_fail(err, BF_EINPUT, "%s: %s", what, why.text);
    char *copy = strdup(text);
    if (!copy)
        return no_memory(err);
    p->texts[p->n_texts++] = copy;
    *out = copy;
    return BF_OK;
}

/* The same of a factor: 1, which changes no bit, becomes NULL. */
static bf_status keep_factor(plan *p, const char *what, const char *text, const char **out,
                             bf_error *err) {
    return keep(p, what, text && strcmp(text, "1") == 0 ? NULL : text, out, err);
}

static bool is_zero(const char *text) {
    int sign;
    return number_sign(text, &sign, NULL) == BF_OK && sign == 0;
}

static bf_status plan_layers(plan *p, const bf_problem *from, bf_error *err) {
    size_t width = p->inputs;
    for (size_t i = 0; i < from->n_layers; i++) {
        const bf_layer *l = &from->layers[i];
        int kind = 0;
        while (kind < N_LAYER_KINDS && strcmp(l->kind, layer_kinds[kind].info.kind) != 0)
            kind++;
        if (kind == N_LAYER_KINDS)
            return bf_fail(err, BF_EINPUT, "layer %zu: unknown kind '%.40s'", i, l->kind);
        plan_layer *to = &p->layers[i];
        to->kind = (enum layer_kind)kind;
        to->inputs = width;
        bf_status s = keep_factor(p, "scale", l->scale, &to->scale, err);
        if (s == BF_OK)
            s = keep_factor(p, "gain", l->gain, &to->gain, err);
        if (s == BF_OK)
            s = layer_kinds[kind].shape(p, to, l, err);
        if (s != BF_OK)
            return s;
        width = to->outputs;
        p->n_layers++;
    }
    if (width != p->outputs)
        return bf_fail(err, BF_EINPUT,
                       "the model's last layer has %zu outputs; expected the data's %zu", width,
                       p->outputs);
    if (p->n_parameters == 0)
        return bf_fail(err, BF_EINPUT, "the model has no parameters; expected a dense layer");
    return BF_OK;
}

static double *copy_doubles(const double *from, size_t n) {
    double *to = malloc(n * sizeof *to);
    if (to)
        memcpy(to, from, n * sizeof *to);
    return to;
}

bf_status plan_new(plan **out, const bf_problem *from, bf_error *err) {
    *out = NULL;
    if (from->data->n < 1 || from->data->inputs < 1 || from->data->outputs < 1)
        return bf_fail(err, BF_EINPUT, "the data are empty; expected at least one sample");
    plan *p = calloc(1, sizeof *p);
    if (!p)
        return no_memory(err);
    p->batch = from->data->n;
    p->inputs = from->data->inputs;
    p->outputs = from->data->outputs;
    p->layers = calloc(from->n_layers + 1, sizeof *p->layers);
    p->tensors = calloc(2 * from->n_layers + 1, sizeof *p->tensors);
    p->texts = calloc(2 * from->n_layers + 4, sizeof *p->texts);
    p->x = copy_doubles(from->data->x, p->batch * p->inputs);
    p->y = copy_doubles(from->data->y, p->batch * p->outputs);
    bf_status s = p->layers && p->tensors && p->texts && p->x && p->y ? BF_OK : no_memory(err);
    if (s == BF_OK && !from->rate)
        s = bf_fail(err, BF_EINPUT, "the learning rate is missing");
    if (s == BF_OK)
        s = keep(p, "rate", from->rate, &p->rate, err);
    if (s == BF_OK && from->momentum && !is_zero(from->momentum))
        s = keep(p, "momentum", from->momentum, &p->momentum, err);
    if (s == BF_OK && from->decay && !is_zero(from->decay))
        s = keep(p, "decay", from->decay, &p->decay, err);
    if (s == BF_OK && strcmp(from->bound, "inf") != 0)
        s = keep(p, "bound", from->bound, &p->bound, err);
    int sign = 0;
    if (s == BF_OK && p->bound && number_sign(p->bound, &sign, err) == BF_OK && sign < 0)
        s = bf_fail(err, BF_EINPUT, "the bound is %.40s; expected 0 or above", p->bound);
    if (s == BF_OK) {
        int loss = 0;
        while (loss < N_LOSS_KINDS && strcmp(from->loss, losses[loss].name) != 0)
            loss++;
        p->loss = (enum loss_kind)loss;
        if (loss == N_LOSS_KINDS)
            s = bf_fail(err, BF_EINPUT, "unknown loss '%.40s'", from->loss);
    }
    if (s == BF_OK)
        s = plan_layers(p, from, err);
    if (s == BF_OK)
        *out = p;
    else
        plan_free(p);
    return s;
}

void plan_free(plan *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->n_texts; i++)
        free(p->texts[i]);
    free(p->texts);
    free(p->tensors);
    free(p->layers);
    free(p->x);
    free(p->y);
    free(p);
}
