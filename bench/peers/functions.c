/* SPDX-License-Identifier: MIT */
/* functions.c - tanh, exp, log, erf of arrays: by the platform's libm, by -Ofast (where glibc's
 * libmvec is, it then gives functions of whole vectors), or by SLEEF. NAME says which. */
#include "arguments.h"

#if defined WITH_SLEEF && !WITH_SLEEF

int main(void) {
    puts("{\"absent\": \"SLEEF\"}");
    return 0;
}

#else

#if defined WITH_SLEEF
#include "peers/vector_sleef.h"

#define FUNCTION(name, ulp)                                         \
    static void name##_##ulp##_f64(const double *in, double *out) { \
        for (int i = 0; i < BLOCK; i += D)                          \
            store_d(out + i, SLEEF_D(name, ulp)(load_d(in + i)));   \
    }                                                               \
    static void name##_##ulp##_f32(const float *in, float *out) {   \
        for (int i = 0; i < BLOCK; i += F)                          \
            store_f(out + i, SLEEF_F(name, ulp)(load_f(in + i)));   \
    }
FUNCTION(tanh, u10)
FUNCTION(exp, u10)
FUNCTION(log, u10)
FUNCTION(erf, u10)
FUNCTION(tanh, u35)
FUNCTION(log, u35)

#define CASE(function, name, ulp) \
    { function, NAME " " #ulp, name##_##ulp##_f64, name##_##ulp##_f32 }
#define CASES                                                                               \
    CASE(TANH, tanh, u10), CASE(TANH, tanh, u35), CASE(EXP, exp, u10), CASE(LOG, log, u10), \
        CASE(LOG, log, u35), CASE(ERF, erf, u10)

#else

#define FUNCTION(name)                                      \
    static void name##_f64(const double *in, double *out) { \
        for (int i = 0; i < BLOCK; i++)                     \
            out[i] = name(in[i]);                           \
    }                                                       \
    static void name##_f32(const float *in, float *out) {   \
        for (int i = 0; i < BLOCK; i++)                     \
            out[i] = name##f(in[i]);                        \
    }
FUNCTION(tanh)
FUNCTION(exp)
FUNCTION(log)
FUNCTION(erf)

#define CASE(function, name) \
    { function, NAME, name##_f64, name##_f32 }
#define CASES CASE(TANH, tanh), CASE(EXP, exp), CASE(LOG, log), CASE(ERF, erf)

#endif

static const struct {
    int function;
    const char *name;
    void (*f64)(const double *, double *);
    void (*f32)(const float *, float *);
} functions[] = {CASES};
enum { N = sizeof functions / sizeof *functions };

int main(void) {
    static function_case states[N];
    static peer_case cases[2 * N];
    uint64_t random = 1;
    for (int i = 0; i < N; i++) {
        function_case *s = &states[i];
        s->f64 = functions[i].f64;
        s->f32 = functions[i].f32;
        function_arguments(s, functions[i].function, &random);
        for (int narrow = 0; narrow < 2; narrow++) {
            peer_case *c = &cases[2 * i + narrow];
            c->work = narrow ? function_work_f32 : function_work_f64;
            c->state = s;
            snprintf(c->about, sizeof c->about,
                     "{\"group\": \"%s %s\", \"name\": \"%s\", \"note\": \"%s\"}",
                     measured[functions[i].function].name, narrow ? "f32" : "f64",
                     functions[i].name, peer_vector_library());
        }
    }
    return peer_serve(cases, 2 * N);
}

#endif
