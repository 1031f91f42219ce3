/* SPDX-License-Identifier: MIT */
/* gelu_tmpl.c - activation y = x Phi(x), Phi the distribution function of the standard normal
 * distribution (D. Hendrycks, K. Gimpel, arXiv 1606.08415); the exact one, by erf. */
#ifdef LAYER_SHAPE

static const layer_kind gelu_kind = {
    {.kind = "gelu", .summary = "y = x Phi(x), by erf", .options = no_options},
    .shape = same_shape,
};

#else

/* work[0]: Phi of every input; then sqrt(1/2), 1/2, and the density at 0, 1/sqrt(2 pi). */
enum { GELU_ROOT = 1, GELU_HALF, GELU_DENSITY };

static bf_status gelu_prepare(layer *l, ensemble *e, bf_error *err) {
    bf_status s = take(e, e->batch * l->plan->outputs, &l->work[0], err);
    BF_TRY(s, constant(e, "sqrt(1/2)", &l->work[GELU_ROOT], err));
    BF_TRY(s, constant(e, "1/2", &l->work[GELU_HALF], err));
    BF_TRY(s, take(e, 1, &l->work[GELU_DENSITY], err));
    uint8_t bytes[BF_MAX_BYTES];
    bf_format_normal_density(&e->base.format, bytes);
    if (s == BF_OK)
        num_fill(l->work[GELU_DENSITY], bytes, &e->ctx);
    return s;
}

static void gelu_forward(layer *l, ensemble *e) {
    num *phi = l->work[0];
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++, phi++) {
        num_mul(phi, &l->in[i], l->work[GELU_ROOT], &e->ctx);
        num_erf(phi, phi, &e->ctx);
        num_add(phi, phi, e->ones, &e->ctx);
        num_mul(phi, phi, l->work[GELU_HALF], &e->ctx);
        num_mul(&l->out[i], &l->in[i], phi, &e->ctx);
    }
}

/* dy/dx = Phi(x) + x exp(-x^2/2) / sqrt(2 pi) */
static void gelu_backward(layer *l, ensemble *e) {
    const num *phi = l->work[0];
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; l->delta_in && i < e->batch * l->plan->outputs; i++, phi++) {
        const num *x = &l->in[i];
        num_mul(t, x, x, &e->ctx);
        num_mul(t, t, l->work[GELU_HALF], &e->ctx);
        num_neg(t, t, &e->ctx);
        num_exp(t, t, &e->ctx);
        num_mul(t, t, l->work[GELU_DENSITY], &e->ctx);
        num_fma(t, t, x, phi, &e->ctx);
        num_mul(&l->delta_in[i], &l->delta[i], t, &e->ctx);
    }
}

#endif
