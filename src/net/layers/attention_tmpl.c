/* SPDX-License-Identifier: MIT */
/* attention_tmpl.c - self-attention with one head (A. Vaswani et al., arXiv 1706.03762) over the
 * places of a sample: with q = Q x, k = K x, v = V x at every place, y = sum of v over all places,
 * weighted by the softmax of q k / sqrt(channels). Q, K and V are (channels, channels). */
#ifdef LAYER_SHAPE

static bf_status attention_shape(plan *p, plan_layer *l, bf_error *err) {
    (void)err;
    const size_t c = l->in.channels;
    l->out = l->in;
    l->weight = bf_plan_tensor(p, "query", c, c, 1);
    bf_plan_tensor(p, "key", c, c, 1);
    bf_plan_tensor(p, "value", c, c, 1);
    return BF_OK;
}

static const layer_kind attention_kind = {
    {.kind = "attention",
     .summary = "self-attention with one head over the places of a sample",
     .options = no_options},
    .shape = attention_shape,
};

#else

/* q, k and v of all places, with their deltas after; the weights (batch, places, places); room for
 * the deltas of one sample's weights; 1/sqrt(channels). */
enum { ATTENTION_QKV, ATTENTION_WEIGHTS, ATTENTION_ROOM, ATTENTION_SCALE };

static bf_status attention_prepare(layer *l, ensemble *e, bf_error *err) {
    const size_t n = e->batch * l->plan->inputs, t = l->plan->in.height * l->plan->in.width;
    char text[64];
    snprintf(text, sizeof text, "sqrt(1/%zu)", l->plan->in.channels);
    bf_status s = take(e, 7 * n, &l->work[ATTENTION_QKV], err);
    BF_TRY(s, take(e, e->batch * t * t, &l->work[ATTENTION_WEIGHTS], err));
    BF_TRY(s, take(e, t * t, &l->work[ATTENTION_ROOM], err));
    return s == BF_OK ? constant(e, text, &l->work[ATTENTION_SCALE], err) : s;
}

static void attention_forward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t c = p->in.channels, t = p->in.height * p->in.width, rows = e->batch * t;
    num *qkv = l->work[ATTENTION_QKV];
    const size_t tensors[] = {p->weight, p->weight + c * c, p->weight + 2 * c * c};
    for (size_t i = 0; i < 3; i++)
        sum_products(qkv + i * rows * c, rows, c, c, l->in, c, 1, e->theta + tensors[i], 1, c,
                     &e->ctx);
    for (size_t n = 0; n < e->batch; n++) {
        const num *q = qkv + n * t * c, *k = q + rows * c, *v = k + rows * c;
        num *w = l->work[ATTENTION_WEIGHTS] + n * t * t;
        sum_products(w, t, t, c, q, c, 1, k, 1, c, &e->ctx);
        for (size_t i = 0; i < t * t; i++)
            num_mul(&w[i], &w[i], l->work[ATTENTION_SCALE], &e->ctx);
        for (size_t i = 0; i < t; i++)
            softmax(w + i * t, w + i * t, t, NULL, e);
        sum_products(l->out + n * t * c, t, c, t, w, t, 1, v, c, 1, &e->ctx);
    }
}

/* Through the softmax of each row: d <- w (d - sum of d w), and the scale. */
static void attention_rows(num *d, const num *w, size_t t, const num *scale, ensemble *e) {
    TEMPORARY(s, e->ctx);
    for (size_t i = 0; i < t; i++, d += t, w += t) {
        sum_products(s, 1, 1, t, d, 0, 1, w, 1, 1, &e->ctx);
        for (size_t j = 0; j < t; j++) {
            num_sub(&d[j], &d[j], s, &e->ctx);
            num_mul(&d[j], &d[j], &w[j], &e->ctx);
            num_mul(&d[j], &d[j], scale, &e->ctx);
        }
    }
}

static void attention_backward(layer *l, ensemble *e) {
    const plan_layer *p = l->plan;
    const size_t c = p->in.channels, t = p->in.height * p->in.width, rows = e->batch * t;
    const size_t tensors[] = {p->weight, p->weight + c * c, p->weight + 2 * c * c};
    num *qkv = l->work[ATTENTION_QKV], *deltas = qkv + 3 * rows * c, *part = qkv + 6 * rows * c;
    for (size_t n = 0; n < e->batch; n++) {
        const num *q = qkv + n * t * c, *k = q + rows * c, *v = k + rows * c;
        const num *w = l->work[ATTENTION_WEIGHTS] + n * t * t, *delta = l->delta + n * t * c;
        num *dq = deltas + n * t * c, *dk = dq + rows * c, *dv = dk + rows * c;
        num *d = l->work[ATTENTION_ROOM];
        sum_products(dv, t, c, t, w, 1, t, delta, c, 1, &e->ctx);
        sum_products(d, t, t, c, delta, c, 1, v, 1, c, &e->ctx);
        attention_rows(d, w, t, l->work[ATTENTION_SCALE], e);
        sum_products(dq, t, c, t, d, t, 1, k, c, 1, &e->ctx);
        sum_products(dk, t, c, t, d, 1, t, q, c, 1, &e->ctx);
    }
    for (size_t i = 0; i < 3; i++)
        sum_products(e->gradient + tensors[i], c, c, rows, deltas + i * rows * c, 1, c, l->in, c, 1,
                     &e->ctx);
    for (size_t i = 0; i < 3 && l->delta_in; i++) {
        num *to = i == 0 ? l->delta_in : part;
        sum_products(to, rows, c, c, deltas + i * rows * c, c, 1, e->theta + tensors[i], c, 1,
                     &e->ctx);
        for (size_t j = 0; i > 0 && j < rows * c; j++)
            num_add(&l->delta_in[j], &l->delta_in[j], &part[j], &e->ctx);
    }
}

#endif
