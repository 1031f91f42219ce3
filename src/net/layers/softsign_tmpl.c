/* SPDX-License-Identifier: MIT */
/* softsign_tmpl.c - activation y = x / (1 + |x|). */
#ifdef LAYER_SHAPE

static const layer_kind softsign_kind = {
    {.kind = "softsign", .summary = "y = x / (1 + |x|)", .options = no_options},
    .in_place = true,
    .uses_out = true,
    .shape = same_shape,
};

#else

#define softsign_prepare NULL

static void softsign_forward(layer *l, ensemble *e) {
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++) {
        num_abs(t, &l->in[i], &e->ctx);
        num_add(t, t, e->ones, &e->ctx);
        num_div(&l->out[i], &l->in[i], t, &e->ctx);
    }
}

/* dy/dx = (1 - |y|)^2 */
static void softsign_backward(layer *l, ensemble *e) {
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; l->delta_in && i < e->batch * l->plan->outputs; i++) {
        num_abs(t, &l->out[i], &e->ctx);
        num_sub(t, e->ones, t, &e->ctx);
        num_mul(t, t, t, &e->ctx);
        num_mul(&l->delta_in[i], &l->delta[i], t, &e->ctx);
    }
}

#endif
