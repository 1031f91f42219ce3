/* SPDX-License-Identifier: MIT */
/* format.c - formats and their canonical encodings (see bitfate.h and doc/numerics.md). */
#include "num/format.h"

#include "base/bytes.h"
#include "num/formats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(n, ...) &format_##n,
static const bf_format *const named[] = {NAMED_FORMATS(ROW)};
#undef ROW
enum { N_NAMED = sizeof named / sizeof *named };

const bf_format *bf_format_list(size_t i) {
    return i < N_NAMED ? named[i] : NULL;
}

bf_format bf_format_of(int precision) {
    switch (precision) {
    case 8:
        return format_bf16;
    case 11:
        return format_f16;
    case 24:
        return format_f32;
    case 53:
        return format_f64;
    }
    bf_format f = {.precision = precision,
                   .emin = -0x3fffffff, /* MPFR_EMIN_DEFAULT and MPFR_EMAX_DEFAULT, spelled */
                   .emax = 0x3fffffff,  /* out: part of the contract */
                   .has_infinity = true,
                   .bytes = 9 + ((size_t)precision + 7) / 8};
    snprintf(f.name, sizeof f.name, "mpfr:%d", precision);
    return f;
}

bool bf_format_find(bf_format *out, const char *name) {
    for (size_t i = 0; i < N_NAMED; i++)
        if (strcmp(named[i]->name, name) == 0) {
            *out = *named[i];
            return true;
        }
    const long p = strncmp(name, "mpfr:", 5) == 0 ? strtol(name + 5, NULL, 10) : 0;
    if (p < 2 || p > BF_MAX_PRECISION)
        return false;
    *out = bf_format_of((int)p);
    return strcmp(out->name, name) == 0; /* mpfr:24 is called f32, and mpfr:0x20 nothing */
}

bool bf_format_same(const bf_format *a, const bf_format *b) {
    return strcmp(a->name, b->name) == 0;
}

void bf_format_bound(const bf_format *f, mpfr_t x) {
    const long ones = (1L << f->precision) - 1;
    if (!mpfr_nan_p(x) &&
        mpfr_cmp_si_2exp(x, mpfr_signbit(x) ? -ones : ones, f->emax - f->precision) == 0)
        mpfr_set_inf(x, mpfr_signbit(x) ? -1 : 1);
}

format_range bf_format_enter(const bf_format *f) {
    format_range saved = {mpfr_get_emin(), mpfr_get_emax()};
    mpfr_set_emin(f->emin);
    mpfr_set_emax(f->emax);
    return saved;
}

void bf_format_leave(format_range saved) {
    mpfr_set_emin(saved.emin);
    mpfr_set_emax(saved.emax);
}

void bf_format_round(const bf_format *f, mpfr_t r, const mpfr_t x) {
    int ternary = mpfr_set(r, x, MPFR_RNDN);
    format_range saved = bf_format_enter(f);
    ternary = mpfr_check_range(r, ternary, MPFR_RNDN);
    format_finish(f, r, ternary);
    bf_format_leave(saved);
}

/* ---- encodings ---------------------------------------------------------------------------- */

enum { ZERO, FINITE, INF, NOT_A_NUMBER, NEGATIVE = 128 };

/* A value taken apart: |x| = m 2^(exponent - precision), m little-endian in `bytes` bytes with its
 * top bit (number precision - 1) set. */
typedef struct parts {
    int kind;
    bool negative;
    int64_t exponent;
    size_t bytes;
    const uint8_t *m;
    uint8_t small[8]; /* where m points for IEEE formats */
} parts;

