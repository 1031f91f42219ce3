/* SPDX-License-Identifier: MIT */
/* sgd_tmpl.c - gradient descent, with momentum: v = momentum v + g; theta -= rate v. */
enum { SGD_MOMENTUM, SGD_WEIGHT_DECAY };

#ifdef LAYER_SHAPE

static const bf_option sgd_options[] = {
    [SGD_MOMENTUM] = OPTION_NOT_NEGATIVE("momentum", "0", "share of the velocity that stays"),
    [SGD_WEIGHT_DECAY] = OPTION_WEIGHT_DECAY("0", "share of a parameter in its gradient"),
    OPTION_END};

static void sgd_shape(plan *p) {
    if (!p->optimiser_options[SGD_MOMENTUM].zero)
        bf_plan_state(p, "momentum");
}

static const optimiser_kind sgd_kind = {
    {.name = "sgd", .summary = "v = momentum v + g; theta -= rate v", .options = sgd_options},
    .shape = sgd_shape,
};

#else

/* work: the momentum. */
static bf_status sgd_prepare(ensemble *e, bf_error *err) {
    const option_value *options = e->base.plan->optimiser_options;
    bf_status s = unless_zero(e, &options[SGD_MOMENTUM], &e->work, err);
    BF_TRY(s, unless_zero(e, &options[SGD_WEIGHT_DECAY], &e->weight_decay, err));
    return s;
}

#define sgd_begin NULL

static bool sgd_update(ensemble *e, uint8_t *beyond) {
    const num *momentum = e->work;
    bool any = false;
    for (size_t i = 0; i < e->base.plan->n_parameters; i++) {
        num *w = &e->theta[i], *g = decayed(e, i);
        if (momentum) {
            num *v = &e->state[0][i];
            num_fma(v, momentum, v, g, &e->ctx);
            g = v;
        }
        num_fma(w, e->minus_rate, g, w, &e->ctx);
        any |= num_beyond(w, e->bound, beyond);
    }
    return any;
}

#endif
