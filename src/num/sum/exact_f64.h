/* SPDX-License-Identifier: MIT */
/* exact_f64.h - the exact sum of products of binary64 numbers, rounded once, in every lane.
 *
 * The value is that of superacc.h; only the speed differs. A sum is tried in three ways, each of
 * which either proves its result or passes the lane on:
 *   1. exact_dot_f64: the leading part of every product is added exactly, the rest in plain
 *      arithmetic with a bound on its error, and the bound decides whether the rounding is known.
 *      Four operations per term and a pass before that for the largest product. Fails on random
 *      data with a probability of the order of n^2 2^-47 times the condition number.
 *   2. exact_levels_f64: three exact levels, which hold about 150 bits. Decides exact ties, exact
 *      zeros and the middle range of cancellation.
 *   3. superacc.h, lane by lane.
 * Lanes without any product but zeros, and lanes with NaN or infinities, are decided before 2.
 *
 * Sources: splitting at a power of two that bounds the sum is Rump, Ogita and Oishi, Accurate
 * floating-point summation (2008), in the form of Demmel and Nguyen's reproducible summation (2013,
 * 2015), where the power of two stays in the accumulator; error-free products are Dekker (1971) and
 * Ogita, Rump and Oishi, Accurate sum and dot product (2005); rounding three doubles at once is
 * Boldo and Melquiond, Emulation of FMA and correctly rounded sums (2008); the rounding test is
 * Ziv's (1991).
 *
 * Notation in the comments: u = 2^-53; ulp(x) the weight of the last bit of x; fl() a rounding.
 */
#ifndef NUM_EXACT_F64_H
#define NUM_EXACT_F64_H

#include "num/sum/superacc.h"
#include "num/vec.h"

#include <stddef.h>

/* Out of line: rarely run. Not every includer uses all of them. */
#define EXACT_SLOW __attribute__((unused, noinline))

/* Longer sums go to superacc.h, so that bounds may take n^2 u as small. */
#define EXACT_MAX_TERMS ((size_t)1 << 20)
/* Products outside these are left to superacc.h: far from overflow, and so far from underflow that
 * the few 2^-1074 an operation can lose there disappear in every bound. */
#define EXACT_MIN_PRODUCT 0x1p-830
#define EXACT_MAX_PRODUCT 0x1p900

/* ---- operations --------------------------------------------------------------------------- */

/* The larger of m and |x|, m >= 0. A NaN in x may be lost. */
static inline vf64 exact_max_abs(vf64 m, vf64 x) {
#if VEC_BYTES == 64
    return (vf64)_mm512_max_pd((__m512d)vf64_abs(x), (__m512d)m);
#elif VEC_BYTES == 32
    return (vf64)_mm256_max_pd((__m256d)vf64_abs(x), (__m256d)m);
#else
    x = vf64_abs(x);
    return vf64_select(m < x, x, m);
#endif
}

/* One bit per element: x != y, or NaN. */
static inline unsigned exact_differ(vf64 x, vf64 y) {
#if VEC_BYTES == 64
    return _mm512_cmp_pd_mask((__m512d)x, (__m512d)y, _CMP_NEQ_UQ);
#elif VEC_BYTES == 32
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd((__m256d)x, (__m256d)y, _CMP_NEQ_UQ));
#else
    unsigned bits = 0;
    for (int i = 0; i < VF64; i++)
        bits |= (unsigned)!(x[i] == y[i]) << i;
    return bits;
#endif
}

/* One bit per element: m > limit. */
static inline unsigned exact_above(vf64 m, double limit) {
#if VEC_BYTES == 64
    return _mm512_cmp_pd_mask((__m512d)m, _mm512_set1_pd(limit), _CMP_GT_OQ);
#elif VEC_BYTES == 32
    return (unsigned)_mm256_movemask_pd(
        _mm256_cmp_pd((__m256d)m, _mm256_set1_pd(limit), _CMP_GT_OQ));
#else
    unsigned bits = 0;
    for (int i = 0; i < VF64; i++)
        bits |= (unsigned)(m[i] > limit) << i;
    return bits;
#endif
}

/* One bit per element of a mask. */
static inline unsigned exact_bits(vi64 mask) {
#if VEC_BYTES == 64
    return _mm512_movepi64_mask((__m512i)mask);
#elif VEC_BYTES == 32
    return (unsigned)_mm256_movemask_pd((__m256d)mask);
#else
    unsigned bits = 0;
    for (int i = 0; i < VF64; i++)
        bits |= (unsigned)(mask[i] & 1) << i;
    return bits;
#endif
}

