/* SPDX-License-Identifier: MIT */
/* plan.h - a problem checked and laid out: what every arithmetic's training code works from.
 *
 * Shapes: a layer maps (batch, inputs) to (batch, outputs), row-major. Parameters of all layers lie
 * one after the other in one array, theta; gradient and optimiser state have the same layout.
 */
#ifndef NET_PLAN_H
#define NET_PLAN_H

#include "bitfate.h"

/* Every layer kind and every loss; each is a file, KIND_tmpl.c, that brings its shape
 * (NAME_shape / NAME_info) and its arithmetic (NAME_forward, NAME_backward). */
#define LAYERS(X) X(dense) X(tanh)
#define LOSSES(X) X(mse)

#define LAYER_ENUM(name) LAYER_##name,
enum layer_kind { LAYERS(LAYER_ENUM) N_LAYER_KINDS };
#undef LAYER_ENUM
#define LOSS_ENUM(name) LOSS_##name,
enum loss_kind { LOSSES(LOSS_ENUM) N_LOSS_KINDS };
#undef LOSS_ENUM

typedef struct plan_layer {
    enum layer_kind kind;
    size_t inputs, outputs;
    size_t weight, bias; /* offsets in theta */
    bool has_bias;
    const char *scale, *gain; /* NULL: 1 */
} plan_layer;

typedef struct plan {
    plan_layer *layers;
    size_t n_layers;
    enum loss_kind loss;
    size_t batch, inputs, outputs;
    double *x, *y; /* (batch, inputs), (batch, outputs) */
    bf_tensor *tensors;
    size_t n_tensors, n_parameters;
    const char *rate, *momentum, *decay; /* momentum, decay: NULL when 0 */
    char **texts;                        /* every copied text, to be freed */
    size_t n_texts;
    const char *bound; /* NULL: infinite */
} plan;

BF_MUST_CHECK bf_status plan_new(plan **out, const bf_problem *problem, bf_error *err);
void plan_free(plan *p);
/* Add a tensor of the layer being laid out; returns its offset. For NAME_shape. */
size_t plan_tensor(plan *p, const char *role, int rows, int columns);

/* ---- ensembles: what all arithmetics share ------------------------------------------------ */

typedef struct lane_state {
    uint64_t started; /* on the ensemble's clock */
    uint64_t ended;   /* diverged: the step */
    uint64_t run;     /* number, for arithmetics that draw */
    bool running, diverged;
    uint8_t *theta; /* parameters of a diverged run */
} lane_state;

struct bf_ensemble {
    const struct arithmetic_ops *ops;
    const struct tangent_ops *tangents; /* NULL: numbers have none */
    bf_format format;
    plan *plan;
    uint64_t clock; /* steps done */
    lane_state *lanes;
};

/* An arithmetic, compiled: coarse functions only. `create` returns a structure that begins with a
 * bf_ensemble, whose plan and format it is given; lane arguments are below `lanes`. */
struct arithmetic_ops {
    const char *name;   /* as in the table */
    const char *kernel; /* kernel path it was compiled for */
    int lanes;
    bf_status (*create)(bf_ensemble **out, const bf_arithmetic *a, plan *p, bf_error *err);
    void (*destroy)(bf_ensemble *e);
    void (*set)(bf_ensemble *e, int lane, const uint8_t *theta); /* NULL: zeros */
    void (*get)(const bf_ensemble *e, int lane, uint8_t *theta);
    void (*loss)(const bf_ensemble *e, int lane, uint8_t *loss);
    void (*gradient)(bf_ensemble *e);
    /* One step; marks in `beyond`, one byte a lane, those with a parameter not within bound;
     * returns whether there is any. */
    bool (*update)(bf_ensemble *e, uint8_t *beyond);
};

/* An arithmetic whose numbers have tangents: its table, and the way to those of the optimiser's
 * state, bf_state(e) doubles. */
struct tangent_ops {
    const struct arithmetic_ops *ops;
    void (*put)(bf_ensemble *e, int lane, const double *tangent);
    void (*get)(const bf_ensemble *e, int lane, double *tangent);
};

#endif
