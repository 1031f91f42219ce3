/* SPDX-License-Identifier: MIT */
/* train_tmpl.c - the training step, written once over the `num` of the including arithmetic
 * (contract: num/ieee.h) and exported as its table of coarse functions.
 *
 * doc/numerics.md states the same computation in words: what changes here changes there.
 */
#include "net/plan.h"
#include "num/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)LANES <= (int)MAX_LANES, "a lane has a place in every array of lanes");

typedef struct layer {
    const plan_layer *plan;
    const num *in;     /* (batch, inputs): the output of the layer before */
    num *out;          /* (batch, outputs) */
    num *delta;        /* (batch, outputs): dL/d out */
    num *delta_in;     /* (batch, inputs): dL/d in; NULL when nothing before it learns */
    num *scale, *gain; /* NULL: 1 */
} layer;

/* Everything a run needs is allocated when the ensemble is created, never inside a step. */
enum { MAX_BLOCKS_PER_LAYER = 4, OTHER_BLOCKS = 16 };

typedef struct ensemble {
    bf_ensemble base; /* first */
    num_ctx ctx;
    size_t batch;
    layer *layers;
    num *theta, *gradient, *velocity; /* (parameters); velocity: with momentum only */
    num *x, *y, *ones;                /* (batch, inputs), (batch, outputs), (batch) */
    num *bound, *loss, *loss_constants[2];
    num *minus_rate, *momentum, *decay;
    struct block {
        num *p;
        size_t n;
    } * blocks;
    size_t n_blocks;
    void (*one_pass)(struct ensemble *); /* loss and gradient; NULL: layer by layer */
    bool ctx_ready;
} ensemble;

/* n numbers, all +0, freed with the ensemble. */
static bf_status take(ensemble *e, size_t n, num **out, bf_error *err) {
    *out = num_alloc(n, &e->ctx);
    if (!*out)
        return bf_fail(err, BF_EMACHINE, "out of memory");
    e->blocks[e->n_blocks++] = (struct block){*out, n};
    return BF_OK;
}

static void put_all(ensemble *e, num *r, const uint8_t *bytes) {
    for (int lane = 0; lane < LANES; lane++)
        num_put(r, lane, bytes, &e->ctx);
}

/* A constant in every lane; NULL stays NULL. */
static bf_status constant(ensemble *e, const char *text, num **out, bf_error *err) {
    uint8_t bytes[BF_MAX_BYTES];
    if (!text)
        return BF_OK;
    bf_status s = bf_number(&e->base.format, text, bytes, err);
    if (s == BF_OK)
        s = take(e, 1, out, err);
    if (s == BF_OK)
        put_all(e, *out, bytes);
    return s;
}

/* An array of doubles, each rounded into the format, in every lane. */
static bf_status doubles(ensemble *e, const double *from, size_t n, num **out, bf_error *err) {
    bf_status s = take(e, n, out, err);
    for (size_t i = 0; i < n && s == BF_OK; i++) {
        char text[64];
        uint8_t bytes[BF_MAX_BYTES];
        snprintf(text, sizeof text, "%a", from[i]);
        s = bf_number(&e->base.format, text, bytes, err);
        if (s == BF_OK)
            put_all(e, &(*out)[i], bytes);
    }
    return s;
}

#undef LAYER_SHAPE
#include "net/all_tmpl.c"

static const struct {
    void (*forward)(layer *, ensemble *);
    void (*backward)(layer *, ensemble *);
    /* Element by element, and backward looks only at its output: it shares the arrays of the layer
     * before, out with in and delta with delta_in. */
    bool in_place;
} layer_ops[] = {
#define LAYER_OPS(name) {name##_forward, name##_backward, name##_in_place},
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
    free(e->blocks);
    free(e->layers);
    free(e);
}

static bf_status build_layers(ensemble *e, bf_error *err) {
    const plan *p = e->base.plan;
    const num *in = e->x;
    num *delta_in = NULL;
    for (size_t i = 0; i < p->n_layers; i++) {
        layer *l = &e->layers[i];
        l->plan = &p->layers[i];
        l->in = in;
        l->delta_in = delta_in;
        bf_status s = BF_OK;
        if (i > 0 && layer_ops[l->plan->kind].in_place &&
            !layer_ops[l[-1].plan->kind].in_place) { /* the layer before can do without its out */
            l->out = l[-1].out;
            l->delta = l[-1].delta;
        } else {
            s = take(e, e->batch * l->plan->outputs, &l->out, err);
            if (s == BF_OK)
                s = take(e, e->batch * l->plan->outputs, &l->delta, err);
        }
        if (s == BF_OK)
            s = constant(e, l->plan->scale, &l->scale, err);
        if (s == BF_OK)
            s = constant(e, l->plan->gain, &l->gain, err);
        if (s != BF_OK)
            return s;
        in = l->out;
        delta_in = l->delta;
    }
    return BF_OK;
}