/* The mask of such bits. */
static inline vi64 exact_lanes_f64(unsigned bits) {
    vi64 bit;
    for (int i = 0; i < VF64; i++)
        bit[i] = 1 << i;
    return (vi64)((bit & (int64_t)bits) != 0);
}

/* x + y = s + *error exactly (Knuth). */
static inline vf64 exact_two_sum(vf64 x, vf64 y, vf64 *error) {
    const vf64 s = x + y, z = s - x;
    *error = (x - (s - z)) + (y - z);
    return s;
}

#if VEC_BYTES > 16 || defined __aarch64__ || defined __FP_FAST_FMA
#define EXACT_FMA 1
#else
#define EXACT_FMA 0
/* a b = h + e exactly, unless something overflows (then e is NaN or infinite) or underflows (then e
 * is wrong by at most 4 2^-1074). Dekker 1971, with Veltkamp's splitting: for machines without fma.
 */
static inline vf64 exact_split(vf64 a, vf64 *low) {
    const vf64 c = a * 0x1.0000002p27, high = c - (c - a);
    *low = a - high;
    return high;
}
#endif

/* a b = h + *e exactly, under the same conditions. */
static inline vf64 exact_two_product(vf64 a, vf64 b, vf64 *e) {
    const vf64 h = a * b;
#if EXACT_FMA
    *e = vf64_fma(a, b, -h);
#else
    vf64 al, bl;
    const vf64 ah = exact_split(a, &al), bh = exact_split(b, &bl);
    *e = ((ah * bh - h) + ah * bl + al * bh) + al * bl;
#endif
    return h;
}

/* NaN made the positive quiet NaN without payload: x86 and the order of operands decide otherwise.
 */
static inline vf64 exact_canonical(vf64 x) {
    return vf64_select(x == x, x, vf64_of(NAN));
}

/* The smallest c with n <= 2^c, n >= 1. */
static inline int64_t exact_log2(size_t n) {
    return n < 2 ? 0 : 64 - __builtin_clzll((unsigned long long)n - 1);
}

/* ---- levels ------------------------------------------------------------------------------- */

/* A level adds the leading parts of numbers exactly. Its sum is held as s = 1.5 sigma + (the sum),
 * sigma a power of two such that the parts' absolute sum stays below sigma/2: then s lies between
 * sigma and 2 sigma, and always is a multiple of ulp(sigma) = 2u sigma.
 *
 * Adding x: s' = fl(s + x); q = s' - s is exact, both being multiples of ulp(sigma) in one binade;
 * x - q, what is left for the next level, is exact when x is a double, since |x - q| <=
 * ulp(sigma)/2 and x is a multiple of its own ulp; and q is what was added to the sum, exactly. */
static inline vf64 exact_level_start(vf64 sigma) {
    return (vf64)((vi64)sigma | (INT64_C(1) << 51));
}

static inline vf64 exact_deposit(vf64 *s, vf64 x) {
    const vf64 t = *s + x, q = t - *s;
    *s = t;
    return x - q;
}

/* The first level's sigma for n products whose rounded magnitudes are at most m, m normal, c =
 * exact_log2(n): with 2^f <= m < 2^(f+1) it is 2^(f+3+c).
 *
 * Each part is at most |a b| + ulp(sigma)/2 <= m (1 + 2u) + u sigma, n of them at most
 * 2^(f+1+c) (1 + 2u) + n u sigma = sigma (1/4 (1 + 2u) + n u) < sigma/2. */
static inline vf64 exact_sigma(vf64 m, int64_t c) {
    return (vf64)vi64_plus((vi64)m & INT64_C(0x7ff0000000000000), vi64_of((c + 3) << 52));
}

/* ---- way 2: three levels ------------------------------------------------------------------ */

/* x + y rounded to odd: truncated, with the last bit set if anything was cut off. The rounded sum
 * is either that already or its neighbour towards the exact one. */
static inline vf64 exact_odd_sum(vf64 x, vf64 y) {
    vf64 error;
    const vf64 s = exact_two_sum(x, y, &error);
    const vi64 inexact = (vi64)(error != 0), even = (((vi64)s & 1) == 0);
    const vi64 away = ~((vi64)(error > 0) ^ (vi64)(s > 0)); /* the exact sum is larger than |s| */
    return (vf64)vi64_plus((vi64)s, inexact & even & (-2 * away - 1));
}

