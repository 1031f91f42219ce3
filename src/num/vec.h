/* SPDX-License-Identifier: MIT */
/* vec.h - hardware vectors of doubles and floats, for the kernel path being compiled.
 *
 * The compiler's vector extension gives + - * / and comparisons on every target; what it lacks is
 * here: fma, sqrt, selection, conversion. Each is one correctly rounded IEEE operation per element,
 * so that every kernel path gives the same bits.
 *
 * The path is chosen by the compiler flags of the target that includes this (see
 * src/Makefile.inc.am): 64-byte vectors with AVX-512, 32 with AVX2 and FMA, else 16.
 */
#ifndef NUM_VEC_H
#define NUM_VEC_H

#include "base/assumptions.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined __AVX512F__ && defined __AVX512DQ__ && defined __AVX512VL__
#define VEC_BYTES 64
#include <immintrin.h>
#elif defined __AVX2__ && defined __FMA__
#define VEC_BYTES 32
#include <immintrin.h>
#else
#define VEC_BYTES 16
#if defined __aarch64__
#include <arm_neon.h>
#endif
#endif

typedef double vf64 __attribute__((vector_size(VEC_BYTES)));
typedef float vf32 __attribute__((vector_size(VEC_BYTES)));
typedef int64_t vi64 __attribute__((vector_size(VEC_BYTES)));
typedef uint64_t vu64 __attribute__((vector_size(VEC_BYTES)));
typedef int32_t vi32 __attribute__((vector_size(VEC_BYTES)));
typedef uint32_t vu32 __attribute__((vector_size(VEC_BYTES)));

/* As many vectors as an elementary function takes at once: more would not fit into the registers.
 */
enum { ELEMENTARY_MOST = 4 };

enum { VF64 = VEC_BYTES / 8, VF32 = VEC_BYTES / 4 }; /* elements in a vector */

static inline vf64 vf64_of(double x) {
    vf64 r = {0};
    for (int i = 0; i < VF64; i++)
        r[i] = x;
    return r;
}

static inline vf32 vf32_of(float x) {
    vf32 r = {0};
    for (int i = 0; i < VF32; i++)
        r[i] = x;
    return r;
}