static bf_status build(ensemble *e, const bf_arithmetic *a, bf_error *err) {
    const plan *p = e->base.plan;
    size_t longest = p->batch * p->outputs;
    for (size_t i = 0; i < p->n_layers; i++) {
        longest = p->layers[i].inputs > longest ? p->layers[i].inputs : longest;
        longest = p->layers[i].outputs > longest ? p->layers[i].outputs : longest;
    }
    bf_status s = ctx_init(&e->ctx, a, longest, err);
    e->ctx_ready = s == BF_OK;
#define TRY(call)   \
    if (s == BF_OK) \
    s = call
    TRY(take(e, p->n_parameters, &e->theta, err));
    TRY(take(e, p->n_parameters, &e->gradient, err));
    if (p->momentum)
        TRY(take(e, p->n_parameters, &e->velocity, err));
    TRY(doubles(e, p->x, e->batch * p->inputs, &e->x, err));
    TRY(doubles(e, p->y, e->batch * p->outputs, &e->y, err));
    TRY(take(e, 1, &e->loss, err));
    TRY(take(e, e->batch, &e->ones, err));
    for (size_t i = 0; s == BF_OK && i < e->batch; i++) {
        uint8_t bytes[BF_MAX_BYTES];
        s = bf_number(&e->base.format, "1", bytes, err);
        put_all(e, &e->ones[i], bytes);
    }
    TRY(constant(e, p->rate, &e->minus_rate, err));
    TRY(constant(e, p->momentum, &e->momentum, err));
    TRY(constant(e, p->decay, &e->decay, err));
    TRY(build_layers(e, err));
    e->one_pass = one_pass_for(p);
    TRY(loss_ops[p->loss].prepare(e, err));
#undef TRY
    if (s != BF_OK)
        return s;
    num_neg(e->minus_rate, e->minus_rate, &e->ctx);
    /* An infinite bound means: finite. The largest finite number is then the bound. */
    uint8_t bytes[BF_MAX_BYTES];
    s = bf_number(&e->base.format, p->bound ? p->bound : "inf", bytes, err);
    if (s == BF_OK && !bf_is_finite(&e->base.format, bytes))
        bf_largest(&e->base.format, bytes);
    if (s == BF_OK)
        s = take(e, 1, &e->bound, err);
    if (s == BF_OK)
        put_all(e, e->bound, bytes);
    return s;
}

static bf_status engine_create(bf_ensemble **out, const bf_arithmetic *a, plan *p, bf_error *err) {
    ensemble *e = calloc(1, sizeof *e);
    if (!e)
        return bf_fail(err, BF_EMACHINE, "out of memory");
    e->base.plan = p;
    e->base.format = a->format;
    e->batch = p->batch;
    e->layers = calloc(p->n_layers, sizeof *e->layers);
    e->blocks = calloc(p->n_layers * MAX_BLOCKS_PER_LAYER + OTHER_BLOCKS, sizeof *e->blocks);
    bf_status s =
        e->layers && e->blocks ? build(e, a, err) : bf_fail(err, BF_EMACHINE, "out of memory");
    if (s == BF_OK)
        *out = &e->base;
    else
        engine_destroy(&e->base);
    return s;
}

static void engine_set(bf_ensemble *base, int lane, const uint8_t *theta) {
    ensemble *e = (ensemble *)base;
    uint8_t zero[BF_MAX_BYTES] = {0}; /* +0 in every encoding */
    for (size_t i = 0; i < base->plan->n_parameters; i++) {
        num_put(&e->theta[i], lane, theta ? theta + i * base->format.bytes : zero, &e->ctx);
        if (e->velocity)
            num_put(&e->velocity[i], lane, zero, &e->ctx);
    }
}

static void engine_get(const bf_ensemble *base, int lane, uint8_t *theta) {
    ensemble *e = (ensemble *)base;
    for (size_t i = 0; i < base->plan->n_parameters; i++)
        num_take(&e->theta[i], lane, theta + i * base->format.bytes, &e->ctx);
}

static void engine_loss(const bf_ensemble *base, int lane, uint8_t *loss) {
    ensemble *e = (ensemble *)base;
    num_take(e->loss, lane, loss, &e->ctx);
}

static void engine_gradient(bf_ensemble *base) {
    ensemble *e = (ensemble *)base;
    const plan *p = base->plan;
    layer *last = &e->layers[p->n_layers - 1];
    ctx_enter(&e->ctx);
    if (e->one_pass) {
        e->one_pass(e);
        ctx_leave(&e->ctx);
        return;
    }
    uint64_t runs[LANES], steps[LANES];
    for (int i = 0; i < LANES; i++) {
        runs[i] = base->lanes[i].run;
        steps[i] = base->clock - base->lanes[i].started;
    }
    ctx_step(&e->ctx, runs, steps);
    for (size_t i = 0; i < p->n_layers; i++)
        layer_ops[p->layers[i].kind].forward(&e->layers[i], e);
    loss_ops[p->loss].evaluate(e, last->out, e->y, last->delta);
    for (size_t i = p->n_layers; i-- > 0;)
        layer_ops[p->layers[i].kind].backward(&e->layers[i], e);
    ctx_leave(&e->ctx);
}

/* Gradient descent: g += decay theta; v = momentum v + g; theta -= rate v. */
static bool engine_update(bf_ensemble *base, uint8_t *beyond) {
    ensemble *e = (ensemble *)base;
    bool any = false;
    ctx_enter(&e->ctx);
    for (size_t i = 0; i < base->plan->n_parameters; i++) {
        num *w = &e->theta[i], *g = &e->gradient[i];
        if (e->decay)
            num_fma(g, e->decay, w, g, &e->ctx);
        if (e->momentum) {
            num_fma(&e->velocity[i], e->momentum, &e->velocity[i], g, &e->ctx);
            g = &e->velocity[i];
        }
        num_fma(w, e->minus_rate, g, w, &e->ctx);
        any |= num_beyond(w, e->bound, beyond);
    }
    ctx_leave(&e->ctx);
    return any;
}

#define JOIN_(a, b, c) a##b##_##c
#define JOIN(a, b, c) JOIN_(a, b, c)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
#define OPS JOIN(ops_, ARITHMETIC, KERNEL)
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
    .update = engine_update,
};
