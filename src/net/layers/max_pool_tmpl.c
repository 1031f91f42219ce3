/* SPDX-License-Identifier: MIT */
/* max_pool_tmpl.c - the largest of windows that do not overlap; rows and columns that fill no
 * window are left out. The first of several largest learns. */
enum { MAX_POOL_KERNEL };

#ifdef LAYER_SHAPE

static const bf_option max_pool_options[] = {
    [MAX_POOL_KERNEL] = OPTION_COUNT("kernel", NULL, "1", "4096", "side of the window"),
    OPTION_END};

static bf_status max_pool_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)p;
    return window_shape(l, l->options[MAX_POOL_KERNEL].count, err);
}

static const layer_kind max_pool_kind = {
    {.kind = "max_pool",
     .summary = "largest of square windows that do not overlap",
     .options = max_pool_options},
    .uses_out = true,
    .shape = max_pool_shape,
};

#else

#define max_pool_prepare window_prepare

static void max_pool_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t window = p->kernel * p->kernel;
    for (size_t i = 0; i < e->batch * p->outputs; i++) {
        const num *in = l->in + i / p->outputs * p->inputs;
        const uint32_t *place = l->places + i % p->outputs * window;
        num *r = &l->out[i];
        num_copy(r, &in[place[0]], &e->ctx);
        for (size_t w = 1; w < window; w++)
            num_choose(r, &in[place[w]], r, &in[place[w]], r, &e->ctx);
    }
}

/* Down each window, delta goes to the first that the largest does not exceed; then it is 0. */
static void max_pool_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    if (!l->delta_in)
        return;
    zero(l->delta_in, e->batch * p->inputs, e);
    const size_t window = p->kernel * p->kernel;
    for (size_t i = 0; i < e->batch * p->outputs; i++) {
        const size_t sample = i / p->outputs * p->inputs;
        const uint32_t *place = l->places + i % p->outputs * window;
        num *left = &l->delta[i];
        for (size_t w = 0; w < window; w++) {
            const num *x = &l->in[sample + place[w]];
            num_choose(&l->delta_in[sample + place[w]], &l->out[i], x, e->zero, left, &e->ctx);
            num_choose(left, &l->out[i], x, left, e->zero, &e->ctx);
        }
    }
}

#endif
