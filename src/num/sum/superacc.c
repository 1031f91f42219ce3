/* SPDX-License-Identifier: MIT */
/* superacc.c - the exact sum of doubles, floats and their products, rounded once.
 *
 * U. Kulisch, Computer Arithmetic and Validity (2013): the long accumulator. R. M. Neal, Fast exact
 * summation using small and large superaccumulators (2015): digits of 32 bits in 64-bit words, so
 * that up to 2^30 additions need no carry.
 */
#include "num/sum/superacc.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The lowest digit of a sum of products is of weight 2^-2176, that of a double 2^-1074; a sum of
 * 2^64 products is below 2^2112, a double below 2^1024. */
static_assert(SUPERACC_POINT >= 2176 + 1074 &&
                  32 * SUPERACC_DIGITS - SUPERACC_POINT >= 2112 + 1024 + 64,
              "range");
static_assert((SUPERACC_POINT - SUPERACC_WORDS_POINT) % 32 == 0 &&
                  32 * (SUPERACC_WORDS - 1) - SUPERACC_WORDS_POINT == 2112,
              "words");

enum { SEEN_NAN = 1, SEEN_PLUS_INF = 2, SEEN_MINUS_INF = 4 };

#define DIGIT_MASK INT64_C(0xffffffff)
/* pending stays at or below this, hence every |digit| <= 2^62. */
#define PENDING_MAX (UINT32_C(1) << 30)

void bf_superacc_zero(struct superacc *acc) {
    memset(acc->digit, 0, sizeof acc->digit);
    acc->low = SUPERACC_DIGITS;
    acc->high = -1;
    acc->pending = 0;
    acc->special = 0;
}

/* Carry, so that the digits low..high-1 lie in [0, 2^32) and the last, which keeps the sign, in
 * [-2^32, 2^32). */
static void carry(int64_t *digit, int low, int *high) {
    if (low > *high)
        return;
    for (int i = low; i < *high; i++) {
        digit[i + 1] += digit[i] >> 32;
        digit[i] &= DIGIT_MASK;
    }
    while (digit[*high] > DIGIT_MASK || digit[*high] < -DIGIT_MASK - 1) {
        digit[*high + 1] = digit[*high] >> 32;
        digit[*high] &= DIGIT_MASK;
        ++*high;
    }
}

static void superacc_carry(struct superacc *acc) {
    carry(acc->digit, acc->low, &acc->high);
    acc->pending = 1;
}

/* acc += (negative ? -1 : 1) m 2^(position - SUPERACC_POINT). Each digit grows by less than 2^32.
 */
static inline void deposit(struct superacc *acc, uint64_t m, int position, bool negative) {
    const int i = position / 32, shift = position % 32;
    const uint64_t lower = m << shift;
    const int64_t d0 = (int64_t)(lower & UINT32_MAX), d1 = (int64_t)(lower >> 32),
                  d2 = (int64_t)(m >> 32 >> (32 - shift));
    acc->digit[i] += negative ? -d0 : d0;
    acc->digit[i + 1] += negative ? -d1 : d1;
    acc->digit[i + 2] += negative ? -d2 : d2;
    acc->low = i < acc->low ? i : acc->low;
    acc->high = i + 2 > acc->high ? i + 2 : acc->high;
}

static inline uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* |x| = significand 2^exponent, x finite. */
static inline uint64_t significand_of(uint64_t bits) {
    const uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    return (bits >> 52 & 0x7ff) != 0 ? fraction | UINT64_C(1) << 52 : fraction;
}

static inline int exponent_of(uint64_t bits) {
    const int field = (int)(bits >> 52 & 0x7ff);
    return (field != 0 ? field : 1) - 1075;
}

static inline bool is_special(uint64_t bits) {
    return (bits >> 52 & 0x7ff) == 0x7ff;
}

static void see(struct superacc *acc, double x) {
    acc->special |= isnan(x) ? SEEN_NAN : x > 0 ? SEEN_PLUS_INF : SEEN_MINUS_INF;
}

void bf_superacc_add_f64(struct superacc *acc, double x) {
    const uint64_t bits = bits_of(x);
    if (is_special(bits)) {
        see(acc, x);
        return;
    }
    const uint64_t m = significand_of(bits);
    if (m == 0)
        return;
    if (acc->pending >= PENDING_MAX)
        superacc_carry(acc);
    acc->pending++;
    deposit(acc, m, exponent_of(bits) + SUPERACC_POINT, bits >> 63 != 0);
}

