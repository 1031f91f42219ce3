/* SPDX-License-Identifier: MIT */
/* patches_tmpl.c - an image cut into squares, the numbers of each in one row: tokens for attention.
 * Rows and columns that fill no square are left out. */
enum { PATCHES_KERNEL };

#ifdef LAYER_SHAPE

static const bf_option patches_options[] = {
    [PATCHES_KERNEL] = OPTION_COUNT("kernel", NULL, "1", "4096", "side of the window"), OPTION_END};

static bf_status patches_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)p;
    bf_status s = window_shape(l, l->options[PATCHES_KERNEL].count, err);
    l->out.channels *= l->kernel * l->kernel;
    return s;
}

static const layer_kind patches_kind = {
    {.kind = "patches",
     .summary = "squares of an image, the numbers of each in one row",
     .options = patches_options},
    .shape = patches_shape,
};

#else

#define patches_prepare window_prepare

/* Where output i comes from: its row is a square; in it, rows, columns and channels. */
static size_t patches_from(const layer *l, size_t i) {
    const plan_layer *p = l->plan;
    const size_t c = p->in.channels, j = i % p->outputs, offset = j % p->out.channels;
    const size_t square = j / p->out.channels * c + offset % c;
    return i / p->outputs * p->inputs + l->places[square * p->kernel * p->kernel + offset / c];
}

static void patches_forward(layer *l, ensemble *e) {
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++)
        num_copy(&l->out[i], &l->in[patches_from(l, i)], &e->ctx);
}

static void patches_backward(layer *l, ensemble *e) {
    if (!l->delta_in)
        return;
    zero(l->delta_in, e->batch * l->plan->inputs, e);
    for (size_t i = 0; i < e->batch * l->plan->outputs; i++)
        num_copy(&l->delta_in[patches_from(l, i)], &l->delta[i], &e->ctx);
}

#endif
