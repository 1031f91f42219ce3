/* SPDX-License-Identifier: MIT */
/* train_tmpl.c - the training step, written once over the `num` of the including arithmetic
 * (contract: num/contract.h) and exported as its table of coarse functions.
 *
 * doc/numerics.md states the same computation in words: what changes here changes there.
 */
#include "net/plan.h"
#include "num/contract.h"
#include "num/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)LANES <= (int)MAX_LANES, "a lane has a place in every array of lanes");

enum { LAYER_WORK = 5 };

typedef struct layer {
    const plan_layer *plan;
    const num *in; /* (batch, inputs): the output of the layer before */
    num *out;      /* (batch, outputs) */
    num *delta;    /* (batch, outputs): dL/d out; NULL when neither it nor a layer before learns */
    num *delta_in; /* (batch, inputs): dL/d in; NULL when nothing before it learns */
    num *work[LAYER_WORK]; /* as the kind needs */
    uint32_t *places;      /* windows: see window_prepare */
} layer;

/* Everything a run needs is allocated when the ensemble is created, never inside a step. */
typedef struct ensemble {
    bf_ensemble base; /* first */
    num_ctx ctx;
    size_t batch;
    layer *layers;
    size_t n_layers;
    num *theta, *gradient, *state[PLAN_STATES]; /* (parameters); as many states as the plan has */
    num *x, *y;              /* (batch, inputs), (batch, outputs): this step's samples */
    num *ones, *zero, *room; /* as long as the longest sum; 1; for sum_over */
    num *bound, *loss, *losses, *loss_constants[2];
    num *minus_rates, *minus_rate; /* of every phase; the present one */
    num *weight_decay, *work;      /* of the gradients, NULL: none; as the optimiser needs */
    /* In batches: every sample encoded, (n, inputs) and (n, outputs); the order of an epoch. */
    uint8_t *data_x, *data_y;
    uint32_t *order;
    uint64_t epoch; /* whose order it is, plus 1 */
    struct block {
        num *p;
        size_t n;
    } * blocks;
    size_t n_blocks, room_for_blocks;
    void (*one_pass)(struct ensemble *); /* loss and gradient; NULL: layer by layer */
    bool ctx_ready;
} ensemble;

/* n numbers, all +0, freed with the ensemble. */
static bf_status take(ensemble *e, size_t n, num **out, bf_error *err) {
    if (e->n_blocks == e->room_for_blocks) {
        const size_t room = 2 * e->room_for_blocks + 16;
        struct block *blocks = realloc(e->blocks, room * sizeof *blocks);
        if (!blocks)
            return bf_no_memory(err);
        e->blocks = blocks;
        e->room_for_blocks = room;
    }
    *out = n <= SIZE_MAX / 4 / sizeof(num) ? num_alloc(n, &e->ctx) : NULL;
    if (!*out)
        return bf_no_memory(err);
    e->blocks[e->n_blocks++] = (struct block){*out, n};
    return BF_OK;
}

/* n numbers, in every lane, become the one that the text stands for. */
static bf_status fill(ensemble *e, const char *text, num *r, size_t n, bf_error *err) {
    uint8_t bytes[BF_MAX_BYTES];
    bf_status s = bf_number(&e->base.format, text, bytes, err);
    for (size_t i = 0; i < n && s == BF_OK; i++)
        num_fill(&r[i], bytes, &e->ctx);
    return s;
}

/* A constant in every lane. */
static bf_status constant(ensemble *e, const char *text, num **out, bf_error *err) {
    bf_status s = take(e, 1, out, err);
    return s == BF_OK ? fill(e, text, *out, 1, err) : s;
}

/* The same of a quotient of whole numbers. */
static bf_status fraction(ensemble *e, size_t above, size_t below, num **out, bf_error *err) {
    char text[64];
    snprintf(text, sizeof text, "%zu/%zu", above, below);
    return constant(e, text, out, err);
}

/* The constant of an option that is a factor: NULL where it is written 1, which takes part in no
 * operation. */
static bf_status factor(ensemble *e, const option_value *v, num **out, bf_error *err) {
    return strcmp(v->text, "1") == 0 ? BF_OK : constant(e, v->text, out, err);
}

