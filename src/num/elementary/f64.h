/* SPDX-License-Identifier: MIT */
/* f64.h - tanh, exp, log, erf of vectors, binary64, correctly rounded.
 *
 * Each function computes an unevaluated sum upper + tail whose distance from the true value is
 * proved to be at most a bound, and rounds both ends of the interval that this leaves:
 *
 *     low = upper + (tail - bound), high = upper + (tail + bound)
 *
 * Rounding is monotonic, so when low = high that is the correctly rounded result (Ziv, TOMS 17(3),
 * 1991, in the form used by CORE-MATH). Otherwise the element is undecided, and is computed again
 * by slow.c. So the bits do not depend on the vector length, the compiler, the tables
 * or the order of operations here, only on the bounds being true.
 *
 * tanh takes up to ELEMENTARY_MOST vectors at once and computes them statement by statement, so
 * that their latencies overlap.
 *
 * In the derivations u = 2^-53: one rounding changes a value by at most u times that value, or
 * half a unit in its last place (ulp) if that is said. Terms below 2^-80 of the result are left
 * out without mention.
 */
#ifndef NUM_ELEMENTARY_F64_H
#define NUM_ELEMENTARY_F64_H

#include "num/elementary/slow.h"
#include "num/elementary/tables.h"
#include "num/vec.h"

#define EACH for (int q = 0; q < n_vectors; q++)

/* The elements where low < high, computed again. Out of line: this is rare. */
__attribute__((noinline, cold, unused)) static vf64
elementary_redo_f64(double (*slow)(double), vf64 x, vf64 low, vf64 high, vf64 r) {
    for (int i = 0; i < VF64; i++)
        if (low[i] < high[i])
            r[i] = slow(x[i]);
    return r;
}

/* ROUNDER + k is rounded to the integer k, which is then in the low bits. */
#define ELEMENTARY_ROUNDER 0x1.8p52

/* k from ROUNDER + k. */
static inline vi64 elementary_integer(vf64 rounded) {
    return (vi64)rounded - (vi64)vf64_of(ELEMENTARY_ROUNDER);
}

/* For k and ROUNDER + k, i = k mod 128: power in (1/2, 1], near 2^(-i/128), and offset such that
 * power = exp(-2 (i STEP - (offset + k STEP_LOWER))) exactly, where STEP = log(2)/256. Such tables
 * of exact powers of inexact arguments are Gal's (TOMS 17(1), 1991). For i < 8 the table's offset
 * is below 2^-30.7, else below 2^-26. */
static inline void elementary_power(vf64 k, vf64 rounded, vf64 *power, vf64 *offset) {
#if VEC_BYTES == 64
    /* 16 coarse powers in two registers, 8 fine ones in one. Permutations look only at the low 4
     * and 3 bits of an index. */
    const __m512i fine = (__m512i)rounded, coarse = (__m512i)((vu64)rounded >> 3);
    const vf64 p = (vf64)_mm512_permutex2var_pd(_mm512_loadu_pd(power_coarse), coarse,
                                                _mm512_loadu_pd(power_coarse + 8)),
               q = (vf64)_mm512_permutexvar_pd(fine, _mm512_loadu_pd(power_fine)),
               o = (vf64)_mm512_permutex2var_pd(_mm512_loadu_pd(offset_coarse), coarse,
                                                _mm512_loadu_pd(offset_coarse + 8)),
               v = (vf64)_mm512_permutexvar_pd(fine, _mm512_loadu_pd(offset_fine));
    *power = p * q;
    const vf64 table_offset = o + v;
#else
    const vi64 i = (vi64)rounded & 127;
    *power = vf64_lookup(power_all, i);
    const vf64 table_offset = vf64_lookup(offset_all, i);
#endif
    *offset = vf64_fma(k, vf64_of(-STEP_LOWER), table_offset);
}

