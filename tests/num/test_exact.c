/* SPDX-License-Identifier: MIT */
/* test_exact.c - laws of the exact sum: superacc.h, and exact_f64.h and exact_f32.h in lanes.
 *
 * The law is one: the result has the bits of the exact real sum rounded once, which MPFR computes
 * here with as many bits as it takes. It is tested on sums made to be hard, with other hard sums in
 * the neighbouring lanes. Build it once per kernel path: the headers under test are inline.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mpfr.h>

#include "num/sum/exact_f32.h"
#include "num/sum/exact_f64.h"
#include "num/sum/superacc.h"

/* ---- randomness --------------------------------------------------------------------------- */

static uint64_t random_state = 1;

/* splitmix64. */
static uint64_t random_bits(void) {
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* low..high, both included. */
static int random_int(int low, int high) {
    return low + (int)(random_bits() % (uint64_t)(high - low + 1));
}

static bool coin(void) {
    return random_bits() >> 63 != 0;
}

/* ---- the two formats ---------------------------------------------------------------------- */

/* Numbers travel as doubles; those of binary32 are exact in them. */
struct format {
    const char *name;
    int precision, emin, emax; /* MPFR's convention: see bf_format */
    double greatest, least;    /* finite; positive */
};

static const struct format f64 = {"f64", 53, -1073, 1024, 0x1.fffffffffffffp1023, 0x1p-1074};
static const struct format f32 = {"f32", 24, -148, 128, 0x1.fffffep127, 0x1p-149};

/* Any sum of products: from 2^-2148 to 2^2048, times 2^60. */
enum { EXACT_BITS = 4300, MAX_TERMS = 10000 };

/* The exact sum, rounded once by MPFR. Non-finite values by IEEE's rules, which MPFR has. */
static double reference_round(const struct format *f, mpfr_srcptr sum) {
    if (mpfr_zero_p(sum))
        return 0.0;
    if (mpfr_nan_p(sum))
        return NAN;
    const mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
    mpfr_t r;
    mpfr_init2(r, f->precision);
    int ternary = mpfr_set(r, sum, MPFR_RNDN);
    mpfr_set_emin(f->emin);
    mpfr_set_emax(f->emax);
    ternary = mpfr_check_range(r, ternary, MPFR_RNDN);
    mpfr_subnormalize(r, ternary, MPFR_RNDN);
    mpfr_set_emin(emin);
    mpfr_set_emax(emax);
    const double x = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(r);
    return x;
}

/* sum += a b, exactly. */
static void reference_addmul(mpfr_ptr sum, double a, double b) {
    static mpfr_t x, y;
    static bool ready = false;
    if (!ready) {
        mpfr_init2(x, 53);
        mpfr_init2(y, 106);
        ready = true;
    }
    mpfr_set_d(x, a, MPFR_RNDN);
    const int inexact = mpfr_mul_d(y, x, b, MPFR_RNDN) | mpfr_add(sum, sum, y, MPFR_RNDN);
    assert_int_equal(inexact, 0);
}

static double reference_dot(const struct format *f, const double *a, const double *b, size_t n) {
    mpfr_t sum;
    mpfr_init2(sum, EXACT_BITS);
    mpfr_set_zero(sum, 1);
    for (size_t k = 0; k < n; k++)
        reference_addmul(sum, a[k], b[k]);
    const double x = reference_round(f, sum);
    mpfr_clear(sum);
    return x;
}

static void superacc_addmul(const struct format *f, struct superacc *acc, double a, double b) {
    if (f == &f64)
        bf_superacc_addmul_f64(acc, a, b);
    else
        bf_superacc_addmul_f32(acc, (float)a, (float)b);
}

static double superacc_round(const struct format *f, const struct superacc *acc) {
    return f == &f64 ? bf_superacc_round_f64(acc) : (double)bf_superacc_round_f32(acc);
}

static uint64_t encoding(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static void assert_same(const struct format *f, double got, double expected, const char *what,
                        size_t n) {
    if (encoding(got) != encoding(expected))
        fail_msg("%s, %s of %zu terms: %a, expected %a", f->name, what, n, got, expected);
}

/* ---- sums made to be hard ----------------------------------------------------------------- */

struct terms {
    size_t n;
    double a[MAX_TERMS], b[MAX_TERMS];
};

/* +-1.xxx 2^e with `precision` random bits; what falls below the subnormals is cut off. */
static double number(const struct format *f, int precision, int e) {
    const double m = (double)(random_bits() >> (64 - precision) | UINT64_C(1) << (precision - 1));
    const double x = trunc(ldexp(m, e - precision + 1) / f->least) * f->least;
    /* Where x / least overflows, there is nothing to cut. */
    const double y = isfinite(x) ? x : ldexp(m, e - precision + 1);
    return coin() ? -y : y;
}

static double any_number(const struct format *f, int elow, int ehigh) {
    return number(f, f->precision, random_int(elow, ehigh));
}

static void add_term(struct terms *t, double a, double b) {
    t->a[t->n] = coin() ? a : -a;
    t->b[t->n] = t->a[t->n] == a ? b : -b;
    if (coin()) {
        const double swap = t->a[t->n];
        t->a[t->n] = t->b[t->n];
        t->b[t->n] = swap;
    }
    t->n++;
}

static void random_terms(const struct format *f, struct terms *t, size_t n, int elow, int ehigh) {
    while (t->n < n)
        add_term(t, any_number(f, elow, ehigh), any_number(f, elow, ehigh));
}

/* Fill with terms whose sum is zero: pairs that cancel, then zeros. */
static void cancelling_terms(const struct format *f, struct terms *t, size_t n, int elow,
                             int ehigh) {
    while (t->n + 2 <= n && random_int(0, 4) != 0) {
        const double a = any_number(f, elow, ehigh), b = any_number(f, elow, ehigh);
        add_term(t, a, b);
        add_term(t, a, -b);
    }
    while (t->n < n)
        add_term(t, 0.0, coin() ? 0.0 : any_number(f, elow, ehigh));
}

/* An ill-conditioned sum (Ogita, Rump and Oishi 2005, algorithm 6.1): a first half over a range of
 * 2^range, then terms that cancel the sum so far, each with a smaller exponent than the last.
 * Returns the binary logarithm of the condition number. */
static double ill_conditioned_terms(const struct format *f, struct terms *t, size_t n, int range) {
    mpfr_t sum, magnitude, x;
    mpfr_inits2(EXACT_BITS, sum, magnitude, x, (mpfr_ptr)NULL);
    mpfr_set_zero(sum, 1);
    mpfr_set_zero(magnitude, 1);
    for (size_t k = 0; k < n; k++) {
        double a, b;
        if (k < n / 2) {
            const int e = k == 0 ? range / 2 : random_int(-range / 4, range / 2);
            a = number(f, f->precision, e);
            b = number(f, f->precision, e);
        } else {
            const int e =
                (int)((double)range * (0.5 - 0.95 * (double)(k + 1 - n / 2) / (double)(n - n / 2)));
            a = number(f, f->precision, e);
            mpfr_set_d(x, number(f, f->precision, e), MPFR_RNDN);
            mpfr_sub(x, x, sum, MPFR_RNDN);
            mpfr_div_d(x, x, a, MPFR_RNDN);
            b = reference_round(f, x);
        }
        if (!isfinite(b))
            b = 0;
        reference_addmul(sum, a, b);
        reference_addmul(magnitude, fabs(a), fabs(b));
        add_term(t, a, b);
    }
    double condition = 0;
    if (!mpfr_zero_p(sum)) {
        mpfr_div(x, magnitude, sum, MPFR_RNDN);
        condition = (double)mpfr_get_exp(x);
    }
    mpfr_clears(sum, magnitude, x, (mpfr_ptr)NULL);
    return condition;
}

/* An exact tie at `x`, between it and its neighbour away from zero, or a hair to one side of it. */
static void tie_terms(const struct format *f, struct terms *t, size_t n, double x) {
    const int e = ilogb(x), ulp = e - f->precision + 1;
    const double half = copysign(1.0, x);
    /* half an ulp as a product of two representable numbers */
    const int i = (ulp - 1) / 2;
    if (t->n < n)
        add_term(t, x, 1.0);
    if (t->n < n)
        add_term(t, ldexp(half, i), ldexp(1.0, ulp - 1 - i));
    if (t->n < n && coin()) { /* the hair: down to the smallest product there is */
        const int j = coin() ? random_int(f->emin - 1, -1) : f->emin - 1;
        const int k = coin() ? random_int(f->emin - 1, -1) : f->emin - 1;
        if (j + k < ulp - 2)
            add_term(t, ldexp(coin() ? 1.0 : -1.0, j), ldexp(1.0, k));
    }
    cancelling_terms(f, t, n, e / 2 - 20 > f->emin ? e / 2 - 20 : f->emin,
                     e / 2 + 20 < f->emax - 1 ? e / 2 + 20 : f->emax - 1);
}

static void shuffle(struct terms *t) {
    for (size_t k = t->n; k > 1; k--) {
        const size_t j = (size_t)(random_bits() % k);
        const double a = t->a[k - 1], b = t->b[k - 1];
        t->a[k - 1] = t->a[j];
        t->b[k - 1] = t->b[j];
        t->a[j] = a;
        t->b[j] = b;
    }
}

static double greatest_condition;

/* n terms of any kind. */
static void make_terms(const struct format *f, struct terms *t, size_t n) {
    const int lo = f->emin - 1, hi = f->emax - 1, p = f->precision;
    t->n = 0;
    switch (random_int(0, 16)) {
    case 0: /* as in training */
        random_terms(f, t, n, -4, 4);
        break;
    case 1: /* from one end of the range to the other */
        random_terms(f, t, n, lo, hi);
        break;
    case 2: /* as far as products stay finite */
        random_terms(f, t, n, hi / 2 - 30, hi / 2);
        break;
    case 3: { /* cancellation */
        const double c = ill_conditioned_terms(f, t, n, random_int(10, f == &f64 ? 1800 : 230));
        if (f == &f64 && c > greatest_condition)
            greatest_condition = c;
        break;
    }
    case 4: /* mild cancellation */
        ill_conditioned_terms(f, t, n, random_int(2, 120));
        break;
    case 5: /* a bias gradient: numbers times one; ties are frequent */
        while (t->n < n)
            add_term(t, number(f, p, random_int(-1, 1)), 1.0);
        break;
    case 6: /* small integers */
        while (t->n < n)
            add_term(t, random_int(-9, 9), random_int(-9, 9));
        break;
    case 7:
        tie_terms(f, t, n, any_number(f, lo + p, hi - 1));
        break;
    case 8: /* ties near one, beside the even and the odd */
        tie_terms(f, t, n, number(f, p, random_int(-3, 3)));
        break;
    case 15: { /* nearly a tie by the product alone: (1 + d)(1 - d) = 1 - d^2 half ulps */
        const double x = number(f, p, random_int(-3, 3)), d = ldexp(1.0, -random_int(p / 3, p - 2));
        const int e = ilogb(x) - p;
        if (n > 0)
            add_term(t, x, 1.0);
        if (n > 1)
            add_term(t, coin() ? 1 + d : 1 - d, ldexp(coin() ? 1 + d : 1 - d, e));
        cancelling_terms(f, t, n, -4, 4);
        break;
    }
    case 9: /* ties among subnormals: the halfway point is a product */
        if (n > 0)
            add_term(t, any_number(f, lo, lo + p), 1.0);
        if (n > 1)
            add_term(t, coin() ? f->least : -f->least, 0.5 * random_int(-3, 3));
        if (n > 2 && coin())
            add_term(t, coin() ? f->least : -f->least, f->least);
        cancelling_terms(f, t, n, lo / 2 - 10, lo / 2 + 10);
        break;
    case 10: /* products around the subnormals */
        random_terms(f, t, n, lo / 2 - p, lo / 2 + p / 2);
        break;
    case 11: /* the largest number plus half an ulp or so, in parts, past intermediate overflow */
        if (n > 0)
            add_term(t, f->greatest, 1.0);
        if (n > 1)
            add_term(t, ldexp(1.0, hi - p), coin() ? 1.0 : number(f, p, 0));
        if (n > 2 && coin())
            add_term(t, coin() ? f->least : -f->least, coin() ? 1.0 : f->least);
        cancelling_terms(f, t, n, hi - 3, hi);
        break;
    case 12: /* zeros, and sums that are exactly zero */
        cancelling_terms(f, t, n, coin() ? -4 : lo, coin() ? 4 : hi);
        break;
    case 13: { /* infinities and NaN */
        random_terms(f, t, n, coin() ? -4 : lo, coin() ? 4 : hi);
        const double special[] = {INFINITY, -INFINITY, NAN, -NAN, 0.0, -0.0};
        for (int i = random_int(1, 3); n > 0 && i > 0; i--)
            (coin() ? t->a : t->b)[random_bits() % n] = special[random_int(0, 5)];
        break;
    }
    case 14: /* equal magnitudes */
        for (const double x = any_number(f, -4, 4), y = any_number(f, -4, 4); t->n < n;)
            add_term(t, x, coin() ? y : -y);
        break;
    default: /* few bits over a wide range */
        while (t->n < n)
            add_term(t, number(f, random_int(1, 6), random_int(-50, 50)),
                     number(f, random_int(1, 6), random_int(-10, 10)));
    }
    if (coin())
        shuffle(t);
}

/* ---- sums in lanes ------------------------------------------------------------------------ */

enum { MAX_LANES = VF32, MAX_STRIDE = 3 };

static vf64 a64[MAX_TERMS * MAX_STRIDE], b64[MAX_TERMS * MAX_STRIDE];
static vf32 a32[MAX_TERMS * MAX_STRIDE], b32[MAX_TERMS * MAX_STRIDE];

static int lanes(const struct format *f) {
    return f == &f64 ? VF64 : VF32;
}

/* One sum in each lane, of n terms each. */
static void lanes_dot(const struct format *f, struct terms *const *t, size_t n, size_t stride_a,
                      size_t stride_b, double *out) {
    for (size_t k = 0; k < n; k++)
        for (int i = 0; i < lanes(f); i++)
            if (f == &f64) {
                a64[k * stride_a][i] = t[i]->a[k];
                b64[k * stride_b][i] = t[i]->b[k];
            } else {
                a32[k * stride_a][i] = (float)t[i]->a[k];
                b32[k * stride_b][i] = (float)t[i]->b[k];
            }
    if (f == &f64) {
        const vf64 r = exact_dot_f64(a64, stride_a, b64, stride_b, n);
        for (int i = 0; i < VF64; i++)
            out[i] = r[i];
    } else {
        const vf32 r = exact_dot_f32(a32, stride_a, b32, stride_b, n);
        for (int i = 0; i < VF32; i++)
            out[i] = (double)r[i];
    }
}

static struct terms *lane_terms[MAX_LANES];

static int make_lanes(void **state) {
    (void)state;
    for (int i = 0; i < MAX_LANES; i++)
        if ((lane_terms[i] = malloc(sizeof *lane_terms[i])) == NULL)
            return -1;
    return 0;
}

static int free_lanes(void **state) {
    (void)state;
    for (int i = 0; i < MAX_LANES; i++)
        free(lane_terms[i]);
    mpfr_free_cache();
    return 0;
}

static void check_random(const struct format *f, size_t n) {
    double got[MAX_LANES];
    const size_t stride_a = (size_t)random_int(1, MAX_STRIDE),
                 stride_b = (size_t)random_int(1, MAX_STRIDE);
    for (int i = 0; i < lanes(f); i++)
        make_terms(f, lane_terms[i], n);
    lanes_dot(f, lane_terms, n, stride_a, stride_b, got);
    for (int i = 0; i < lanes(f); i++) {
        const struct terms *t = lane_terms[i];
        const double expected = reference_dot(f, t->a, t->b, n);
        struct superacc acc;
        bf_superacc_zero(&acc);
        for (size_t k = 0; k < n; k++)
            superacc_addmul(f, &acc, t->a[k], t->b[k]);
        assert_same(f, superacc_round(f, &acc), expected, "superacc", n);
        assert_same(f, got[i], expected, "lanes", n);
    }
}

static void check_many(const struct format *f) {
    for (int i = 0; i < 50000; i++)
        check_random(f, (size_t)random_int(0, 12));
    for (int i = 0; i < 600; i++)
        check_random(f, (size_t)random_int(13, 100));
    for (int i = 0; i < 20; i++)
        check_random(f, 288);
    check_random(f, MAX_TERMS);
}

static void test_equals_mpfr_f64(void **state) {
    (void)state;
    check_many(&f64);
    assert_true(greatest_condition > 665); /* 1e200 */
}

static void test_equals_mpfr_f32(void **state) {
    (void)state;
    check_many(&f32);
}

/* ---- order and blocking ------------------------------------------------------------------- */

/* The next permutation of order[0..n) in lexicographic order. */
static bool next_permutation(size_t *order, size_t n) {
    if (n < 2)
        return false;
    size_t i = n - 1;
    while (i > 0 && order[i - 1] > order[i])
        i--;
    if (i == 0)
        return false;
    size_t j = n - 1;
    while (order[j] < order[i - 1])
        j--;
    size_t swap = order[i - 1];
    order[i - 1] = order[j];
    order[j] = swap;
    for (j = n - 1; i < j; i++, j--) {
        swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
    return true;
}

static void check_permutations(const struct format *f, size_t n) {
    static struct terms permuted[MAX_LANES];
    struct terms *pointers[MAX_LANES];
    double expected[MAX_LANES], got[MAX_LANES];
    size_t order[6] = {0, 1, 2, 3, 4, 5};
    for (int i = 0; i < lanes(f); i++) {
        make_terms(f, lane_terms[i], n);
        expected[i] = reference_dot(f, lane_terms[i]->a, lane_terms[i]->b, n);
        pointers[i] = &permuted[i];
    }
    do {
        for (int i = 0; i < lanes(f); i++) {
            struct superacc acc;
            bf_superacc_zero(&acc);
            for (size_t k = 0; k < n; k++) {
                permuted[i].a[k] = lane_terms[i]->a[order[k]];
                permuted[i].b[k] = lane_terms[i]->b[order[k]];
                superacc_addmul(f, &acc, permuted[i].a[k], permuted[i].b[k]);
            }
            assert_same(f, superacc_round(f, &acc), expected[i], "permuted superacc", n);
        }
        lanes_dot(f, pointers, n, 1, 1, got);
        for (int i = 0; i < lanes(f); i++)
            assert_same(f, got[i], expected[i], "permuted lanes", n);
    } while (next_permutation(order, n));
}

static void test_order_does_not_matter(void **state) {
    (void)state;
    const struct format *const formats[] = {&f64, &f32};
    for (int j = 0; j < 2; j++) {
        for (size_t n = 2; n <= 6; n++)
            for (int i = 0; i < (n < 6 ? 20 : 8); i++)
                check_permutations(formats[j], n);
        for (int i = 0; i < 300; i++) {
            const size_t n = (size_t)random_int(7, 60);
            double first[MAX_LANES], got[MAX_LANES];
            for (int k = 0; k < lanes(formats[j]); k++)
                make_terms(formats[j], lane_terms[k], n);
            lanes_dot(formats[j], lane_terms, n, 1, 1, first);
            for (int again = 0; again < 5; again++) {
                for (int k = 0; k < lanes(formats[j]); k++)
                    shuffle(lane_terms[k]);
                lanes_dot(formats[j], lane_terms, n, 1, 1, got);
                for (int k = 0; k < lanes(formats[j]); k++)
                    assert_same(formats[j], got[k], first[k], "shuffled lanes", n);
            }
        }
    }
}

/* Terms spread over accumulators, and these merged in any order, one of them empty. */
static void test_blocking_does_not_matter(void **state) {
    (void)state;
    const struct format *const formats[] = {&f64, &f32};
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < 2000; i++) {
            const struct format *f = formats[j];
            const size_t n = (size_t)random_int(0, 40);
            make_terms(f, lane_terms[0], n);
            const struct terms *t = lane_terms[0];
            struct superacc part[5];
            for (int k = 0; k < 5; k++)
                bf_superacc_zero(&part[k]);
            for (size_t k = 0; k < n; k++)
                superacc_addmul(f, &part[random_int(0, 3)], t->a[k], t->b[k]);
            /* As if so many additions had been done that carries are due. */
            for (int k = 0; k < 5; k++)
                if (coin())
                    part[k].pending = (UINT32_C(1) << 30) - (uint32_t)random_int(0, 2);
            for (int left = 4; left > 0; left--) {
                const int k = random_int(0, left - 1);
                bf_superacc_merge(&part[k], &part[left]);
            }
            assert_same(f, superacc_round(f, &part[0]), reference_dot(f, t->a, t->b, n), "blocks",
                        n);
        }
}

/* Sums of more terms than can be added one by one: doubled again and again. */
static void test_very_many_terms(void **state) {
    (void)state;
    for (int i = 0; i < 300; i++) {
        const size_t n = (size_t)random_int(1, 12);
        const int doublings = random_int(25, 60);
        make_terms(&f64, lane_terms[0], n);
        const struct terms *t = lane_terms[0];
        struct superacc acc;
        bf_superacc_zero(&acc);
        mpfr_t sum;
        mpfr_init2(sum, EXACT_BITS);
        mpfr_set_zero(sum, 1);
        for (size_t k = 0; k < n; k++) {
            bf_superacc_addmul_f64(&acc, t->a[k], t->b[k]);
            reference_addmul(sum, t->a[k], t->b[k]);
        }
        for (int k = 0; k < doublings; k++) {
            const struct superacc copy = acc;
            bf_superacc_merge(&acc, &copy);
        }
        mpfr_mul_2si(sum, sum, doublings, MPFR_RNDN);
        assert_same(&f64, bf_superacc_round_f64(&acc), reference_round(&f64, sum),
                    "doubled superacc", n);
        assert_same(&f32, (double)bf_superacc_round_f32(&acc), reference_round(&f32, sum),
                    "doubled superacc", n);
        mpfr_clear(sum);
    }
}

/* Longer than the bounds of the fast paths allow. */
static void test_longest_lanes(void **state) {
    (void)state;
    const size_t n = EXACT_MAX_TERMS + 3;
    const vf64 x = vf64_of(0x1.23456789abcdep-3), y = vf64_of(-0x1.fedcba9876543p5);
    const vf32 z = vf32_of(0x1.234566p-3f), w = vf32_of(-0x1.fedcbap5f);
    mpfr_t sum;
    mpfr_init2(sum, EXACT_BITS);
    mpfr_set_zero(sum, 1);
    reference_addmul(sum, x[0], y[0]);
    mpfr_mul_ui(sum, sum, (unsigned long)n, MPFR_RNDN);
    assert_same(&f64, exact_dot_f64(&x, 0, &y, 0, n)[VF64 - 1], reference_round(&f64, sum), "lanes",
                n);
    mpfr_set_zero(sum, 1);
    reference_addmul(sum, (double)z[0], (double)w[0]);
    mpfr_mul_ui(sum, sum, (unsigned long)n, MPFR_RNDN);
    assert_same(&f32, (double)exact_dot_f32(&z, 0, &w, 0, n)[VF32 - 1], reference_round(&f32, sum),
                "lanes", n);
    mpfr_clear(sum);
}

/* bf_superacc_add_f64 is bf_superacc_addmul_f64 by one; rounding leaves the accumulator as it was.
 */
static void test_add(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++) {
        const size_t n = (size_t)random_int(0, 20);
        make_terms(&f64, lane_terms[0], n);
        const struct terms *t = lane_terms[0];
        struct superacc sum, products;
        bf_superacc_zero(&sum);
        bf_superacc_zero(&products);
        for (size_t k = 0; k < n; k++) {
            bf_superacc_add_f64(&sum, t->a[k]);
            bf_superacc_addmul_f64(&products, t->a[k], 1.0);
            assert_same(&f64, bf_superacc_round_f64(&sum), bf_superacc_round_f64(&products), "add",
                        k);
        }
        assert_same(&f32, (double)bf_superacc_round_f32(&sum),
                    (double)bf_superacc_round_f32(&products), "add", n);
    }
}

/* ---- known answers ------------------------------------------------------------------------ */

#define MAX64 0x1.fffffffffffffp1023
#define MIN64 0x1p-1074
#define MAX32 0x1.fffffep127
#define MIN32 0x1p-149

static const struct known {
    const struct format *f;
    const char *what;
    double expected;
    size_t n;
    double a[4], b[4];
} known_answers[] = {
    /* zeros */
    {&f64, "empty", 0.0, 0, {0}, {0}},
    {&f32, "empty", 0.0, 0, {0}, {0}},
    {&f64, "-0", 0.0, 1, {-0.0}, {1}},
    {&f32, "-0", 0.0, 1, {-0.0}, {1}},
    {&f64, "-0 and -0", 0.0, 2, {-0.0, 3}, {1, -0.0}},
    {&f32, "-0 and -0", 0.0, 2, {-0.0, 3}, {1, -0.0}},
    {&f64, "x - x", 0.0, 2, {-3, 7}, {7, 3}},
    {&f32, "x - x", 0.0, 2, {-3, 7}, {7, 3}},
    {&f64, "x - x among the smallest", 0.0, 2, {MIN64, -MIN64}, {MIN64, MIN64}},
    {&f32, "x - x among the smallest", 0.0, 2, {MIN32, -MIN32}, {MIN32, MIN32}},
    {&f64, "-tiny rounds to -0", -0.0, 1, {MIN64}, {-MIN64}},
    {&f32, "-tiny rounds to -0", -0.0, 1, {MIN32}, {-MIN32}},
    {&f64, "-2 tiny rounds to -0", -0.0, 2, {MIN64, MIN64}, {-MIN64, -MIN64}},
    {&f32, "-2 tiny rounds to -0", -0.0, 2, {MIN32, MIN32}, {-MIN32, -MIN32}},
    {&f64, "tiny rounds to +0", 0.0, 3, {MIN64, 1, 1}, {MIN64, 1, -1}},
    {&f64, "-tiny beside x - x", -0.0, 3, {-MIN64, 1, 1}, {MIN64, 1, -1}},
    {&f32, "-tiny beside x - x", -0.0, 3, {-MIN32, 1, 1}, {MIN32, 1, -1}},
    /* ties to even, both ways, and a hair beside them */
    {&f64, "tie down", 1, 2, {1, 0x1p-53}, {1, 1}},
    {&f64, "tie up", 0x1.0000000000002p0, 2, {0x1.0000000000001p0, 0x1p-53}, {1, 1}},
    {&f64, "tie + hair", 0x1.0000000000001p0, 3, {1, 0x1p-53, 0x1p-500}, {1, 1, 0x1p-500}},
    {&f64, "tie + least", 0x1.0000000000001p0, 3, {1, 0x1p-53, MIN64}, {1, 1, MIN64}},
    {&f64,
     "tie - hair",
     0x1.0000000000001p0,
     3,
     {0x1.0000000000001p0, 0x1p-53, -0x1p-500},
     {1, 1, 0x1p-500}},
    {&f64, "negative tie - least", -0x1.0000000000001p0, 3, {-1, -0x1p-53, -MIN64}, {1, 1, MIN64}},
    {&f32, "tie down", 1, 2, {1, 0x1p-24}, {1, 1}},
    {&f32, "tie up", 0x1.000004p0, 2, {0x1.000002p0, 0x1p-24}, {1, 1}},
    {&f32, "tie + least", 0x1.000002p0, 3, {1, 0x1p-24, MIN32}, {1, 1, MIN32}},
    {&f32, "tie - least", 0x1.000002p0, 3, {0x1.000002p0, 0x1p-24, -MIN32}, {1, 1, MIN32}},
    {&f64,
     "tie 1 - d^2 in one product",
     0x1.0000000000001p0,
     2,
     {0x1.0000000000001p0, 0x1.0000001p-53},
     {1, 0x1.ffffffep-1}},
    {&f64,
     "tie 1 + 2 d + d^2 in one product",
     0x1.0000000000001p0,
     2,
     {1, 0x1.0000000000001p-53},
     {1, 0x1.0000000000001p0}},
    /* rounded to double first, this would be a tie of floats */
    {&f32, "no double rounding", 0x1.000002p0, 3, {1, 0x1p-24, 0x1p-60}, {1, 1, 0x1p-60}},
    {&f32, "no double rounding", 1, 3, {1, 0x1p-24, -0x1p-60}, {1, 1, 0x1p-60}},
    /* overflow is decided after rounding */
    {&f64, "max + half ulp", INFINITY, 2, {MAX64, 0x1p970}, {1, 1}},
    {&f64, "max + half ulp - least", MAX64, 3, {MAX64, 0x1p970, -MIN64}, {1, 1, MIN64}},
    {&f64, "max + less than half", MAX64, 2, {MAX64, 0x1.fffffffffffffp969}, {1, 1}},
    {&f64, "max max - max max + 1", 1, 3, {MAX64, MAX64, 1}, {MAX64, -MAX64, 1}},
    {&f64, "-max max", -INFINITY, 1, {MAX64}, {-MAX64}},
    {&f32, "max + half ulp", INFINITY, 2, {MAX32, 0x1p103}, {1, 1}},
    {&f32, "max + half ulp - least", MAX32, 3, {MAX32, 0x1p103, -MIN32}, {1, 1, MIN32}},
    {&f32, "max max - max max + 1", 1, 3, {MAX32, MAX32, 1}, {MAX32, -MAX32, 1}},
    /* subnormal results */
    {&f64, "half the least: tie to 0", 0.0, 1, {MIN64}, {0.5}},
    {&f64, "half the least + least product", MIN64, 2, {MIN64, MIN64}, {0.5, MIN64}},
    {&f64, "1.5 least: tie to even", 2 * MIN64, 1, {MIN64}, {1.5}},
    {&f64, "largest subnormal + half", 0x1p-1022, 2, {0x0.fffffffffffffp-1022, MIN64}, {1, 0.5}},
    {&f32, "half the least: tie to 0", 0.0, 1, {MIN32}, {0.5}},
    {&f32, "half the least + least product", MIN32, 2, {MIN32, MIN32}, {0.5, MIN32}},
    {&f32, "1.5 least: tie to even", 2 * MIN32, 1, {MIN32}, {1.5}},
    /* infinities and NaN */
    {&f64, "inf", INFINITY, 2, {INFINITY, -MAX64}, {2, MAX64}},
    {&f32, "inf", INFINITY, 2, {INFINITY, -MAX32}, {2, MAX32}},
    {&f64, "-inf", -INFINITY, 2, {1, INFINITY}, {1, -2}},
    {&f64, "inf - inf", NAN, 2, {INFINITY, INFINITY}, {1, -1}},
    {&f32, "inf - inf", NAN, 2, {INFINITY, INFINITY}, {1, -1}},
    {&f64, "inf 0", NAN, 1, {INFINITY}, {0}},
    {&f32, "inf 0", NAN, 1, {INFINITY}, {0}},
    {&f64, "inf 0 beside zeros", NAN, 2, {INFINITY, 0}, {0, 0}},
    {&f32, "inf 0 beside zeros", NAN, 2, {INFINITY, 0}, {0, 0}},
    {&f64, "NaN 0", NAN, 2, {NAN, 1}, {0, 1}},
    {&f32, "NaN 0", NAN, 2, {NAN, 1}, {0, 1}},
    {&f64, "-NaN", NAN, 1, {-NAN}, {1}},
    {&f32, "-NaN", NAN, 1, {-NAN}, {1}},
    {&f64, "NaN and inf", NAN, 3, {INFINITY, 1, 1}, {1, NAN, 1}},
};

static void test_known_answers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof known_answers / sizeof *known_answers; i++) {
        const struct known *c = &known_answers[i];
        assert_same(c->f, reference_dot(c->f, c->a, c->b, c->n), c->expected, c->what, c->n);
        struct superacc acc;
        bf_superacc_zero(&acc);
        for (size_t k = 0; k < c->n; k++)
            superacc_addmul(c->f, &acc, c->a[k], c->b[k]);
        assert_same(c->f, superacc_round(c->f, &acc), c->expected, c->what, c->n);
        for (int lane = 0; lane < lanes(c->f); lane++) { /* in each lane, beside hostile ones */
            double got[MAX_LANES];
            for (int k = 0; k < lanes(c->f); k++)
                make_terms(c->f, lane_terms[k], c->n);
            memcpy(lane_terms[lane]->a, c->a, sizeof c->a);
            memcpy(lane_terms[lane]->b, c->b, sizeof c->b);
            lanes_dot(c->f, lane_terms, c->n, 1, 1, got);
            assert_same(c->f, got[lane], c->expected, c->what, c->n);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_equals_mpfr_f64),
        cmocka_unit_test(test_equals_mpfr_f32),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_blocking_does_not_matter),
        cmocka_unit_test(test_very_many_terms),
        cmocka_unit_test(test_longest_lanes),
        cmocka_unit_test(test_add),
    };
    return cmocka_run_group_tests_name("exact", tests, make_lanes, free_lanes);
}
