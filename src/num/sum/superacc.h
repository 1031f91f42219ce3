/* SPDX-License-Identifier: MIT */
/* superacc.h - the exact sum of doubles, floats and their products, rounded once.
 *
 * A superaccumulator (Kulisch's long accumulator): one fixed-point number wide enough for any
 * product of two doubles, from 2^-2148 to below 2^2048, for the sum of more than 2^60 of them, and
 * for such a sum times a double. Everything added is added exactly, so the value does not depend on
 * the order of the terms, nor on how they were spread over accumulators that are then merged. No
 * intermediate overflow exists.
 *
 * The rules where IEEE 754 leaves a choice, all independent of order:
 *   - any NaN, or inf * 0, or +inf and -inf both present: the result is NaN, always the positive
 *     quiet NaN without payload;
 *   - else any +inf (-inf), alone or as a product: the result is +inf (-inf);
 *   - an exact sum of zero is +0: the empty sum, sums of -0, and x - x;
 *   - a sum that is not zero but rounds to zero keeps its sign, as in IEEE 754;
 *   - subnormal results are rounded once, and overflow is decided on the rounded value: to
 *     infinity from the largest finite number plus half its ulp on.
 * These are the rules of acc = fma(a, b, acc) from +0 with an unbounded accumulator.
 *
 * This is the reference and the fallback; exact_f64.h and exact_f32.h are fast.
 */
#ifndef NUM_SUPERACC_H
#define NUM_SUPERACC_H

#include "base/assumptions.h"

#include <stdbool.h>
#include <stdint.h>

/* Digit i has the weight 2^(32 i - SUPERACC_POINT). */
enum { SUPERACC_POINT = 3264, SUPERACC_DIGITS = 204 };

/* Sums that were not scaled are multiples of 2^-2148 and, of fewer than 2^64 terms, lie within
 * +-2^2112: SUPERACC_WORDS 32-bit words in two's complement, the lowest of weight 2^-2176. */
enum { SUPERACC_WORDS = 135, SUPERACC_WORDS_POINT = 2176 };

/* What the value is, once infinities and NaN are among the terms. */
enum superacc_kind { SUPERACC_FINITE, SUPERACC_PLUS_INF, SUPERACC_MINUS_INF, SUPERACC_NAN };

/* The value is sum_i digit[i] 2^(32 i - SUPERACC_POINT), digits being signed and wider than their
 * weight so that carries can wait. To be read only through the functions below. */
struct superacc {
    int64_t digit[SUPERACC_DIGITS]; /* zero outside low..high */
    int low, high;                  /* digits touched; low > high: none */
    uint32_t pending;               /* every |digit| <= pending 2^32 */
    uint32_t special;               /* which of NaN, +inf, -inf were seen */
};

/* acc = 0, the empty sum. */
void bf_superacc_zero(struct superacc *acc);
/* acc += x; acc += a b, exactly. */
void bf_superacc_add_f64(struct superacc *acc, double x);
void bf_superacc_addmul_f64(struct superacc *acc, double a, double b);
void bf_superacc_addmul_f32(struct superacc *acc, float a, float b);
/* acc += m 2^exponent, exactly; |m| < 2^63 and the number is in the range of a product. */
void bf_superacc_add_int(struct superacc *acc, int64_t m, int exponent);
/* acc += other, exactly. */
void bf_superacc_merge(struct superacc *acc, const struct superacc *other);
/* acc *= factor, exactly, as IEEE 754 multiplies; once at most. What may be added after that is
 * what may be added before. */
void bf_superacc_scale(struct superacc *acc, double factor);

enum superacc_kind bf_superacc_kind_of(const struct superacc *acc);
/* The finite part, not scaled, as words, least significant first. Returns false, and they are
 * then meaningless, if it is not within +-2^2112. */
bool bf_superacc_get_words(const struct superacc *acc, uint32_t words[SUPERACC_WORDS]);
/* acc = what these say; any kind but SUPERACC_FINITE has words of zero. */
void bf_superacc_set_words(struct superacc *acc, enum superacc_kind kind,
                           const uint32_t words[SUPERACC_WORDS]);

/* The value rounded once, to nearest-even. */
double bf_superacc_round_f64(const struct superacc *acc);
float bf_superacc_round_f32(const struct superacc *acc);
/* The value rounded to odd in binary64: rounding that to 51 bits or less is rounding once (S.
 * Boldo, G. Melquiond, IEEE TC 57(4), 2008). acc is then no longer the sum. */
double bf_superacc_round_odd(struct superacc *acc);

#endif
