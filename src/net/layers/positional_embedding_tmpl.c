/* SPDX-License-Identifier: MIT */
/* positional_embedding_tmpl.c - a learned number added to every number of a sample: y = x + b. b is
 * (places, channels). */
#ifdef LAYER_SHAPE

static bf_status positional_embedding_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)err;
    l->out = l->in;
    l->weight = bf_plan_tensor(p, "embedding", l->in.height * l->in.width, l->in.channels, 1);
    return BF_OK;
}

static const layer_kind positional_embedding_kind = {
    {.kind = "positional_embedding",
     .alias = "position",
     .summary = "y = x + b, b learned for every place",
     .options = no_options},
    .in_place = true,
    .shape = positional_embedding_shape,
};

#else

#define positional_embedding_prepare NULL

static void positional_embedding_forward(layer *l, ensemble *e) {
    const size_t n = l->plan->outputs;
    for (size_t i = 0; i < e->batch * n; i++)
        num_add(&l->out[i], &l->in[i], &e->theta[l->plan->weight + i % n], &e->ctx);
}

static void positional_embedding_backward(layer *l, ensemble *e) {
    const size_t n = l->plan->outputs;
    sum_products(e->gradient + l->plan->weight, 1, n, e->batch, e->ones, 0, 1, l->delta, n, 1,
                 &e->ctx);
    if (l->delta_in && !l->plan->in_place)
        copy(l->delta_in, l->delta, e->batch * n, e);
}

#endif
