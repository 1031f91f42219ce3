/* SPDX-License-Identifier: MIT */
/* adamw_tmpl.c - Adam with decoupled weight decay (I. Loshchilov, F. Hutter, arXiv 1711.05101), in
 * the frameworks' form: theta *= 1 - rate weight_decay; then a step of adam, whose gradient has no
 * decay. */
enum { ADAMW_WEIGHT_DECAY = ADAM_EPSILON + 1 }; /* the others as adam has them */

#ifdef LAYER_SHAPE

static const bf_option adamw_options[] = {
    [ADAM_BETA1] = OPTION_BETA("beta1", "0.9", "share of the first moment that stays"),
    [ADAM_BETA2] = OPTION_BETA("beta2", "0.999", "share of the second moment that stays"),
    [ADAM_EPSILON] = OPTION_NOT_NEGATIVE("epsilon", "1e-8", "added to the root"),
    [ADAMW_WEIGHT_DECAY] =
        OPTION_WEIGHT_DECAY("0.01", "share of a parameter that a step takes away, over the rate"),
    OPTION_END};

static const optimiser_kind adamw_kind = {
    {.name = "adamw", .summary = "Adam with decoupled weight decay", .options = adamw_options},
    .in_step = true,
    .shape = adam_shape,
};

#else

/* work: adam's; then the decay, and what a step leaves of a parameter. */
enum { ADAMW_DECAY = ADAM_WORK, ADAMW_LEFT, ADAMW_WORK };

static bf_status adamw_prepare(ensemble *e, bf_error *err) {
    const char *decay = e->base.plan->optimiser_options[ADAMW_WEIGHT_DECAY].text;
    bf_status s = adam_constants(e, ADAMW_WORK, err);
    BF_TRY(s, fill(e, decay, &e->work[ADAMW_DECAY], 1, err));
    return s;
}

static void adamw_begin(ensemble *e, bool first) {
    adam_begin(e, first);
    num_fma(&e->work[ADAMW_LEFT], e->minus_rate, &e->work[ADAMW_DECAY], e->ones, &e->ctx);
}

static bool adamw_update(ensemble *e, uint8_t *beyond) {
    const bool decays = !e->base.plan->optimiser_options[ADAMW_WEIGHT_DECAY].zero;
    bool any = false;
    for (size_t i = 0; i < e->base.plan->n_parameters; i++) {
        num *w = &e->theta[i];
        if (decays)
            num_mul(w, w, &e->work[ADAMW_LEFT], &e->ctx);
        adam_parameter(e, i);
        any |= num_beyond(w, e->bound, beyond);
    }
    return any;
}

#endif