/* tanh(x)
 *
 * Method: tanh(c + d) = ((1 - p) + (1 + p) tanh(d)) / ((1 + p) + (1 - p) tanh(d)), p = exp(-2 c),
 * with c = k STEP - offset chosen so that p is exact and |d| < 0.001355. For k = 0 that is tanh(d),
 * so that tiny arguments need no case of their own; the table is that of exp, so small that it fits
 * into registers.
 *
 * Error, relative to tanh(a). Let b = d^2/3 < 2^-20.6.
 * - Truncation: (62/2835) d^8 < 2^-81.
 * - d^3 p within `correction`: d^2, d^3, p, -1/3 and the fma give 4.5 u b; the rounding of d, which
 *   d^3 triples, 3 u b if k > 0. As (1 + p) tanh(d) is at most about the numerator, no more than
 *   7.5 u b < 2^-70.7 of the result; for k >= 8, where tanh(a) > 15 d, < 2^-74.6.
 * - d_upper is exact: k STEP_UPPER has 53 bits, and what is left of a fits into 53 bits.
 * - d_lower: for k < 8 the offset is below 2^-30.7, and its entry, its sums and `correction` are
 *   rounded by at most 2^-84 each, in all 2^-82.4, where tanh(a) > 2^-9.54: < 2^-72.8. For k >= 8
 *   offsets are below 2^-26, so 4 2^-80, where tanh(a) > 2^-5.63: < 2^-72.3.
 * - From t + t_tail on everything is carried to u^2: `plus`, `kept`, `minus`, `rest` and
 *   n - minus, m - plus are exact, and each tail is rounded by u times a tail that is below 4 u.
 * Sum: < 2^-70.4; the largest seen in 2 10^6 arguments is 2^-71.9. Bound: 2^-69.
 *
 * r[i] = tanh(x[i]) for n_vectors vectors, at most ELEMENTARY_MOST; r and x do not overlap. */
static inline __attribute__((always_inline)) void elementary_tanh_all_f64(vf64 *r, const vf64 *x,
                                                                          const int n_vectors) {
    enum { N = ELEMENTARY_MOST };
    vf64 a[N], rounded[N], k[N], d_upper[N], d_lower[N], power[N];
    /* a = k STEP - offset + d */
    EACH a[q] = vf64_at_most(vf64_abs(x[q]), 20.0);
    EACH rounded[q] = vf64_fma(a[q], vf64_of(STEP_INVERSE), vf64_of(ELEMENTARY_ROUNDER));
    EACH k[q] = rounded[q] - ELEMENTARY_ROUNDER;
    EACH d_upper[q] = vf64_fma(-k[q], vf64_of(STEP_UPPER), a[q]);
    EACH elementary_power(k[q], rounded[q], &power[q], &d_lower[q]);
    EACH power[q] = (vf64)((vu64)power[q] - (((vu64)rounded[q] >> 7) << 52));

    /* t + t_tail = tanh(d) */
    vf64 d[N], d2[N], p[N], correction[N], t[N], t_tail[N];
    EACH d[q] = d_upper[q] + d_lower[q];
    EACH d2[q] = d[q] * d[q];
    EACH p[q] = vf64_fma(d2[q], vf64_of(-17.0 / 315), vf64_of(2.0 / 15));
    EACH p[q] = vf64_fma(p[q], d2[q], vf64_of(-1.0 / 3));
    EACH correction[q] = vf64_fma(d[q] * d2[q], p[q], d_lower[q]);
    EACH t[q] = d_upper[q] + correction[q];
    EACH t_tail[q] = (d_upper[q] - t[q]) + correction[q];

    /* 1 + power = plus + rest, 1 - power = minus - rest */
    vf64 plus[N], kept[N], minus[N], rest[N], g[N];
    EACH plus[q] = power[q] + 1.0;
    EACH kept[q] = plus[q] - 1.0;
    EACH minus[q] = 1.0 - kept[q];
    EACH rest[q] = power[q] - kept[q];
    EACH g[q] = vf64_fma(-rest[q], t[q], rest[q]);

    /* tanh(a) = n / m, n = (1 - power) + (1 + power) tanh(d), m = (1 + power) + (1 - power) tanh(d)
     */
    vf64 n[N], n_tail[N], m[N], m_tail[N], inverse[N];
    EACH m[q] = vf64_fma(minus[q], t[q], plus[q]);
    EACH inverse[q] = 1.0 / m[q];
    EACH n[q] = vf64_fma(plus[q], t[q], minus[q]);
    EACH n_tail[q] = vf64_fma(plus[q], t[q], minus[q] - n[q]) + vf64_fma(plus[q], t_tail[q], -g[q]);
    EACH m_tail[q] = vf64_fma(minus[q], t[q], plus[q] - m[q]) + vf64_fma(minus[q], t_tail[q], g[q]);

    vf64 upper[N], remainder[N], tail[N], low[N], high[N];
    EACH upper[q] = n[q] * inverse[q];
    EACH remainder[q] = vf64_fma(-upper[q], m[q], n[q]) + n_tail[q];
    EACH tail[q] = vf64_fma(-upper[q], m_tail[q], remainder[q]) * inverse[q];

    const vf64 bound = vf64_of(0x1p-69);
    EACH low[q] = upper[q] + vf64_fma(-bound, upper[q], tail[q]);
    EACH high[q] = upper[q] + vf64_fma(bound, upper[q], tail[q]);
    EACH r[q] = (vf64)((vi64)high[q] | ((vi64)x[q] & INT64_MIN));
    bool undecided = false;
    EACH undecided |= vf64_any_less(low[q], high[q]);
    if (__builtin_expect(undecided, 0))
        EACH r[q] = elementary_redo_f64(bf_tanh_f64_slow, x[q], low[q], high[q], r[q]);
}

