/* SPDX-License-Identifier: MIT */
/* global_avg_pool_tmpl.c - the mean over all places (tokens, pixels) of a sample, channel by
 * channel. */
#ifdef LAYER_SHAPE

static bf_status global_avg_pool_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)p, (void)err;
    l->out = (net_shape){1, 1, l->in.channels};
    return BF_OK;
}

static const layer_kind global_avg_pool_kind = {
    {.kind = "global_avg_pool",
     .alias = "mean",
     .summary = "mean over all places, channel by channel",
     .options = no_options},
    .shape = global_avg_pool_shape,
};

#else

/* work[0]: 1/places. */
static bf_status global_avg_pool_prepare(layer *l, ensemble *e, bf_error *err) {
    return fraction(e, 1, l->plan->in.height * l->plan->in.width, &l->work[0], err);
}

static void global_avg_pool_forward(layer *l, ensemble *e) {
    const size_t c = l->plan->in.channels, places = l->plan->in.height * l->plan->in.width;
    for (size_t n = 0; n < e->batch; n++)
        sum_products(l->out + n * c, 1, c, places, e->ones, 0, 1, l->in + n * places * c, c, 1,
                     &e->ctx);
    for (size_t i = 0; i < e->batch * c; i++)
        num_mul(&l->out[i], &l->out[i], l->work[0], &e->ctx);
}

static void global_avg_pool_backward(layer *l, ensemble *e) {
    const size_t c = l->plan->in.channels, inputs = l->plan->inputs;
    if (!l->delta_in)
        return;
    for (size_t i = 0; i < e->batch * c; i++)
        num_mul(&l->delta[i], &l->delta[i], l->work[0], &e->ctx);
    for (size_t i = 0; i < e->batch * inputs; i++)
        num_copy(&l->delta_in[i], &l->delta[i / inputs * c + i % c], &e->ctx);
}

#endif
