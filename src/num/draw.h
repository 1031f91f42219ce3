/* SPDX-License-Identifier: MIT */
/* draw.h - random reals, exact or correctly rounded. */
#ifndef DATA_DRAW_H
#define DATA_DRAW_H

#include "num/format.h"

enum { WORD = 64 }; /* bits in a draw */

/* `words` 64-bit draws for (seed, stream, trial, index), blocks first.., as one integer M, the
 * first draw most significant; then 2M + 1 - 2^bits, an odd integer symmetric about 0. Divided by
 * 2^bits it is uniform in (-1, 1), never 0. */
void bf_draw_odd(mpz_t m, unsigned words, uint64_t seed, unsigned stream, uint64_t trial,
                 uint32_t index, unsigned first);

/* A normal number of mean 0 and this variance (above 0), rounded once: r has the format's
 * precision. By G. Box, M. Muller, "A note on the generation of random normal deviates" (1958):
 * sqrt(-2 ln u1) times cos(2 pi u2) at an even index, sin(2 pi u2) at an odd one, u1 and u2 the
 * uniform numbers in (0, 1) of the even index and of the odd one after it, of `words` draws each.
 */
void bf_draw_normal(const bf_format *f, mpfr_t r, const mpq_t variance, unsigned words,
                    uint64_t seed, unsigned stream, uint64_t trial, uint32_t index);

/* Uniform over 0 .. n - 1, n > 0: w mod n for the first of the blocks first, first + 1, ... whose
 * draw w is below the largest multiple of n that is not above 2^64 - 1. */
uint64_t bf_draw_below(uint64_t n, uint64_t seed, unsigned stream, uint64_t trial, uint32_t index,
                       unsigned first);

#endif
