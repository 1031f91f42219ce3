/* SPDX-License-Identifier: MIT */
/* ball.h - elementary functions at high precision by ball arithmetic, where FLINT/Arb is there.
 *
 * Arb encloses the value in a ball (F. Johansson, IEEE Trans. Comput. 66, 2017), several times
 * faster than MPFR rounds it. When every number of the ball rounds to the same result, that is the
 * correctly rounded one; otherwise, and always without Arb, MPFR decides. So the bits are the same
 * with and without.
 *
 * Not for the IEEE formats, whose subnormals want a ternary value, and which stay a second,
 * independent implementation of binary32 and binary64.
 */
#ifndef NUM_BALL_H
#define NUM_BALL_H

#include <mpfr.h>

typedef struct ball ball; /* room for one evaluation */

/* NULL: without Arb, or no memory; every function below then leaves it to MPFR. */
ball *bf_ball_new(void);
void bf_ball_free(ball *b);

/* r = function(x), correctly rounded to r's precision. */
void bf_ball_tanh(ball *b, mpfr_t r, const mpfr_t x);
void bf_ball_exp(ball *b, mpfr_t r, const mpfr_t x);
void bf_ball_log(ball *b, mpfr_t r, const mpfr_t x);
void bf_ball_erf(ball *b, mpfr_t r, const mpfr_t x);

#endif