/* All n products, 1 <= n <= EXACT_MAX_TERMS, whose largest is m, EXACT_MIN_PRODUCT <= m <=
 * EXACT_MAX_PRODUCT, in exactly representable parts. Returns the elements that could not be
 * decided.
 *
 * Level 0 takes the n rounded products h; level 1 what that leaves, and the products' errors, 2n
 * numbers of at most ulp(sigma0)/2 (an error is at most u m (1 + 2u) < u sigma0); level 2 what
 * level 1 leaves of them. The parts in level 1 are at most ulp(sigma0)/2 + ulp(sigma1)/2 each, so
 * their absolute sum is below 2n ulp(sigma0) <= 2^(c+1) 2^-52 sigma0, and sigma1 = 2^(c-50) sigma0
 * is twice that. Likewise sigma2.
 *
 * What level 2 leaves is ORed: when nothing is left in an element, the three levels are the exact
 * sum, unless a product was so small that its error may have underflowed (tiny). Otherwise it is at
 * most 2n ulp(sigma2)/2; underflowing products add a few n 2^-1074, while ulp(sigma2) >=
 * 2^(-830+3-100-52): 2n ulp(sigma2) bounds both. */
EXACT_SLOW static unsigned exact_levels_f64(const vf64 *a, size_t stride_a, const vf64 *b,
                                            size_t stride_b, size_t n, vf64 m, vf64 *result) {
    const int64_t c = exact_log2(n);
    const vf64 sigma0 = exact_sigma(m, c),
               sigma1 = (vf64)vi64_plus((vi64)sigma0, vi64_of((c - 50) * (INT64_C(1) << 52))),
               sigma2 = (vf64)vi64_plus((vi64)sigma1, vi64_of((c - 50) * (INT64_C(1) << 52)));
    const vf64 start0 = exact_level_start(sigma0), start1 = exact_level_start(sigma1),
               start2 = exact_level_start(sigma2);
    vf64 s0 = start0, s1 = start1, s2 = start2;
    vi64 left = {0}, tiny = {0};
    for (size_t k = 0; k < n; k++) {
        vf64 e;
        const vf64 x = a[k * stride_a], y = b[k * stride_b];
        const vf64 h = exact_two_product(x, y, &e);
        tiny |= (vi64)(vf64_abs(h) < 0x1p-900) & (vi64)(x != 0) & (vi64)(y != 0);
        vf64 r = exact_deposit(&s0, h);
        r = exact_deposit(&s1, r);
        e = exact_deposit(&s1, e);
        r = exact_deposit(&s2, r);
        e = exact_deposit(&s2, e);
        left |= (vi64)r | (vi64)e;
    }
    const vi64 exact = ((left & INT64_MAX) == 0) & ~tiny;

    /* Exact sum = t0 + t1 + t2, these differences being exact. Boldo and Melquiond 2008: the
     * rounding of three doubles is that of high + odd(low0 + low1). */
    const vf64 t0 = s0 - start0, t1 = s1 - start1, t2 = s2 - start2;
    vf64 low0, low1;
    const vf64 middle = exact_two_sum(t1, t2, &low1);
    const vf64 high = exact_two_sum(t0, middle, &low0);
    const vf64 proven = high + exact_odd_sum(low0, low1);

    /* Not exact: high + [low - bound, low + bound] contains the sum, where the bound also covers
     * the roundings of low, low + bound and low - bound, each at most u (|low0| + |low1| + bound)
     * (1 + u). Rounding is monotone: when both ends round to the same number, so does the sum. */
    const vf64 low = low0 + low1;
    const vf64 bound = 2 * (double)n * 0x1p-52 * sigma2 * (1 + 0x1p-40) +
                       0x1p-50 * (vf64_abs(low0) + vf64_abs(low1));
    const vf64 upper = high + (low + bound), lower = high + (low - bound);

    *result = vf64_select(exact, proven, upper);
    return exact_differ(vf64_select(exact, proven, upper), vf64_select(exact, proven, lower));
}

/* Elements whose terms all are zero: +0. Elements with a NaN or infinity: IEEE's sum of these terms
 * alone. Returns the elements that are neither. */
EXACT_SLOW static unsigned exact_special_f64(const vf64 *a, size_t stride_a, const vf64 *b,
                                             size_t stride_b, size_t n, vf64 *r) {
    vf64 special = vf64_of(0);
    vi64 alive = {0};
    for (size_t k = 0; k < n; k++) {
        const vf64 x = a[k * stride_a], y = b[k * stride_b];
        const vi64 finite = (vi64)(vf64_abs(x) < INFINITY) & (vi64)(vf64_abs(y) < INFINITY);
        alive |= (vi64)(x != 0) & (vi64)(y != 0);
        special += (vf64)(~finite & (vi64)(x * y));
    }
    const vi64 is_special = (vi64)(special != 0);
    *r = vf64_select(alive, *r, vf64_of(0));
    *r = vf64_select(is_special, exact_canonical(special), *r);
    return exact_bits(alive & ~is_special);
}

