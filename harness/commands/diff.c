/* SPDX-License-Identifier: MIT */
/* diff.c - bitfate diff: the first difference of two traces, to the element and the operation.
 */
#include "cli/command.h"
#include "cli/output.h"
#include "run/replay.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void print_values(const difference_element *x) {
    if (x->known)
        printf("  a  %s\n  b  %s\n", x->a ? x->a : "", x->b ? x->b : "");
}

static void print_difference(const bf_difference *d, const difference_element *x,
                             const difference_operation *o) {
    if (d->same) {
        puts("same");
        return;
    }
    char text[256];
    difference_text(d, x, text, sizeof text);
    printf("first difference: %s\n", text);
    print_values(x);
    if (!x->known && x->why_not[0])
        printf("  element not found: %s\n", x->why_not);
    if (o->known) {
        difference_operation_text(o, text, sizeof text);
        printf("operation: %s\n", text);
        print_values(&o->at);
    } else if (x->known && o->why_not[0]) {
        printf("  operation not found: %s\n", o->why_not);
    }
}

/* Whether there is more to be found than the traces say. */
static bool is_open(const bf_difference *d) {
    return !d->same && (strcmp(d->name, "end") != 0 || d->earliest < d->step);
}

static bf_status run_diff(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    bf_trace *a = NULL, *b = NULL;
    bf_difference d;
    difference_element x = {.known = false};
    difference_operation operation = {.known = false};
    bf_status s = bf_trace_read(&a, arguments[0], err);
    BF_TRY(s, bf_trace_read(&b, arguments[1], err));
    BF_TRY(s, bf_trace_compare(a, b, &d, err));
    if (s == BF_OK && is_open(&d))
        s = replay_traces(a, arguments[0], b, arguments[1], &o->limits, &d, &x, &operation, err);
    if (s == BF_OK && !d.same && !x.known && strcmp(d.name, "loss") == 0)
        difference_loss(a, b, &d, &x);
    if (s == BF_OK && o->json) {
        s = print_json(difference_json(&d, &x, &operation), err);
    } else if (s == BF_OK) {
        if (!o->quiet)
            print_difference(&d, &x, &operation);
        s = close_output(stdout, "-", err);
    }
    difference_free(&x);
    difference_operation_free(&operation);
    bf_trace_free(a);
    bf_trace_free(b);
    return s == BF_OK && !d.same ? BF_DIFFERENT : s;
}

const command command_diff = {
    .name = "diff",
    .arguments = "A B",
    .summary = "Find the first differing step, tensor, element and operation of two traces",
    .help =
        "Step and tensor come from the traces alone. For the element, the distance in ulps and the\n"
        "operation (a layer's sum or function, an update) both runs are replayed side by side from\n"
        "the experiments that the traces hold. The operation is the first, in the order of\n"
        "execution, that gives something else though all before it gave the same; it may lie steps\n"
        "before the first differing parameter. A side that no longer gives the bits it recorded\n"
        "(other code, another BLAS) cannot be replayed: use the program that recorded it, or name\n"
        "the library, f64/blas:LIBRARY.so, when recording.\n\n"
        "JSON: same, step, earliest (less than step: the first difference lies between them, where\n"
        "no step was recorded), tensor, index, ulps, a, b, operation ({step, layer, kind, name,\n"
        "tensor, terms, element, ulps, a, b}); null where there is nothing to say.\n\n"
        "  bitfate diff golden/minimal.f64.golden run.trace\n",
    .takes = "allow-library",
    .least = 2,
    .most = 2,
    .run = run_diff,
};