void bf_superacc_addmul_f64(struct superacc *acc, double a, double b) {
    const uint64_t abits = bits_of(a), bbits = bits_of(b);
    if (is_special(abits) || is_special(bbits)) {
        see(acc, a * b); /* IEEE has the rule: NaN, or inf with its sign */
        return;
    }
    const uint64_t x = significand_of(abits), y = significand_of(bbits);
    if (x == 0 || y == 0)
        return;
    if (acc->pending >= PENDING_MAX - 3)
        superacc_carry(acc);
    acc->pending += 3;

    const bool negative = (abits ^ bbits) >> 63 != 0;
    const int position = exponent_of(abits) + exponent_of(bbits) + SUPERACC_POINT;
    const uint64_t x0 = x & UINT32_MAX, x1 = x >> 32, y0 = y & UINT32_MAX, y1 = y >> 32;
    deposit(acc, x0 * y0, position, negative);
    deposit(acc, x0 * y1 + x1 * y0, position + 32, negative); /* both below 2^53 */
    deposit(acc, x1 * y1, position + 64, negative);
}

void bf_superacc_addmul_f32(struct superacc *acc, float a, float b) {
    bf_superacc_add_f64(acc, (double)a * (double)b); /* 48 bits: exact */
}

void bf_superacc_add_int(struct superacc *acc, int64_t m, int exponent) {
    if (acc->pending >= PENDING_MAX)
        superacc_carry(acc);
    acc->pending++;
    if (m != 0)
        deposit(acc, (uint64_t)(m < 0 ? -m : m), exponent + SUPERACC_POINT, m < 0);
}

void bf_superacc_merge(struct superacc *acc, const struct superacc *other) {
    acc->special |= other->special;
    if (other->low > other->high)
        return;
    if (acc->pending > PENDING_MAX - other->pending) {
        superacc_carry(acc);
        if (other->pending >= PENDING_MAX) {
            struct superacc carried = *other;
            superacc_carry(&carried);
            bf_superacc_merge(acc, &carried);
            return;
        }
    }
    for (int i = other->low; i <= other->high; i++)
        acc->digit[i] += other->digit[i];
    acc->low = other->low < acc->low ? other->low : acc->low;
    acc->high = other->high > acc->high ? other->high : acc->high;
    acc->pending += other->pending;
}

enum superacc_kind bf_superacc_kind_of(const struct superacc *acc) {
    switch (acc->special) {
    case 0:
        return SUPERACC_FINITE;
    case SEEN_PLUS_INF:
        return SUPERACC_PLUS_INF;
    case SEEN_MINUS_INF:
        return SUPERACC_MINUS_INF;
    default:
        return SUPERACC_NAN;
    }
}

/* -1, 0 or 1, after superacc_carry. */
static int sign_of(const struct superacc *acc) {
    if (acc->low <= acc->high && acc->digit[acc->high] < 0)
        return -1;
    for (int i = acc->low; i <= acc->high; i++)
        if (acc->digit[i] != 0)
            return 1;
    return 0;
}

void bf_superacc_scale(struct superacc *acc, double factor) {
    static const double of_kind[] = {0, INFINITY, -INFINITY, NAN};
    struct superacc x = *acc;
    superacc_carry(&x);
    bf_superacc_zero(acc);
    const enum superacc_kind kind = bf_superacc_kind_of(&x);
    const uint64_t bits = bits_of(factor);
    if (kind != SUPERACC_FINITE || is_special(bits)) { /* of what is finite the sign decides */
        see(acc, (kind == SUPERACC_FINITE ? (double)sign_of(&x) : of_kind[kind]) * factor);
        return;
    }
    const uint64_t m = significand_of(bits), m0 = m & UINT32_MAX, m1 = m >> 32;
    for (int i = x.low; i <= x.high; i++) {
        const bool negative = (x.digit[i] < 0) != (bits >> 63 != 0);
        const uint64_t d = (uint64_t)(x.digit[i] < 0 ? -x.digit[i] : x.digit[i]); /* <= 2^32 */
        if (d == 0) /* it may lie below what a product can reach */
            continue;
        deposit(acc, d * m0, 32 * i + exponent_of(bits), negative);
        deposit(acc, d * m1, 32 * i + exponent_of(bits) + 32, negative);
        acc->pending += 2;
    }
}

enum { WORDS_LOW = (SUPERACC_POINT - SUPERACC_WORDS_POINT) / 32 };

bool bf_superacc_get_words(const struct superacc *acc, uint32_t words[SUPERACC_WORDS]) {
    int64_t d = 0;
    for (int i = 0; i < SUPERACC_WORDS; i++) {
        d = acc->digit[WORDS_LOW + i] + (d >> 32);
        words[i] = (uint32_t)(d & DIGIT_MASK);
    }
    /* The last word, and all above, repeat the sign. */
    bool fits = d == 0 || d == -1;
    for (int i = WORDS_LOW + SUPERACC_WORDS; i < SUPERACC_DIGITS; i++)
        fits = fits && acc->digit[i] == 0;
    return fits;
}