/* tanh(x) */
static inline vf64 elementary_tanh_f64(vf64 x) {
    vf64 r;
    elementary_tanh_all_f64(&r, &x, 1);
    return r;
}

/* low and high for a sum upper + tail > 0 of relative error at most `bound`, where the result is to
 * be a multiple of 2^-52 smallest if it is less than smallest, which is a power of 2, or 0. (Adding
 * smallest and taking it away again leaves such a multiple.) */
static inline void elementary_interval(vf64 upper, vf64 tail, double bound, vf64 smallest,
                                       vf64 *low, vf64 *high) {
    const vf64 h = upper + tail;
    const vf64 l = (upper - h) + tail;
    const vf64 grid = (vf64)((vi64)smallest & (h < smallest));
    const vf64 sum = grid + h;
    const vf64 rest = (grid - sum) + h;
    /* A rounding of rest + l moves it by less than 2^-54 of the spacing: included in b. */
    const vf64 b = vf64_fma(h, vf64_of(bound), grid * 0x1p-104);
    *low = (sum + (rest + (l - b))) - grid;
    *high = (sum + (rest + (l + b))) - grid;
}

/* exp(x)
 *
 * Method: exp(a) = 2^-e power exp(r), |r| < 0.002708, by table and polynomial (Tang, TOMS 15(2),
 * 1989).
 *
 * Error, relative to exp(a). Let c = r^2/2 < 2^-18.0.
 * - Truncation: r^7/5040 < 2^-71.9.
 * - `correction`: the rounding of r gives 2 u c; r^2, p and the fma give u c each.
 * - r_upper is exact. r_lower = -2 offset: 3 2^-80, doubled, < 2^-77.
 * - `tail`: u c. `product` is exact with its remainder, `upper` too: power > |product|.
 * Sum: 6 u c + ... < 2^-68.2; the largest seen is 2^-69.0. Bound: 2^-67. */
