/* SPDX-License-Identifier: MIT */
/* cross_entropy_tmpl.c - cross-entropy of the softmax of the outputs with the targets, which sum to
 * 1 in every sample (one-hot labels, say): L = mean over samples of log sum_k exp f_k - sum_k y_k
 * f_k. */
#ifdef LAYER_SHAPE

static const bf_loss_info cross_entropy_kind = {.name = "cross_entropy",
                                                .summary =
                                                    "cross-entropy of softmax(f) with the labels",
                                                .options = no_options};

#else

/* batch, and 1/batch. */
static bf_status cross_entropy_prepare(ensemble *e, bf_error *err) {
    return loss_constants(e, e->batch, 1, e->batch, err);
}

/* delta = (softmax(f) - y) / batch */
static void cross_entropy_evaluate(ensemble *e, const num *f, const num *y, num *delta) {
    const size_t n = e->base.plan->outputs;
    for (size_t i = 0; i < e->batch; i++)
        softmax(delta + i * n, f + i * n, n, &e->losses[i], e);
    TEMPORARY(t, e->ctx);
    for (size_t i = 0; i < e->batch; i++, f += n, y += n, delta += n) {
        sum_products(t, 1, 1, n, y, 0, 1, f, 1, 1, &e->ctx);
        num_sub(&e->losses[i], &e->losses[i], t, &e->ctx);
        for (size_t k = 0; k < n; k++) {
            num_sub(&delta[k], &delta[k], &y[k], &e->ctx);
            num_mul(&delta[k], &delta[k], e->loss_constants[1], &e->ctx);
        }
    }
    sum_products(e->loss, 1, 1, e->batch, e->losses, 0, 1, e->ones, 1, 1, &e->ctx);
    num_div(e->loss, e->loss, e->loss_constants[0], &e->ctx);
}

#endif
