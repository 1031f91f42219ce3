/* SPDX-License-Identifier: MIT */
/* mse_tmpl.c - mean squared error: L = sum (f - y)^2 / N over all N = batch outputs values. */
#ifdef LAYER_SHAPE

#define mse_info \
    { .name = "mse", .summary = "mean of (f - y)^2 over samples and outputs" }

#else

/* The constants of the loss: N, and 2/N rounded once. */
static bf_status mse_prepare(ensemble *e, bf_error *err) {
    char text[64];
    size_t n = e->batch * e->base.plan->outputs;
    snprintf(text, sizeof text, "%zu", n);
    bf_status s = constant(e, text, &e->loss_constants[0], err);
    snprintf(text, sizeof text, "2/%zu", n);
    return s == BF_OK ? constant(e, text, &e->loss_constants[1], err) : s;
}

static void mse_evaluate(ensemble *e, const num *f, const num *y, num *delta) {
    const size_t n = e->batch * e->base.plan->outputs;
    for (size_t i = 0; i < n; i++)
        num_sub(&delta[i], &f[i], &y[i], &e->ctx);
    sum_products(e->loss, 1, 1, n, delta, 0, 1, delta, 1, 1, &e->ctx);
    num_div(e->loss, e->loss, e->loss_constants[0], &e->ctx);
    for (size_t i = 0; i < n; i++)
        num_mul(&delta[i], &delta[i], e->loss_constants[1], &e->ctx);
}

#endif