/* That of one which, being 0, takes part in no operation: NULL then. */
static bf_status unless_zero(ensemble *e, const option_value *v, num **out, bf_error *err) {
    return v->zero ? BF_OK : constant(e, v->text, out, err);
}

#include "net/observe_tmpl.c"

/* The rows of a layer's input in all of the batch: its channels at every place of every sample. */
static inline size_t rows_of(const layer *l, const ensemble *e) {
    return e->batch * l->plan->in.height * l->plan->in.width;
}

static void copy(num *to, const num *from, size_t n, ensemble *e) {
    for (size_t i = 0; i < n; i++)
        num_copy(&to[i], &from[i], &e->ctx);
}

static void zero(num *to, size_t n, ensemble *e) {
    for (size_t i = 0; i < n; i++)
        num_copy(&to[i], e->zero, &e->ctx);
}

/* What follows the sums, of so many terms, of a layer with weights, forward: scale (NULL: 1)
 * and bias. */
static void finish_products(layer *l, const num *scale, ensemble *e, size_t rows, size_t outputs,
                            size_t terms) {
    note(e, l, "sum", l->out, rows, outputs, terms);
    if (scale) {
        for (size_t i = 0; i < rows * outputs; i++)
            num_mul(&l->out[i], &l->out[i], scale, &e->ctx);
        note(e, l, "scale", l->out, rows, outputs, 0);
    }
    if (l->plan->has_bias) {
        for (size_t i = 0; i < rows * outputs; i++)
            num_add(&l->out[i], &l->out[i], &e->theta[l->plan->bias + i % outputs], &e->ctx);
        note(e, l, "bias", l->out, rows, outputs, 0);
    }
}

/* And what goes before them, backward. */
static void begin_products(layer *l, const num *scale, ensemble *e, size_t rows, size_t outputs) {
    if (l->plan->has_bias) {
        sum_products(e->gradient + l->plan->bias, 1, outputs, rows, e->ones, 0, 1, l->delta,
                     outputs, 1, &e->ctx);
        note(e, l, "bias gradient", e->gradient + l->plan->bias, 1, outputs, rows);
    }
    if (scale) {
        for (size_t i = 0; i < rows * outputs; i++)
            num_mul(&l->delta[i], &l->delta[i], scale, &e->ctx);
        note(e, l, "scaled delta", l->delta, rows, outputs, 0);
    }
}

/* For windows that do not overlap: where each number of a window lies in a sample of the input,
 * (out.height, out.width, in.channels, kernel, kernel). */
static bf_status window_prepare(layer *l, ensemble *e, bf_error *err) {
    const plan_layer *p = l->plan;
    const size_t c = p->in.channels, k = p->kernel;
    (void)e;
    l->places = malloc(p->out.height * p->out.width * c * k * k * sizeof *l->places);
    if (!l->places)
        return bf_no_memory(err);
    uint32_t *place = l->places;
    for (size_t y = 0; y < p->out.height; y++)
        for (size_t x = 0; x < p->out.width; x++)
            for (size_t i = 0; i < c; i++)
                for (size_t w = 0; w < k * k; w++)
                    *place++ = (uint32_t)(((y * k + w / k) * p->in.width + x * k + w % k) * c + i);
    return BF_OK;
}

/* r = softmax(x), n numbers: each minus the largest, exp, over their sum. r may be x. `total`, if
 * not NULL, becomes the logarithm of the sum of exp(x). */
static void softmax(num *r, const num *x, size_t n, num *total, ensemble *e) {
    TEMPORARY(t, e->ctx);
    num_copy(t, &x[0], &e->ctx);
    for (size_t i = 1; i < n; i++)
        num_choose(t, &x[i], t, &x[i], t, &e->ctx);
    if (total)
        num_copy(total, t, &e->ctx);
    for (size_t i = 0; i < n; i++) {
        num_sub(&r[i], &x[i], t, &e->ctx);
        num_exp(&r[i], &r[i], &e->ctx);
    }
    sum_products(t, 1, 1, n, r, 0, 1, e->ones, 1, 1, &e->ctx);
    for (size_t i = 0; i < n; i++)
        num_div(&r[i], &r[i], t, &e->ctx);
    if (total) {
        num_log(t, t, &e->ctx);
        num_add(total, total, t, &e->ctx);
    }
}

