/* SPDX-License-Identifier: MIT */
/* layer_norm_tmpl.c - layer normalisation of every row (J. L. Ba, J. R. Kiros, G. E. Hinton,
 * arXiv 1607.06450): y = g (x - mean) / sqrt(variance + epsilon) + b. g and b are (channels). */
enum { LAYER_NORM_EPSILON };

#ifdef LAYER_SHAPE

static const bf_option layer_norm_options[] = {
    [LAYER_NORM_EPSILON] = OPTION_NOT_NEGATIVE("epsilon", "1e-5", "added to the variance"),
    OPTION_END};

static bf_status layer_norm_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)err;
    l->out = l->in;
    l->weight = bf_plan_tensor(p, "gain", 1, l->in.channels, 1);
    l->bias = bf_plan_tensor(p, "bias", 1, l->in.channels, 1);
    return BF_OK;
}

static const layer_kind layer_norm_kind = {
    {.kind = "layer_norm",
     .alias = "norm",
     .summary = "layer normalisation, with learned gain and bias",
     .options = layer_norm_options},
    .shape = layer_norm_shape,
};

#else

/* h = (x - mean) s; s of every row; a row; 1/channels and epsilon. */
enum { NORM_H, NORM_S, NORM_ROW, NORM_SHARE, NORM_ADDED };

static bf_status layer_norm_prepare(layer *l, ensemble *e, bf_error *err) {
    const size_t c = l->plan->in.channels;
    bf_status s = take(e, e->batch * l->plan->inputs, &l->work[NORM_H], err);
    BF_TRY(s, take(e, rows_of(l, e), &l->work[NORM_S], err));
    BF_TRY(s, take(e, c, &l->work[NORM_ROW], err));
    BF_TRY(s, fraction(e, 1, c, &l->work[NORM_SHARE], err));
    BF_TRY(s, constant(e, l->plan->options[LAYER_NORM_EPSILON].text, &l->work[NORM_ADDED], err));
    return s;
}

/* r = the mean of a b over the channels of a row. */
static void layer_norm_mean(num *r, const num *a, const num *b, const layer *l, ensemble *e) {
    sum_products(r, 1, 1, l->plan->in.channels, a, 0, 1, b, 1, 1, &e->ctx);
    num_mul(r, r, l->work[NORM_SHARE], &e->ctx);
}

static void layer_norm_forward(layer *l, ensemble *e) {
    const size_t c = l->plan->in.channels;
    const num *g = e->theta + l->plan->weight, *b = e->theta + l->plan->bias;
    const num *epsilon = l->work[NORM_ADDED];
    TEMPORARY(t, e->ctx);
    for (size_t row = 0; row < rows_of(l, e); row++) {
        const num *x = l->in + row * c;
        num *h = l->work[NORM_H] + row * c, *y = l->out + row * c, *s = &l->work[NORM_S][row];
        layer_norm_mean(t, x, e->ones, l, e);
        for (size_t i = 0; i < c; i++)
            num_sub(&h[i], &x[i], t, &e->ctx);
        layer_norm_mean(t, h, h, l, e);
        num_add(t, t, epsilon, &e->ctx);
        num_sqrt(t, t, &e->ctx);
        num_div(s, e->ones, t, &e->ctx);
        for (size_t i = 0; i < c; i++) {
            num_mul(&h[i], &h[i], s, &e->ctx);
            num_fma(&y[i], &h[i], &g[i], &b[i], &e->ctx);
        }
    }
}

/* With d = delta g: delta' = s (d - mean of d - h mean of d h). */
static void layer_norm_backward(layer *l, ensemble *e) {
    const size_t c = l->plan->in.channels, rows = rows_of(l, e);
    const num *g = e->theta + l->plan->weight;
    TEMPORARY(t, e->ctx);
    sum_products(e->gradient + l->plan->bias, 1, c, rows, e->ones, 0, 1, l->delta, c, 1, &e->ctx);
    for (size_t i = 0; i < c; i++)
        sum_products(e->gradient + l->plan->weight + i, 1, 1, rows, l->delta + i, 0, c,
                     l->work[NORM_H] + i, c, 1, &e->ctx);
    for (size_t row = 0; row < rows && l->delta_in; row++) {
        const num *h = l->work[NORM_H] + row * c, *s = &l->work[NORM_S][row];
        num *d = l->work[NORM_ROW], *to = l->delta_in + row * c;
        for (size_t i = 0; i < c; i++)
            num_mul(&d[i], &l->delta[row * c + i], &g[i], &e->ctx);
        layer_norm_mean(t, d, e->ones, l, e);
        for (size_t i = 0; i < c; i++)
            num_sub(&to[i], &d[i], t, &e->ctx);
        layer_norm_mean(t, d, h, l, e);
        for (size_t i = 0; i < c; i++) {
            num_fnma(&to[i], t, &h[i], &to[i], &e->ctx);
            num_mul(&to[i], &to[i], s, &e->ctx);
        }
    }
}

#endif
