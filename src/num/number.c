/* SPDX-License-Identifier: MIT */
/* number.c - exact real constants as texts, each rounded once into a format. */
#include "num/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Limits on texts from strangers: a short text must not take a huge number to hold. Powers of two
 * are kept apart, and may be as large as those of any format. */
enum { LONGEST = 20000, LARGEST_DECIMAL = 100000, LARGEST_BINARY = 0x40000000 + 2 * LONGEST * 4 };

typedef struct number {
    enum { RATIONAL, ROOT, INFINITE, INDEFINITE } kind;
    bool negative; /* also of zero, for which mpq has no sign */
    /* The magnitude, or of a root what is under it: quotient * 2^power. */
    mpq_t quotient;
    long long power;
} number;

/* Unsigned decimal or hex float at *s: q * 2^power, exactly. */
static bool read_atom(const char **s, mpq_t q, long long *power) {
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
    long long exponent = 0;
    if (tolower((unsigned char)*p) == (base == 16 ? 'p' : 'e')) {
        const char *e = p + 1;
        bool minus = *e == '-';
        e += *e == '-' || *e == '+';
        if (!isdigit((unsigned char)*e))
            return false;
        for (; isdigit((unsigned char)*e); e++)
            if ((exponent = exponent * 10 + (*e - '0')) >
                (base == 16 ? LARGEST_BINARY : LARGEST_DECIMAL))
                return false;
        exponent = minus ? -exponent : exponent;
        p = e;
    }
    *power = 0;
    if (base == 16) {
        *power = exponent - 4LL * scale;
    } else {
        exponent -= scale;
        mpz_t tens;
        mpz_init(tens);
        mpz_ui_pow_ui(tens, 10, (unsigned long)llabs(exponent));
        mpz_mul(exponent < 0 ? den : num, exponent < 0 ? den : num, tens);
        mpz_clear(tens);
    }
    mpq_canonicalize(q);
    *s = p;
    return true;
}

static bool read_quotient(const char **s, number *x) {
    if (!read_atom(s, x->quotient, &x->power))
        return false;
    if (**s != '/')
        return true;
    ++*s;
    mpq_t divisor;
    long long power;
    mpq_init(divisor);
    bool ok = read_atom(s, divisor, &power) && mpq_sgn(divisor) != 0;
    if (ok) {
        mpq_div(x->quotient, x->quotient, divisor);
        x->power -= power;
    }
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
    if (!read_quotient(&s, x))
        return false;
    return strcmp(s, root ? ")" : "") == 0;
}

/* Ziv's strategy: enclose the root ever tighter until both ends round to the same value. This
 * terminates in a tie too: a midpoint is a dyadic number, whose enclosure becomes exact. */
static void round_root(const bf_format *f, number *x, mpfr_t r) {
    if (x->power % 2 != 0) { /* the root of an even power of two is one */
        mpq_mul_2exp(x->quotient, x->quotient, 1);
        x->power--;
    }
    mpfr_t low, high, other;
    mpfr_init2(other, f->precision);
    for (mpfr_prec_t w = f->precision + 32;; w *= 2) {
        mpfr_init2(low, w);
        mpfr_init2(high, w);
        mpfr_set_q(low, x->quotient, MPFR_RNDD);
        mpfr_set_q(high, x->quotient, MPFR_RNDU);
        mpfr_sqrt(low, low, MPFR_RNDD);
        mpfr_sqrt(high, high, MPFR_RNDU);
        mpfr_mul_2si(low, low, (long)(x->power / 2), MPFR_RNDD);
        mpfr_mul_2si(high, high, (long)(x->power / 2), MPFR_RNDU);
        bf_format_round(f, r, low);
        bf_format_round(f, other, high);
        bool done = mpfr_equal_p(r, other);
        mpfr_clears(low, high, (mpfr_ptr)0);
        if (done)
            break;
    }
    mpfr_clear(other);
}

static void round_rational(const bf_format *f, const number *x, mpfr_t r) {
    /* Rounded without regard to the range, then fitted into it: once in effect. */
    format_range saved = {mpfr_get_emin(), mpfr_get_emax()};
    bf_format_leave((format_range){mpfr_get_emin_min(), mpfr_get_emax_max()});
    int ternary = mpfr_set_q(r, x->quotient, MPFR_RNDN);
    mpfr_mul_2si(r, r, (long)x->power, MPFR_RNDN);
    bf_format_enter(f);
    format_finish(f, r, mpfr_check_range(r, ternary, MPFR_RNDN));
    bf_format_leave(saved);
}

void bf_number_round_exact(const bf_format *f, const mpq_t q, bool root, mpfr_t r) {
    number x = {.kind = root ? ROOT : RATIONAL};
    mpq_init(x.quotient);
    mpq_set(x.quotient, q);
    if (root && mpq_sgn(q) != 0)
        round_root(f, &x, r);
    else
        round_rational(f, &x, r);
    mpq_clear(x.quotient);
}