/* The gradient of parameter i, with its decay. */
static inline num *decayed(ensemble *e, size_t i) {
    num *g = &e->gradient[i];
    if (e->weight_decay)
        num_fma(g, e->weight_decay, &e->theta[i], g, &e->ctx);
    return g;
}

/* For the losses: a divisor of the sum, and the factor of delta, rounded once. */
static bf_status loss_constants(ensemble *e, size_t divisor, size_t above, size_t below,
                                bf_error *err) {
    bf_status s = fraction(e, divisor, 1, &e->loss_constants[0], err);
    return s == BF_OK ? fraction(e, above, below, &e->loss_constants[1], err) : s;
}

/* loss = sum (f - y)^2 / divisor, delta = (f - y) factor. */
static void squared_errors(ensemble *e, const num *f, const num *y, num *delta) {
    const size_t n = e->batch * e->base.plan->outputs;
    for (size_t i = 0; i < n; i++)
        num_sub(&delta[i], &f[i], &y[i], &e->ctx);
    note(e, NULL, "difference", delta, e->batch, e->base.plan->outputs, 0);
    sum_products(e->loss, 1, 1, n, delta, 0, 1, delta, 1, 1, &e->ctx);
    note(e, NULL, "sum of squares", e->loss, 1, 1, n);
    num_div(e->loss, e->loss, e->loss_constants[0], &e->ctx);
    note(e, NULL, "mean", e->loss, 1, 1, 0);
    for (size_t i = 0; i < n; i++)
        num_mul(&delta[i], &delta[i], e->loss_constants[1], &e->ctx);
    note(e, NULL, "scaled difference", delta, e->batch, e->base.plan->outputs, 0);
}

#undef LAYER_SHAPE
#include "net/all_tmpl.c"

static const struct {
    bf_status (*prepare)(layer *, ensemble *, bf_error *); /* take work; NULL: none */
    void (*forward)(layer *, ensemble *);
    void (*backward)(layer *, ensemble *);
} layer_ops[] = {
#define LAYER_OPS(name) {name##_prepare, name##_forward, name##_backward},
    LAYERS(LAYER_OPS)
#undef LAYER_OPS
};

static const struct {
    bf_status (*prepare)(ensemble *, bf_error *);
    /* Set e->loss and delta = dL/df from f and y, all (batch, outputs). */
    void (*evaluate)(ensemble *, const num *f, const num *y, num *delta);
} loss_ops[] = {
#define LOSS_OPS(name) {name##_prepare, name##_evaluate},
    LOSSES(LOSS_OPS)
#undef LOSS_OPS
};

static const struct {
    bf_status (*prepare)(ensemble *, bf_error *); /* NULL: nothing to do */
    void (*begin)(ensemble *, bool first);        /* a step begins: the first, or one more */
    /* Every parameter; marks those beyond the bound, and returns whether there are any. */
    bool (*update)(ensemble *, uint8_t *beyond);
} optimiser_ops[] = {
#define OPTIMISER_OPS(name) {name##_prepare, name##_begin, name##_update},
    OPTIMISERS(OPTIMISER_OPS)
#undef OPTIMISER_OPS
};

#ifdef ONE_PASS
#include "net/one_pass_tmpl.c"
#else
static void (*one_pass_for(const plan *p))(ensemble *) {
    (void)p;
    return NULL;
}
#endif

static void engine_destroy(bf_ensemble *base) {
    ensemble *e = (ensemble *)base;
    if (!e)
        return;
    for (size_t i = 0; i < e->n_blocks; i++)
        num_free(e->blocks[i].p, e->blocks[i].n);
    if (e->ctx_ready)
        ctx_clear(&e->ctx);
    for (size_t i = 0; e->layers && i < e->n_layers; i++)
        free(e->layers[i].places);
    free(e->blocks);
    free(e->layers);
    free(e->data_x);
    free(e->data_y);
    free(e->order);
    free(e);
}

