/* SPDX-License-Identifier: MIT */
/* plan.c - checks a problem and lays out its tensors. */
#include "net/plan.h"

#include "num/affine.h"
#include "num/format.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of kinds without options. */
static const bf_option no_options[] = {OPTION_END};

/* Element by element. */
static bf_status same_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)p, (void)err;
    l->out = l->in;
    return BF_OK;
}

/* Windows that do not overlap: every channel of the input over places of kernel x kernel. */
static bf_status window_shape(plan_layer *l, size_t kernel, bf_error *err) {
    if (l->in.height < kernel || l->in.width < kernel)
        return bf_fail(err, BF_EINPUT,
                       "a kernel of %zu; expected at most the sides of the input, %zu x %zu",
                       kernel, l->in.height, l->in.width);
    l->kernel = kernel;
    l->out = (net_shape){l->in.height / kernel, l->in.width / kernel, l->in.channels};
    return BF_OK;
}

/* Weights, and a bias if there is to be one, of so many outputs; a channel meets `area` places. */
static void weight_tensors(plan *p, plan_layer *l, size_t outputs, size_t area, bool bias) {
    l->weight = bf_plan_tensor(p, "weight", outputs, area * l->in.channels, area);
    l->has_bias = bias;
    if (bias)
        l->bias = bf_plan_tensor(p, "bias", 1, outputs, 1);
}

#define LAYER_SHAPE
#include "net/all_tmpl.c"

#define KIND(name) &name##_kind,
static const layer_kind *const layer_kinds[] = {LAYERS(KIND)};
static const bf_loss_info *const loss_kinds[] = {LOSSES(KIND)};
static const optimiser_kind *const optimiser_kinds[] = {OPTIMISERS(KIND)};
#undef KIND

const bf_layer_info *bf_layer_list(size_t i) {
    return i < N_LAYER_KINDS ? &layer_kinds[i]->info : NULL;
}

const bf_loss_info *bf_loss_list(size_t i) {
    return i < N_LOSS_KINDS ? loss_kinds[i] : NULL;
}

const bf_optimiser_info *bf_optimiser_list(size_t i) {
    return i < N_OPTIMISER_KINDS ? &optimiser_kinds[i]->info : NULL;
}

