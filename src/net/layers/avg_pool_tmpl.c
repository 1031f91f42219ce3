/* SPDX-License-Identifier: MIT */
/* avg_pool_tmpl.c - the mean over windows that do not overlap; rows and columns that fill no window
 * are left out. */
enum { AVG_POOL_KERNEL };

#ifdef LAYER_SHAPE

static const bf_option avg_pool_options[] = {
    [AVG_POOL_KERNEL] = OPTION_COUNT("kernel", NULL, "1", "4096", "side of the window"),
    OPTION_END};

static bf_status avg_pool_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)p;
    bf_status s = window_shape(l, l->options[AVG_POOL_KERNEL].count, err);
    l->longest = l->kernel * l->kernel;
    l->room = l->out.width * l->longest + l->longest + l->out.width;
    return s;
}

static const layer_kind avg_pool_kind = {
    {.kind = "avg_pool",
     .summary = "mean over square windows that do not overlap",
     .options = avg_pool_options},
    .shape = avg_pool_shape,
};

#else

/* work[0]: 1/kernel^2. */
static bf_status avg_pool_prepare(layer *l, ensemble *e, bf_error *err) {
    bf_status s = fraction(e, 1, l->plan->kernel * l->plan->kernel, &l->work[0], err);
    return s == BF_OK ? window_prepare(l, e, err) : s;
}

static void avg_pool_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t c = p->in.channels, row = p->in.width * c;
    const sum_index k = {
        .n = {1, p->kernel, p->kernel}, .a = {0, (ptrdiff_t)row, (ptrdiff_t)c}, .b = {0, 0, 0}};
    num *out = l->out;
    for (size_t n = 0; n < e->batch; n++)
        for (size_t y = 0; y < p->out.height; y++, out += p->out.width * c)
            for (size_t i = 0; i < c; i++)
                sum_over(out + i, c, p->out.width, 1,
                         l->in + (n * p->in.height + y * p->kernel) * row + i, p->kernel * c,
                         e->ones, 0, &k, e->room, &e->ctx);
    for (size_t i = 0; i < e->batch * p->outputs; i++)
        num_mul(&l->out[i], &l->out[i], l->work[0], &e->ctx);
}

static void avg_pool_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    if (!l->delta_in)
        return;
    for (size_t i = 0; i < e->batch * p->outputs; i++)
        num_mul(&l->delta[i], &l->delta[i], l->work[0], &e->ctx);
    zero(l->delta_in, e->batch * p->inputs, e);
    const size_t window = p->kernel * p->kernel;
    for (size_t i = 0; i < e->batch * p->outputs; i++) {
        num *to = l->delta_in + i / p->outputs * p->inputs;
        const uint32_t *place = l->places + i % p->outputs * window;
        for (size_t w = 0; w < window; w++)
            num_copy(&to[place[w]], &l->delta[i], &e->ctx);
    }
}

#endif
