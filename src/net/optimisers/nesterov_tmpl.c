/* SPDX-License-Identifier: MIT */
/* nesterov_tmpl.c - gradient descent with Nesterov's momentum, in the form of I. Sutskever et al.,
 * ICML 2013, as the frameworks have it: v = momentum v + g; theta -= rate (g + momentum v). */
enum { NESTEROV_MOMENTUM, NESTEROV_WEIGHT_DECAY };

#ifdef LAYER_SHAPE

static const bf_option nesterov_options[] = {
    [NESTEROV_MOMENTUM] =
        OPTION_NOT_NEGATIVE("momentum", "0.9", "share of the velocity that stays"),
    [NESTEROV_WEIGHT_DECAY] = OPTION_WEIGHT_DECAY("0", "share of a parameter in its gradient"),
    OPTION_END};

static void nesterov_shape(plan *p) {
    bf_plan_state(p, "momentum");
}

static const optimiser_kind nesterov_kind = {
    {.name = "nesterov",
     .summary = "v = momentum v + g; theta -= rate (g + momentum v)",
     .options = nesterov_options},
    .shape = nesterov_shape,
};

#else

/* work: the momentum. */
static bf_status nesterov_prepare(ensemble *e, bf_error *err) {
    const option_value *options = e->base.plan->optimiser_options;
    bf_status s = constant(e, options[NESTEROV_MOMENTUM].text, &e->work, err);
    BF_TRY(s, unless_zero(e, &options[NESTEROV_WEIGHT_DECAY], &e->weight_decay, err));
    return s;
}

#define nesterov_begin NULL

static bool nesterov_update(ensemble *e, uint8_t *beyond) {
    bool any = false;
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->base.plan->n_parameters; i++) {
        num *w = &e->theta[i], *g = decayed(e, i), *v = &e->state[0][i];
        num_fma(v, e->work, v, g, &e->ctx);
        num_fma(t, e->work, v, g, &e->ctx);
        num_fma(w, e->minus_rate, t, w, &e->ctx);
        any |= num_beyond(w, e->bound, beyond);
    }
    return any;
}

#endif
