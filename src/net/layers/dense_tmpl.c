/* SPDX-License-Identifier: MIT */
/* dense_tmpl.c - dense layer, on every row (the channels of one place): y = scale (W x) + b.
 * W is (outputs, inputs), b is (outputs). */
#ifdef LAYER_SHAPE

#define dense_info                                                              \
    {                                                                           \
        .kind = "dense", .summary = "y = scale (W x) + b", .needs_width = true, \
        .takes_bias = true, .takes_scale = true                                 \
    }
#define dense_traits \
    { .in_place = false }

static bf_status dense_shape(plan *p, plan_layer *l, const bf_layer *from, bf_error *err) {
    if (from->width < 1)
        return bf_fail(err, BF_EINPUT, "%d outputs; expected at least 1", from->width);
    const size_t width = (size_t)from->width;
    l->out = (net_shape){l->in.height, l->in.width, width};
    l->weight = bf_plan_tensor(p, "weight", width, l->in.channels, 1);
    l->has_bias = from->bias;
    if (from->bias)
        l->bias = bf_plan_tensor(p, "bias", 1, width, 1);
    return BF_OK;
}

#else

#define dense_prepare NULL

static void dense_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t rows = rows_of(l, e), inputs = p->in.channels, outputs = p->out.channels;
    sum_products(l->out, rows, outputs, inputs, l->in, inputs, 1, e->theta + p->weight, 1, inputs,
                 &e->ctx);
    finish_products(l, e, rows, outputs, inputs);
}

static void dense_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t rows = rows_of(l, e), inputs = p->in.channels, outputs = p->out.channels;
    begin_products(l, e, rows, outputs);
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
