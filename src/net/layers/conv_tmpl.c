/* SPDX-License-Identifier: MIT */
/* conv_tmpl.c - two-dimensional convolution (cross-correlation, as the frameworks have it): at
 * every place, y = scale (W x) + b over the window that begins there, zeros around the image.
 * W is (outputs, kernel, kernel, inputs), b is (outputs). */
enum { CONV_WIDTH, CONV_KERNEL, CONV_STRIDE, CONV_PADDING, CONV_BIAS, CONV_SCALE };

#ifdef LAYER_SHAPE

static const bf_option conv_options[] = {
    [CONV_WIDTH] = OPTION_COUNT("width", NULL, "1", "65536", "channels of the output"),
    [CONV_KERNEL] = OPTION_COUNT("kernel", NULL, "1", "4096", "side of the window"),
    [CONV_STRIDE] = OPTION_COUNT("stride", "1", "1", "4096", "places from one window to the next"),
    [CONV_PADDING] =
        OPTION_COUNT("padding", "0", "0", "4095", "rows and columns of zeros on every side"),
    [CONV_BIAS] = OPTION_FLAG("bias", "true", "whether b is added"),
    [CONV_SCALE] = OPTION_FINITE("scale", "1", "factor of the products"),
    OPTION_END};

static bf_status conv_shape(plan *p, plan_layer *l, bf_error *err) {
    const size_t k = l->options[CONV_KERNEL].count, s = l->options[CONV_STRIDE].count,
                 pad = l->options[CONV_PADDING].count, width = l->options[CONV_WIDTH].count;
    if (pad >= k)
        return bf_fail(err, BF_EINPUT, "a padding of %zu; expected less than the kernel, %zu", pad,
                       k);
    if (l->in.height + 2 * pad < k || l->in.width + 2 * pad < k)
        return bf_fail(err, BF_EINPUT, "the input is %zu x %zu; expected at least the kernel",
                       l->in.height, l->in.width);
    l->kernel = k;
    l->out = (net_shape){(l->in.height + 2 * pad - k) / s + 1, (l->in.width + 2 * pad - k) / s + 1,
                         width};
    weight_tensors(p, l, width, k * k, l->options[CONV_BIAS].flag);
    /* Sums: forward, backward, of a weight; each with its room. */
    const size_t places = p->batch * l->out.height * l->out.width, c = l->in.channels;
    const struct {
        size_t m, n, k;
    } sums[] = {
        {l->out.width, width, k * k * c}, {l->in.width, c, k * k * width}, {width, k * c, places}};
    for (size_t i = 0; i < 3; i++) {
        const size_t room = (sums[i].m + sums[i].n) * sums[i].k + sums[i].m * sums[i].n;
        l->longest = sums[i].k > l->longest ? sums[i].k : l->longest;
        l->room = room > l->room ? room : l->room;
    }
    return BF_OK;
}

static const layer_kind conv_kind = {
    {.kind = "conv",
     .summary = "convolution: y = scale (W x) + b over square windows",
     .options = conv_options},
    .shape = conv_shape,
};

#else

static size_t conv_stride(const plan_layer *p) {
    return p->options[CONV_STRIDE].count;
}

static size_t conv_padding(const plan_layer *p) {
    return p->options[CONV_PADDING].count;
}

/* work[0]: the input with its border of zeros; work[1]: delta, `stride` apart and with a border so
 * wide that every place of the input sees a whole window of it; work[2]: the scale. */
static net_shape conv_padded(const plan_layer *p) {
    return (net_shape){p->in.height + 2 * conv_padding(p), p->in.width + 2 * conv_padding(p),
                       p->in.channels};
}

static net_shape conv_spread(const plan_layer *p) {
    return (net_shape){p->in.height + p->kernel - 1, p->in.width + p->kernel - 1, p->out.channels};
}

static size_t volume(net_shape s) {
    return s.height * s.width * s.channels;
}

static bf_status conv_prepare(layer *l, ensemble *e, bf_error *err) {
    const plan_layer *p = l->plan;
    bf_status s = BF_OK;
    if (conv_padding(p))
        s = take(e, e->batch * volume(conv_padded(p)), &l->work[0], err);
    if (s == BF_OK && l->delta_in)
        s = take(e, e->batch * volume(conv_spread(p)), &l->work[1], err);
    BF_TRY(s, factor(e, &p->options[CONV_SCALE], &l->work[2], err));
    return s;
}

