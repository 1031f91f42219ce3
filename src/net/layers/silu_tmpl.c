/* SPDX-License-Identifier: MIT */
/* silu_tmpl.c - activation y = x s(x), s the logistic function 1/(1 + exp(-x)) (D. Hendrycks,
 * K. Gimpel, arXiv 1606.08415; S. Elfwing, E. Uchibe, K. Doya, arXiv 1702.03118). */
#ifdef LAYER_SHAPE

static const layer_kind silu_kind = {
    {.kind = "silu", .summary = "y = x / (1 + exp(-x))", .options = no_options},
    .shape = same_shape,
};

#else

/* s, and 1 - s, of every input. */
enum { SILU_S, SILU_REST };

static bf_status silu_prepare(layer *l, ensemble *e, bf_error *err) {
    bf_status s = take(e, e->batch * l->plan->outputs, &l->work[SILU_S], err);
    BF_TRY(s, take(e, e->batch * l->plan->outputs, &l->work[SILU_REST], err));
    return s;
}

/* By z = exp(-|x|), which never overflows: of 1/(1 + z) and z/(1 + z) one is s, the other 1 - s,
 * neither with cancellation. */
static void silu_forward(layer *l, ensemble *e) {
    num *s = l->work[SILU_S], *rest = l->work[SILU_REST];
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++, s++, rest++) {
        const num *x = &l->in[i];
        num_abs(t, x, &e->ctx);
        num_neg(t, t, &e->ctx);
        num_exp(t, t, &e->ctx);
        num_add(s, t, e->ones, &e->ctx);
        num_div(rest, t, s, &e->ctx);
        num_div(t, e->ones, s, &e->ctx);
        num_choose(s, e->zero, x, rest, t, &e->ctx);
        num_choose(rest, e->zero, x, t, rest, &e->ctx);
        num_mul(&l->out[i], x, s, &e->ctx);
    }
}

/* dy/dx = s (1 + x (1 - s)) */
static void silu_backward(layer *l, ensemble *e) {
    const num *s = l->work[SILU_S], *rest = l->work[SILU_REST];
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; l->delta_in && i < e->batch * l->plan->outputs; i++) {
        num_fma(t, &l->in[i], &rest[i], e->ones, &e->ctx);
        num_mul(t, t, &s[i], &e->ctx);
        num_mul(&l->delta_in[i], &l->delta[i], t, &e->ctx);
    }
}

#endif
