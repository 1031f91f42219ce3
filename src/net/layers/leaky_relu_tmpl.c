/* SPDX-License-Identifier: MIT */
/* leaky_relu_tmpl.c - activation y = x where x is above 0, else slope x (A. L. Maas, A. Y. Hannun,
 * A. Y. Ng, ICML 2013). */
enum { LEAKY_RELU_SLOPE };

#ifdef LAYER_SHAPE

static const bf_option leaky_relu_options[] = {
    [LEAKY_RELU_SLOPE] = OPTION_FINITE("slope", "0.01", "of y where x is not above 0"), OPTION_END};

/* Not in place: where the slope is negative, y does not tell on which side x was. */
static const layer_kind leaky_relu_kind = {
    {.kind = "leaky_relu",
     .summary = "y = x where x is above 0, else slope x",
     .options = leaky_relu_options},
    .shape = same_shape,
};

#else

/* work[0]: the slope. */
static bf_status leaky_relu_prepare(layer *l, ensemble *e, bf_error *err) {
    return constant(e, l->plan->options[LEAKY_RELU_SLOPE].text, &l->work[0], err);
}

static void leaky_relu_forward(layer *l, ensemble *e) {
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        const num *x = &l->in[i];
        num_mul(t, x, l->work[0], &e->ctx);
        num_choose(&l->out[i], x, e->zero, x, t, &e->ctx);
    }
}

static void leaky_relu_backward(layer *l, ensemble *e) {
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; l->delta_in && i < e->batch * l->plan->outputs; i++) {
        const num *delta = &l->delta[i];
        num_mul(t, delta, l->work[0], &e->ctx);
        num_choose(&l->delta_in[i], &l->in[i], e->zero, delta, t, &e->ctx);
    }
}

#endif
