/* SPDX-License-Identifier: MIT */
/* adam_tmpl.c - Adam (D. P. Kingma, J. Ba, arXiv 1412.6980, algorithm 1). At step t = 1, 2, ...:
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; theta -= rate m' / (sqrt(v') +
 * epsilon) with m' = m / (1 - beta1^t), v' = v / (1 - beta2^t). */
#ifdef LAYER_SHAPE

#define adam_info \
    { .name = "adam", .summary = "Adam, with bias-corrected moments", .takes_betas = true }

#else

enum {
    ADAM_BETA1,
    ADAM_BETA2,
    ADAM_REST1,
    ADAM_REST2,
    ADAM_POWER1,
    ADAM_POWER2,
    ADAM_BIAS1,
    ADAM_BIAS2,
    ADAM_EPSILON,
    ADAM_CONSTANTS
};

static bf_status adam_prepare(ensemble *e, bf_error *err) {
    const plan *p = e->base.plan;
    const char *const texts[] = {p->beta1, p->beta2, p->epsilon};
    const int places[] = {ADAM_BETA1, ADAM_BETA2, ADAM_EPSILON};
    bf_status s = take(e, ADAM_CONSTANTS, &e->adam, err);
    for (int i = 0; i < 3 && s == BF_OK; i++)
        s = fill(e, texts[i], &e->adam[places[i]], 1, err);
    if (s != BF_OK)
        return s;
    ctx_enter(&e->ctx);
    for (int i = 0; i < 2; i++)
        num_sub(&e->adam[ADAM_REST1 + i], e->ones, &e->adam[ADAM_BETA1 + i], &e->ctx);
    ctx_leave(&e->ctx);
    return s;
}

/* The powers of this step, rounded at every product; at step 1 they are the betas themselves. */
static void adam_begin(ensemble *e, bool first) {
    for (int i = 0; i < 2; i++) {
        num *power = &e->adam[ADAM_POWER1 + i];
        num_mul(power, first ? e->ones : power, &e->adam[ADAM_BETA1 + i], &e->ctx);
        num_sub(&e->adam[ADAM_BIAS1 + i], e->ones, power, &e->ctx);
    }
}

static void adam_parameter(ensemble *e, size_t i) {
    num *w = &e->theta[i], *m = &e->state[0][i], *v = &e->state[1][i];
    const num *g = decayed(e, i);
    const num *c = e->adam;
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
