/* SPDX-License-Identifier: MIT */
/* difference.c - the first difference of two traces, to the element. */
#include "difference.h"

#include "json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
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
    const bool comparable = fa->precision == fb->precision && a->n == b->n;
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

void difference_loss(const bf_trace *a, const bf_trace *b, const bf_difference *d,
                     difference_element *out) {
    const char *la = difference_line(a, d->step)->loss, *lb = difference_line(b, d->step)->loss;
    uint8_t va[BF_MAX_BYTES], vb[BF_MAX_BYTES];
    const bf_format f = bf_format_of(a->precision);
    *out = (difference_element){.known = true, .ulps = NAN, .a = strdup(la), .b = strdup(lb)};
    if (a->precision == b->precision && bf_number(&f, la, va, NULL) == BF_OK &&
        bf_number(&f, lb, vb, NULL) == BF_OK)
        out->ulps = bf_ulps(&f, va, vb);
}

void difference_free(difference_element *x) {
    free(x->a);
    free(x->b);
    *x = (difference_element){.known = false};
}

json_t *difference_json(const bf_difference *d, const difference_element *x) {
    return json_pack("{s:b, s:o, s:s?, s:o, s:o, s:s?, s:s?}", "same", d->same, "step",
                     d->same ? json_null() : json_integer((json_int_t)d->step), "tensor",
                     d->same ? NULL : d->name, "index",
                     x->indexed ? json_integer((json_int_t)x->index) : json_null(), "ulps",
                     x->known ? json_number(x->ulps) : json_null(), "a", x->a, "b", x->b);
}

void difference_text(const bf_difference *d, const difference_element *x, char *out, size_t size) {
    int n = snprintf(out, size, "step %" PRIu64 ", %s%s", d->step, d->tensor >= 0 ? "tensor " : "",
                     d->name);
    if (x->indexed && n < (int)size)
        n += snprintf(out + n, size - (size_t)n, ", element %zu", x->index);
    if (x->known && isfinite(x->ulps) && n < (int)size)
        snprintf(out + n, size - (size_t)n, ", %.17g ulp%s", x->ulps, x->ulps == 1 ? "" : "s");
}
