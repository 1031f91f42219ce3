/* SPDX-License-Identifier: MIT */
/* affine.c - the map of a data set from its exact numbers to reals, rounded once. */
#include "num/affine.h"

#include "num/format.h"

#include <stdlib.h>
#include <string.h>

/* Images have few distinct values: where each was last found, by a hash of its bits. */
enum { SLOT_BITS = 14, SLOTS = 1 << SLOT_BITS };

struct affine {
    bf_format format;
    bool mapped; /* else every number stands for itself */
    bool root;   /* the divisor is sqrt(divisor) */
    mpq_t shift, divisor, value;
    mpfr_t exact, rounded;
    double keys[SLOTS];
    bool used[SLOTS];
    uint8_t *values; /* (SLOTS, bytes) */
};

bf_status bf_affine_new(affine **out, const bf_format *f, const char *shift, const char *divisor,
                        bf_error *err) {
    *out = NULL;
    affine *a = calloc(1, sizeof *a);
    if (!a)
        return bf_no_memory(err);
    a->format = *f;
    a->mapped = shift || divisor;
    mpq_inits(a->shift, a->divisor, a->value, NULL);
    mpq_set_ui(a->divisor, 1, 1);
    mpfr_init2(a->exact, 53);
    mpfr_init2(a->rounded, f->precision);
    a->values = malloc(SLOTS * f->bytes);
    bf_status s = a->values ? BF_OK : bf_no_memory(err);
    if (s == BF_OK && shift)
        s = bf_number_rational(shift, a->shift, err);
    if (s == BF_OK && divisor)
        s = bf_number_exact(divisor, a->divisor, &a->root, err);
    if (s == BF_OK && mpq_sgn(a->divisor) <= 0)
        s = bf_fail(err, BF_EINPUT, "the data's divisor is '%.60s'; expected a number above 0",
                    divisor);
    if (s == BF_OK)
        *out = a;
    else
        bf_affine_free(a);
    return s;
}

void bf_affine_free(affine *a) {
    if (!a)
        return;
    mpq_clears(a->shift, a->divisor, a->value, NULL);
    mpfr_clears(a->exact, a->rounded, (mpfr_ptr)0);
    free(a->values);
    free(a);
}

/* A quotient by a root is the root of a quotient, with a sign. */
static void compute(affine *a, double x, uint8_t *out) {
    if (!a->mapped) {
        mpfr_set_d(a->exact, x, MPFR_RNDN);
        bf_format_round(&a->format, a->rounded, a->exact);
    } else {
        mpq_set_d(a->value, x);
        mpq_sub(a->value, a->value, a->shift);
        const bool negative = mpq_sgn(a->value) < 0;
        if (a->root)
            mpq_mul(a->value, a->value, a->value);
        mpq_div(a->value, a->value, a->divisor);
        bf_number_round_exact(&a->format, a->value, a->root, a->rounded);
        if (a->root && negative)
            mpfr_neg(a->rounded, a->rounded, MPFR_RNDN);
    }
    bf_format_encode(&a->format, a->rounded, out);
}

const uint8_t *bf_affine_round(affine *a, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits ^ bits >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    const size_t slot = (size_t)(bits >> (64 - SLOT_BITS));
    uint8_t *value = a->values + slot * a->format.bytes;
    if (!a->used[slot] || memcmp(&a->keys[slot], &x, sizeof x) != 0) {
        a->used[slot] = true;
        a->keys[slot] = x;
        compute(a, x, value);
    }
    return value;
}
