/* SPDX-License-Identifier: MIT */
/* cmd_diff.c - bitfate diff: the first difference of two traces, to the element. */
#include "command.h"
#include "difference.h"
#include "run.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* One side at the differing step: run again from the experiment that the trace holds. */
typedef struct side {
    run r;
    uint8_t *values; /* of the tensor */
    size_t n;
} side;

static void free_side(side *s) {
    run_close(&s->r);
    free(s->values);
}

/* BF_DIFFERENT: the run gives other bits than the trace recorded. */
static bf_status replay(side *out, const bf_trace *t, const char *path, const bf_difference *d,
                        bf_error *err) {
    *out = (side){.values = NULL};
    bf_status s = run_reopen(&out->r, t, path, err);
    if (s != BF_OK)
        return s;
    bf_ensemble *e = out->r.e;
    const size_t bytes = out->r.arithmetic.format.bytes;
    if ((size_t)d->tensor >= bf_tensors(e))
        return bf_fail(err, BF_EINPUT, "%s: the trace is not of its experiment's model", path);
    const bf_tensor *tensor = bf_tensor_at(e, (size_t)d->tensor);
    uint8_t *theta = malloc(bf_parameters(e) * bytes);
    out->n = tensor->count;
    out->values = malloc(out->n * bytes);
    if (!theta || !out->values) {
        free(theta);
        return bf_fail(err, BF_EMACHINE, "out of memory");
    }
    for (uint64_t left = d->step; left > 0 && bf_lane_running(e, 0) && !interrupted();)
        left -= bf_train(e, left < 256 ? left : 256);
    if (interrupted()) {
        s = bf_fail(err, BF_EINTERRUPTED, "interrupted");
    } else {
        bf_lane_theta(e, 0, theta);
        memcpy(out->values, theta + tensor->offset * bytes, out->n * bytes);
        bf_hash h = bf_hash_of(out->values, out->n * bytes);
        if (!bf_hash_equal(&h, &difference_line(t, d->step)->hashes[d->tensor]))
            s = bf_fail(err, BF_DIFFERENT,
                        "%s cannot be replayed here: %s gives other bits than it recorded", path,
                        t->arithmetic);
    }
    free(theta);
    return s;
}

/* The first element that differs, by replaying both sides. */
static bf_status find_element(const bf_trace *ta, const char *pa, const bf_trace *tb,
                              const char *pb, const bf_difference *d, difference_element *out,
                              bf_error *err) {
    side a, b = {.values = NULL};
    bf_error why;
    bf_status s = replay(&a, ta, pa, d, &why);
    if (s == BF_OK)
        s = replay(&b, tb, pb, d, &why);
    if (s == BF_OK)
        difference_find(&(difference_side){&a.r.arithmetic.format, a.values, a.n},
                        &(difference_side){&b.r.arithmetic.format, b.values, b.n}, out);
    free_side(&a);
    free_side(&b);
    if (s == BF_EINTERRUPTED || s == BF_EMACHINE)
        return bf_fail(err, s, "%s", why.text);
    if (s != BF_OK)
        snprintf(out->why_not, sizeof out->why_not, "%.250s", why.text);
    return BF_OK;
}

static void print_difference(const bf_difference *d, const difference_element *x) {
    if (d->same) {
        puts("same");
        return;
    }
    char text[256];
    difference_text(d, x, text, sizeof text);
    printf("first difference: %s\n", text);
    if (x->known)
        printf("  a  %s\n  b  %s\n", x->a ? x->a : "", x->b ? x->b : "");
    if (!x->known && x->why_not[0])
        printf("  element not found: %s\n", x->why_not);
}

static bf_status run_diff(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    bf_trace *a = NULL, *b = NULL;
    bf_difference d;
    difference_element x = {.known = false};
    bf_status s = bf_trace_read(&a, arguments[0], err);
    if (s == BF_OK)
        s = bf_trace_read(&b, arguments[1], err);
    if (s == BF_OK)
        s = bf_trace_compare(a, b, &d, err);
    if (s == BF_OK && !d.same && d.tensor >= 0)
        s = find_element(a, arguments[0], b, arguments[1], &d, &x, err);
    if (s == BF_OK && !d.same && strcmp(d.name, "loss") == 0)
        difference_loss(a, b, &d, &x);
    if (s == BF_OK && o->json) {
        s = print_json(difference_json(&d, &x), err);
    } else if (s == BF_OK) {
        if (!o->quiet)
            print_difference(&d, &x);
        s = close_output(stdout, "-", err);
    }
    difference_free(&x);
    bf_trace_free(a);
    bf_trace_free(b);
    return s == BF_OK && !d.same ? BF_DIFFERENT : s;
}

const command command_diff = {
    .name = "diff",
    .arguments = "A B",
    .summary = "Find the first differing step, tensor and element of two traces",
    .help =
        "Step and tensor come from the traces alone. For the element and the distance in ulps\n"
        "both runs are replayed from the experiments that the traces hold, and a side that no\n"
        "longer gives the bits it recorded (other code, another BLAS) cannot be: replay it with\n"
        "the program that recorded it.\n\n"
        "JSON: same, step, tensor, index, ulps, a, b (null where there is nothing to say).\n\n"
        "  bitfate diff golden/minimal.f64.golden run.trace\n",
    .takes = OPT_LIBRARY,
    .least = 2,
    .most = 2,
    .run = run_diff,
};
