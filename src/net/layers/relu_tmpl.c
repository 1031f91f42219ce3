/* SPDX-License-Identifier: MIT */
/* relu_tmpl.c - activation y = max(x, 0): x where it is above 0, else +0. */
#ifdef LAYER_SHAPE

static const layer_kind relu_kind = {
    {.kind = "relu", .summary = "y = max(x, 0)", .options = no_options},
    .in_place = true,
    .uses_out = true,
    .shape = same_shape,
};

#else

#define relu_prepare NULL

static void relu_forward(layer *l, ensemble *e) {
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++)
        num_choose(&l->out[i], &l->in[i], e->zero, &l->in[i], e->zero, &e->ctx);
}

static void relu_backward(layer *l, ensemble *e) {
    for (size_t i = 0; l->delta_in && i < e->batch * l->plan->outputs; i++)
        num_choose(&l->delta_in[i], &l->out[i], e->zero, &l->delta[i], e->zero, &e->ctx);
}

#endif