static bool is_called(const char *text, const char *name, const char *alias) {
    return strcmp(text, name) == 0 || (alias && strcmp(text, alias) == 0);
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

void bf_plan_state(plan *p, const char *name) {
    assert(p->n_states < PLAN_STATES);
    p->states[p->n_states++] = name;
}

/* A copy of the text that stays as long as the plan. */
static bf_status keep_text(plan *p, const char *text, const char **out, bf_error *err) {
    char **texts = realloc(p->texts, (p->n_texts + 1) * sizeof *texts);
    if (!texts)
        return bf_no_memory(err);
    p->texts = texts;
    if (!(texts[p->n_texts] = strdup(text)))
        return bf_no_memory(err);
    *out = texts[p->n_texts++];
    return BF_OK;
}

/* The same of what has to be a finite number. */
static bf_status keep_number(plan *p, const char *what, const char *text, const char **out,
                             bf_error *err) {
    int sign;
    bf_error why;
    if (!text)
        return bf_fail(err, BF_EINPUT, "the %s is missing; expected a number", what);
    if (bf_number_sign(text, &sign, &why) != BF_OK)
        return bf_fail(err, BF_EINPUT, "the %s: %s", what, why.text);
    return keep_text(p, text, out, err);
}

/* The values of a kind's options. */
static bf_status plan_options(plan *p, const bf_option *rows, const bf_setting *settings, size_t n,
                              option_value *out, bf_error *err) {
    bf_status s = bf_options_read(rows, settings, n, out, err);
    for (size_t i = 0; rows[i].name && s == BF_OK; i++)
        s = keep_text(p, out[i].text, &out[i].text, err);
    return s;
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

/* Options, shape and tensors of the layer that comes next. */
static bf_status plan_one(plan *p, const bf_layer *from, net_shape in, bf_error *err) {
    const size_t i = p->n_layers, before = p->n_parameters;
    size_t kind = 0;
    while (kind < N_LAYER_KINDS &&
           !is_called(from->kind, layer_kinds[kind]->info.kind, layer_kinds[kind]->info.alias))
        kind++;
    if (kind == N_LAYER_KINDS)
        return bf_fail(err, BF_EINPUT, "layer %zu: unknown kind '%.40s'", i, from->kind);
    plan_layer *l = &p->layers[i];
    *l = (plan_layer){.kind = kind, .in = in, .inputs = volume(in)};
    bf_error why;
    bf_status s = plan_options(p, layer_kinds[kind]->info.options, from->settings, from->n_settings,
                               l->options, &why);
    BF_TRY(s, layer_kinds[kind]->shape(p, l, &why));
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
        if (p->layers[i].adds_input)
            p->layers[p->layers[i].source].is_source = true;
    bool wanted = true; /* the array that is the layer's input, by somebody else */
    for (size_t i = 0; i < p->n_layers; i++) {
        plan_layer *l = &p->layers[i];
        const layer_kind *t = layer_kinds[l->kind];
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
                       "%zu in one row (a flatten or global_avg_pool layer makes one)",
                       shape.height, shape.width, shape.channels, p->outputs);
    if (p->n_parameters == 0)
        return bf_fail(err, BF_EINPUT,
                       "the model has no parameters; expected a layer that has some");
    plan_places(p);
    return BF_OK;
}

static bf_status plan_loss(plan *p, const bf_problem *from, bf_error *err) {
    const bf_loss_info *info;
    while ((info = bf_loss_list(p->loss)) && !is_called(from->loss, info->name, info->alias))
        p->loss++;
    if (!info)
        return bf_fail(err, BF_EINPUT, "unknown loss '%.40s'", from->loss);
    bf_error why;
    bf_status s = plan_options(p, info->options, from->loss_settings, from->n_loss_settings,
                               p->loss_options, &why);
    return s == BF_OK ? s : bf_fail(err, s, "%s: %s", info->name, why.text);
}

static bf_status plan_optimiser(plan *p, const bf_problem *from, bf_error *err) {
    const char *name = from->optimiser ? from->optimiser : bf_optimiser_list(0)->name;
    const bf_optimiser_info *info;
    while ((info = bf_optimiser_list(p->optimiser)) && !is_called(name, info->name, info->alias))
        p->optimiser++;
    if (!info)
        return bf_fail(err, BF_EINPUT, "unknown optimiser '%.40s'", name);
    bf_error why;
    bf_status s = plan_options(p, info->options, from->optimiser_settings,
                               from->n_optimiser_settings, p->optimiser_options, &why);
    if (s != BF_OK)
        return bf_fail(err, s, "%s: %s", info->name, why.text);
    const optimiser_kind *kind = optimiser_kinds[p->optimiser];
    if (kind->shape)
        kind->shape(p);
    p->in_step = p->batch < p->data->n || p->n_phases > 1 || kind->in_step;
    return BF_OK;
}

static bf_status plan_bound(plan *p, const bf_problem *from, bf_error *err) {
    int sign = 0;
    if (strcmp(from->bound, "inf") == 0)
        return BF_OK;
    bf_status s = keep_number(p, "bound", from->bound, &p->bound, err);
    if (s == BF_OK && bf_number_sign(p->bound, &sign, err) == BF_OK && sign < 0)
        s = bf_fail(err, BF_EINPUT, "the bound is %.40s; expected 0 or above", p->bound);
    return s;
}

static bf_status plan_phases(plan *p, const bf_problem *from, bf_error *err) {
    bf_status s = keep_number(p, "learning rate", from->rate, &p->phases[0].rate, err);
    p->n_phases = 1;
    for (size_t i = 0; i < from->n_phases && s == BF_OK; i++) {
        plan_phase *phase = &p->phases[p->n_phases++];
        phase->at = from->phases[i].at;
        phase->reset = from->phases[i].reset;
        if (phase->at <= phase[-1].at)
            return bf_fail(err, BF_EINPUT, "phases are not in order, or one begins at step 0");
        s = keep_number(p, "learning rate", from->phases[i].rate, &phase->rate, err);
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
    BF_TRY(s, plan_loss(p, from, err));
    BF_TRY(s, plan_optimiser(p, from, err));
    BF_TRY(s, plan_bound(p, from, err));
    BF_TRY(s, plan_layers(p, from, err));
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
