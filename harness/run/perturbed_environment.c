/* SPDX-License-Identifier: MIT */
/* perturbed_environment.c - another floating-point environment for the caller of the
 * engine. */
#include "run/perturbed_environment.h"

#include <stdint.h>
#include <string.h>

#if defined __SSE2__
#include <xmmintrin.h>
static bool flush_subnormals(void) {
    enum { FTZ = 1 << 15, DAZ = 1 << 6 };
    _mm_setcsr(_mm_getcsr() | FTZ | DAZ);
    return true;
}
#elif defined __aarch64__
static bool flush_subnormals(void) {
    const uint64_t fz = UINT64_C(1) << 24;
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | fz));
    return true;
}
#else
static bool flush_subnormals(void) {
    return false;
}
#endif

static const struct {
    const char *name;
    int mode;
} modes[] = {
    {"nearest", FE_TONEAREST},
#if defined FE_UPWARD
    {"up", FE_UPWARD},
#endif
#if defined FE_DOWNWARD
    {"down", FE_DOWNWARD},
#endif
#if defined FE_TOWARDZERO
    {"zero", FE_TOWARDZERO},
#endif
};
enum { N_MODES = sizeof modes / sizeof *modes };

bf_status perturbed_environment(const char *rounding, bool flush, fenv_t *found, bf_error *err) {
    size_t i = 0;
    while (rounding && i < N_MODES && strcmp(modes[i].name, rounding) != 0)
        i++;
    if (i == N_MODES)
        return bf_fail(err, BF_EINPUT,
                       "rounding mode '%.40s' is not one this machine has; expected one of "
                       "nearest, up, down, zero",
                       rounding);
    fegetenv(found);
    if (flush && !flush_subnormals())
        return bf_fail(err, BF_EINPUT, "this machine has no control to flush subnormals to zero");
    if (rounding)
        fesetround(modes[i].mode);
    return BF_OK;
}
