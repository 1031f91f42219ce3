/* SPDX-License-Identifier: MIT */
/* check_exhaustive.c - tanh, exp, log, erf and sqrt of all 2^32 floats.
 *
 * Minutes long, so not part of `make check`. The reference is the platform's binary64 function: it
 * is only trusted to be within 2^-48, and where that leaves a choice between two floats MPFR
 * decides. Prints a line per function; exit status 1 if any float differs.
 *
 *     check_exhaustive [tanh|exp|log|erf|sqrt ...]
 *
 * Compiled with -DELEMENTARY_COUNT (slow.c too) it also prints how many floats the
 * vector code left undecided.
 */
#include "num/elementary/f32.h"
#include "num/elementary/slow.h"
#include "num/vec.h"

#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <string.h>

typedef struct checked_function {
    const char *name;
    vf32 (*vector)(vf32);
    double (*candidate)(double);
    int (*exact)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
} checked_function;

static const checked_function functions[] = {
    {"tanh", elementary_tanh_f32, tanh, mpfr_tanh}, {"exp", elementary_exp_f32, exp, mpfr_exp},
    {"log", elementary_log_f32, log, mpfr_log},     {"erf", elementary_erf_f32, erf, mpfr_erf},
    {"sqrt", vf32_sqrt, sqrt, mpfr_sqrt},
};

static uint32_t bits_of(float x) {
    uint32_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static float float_of(uint32_t b) {
    float x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static float by_mpfr(const checked_function *f, float x) {
    mpfr_set_emin(-148);
    mpfr_set_emax(128);
    mpfr_t y;
    mpfr_init2(y, 24);
    mpfr_set_flt(y, x, MPFR_RNDN);
    const int ternary = f->exact(y, y, MPFR_RNDN);
    mpfr_subnormalize(y, ternary, MPFR_RNDN);
    const float r = mpfr_get_flt(y, MPFR_RNDN);
    mpfr_clear(y);
    return r;
}

static bool same(float a, float b) {
    return bits_of(a) == bits_of(b) || (isnan(a) && isnan(b));
}

static float expected(const checked_function *f, float x) {
    const double y = f->candidate((double)x), margin = fabs(y) * 0x1p-48;
    if (isinf(y)) /* so far from the floats that no margin matters */
        return (float)y;
    const float low = (float)(y - margin), high = (float)(y + margin);
    return same(low, high) ? low : by_mpfr(f, x);
}

enum { BLOCK = 1 << 16 };

static uint64_t mismatches_in(const checked_function *f, uint32_t block) {
    uint64_t wrong = 0;
    for (uint32_t i = 0; i < BLOCK; i += VF32) {
        vf32 x;
        for (uint32_t j = 0; j < VF32; j++)
            x[j] = float_of(block * BLOCK + i + j);
        const vf32 y = f->vector(x);
        for (uint32_t j = 0; j < VF32; j++) {
            const float want = expected(f, x[j]);
            if (same(y[j], want))
                continue;
            if (wrong++ == 0)
                printf("%s(%a) = %a, not %a\n", f->name, (double)x[j], (double)want, (double)y[j]);
        }
    }
    return wrong;
}

static bool wanted(const char *name, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc < 2;
}

int main(int argc, char **argv) {
    bool good = true;
    printf("vectors of %d bytes\n", VEC_BYTES);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const checked_function *f = &functions[i];
        if (!wanted(f->name, argc, argv))
            continue;
        uint64_t wrong = 0, undecided = 0;
#pragma omp parallel reduction(+ : wrong, undecided)
        {
#pragma omp for schedule(dynamic, 16)
            for (uint32_t block = 0; block < BLOCK; block++)
                wrong += mismatches_in(f, block);
#ifdef ELEMENTARY_COUNT
            undecided += bf_elementary_slow_calls;
            bf_elementary_slow_calls = 0;
#endif
            mpfr_free_cache();
        }
        printf("%-5s %" PRIu64 " mismatches, %" PRIu64 " undecided (%.2e of all floats)\n", f->name,
               wrong, undecided, (double)undecided * 0x1p-32);
        fflush(stdout);
        good = good && wrong == 0;
    }
    return good ? 0 : 1;
}