/* What way 1 could not decide: the elements `open` of r. m as it was there: EXACT_MIN_PRODUCT when
 * all terms may be zero. r: what it had there, not finite when a term is not. */
EXACT_SLOW static vf64 exact_rest_f64(const vf64 *a, size_t stride_a, const vf64 *b,
                                      size_t stride_b, size_t n, vf64 r, vf64 m, unsigned open) {
    const vi64 plain = (vi64)(m > EXACT_MIN_PRODUCT) & (vi64)(vf64_abs(r) < INFINITY);
    if ((open & ~exact_bits(plain)) != 0) {
        vf64 special = r;
        const unsigned neither = exact_special_f64(a, stride_a, b, stride_b, n, &special);
        r = vf64_select(exact_lanes_f64(open & ~neither), special, r);
        open &= neither;
        if (open == 0)
            return r;
    }

    if (n <= EXACT_MAX_TERMS) {
        vf64 by_levels;
        const unsigned undecided = exact_levels_f64(a, stride_a, b, stride_b, n, m, &by_levels) |
                                   exact_above(m, EXACT_MAX_PRODUCT);
        r = vf64_select(exact_lanes_f64(open & ~undecided), by_levels, r);
        open &= undecided;
    }
    for (int i = 0; i < VF64; i++)
        if (open >> i & 1) {
            struct superacc acc;
            bf_superacc_zero(&acc);
            for (size_t k = 0; k < n; k++)
                bf_superacc_addmul_f64(&acc, a[k * stride_a][i], b[k * stride_b][i]);
            r[i] = bf_superacc_round_f64(&acc);
        }
    return r;
}

/* ---- way 1 -------------------------------------------------------------------------------- */

/* s += a b in a level; *rest takes what the level leaves of the product. */
static inline void exact_addmul(vf64 *s, vf64 *rest, vf64 a, vf64 b) {
#if EXACT_FMA
    const vf64 t = vf64_fma(a, b, *s), q = t - *s;
    *rest += vf64_fma(a, b, -q);
    *s = t;
#else
    vf64 e;
    const vf64 h = exact_two_product(a, b, &e);
    *rest += exact_deposit(s, h) + e;
#endif
}

/* n = 2, the smallest networks' most frequent sum: h0 + e0 + h1 + e1 = a0 b0 + a1 b1 and s + t = h0
 * + h1 exactly. Let m be the larger of |h0|, |h1|. |e0 + e1| <= 2 u m and |t| <= u |s| <= 2 u m (1
 * + u), so that the roundings of e0 + e1 and of rest = t + (e0 + e1) are at most 2 u^2 m and 4 u^2
 * m (1 + u). Fast2Sum(s, rest) is exact: when one |h| is below m/4, |s| > m/2 > |rest|; else s is a
 * multiple of ulp(m)/8 > u m/8, while ulp(rest) <= 2u (4 u m) (1 + u). |low| <= u |high| <= 2 u m
 * (1 + 4 u), so that low + bound and low - bound are rounded by at most 2 u^2 m (1 + 4 u) + u
 * bound. Together, with 8 2^-1074 for products that underflow, less than 16 u^2 m = 2^-102 m =
 * bound, as m is taken to be at least EXACT_MIN_PRODUCT. Whatever overflows ends as NaN, which is
 * not equal to itself, or in an infinite upper and lower, which then is the result. */
static inline vf64 exact_dot2_f64(const vf64 *a, size_t stride_a, const vf64 *b, size_t stride_b) {
    vf64 e0, e1, t;
    const vf64 h0 = exact_two_product(a[0], b[0], &e0),
               h1 = exact_two_product(a[stride_a], b[stride_b], &e1);
    const vf64 s = exact_two_sum(h0, h1, &t), rest = t + (e0 + e1);
    const vf64 high = s + rest, low = rest - (high - s);
    const vf64 m = exact_max_abs(exact_max_abs(vf64_of(EXACT_MIN_PRODUCT), h0), h1);
    const vf64 bound = 0x1p-102 * m;
    const vf64 upper = high + (low + bound), lower = high + (low - bound);
    const unsigned open = exact_differ(upper, lower);
    if (__builtin_expect(open != 0, 0))
        return exact_rest_f64(a, stride_a, b, stride_b, 2, upper, m, open);
    return upper;
}

