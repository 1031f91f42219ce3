/* SPDX-License-Identifier: MIT */
/* flatten_tmpl.c - all numbers of a sample in one row. */
#ifdef LAYER_SHAPE

#define flatten_info \
    { .kind = "flatten", .summary = "all numbers of a sample in one row" }
#define flatten_traits \
    { .passes = true }

static bf_status flatten_shape(plan *p, plan_layer *l, const bf_layer *from, bf_error *err) {
    (void)p, (void)from, (void)err;
    l->out = (net_shape){1, 1, l->inputs};
    return BF_OK;
}

#else

#define flatten_prepare NULL

static void flatten_forward(layer *l, ensemble *e) {
    if (!l->plan->in_place)
        copy(l->out, l->in, e->batch * l->plan->outputs, e);
}

static void flatten_backward(layer *l, ensemble *e) {
    if (!l->plan->in_place && l->delta_in)
        copy(l->delta_in, l->delta, e->batch * l->plan->outputs, e);
}

#endif
