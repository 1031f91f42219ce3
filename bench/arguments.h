/* SPDX-License-Identifier: MIT */
/* arguments.h - the arguments at which elementary functions are measured: uniform where the
 * function is neither trivial nor constant, for log uniform in the exponent. */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include "peers/peer.h"

/* So many that rare slow cases have their share in the time, a block at a time. */
enum { BLOCK = 1024, ARGUMENTS = 64 * BLOCK };

static const struct {
    const char *name;
    double low, high;
} measured[] = {{"tanh", -4, 4}, {"exp", -10, 10}, {"log", -10, 10}, {"erf", -4, 4}};
enum { TANH, EXP, LOG, ERF, N_MEASURED };

static inline double argument(int function, uint64_t *random) {
    const double low = measured[function].low, high = measured[function].high,
                 x = low + (high - low) * peer_uniform(random);
    return function == LOG ? exp2(x) : x;
}

typedef struct function_case {
    double in_f64[ARGUMENTS], out_f64[BLOCK]; /* first: aligned as vectors are */
    float in_f32[ARGUMENTS], out_f32[BLOCK];
    void (*f64)(const double *in, double *out);
    void (*f32)(const float *in, float *out);
} __attribute__((aligned(64))) function_case;

static inline void function_arguments(function_case *c, int function, uint64_t *random) {
    for (int i = 0; i < ARGUMENTS; i++) {
        c->in_f64[i] = argument(function, random);
        c->in_f32[i] = (float)argument(function, random);
    }
}

static inline uint64_t function_work_f64(void *state) {
    function_case *c = state;
    for (int i = 0; i < ARGUMENTS; i += BLOCK)
        c->f64(c->in_f64 + i, c->out_f64);
    return ARGUMENTS;
}

static inline uint64_t function_work_f32(void *state) {
    function_case *c = state;
    for (int i = 0; i < ARGUMENTS; i += BLOCK)
        c->f32(c->in_f32 + i, c->out_f32);
    return ARGUMENTS;
}

#endif