bf_status bf_number_round(const bf_format *f, const char *text, mpfr_t r, bf_error *err) {
    number x;
    mpq_init(x.quotient);
    x.power = 0;
    bool ok = read_number(text, &x);
    if (ok) {
        if (x.kind == INDEFINITE) {
            mpfr_set_nan(r);
        } else if (x.kind == INFINITE) {
            mpfr_set_inf(r, 1);
        } else if (x.kind == ROOT) {
            round_root(f, &x, r);
        } else {
            round_rational(f, &x, r);
        }
        if (x.negative && x.kind != INDEFINITE)
            mpfr_neg(r, r, MPFR_RNDN);
    }
    mpq_clear(x.quotient);
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
    bf_status s = bf_number_round(format, text, r, err);
    if (s == BF_OK)
        bf_format_encode(format, r, out);
    mpfr_clear(r);
    return s;
}

/* The real number in the widest format: far closer than limits lie to one another. */
static bf_status finite_number(const char *text, mpfr_t r, bf_error *err) {
    const bf_format wide = bf_format_of(BF_MAX_PRECISION);
    mpfr_set_prec(r, wide.precision);
    bf_status s = bf_number_round(&wide, text, r, err);
    if (s == BF_OK && !mpfr_number_p(r))
        s = bf_fail(err, BF_EINPUT, "'%.60s': expected a finite number", text);
    return s;
}

bf_status bf_number_sign(const char *text, int *sign, bf_error *err) {
    mpfr_t r;
    mpfr_init(r);
    bf_status s = finite_number(text, r, err);
    if (s == BF_OK)
        *sign = mpfr_sgn(r);
    mpfr_clear(r);
    return s;
}

bf_status bf_number_compare(const char *a, const char *b, int *order, bf_error *err) {
    mpfr_t x, y;
    mpfr_inits(x, y, (mpfr_ptr)0);
    bf_status s = finite_number(a, x, err);
    BF_TRY(s, finite_number(b, y, err));
    if (s == BF_OK)
        *order = mpfr_cmp(x, y);
    mpfr_clears(x, y, (mpfr_ptr)0);
    return s;
}

/* quotient * 2^power as one rational, with the number's sign. False: too large to hold. */
static bool whole_quotient(const number *x, mpq_t out) {
    enum { LARGEST_POWER = 1 << 18 };
    if (llabs(x->power) > LARGEST_POWER)
        return false;
    if (x->power >= 0)
        mpq_mul_2exp(out, x->quotient, (mp_bitcnt_t)x->power);
    else
        mpq_div_2exp(out, x->quotient, (mp_bitcnt_t)-x->power);
    if (x->negative)
        mpq_neg(out, out);
    return true;
}

bf_status bf_number_rational(const char *text, mpq_t out, bf_error *err) {
    number x;
    mpq_init(x.quotient);
    x.power = 0;
    const bool ok = read_number(text, &x) && x.kind == RATIONAL && whole_quotient(&x, out);
    mpq_clear(x.quotient);
    return ok ? BF_OK
              : bf_fail(err, BF_EINPUT,
                        "'%.60s' is not a rational number; expected a decimal such as 2.5 or "
                        "1e-60, a hex float such as 0x1.8p-3, or a quotient such as 1/2",
                        text);
}

bf_status bf_number_exact(const char *text, mpq_t out, bool *root, bf_error *err) {
    number x;
    mpq_init(x.quotient);
    x.power = 0;
    const bool ok = read_number(text, &x) && (x.kind == RATIONAL || x.kind == ROOT) &&
                    whole_quotient(&x, out) && mpq_sgn(out) >= 0;
    *root = x.kind == ROOT;
    mpq_clear(x.quotient);
    return ok ? BF_OK
              : bf_fail(err, BF_EINPUT,
                        "'%.60s': expected a decimal, a hex float, a quotient or the sqrt(...) of "
                        "one, 0 or above",
                        text);
}

bf_status bf_number_difference(const char *from, const char *to, double *out, bf_error *err) {
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    bf_status s = bf_number_rational(from, a, err);
    BF_TRY(s, bf_number_rational(to, b, err));
    if (s == BF_OK) {
        mpfr_t d;
        mpfr_init2(d, 53);
        mpq_sub(b, b, a);
        mpfr_set_q(d, b, MPFR_RNDN);
        *out = mpfr_get_d(d, MPFR_RNDN);
        mpfr_clear(d);
    }
    mpq_clears(a, b, NULL);
    return s;
}

bf_status bf_number_double(const char *text, double *out, bf_error *err) {
    bf_format f = bf_format_of(53);
    mpfr_t r;
    mpfr_init2(r, 53);
    bf_status s = bf_number_round(&f, text, r, err);
    if (s == BF_OK)
        *out = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(r);
    return s;
}