void bf_superacc_set_words(struct superacc *acc, enum superacc_kind kind,
                           const uint32_t words[SUPERACC_WORDS]) {
    static const uint32_t seen[] = {0, SEEN_PLUS_INF, SEEN_MINUS_INF, SEEN_NAN};
    bf_superacc_zero(acc);
    acc->special = seen[kind];
    for (int i = 0; i < SUPERACC_WORDS; i++)
        acc->digit[WORDS_LOW + i] = words[i];
    acc->digit[WORDS_LOW + SUPERACC_WORDS - 1] = (int32_t)words[SUPERACC_WORDS - 1];
    acc->low = WORDS_LOW;
    acc->high = WORDS_LOW + SUPERACC_WORDS - 1;
    acc->pending = 1;
}

/* A magnitude rounded into an IEEE format: the encoding without its sign. */
struct rounded {
    uint64_t magnitude;
    bool negative;
};

/* Round to nearest-even into the format of `precision` bits whose subnormals are multiples of
 * 2^quantum and whose infinity has the exponent field `infinity`. */
static struct rounded round_to(const struct superacc *acc, int precision, int quantum,
                               int infinity) {
    struct rounded r = {0, false};
    int low = acc->low, high = acc->high;
    if (low > high)
        return r;

    int64_t digit[SUPERACC_DIGITS];
    memcpy(&digit[low], &acc->digit[low], (size_t)(high - low + 1) * sizeof *digit);
    carry(digit, low, &high);
    if (digit[high] < 0) {
        r.negative = true;
        for (int i = low; i <= high; i++)
            digit[i] = -digit[i];
        carry(digit, low, &high);
    }
    while (high >= low && digit[high] == 0)
        high--;
    if (high < low)
        return r;

    /* Positions count bits from the accumulator's lowest. Leading bit, and bit of weight one ulp,
     * which does not go below the format's subnormals. */
    int leading = 32 * high;
    for (int64_t d = digit[high]; d > 1; d >>= 1)
        leading++;
    int ulp = leading - (precision - 1);
    if (ulp < quantum + SUPERACC_POINT)
        ulp = quantum + SUPERACC_POINT;

    uint64_t m = 0;                /* the magnitude in ulps, rounded down */
    uint64_t half = 0, sticky = 0; /* the bit below, and whether any bit is set below that */
    for (int i = low; i <= high; i++) {
        const uint64_t d = (uint64_t)digit[i];
        const int shift = 32 * i - ulp; /* of this digit, in m */
        if (shift >= 0) {
            m |= d << shift; /* no bit is lost: leading - ulp < precision */
        } else if (shift >= -32) {
            m |= d >> -shift;
            half = d >> (-shift - 1) & 1;
            sticky |= d & ((UINT64_C(1) << (-shift - 1)) - 1);
        } else {
            sticky |= d;
        }
    }
    m += half & ((uint64_t)(sticky != 0) | (m & 1));

    /* A normal m has the leading bit, which adds one to the exponent field; a carry out of the
     * significand does so once more. */
    const int field = ulp - SUPERACC_POINT - quantum;
    const uint64_t inf = (uint64_t)infinity << (precision - 1);
    r.magnitude = field >= infinity ? inf : ((uint64_t)field << (precision - 1)) + m;
    if (r.magnitude > inf)
        r.magnitude = inf;
    return r;
}

double bf_superacc_round_f64(const struct superacc *acc) {
    uint64_t bits;
    if (acc->special == SEEN_PLUS_INF) {
        bits = UINT64_C(0x7ff0000000000000);
    } else if (acc->special == SEEN_MINUS_INF) {
        bits = UINT64_C(0xfff0000000000000);
    } else if (acc->special != 0) {
        bits = UINT64_C(0x7ff8000000000000);
    } else {
        const struct rounded r = round_to(acc, 53, -1074, 0x7ff);
        bits = r.magnitude | (uint64_t)r.negative << 63;
    }
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

float bf_superacc_round_f32(const struct superacc *acc) {
    uint32_t bits;
    if (acc->special == SEEN_PLUS_INF) {
        bits = UINT32_C(0x7f800000);
    } else if (acc->special == SEEN_MINUS_INF) {
        bits = UINT32_C(0xff800000);
    } else if (acc->special != 0) {
        bits = UINT32_C(0x7fc00000);
    } else {
        const struct rounded r = round_to(acc, 24, -149, 0xff);
        bits = (uint32_t)r.magnitude | (uint32_t)r.negative << 31;
    }
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Whether the sum rounded to nearest is inexact, and to which side, says what it leaves of it. */
double bf_superacc_round_odd(struct superacc *acc) {
    const double sum = bf_superacc_round_f64(acc);
    if (!isfinite(sum))
        return sum;
    bf_superacc_add_f64(acc, -sum);
    const double left = bf_superacc_round_f64(acc);
    int64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return left != 0 && bits % 2 == 0
               ? nextafter(sum, left > 0 ? (double)INFINITY : -(double)INFINITY)
               : sum;
}