/* a b + c, rounded once. */
static inline vf64 vf64_fma(vf64 a, vf64 b, vf64 c) {
#if VEC_BYTES == 64
    return (vf64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif VEC_BYTES == 32
    return (vf64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined __aarch64__
    return (vf64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
    vf64 r = {0};
    for (int i = 0; i < VF64; i++)
        r[i] = fma(a[i], b[i], c[i]);
    return r;
#endif
}

static inline vf32 vf32_fma(vf32 a, vf32 b, vf32 c) {
#if VEC_BYTES == 64
    return (vf32)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif VEC_BYTES == 32
    return (vf32)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined __aarch64__
    return (vf32)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    vf32 r = {0};
    for (int i = 0; i < VF32; i++)
        r[i] = fmaf(a[i], b[i], c[i]);
    return r;
#endif
}

static inline vf64 vf64_sqrt(vf64 a) {
#if VEC_BYTES == 64
    return (vf64)_mm512_sqrt_pd((__m512d)a);
#elif VEC_BYTES == 32
    return (vf64)_mm256_sqrt_pd((__m256d)a);
#else
    vf64 r = {0};
    for (int i = 0; i < VF64; i++)
        r[i] = sqrt(a[i]);
    return r;
#endif
}

static inline vf32 vf32_sqrt(vf32 a) {
#if VEC_BYTES == 64
    return (vf32)_mm512_sqrt_ps((__m512)a);
#elif VEC_BYTES == 32
    return (vf32)_mm256_sqrt_ps((__m256)a);
#else
    vf32 r = {0};
    for (int i = 0; i < VF32; i++)
        r[i] = sqrtf(a[i]);
    return r;
#endif
}

/* mask ? a : b, element by element; a mask element is 0 or -1. */
static inline vf64 vf64_select(vi64 mask, vf64 a, vf64 b) {
    return (vf64)((mask & (vi64)a) | (~mask & (vi64)b));
}

static inline vf32 vf32_select(vi32 mask, vf32 a, vf32 b) {
    return (vf32)((mask & (vi32)a) | (~mask & (vi32)b));
}

static inline vf64 vf64_abs(vf64 a) {
    return (vf64)((vi64)a & INT64_MAX);
}

static inline vf32 vf32_abs(vf32 a) {
    return (vf32)((vi32)a & INT32_MAX);
}

/* Bits of numbers as integers: sums and differences modulo 2^64. */
static inline vi64 vi64_plus(vi64 a, vi64 b) {
    return (vi64)((vu64)a + (vu64)b);
}

static inline vi64 vi64_minus(vi64 a, vi64 b) {
    return (vi64)((vu64)a - (vu64)b);
}

static inline vi64 vi64_of(int64_t x) {
    return (vi64){0} + x;
}

/* Whether any bit is set; for masks of either element size: whether any element is. */
static inline bool vi64_any(vi64 mask) {
#if VEC_BYTES == 64
    return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif VEC_BYTES == 32
    return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#else
    int64_t any = 0;
    for (int i = 0; i < VF64; i++)
        any |= mask[i];
    return any != 0;
#endif
}

static inline bool vi32_any(vi32 mask) {
    return vi64_any((vi64)mask);
}

/* a < limit ? a : limit; a NaN stays. */
static inline vf64 vf64_at_most(vf64 a, double limit) {
#if VEC_BYTES == 64
    return (vf64)_mm512_min_pd(_mm512_set1_pd(limit), (__m512d)a);
#elif VEC_BYTES == 32
    return (vf64)_mm256_min_pd(_mm256_set1_pd(limit), (__m256d)a);
#else
    return vf64_select(a > limit, vf64_of(limit), a);
#endif
}

/* a > limit ? a : limit; a NaN stays. */
static inline vf64 vf64_at_least(vf64 a, double limit) {
#if VEC_BYTES == 64
    return (vf64)_mm512_max_pd(_mm512_set1_pd(limit), (__m512d)a);
#elif VEC_BYTES == 32
    return (vf64)_mm256_max_pd(_mm256_set1_pd(limit), (__m256d)a);
#else
    return vf64_select(a < limit, vf64_of(limit), a);
#endif
}

/* Whether any element of a is less than that of b; a NaN is not. */
static inline bool vf64_any_less(vf64 a, vf64 b) {
#if VEC_BYTES == 64
    return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ) != 0;
#elif VEC_BYTES == 32
    return _mm256_movemask_pd(_mm256_cmp_pd((__m256d)a, (__m256d)b, _CMP_LT_OQ)) != 0;
#else
    const vi64 less = a < b;
    int64_t any = 0;
    for (int i = 0; i < VF64; i++)
        any |= less[i];
    return any != 0;
#endif
}

/* Whether any element of a has none of these bits set. */
static inline bool vi64_any_clear(vi64 a, int64_t bits) {
#if VEC_BYTES == 64
    return _mm512_testn_epi64_mask((__m512i)a, _mm512_set1_epi64(bits)) != 0;
#else
    return vi64_any((a & bits) == 0);
#endif
}

/* table[index], element by element. (Loads: on Zen 4 gathers are slower.) */
static inline vf64 vf64_lookup(const double *table, vi64 index) {
    vf64 r = {0};
    for (int i = 0; i < VF64; i++)
        r[i] = table[index[i]];
    return r;
}

/* The lower (half 0) or upper (half 1) floats as doubles: exact. */
static inline vf64 vf32_widen(vf32 a, int half) {
#if VEC_BYTES == 64
    const __m512d both = (__m512d)a;
    return (vf64)_mm512_cvtps_pd(
        (__m256)(half == 0 ? _mm512_castpd512_pd256(both) : _mm512_extractf64x4_pd(both, 1)));
#elif VEC_BYTES == 32
    const __m256 both = (__m256)a;
    return (vf64)_mm256_cvtps_pd(half == 0 ? _mm256_castps256_ps128(both)
                                           : _mm256_extractf128_ps(both, 1));
#else
    vf64 r = {0};
    for (int i = 0; i < VF64; i++)
        r[i] = (double)a[half * VF64 + i];
    return r;
#endif
}

/* Two vectors of doubles, each element rounded to float. */
static inline vf32 vf64_narrow(vf64 lower, vf64 upper) {
#if VEC_BYTES == 64
    return (vf32)_mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps((__m512d)lower)),
                                    _mm512_cvtpd_ps((__m512d)upper), 1);
#elif VEC_BYTES == 32
    return (vf32)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps((__m256d)lower)),
                                      _mm256_cvtpd_ps((__m256d)upper), 1);
#else
    vf32 r = {0};
    for (int i = 0; i < VF64; i++) {
        r[i] = (float)lower[i];
        r[VF64 + i] = (float)upper[i];
    }
    return r;
#endif
}

#endif
