/* SPDX-License-Identifier: MIT */
/* vector_sleef.h - SLEEF's functions for the widest vectors of the machine compiled for: D doubles,
 * F floats. */
#ifndef BENCH_VECTOR_SLEEF_H
#define BENCH_VECTOR_SLEEF_H

#include <sleef.h>
#include <string.h>

#if defined __AVX512F__
enum { D = 8, F = 16 };
typedef __m512d sleef_d;
typedef __m512 sleef_f;
#define SLEEF_D(name, ulp) Sleef_##name##d8_##ulp##avx512f
#define SLEEF_F(name, ulp) Sleef_##name##f16_##ulp##avx512f
#elif defined __AVX2__
enum { D = 4, F = 8 };
typedef __m256d sleef_d;
typedef __m256 sleef_f;
#define SLEEF_D(name, ulp) Sleef_##name##d4_##ulp##avx2
#define SLEEF_F(name, ulp) Sleef_##name##f8_##ulp##avx2
#elif defined __aarch64__
enum { D = 2, F = 4 };
typedef float64x2_t sleef_d;
typedef float32x4_t sleef_f;
#define SLEEF_D(name, ulp) Sleef_##name##d2_##ulp##advsimd
#define SLEEF_F(name, ulp) Sleef_##name##f4_##ulp##advsimd
#else
enum { D = 2, F = 4 };
typedef __m128d sleef_d;
typedef __m128 sleef_f;
#define SLEEF_D(name, ulp) Sleef_##name##d2_##ulp
#define SLEEF_F(name, ulp) Sleef_##name##f4_##ulp
#endif

static inline sleef_d load_d(const double *p) {
    sleef_d r;
    memcpy(&r, p, sizeof r);
    return r;
}

static inline sleef_f load_f(const float *p) {
    sleef_f r;
    memcpy(&r, p, sizeof r);
    return r;
}

static inline void store_d(double *p, sleef_d x) {
    memcpy(p, &x, sizeof x);
}

static inline void store_f(float *p, sleef_f x) {
    memcpy(p, &x, sizeof x);
}

#endif
