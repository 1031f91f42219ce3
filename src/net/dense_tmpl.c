/* SPDX-License-Identifier: MIT */
/* dense_tmpl.c - dense layer: y = scale (W x) + b. W is (outputs, inputs), b is (outputs). */
#ifdef LAYER_SHAPE

#define dense_info                                                              \
    {                                                                           \
        .kind = "dense", .summary = "y = scale (W x) + b", .needs_width = true, \
        .takes_bias = true, .takes_scale = true                                 \
    }

static bf_status dense_shape(plan *p, plan_layer *l, const bf_layer *from, bf_error *err) {
    if (from->width < 1)
        return bf_fail(err, BF_EINPUT, "dense: %d outputs; expected at least 1", from->width);
    l->outputs = (size_t)from->width;
    l->weight = plan_tensor(p, "weight", from->width, (int)l->inputs);
    l->has_bias = from->bias;
    if (from->bias)
        l->bias = plan_tensor(p, "bias", 1, from->width);
    return BF_OK;
}

#else

enum { dense_in_place = false };

static void dense_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t batch = e->batch;
    sum_products(l->out, batch, p->outputs, p->inputs, l->in, p->inputs, 1, e->theta + p->weight, 1,
                 p->inputs, &e->ctx);
    if (l->scale)
        for (size_t i = 0; i < batch * p->outputs; i++)
            num_mul(&l->out[i], &l->out[i], l->scale, &e->ctx);
    if (p->has_bias)
        for (size_t i = 0; i < batch * p->outputs; i++)
            num_add(&l->out[i], &l->out[i], &e->theta[p->bias + i % p->outputs], &e->ctx);
}

static void dense_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t batch = e->batch;
    if (p->has_bias)
        sum_products(e->gradient + p->bias, 1, p->outputs, batch, e->ones, 0, 1, l->delta,
                     p->outputs, 1, &e->ctx);
    if (l->scale)
        for (size_t i = 0; i < batch * p->outputs; i++)
            num_mul(&l->delta[i], &l->delta[i], l->scale, &e->ctx);
    sum_products(e->gradient + p->weight, p->outputs, p->inputs, batch, l->delta, 1, p->outputs,
                 l->in, p->inputs, 1, &e->ctx);
    if (l->delta_in)
        sum_products(l->delta_in, batch, p->inputs, p->outputs, l->delta, p->outputs, 1,
                     e->theta + p->weight, p->inputs, 1, &e->ctx);
}

#endif
