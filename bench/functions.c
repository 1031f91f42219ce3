/* SPDX-License-Identifier: MIT */
/* functions.c - the engine's tanh, exp, log, erf of arrays, compiled once per kernel path, for
 * bench to measure. Also the share of elements that took the slow path, over more arguments than
 * are timed: the count is kept in slow.c, out of the code that is measured.
 */
#include "arguments.h"
#include "num/elementary/f32.h"
#include "num/elementary/f64.h"

#define FUNCTION(name)                                                             \
    static void name##_f64(const double *in, double *out) {                        \
        for (int i = 0; i < BLOCK; i += VF64)                                      \
            *(vf64 *)(out + i) = elementary_##name##_f64(*(const vf64 *)(in + i)); \
    }                                                                              \
    static void name##_f32(const float *in, float *out) {                          \
        for (int i = 0; i < BLOCK; i += VF32)                                      \
            *(vf32 *)(out + i) = elementary_##name##_f32(*(const vf32 *)(in + i)); \
    }
/* As training asks for it: several vectors at once. */
static void tanh_f64(const double *in, double *out) {
    for (int i = 0; i < BLOCK; i += ELEMENTARY_MOST * VF64)
        elementary_tanh_all_f64((vf64 *)(out + i), (const vf64 *)(in + i), ELEMENTARY_MOST);
}
static void tanh_f32(const float *in, float *out) {
    for (int i = 0; i < BLOCK; i += ELEMENTARY_MOST * VF32)
        elementary_tanh_all_f32((vf32 *)(out + i), (const vf32 *)(in + i), ELEMENTARY_MOST);
}
FUNCTION(exp)
FUNCTION(log)
FUNCTION(erf)

static const struct {
    void (*f64)(const double *, double *);
    void (*f32)(const float *, float *);
} functions[] = {{tanh_f64, tanh_f32}, {exp_f64, exp_f32}, {log_f64, log_f32}, {erf_f64, erf_f32}};

/* Whether the machine can run what this was compiled for. */
static int can_run(void) {
#if defined __AVX512F__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#elif defined __AVX2__
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

int main(void) {
    enum { PASSES = 16 };
    static function_case states[N_MEASURED];
    static peer_case cases[2 * N_MEASURED];
    uint64_t random = 1;
    if (!can_run()) {
        puts("{\"absent\": \"a machine that can run this kernel path\"}");
        return 0;
    }
    for (int i = 0; i < N_MEASURED; i++) {
        function_case *s = &states[i];
        uint64_t slow[2] = {0, 0};
        s->f64 = functions[i].f64;
        s->f32 = functions[i].f32;
        for (int pass = 0; pass < PASSES; pass++) {
            function_arguments(s, i, &random);
            uint64_t before = bf_elementary_slow_calls;
            function_work_f64(s);
            slow[0] += bf_elementary_slow_calls - before;
            before = bf_elementary_slow_calls;
            function_work_f32(s);
            slow[1] += bf_elementary_slow_calls - before;
        }
        for (int narrow = 0; narrow < 2; narrow++) {
            peer_case *c = &cases[2 * i + narrow];
            c->work = narrow ? function_work_f32 : function_work_f64;
            c->state = s;
            snprintf(c->about, sizeof c->about,
                     "{\"group\": \"%s %s\", \"name\": \"bitfate %s\", \"slow\": %.3g}",
                     measured[i].name, narrow ? "f32" : "f64", KERNEL,
                     (double)slow[narrow] / (PASSES * ARGUMENTS));
        }
    }
    return peer_serve(cases, 2 * N_MEASURED);
}
