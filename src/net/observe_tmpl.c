/* SPDX-License-Identifier: MIT */
/* observe_tmpl.c - what the operations of a step give, shown to the ensemble's observer. */

static void show(ensemble *e, bf_operation *o, const num *values) {
    const bf_ensemble *b = &e->base;
    const size_t n = o->rows * o->columns;
    o->values = b->block;
    for (o->first = 0; o->first < n; o->first += o->count) {
        o->count = n - o->first < BF_BLOCK ? n - o->first : BF_BLOCK;
        for (size_t i = 0; i < o->count; i++)
            num_take(&values[o->first + i], b->observed, b->block + i * b->format.bytes, &e->ctx);
        b->observer(b->observer_context, o);
    }
}

static void show_operation(ensemble *e, const layer *l, const char *name, const num *values,
                           size_t rows, size_t columns, size_t terms) {
    const plan *p = e->base.plan;
    bf_operation o = {.layer = l ? (int)(l - e->layers) : -1,
                      .kind = l ? bf_layer_list(l->plan->kind)->kind : bf_loss_list(p->loss)->name,
                      .name = name,
                      .rows = rows,
                      .columns = columns,
                      .terms = terms};
    for (size_t i = 0; i < p->n_tensors; i++)
        if (values == e->gradient + p->tensors[i].offset)
            o.tensor = &p->tensors[i];
    show(e, &o, values);
}

static void show_tensor(ensemble *e, const bf_tensor *t, const char *name, const num *parameters) {
    bf_operation o = {.layer = (int)strtol(t->name, NULL, 10),
                      .kind = "update",
                      .name = name,
                      .tensor = t,
                      .rows = (size_t)t->rows,
                      .columns = (size_t)t->columns};
    show(e, &o, parameters + t->offset);
}

static void show_data(ensemble *e, const char *name, const num *values, size_t columns) {
    bf_operation o = {
        .layer = -1, .kind = "data", .name = name, .rows = e->batch, .columns = columns};
    show(e, &o, values);
}

/* After an operation of a layer (NULL: of the loss) that gave (rows, columns) values, each a sum of
 * `terms` products (0: no sum). Its cost is negligible when nobody observes. */
static inline void note(ensemble *e, const layer *l, const char *name, const num *values,
                        size_t rows, size_t columns, size_t terms) {
    if (e->base.observer)
        show_operation(e, l, name, values, rows, columns, terms);
}

/* What a gradient is found from. */
static inline void note_data(ensemble *e) {
    if (e->base.observer) {
        show_data(e, "inputs", e->x, e->base.plan->inputs);
        show_data(e, "targets", e->y, e->base.plan->outputs);
    }
}

/* What `backward` left: the delta of the layer's input, where there is one. */
static inline void note_backward(ensemble *e, const layer *l) {
    if (l->delta_in)
        note(e, l, "backward", l->delta_in, e->batch, l->plan->inputs, 0);
}

static inline void note_gradient(ensemble *e) {
    const plan *p = e->base.plan;
    for (size_t i = 0; e->base.observer && i < p->n_tensors; i++)
        show_tensor(e, &p->tensors[i], "gradient", e->gradient);
}

/* After the update of all parameters: its lines, tensor by tensor. */
static inline void note_update(ensemble *e) {
    const plan *p = e->base.plan;
    for (size_t i = 0; e->base.observer && i < p->n_tensors; i++) {
        if (e->weight_decay)
            show_tensor(e, &p->tensors[i], "decay", e->gradient);
        for (size_t j = 0; j < p->n_states; j++)
            show_tensor(e, &p->tensors[i], p->states[j], e->state[j]);
        show_tensor(e, &p->tensors[i], "step", e->theta);
    }
}
