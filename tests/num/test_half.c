/* SPDX-License-Identifier: MIT */
/* test_half.c - bfloat16 and binary16 against MPFR, bit for bit: every argument of a function; for
 * operations of two and three, random ones and those whose exact result lies next to a midpoint.
 * Compiled for whichever kernel path its flags select (see num/vec.h), which it prints. */
#include "num/half.h"
#include "num/sum/half_exact.h"

#include "laws.h"

/* ---- a format -------------------------------------------------------------------------------- */

typedef struct tested_format {
    const char *name;
    int p;
    mpfr_exp_t emin, emax;
} tested_format;

static const tested_format formats[] = {{"bf16", BF16, -132, 128}, {"f16", F16, -23, 16}};

static bool is_nan(uint16_t w, int p) {
    const int fraction = p - 1;
    return (w >> fraction & (p == BF16 ? 0xff : 0x1f)) == (p == BF16 ? 0xff : 0x1f) &&
           (w & ((1 << fraction) - 1)) != 0;
}

/* The reference: f(y, x) in MPFR, rounded once, as an encoding. */
static uint16_t rounded(const tested_format *f, mpfr_t y, int ternary) {
    ternary = mpfr_check_range(y, ternary, MPFR_RNDN);
    mpfr_subnormalize(y, ternary, MPFR_RNDN);
    return half_encode(mpfr_get_flt(y, MPFR_RNDN), f->p); /* exact */
}

static void enter(const tested_format *f) {
    mpfr_set_emin(f->emin);
    mpfr_set_emax(f->emax);
}

static bool same(const tested_format *f, uint16_t a, uint16_t b) {
    return a == b || (is_nan(a, f->p) && is_nan(b, f->p));
}

static uint16_t encoded(const tested_format *f, float x) {
    return half_encode(x, f->p);
}

/* ---- encodings --------------------------------------------------------------------------------
 */

static void encodings(void **state) {
    const tested_format *f = *state;
    const bf_format format = bf_format_of(f->p);
    for (uint32_t w = 0; w < 0x10000; w++) {
        uint8_t bytes[2];
        save_bytes(bytes, 2, w);
        const float x = half_decode((uint16_t)w, f->p);
        if (is_nan((uint16_t)w, f->p)) {
            assert_true(isnan(x));
            continue;
        }
        if ((double)x != bf_to_double(&format, bytes) || !signbit(x) != !(w >> 15))
            fail_msg("%s: %04x is %a", f->name, w, (double)x);
        assert_int_equal(encoded(f, x), w);
        const vf32 again = half_round(vf32_of(x), f->p); /* a number of the format stays */
        assert_int_equal(encoded(f, again[VF32 - 1]), w);
        assert_false(vi32_any(half_midpoint(vf32_of(x), f->p)));
    }
}

/* Next to every number, the midpoint and what surrounds it. */
static void rounding(void **state) {
    const tested_format *f = *state;
    enter(f);
    mpfr_t y;
    mpfr_init2(y, f->p);
    for (uint32_t w = 0; w < 0x8000; w++) {
        if (is_nan((uint16_t)(w + 1), f->p) || is_nan((uint16_t)w, f->p))
            continue;
        const float low = half_decode((uint16_t)w, f->p);
        float high = half_decode((uint16_t)(w + 1), f->p);
        if (isinf(low))
            continue;
        if (isinf(high))
            high = f->p == F16 ? 0x1p16F : INFINITY;
        const float middle = isinf(high) ? 0x1.ffp127F : (float)(((double)low + (double)high) / 2);
        const float near[] = {nextafterf(low, INFINITY), nextafterf(middle, 0), middle,
                              nextafterf(middle, INFINITY), nextafterf(high, 0)};
        for (size_t i = 0; i < LENGTH(near); i++)
            for (int s = 0; s < 2; s++) {
                const float x = s ? -near[i] : near[i];
                const uint16_t want = rounded(f, y, mpfr_set_flt(y, x, MPFR_RNDN));
                const uint16_t got = encoded(f, half_round(vf32_of(x), f->p)[0]);
                const uint16_t narrow =
                    encoded(f, half_narrow(vf64_of((double)x), vf64_of(0), f->p)[0]);
                if (got != want || narrow != want)
                    fail_msg("%s: %a is rounded to %04x and %04x, not %04x", f->name, (double)x,
                             got, narrow, want);
                assert_int_equal(half_midpoint(vf32_of(x), f->p)[0], i == 2 ? -1 : 0);
            }
    }
    mpfr_clear(y);
}

/* ---- functions of one argument: all of them -----------------------------------------------------
 */

