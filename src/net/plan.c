/* SPDX-License-Identifier: MIT */
/* plan.c - checks a problem and lays out its tensors. */
#include "net/plan.h"

#include "num/affine.h"
#include "num/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Element by element. */
static bf_status same_shape(plan *p, plan_layer *l, const bf_layer *from, bf_error *err) {
    (void)p, (void)from, (void)err;
    l->out = l->in;
    return BF_OK;
}

/* Windows that do not overlap: every channel of the input over places of kernel x kernel. */
static bf_status window_shape(plan_layer *l, int kernel, bf_error *err) {
    if (kernel < 1 || l->in.height < (size_t)kernel || l->in.width < (size_t)kernel)
        return bf_fail(err, BF_EINPUT,
                       "a kernel of %d; expected 1 or more, and at most the sides of the input, "
                       "%zu x %zu",
                       kernel, l->in.height, l->in.width);
    l->kernel = (size_t)kernel;
    l->out = (net_shape){l->in.height / l->kernel, l->in.width / l->kernel, l->in.channels};
    return BF_OK;
}

/* The shape half of each layer file. */
#define LAYER_SHAPE
#include "net/all_tmpl.c"

static const struct {
    bf_layer_info info;
    layer_traits traits;
    /* Fill l->out and the tensors, given l->in; l->outputs follows. */
    bf_status (*shape)(plan *p, plan_layer *l, const bf_layer *from, bf_error *err);
} layer_kinds[] = {
#define LAYER_ROW(name) {name##_info, name##_traits, name##_shape},
    LAYERS(LAYER_ROW)
#undef LAYER_ROW
};

static const bf_loss_info losses[] = {
#define LOSS_ROW(name) name##_info,
    LOSSES(LOSS_ROW)
#undef LOSS_ROW
};

static const bf_optimiser_info optimisers[] = {
#define OPTIMISER_ROW(name) name##_info,
    OPTIMISERS(OPTIMISER_ROW)
#undef OPTIMISER_ROW
};

const bf_layer_info *bf_layer_list(size_t i) {
    return i < N_LAYER_KINDS ? &layer_kinds[i].info : NULL;
}

const bf_loss_info *bf_loss_list(size_t i) {
    return i < N_LOSS_KINDS ? &losses[i] : NULL;
}

const bf_optimiser_info *bf_optimiser_list(size_t i) {
    return i < N_OPTIMISER_KINDS ? &optimisers[i] : NULL;
}

/* Parameters at most: offsets of all of their bytes, at the widest format, stay far from overflow.
 */
#define MAX_PARAMETERS ((size_t)1 << 28)

size_t bf_plan_tensor(plan *p, const char *role, size_t rows, size_t columns, size_t area) {
    const size_t offset = p->n_parameters;
    if (rows > MAX_PARAMETERS / columns || offset > MAX_PARAMETERS - rows * columns) {
        p->too_large = true;
        return 0;
    }
    bf_tensor *t = &p->tensors[p->n_tensors++];
    snprintf(t->name, sizeof t->name, "%zu.%s", p->n_layers, role);
    t->offset = offset;
    t->rows = (int)rows;
    t->columns = (int)columns;
    t->area = (int)area;
    t->count = rows * columns;
    p->n_parameters += t->count;
    return offset;
}

size_t bf_plan_states(const plan *p) {
    return p->optimiser == OPTIMISER_adam ? 2 : p->momentum ? 1 : 0;
}

bf_status bf_plan_keep(plan *p, const char *what, const char *text, const char **out,
                       bf_error *err) {
    *out = NULL;
    if (!text)
        return BF_OK;
    int sign;
    bf_error why;
    if (bf_number_sign(text, &sign, &why) != BF_OK)
        return bf_fail(err, BF_EINPUT, "%s: %s", what, why.text);
    char *copy = strdup(text);
    if (!copy)
        return bf_no_memory(err);
    char **texts = realloc(p->texts, (p->n_texts + 1) * sizeof *texts);
    if (!texts) {
        free(copy);
        return bf_no_memory(err);
    }
    p->texts = texts;
    p->texts[p->n_texts++] = copy;
    *out = copy;
    return BF_OK;
}

/* The same of a factor: 1, which changes no bit, becomes NULL. */
static bf_status keep_factor(plan *p, const char *what, const char *text, const char **out,
                             bf_error *err) {
    return bf_plan_keep(p, what, text && strcmp(text, "1") == 0 ? NULL : text, out, err);
}

static bool is_zero(const char *text) {
    int sign;
    return bf_number_sign(text, &sign, NULL) == BF_OK && sign == 0;
}

/* The same of what may be left out: 0 becomes NULL. */
static bf_status keep_nonzero(plan *p, const char *what, const char *text, const char **out,
                              bf_error *err) {
    return bf_plan_keep(p, what, text && is_zero(text) ? NULL : text, out, err);
}

static size_t volume(net_shape s) {
    return s.height * s.width * s.channels;
}

