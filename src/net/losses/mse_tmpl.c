/* SPDX-License-Identifier: MIT */
/* mse_tmpl.c - mean squared error: L = sum (f - y)^2 / N over all N = batch outputs values. */
#ifdef LAYER_SHAPE

static const bf_loss_info mse_kind = {
    .name = "mse", .summary = "mean of (f - y)^2 over samples and outputs", .options = no_options};

#else

/* N, and 2/N. */
static bf_status mse_prepare(ensemble *e, bf_error *err) {
    const size_t n = e->batch * e->base.plan->outputs;
    return loss_constants(e, n, 2, n, err);
}

static void mse_evaluate(ensemble *e, const num *f, const num *y, num *delta) {
    squared_errors(e, f, y, delta);
}

#endif
