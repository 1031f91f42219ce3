/* SPDX-License-Identifier: MIT */
/* environment.h - the floating-point environment of a stretch of strict computation.
 *
 * Rounding to nearest, subnormals kept: whatever the caller, or a library that was loaded or called
 * before, has set in this thread. (A shared library linked with -ffast-math sets flush-to-zero in
 * the thread that loads it.)
 */
#ifndef NUM_ENVIRONMENT_H
#define NUM_ENVIRONMENT_H

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

#endif

#endif
