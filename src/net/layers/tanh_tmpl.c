/* SPDX-License-Identifier: MIT */
/* tanh_tmpl.c - activation y = tanh(gain x). */
enum { TANH_GAIN };

#ifdef LAYER_SHAPE

static const bf_option tanh_options[] = {[TANH_GAIN] = OPTION_FINITE("gain", "1", "factor of x"),
                                         OPTION_END};

static const layer_kind tanh_kind = {
    {.kind = "tanh", .summary = "y = tanh(gain x)", .options = tanh_options},
    .in_place = true,
    .uses_out = true,
    .shape = same_shape,
};

#else

/* work[0]: the gain. */
static bf_status tanh_prepare(layer *l, ensemble *e, bf_error *err) {
    return factor(e, &l->plan->options[TANH_GAIN], &l->work[0], err);
}

static void tanh_forward(layer *l, ensemble *e) {
    const num *gain = l->work[0];
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        if (gain) {
            num_mul(t, &l->in[i], gain, &e->ctx);
            num_tanh(&l->out[i], t, &e->ctx);
        } else {
            num_tanh(&l->out[i], &l->in[i], &e->ctx);
        }
    }
}

/* delta_in = (delta (1 - y^2)) gain, where 1 - y^2 is rounded once. */
static void tanh_backward(layer *l, ensemble *e) {
    const num *gain = l->work[0];
    TEMPORARY(t, e->ctx);
    if (!l->delta_in)
        return;
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        num_fnma(t, &l->out[i], &l->out[i], e->ones, &e->ctx);
        if (gain) {
            num_mul(t, &l->delta[i], t, &e->ctx);
            num_mul(&l->delta_in[i], t, gain, &e->ctx);
        } else {
            num_mul(&l->delta_in[i], &l->delta[i], t, &e->ctx);
        }
    }
}

#endif