typedef int exact_function(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

static vf32 half_sqrt(vf32 x, int p) {
    return half_round(vf32_sqrt(x), p);
}

static vf32 half_tanh(vf32 x, int p) {
    vf32 r;
    half_tanh_all(&r, &x, 1, p);
    return r;
}

static const struct {
    const char *name;
    vf32 (*vector)(vf32, int);
    exact_function *exact;
} functions[] = {
    {"tanh", half_tanh, mpfr_tanh}, {"exp", half_exp, mpfr_exp},    {"log", half_log, mpfr_log},
    {"erf", half_erf, mpfr_erf},    {"sqrt", half_sqrt, mpfr_sqrt},
};

static void every_argument(void **state) {
    const tested_format *f = *state;
    mpfr_t x, y;
    mpfr_inits2(f->p, x, y, (mpfr_ptr)0);
    for (size_t i = 0; i < LENGTH(functions); i++)
        for (uint32_t w = 0; w < 0x10000; w += VF32) {
            vf32 v;
            for (uint32_t j = 0; j < VF32; j++)
                v[j] = half_decode((uint16_t)(w + j), f->p);
            const vf32 r = functions[i].vector(v, f->p);
            enter(f);
            for (uint32_t j = 0; j < VF32; j++) {
                mpfr_set_flt(x, v[j], MPFR_RNDN);
                const uint16_t want = rounded(f, y, functions[i].exact(y, x, MPFR_RNDN));
                if (!same(f, encoded(f, r[j]), want))
                    fail_msg("%s: %s(%a) = %04x, not %04x", f->name, functions[i].name,
                             (double)v[j], want, encoded(f, r[j]));
            }
        }
    mpfr_clears(x, y, (mpfr_ptr)0);
}

/* ---- operations of two and three
 * ----------------------------------------------------------------- */

/* Operands: any bits; or of exponents so close to another's that the operation joins them. */
static float any_number(const tested_format *f) {
    uint16_t w;
    do
        w = (uint16_t)random_bits();
    while (is_nan(w, f->p) && random_below(8) != 0);
    return half_decode(w, f->p);
}

static float rounded_from(const tested_format *f, double x) {
    return half_narrow(vf64_of(x), vf64_of(x), f->p)[0];
}

/* A number near x: its ratio to x a small power of two, or its neighbour. */
static float near(const tested_format *f, double x) {
    const double m = 1 + (double)random_below(1 << f->p) * ldexp(1, -f->p);
    const double y = ldexp(m, (int)random_below(49) - 24) * x;
    return rounded_from(f, random_bits() & 1 ? y : -y);
}

/* A midpoint near x, or the half unit beside it. */
static double middle(const tested_format *f, double x) {
    const float r = rounded_from(f, x);
    if (!isfinite(r) || r == 0)
        return ldexp(random_bits() & 1 ? -1 : 1, (int)f->emin - 2);
    const uint16_t w = encoded(f, r);
    const float next = half_decode((uint16_t)(w + 1), f->p);
    return isfinite(next) ? ((double)r + (double)next) / 2 : (double)r;
}

typedef struct operands {
    float a, b, c;
} operands;

/* For a b + c near a midpoint: c from a b; or a b tiny, or next to half a unit of c. */
static operands three(const tested_format *f) {
    operands o = {any_number(f), any_number(f), any_number(f)};
    const double product = (double)o.a * (double)o.b;
    switch (random_below(6)) {
    case 0:
        break;
    case 1: /* a b + c is about as large as both */
        o.c = near(f, product);
        break;
    case 2: /* a b + c is next to a midpoint */
        o.c = rounded_from(f, middle(f, near(f, product)) - product);
        break;
    case 3: /* a b is next to half a unit of c */
        o.b = rounded_from(f, (middle(f, (double)o.c) - (double)o.c) / (double)o.a);
        break;
    case 4: /* a b may be a midpoint, and c is tiny */
        o.a = near(f, 1);
        o.b = near(f, middle(f, near(f, 1)) / (double)o.a);
        o.c = rounded_from(f, ldexp((double)near(f, 1), (int)f->emin - 2 + (int)random_below(20)));
        break;
    default: /* the ends of the range */
        o.b = rounded_from(
            f, ldexp((double)near(f, 1), random_bits() & 1 ? (int)f->emax : (int)f->emin) /
                   (double)o.a);
        break;
    }
    return o;
}

enum { ADD, SUB, MUL, DIV, FMA3, N_OPERATIONS };
static const char *const operation_names[] = {"a + b", "a - b", "a b", "a / b", "a b + c"};

static vf32 operate(int operation, vf32 a, vf32 b, vf32 c, int p) {
    switch (operation) {
    case ADD:
        return half_round(a + b, p);
    case SUB:
        return half_round(a - b, p);
    case MUL:
        return half_round(a * b, p);
    case DIV:
        return half_round(a / b, p);
    default:
        return half_fma(a, b, c, p);
    }
}

static int operate_exactly(int operation, mpfr_ptr r, mpfr_srcptr a, mpfr_srcptr b, mpfr_srcptr c) {
    switch (operation) {
    case ADD:
        return mpfr_add(r, a, b, MPFR_RNDN);
    case SUB:
        return mpfr_sub(r, a, b, MPFR_RNDN);
    case MUL:
        return mpfr_mul(r, a, b, MPFR_RNDN);
    case DIV:
        return mpfr_div(r, a, b, MPFR_RNDN);
    default:
        return mpfr_fma(r, a, b, c, MPFR_RNDN);
    }
}

static void operations(void **state) {
    const tested_format *f = *state;
    const size_t rounds = scaled(2000000) / VF32;
    mpfr_t a, b, c, r;
    mpfr_inits2(f->p, a, b, c, r, (mpfr_ptr)0);
    random_state = 1;
    for (size_t i = 0; i < rounds; i++) {
        const int operation = i % 3 == 0 ? (int)(i / 3 % FMA3) : FMA3;
        vf32 va, vb, vc;
        for (int j = 0; j < VF32; j++) {
            const operands o = three(f);
            va[j] = o.a;
            vb[j] = operation != FMA3 && j % 2 ? near(f, (double)o.a) : o.b;
            vc[j] = o.c;
        }
        const vf32 got = operate(operation, va, vb, vc, f->p);
        enter(f);
        for (int j = 0; j < VF32; j++) {
            mpfr_set_flt(a, va[j], MPFR_RNDN);
            mpfr_set_flt(b, vb[j], MPFR_RNDN);
            mpfr_set_flt(c, vc[j], MPFR_RNDN);
            const uint16_t want = rounded(f, r, operate_exactly(operation, r, a, b, c));
            if (!same(f, encoded(f, got[j]), want))
                fail_msg("%s: %s, a = %a, b = %a, c = %a: %04x, not %04x", f->name,
                         operation_names[operation], (double)va[j], (double)vb[j], (double)vc[j],
                         encoded(f, got[j]), want);
        }
    }
    mpfr_clears(a, b, c, r, (mpfr_ptr)0);
}

/* ---- exact sums
 * ----------------------------------------------------------------------------------- */

/* Of up to 12 products, with cancellation, ranges that binary64 cannot hold, and what is not
 * finite; by mpfr_sum of products that MPFR multiplies exactly. */
static void exact_sums(void **state) {
    const tested_format *f = *state;
    enum { TERMS = 12 };
    const size_t rounds = scaled(300000) / VF32;
    const mpfr_exp_t emin = mpfr_get_emin_min(), emax = mpfr_get_emax_max();
    mpfr_t x, products[TERMS], r;
    mpfr_ptr terms[TERMS];
    mpfr_inits2(f->p, x, r, (mpfr_ptr)0);
    for (size_t k = 0; k < TERMS; k++) {
        mpfr_init2(products[k], 24 + f->p);
        terms[k] = products[k];
    }
    random_state = 2;
    for (size_t i = 0; i < rounds; i++) {
        vf32 a[TERMS], b[TERMS];
        const size_t n = random_below(TERMS + 1);
        const bool wild = i % 2;
        for (size_t k = 0; k < n; k++)
            for (int j = 0; j < VF32; j++) {
                const operands o = three(f);
                a[k][j] = wild ? o.a : near(f, 1);
                b[k][j] = wild ? o.b : near(f, 1);
                if (k > 0 && random_below(3) == 0) { /* take an earlier product away */
                    const size_t of = random_below(k);
                    a[k][j] = -a[of][j];
                    b[k][j] = b[of][j];
                }
            }
        const vf32 got = half_exact_dot(a, 1, b, 1, n, f->p);
        for (int j = 0; j < VF32; j++) {
            mpfr_set_emin(emin);
            mpfr_set_emax(emax);
            for (size_t k = 0; k < n; k++) {
                mpfr_set_flt(x, a[k][j], MPFR_RNDN);
                mpfr_set_flt(products[k], b[k][j], MPFR_RNDN);
                mpfr_mul(products[k], products[k], x, MPFR_RNDN);
            }
            const int ternary = mpfr_sum(r, terms, n, MPFR_RNDN);
            if (ternary == 0 && mpfr_zero_p(r))
                mpfr_set_zero(r, 1);
            enter(f);
            const uint16_t want = rounded(f, r, ternary);
            if (!same(f, encoded(f, got[j]), want))
                fail_msg("%s: a sum of %zu is %04x, not %04x", f->name, n, encoded(f, got[j]),
                         want);
        }
    }
    for (size_t k = 0; k < TERMS; k++)
        mpfr_clear(products[k]);
    mpfr_clears(x, r, (mpfr_ptr)0);
}

int main(void) {
    print_message("vectors of %d bytes\n", VEC_BYTES);
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } each[] = {{"encodings", encodings},
                {"rounding", rounding},
                {"every_argument", every_argument},
                {"operations", operations},
                {"exact_sums", exact_sums}};
    struct CMUnitTest tests[LENGTH(formats) * LENGTH(each)];
    char names[LENGTH(tests)][32];
    for (size_t i = 0; i < LENGTH(tests); i++) {
        const tested_format *f = &formats[i / LENGTH(each)];
        snprintf(names[i], sizeof names[i], "%s: %s", f->name, each[i % LENGTH(each)].name);
        tests[i] = (struct CMUnitTest){
            .name = names[i], .test_func = each[i % LENGTH(each)].test, .initial_state = (void *)f};
    }
    return _cmocka_run_group_tests("half", tests, LENGTH(tests), NULL, NULL);
}
