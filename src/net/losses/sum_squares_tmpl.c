/* SPDX-License-Identifier: MIT */
/* sum_squares_tmpl.c - half the squared error of a sample, summed over outputs; the mean over the
 * batch: L = sum (f - y)^2 / (2 batch). */
#ifdef LAYER_SHAPE

static const bf_loss_info sum_squares_kind = {
    .name = "sum_squares",
    .alias = "squares",
    .summary = "half of (f - y)^2, summed over outputs, mean over samples",
    .options = no_options};

#else

/* 2 batch, and 1/batch. */
static bf_status sum_squares_prepare(ensemble *e, bf_error *err) {
    return loss_constants(e, 2 * e->batch, 1, e->batch, err);
}

static void sum_squares_evaluate(ensemble *e, const num *f, const num *y, num *delta) {
    squared_errors(e, f, y, delta);
}

#endif
