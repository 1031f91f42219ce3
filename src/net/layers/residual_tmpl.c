/* SPDX-License-Identifier: MIT */
/* residual_tmpl.c - a connection around the layers before: y = x + the input of the first of them.
 * What delta that input gets from here is added where that layer's backward is done. */
enum { RESIDUAL_OVER };

#ifdef LAYER_SHAPE

static const bf_option residual_options[] = {
    [RESIDUAL_OVER] = OPTION_COUNT("over", NULL, "1", "1000", "layers that it leads around"),
    OPTION_END};

static bf_status residual_shape(plan *p, plan_layer *l, bf_error *err) {
    const size_t over = l->options[RESIDUAL_OVER].count;
    if (over > p->n_layers)
        return bf_fail(err, BF_EINPUT, "over %zu layers; expected 1 to the %zu before it", over,
                       p->n_layers);
    l->adds_input = true;
    l->source = p->n_layers - over;
    l->out = l->in;
    const net_shape was = p->layers[l->source].in;
    if (was.height != l->in.height || was.width != l->in.width || was.channels != l->in.channels)
        return bf_fail(err, BF_EINPUT,
                       "the input of layer %zu is %zu x %zu x %zu; expected this layer's, "
                       "%zu x %zu x %zu",
                       l->source, was.height, was.width, was.channels, l->in.height, l->in.width,
                       l->in.channels);
    return BF_OK;
}

static const layer_kind residual_kind = {
    {.kind = "residual",
     .summary = "adds the input of the layer so many before",
     .options = residual_options},
    .shape = residual_shape,
};

#else

#define residual_prepare NULL

static void residual_forward(layer *l, ensemble *e) {
    const num *x = e->layers[l->plan->source].in;
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++)
        num_add(&l->out[i], &l->in[i], &x[i], &e->ctx);
}

static void residual_backward(layer *l, ensemble *e) {
    if (l->delta_in)
        copy(l->delta_in, l->delta, e->batch * l->plan->outputs, e);
}

#endif
