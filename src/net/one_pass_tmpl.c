/* SPDX-License-Identifier: MIT */
/* one_pass_tmpl.c - loss and gradient of a small network with one hidden layer, dense - tanh -
 * dense without biases under the mean squared error, in one pass over the samples.
 *
 * The operations and their order within every sum are those of the layers one after the other
 * (sums over samples run upwards in both), so the bits are the same; but with the shape known to
 * the compiler, what belongs to a sample stays in registers. For arithmetics whose `num` is a plain
 * value and whose `acc` takes one product at a time. It is these three layers and this loss under
 * another form, so it knows them by name. */

/* Shapes that are compiled: inputs, hidden, outputs. */
#define ONE_PASS_SHAPES(X) X(1, 2, 1)
enum { ONE_PASS_MOST = 2 }; /* inputs x hidden and hidden x outputs at most */

static inline __attribute__((always_inline)) void
one_pass(ensemble *e, const size_t inputs, const size_t hidden, const size_t outputs) {
    const layer *first = &e->layers[0], *last = &e->layers[2];
    const num *scale_w = first->work[0], *gain = e->layers[1].work[0], *scale_v = last->work[0];
    const num *theta_w = e->theta + first->plan->weight, *theta_v = e->theta + last->plan->weight;
    num_ctx *ctx = &e->ctx;
    num w[ONE_PASS_MOST], v[ONE_PASS_MOST];
    acc dw[ONE_PASS_MOST], dv[ONE_PASS_MOST], loss;
    acc_zero(&loss, e->loss, ctx);
    for (size_t i = 0; i < hidden * inputs; i++) {
        w[i] = theta_w[i];
        acc_zero(&dw[i], &w[i], ctx);
    }
    for (size_t i = 0; i < outputs * hidden; i++) {
        v[i] = theta_v[i];
        acc_zero(&dv[i], &v[i], ctx);
    }
    for (size_t s = 0; s < e->batch; s++) {
        const num *x = e->x + s * inputs, *y = e->y + s * outputs;
        num h[ONE_PASS_MOST], z[ONE_PASS_MOST], delta[ONE_PASS_MOST], t;
        acc sum;
        for (size_t j = 0; j < hidden; j++) {
            acc_zero(&sum, &z[j], ctx);
            for (size_t i = 0; i < inputs; i++)
                acc_addmul(&sum, &x[i], &w[j * inputs + i], ctx);
            acc_round(&z[j], &sum, ctx);
            if (scale_w)
                num_mul(&z[j], &z[j], scale_w, ctx);
            if (gain)
                num_mul(&z[j], &z[j], gain, ctx);
        }
        for (size_t j = 0; j + 1 < hidden; j += 2)
            num_tanh_pair(&h[j], &z[j], ctx);
        if (hidden % 2)
            num_tanh(&h[hidden - 1], &z[hidden - 1], ctx);
        for (size_t k = 0; k < outputs; k++) {
            acc_zero(&sum, &t, ctx);
            for (size_t j = 0; j < hidden; j++)
                acc_addmul(&sum, &h[j], &v[k * hidden + j], ctx);
            acc_round(&t, &sum, ctx);
            if (scale_v)
                num_mul(&t, &t, scale_v, ctx);
            num_sub(&t, &t, &y[k], ctx);
            acc_addmul(&loss, &t, &t, ctx);
            num_mul(&t, &t, e->loss_constants[1], ctx);
            if (scale_v)
                num_mul(&t, &t, scale_v, ctx);
            delta[k] = t;
            for (size_t j = 0; j < hidden; j++)
                acc_addmul(&dv[k * hidden + j], &t, &h[j], ctx);
        }
        for (size_t j = 0; j < hidden; j++) {
            num d;
            acc_zero(&sum, &d, ctx);
            for (size_t k = 0; k < outputs; k++)
                acc_addmul(&sum, &delta[k], &v[k * hidden + j], ctx);
            acc_round(&d, &sum, ctx);
            num_fnma(&t, &h[j], &h[j], e->ones, ctx);
            num_mul(&t, &d, &t, ctx);
            if (gain)
                num_mul(&t, &t, gain, ctx);
            if (scale_w)
                num_mul(&t, &t, scale_w, ctx);
            for (size_t i = 0; i < inputs; i++)
                acc_addmul(&dw[j * inputs + i], &t, &x[i], ctx);
        }
    }
    num r;
    acc_round(&r, &loss, ctx);
    num_div(e->loss, &r, e->loss_constants[0], ctx);
    for (size_t i = 0; i < hidden * inputs; i++)
        acc_round(&e->gradient[first->plan->weight + i], &dw[i], ctx);
    for (size_t i = 0; i < outputs * hidden; i++)
        acc_round(&e->gradient[last->plan->weight + i], &dv[i], ctx);
}

#define DEFINE_ONE_PASS(i, h, o)                        \
    static void one_pass_##i##_##h##_##o(ensemble *e) { \
        one_pass(e, i, h, o);                           \
    }
ONE_PASS_SHAPES(DEFINE_ONE_PASS)

/* The pass for a plan; NULL: none is compiled. */
static void (*one_pass_for(const plan *p))(ensemble *) {
    const plan_layer *l = p->layers;
    if (p->n_layers != 3 || l[0].kind != LAYER_dense || l[1].kind != LAYER_tanh ||
        l[2].kind != LAYER_dense || l[0].has_bias || l[2].has_bias || p->loss != LOSS_mse)
        return NULL;
#define ONE_PASS_CHOOSE(i, h, o)                                          \
    if (l[0].inputs == (i) && l[0].outputs == (h) && l[2].outputs == (o)) \
        return one_pass_##i##_##h##_##o;
    ONE_PASS_SHAPES(ONE_PASS_CHOOSE)
    return NULL;
}