/* Copy images into larger ones of as many channels, from row and column `at` on, `stride` apart. */
static void conv_place(num *to, net_shape large, const num *from, net_shape small, size_t at,
                       size_t stride, ensemble *e) {
    for (size_t n = 0; n < e->batch; n++)
        for (size_t y = 0; y < small.height; y++)
            for (size_t x = 0; x < small.width; x++, from += small.channels) {
                num *place =
                    to + ((n * large.height + at + y * stride) * large.width + at + x * stride) *
                             large.channels;
                for (size_t c = 0; c < small.channels; c++)
                    num_copy(&place[c], &from[c], &e->ctx);
            }
}

static void conv_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const net_shape in = conv_padded(p), out = p->out;
    const size_t row = in.width * in.channels, window = p->kernel * in.channels;
    const num *image = l->in;
    if (conv_padding(p)) {
        conv_place(l->work[0], in, l->in, p->in, conv_padding(p), 1, e);
        image = l->work[0];
    }
    const sum_index k = {
        .n = {1, p->kernel, window}, .a = {0, (ptrdiff_t)row, 1}, .b = {0, (ptrdiff_t)window, 1}};
    for (size_t n = 0; n < e->batch; n++)
        for (size_t y = 0; y < out.height; y++)
            sum_over(l->out + (n * out.height + y) * out.width * out.channels, out.channels,
                     out.width, out.channels, image + (n * in.height + y * conv_stride(p)) * row,
                     conv_stride(p) * in.channels, e->theta + p->weight, p->kernel * window, &k,
                     e->room, &e->ctx);
    finish_products(l, l->work[2], e, e->batch * out.height * out.width, out.channels,
                    p->kernel * window);
}

static void conv_weights(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const net_shape in = conv_padded(p), out = p->out;
    const size_t row = in.width * in.channels, window = p->kernel * in.channels;
    const sum_index k = {.n = {e->batch, out.height, out.width},
                         .a = {(ptrdiff_t)volume(out), (ptrdiff_t)(out.width * out.channels),
                               (ptrdiff_t)out.channels},
                         .b = {(ptrdiff_t)volume(in), (ptrdiff_t)(conv_stride(p) * row),
                               (ptrdiff_t)(conv_stride(p) * in.channels)},
                         .groups = p->kernel, /* the rows of a window */
                         .b_group = row,
                         .r_group = window};
    sum_over(e->gradient + p->weight, p->kernel * window, out.channels, window, l->delta, 1,
             conv_padding(p) ? l->work[0] : l->in, 1, &k, e->room, &e->ctx);
}

static void conv_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const net_shape in = p->in, out = p->out, spread = conv_spread(p);
    const size_t places = e->batch * out.height * out.width;
    begin_products(l, l->work[2], e, places, out.channels);
    conv_weights(l, e);
    note(e, l, "weight gradient", e->gradient + p->weight, out.channels,
         p->kernel * p->kernel * in.channels, places);
    if (!l->delta_in)
        return;
    conv_place(l->work[1], spread, l->delta, out, p->kernel - 1 - conv_padding(p), conv_stride(p),
               e);
    const size_t row = spread.width * spread.channels;
    const ptrdiff_t across = (ptrdiff_t)in.channels, down = (ptrdiff_t)(p->kernel * in.channels),
                    filter = (ptrdiff_t)p->kernel * down;
    const sum_index k = {.n = {p->kernel, p->kernel, out.channels},
                         .a = {(ptrdiff_t)row, (ptrdiff_t)out.channels, 1},
                         .b = {-down, -across, filter}};
    const num *last = e->theta + p->weight + filter - across; /* of the windows of filter 0 */
    for (size_t n = 0; n < e->batch; n++)
        for (size_t y = 0; y < in.height; y++)
            sum_over(l->delta_in + (n * in.height + y) * in.width * in.channels, in.channels,
                     in.width, in.channels, l->work[1] + (n * spread.height + y) * row,
                     out.channels, last, 1, &k, e->room, &e->ctx);
    note(e, l, "input gradient", l->delta_in, rows_of(l, e), in.channels,
         p->kernel * p->kernel * out.channels);
}

#endif