static uint64_t load(const uint8_t *p, size_t n) {
    if (n == 8)
        return bytes_get64(p);
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static void save(uint8_t *p, size_t n, uint64_t v) {
    if (n == 8) {
        bytes_put64(p, v);
        return;
    }
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t sign_bit(const bf_format *f) {
    return UINT64_C(1) << (f->bytes * 8 - 1);
}

static void take_apart(const bf_format *f, const uint8_t *value, parts *p) {
    if (!f->ieee) {
        p->kind = value[0] & 3;
        p->negative = value[0] & NEGATIVE;
        p->exponent = (int64_t)load(value + 1, 8);
        p->bytes = f->bytes - 9;
        p->m = value + 9;
        return;
    }
    const int fraction_bits = f->precision - 1;
    const uint64_t v = load(value, f->bytes), sign = sign_bit(f), beyond = format_beyond(f);
    const uint64_t place = (v & ~sign) >> f->spare, biased = place >> fraction_bits;
    uint64_t fraction = place & ((UINT64_C(1) << fraction_bits) - 1);
    p->negative = v & sign;
    p->exponent = 0;
    if (place >= beyond) {
        p->kind = place == beyond && f->has_infinity ? INF : NOT_A_NUMBER;
    } else if (place == 0) {
        p->kind = ZERO;
    } else {
        p->kind = FINITE;
        p->exponent = f->emin + fraction_bits - 1 + (int64_t)(biased ? biased : 1);
        if (biased)
            fraction |= UINT64_C(1) << fraction_bits;
        else
            for (; !(fraction >> fraction_bits); fraction <<= 1)
                p->exponent--;
    }
    p->bytes = sizeof p->small;
    save(p->small, sizeof p->small, fraction);
    p->m = p->small;
}

void bf_format_encode(const bf_format *f, const mpfr_t x, uint8_t *out) {
    const bool nan = mpfr_nan_p(x) || (mpfr_inf_p(x) && !f->has_infinity);
    const bool negative = mpfr_signbit(x) && !nan;
    const int kind = nan ? NOT_A_NUMBER : mpfr_inf_p(x) ? INF : mpfr_zero_p(x) ? ZERO : FINITE;
    mpz_t m;
    if (kind == FINITE) {
        mpz_init(m);
        mpfr_get_z_2exp(m, x); /* of x's precision, which is the format's */
        mpz_abs(m, m);
    }
    if (!f->ieee) {
        memset(out, 0, f->bytes);
        out[0] = (uint8_t)(kind | (negative ? NEGATIVE : 0));
        if (kind == FINITE) {
            save(out + 1, 8, (uint64_t)(int64_t)mpfr_get_exp(x));
            mpz_export(out + 9, NULL, -1, 1, -1, 0, m);
        }
    } else {
        const int fraction_bits = f->precision - 1;
        uint64_t v = 0;
        if (kind == FINITE) {
            uint8_t bytes[8] = {0};
            mpz_export(bytes, NULL, -1, 1, -1, 0, m);
            uint64_t fraction = load(bytes, 8);
            long biased = mpfr_get_exp(x) - f->emin - fraction_bits + 1;
            if (biased >= 1)
                v = (uint64_t)biased << fraction_bits |
                    (fraction & ((UINT64_C(1) << fraction_bits) - 1));
            else
                v = fraction >> (1 - biased); /* subnormal: the bits shifted out are zero */
        } else if (kind != ZERO) {
            v = nan ? format_nan(f) : format_beyond(f);
        }
        save(out, f->bytes, v << f->spare | (negative ? sign_bit(f) : 0));
    }
    if (kind == FINITE)
        mpz_clear(m);
}

void bf_format_decode(const bf_format *f, const uint8_t *value, mpfr_t r) {
    parts p;
    take_apart(f, value, &p);
    if (p.kind == NOT_A_NUMBER) {
        mpfr_set_nan(r);
    } else if (p.kind == INF) {
        mpfr_set_inf(r, p.negative ? -1 : 1);
    } else if (p.kind == ZERO) {
        mpfr_set_zero(r, p.negative ? -1 : 1);
    } else {
        mpz_t m;
        mpz_init(m);
        mpz_import(m, p.bytes, -1, 1, -1, 0, p.m);
        if (p.negative)
            mpz_neg(m, m);
        mpfr_set_z_2exp(r, m, (mpfr_exp_t)(p.exponent - f->precision), MPFR_RNDN);
        mpz_clear(m);
    }
}

/* ---- views of an encoded value ------------------------------------------------------------ */

bool bf_is_finite(const bf_format *f, const uint8_t *value) {
    parts p;
    take_apart(f, value, &p);
    return p.kind == FINITE || p.kind == ZERO;
}

void bf_largest(const bf_format *f, uint8_t *out) {
    if (f->ieee) {
        save(out, f->bytes, (format_beyond(f) - 1) << f->spare);
        return;
    }
    mpfr_t x;
    mpfr_init2(x, f->precision);
    format_range saved = bf_format_enter(f);
    mpfr_set_inf(x, 1);
    mpfr_nextbelow(x);
    bf_format_encode(f, x, out);
    bf_format_leave(saved);
    mpfr_clear(x);
}

double bf_to_double(const bf_format *f, const uint8_t *value) {
    mpfr_t x;
    mpfr_init2(x, f->precision);
    bf_format_decode(f, value, x);
    double d = mpfr_get_d(x, MPFR_RNDN);
    mpfr_clear(x);
    return d;
}

static size_t put_special(const parts *p, char *out, size_t size, const char *zero) {
    return (size_t)snprintf(out, size, "%s%s", p->negative && p->kind != NOT_A_NUMBER ? "-" : "",
                            p->kind == ZERO  ? zero
                            : p->kind == INF ? "inf"
                                             : "nan");
}

/* `p+12`; returns the characters written. */
static size_t put_exponent(char *out, long long e) {
    char digits[24];
    size_t n = 0, length = 0;
    unsigned long long magnitude = e < 0 ? 0ULL - (unsigned long long)e : (unsigned long long)e;
    do
        digits[n++] = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    out[length++] = 'p';
    out[length++] = e < 0 ? '-' : '+';
    while (n > 0)
        out[length++] = digits[--n];
    out[length] = '\0';
    return length;
}

size_t bf_to_hex(const bf_format *f, const uint8_t *value, char *out, size_t size) {
    static const char digits[] = "0123456789abcdef";
    parts p;
    take_apart(f, value, &p);
    if (p.kind != FINITE)
        return put_special(&p, out, size, "0x0p+0");
    if (size < (size_t)f->precision / 4 + 32)
        return 0;
    size_t n = 0;
    if (p.negative)
        out[n++] = '-';
    memcpy(out + n, "0x1.", 4);
    n += 4;
    size_t last = n; /* after the last digit that is not 0 */
    /* Nibbles of the fraction from the top, 16 of them at a time in the upper bits of a word; the
     * last is padded with zeros on the right. */
    for (int top = f->precision - 2; top >= 0; top -= 64) {
        uint64_t word = 0; /* bits top .. top - 63 */
        if (p.bytes == 8)
            word = bytes_get64(p.m) << (63 - top);
        else
            for (int byte = top / 8; byte >= 0 && byte > top / 8 - 9; byte--) {
                const int shift = 63 - top + 8 * byte; /* of the byte's bit 0 */
                word |= shift >= 0 ? (uint64_t)p.m[byte] << shift : (uint64_t)p.m[byte] >> -shift;
            }
        const size_t nibbles = top >= 63 ? 16 : (size_t)top / 4 + 1;
        size_t i = 0;
        for (; word; i++, word <<= 4)
            out[n + i] = digits[word >> 60];
        if (i > 0)
            last = n + i;
        for (; i < nibbles; i++)
            out[n + i] = '0';
        n += nibbles;
    }
    n = out[last - 1] == '.' ? last - 1 : last;
    return n + put_exponent(out + n, (long long)p.exponent - 1);
}

size_t bf_to_decimal(const bf_format *f, const uint8_t *value, char *out, size_t size) {
    parts p;
    take_apart(f, value, &p);
    if (p.kind != FINITE)
        return put_special(&p, out, size, "0");
    mpfr_t x;
    mpfr_init2(x, f->precision);
    bf_format_decode(f, value, x);
    mpfr_exp_t exponent;
    char *digits = mpfr_get_str(NULL, &exponent, 10, 0, x, MPFR_RNDN);
    const char *d = digits + p.negative;
    int n = snprintf(out, size, "%s%c.%se%+ld", p.negative ? "-" : "", d[0], d[1] ? d + 1 : "0",
                     (long)exponent - 1);
    mpfr_free_str(digits);
    mpfr_clear(x);
    return (size_t)n;
}

/* The number's place among all numbers of the format, 0 at zero. */
static void ordinal(const bf_format *f, const uint8_t *value, mpz_t out) {
    parts p;
    take_apart(f, value, &p);
    mpz_set_ui(out, 0);
    if (p.kind == ZERO)
        return;
    if (f->ieee) { /* the encoding counts, subnormals included */
        const uint64_t v = (load(value, f->bytes) & ~sign_bit(f)) >> f->spare;
        mpz_import(out, 1, -1, sizeof v, 0, 0, &v);
    } else {
        int64_t binade = (p.kind == INF ? f->emax + 1 : p.exponent) - f->emin;
        mpz_set_si(out, (long)binade);
        mpz_mul_2exp(out, out, (mp_bitcnt_t)f->precision - 1);
        if (p.kind == FINITE) {
            mpz_t m;
            mpz_init(m);
            mpz_import(m, p.bytes, -1, 1, -1, 0, p.m);
            mpz_clrbit(m, (mp_bitcnt_t)f->precision - 1);
            mpz_add(out, out, m);
            mpz_clear(m);
        }
        mpz_add_ui(out, out, 1);
    }
    if (p.negative)
        mpz_neg(out, out);
}

/* The finite number at a place, in the encoding; beyond the largest: infinite, or NaN. */
static void at_ordinal(const bf_format *f, const mpz_t place, uint8_t *out) {
    mpz_t rest, binade;
    mpz_inits(rest, binade, NULL);
    mpz_abs(rest, place);
    memset(out, 0, f->bytes);
    if (mpz_sgn(place) != 0) {
        uint8_t largest[BF_MAX_BYTES];
        bf_largest(f, largest);
        ordinal(f, largest, binade);
        const bool infinite = mpz_cmp(rest, binade) > 0;
        if (infinite)
            mpz_add_ui(rest, binade, 1);
        if (f->ieee) {
            uint64_t v = 0;
            mpz_export(&v, NULL, -1, sizeof v, 0, 0, rest);
            save(out, f->bytes, v << f->spare);
        } else {
            mpz_sub_ui(rest, rest, 1);
            mpz_fdiv_q_2exp(binade, rest, (mp_bitcnt_t)f->precision - 1);
            mpz_fdiv_r_2exp(rest, rest, (mp_bitcnt_t)f->precision - 1);
            mpz_setbit(rest, (mp_bitcnt_t)f->precision - 1);
            out[0] = infinite ? INF : FINITE;
            if (!infinite) {
                bytes_put64(out + 1, (uint64_t)(mpz_get_si(binade) + f->emin));
                mpz_export(out + 9, NULL, -1, 1, -1, 0, rest);
            }
        }
        if (mpz_sgn(place) < 0 && (!infinite || f->has_infinity))
            out[f->ieee ? f->bytes - 1 : 0] |= 0x80;
    }
    mpz_clears(rest, binade, NULL);
}

void bf_format_step(const bf_format *f, uint8_t *value, const mpz_t steps) {
    parts p;
    take_apart(f, value, &p);
    if (p.kind == NOT_A_NUMBER)
        return;
    mpz_t place;
    mpz_init(place);
    ordinal(f, value, place);
    mpz_add(place, place, steps);
    at_ordinal(f, place, value);
    mpz_clear(place);
}

double bf_ulps(const bf_format *f, const uint8_t *a, const uint8_t *b) {
    parts pa, pb;
    take_apart(f, a, &pa);
    take_apart(f, b, &pb);
    if (pa.kind == NOT_A_NUMBER || pb.kind == NOT_A_NUMBER)
        return pa.kind == pb.kind ? 0 : INFINITY;
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    ordinal(f, a, x);
    ordinal(f, b, y);
    mpz_sub(x, x, y);
    mpz_abs(x, x);
    mpfr_t d; /* nearest: mpz_get_d would truncate */
    mpfr_init2(d, 53);
    mpfr_set_z(d, x, MPFR_RNDN);
    double ulps = mpfr_get_d(d, MPFR_RNDN);
    mpfr_clear(d);
    mpz_clears(x, y, NULL);
    return ulps;
}

double bf_log2_distance(size_t n, const bf_format *fa, const uint8_t *a, const bf_format *fb,
                        const uint8_t *b) {
    mpfr_t x, y, sum;
    mpfr_inits2(64, x, y, sum, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (size_t i = 0; i < n; i++) {
        mpfr_set_prec(x, fa->precision);
        bf_format_decode(fa, a + i * fa->bytes, x);
        mpfr_set_prec(y, b ? fb->precision : 2);
        if (b)
            bf_format_decode(fb, b + i * fb->bytes, y);
        else
            mpfr_set_zero(y, 1);
        mpfr_t d;
        mpfr_init2(d, 64);
        mpfr_sub(d, x, y, MPFR_RNDN);
        mpfr_fma(sum, d, d, sum, MPFR_RNDN);
        mpfr_clear(d);
    }
    long exponent = 0;
    double r = mpfr_number_p(sum) ? mpfr_get_d_2exp(&exponent, sum, MPFR_RNDN) : NAN;
    r = r == 0 ? -INFINITY : (log2(r) + (double)exponent) / 2;
    mpfr_clears(x, y, sum, (mpfr_ptr)0);
    return r;
}

void bf_format_normal_density(const bf_format *f, uint8_t *out) {
    mpfr_t low, high, a, b;
    mpfr_inits2(f->precision, a, b, (mpfr_ptr)0);
    for (mpfr_prec_t w = f->precision + 32;; w *= 2) {
        mpfr_inits2(w, low, high, (mpfr_ptr)0);
        mpfr_const_pi(low, MPFR_RNDU);
        mpfr_const_pi(high, MPFR_RNDD);
        mpfr_mul_2ui(low, low, 1, MPFR_RNDU);
        mpfr_mul_2ui(high, high, 1, MPFR_RNDD);
        mpfr_rec_sqrt(low, low, MPFR_RNDD);
        mpfr_rec_sqrt(high, high, MPFR_RNDU);
        bf_format_round(f, a, low);
        bf_format_round(f, b, high);
        mpfr_clears(low, high, (mpfr_ptr)0);
        if (mpfr_equal_p(a, b))
            break;
    }
    bf_format_encode(f, a, out);
    mpfr_clears(a, b, (mpfr_ptr)0);
}
