/* SPDX-License-Identifier: MIT */
/* ball.c - elementary functions by ball arithmetic. */
#include "config.h"

#include "num/ball.h"

#include <stdbool.h>
#include <stdlib.h>

#if defined HAVE_ARB
/* Its headers do not keep to the project's warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <arb.h>
#include <arb_hypgeom.h>
#pragma GCC diagnostic pop

struct ball {
    arb_t x, y;
};

ball *bf_ball_new(void) {
    ball *b = malloc(sizeof *b);
    if (b) {
        arb_init(b->x);
        arb_init(b->y);
    }
    return b;
}

void bf_ball_free(ball *b) {
    if (b) {
        arb_clear(b->x);
        arb_clear(b->y);
        free(b);
    }
}

/* Extra bits: a ball is left undecided once in about 2^GUARD times, less what the function loses.
 */
enum { GUARD = 24 };

/* Whether r now is the rounded value. Arguments with unusual exponents are left to MPFR, which
 * knows overflow and underflow. */
static bool evaluate(ball *b, void (*function)(arb_t, const arb_t, slong), mpfr_t r,
                     const mpfr_t x) {
    if (!b || !mpfr_regular_p(x) || mpfr_get_exp(x) > 12 || mpfr_get_exp(x) < -1000)
        return false;
    arf_set_mpfr(arb_midref(b->x), x);
    function(b->y, b->x, mpfr_get_prec(r) + GUARD);
    if (!arb_can_round_mpfr(b->y, mpfr_get_prec(r), MPFR_RNDN))
        return false;
    arf_get_mpfr(r, arb_midref(b->y), MPFR_RNDN);
    return true;
}

#define BALL(name, arb_function)                             \
    void bf_ball_##name(ball *b, mpfr_t r, const mpfr_t x) { \
        if (!evaluate(b, arb_function, r, x))                \
            mpfr_##name(r, x, MPFR_RNDN);                    \
    }

#else

ball *bf_ball_new(void) {
    return NULL;
}

void bf_ball_free(ball *b) {
    (void)b;
}

#define BALL(name, arb_function)                             \
    void bf_ball_##name(ball *b, mpfr_t r, const mpfr_t x) { \
        (void)b;                                             \
        mpfr_##name(r, x, MPFR_RNDN);                        \
    }

#endif

BALL(tanh, arb_tanh)
BALL(exp, arb_exp)
BALL(log, arb_log)
BALL(erf, arb_hypgeom_erf)
