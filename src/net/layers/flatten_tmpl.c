/* SPDX-License-Identifier: MIT */
/* flatten_tmpl.c - all numbers of a sample in one row. */
#ifdef LAYER_SHAPE

static bf_status flatten_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)p, (void)err;
    l->out = (net_shape){1, 1, l->inputs};
    return BF_OK;
}

static const layer_kind flatten_kind = {
    {.kind = "flatten", .summary = "all numbers of a sample in one row", .options = no_options},
    .passes = true,
    .shape = flatten_shape,
};

#else

#define flatten_prepare NULL

/* Its arrays are those of its input. */
static void flatten_forward(layer *l, ensemble *e) {
    (void)l, (void)e;
}

static void flatten_backward(layer *l, ensemble *e) {
    (void)l, (void)e;
}

#endif
