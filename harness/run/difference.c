/* SPDX-License-Identifier: MIT */
/* difference.c - the first difference of two traces, to the element. */
#include "run/difference.h"

#include "stats/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const bf_trace_line *difference_line(const bf_trace *t, uint64_t step) {
    const bf_trace_line *l = t->lines;
    while (l->step != step)
        l++;
    return l;
}

static char *hex(const bf_format *f, const uint8_t *value) {
    const size_t size = (size_t)f->precision / 4 + 32;
    char *text = malloc(size);
    if (text)
        bf_to_hex(f, value, text, size);
    return text;
}

void difference_find(const difference_side *a, const difference_side *b, difference_element *out) {
    const bf_format *fa = a->format, *fb = b->format;
    const bool comparable = bf_format_same(fa, fb) && a->n == b->n;
    for (size_t i = 0; i < a->n && i < b->n && !out->known; i++) {
        const uint8_t *va = a->values + i * fa->bytes, *vb = b->values + i * fb->bytes;
        char *xa = hex(fa, va), *xb = hex(fb, vb); /* exact, and canonical */
        if (xa && xb && strcmp(xa, xb) != 0) {
            *out =
                (difference_element){.known = true, .indexed = true, .index = i, .a = xa, .b = xb};
            out->ulps = comparable ? bf_ulps(fa, va, vb) : NAN;
        } else {
            free(xa);
            free(xb);
        }
    }
    if (!out->known)
        snprintf(out->why_not, sizeof out->why_not,
                 "the formats differ, and every element is the same number in both");
}

bf_status difference_find_operation(const step_log *a, const step_log *b, const bf_format *f,
                                    uint64_t step, difference_operation *out, bf_error *err) {
    size_t i;
    bf_status s = step_log_compare(a, b, &i, NULL, err);
    *out = (difference_operation){.known = false};
    if (s != BF_OK || i == SIZE_MAX)
        return s;
    out->known = true;
    out->step = step;
    out->what = (i < a->n ? a : b)->blocks[i].what;
    if (out->what.tensor)
        snprintf(out->tensor, sizeof out->tensor, "%s", out->what.tensor->name);
    out->what.tensor = NULL;
    if (i < a->n && i < b->n && step_log_same_shape(&a->blocks[i].what, &b->blocks[i].what)) {
        const size_t n = out->what.count;
        difference_find(&(difference_side){f, a->values + a->blocks[i].offset, n},
                        &(difference_side){f, b->values + b->blocks[i].offset, n}, &out->at);
        out->at.index += out->what.first;
    }
    return BF_OK;
}

void difference_loss(const bf_trace *a, const bf_trace *b, const bf_difference *d,
                     difference_element *out) {
    const char *la = difference_line(a, d->step)->loss, *lb = difference_line(b, d->step)->loss;
    uint8_t va[BF_MAX_BYTES], vb[BF_MAX_BYTES];
    const bf_format *f = &a->format;
    *out = (difference_element){.known = true, .ulps = NAN, .a = strdup(la), .b = strdup(lb)};
    if (bf_format_same(f, &b->format) && bf_number(f, la, va, NULL) == BF_OK &&
        bf_number(f, lb, vb, NULL) == BF_OK)
        out->ulps = bf_ulps(f, va, vb);
}

void difference_free(difference_element *x) {
    free(x->a);
    free(x->b);
    *x = (difference_element){.known = false};
}

void difference_operation_free(difference_operation *o) {
    difference_free(&o->at);
    *o = (difference_operation){.known = false};
}

static json_t *operation_json(const difference_operation *o) {
    const bf_operation *w = &o->what;
    return json_pack(
        "{s:I, s:o, s:s, s:s, s:s?, s:o, s:o, s:o, s:s?, s:s?}", "step", (json_int_t)o->step,
        "layer", w->layer >= 0 ? json_integer(w->layer) : json_null(), "kind", w->kind, "name",
        w->name, "tensor", o->tensor[0] ? o->tensor : NULL, "terms",
        w->terms ? json_integer((json_int_t)w->terms) : json_null(), "element",
        o->at.known ? json_integer((json_int_t)o->at.index) : json_null(), "ulps",
        o->at.known ? json_number(o->at.ulps) : json_null(), "a", o->at.a, "b", o->at.b);
}

json_t *difference_json(const bf_difference *d, const difference_element *x,
                        const difference_operation *o) {
    return json_pack("{s:b, s:o, s:o, s:s?, s:o, s:o, s:s?, s:s?, s:o}", "same", d->same, "step",
                     d->same ? json_null() : json_integer((json_int_t)d->step), "earliest",
                     d->same ? json_null() : json_integer((json_int_t)d->earliest), "tensor",
                     d->same ? NULL : d->name, "index",
                     x->indexed ? json_integer((json_int_t)x->index) : json_null(), "ulps",
                     x->known ? json_number(x->ulps) : json_null(), "a", x->a, "b", x->b,
                     "operation", o && o->known ? operation_json(o) : json_null());
}

/* Texts put together in a buffer; what has no room is cut off. */
typedef struct text {
    char *out;
    size_t size;
} text;

static void BF_PRINTF(2, 3) put(text *t, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int n = vsnprintf(t->out, t->size, format, arguments);
    va_end(arguments);
    const size_t done = n < 0 ? 0 : (size_t)n < t->size ? (size_t)n : t->size - 1;
    t->out += done;
    t->size -= done;
}

static void put_ulps(text *t, const difference_element *x) {
    if (x->known && isfinite(x->ulps))
        put(t, ", %.17g ulp%s", x->ulps, x->ulps == 1 ? "" : "s");
}

void difference_text(const bf_difference *d, const difference_element *x, char *out, size_t size) {
    text t = {out, size};
    if (d->earliest < d->step)
        put(&t, "steps %" PRIu64 " to %" PRIu64, d->earliest, d->step);
    else
        put(&t, "step %" PRIu64, d->step);
    put(&t, ", %s%s", d->tensor >= 0 ? "tensor " : "", d->name);
    if (x->indexed)
        put(&t, ", element %zu", x->index);
    put_ulps(&t, x);
}

void difference_operation_text(const difference_operation *o, char *out, size_t size) {
    text t = {out, size};
    const bf_operation *w = &o->what;
    put(&t, "step %" PRIu64 ", ", o->step);
    if (strcmp(w->kind, "update") == 0)
        put(&t, "update of %s, %s", o->tensor, w->name);
    else if (w->layer >= 0)
        put(&t, "layer %d %s %s", w->layer, w->kind, w->name);
    else
        put(&t, "%s %s", w->kind, w->name);
    if (w->terms)
        put(&t, " over %zu product%s", w->terms, w->terms == 1 ? "" : "s");
    if (!o->at.known)
        put(&t, ", not the same on both sides");
    else if (w->rows * w->columns > 1)
        put(&t, ", element %zu (%s %zu, %s %zu)", o->at.index, o->tensor[0] ? "row" : "sample",
            o->at.index / w->columns, o->tensor[0] ? "column" : "unit", o->at.index % w->columns);
    put_ulps(&t, &o->at);
}
