/* SPDX-License-Identifier: MIT */
/* difference.h - the first difference of two traces, to the element. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "bitfate.h"

/* What differs there. All zero: nothing is known beyond step and tensor. */
typedef struct difference_element {
    bool known;
    bool indexed; /* the loss has no index */
    size_t index; /* in the tensor */
    double ulps;  /* NAN: the formats differ */
    char *a, *b;  /* values, hex */
    char why_not[256];
} difference_element;

/* The values of the tensor that differs, as one side has them: n of them, canonical encoding. */
typedef struct difference_side {
    const bf_format *format;
    const uint8_t *values;
    size_t n;
} difference_side;

/* The line of a step that the trace has. */
const bf_trace_line *difference_line(const bf_trace *t, uint64_t step);

/* The first element that differs. */
void difference_find(const difference_side *a, const difference_side *b, difference_element *out);
/* The losses of both traces at the step where they differ: they stand there. */
void difference_loss(const bf_trace *a, const bf_trace *b, const bf_difference *d,
                     difference_element *out);
void difference_free(difference_element *x);

struct json_t;
/* {same, step, tensor, index, ulps, a, b}: null where there is nothing to say. */
struct json_t *difference_json(const bf_difference *d, const difference_element *x);
/* `step 1, tensor 2.weight, element 0, 1 ulp`, of what is not the same. */
void difference_text(const bf_difference *d, const difference_element *x, char *out, size_t size);

#endif
