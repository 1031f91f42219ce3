/* SPDX-License-Identifier: MIT */
/* environment.h - the floating-point environment of a stretch of strict computation.
 *
 * Rounding to nearest, subnormals kept: whatever the caller, or a library that was loaded or called
 * before, has set in this thread. (A shared library linked with -ffast-math sets flush-to-zero in
 * the thread that loads it.)
 */
#ifndef NUM_ENVIRONMENT_H
#define NUM_ENVIRONMENT_H

#include <stdbool.h>

#if defined __SSE2__
#include <xmmintrin.h>

typedef unsigned environment;

/* Round to nearest, no flushing, exceptions masked; the lower 6 bits are flags. */
static inline environment environment_enter(void) {
    const unsigned found = _mm_getcsr();
    if ((found & ~0x3fU) != 0x1f80)
        _mm_setcsr(0x1f80);
    return found;
}

static inline void environment_leave(environment found) {
    if ((found & ~0x3fU) != 0x1f80)
        _mm_setcsr(found);
}

static inline bool environment_is_default(void) {
    return (_mm_getcsr() & ~0x3fU) == 0x1f80;
}

#elif defined __ALTIVEC__
#include <fenv.h>
#include <stdint.h>

/* AltiVec has a control register of its own, in which Linux starts a program with NJ set: subnormal
 * floats are flushed to zero. gcc uses vmaddfp, which obeys it, for an fma of vectors. */
typedef uint32_t vector_status __attribute__((vector_size(16)));

typedef struct environment {
    fenv_t scalar;
    vector_status vectors;
} environment;

static inline environment environment_enter(void) {
    environment found;
    fegetenv(&found.scalar);
    fesetenv(FE_DFL_ENV);
    __asm__ volatile("mfvscr %0" : "=v"(found.vectors) : : "memory");
    __asm__ volatile("mtvscr %0" : : "v"((vector_status){0}) : "memory");
    return found;
}

static inline void environment_leave(environment found) {
    fesetenv(&found.scalar);
    __asm__ volatile("mtvscr %0" : : "v"(found.vectors) : "memory");
}

static inline bool environment_is_default(void) {
    return fegetround() == FE_TONEAREST;
}

#else
#include <fenv.h>

typedef fenv_t environment;

static inline environment environment_enter(void) {
    fenv_t found;
    fegetenv(&found);
    fesetenv(FE_DFL_ENV);
    return found;
}

static inline void environment_leave(environment found) {
    fesetenv(&found);
}

static inline bool environment_is_default(void) {
    return fegetround() == FE_TONEAREST;
}

#endif

#endif
