/* SPDX-License-Identifier: MIT */
/* adam_tmpl.c - Adam (D. P. Kingma, J. Ba, arXiv 1412.6980, algorithm 1). At step t = 1, 2, ...:
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; theta -= rate m' / (sqrt(v') +
 * epsilon) with m' = m / (1 - beta1^t), v' = v / (1 - beta2^t). */
enum { ADAM_BETA1, ADAM_BETA2, ADAM_EPSILON, ADAM_WEIGHT_DECAY };

#ifdef LAYER_SHAPE

static const bf_option adam_options[] = {
    [ADAM_BETA1] = OPTION_BETA("beta1", "0.9", "share of the first moment that stays"),
    [ADAM_BETA2] = OPTION_BETA("beta2", "0.999", "share of the second moment that stays"),
    [ADAM_EPSILON] = OPTION_NOT_NEGATIVE("epsilon", "1e-8", "added to the root"),
    [ADAM_WEIGHT_DECAY] = OPTION_WEIGHT_DECAY("0", "share of a parameter in its gradient"),
    OPTION_END};

static void adam_shape(plan *p) {
    bf_plan_state(p, "first moment");
    bf_plan_state(p, "second moment");
}

static const optimiser_kind adam_kind = {
    {.name = "adam", .summary = "Adam, with bias-corrected moments", .options = adam_options},
    .in_step = true,
    .shape = adam_shape,
};

#else

/* work: beta1, beta2, epsilon; 1 - beta; beta^t, 1 - beta^t at step t; room. */
enum { ADAM_REST1 = 3, ADAM_REST2, ADAM_POWER1, ADAM_POWER2, ADAM_BIAS1, ADAM_BIAS2, ADAM_WORK };

/* So much work, with what stays the same at every step. */
static bf_status adam_constants(ensemble *e, size_t n, bf_error *err) {
    const option_value *options = e->base.plan->optimiser_options;
    bf_status s = take(e, n, &e->work, err);
    for (int i = 0; i < ADAM_REST1; i++)
        BF_TRY(s, fill(e, options[i].text, &e->work[i], 1, err));
    if (s != BF_OK)
        return s;
    ctx_enter(&e->ctx);
    for (int i = 0; i < 2; i++)
        num_sub(&e->work[ADAM_REST1 + i], e->ones, &e->work[ADAM_BETA1 + i], &e->ctx);
    ctx_leave(&e->ctx);
    return s;
}

static bf_status adam_prepare(ensemble *e, bf_error *err) {
    const option_value *weight_decay = &e->base.plan->optimiser_options[ADAM_WEIGHT_DECAY];
    bf_status s = adam_constants(e, ADAM_WORK, err);
    BF_TRY(s, unless_zero(e, weight_decay, &e->weight_decay, err));
    return s;
}

/* The powers of this step, rounded at every product; at step 1 they are the betas themselves. */
static void adam_begin(ensemble *e, bool first) {
    for (int i = 0; i < 2; i++) {
        num *power = &e->work[ADAM_POWER1 + i];
        num_mul(power, first ? e->ones : power, &e->work[ADAM_BETA1 + i], &e->ctx);
        num_sub(&e->work[ADAM_BIAS1 + i], e->ones, power, &e->ctx);
    }
}

static void adam_parameter(ensemble *e, size_t i) {
    num *w = &e->theta[i], *m = &e->state[0][i], *v = &e->state[1][i];
    const num *g = decayed(e, i);
    const num *c = e->work;
    TEMPORARY(t, e->ctx);
    TEMPORARY(quotient, e->ctx);
    num_mul(t, &c[ADAM_REST1], g, &e->ctx);
    num_fma(m, &c[ADAM_BETA1], m, t, &e->ctx);
    num_mul(t, g, g, &e->ctx);
    num_mul(t, &c[ADAM_REST2], t, &e->ctx);
    num_fma(v, &c[ADAM_BETA2], v, t, &e->ctx);
    num_div(t, v, &c[ADAM_BIAS2], &e->ctx);
    num_sqrt(t, t, &e->ctx);
    num_add(t, t, &c[ADAM_EPSILON], &e->ctx);
    num_div(quotient, m, &c[ADAM_BIAS1], &e->ctx);
    num_div(quotient, quotient, t, &e->ctx);
    num_fma(w, e->minus_rate, quotient, w, &e->ctx);
}

static bool adam_update(ensemble *e, uint8_t *beyond) {
    bool any = false;
    for (size_t i = 0; i < e->base.plan->n_parameters; i++) {
        adam_parameter(e, i);
        any |= num_beyond(&e->theta[i], e->bound, beyond);
    }
    return any;
}

#endif
