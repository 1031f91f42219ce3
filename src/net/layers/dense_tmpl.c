/* SPDX-License-Identifier: MIT */
/* dense_tmpl.c - dense layer, on every row (the channels of one place): y = scale (W x) + b.
 * W is (outputs, inputs), b is (outputs). */
enum { DENSE_WIDTH, DENSE_BIAS, DENSE_SCALE };

#ifdef LAYER_SHAPE

static const bf_option dense_options[] = {
    [DENSE_WIDTH] = OPTION_COUNT("width", NULL, "1", "65536", "channels of the output"),
    [DENSE_BIAS] = OPTION_FLAG("bias", "true", "whether b is added"),
    [DENSE_SCALE] = OPTION_FINITE("scale", "1", "factor of the products"),
    OPTION_END};

static bf_status dense_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)err;
    l->out = (net_shape){l->in.height, l->in.width, l->options[DENSE_WIDTH].count};
    weight_tensors(p, l, l->out.channels, 1, l->options[DENSE_BIAS].flag);
    return BF_OK;
}

static const layer_kind dense_kind = {
    {.kind = "dense", .summary = "y = scale (W x) + b", .options = dense_options},
    .shape = dense_shape,
};

#else

/* work[0]: the scale. */
static bf_status dense_prepare(layer *l, ensemble *e, bf_error *err) {
    return factor(e, &l->plan->options[DENSE_SCALE], &l->work[0], err);
}

static void dense_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t rows = rows_of(l, e), inputs = p->in.channels, outputs = p->out.channels;
    sum_products(l->out, rows, outputs, inputs, l->in, inputs, 1, e->theta + p->weight, 1, inputs,
                 &e->ctx);
    finish_products(l, l->work[0], e, rows, outputs, inputs);
}

static void dense_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t rows = rows_of(l, e), inputs = p->in.channels, outputs = p->out.channels;
    begin_products(l, l->work[0], e, rows, outputs);
    sum_products(e->gradient + p->weight, outputs, inputs, rows, l->delta, 1, outputs, l->in,
                 inputs, 1, &e->ctx);
    note(e, l, "weight gradient", e->gradient + p->weight, outputs, inputs, rows);
    if (l->delta_in) {
        sum_products(l->delta_in, rows, inputs, outputs, l->delta, outputs, 1, e->theta + p->weight,
                     inputs, 1, &e->ctx);
        note(e, l, "input gradient", l->delta_in, rows, inputs, outputs);
    }
}

#endif