static inline vf64 elementary_exp_f64(vf64 x) {
    /* exp(-746) and exp(710) are certain to be rounded to 0 and infinity. */
    const vf64 a = vf64_at_least(vf64_at_most(x, 710.0), -746.0);

    /* a = -k 2 STEP + 2 offset + r */
    const vf64 rounded = vf64_fma(a, vf64_of(-STEP_INVERSE / 2), vf64_of(ELEMENTARY_ROUNDER));
    const vf64 k = rounded - ELEMENTARY_ROUNDER;
    const vf64 r_upper = vf64_fma(k, vf64_of(2 * STEP_UPPER), a);
    vf64 power, offset;
    elementary_power(k, rounded, &power, &offset);
    const vf64 r_lower = offset * -2.0;
    const vf64 r = r_upper + r_lower;

    /* exp(r) = 1 + r_upper + correction */
    vf64 p = vf64_fma(r, vf64_of(1.0 / 720), vf64_of(1.0 / 120));
    p = vf64_fma(p, r, vf64_of(1.0 / 24));
    p = vf64_fma(p, r, vf64_of(1.0 / 6));
    p = vf64_fma(p, r, vf64_of(0.5));
    const vf64 correction = vf64_fma(r * r, p, r_lower);

    /* upper + tail = power exp(r) */
    const vf64 product = power * r_upper;
    const vf64 upper = power + product;
    const vf64 tail = vf64_fma(power, correction,
                               ((power - upper) + product) + vf64_fma(power, r_upper, -product));

    /* The result is that times 2^-e, -1024 <= e <= 1077. It is subnormal if less than 2^-1022. */
    const vi64 e = elementary_integer(rounded) >> 7;
    const vf64 smallest = (vf64)(((e + 1) << 52) & (e > 1000)); /* 2^(e - 1022) */
    vf64 low, high;
    elementary_interval(upper, tail, 0x1p-67, smallest, &low, &high);
    const vi64 half = e >> 1;
    const vf64 scale_1 = (vf64)((1023 - half) << 52), scale_2 = (vf64)((1023 - (e - half)) << 52);
    vf64 y = high * scale_1 * scale_2;
    if (__builtin_expect(vf64_any_less(low, high), 0))
        y = elementary_redo_f64(bf_exp_f64_slow, x, low, high, y);
    return y;
}

/* log(x)
 *
 * Method: log(2^e m) = e log(2) - log(inverse) + log(1 + r), 1 + r = m inverse (Tang, TOMS 16(4),
 * 1990). The interval of m that contains 1 has inverse = 1, so there log(1 + r) is all there is.
 *
 * Error, relative to log(x). Always |r| < 2^-8. If c = 0 then |log(x)| > 0.998 |r|; else
 * |log(x)| > 0.0019 if x < 1, when |r| < 0.00196, and > 0.0038 if x > 1, when |r| < 0.00388. So
 * b = |r^3/3 / log(x)| < 2^-17.5.
 * - Truncation: r^10/10 < 2^-75 of r.
 * - r + r_lower is exact; log(1 + r + r_lower) = log(1 + r) + r_lower (1 - r + ...) without the
 *   terms from r^2 on: 2^-62 2^-16 / 0.0038 < 2^-69.9, and 0 if c = 0.
 * - r^3 p: r^2, r^3, p, 1/3 and the fma: 4.5 u b < 2^-68.3.
 * - c is exact: multiples of 2^-42 below 2^10. `sum` and `q` are exact with their remainders, the
 *   terms being in order of magnitude; r^2/2 is too.
 * - `small` is below 2^-42 if e = 0, and its roundings do not count; below 2^-32 if not, when
 *   |log(x)| > 0.34.
 * Sum: < 2^-67.8; the largest seen is 2^-68.5. Bound: 2^-67. */
