/* SPDX-License-Identifier: MIT */
/* start.c - where runs start: distributions that know nothing of the model's layers, and the
 * minimal model's own. */
#include "num/draw.h"
#include "num/format.h"

#include <inttypes.h>

bf_status bf_start_uniform(const bf_format *f, size_t n, uint8_t *theta, const char *low,
                           const char *high, uint64_t seed, uint64_t trial, bf_error *err) {
    /* low and high as real numbers, to a precision whose last bit is far below that of any format:
     * exact for dyadic bounds, and for the others within 2^-19000 of a double rounding. */
    enum { WIDE = 20000 };
    bf_format wide = bf_format_of(WIDE);
    mpfr_t a, b, t, x, r;
    mpfr_inits2(WIDE, a, b, (mpfr_ptr)0);
    mpfr_inits2(2 * WIDE, t, x, (mpfr_ptr)0);
    mpfr_init2(r, f->precision);
    int sign;
    bf_status s = bf_number_sign(low, &sign, err);
    BF_TRY(s, bf_number_sign(high, &sign, err));
    BF_TRY(s, bf_number_round(&wide, low, a, err));
    BF_TRY(s, bf_number_round(&wide, high, b, err));
    if (s == BF_OK) {
        mpz_t m;
        mpz_init(m);
        for (size_t i = 0; i < n; i++) {
            bf_draw_odd(m, 1, seed, BF_STREAM_START, trial, (uint32_t)i, 0);
            /* a + (b - a) (1 + m 2^-64) / 2 */
            mpfr_set_z_2exp(t, m, -WORD, MPFR_RNDN);
            mpfr_add_ui(t, t, 1, MPFR_RNDN);
            mpfr_div_2ui(t, t, 1, MPFR_RNDN);
            mpfr_sub(x, b, a, MPFR_RNDN);
            mpfr_fma(x, x, t, a, MPFR_RNDN);
            bf_format_round(f, r, x);
            bf_format_encode(f, r, theta + i * f->bytes);
        }
        mpz_clear(m);
    }
    mpfr_clears(a, b, t, x, r, (mpfr_ptr)0);
    return s;
}

/* A direction in the plane, uniform: the first point (x, y) of (-1, 1)^2 drawn inside the unit
 * disc, not normalised. `which` keeps the two directions of one start apart. */
static void draw_direction(mpz_t x, mpz_t y, uint64_t seed, uint64_t trial, uint32_t which) {
    mpz_t norm, square, disc;
    mpz_inits(norm, square, disc, NULL);
    mpz_setbit(disc, 2 * WORD);
    for (unsigned attempt = 0;; attempt++) {
        bf_draw_odd(x, 1, seed, BF_STREAM_START, trial, which, 2 * attempt);
        bf_draw_odd(y, 1, seed, BF_STREAM_START, trial, which, 2 * attempt + 1);
        mpz_mul(norm, x, x);
        mpz_mul(square, y, y);
        mpz_add(norm, norm, square);
        if (mpz_cmp(norm, disc) <= 0)
            break;
    }
    mpz_clears(norm, square, disc, NULL);
}

/* x / sqrt(x^2 + y^2), within 2^-(w-4) at precision w. */
static void cosine(mpfr_t r, const mpz_t x, const mpz_t y) {
    mpz_t norm, square;
    mpz_inits(norm, square, NULL);
    mpz_mul(norm, x, x);
    mpz_mul(square, y, y);
    mpz_add(norm, norm, square);
    mpfr_t root;
    mpfr_init2(root, mpfr_get_prec(r));
    mpfr_set_z(root, norm, MPFR_RNDN);
    mpfr_sqrt(root, root, MPFR_RNDN);
    mpfr_set_z(r, x, MPFR_RNDN);
    mpfr_div(r, r, root, MPFR_RNDN);
    mpfr_clear(root);
    mpz_clears(norm, square, NULL);
}

bf_status bf_start_planes(const bf_format *f, uint8_t *theta, const char *distance, uint64_t seed,
                          uint64_t trial, bf_error *err) {
    /* With angles alpha within the planes and beta across them:
     *   w1, w2 = (cos alpha +- cos beta) D / 2,   v1, v2 = (sin alpha +- sin beta) D / 2,
     * so that |(w1 + w2, v1 + v2)| = |(w1 - w2, v1 - v2)| = D. The angles are directions of points
     * with 64-bit integer coordinates: the start is one real vector for all formats. */
    int sign;
    bf_status s = bf_number_sign(distance, &sign, err); /* finite */
    if (s != BF_OK)
        return s;
    mpz_t along[2], across[2];
    mpz_inits(along[0], along[1], across[0], across[1], NULL);
    draw_direction(along[0], along[1], seed, trial, 0);
    draw_direction(across[0], across[1], seed, trial, 1);
    mpfr_t a, b, d, x, r;
    mpfr_init2(r, f->precision);
    for (int i = 0; i < 4 && s == BF_OK; i++) {
        int axis = i / 2;                                  /* w: cosines, v: sines */
        for (mpfr_prec_t w = f->precision + 64;; w *= 2) { /* Ziv: until it can be rounded */
            mpfr_inits2(w, a, b, d, x, (mpfr_ptr)0);
            const bf_format working = bf_format_of((int)w);
            s = bf_number_round(&working, distance, d, err);
            cosine(a, along[axis], along[1 - axis]);
            cosine(b, across[axis], across[1 - axis]);
            if (i % 2)
                mpfr_sub(x, a, b, MPFR_RNDN);
            else
                mpfr_add(x, a, b, MPFR_RNDN);
            mpfr_exp_t sum_exponent = mpfr_regular_p(x) ? mpfr_get_exp(x) : -w;
            mpfr_mul(x, x, d, MPFR_RNDN);
            mpfr_div_2ui(x, x, 1, MPFR_RNDN);
            /* The sum is within 2^-(w-6) of the truth, so correct to w - 6 + its exponent bits. */
            mpfr_exp_t good = w - 8 + (sum_exponent < 0 ? sum_exponent : 0);
            const bool known =
                mpfr_zero_p(d) || (good > 0 && mpfr_regular_p(x) &&
                                   mpfr_can_round(x, good, MPFR_RNDN, MPFR_RNDZ, f->precision + 1));
            /* Chance does not lead there: that long a run of equal bits has a probability below
             * 2^-4000. */
            if (s == BF_OK && !known && w > 8L * f->precision + 4096)
                s = bf_fail(err, BF_EINPUT,
                            "a start at distance %.60s from both planes (seed %" PRIu64
                            ", trial %" PRIu64 ") cannot be rounded to %s; expected another "
                            "distance or seed",
                            distance, seed, trial, f->name);
            const bool done = s != BF_OK || known;
            if (known && s == BF_OK) {
                bf_format_round(f, r, x);
                bf_format_encode(f, r, theta + (size_t)i * f->bytes);
            }
            mpfr_clears(a, b, d, x, (mpfr_ptr)0);
            if (done)
                break;
        }
    }
    mpfr_clear(r);
    mpz_clears(along[0], along[1], across[0], across[1], NULL);
    return s;
}