static bf_status build_layers(ensemble *e, bf_error *err) {
    const plan *p = e->base.plan;
    for (size_t i = 0; i < p->n_layers; i++) {
        layer *l = &e->layers[i];
        l->plan = &p->layers[i];
        l->in = i > 0 ? l[-1].out : e->x;
        l->delta_in = i > 0 ? l[-1].delta : NULL;
        bf_status s = BF_OK;
        if (l->plan->in_place) {
            l->out = i > 0 ? l[-1].out : e->x;
            l->delta = l->delta_in;
        } else {
            s = take(e, e->batch * l->plan->outputs, &l->out, err);
        }
        if (s == BF_OK && !l->delta && (l->plan->learns || i + 1 == p->n_layers))
            s = take(e, e->batch * l->plan->outputs, &l->delta, err);
        if (s == BF_OK && layer_ops[l->plan->kind].prepare)
            s = layer_ops[l->plan->kind].prepare(l, e, err);
        if (s != BF_OK)
            return s;
    }
    return BF_OK;
}

/* All samples in their encoding; and in the step's arrays at once, if a batch is all of them. */
static bf_status build_data(ensemble *e, bf_error *err) {
    const plan *p = e->base.plan;
    const bf_data *data = p->data;
    const size_t bytes = e->base.format.bytes;
    e->data_x = malloc(data->n * data->inputs * bytes);
    e->data_y = malloc(data->n * data->outputs * bytes);
    e->order = malloc(data->n * sizeof *e->order);
    if (!e->data_x || !e->data_y || !e->order)
        return bf_no_memory(err);
    bf_status s = bf_encode_data(&e->base.format, data->n * data->inputs, data->x, data->x_shift,
                                 data->x_divisor, e->data_x, err);
    BF_TRY(s, bf_encode_data(&e->base.format, data->n * data->outputs, data->y, data->y_shift,
                             data->y_divisor, e->data_y, err));
    BF_TRY(s, take(e, e->batch * p->inputs, &e->x, err));
    BF_TRY(s, take(e, e->batch * p->outputs, &e->y, err));
    return s;
}

/* Sample `from` of the data becomes sample `to` of the step: channels innermost. */
static void put_sample(ensemble *e, size_t to, size_t from) {
    const size_t bytes = e->base.format.bytes, inputs = e->base.plan->inputs,
                 outputs = e->base.plan->outputs;
    const size_t channels = bf_plan_input(e->base.plan->data).channels, places = inputs / channels;
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < places; i++)
            num_fill(&e->x[to * inputs + i * channels + c],
                     e->data_x + (from * inputs + c * places + i) * bytes, &e->ctx);
    for (size_t i = 0; i < outputs; i++)
        num_fill(&e->y[to * outputs + i], e->data_y + (from * outputs + i) * bytes, &e->ctx);
}

static bf_status build_rates(ensemble *e, bf_error *err) {
    const plan *p = e->base.plan;
    bf_status s = take(e, p->n_phases, &e->minus_rates, err);
    for (size_t i = 0; i < p->n_phases; i++)
        BF_TRY(s, fill(e, p->phases[i].rate, &e->minus_rates[i], 1, err));
    if (s != BF_OK)
        return s;
    ctx_enter(&e->ctx);
    for (size_t i = 0; i < p->n_phases; i++)
        num_neg(&e->minus_rates[i], &e->minus_rates[i], &e->ctx);
    ctx_leave(&e->ctx);
    e->minus_rate = e->minus_rates;
    return BF_OK;
}

