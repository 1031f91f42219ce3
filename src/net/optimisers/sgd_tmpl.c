/* SPDX-License-Identifier: MIT */
/* sgd_tmpl.c - gradient descent, with momentum: v = momentum v + g; theta -= rate v. */
#ifdef LAYER_SHAPE

#define sgd_info \
    { .name = "sgd", .summary = "v = momentum v + g; theta -= rate v", .takes_momentum = true }

#else

#define sgd_prepare NULL
#define sgd_begin NULL

static bool sgd_update(ensemble *e, uint8_t *beyond) {
    bool any = false;
    for (size_t i = 0; i < e->base.plan->n_parameters; i++) {
        num *w = &e->theta[i], *g = decayed(e, i);
        if (e->momentum) {
            num *v = &e->state[0][i];
            num_fma(v, e->momentum, v, g, &e->ctx);
            g = v;
        }
        num_fma(w, e->minus_rate, g, w, &e->ctx);
        any |= num_beyond(w, e->bound, beyond);
    }
    return any;
}

#endif
