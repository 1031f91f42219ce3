/* SPDX-License-Identifier: MIT */
/* tanh_tmpl.c - activation y = tanh(gain x). */
#ifdef LAYER_SHAPE

#define tanh_info \
    { .kind = "tanh", .summary = "y = tanh(gain x)", .takes_gain = true }
#define tanh_traits \
    { .in_place = true, .uses_out = true }
#define tanh_shape same_shape

#else

#define tanh_prepare NULL

static void tanh_forward(layer *l, ensemble *e) {
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        if (l->gain) {
            num_mul(t, &l->in[i], l->gain, &e->ctx);
            num_tanh(&l->out[i], t, &e->ctx);
        } else {
            num_tanh(&l->out[i], &l->in[i], &e->ctx);
        }
    }
}

/* delta_in = (delta (1 - y^2)) gain, where 1 - y^2 is rounded once. */
static void tanh_backward(layer *l, ensemble *e) {
    TEMPORARY(t, e->ctx);
    if (!l->delta_in)
        return;
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        num_fnma(t, &l->out[i], &l->out[i], e->ones, &e->ctx);
        if (l->gain) {
            num_mul(t, &l->delta[i], t, &e->ctx);
            num_mul(&l->delta_in[i], t, l->gain, &e->ctx);
        } else {
            num_mul(&l->delta_in[i], &l->delta[i], t, &e->ctx);
        }
    }
}

#endif
