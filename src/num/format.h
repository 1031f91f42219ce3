/* SPDX-License-Identifier: MIT */
/* format.h - formats over MPFR: the slow, general way in and out of an encoded value.
 *
 * MPFR's exponent range belongs to the thread. Between bf_format_enter and bf_format_leave it is
 * that of the format, and every value rounded to it is finished by format_finish.
 */
#ifndef NUM_FORMAT_H
#define NUM_FORMAT_H

#include "base/assumptions.h"
#include "bitfate.h"

#include <gmp.h>
#include <mpfr.h>

typedef struct format_range {
    mpfr_exp_t emin, emax;
} format_range;

/* x becomes infinite if it is the number of all ones: of formats without infinities. */
void bf_format_bound(const bf_format *f, mpfr_t x);

format_range bf_format_enter(const bf_format *f);
void bf_format_leave(format_range saved);

/* Complete an operation that left `ternary` in x, whose precision is the format's: subnormals, and
 * infinity where x is beyond the largest number. A format without infinities encodes that as NaN.
 */
static inline void format_finish(const bf_format *f, mpfr_t x, int ternary) {
    if (f->ieee)
        mpfr_subnormalize(x, ternary, MPFR_RNDN);
    if (!f->has_infinity)
        bf_format_bound(f, x);
}

/* x (of any precision and range) rounded once into the format, in r of the format's precision. */
void bf_format_round(const bf_format *f, mpfr_t r, const mpfr_t x);

/* x is a value of the format. */
void bf_format_encode(const bf_format *f, const mpfr_t x, uint8_t *out);
/* r has the format's precision. */
void bf_format_decode(const bf_format *f, const uint8_t *value, mpfr_t r);

/* Move a value by so many steps through the numbers of the format, in which -0 and +0 are one and
 * infinity comes after the largest, or NaN where there is none. NaN stays. */
void bf_format_step(const bf_format *f, uint8_t *value, const mpz_t steps);

/* Round the real number in `text` into the format: r has its precision. */
BF_MUST_CHECK bf_status bf_number_round(const bf_format *f, const char *text, mpfr_t r,
                                        bf_error *err);

/* -1, 0 or 1: the sign of the real number, however small or large. Not finite is BF_EINPUT. */
BF_MUST_CHECK bf_status bf_number_sign(const char *text, int *sign, bf_error *err);
/* Below, at or above 0: how a compares with b, each rounded to 16384 bits. Likewise. */
BF_MUST_CHECK bf_status bf_number_compare(const char *a, const char *b, int *order, bf_error *err);

/* The rational number in `text`, exactly. A root, an infinity, or a hex float whose exponent
 * exceeds 2^18 is BF_EINPUT. */
BF_MUST_CHECK bf_status bf_number_rational(const char *text, mpq_t out, bf_error *err);
/* The number 0 or above in `text`, exactly: `out`, or its root when `*root`. Likewise BF_EINPUT. */
BF_MUST_CHECK bf_status bf_number_exact(const char *text, mpq_t out, bool *root, bf_error *err);
/* q, or its root (q >= 0), rounded once: r has the format's precision. */
void bf_number_round_exact(const bf_format *f, const mpq_t q, bool root, mpfr_t r);

/* 1/sqrt(2 pi), rounded once: the density of the standard normal distribution at 0. */
void bf_format_normal_density(const bf_format *f, uint8_t *out);

#endif
