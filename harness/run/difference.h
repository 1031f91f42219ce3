/* SPDX-License-Identifier: MIT */
/* difference.h - the first difference of two traces, to the element. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "run/step_log.h"

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

/* The first operation of a training step that gives something else in b than in a: whatever was
 * computed before it is the same. */
typedef struct difference_operation {
    bool known;
    uint64_t step;         /* the one it leads on from */
    bf_operation what;     /* tensor and values NULL; all texts are the engine's own */
    char tensor[32];       /* whose gradient or update it is; or empty */
    difference_element at; /* not known: one side does something else there */
    char why_not[256];
} difference_operation;

/* The line of a step that the trace has. */
const bf_trace_line *difference_line(const bf_trace *t, uint64_t step);

/* The first element that differs. */
void difference_find(const difference_side *a, const difference_side *b, difference_element *out);
/* The first operation that differs between two steps of one format that lead on from `step`;
 * not known: there is none. BF_EMACHINE: no memory. */
BF_MUST_CHECK bf_status difference_find_operation(const step_log *a, const step_log *b,
                                                  const bf_format *f, uint64_t step,
                                                  difference_operation *out, bf_error *err);
/* The losses of both traces at the step where they differ: they stand there. */
void difference_loss(const bf_trace *a, const bf_trace *b, const bf_difference *d,
                     difference_element *out);
void difference_free(difference_element *x);
void difference_operation_free(difference_operation *o);

struct json_t;
/* {same, step, earliest, tensor, index, ulps, a, b, operation: {step, layer, kind, name, tensor,
 * terms, element, ulps, a, b}}: null where there is nothing to say; o may be NULL. */
struct json_t *difference_json(const bf_difference *d, const difference_element *x,
                               const difference_operation *o);
/* `step 1, tensor 2.weight, element 0, 1 ulp`, of what is not the same; `steps 31 to 40, ...` when
 * it is one of these. */
void difference_text(const bf_difference *d, const difference_element *x, char *out, size_t size);
/* `step 0, layer 2 dense sum over 2 products, element 4 (sample 4, unit 0), 1 ulp` */
void difference_operation_text(const difference_operation *o, char *out, size_t size);

#endif
