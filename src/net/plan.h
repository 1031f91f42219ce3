/* SPDX-License-Identifier: MIT */
/* plan.h - a problem checked and laid out: what every arithmetic's training code works from.
 *
 * Shapes: a layer maps (batch, inputs) to (batch, outputs), row-major; the numbers of a sample have
 * the shape (height, width, channels). Parameters of all layers lie one after the other in one
 * array, theta; gradient and optimiser state have the same layout.
 */
#ifndef NET_PLAN_H
#define NET_PLAN_H

#include "net/options.h"

/* Every layer kind, every loss and every optimiser; each is a file, NAME_tmpl.c, that brings its
 * options and its geometry (NAME_kind, below) and its arithmetic. */
/* clang-format off */
#define LAYERS(X) \
    X(dense) X(conv) X(avg_pool) X(max_pool) X(global_avg_pool) X(flatten) X(patches) \
    X(positional_embedding) X(residual) X(layer_norm) X(attention) \
    X(tanh) X(softsign) X(gelu) X(silu) X(relu) X(leaky_relu)
#define LOSSES(X) \
    X(mse) X(sum_squares) X(cross_entropy)
#define OPTIMISERS(X) /* the first is that of who names none */ \
    X(sgd) \
    X(nesterov) X(adam) X(adamw)
/* clang-format on */

#define LAYER_ENUM(name) LAYER_##name,
enum { LAYERS(LAYER_ENUM) N_LAYER_KINDS };
#undef LAYER_ENUM
#define LOSS_ENUM(name) LOSS_##name,
enum { LOSSES(LOSS_ENUM) N_LOSS_KINDS };
#undef LOSS_ENUM
#define OPTIMISER_ENUM(name) OPTIMISER_##name,
enum { OPTIMISERS(OPTIMISER_ENUM) N_OPTIMISER_KINDS };
#undef OPTIMISER_ENUM

typedef struct net_shape {
    size_t height, width, channels;
} net_shape;

typedef struct plan_layer {
    size_t kind; /* of bf_layer_list */
    option_value options[MAX_OPTIONS];
    net_shape in, out;
    size_t inputs, outputs; /* numbers in a sample */
    size_t weight, bias;    /* offsets in theta: of its first tensor, of one added to its outputs */
    bool has_bias;
    size_t kernel;   /* side of a window */
    bool adds_input; /* of the layer `source`, to its own */
    size_t source;
    bool is_source;
    bool in_place;  /* its arrays are those of its input: out is in, delta is delta_in */
    bool learns;    /* it or a layer before has parameters: it needs a delta */
    size_t longest; /* sum, and room that such a sum may need (num/sum/sum.h) */
    size_t room;
} plan_layer;

/* Tensors of a layer, and states of an optimiser, at most. */
enum { PLAN_TENSORS = 3, PLAN_STATES = 2 };

typedef struct plan_phase {
    uint64_t at;
    const char *rate;
    bool reset;
} plan_phase;

typedef struct plan {
    plan_layer *layers;
    size_t n_layers;
    size_t loss, optimiser; /* of bf_loss_list, bf_optimiser_list */
    option_value loss_options[MAX_OPTIONS], optimiser_options[MAX_OPTIONS];
    const char *states[PLAN_STATES]; /* what the optimiser keeps of every parameter */
    size_t n_states;
    const bf_data *data;
    size_t batch, inputs, outputs; /* outputs: of a sample, over its whole shape */
    uint64_t seed;
    bool in_step; /* see bf_in_step */
    bf_tensor *tensors;
    size_t n_tensors, n_parameters;
    bool too_large;     /* a tensor did not fit */
    plan_phase *phases; /* the first begins at 0 */
    size_t n_phases;
    char **texts; /* every copied text, to be freed */
    size_t n_texts;
    const char *bound; /* NULL: infinite */
} plan;

/* What a kind's file says of it under LAYER_SHAPE, as NAME_kind; a loss has its bf_loss_info. */
typedef struct layer_kind {
    bf_layer_info info;
    bool in_place; /* element by element: may write over its input */
    bool passes;   /* its output is its input, in another shape */
    bool uses_out; /* backward looks at its output */
    /* Fill l->out and the tensors, given l->in and l->options; l->outputs follows. */
    bf_status (*shape)(plan *p, plan_layer *l, bf_error *err);
} layer_kind;

typedef struct optimiser_kind {
    bf_optimiser_info info;
    bool in_step;           /* an update depends on the number of the step */
    void (*shape)(plan *p); /* its states, given p->optimiser_options; NULL: it has none */
} optimiser_kind;

BF_MUST_CHECK bf_status bf_plan_new(plan **out, const bf_problem *problem, bf_error *err);
void bf_plan_free(plan *p);
/* The shape of the data's samples. */
net_shape bf_plan_input(const bf_data *data);

/* For NAME_shape: add a tensor of the layer being laid out, of `rows` outputs and `columns` inputs
 * (`area` of them for one channel); returns its offset. */
size_t bf_plan_tensor(plan *p, const char *role, size_t rows, size_t columns, size_t area);
/* Likewise of an optimiser: add an array as long as theta, zero at the start. */
void bf_plan_state(plan *p, const char *name);

/* n doubles, each mapped as bf_data says and rounded once into the format: n * bytes. */
BF_MUST_CHECK bf_status bf_encode_data(const bf_format *f, size_t n, const double *from,
                                       const char *shift, const char *divisor, uint8_t *to,
                                       bf_error *err);

/* The samples of epoch `epoch`, in its order: data->n numbers. */
void bf_plan_order(const plan *p, uint64_t epoch, uint32_t *order);

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
    uint64_t began; /* in step: when all runs did */
    lane_state *lanes;
    bf_observer observer; /* NULL: none */
    void *observer_context;
    int observed;   /* lane */
    uint8_t *block; /* BF_BLOCK values, for the observer */
};

enum { MAX_LANES = 64 };

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
    void (*forward)(bf_ensemble *e, size_t first);
    void (*output)(const bf_ensemble *e, int lane, uint8_t *output);
    /* One step; marks in `beyond`, one byte a lane, those with a parameter not within bound;
     * returns whether there is any. */
    bool (*update)(bf_ensemble *e, uint8_t *beyond);
};

/* An arithmetic whose numbers have tangents: its table, and the way to those of the optimiser's
 * state, bf_n_states(e) doubles. */
struct tangent_ops {
    const struct arithmetic_ops *ops;
    void (*put)(bf_ensemble *e, int lane, const double *tangent);
    void (*get)(const bf_ensemble *e, int lane, double *tangent);
};

#endif
