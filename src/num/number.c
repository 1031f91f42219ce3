/* SPDX-License-Identifier: MIT */
/* number.c - exact real constants as texts, each rounded once into a format. */
#include "num/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Limits on texts from strangers: a short text must not stand for a huge number. */
enum { LONGEST = 20000, LARGEST_EXPONENT = 100000 };

typedef struct number {
    enum { RATIONAL, ROOT, INFINITE, INDEFINITE } kind;
    bool negative;   /* also of zero, for which mpq has no sign */
    mpq_t magnitude; /* of the number, or of what is under the root */
} number;

/* Unsigned decimal or hex float at *s: into q, exactly. */
static bool read_atom(const char **s, mpq_t q) {
    const char *p = *s;
    int base = p[0] == '0' && (p[1] == 'x' || p[1] == 'X') ? 16 : 10;
    if (base == 16)
        p += 2;
    mpz_ptr num = mpq_numref(q), den = mpq_denref(q);
    mpz_set_ui(num, 0);
    mpz_set_ui(den, 1);
    long scale = 0; /* digits after the point */
    bool point = false, any = false;
    for (;; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        int c = tolower((unsigned char)*p);
        int digit = isdigit(c) ? c - '0' : base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            break;
        mpz_mul_ui(num, num, (unsigned long)base);
        mpz_add_ui(num, num, (unsigned long)digit);
        any = true;
        scale += point;
    }
    if (!any)
        return false;
    long exponent = 0;
    if (tolower((unsigned char)*p) == (base == 16 ? 'p' : 'e')) {
        const char *e = p + 1;
        bool minus = *e == '-';
        e += *e == '-' || *e == '+';
        if (!isdigit((unsigned char)*e))
            return false;
        for (; isdigit((unsigned char)*e); e++)
            if ((exponent = exponent * 10 + (*e - '0')) > LARGEST_EXPONENT)
                return false;
        exponent = minus ? -exponent : exponent;
        p = e;
    }
    if (base == 16) {
        exponent -= 4 * scale;
        mpz_mul_2exp(exponent < 0 ? den : num, exponent < 0 ? den : num,
                     (mp_bitcnt_t)labs(exponent));
    } else {
        exponent -= scale;
        mpz_t power;
        mpz_init(power);
        mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
        mpz_mul(exponent < 0 ? den : num, exponent < 0 ? den : num, power);
        mpz_clear(power);
    }
    mpq_canonicalize(q);
    *s = p;
    return true;
}

static bool read_quotient(const char **s, mpq_t q) {
    if (!read_atom(s, q))
        return false;
    if (**s != '/')
        return true;
    ++*s;
    mpq_t divisor;
    mpq_init(divisor);
    bool ok = read_atom(s, divisor) && mpq_sgn(divisor) != 0;
    if (ok)
        mpq_div(q, q, divisor);
    mpq_clear(divisor);
    return ok;
}

static bool read_number(const char *s, number *x) {
    if (strlen(s) > LONGEST)
        return false;
    x->negative = *s == '-';
    s += *s == '-' || *s == '+';
    x->kind = RATIONAL;
    if (strcmp(s, "inf") == 0 || strcmp(s, ".inf") == 0) {
        x->kind = INFINITE;
        return true;
    }
    if (strcmp(s, "nan") == 0 || strcmp(s, ".nan") == 0) {
        x->kind = INDEFINITE;
        return true;
    }
    bool root = strncmp(s, "sqrt(", 5) == 0;
    if (root) {
        x->kind = ROOT;
        s += 5;
    }
    if (!read_quotient(&s, x->magnitude))
        return false;
    return strcmp(s, root ? ")" : "") == 0;
}

/* Ziv's strategy: enclose the root ever tighter until both ends round to the same value. A tie
 * cannot go on for ever: a midpoint is a dyadic number, whose enclosure becomes exact. */
static void round_root(const bf_format *f, const mpq_t q, mpfr_t r) {
    mpfr_t low, high, other;
    mpfr_init2(other, f->precision);
    for (mpfr_prec_t w = f->precision + 32;; w *= 2) {
        mpfr_init2(low, w);
        mpfr_init2(high, w);
        mpfr_set_q(low, q, MPFR_RNDD);
        mpfr_set_q(high, q, MPFR_RNDU);
        mpfr_sqrt(low, low, MPFR_RNDD);
        mpfr_sqrt(high, high, MPFR_RNDU);
        format_round(f, r, low);
        format_round(f, other, high);
        bool done = mpfr_equal_p(r, other);
        mpfr_clears(low, high, (mpfr_ptr)0);
        if (done)
            break;
    }
    mpfr_clear(other);
}

bf_status number_round(const bf_format *f, const char *text, mpfr_t r, bf_error *err) {
    number x;
    mpq_init(x.magnitude);
    bool ok = read_number(text, &x);
    if (ok) {
        if (x.kind == INDEFINITE) {
            mpfr_set_nan(r);
        } else if (x.kind == INFINITE) {
            mpfr_set_inf(r, 1);
        } else if (x.kind == ROOT) {
            round_root(f, x.magnitude, r);
        } else {
            format_range saved = format_enter(f);
            format_finish(f, r, mpfr_set_q(r, x.magnitude, MPFR_RNDN));
            format_leave(saved);
        }
        if (x.negative && x.kind != INDEFINITE)
            mpfr_neg(r, r, MPFR_RNDN);
    }
    mpq_clear(x.magnitude);
    if (!ok)
        return bf_fail(err, BF_EINPUT,
                       "'%.60s' is not a number; expected a decimal such as 2.5 or 1e-60, a hex "
                       "float such as 0x1.8p-3, a quotient such as 1/2, or sqrt(...)",
                       text);
    return BF_OK;
}

bf_status bf_number(const bf_format *format, const char *text, uint8_t *out, bf_error *err) {
    mpfr_t r;
    mpfr_init2(r, format->precision);
    bf_status s = number_round(format, text, r, err);
    if (s == BF_OK)
        format_encode(format, r, out);
    mpfr_clear(r);
    return s;
}

bf_status bf_number_double(const char *text, double *out, bf_error *err) {
    bf_format f = bf_format_of(53);
    mpfr_t r;
    mpfr_init2(r, 53);
    bf_status s = number_round(&f, text, r, err);
    if (s == BF_OK)
        *out = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(r);
    return s;
}
