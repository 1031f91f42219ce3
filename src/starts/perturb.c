/* SPDX-License-Identifier: MIT */
/* perturb.c - perturbations of a start at scale eps. */
#include "num/draw.h"
#include "num/format.h"

#include <stdlib.h>
#include <string.h>

/* Enough draws that a number has the format's full precision, even near 0. */
static unsigned draws_for(const bf_format *f) {
    return ((unsigned)f->precision + WORD - 1) / WORD + 1;
}

/* theta_i <- RN(theta_i + RN(eps RN(z_i))), z_i uniform in (-1, 1) or standard normal. */
static bf_status add_noise(const bf_format *f, size_t n, uint8_t *theta, const char *eps,
                           uint64_t seed, uint64_t trial, bool normal, bool *moved, bf_error *err) {
    mpfr_t scale, z, x;
    int sign;
    bf_status s = bf_number_sign(eps, &sign, err); /* finite */
    if (s != BF_OK)
        return s;
    mpfr_inits2(f->precision, scale, z, x, (mpfr_ptr)0);
    s = bf_number_round(f, eps, scale, err);
    if (s == BF_OK) {
        const unsigned words = draws_for(f);
        bool any = false;
        mpz_t m;
        mpq_t one;
        mpz_init(m);
        mpq_init(one);
        mpq_set_ui(one, 1, 1);
        for (size_t i = 0; i < n; i++) {
            if (normal)
                bf_draw_normal(f, z, one, words, seed, BF_STREAM_PERTURB, trial, (uint32_t)i);
            else
                bf_draw_odd(m, words, seed, BF_STREAM_PERTURB, trial, (uint32_t)i, 0);
            format_range saved = bf_format_enter(f);
            if (!normal)
                format_finish(f, z, mpfr_set_z_2exp(z, m, -(mpfr_exp_t)words * WORD, MPFR_RNDN));
            format_finish(f, z, mpfr_mul(z, scale, z, MPFR_RNDN));
            uint8_t after[BF_MAX_BYTES], *place = theta + i * f->bytes;
            bf_format_decode(f, place, x);
            format_finish(f, x, mpfr_add(x, x, z, MPFR_RNDN));
            bf_format_leave(saved);
            bf_format_encode(f, x, after);
            any |= memcmp(after, place, f->bytes) != 0;
            memcpy(place, after, f->bytes);
        }
        mpz_clear(m);
        mpq_clear(one);
        if (moved)
            *moved = any;
    }
    mpfr_clears(scale, z, x, (mpfr_ptr)0);
    return s;
}

bf_status bf_perturb_cube(const bf_format *f, size_t n, uint8_t *theta, const char *eps,
                          uint64_t seed, uint64_t trial, bool *moved, bf_error *err) {
    return add_noise(f, n, theta, eps, seed, trial, false, moved, err);
}

bf_status bf_perturb_gaussian(const bf_format *f, size_t n, uint8_t *theta, const char *eps,
                              uint64_t seed, uint64_t trial, bool *moved, bf_error *err) {
    return add_noise(f, n, theta, eps, seed, trial, true, moved, err);
}

/* eps as a whole number from 1. */
static bf_status read_count(const char *eps, mpz_t out, bf_error *err) {
    mpq_t q;
    mpq_init(q);
    bf_status s = bf_number_rational(eps, q, err);
    if (s == BF_OK && (mpz_cmp_ui(mpq_denref(q), 1) != 0 || mpq_sgn(q) <= 0))
        s = bf_fail(err, BF_EINPUT, "eps is %.60s; expected a whole number from 1", eps);
    mpz_set(out, mpq_numref(q));
    mpq_clear(q);
    return s;
}

/* Mark k of n, each set of k as likely as any: R. Floyd, in J. Bentley, "Programming pearls: a
 * sample of brilliance", CACM 1987. */
static void choose(uint8_t *chosen, size_t n, size_t k, uint64_t seed, uint64_t trial) {
    for (size_t j = n - k; j < n; j++) {
        const size_t t = (size_t)bf_draw_below(j + 1, seed, BF_STREAM_PERTURB, trial,
                                               (uint32_t)(j - (n - k)), 0);
        chosen[chosen[t] ? j : t] = 1;
    }
}

/* The last bit of the significand is the lowest of the encoding that is not spare, or of its part
 * for it; zero has none where there are no subnormals. What becomes NaN is encoded as NaN is. */
static bool flip_last_bit(const bf_format *f, uint8_t *value) {
    enum { FINITE = 1, SIGNIFICAND = 9 };
    if (!f->ieee && (value[0] & 127) != FINITE)
        return false;
    value[f->ieee ? f->spare / 8 : SIGNIFICAND] ^= (uint8_t)(1 << f->spare % 8);
    if (f->ieee && !bf_is_finite(f, value))
        return bf_number(f, "nan", value, NULL) == BF_OK;
    return true;
}

bf_status bf_perturb_bit(const bf_format *f, size_t n, uint8_t *theta, const char *eps,
                         uint64_t seed, uint64_t trial, bool *moved, bf_error *err) {
    mpz_t count;
    mpz_init(count);
    bf_status s = read_count(eps, count, err);
    if (s == BF_OK && mpz_cmp_ui(count, n) > 0)
        s = bf_fail(err, BF_EINPUT, "eps is %.60s; expected at most %zu, the number of parameters",
                    eps, n);
    uint8_t *chosen = s == BF_OK ? calloc(n, 1) : NULL;
    if (s == BF_OK && !chosen)
        s = bf_no_memory(err);
    if (s == BF_OK) {
        bool any = false;
        choose(chosen, n, mpz_get_ui(count), seed, trial);
        for (size_t i = 0; i < n; i++)
            if (chosen[i])
                any |= flip_last_bit(f, theta + i * f->bytes);
        if (moved)
            *moved = any;
    }
    free(chosen);
    mpz_clear(count);
    return s;
}

bf_status bf_perturb_ulps(const bf_format *f, size_t n, uint8_t *theta, const char *eps,
                          uint64_t seed, uint64_t trial, bool *moved, bf_error *err) {
    mpz_t steps;
    mpz_init(steps);
    bf_status s = read_count(eps, steps, err);
    for (size_t i = 0; i < n && s == BF_OK; i++) {
        const bool down = bf_random(seed, BF_STREAM_PERTURB, trial, (uint32_t)i, 0) & 1;
        if ((mpz_sgn(steps) < 0) != down)
            mpz_neg(steps, steps);
        bf_format_step(f, theta + i * f->bytes, steps);
    }
    mpz_clear(steps);
    if (s == BF_OK && moved)
        *moved = true;
    return s;
}

static const bf_perturbation perturbations[] = {
    {"cube", "eps times a number uniform in (-1, 1) is added to every parameter", false,
     bf_perturb_cube},
    {"gaussian", "eps times a standard normal number is added to every parameter", false,
     bf_perturb_gaussian},
    {"bit", "in eps parameters, chosen at random, the last bit of the significand is flipped", true,
     bf_perturb_bit},
    {"ulps", "every parameter is moved by eps units in the last place, up or down at random", true,
     bf_perturb_ulps},
};

const bf_perturbation *bf_perturbation_list(size_t i) {
    return i < sizeof perturbations / sizeof *perturbations ? &perturbations[i] : NULL;
}