static inline vf64 elementary_log_f64(vf64 x) {
    const vi64 ordinary = (x > 0.0) & (x < (double)INFINITY);
    const vi64 subnormal = x < 0x1p-1022;
    const vf64 a = vf64_select(ordinary, vf64_select(subnormal, x * 0x1p54, x), vf64_of(1.0));

    /* a = 2^e m, with m in interval number i */
    const vi64 start = (vi64)vf64_of(1.0) - ((INT64_C(151) << 45) / 2);
    const vi64 from_start = (vi64)a - start;
    const vi64 i = (vi64)((vu64)from_start >> 45) & 127;
    const vi64 e_bits = from_start & -(INT64_C(1) << 52);
    const vf64 m = (vf64)((vi64)a - e_bits);
    const vf64 e =
        (vf64)((from_start >> 52) + (vi64)vf64_of(ELEMENTARY_ROUNDER) - (subnormal & 54)) -
        ELEMENTARY_ROUNDER;

    /* 1 + r + r_lower = m inverse */
    const vf64 inverse = vf64_lookup(log_inverse, i);
    const vf64 product = m * inverse;
    const vf64 product_lower = vf64_fma(m, inverse, -product);
    const vf64 r_upper = product - 1.0;
    const vf64 r = r_upper + product_lower;
    const vf64 r_lower = (r_upper - r) + product_lower;

    /* log(x) = c + r - r^2/2 + r^3 p + small ones */
    const vf64 c = vf64_fma(e, vf64_of(LOG2_UPPER), vf64_lookup(log_upper, i));
    const vf64 c_lower = vf64_fma(e, vf64_of(LOG2_LOWER), vf64_lookup(log_lower, i));
    const vf64 square = r * r;
    const vf64 square_lower = vf64_fma(r, r, -square);
    vf64 p = vf64_fma(r, vf64_of(1.0 / 9), vf64_of(-1.0 / 8));
    p = vf64_fma(p, r, vf64_of(1.0 / 7));
    p = vf64_fma(p, r, vf64_of(-1.0 / 6));
    p = vf64_fma(p, r, vf64_of(1.0 / 5));
    p = vf64_fma(p, r, vf64_of(-1.0 / 4));
    p = vf64_fma(p, r, vf64_of(1.0 / 3));
    const vf64 sum = c + r;
    const vf64 sum_lower = (c - sum) + r;
    const vf64 half = square * 0.5;
    const vf64 q = sum - half;
    const vf64 q_lower = (sum - q) - half;
    const vf64 small = vf64_fma(square_lower, vf64_of(-0.5), vf64_fma(-r_lower, r, r_lower)) +
                       c_lower + sum_lower + q_lower;
    const vf64 q_tail = vf64_fma(r * square, p, small);

    const vf64 bound = vf64_abs(q) * 0x1p-67;
    const vf64 low = q + (q_tail - bound), high = q + (q_tail + bound);
    const vf64 special = vf64_select(x == 0.0, vf64_of(-(double)INFINITY),
                                     vf64_select(x < 0.0, vf64_of((double)NAN), x));
    vf64 y = vf64_select(ordinary, high, special);
    if (__builtin_expect(vf64_any_less(low, high), 0))
        y = elementary_redo_f64(bf_log_f64_slow, x, low, high, y);
    return y;
}

/* erf(x)
 *
 * Method: Taylor series about the nearest r = i/128, with erf(r) and erf'(r) from a table; the
 * other derivatives are polynomials in r.
 *
 * Error, relative to erf(a).
 * - Truncation: for r = 0, 2/sqrt(pi) d^9 1680/9!: d^8/216 < 2^-71.7. Else, as
 *   |H_8(r)| exp(-r^2/2) < 3800, less than 2^-78 absolute, and where erf(a) < 1/2 no more than for
 *   r = 0, erf(a) being at least erf'(r) |d|.
 * - erf(r) + first - second: exact with their remainders (the terms are in order of magnitude), as
 *   far as u^2.
 * - first p: for r = 0, |p| < d^2/3 =: b < 2^-17.5. h2/6 (1.5 u), the fma, d^2 and p give 4.5 u b;
 *   first_lower p, left out, 1.5 u b; `tail` u b. For r > 0, |h2| only falls (while it matters),
 * and first is at most about erf(a). Sum: 7 u b + ... < 2^-67.6; the largest seen is 2^-68.8.
 * Bound: 1.5 2^-67. */