static bf_status build(ensemble *e, const bf_arithmetic *a, bf_error *err) {
    const plan *p = e->base.plan;
    size_t longest = p->batch * p->outputs, room = 1;
    for (size_t i = 0; i < p->n_layers; i++) {
        longest = p->layers[i].longest > longest ? p->layers[i].longest : longest;
        room = p->layers[i].room > room ? p->layers[i].room : room;
    }
    bf_status s = ctx_init(&e->ctx, a, longest, err);
    e->ctx_ready = s == BF_OK;
    BF_TRY(s, take(e, p->n_parameters, &e->theta, err));
    BF_TRY(s, take(e, p->n_parameters, &e->gradient, err));
    for (size_t i = 0; i < p->n_states; i++)
        BF_TRY(s, take(e, p->n_parameters, &e->state[i], err));
    BF_TRY(s, build_data(e, err));
    BF_TRY(s, take(e, 1, &e->loss, err));
    BF_TRY(s, take(e, 1, &e->zero, err));
    BF_TRY(s, take(e, e->batch, &e->losses, err));
    BF_TRY(s, take(e, SUM_NEEDS_ROOM ? room : 1, &e->room, err));
    BF_TRY(s, take(e, longest, &e->ones, err));
    BF_TRY(s, fill(e, "1", e->ones, longest, err));
    BF_TRY(s, build_rates(e, err));
    BF_TRY(s, build_layers(e, err));
    if (s == BF_OK && optimiser_ops[p->optimiser].prepare)
        s = optimiser_ops[p->optimiser].prepare(e, err);
    BF_TRY(s, loss_ops[p->loss].prepare(e, err));
    BF_TRY(s, take(e, 1, &e->bound, err));
    /* An infinite bound means: finite. The largest finite number is then the bound. */
    uint8_t bytes[BF_MAX_BYTES];
    BF_TRY(s, bf_number(&e->base.format, p->bound ? p->bound : "inf", bytes, err));
    if (s != BF_OK)
        return s;
    if (!bf_is_finite(&e->base.format, bytes))
        bf_largest(&e->base.format, bytes);
    num_fill(e->bound, bytes, &e->ctx);
    e->one_pass = one_pass_for(p);
    for (size_t i = 0; i < e->batch; i++)
        put_sample(e, i, i);
    return BF_OK;
}

static bf_status engine_create(bf_ensemble **out, const bf_arithmetic *a, plan *p, bf_error *err) {
    ensemble *e = calloc(1, sizeof *e);
    if (!e)
        return bf_no_memory(err);
    e->base.plan = p;
    e->base.format = a->format;
    e->batch = p->batch;
    e->n_layers = p->n_layers;
    e->layers = calloc(p->n_layers, sizeof *e->layers);
    bf_status s = e->layers ? build(e, a, err) : bf_no_memory(err);
    if (s == BF_OK)
        *out = &e->base;
    else
        engine_destroy(&e->base);
    return s;
}

static void engine_set(bf_ensemble *base, int lane, const uint8_t *theta) {
    ensemble *e = (ensemble *)base;
    uint8_t zero_bytes[BF_MAX_BYTES] = {0}; /* +0 in every encoding */
    for (size_t i = 0; i < base->plan->n_parameters; i++) {
        num_put(&e->theta[i], lane, theta ? theta + i * base->format.bytes : zero_bytes, &e->ctx);
        for (size_t j = 0; j < base->plan->n_states; j++)
            num_put(&e->state[j][i], lane, zero_bytes, &e->ctx);
    }
}

static void take_all(const ensemble *e, const num *from, size_t n, int lane, uint8_t *bytes) {
    num_ctx *ctx = (num_ctx *)&e->ctx;
    for (size_t i = 0; i < n; i++)
        num_take(&from[i], lane, bytes + i * e->base.format.bytes, ctx);
}

static void engine_get(const bf_ensemble *base, int lane, uint8_t *theta) {
    const ensemble *e = (const ensemble *)base;
    take_all(e, e->theta, base->plan->n_parameters, lane, theta);
}

static void engine_loss(const bf_ensemble *base, int lane, uint8_t *loss) {
    const ensemble *e = (const ensemble *)base;
    take_all(e, e->loss, 1, lane, loss);
}

static void engine_output(const bf_ensemble *base, int lane, uint8_t *output) {
    const ensemble *e = (const ensemble *)base;
    take_all(e, e->layers[base->plan->n_layers - 1].out, e->batch * base->plan->outputs, lane,
             output);
}

/* The samples of this step. */
static void begin_batch(ensemble *e) {
    const plan *p = e->base.plan;
    const uint64_t step = e->base.clock - e->base.began, batches = p->data->n / p->batch;
    const uint64_t epoch = step / batches;
    if (p->batch == p->data->n)
        return;
    if (e->epoch != epoch + 1)
        bf_plan_order(p, epoch, e->order);
    e->epoch = epoch + 1;
    for (size_t i = 0; i < p->batch; i++)
        put_sample(e, i, e->order[(size_t)(step % batches) * p->batch + i]);
}

