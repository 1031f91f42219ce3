/* SPDX-License-Identifier: MIT */
/* replay.c - two traces' runs, run again side by side to their first difference. */
#include "run/replay.h"

#include "run/run.h"

#include <stdlib.h>
#include <string.h>

typedef struct side {
    const bf_trace *trace;
    const char *path;
    run r;
    uint8_t *theta, loss[BF_MAX_BYTES]; /* at the present step */
    size_t line;                        /* the next of the trace that is to be met */
    step_log log;
} side;

typedef struct pair {
    side a, b;
    bool observed;
    bf_difference found; /* the first step at which parameters or loss differ */
    difference_element *x;
    difference_operation *o;
} pair;

static bf_status open_side(side *s, const bf_trace *t, const char *path, const limits *l,
                           bf_error *err) {
    s->trace = t;
    s->path = path;
    bf_status status = run_reopen(&s->r, t, path, l, err);
    if (status != BF_OK)
        return status;
    s->log.bytes = s->r.arithmetic.format.bytes;
    s->theta = malloc(bf_n_parameters(s->r.e) * s->log.bytes);
    return s->theta ? BF_OK : bf_no_memory(err);
}

static void close_side(side *s) {
    run_close(&s->r);
    step_log_free(&s->log);
    free(s->theta);
}

static bf_status observe(pair *p, bool on, bf_error *err) {
    const bf_observer observer = on ? step_log_observe : NULL;
    bf_status s = bf_observe(p->a.r.e, 0, observer, &p->a.log, err);
    BF_TRY(s, bf_observe(p->b.r.e, 0, observer, &p->b.log, err));
    p->observed = on;
    return s;
}

/* The gradient and the loss of the present step, unless the run has diverged at it. */
static void find_gradient(side *s) {
    step_log_clear(&s->log);
    bf_lane_theta(s->r.e, 0, s->theta);
    if (bf_lane_running(s->r.e, 0)) {
        bf_gradient(s->r.e);
        bf_lane_loss(s->r.e, 0, s->loss);
    }
}

/* Whether the present step is what the trace says of it in this line. */
static bool same_line(const side *s, const bf_trace_line *l) {
    const bf_trace *t = s->trace;
    const bf_format *f = &s->r.arithmetic.format;
    bool same = true;
    for (size_t i = 0; i < t->n_tensors; i++) {
        const bf_tensor *tensor = bf_tensor_at(s->r.e, i);
        const bf_hash h =
            bf_hash_of(s->theta + tensor->offset * f->bytes, tensor->count * f->bytes);
        same &= bf_hash_equal(&h, &l->hashes[i]);
    }
    if (bf_lane_running(s->r.e, 0)) {
        char loss[BF_MAX_PRECISION / 4 + 32];
        bf_to_hex(f, s->loss, loss, sizeof loss);
        same &= strcmp(loss, l->loss) == 0;
    }
    return same;
}

/* BF_DIFFERENT: the trace says something else of this step, or the run has ended before it does. */
static bf_status check_trace(side *s, uint64_t step, bf_error *err) {
    const bf_trace *t = s->trace;
    bool same = bf_lane_running(s->r.e, 0) || step == t->lines[t->n_lines - 1].step;
    if (s->line < t->n_lines && t->lines[s->line].step == step)
        same &= same_line(s, &t->lines[s->line++]);
    return same ? BF_OK
                : bf_fail(err, BF_DIFFERENT,
                          "%s cannot be replayed here: %s gives other bits than it recorded",
                          s->path, t->arithmetic);
}

static bool same_bytes(const pair *p, const uint8_t *a, const uint8_t *b, size_t n) {
    return p->a.log.bytes == p->b.log.bytes && memcmp(a, b, n * p->a.log.bytes) == 0;
}