static inline vf64 elementary_erf_f64(vf64 x) {
    const vi64 sign = (vi64)x & INT64_MIN;
    /* Tiny arguments, where erf is linear, are scaled: their products would not be exact. */
    const vf64 abs = vf64_at_most(vf64_abs(x), 6.0);
    const vi64 tiny = abs < 0x1p-900;
    const vf64 a = vf64_select(tiny, abs * 0x1p200, abs);

    /* a = r + d, r = i/128, |d| <= 1/256 */
    const vf64 rounded = a + ELEMENTARY_ROUNDER / 128;
    const vf64 r = rounded - ELEMENTARY_ROUNDER / 128;
    const vf64 d = a - r;
    /* Of NaN any entry will do. */
    vi64 i = (vi64)rounded & 1023;
    i = i & (i <= 768);

    /* erf(r + d) = erf(r) + erf'(r) d (1 - r d + p), p = sum over n >= 2 of
     * (-d)^n H_n(r) / (n + 1)!, with the Hermite polynomials H_(n+1) = 2 r H_n - 2 n H_(n-1). */
    const vf64 r2 = r + r;
    const vf64 h2 = vf64_fma(r2, r2, vf64_of(-2.0));
    const vf64 h3 = vf64_fma(r2, h2, r2 * -4.0);
    const vf64 h4 = vf64_fma(r2, h3, h2 * -6.0);
    const vf64 h5 = vf64_fma(r2, h4, h3 * -8.0);
    const vf64 h6 = vf64_fma(r2, h5, h4 * -10.0);
    const vf64 h7 = vf64_fma(r2, h6, h5 * -12.0);
    vf64 p = vf64_fma(d * (-1.0 / 40320), h7, h6 * (1.0 / 5040));
    p = vf64_fma(p, d, h5 * (-1.0 / 720));
    p = vf64_fma(p, d, h4 * (1.0 / 120));
    p = vf64_fma(p, d, h3 * (-1.0 / 24));
    p = vf64_fma(p, d, h2 * (1.0 / 6)) * (d * d);

    const vf64 value = vf64_lookup(erf_upper, i), value_lower = vf64_lookup(erf_lower, i);
    const vf64 slope = vf64_lookup(erf_slope_upper, i),
               slope_lower = vf64_lookup(erf_slope_lower, i);
    const vf64 first = slope * d;
    const vf64 first_lower = vf64_fma(slope_lower, d, vf64_fma(slope, d, -first));
    const vf64 rd = r * d;
    const vf64 rd_lower = vf64_fma(r, d, -rd);
    const vf64 second = first * rd;
    const vf64 second_lower = vf64_fma(first, rd, -second);
    const vf64 sum = value + first;
    const vf64 sum_lower = (value - sum) + first;
    const vf64 upper = sum - second;
    const vf64 upper_lower = (sum - upper) - second;
    const vf64 small = vf64_fma(-first, rd_lower, vf64_fma(-first_lower, rd, first_lower)) +
                       (value_lower - second_lower) + (sum_lower + upper_lower);
    const vf64 tail = vf64_fma(first, p, small);

    const vf64 smallest = (vf64)((vi64)vf64_of(0x1p-822) & tiny);
    vf64 low, high;
    elementary_interval(upper, tail, 0x1.8p-67, smallest, &low, &high);
    const vf64 y = vf64_select(tiny, high * 0x1p-200, high);
    vf64 result = (vf64)((vi64)y | sign);
    if (__builtin_expect(vf64_any_less(low, high), 0))
        result = elementary_redo_f64(bf_erf_f64_slow, x, low, high, result);
    return result;
}

#undef EACH

#endif
