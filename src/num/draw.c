/* SPDX-License-Identifier: MIT */
/* draw.c - random reals, exact or correctly rounded. */
#include "num/draw.h"

void bf_draw_odd(mpz_t m, unsigned words, uint64_t seed, unsigned stream, uint64_t trial,
                 uint32_t index, unsigned first) {
    mpz_set_ui(m, 0);
    for (unsigned i = 0; i < words; i++) {
        uint64_t word = bf_random(seed, stream, trial, index, first + i);
        for (int half = 1; half >= 0; half--) {
            mpz_mul_2exp(m, m, 32);
            mpz_add_ui(m, m, (unsigned long)(uint32_t)(word >> (32 * half)));
        }
    }
    mpz_mul_2exp(m, m, 1);
    mpz_add_ui(m, m, 1);
    mpz_t range;
    mpz_init_set_ui(range, 1);
    mpz_mul_2exp(range, range, (mp_bitcnt_t)words * WORD);
    mpz_sub(m, m, range);
    mpz_clear(range);
}

/* (1 + u)/2 in (0, 1), exactly, for the u that bf_draw_odd stands for. x has `words` * WORD + 1
 * bits.
 */
static void draw_open(mpfr_t x, unsigned words, uint64_t seed, unsigned stream, uint64_t trial,
                      uint32_t index) {
    mpz_t m, range;
    mpz_init(m);
    mpz_init_set_ui(range, 1);
    bf_draw_odd(m, words, seed, stream, trial, index, 0);
    mpz_mul_2exp(range, range, (mp_bitcnt_t)words * WORD);
    mpz_add(m, m, range);
    mpfr_set_z_2exp(x, m, -(mpfr_exp_t)words * WORD - 1, MPFR_RNDN);
    mpz_clears(m, range, NULL);
}

void bf_draw_normal(const bf_format *f, mpfr_t r, const mpq_t variance, unsigned words,
                    uint64_t seed, unsigned stream, uint64_t trial, uint32_t index) {
    mpfr_t u1, u2;
    mpfr_inits2((mpfr_prec_t)words * WORD + 1, u1, u2, (mpfr_ptr)0);
    draw_open(u1, words, seed, stream, trial, index & ~UINT32_C(1));
    draw_open(u2, words, seed, stream, trial, index | 1);
    /* Ziv: until it can be rounded. Its square is rational multiple of a logarithm times an
     * algebraic number, so it is transcendental and never on the edge. */
    bool done = false;
    for (mpfr_prec_t w = f->precision + 32; !done; w *= 2) {
        mpfr_t x, angle;
        mpfr_inits2(w, x, angle, (mpfr_ptr)0);
        mpfr_const_pi(angle, MPFR_RNDN);
        mpfr_mul(angle, angle, u2, MPFR_RNDN);
        mpfr_mul_2ui(angle, angle, 1, MPFR_RNDN);
        if (index & 1)
            mpfr_sin(angle, angle, MPFR_RNDN);
        else
            mpfr_cos(angle, angle, MPFR_RNDN);
        const mpfr_exp_t lost = mpfr_regular_p(angle) ? mpfr_get_exp(angle) : -w;
        mpfr_log(x, u1, MPFR_RNDN);
        mpfr_mul_si(x, x, -2, MPFR_RNDN);
        mpfr_sqrt(x, x, MPFR_RNDN);
        mpfr_mul(x, x, angle, MPFR_RNDN);
        mpfr_set_q(angle, variance, MPFR_RNDN);
        mpfr_sqrt(angle, angle, MPFR_RNDN);
        mpfr_mul(x, x, angle, MPFR_RNDN);
        /* The angle, below 7, is within 2^(4-w), so its sine is too; the other operations add less
         * than 2^(3-w) of x. */
        const mpfr_exp_t good = w - 8 + (lost < 0 ? lost : 0);
        done = good > 0 && mpfr_regular_p(x) &&
               mpfr_can_round(x, good, MPFR_RNDN, MPFR_RNDZ, f->precision + 1);
        if (done)
            bf_format_round(f, r, x);
        mpfr_clears(x, angle, (mpfr_ptr)0);
    }
    mpfr_clears(u1, u2, (mpfr_ptr)0);
}

uint64_t bf_draw_below(uint64_t n, uint64_t seed, unsigned stream, uint64_t trial, uint32_t index,
                       unsigned first) {
    const uint64_t whole = UINT64_MAX - UINT64_MAX % n;
    uint64_t draw = UINT64_MAX;
    for (unsigned block = first; draw >= whole; block++)
        draw = bf_random(seed, stream, trial, index, block);
    return draw % n;
}