/* The sums of a step begin. */
static void begin_sums(ensemble *e) {
    uint64_t runs[LANES], steps[LANES];
    for (int i = 0; i < LANES; i++) {
        runs[i] = e->base.lanes[i].run;
        steps[i] = e->base.clock - e->base.lanes[i].started;
    }
    ctx_step(&e->ctx, runs, steps);
}

static void forward(ensemble *e) {
    for (size_t i = 0; i < e->n_layers; i++) {
        layer *l = &e->layers[i];
        layer_ops[l->plan->kind].forward(l, e);
        note(e, l, "forward", l->out, e->batch, l->plan->outputs, 0);
    }
}

static void backward(ensemble *e) {
    for (size_t i = e->n_layers; i-- > 0;) {
        layer *l = &e->layers[i];
        if (l->plan->learns)
            layer_ops[l->plan->kind].backward(l, e);
        note_backward(e, l);
        if (!l->plan->is_source || !l->delta_in)
            continue;
        for (size_t j = e->n_layers; j-- > i;) /* those that add this input */
            if (e->layers[j].plan->adds_input && e->layers[j].plan->source == i)
                for (size_t k = 0; k < e->batch * l->plan->inputs; k++)
                    num_add(&l->delta_in[k], &l->delta_in[k], &e->layers[j].delta[k], &e->ctx);
        note(e, l, "residual", l->delta_in, e->batch, l->plan->inputs, 0);
    }
}

static void engine_gradient(bf_ensemble *base) {
    ensemble *e = (ensemble *)base;
    layer *last = &e->layers[e->n_layers - 1];
    ctx_enter(&e->ctx);
    begin_batch(e);
    if (e->one_pass && !base->observer) {
        e->one_pass(e);
    } else {
        begin_sums(e);
        note_data(e);
        forward(e);
        loss_ops[base->plan->loss].evaluate(e, last->out, e->y, last->delta);
        note(e, NULL, "loss", e->loss, 1, 1, 0);
        note(e, NULL, "delta", last->delta, e->batch, base->plan->outputs, 0);
        backward(e);
    }
    ctx_leave(&e->ctx);
}

static void engine_forward(bf_ensemble *base, size_t first) {
    ensemble *e = (ensemble *)base;
    ctx_enter(&e->ctx);
    for (size_t i = 0; i < e->batch; i++)
        put_sample(e, i, first + i);
    begin_sums(e);
    forward(e);
    if (e->batch == base->plan->data->n) /* as they must lie there */
        for (size_t i = 0; i < e->batch; i++)
            put_sample(e, i, i);
    ctx_leave(&e->ctx);
}

/* A step of the schedule: rate, and whether the optimiser forgets. */
static void begin_phase(ensemble *e) {
    const plan *p = e->base.plan;
    const uint64_t step = e->base.clock - e->base.began;
    size_t i = p->n_phases - 1;
    while (i > 0 && p->phases[i].at > step)
        i--;
    e->minus_rate = &e->minus_rates[i];
    if (p->phases[i].reset && p->phases[i].at == step)
        for (size_t j = 0; j < p->n_states; j++)
            zero(e->state[j], p->n_parameters, e);
    if (optimiser_ops[p->optimiser].begin)
        optimiser_ops[p->optimiser].begin(e, step == 0 ||
                                                 (p->phases[i].reset && p->phases[i].at == step));
}

static bool engine_update(bf_ensemble *base, uint8_t *beyond) {
    ensemble *e = (ensemble *)base;
    ctx_enter(&e->ctx);
    begin_phase(e);
    note_gradient(e);
    const bool any = optimiser_ops[base->plan->optimiser].update(e, beyond);
    note_update(e);
    ctx_leave(&e->ctx);
    return any;
}

#define JOIN_(a, b, c) a##b##_##c
#define JOIN(a, b, c) JOIN_(a, b, c)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
#define OPS JOIN(bf_ops_, ARITHMETIC, KERNEL)
extern const struct arithmetic_ops OPS;
const struct arithmetic_ops OPS = {
    .name = TEXT(ARITHMETIC),
    .kernel = TEXT(KERNEL),
    .lanes = LANES,
    .create = engine_create,
    .destroy = engine_destroy,
    .set = engine_set,
    .get = engine_get,
    .loss = engine_loss,
    .gradient = engine_gradient,
    .forward = engine_forward,
    .output = engine_output,
    .update = engine_update,
};