/* In each element: sum_{k<n} a[k stride_a] b[k stride_b], exactly, rounded once to nearest-even.
 * Strides count in vectors. The rules for zeros, infinities and NaN are those of superacc.h.
 *
 * Way 1. One level takes the leading parts of the products, two accumulators sharing its bound (any
 * order gives the same sum, so two chains hide latency). Let v = ulp(sigma) = 2u sigma.
 *   - What the level leaves of a product, a b - q, is at most v/2, and is rounded once: r = fl(a b
 * - q) is wrong by at most u v/2. Without fma, r = fl((h - q) + e), where |e| <= u m (1 + 2u) <
 *     v/16: |r| <= 0.57 v, wrong by at most 0.57 u v.
 *   - The r are added in plain arithmetic, in any order: an error of at most (n - 1) u sum |r|
 *     (1 + n u) <= 0.57 n (n - 1) u v (1 + n u).
 *   - Underflow: at most 8 n 2^-1074 < 2^-1050, while u v >= 2^-105 2^-827.
 * So the exact sum is t + rest + d with t exact and |d| <= 0.57 n^2 u v (1 + n u) + 2^-1050.
 * t is a multiple of v, hence of ulp(rest), |rest| being below n v: Fast2Sum of the two is exact
 * (Rump, Ogita and Oishi 2008, section 2), t + rest = high + low, |low| <= u |high| <= u sigma =
 * v/2.
 *   - low + bound and low - bound are rounded: at most u (v/2 + bound) (1 + u).
 * bound = (n^2 + 1) u v = (n^2 + 1) 2^-105 sigma exceeds the sum of all these for n <= 2^20, and
 * high + fl(low + bound), high + fl(low - bound) enclose the exact sum. Rounding is monotone: when
 * both round to the same number, that is the sum's rounding, also at ties. NaN never compares
 * equal. A zero result is never decided here, since bound > 0. */
static inline vf64 exact_dot_f64(const vf64 *a, size_t stride_a, const vf64 *b, size_t stride_b,
                                 size_t n) {
    if (n == 1) {
#if EXACT_FMA
        return exact_canonical(vf64_fma(a[0], b[0], vf64_of(0)));
#else
        const vf64 h = a[0] * b[0];
        const vi64 zero = (vi64)(a[0] == 0) | (vi64)(b[0] == 0);
        return exact_canonical(h + vf64_select(zero, vf64_of(0), vf64_of(-0.0)));
#endif
    }
    if (n == 2)
        return exact_dot2_f64(a, stride_a, b, stride_b);
    if (n == 0)
        return vf64_of(0);
    if (n > EXACT_MAX_TERMS)
        return exact_rest_f64(a, stride_a, b, stride_b, n, vf64_of(0), vf64_of(EXACT_MIN_PRODUCT),
                              (1U << VF64) - 1);

    const size_t pairs = n & ~(size_t)1;
    vf64 m0 = vf64_of(EXACT_MIN_PRODUCT), m1 = m0;
    for (size_t k = 0; k < pairs; k += 2) {
        m0 = exact_max_abs(m0, a[k * stride_a] * b[k * stride_b]);
        m1 = exact_max_abs(m1, a[(k + 1) * stride_a] * b[(k + 1) * stride_b]);
    }
    if (pairs < n)
        m0 = exact_max_abs(m0, a[pairs * stride_a] * b[pairs * stride_b]);
    const vf64 m = exact_max_abs(m0, m1);

    const vf64 sigma = exact_sigma(m, exact_log2(n)), start = exact_level_start(sigma);
    vf64 s0 = start, s1 = start, rest0 = vf64_of(0), rest1 = vf64_of(0);
    for (size_t k = 0; k < pairs; k += 2) {
        exact_addmul(&s0, &rest0, a[k * stride_a], b[k * stride_b]);
        exact_addmul(&s1, &rest1, a[(k + 1) * stride_a], b[(k + 1) * stride_b]);
    }
    if (pairs < n)
        exact_addmul(&s0, &rest0, a[pairs * stride_a], b[pairs * stride_b]);

    const vf64 t = (s0 - start) + (s1 - start), rest = rest0 + rest1;
    const vf64 high = t + rest, low = rest - (high - t);
    const vf64 bound = ((double)n * (double)n + 1) * 0x1p-105 * sigma;
    const vf64 upper = high + (low + bound), lower = high + (low - bound);
    const unsigned open = exact_differ(upper, lower) | exact_above(m, EXACT_MAX_PRODUCT);
    if (__builtin_expect(open != 0, 0))
        return exact_rest_f64(a, stride_a, b, stride_b, n, upper, m, open);
    return upper;
}

#endif