/* Whether the sides differ at this step, and then in what. */
static void find_difference(pair *p, uint64_t step) {
    const bf_format *fa = &p->a.r.arithmetic.format, *fb = &p->b.r.arithmetic.format;
    for (size_t i = 0; i < bf_n_tensors(p->a.r.e); i++) {
        const bf_tensor *ta = bf_tensor_at(p->a.r.e, i), *tb = bf_tensor_at(p->b.r.e, i);
        const uint8_t *va = p->a.theta + ta->offset * fa->bytes,
                      *vb = p->b.theta + tb->offset * fb->bytes;
        if (ta->count == tb->count && same_bytes(p, va, vb, ta->count))
            continue;
        p->found = (bf_difference){.step = step, .earliest = step, .tensor = (int)i};
        strcpy(p->found.name, ta->name);
        difference_find(&(difference_side){fa, va, ta->count},
                        &(difference_side){fb, vb, tb->count}, p->x);
        return;
    }
    if (bf_lane_running(p->a.r.e, 0) && bf_lane_running(p->b.r.e, 0) &&
        !same_bytes(p, p->a.loss, p->b.loss, 1)) {
        p->found = (bf_difference){.step = step, .earliest = step, .tensor = -1, .name = "loss"};
        difference_find(&(difference_side){fa, p->a.loss, 1}, &(difference_side){fb, p->b.loss, 1},
                        p->x);
        p->x->indexed = false;
    }
}

/* One step of both, from the present one. Observed from the first on: an operation may differ steps
 * before a parameter does, as long as rounding or the optimiser's state keeps it back. */
static bf_status replay_step(pair *p, uint64_t step, bool last, bf_error *err) {
    find_gradient(&p->a);
    find_gradient(&p->b);
    bf_status s = check_trace(&p->a, step, err);
    BF_TRY(s, check_trace(&p->b, step, err));
    if (s != BF_OK)
        return s;
    if (p->found.same)
        find_difference(p, step);
    if (!last) {
        bf_update(p->a.r.e);
        bf_update(p->b.r.e);
    }
    if (p->observed && (p->found.same || p->found.tensor < 0))
        s = difference_find_operation(&p->a.log, &p->b.log, &p->a.r.arithmetic.format, step, p->o,
                                      err);
    if (s == BF_OK && p->observed && (p->o->known || !p->found.same))
        s = observe(p, false, err);
    return s;
}

static bf_status replay(pair *p, uint64_t last, const limits *l, bf_error *err) {
    const bool one_format = bf_format_same(&p->a.r.arithmetic.format, &p->b.r.arithmetic.format);
    if (!one_format)
        snprintf(p->o->why_not, sizeof p->o->why_not, "the formats differ");
    bf_status s = observe(p, one_format, err);
    for (uint64_t step = 0; s == BF_OK && step <= last; step++)
        s = limits_interrupted(l) ? bf_fail(err, BF_EINTERRUPTED, "interrupted")
                                  : replay_step(p, step, step == last, err);
    if (s == BF_OK && one_format && !p->o->known && !p->found.same)
        snprintf(p->o->why_not, sizeof p->o->why_not, "the starts differ");
    return s;
}

bf_status replay_traces(const bf_trace *a, const char *path_a, const bf_trace *b,
                        const char *path_b, const limits *l, bf_difference *d,
                        difference_element *x, difference_operation *o, bf_error *err) {
    pair p = {.found = {.same = true}, .x = x, .o = o};
    bf_error why;
    bf_status s = open_side(&p.a, a, path_a, l, &why);
    BF_TRY(s, open_side(&p.b, b, path_b, l, &why));
    BF_TRY(s, replay(&p, d->step, l, &why));
    close_side(&p.a);
    close_side(&p.b);
    if (s == BF_EINTERRUPTED || s == BF_EMACHINE)
        return bf_fail(err, s, "%s", why.text);
    if (s == BF_OK) {
        if (!p.found.same)
            *d = p.found;
        else
            d->earliest = d->step;
        return BF_OK;
    }
    difference_free(x);
    difference_operation_free(o);
    snprintf(x->why_not, sizeof x->why_not, "%.250s", why.text);
    snprintf(o->why_not, sizeof o->why_not, "%.250s", why.text);
    return BF_OK;
}
