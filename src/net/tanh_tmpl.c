/* SPDX-License-Identifier: MIT */
/* tanh_tmpl.c - activation y = tanh(gain x). */
#ifdef LAYER_SHAPE

#define tanh_info \
    { .kind = "tanh", .summary = "y = tanh(gain x)", .takes_gain = true }

static bf_status tanh_shape(plan *p, plan_layer *l, const bf_layer *from, bf_error *err) {
    (void)p, (void)from, (void)err;
    l->outputs = l->inputs;
    return BF_OK;
}

#else

static void tanh_forward(layer *l, ensemble *e) {
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        const num *z = &l->in[i];
        if (l->gain) {
            num_mul(&l->out[i], z, l->gain, &e->ctx);
            z = &l->out[i];
        }
        num_tanh(&l->out[i], z, &e->ctx);
    }
}

/* delta_in = (delta (1 - y^2)) gain, where 1 - y^2 is rounded once. */
static void tanh_backward(layer *l, ensemble *e) {
    if (!l->delta_in)
        return;
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        num *d = &l->delta_in[i];
        num_fnma(d, &l->out[i], &l->out[i], e->ones, &e->ctx);
        num_mul(d, &l->delta[i], d, &e->ctx);
        if (l->gain)
            num_mul(d, d, l->gain, &e->ctx);
    }
}

#endif