/* The longest sums of most layers: over the inputs or the outputs, or over all of a batch. */
static void plan_longest(const plan *p, plan_layer *l) {
    const size_t rows = p->batch * l->in.height * l->in.width;
    const size_t lengths[] = {l->inputs, l->outputs, rows};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        l->longest = lengths[i] > l->longest ? lengths[i] : l->longest;
}

static bf_status plan_one(plan *p, const bf_layer *from, net_shape in, bf_error *err) {
    const size_t i = p->n_layers;
    int kind = 0;
    while (kind < N_LAYER_KINDS && strcmp(from->kind, layer_kinds[kind].info.kind) != 0)
        kind++;
    if (kind == N_LAYER_KINDS)
        return bf_fail(err, BF_EINPUT, "layer %zu: unknown kind '%.40s'", i, from->kind);
    plan_layer *l = &p->layers[i];
    const size_t before = p->n_parameters;
    *l = (plan_layer){.kind = (enum layer_kind)kind, .in = in, .inputs = volume(in)};
    bf_error why;
    bf_status s = keep_factor(p, "scale", from->scale, &l->scale, &why);
    BF_TRY(s, keep_factor(p, "gain", from->gain, &l->gain, &why));
    BF_TRY(s, layer_kinds[kind].shape(p, l, from, &why));
    if (s == BF_OK && p->too_large)
        s = bf_fail(&why, BF_EINPUT, "the model has too many parameters; expected at most 2^28");
    if (s != BF_OK)
        return bf_fail(err, s, "layer %zu, %s: %s", i, from->kind, why.text);
    if (l->out.channels > MAX_PARAMETERS / l->out.height / l->out.width)
        return bf_fail(err, BF_EINPUT,
                       "layer %zu, %s: %zu x %zu x %zu outputs; expected at most 2^28", i,
                       from->kind, l->out.height, l->out.width, l->out.channels);
    l->outputs = volume(l->out);
    l->learns = p->n_parameters > before || (i > 0 && l[-1].learns);
    plan_longest(p, l);
    p->n_layers++;
    return BF_OK;
}

/* Which layers write over their input. */
static void plan_places(plan *p) {
    for (size_t i = 0; i < p->n_layers; i++)
        if (p->layers[i].kind == LAYER_residual)
            p->layers[p->layers[i].source].is_source = true;
    bool wanted = true; /* the array that is the layer's input, by somebody else */
    for (size_t i = 0; i < p->n_layers; i++) {
        plan_layer *l = &p->layers[i];
        const layer_traits *t = &layer_kinds[l->kind].traits;
        wanted |= l->is_source;
        l->in_place = t->passes || (i > 0 && t->in_place && !wanted);
        wanted = t->uses_out || (l->in_place && t->passes && wanted);
    }
}

net_shape bf_plan_input(const bf_data *d) {
    if (d->height <= 1 && d->width <= 1)
        return (net_shape){1, 1, d->inputs};
    return (net_shape){(size_t)d->height, (size_t)d->width, (size_t)d->channels};
}

static bf_status plan_layers(plan *p, const bf_problem *from, bf_error *err) {
    net_shape shape = bf_plan_input(p->data);
    for (size_t i = 0; i < from->n_layers; i++) {
        bf_status s = plan_one(p, &from->layers[i], shape, err);
        if (s != BF_OK)
            return s;
        shape = p->layers[i].out;
    }
    if (volume(shape) != p->outputs || shape.channels != p->outputs)
        return bf_fail(err, BF_EINPUT,
                       "the model's last layer has %zu x %zu x %zu outputs; expected the data's "
                       "%zu (a flatten or mean layer makes one row of them)",
                       shape.height, shape.width, shape.channels, p->outputs);
    if (p->n_parameters == 0)
        return bf_fail(err, BF_EINPUT, "the model has no parameters; expected a dense layer");
    plan_places(p);
    return BF_OK;
}

static bf_status plan_training(plan *p, const bf_problem *from, bf_error *err) {
    int loss = 0, optimiser = 0;
    const char *name = from->optimiser ? from->optimiser : "sgd";
    while (loss < N_LOSS_KINDS && strcmp(from->loss, losses[loss].name) != 0)
        loss++;
    while (optimiser < N_OPTIMISER_KINDS && strcmp(name, optimisers[optimiser].name) != 0)
        optimiser++;
    if (loss == N_LOSS_KINDS)
        return bf_fail(err, BF_EINPUT, "unknown loss '%.40s'", from->loss);
    if (optimiser == N_OPTIMISER_KINDS)
        return bf_fail(err, BF_EINPUT, "unknown optimiser '%.40s'", name);
    p->loss = (enum loss_kind)loss;
    p->optimiser = (enum optimiser_kind)optimiser;
    bf_status s = keep_nonzero(p, "momentum", from->momentum, &p->momentum, err);
    BF_TRY(s, keep_nonzero(p, "decay", from->decay, &p->decay, err));
    if (s == BF_OK && p->momentum && !optimisers[optimiser].takes_momentum)
        s = bf_fail(err, BF_EINPUT, "%s takes no momentum", name);
    BF_TRY(s, bf_plan_keep(p, "beta1", from->beta1 ? from->beta1 : "0.9", &p->beta1, err));
    BF_TRY(s, bf_plan_keep(p, "beta2", from->beta2 ? from->beta2 : "0.999", &p->beta2, err));
    BF_TRY(s, bf_plan_keep(p, "epsilon", from->epsilon ? from->epsilon : "1e-8", &p->epsilon, err));
    if (s == BF_OK && strcmp(from->bound, "inf") != 0)
        s = bf_plan_keep(p, "bound", from->bound, &p->bound, err);
    int sign = 0;
    if (s == BF_OK && p->bound && bf_number_sign(p->bound, &sign, err) == BF_OK && sign < 0)
        s = bf_fail(err, BF_EINPUT, "the bound is %.40s; expected 0 or above", p->bound);
    return s;
}

static bf_status plan_phases(plan *p, const bf_problem *from, bf_error *err) {
    if (!from->rate)
        return bf_fail(err, BF_EINPUT, "the learning rate is missing");
    bf_status s = bf_plan_keep(p, "rate", from->rate, &p->phases[0].rate, err);
    p->n_phases = 1;
    for (size_t i = 0; i < from->n_phases && s == BF_OK; i++) {
        plan_phase *phase = &p->phases[p->n_phases++];
        phase->at = from->phases[i].at;
        phase->reset = from->phases[i].reset;
        if (phase->at <= phase[-1].at)
            return bf_fail(err, BF_EINPUT, "phases are not in order, or one begins at step 0");
        s = bf_plan_keep(p, "rate", from->phases[i].rate, &phase->rate, err);
    }
    return s;
}

bf_status bf_plan_new(plan **out, const bf_problem *from, bf_error *err) {
    *out = NULL;
    const bf_data *data = from->data;
    if (data->n < 1 || data->inputs < 1 || data->outputs < 1)
        return bf_fail(err, BF_EINPUT, "the data are empty; expected at least one sample");
    if (from->batch > data->n)
        return bf_fail(err, BF_EINPUT, "a batch of %zu samples; expected at most the data's %zu",
                       from->batch, data->n);
    if (volume(bf_plan_input(data)) != data->inputs)
        return bf_fail(err, BF_EINPUT, "a sample has %zu inputs, and a shape of %d x %d x %d",
                       data->inputs, data->channels, data->height, data->width);
    plan *p = calloc(1, sizeof *p);
    if (!p)
        return bf_no_memory(err);
    p->data = data;
    p->batch = from->batch ? from->batch : data->n;
    p->seed = from->seed;
    p->inputs = data->inputs;
    p->outputs = data->outputs;
    p->layers = calloc(from->n_layers + 1, sizeof *p->layers);
    p->tensors = calloc(PLAN_TENSORS * from->n_layers + 1, sizeof *p->tensors);
    p->phases = calloc(from->n_phases + 1, sizeof *p->phases);
    bf_status s = p->layers && p->tensors && p->phases ? BF_OK : bf_no_memory(err);
    BF_TRY(s, plan_phases(p, from, err));
    BF_TRY(s, plan_training(p, from, err));
    BF_TRY(s, plan_layers(p, from, err));
    p->in_step = p->batch < data->n || p->n_phases > 1 || p->optimiser == OPTIMISER_adam;
    if (s == BF_OK)
        *out = p;
    else
        bf_plan_free(p);
    return s;
}

void bf_plan_free(plan *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->n_texts; i++)
        free(p->texts[i]);
    free(p->texts);
    free(p->tensors);
    free(p->layers);
    free(p->phases);
    free(p);
}

/* Fisher and Yates's shuffle, downwards (D. Knuth, TAOCP 2, 3.4.2, algorithm P), each place drawn
 * as the upper half of a product of 128 bits. */
void bf_plan_order(const plan *p, uint64_t epoch, uint32_t *order) {
    const uint32_t n = (uint32_t)p->data->n;
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        const uint64_t r = bf_random(p->seed, BF_STREAM_ORDER, epoch, i - 1, 0);
        /* r i / 2^64, without 128 bits: i is below 2^32 */
        const uint32_t j = (uint32_t)(((r >> 32) * i + ((r & UINT32_MAX) * i >> 32)) >> 32);
        const uint32_t last = order[i - 1];
        order[i - 1] = order[j];
        order[j] = last;
    }
}

bf_status bf_encode_data(const bf_format *f, size_t n, const double *from, const char *shift,
                         const char *divisor, uint8_t *to, bf_error *err) {
    affine *map;
    bf_status s = bf_affine_new(&map, f, shift, divisor, err);
    if (s != BF_OK)
        return s;
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * f->bytes, bf_affine_round(map, from[i]), f->bytes);
    bf_affine_free(map);
    return BF_OK;
}
