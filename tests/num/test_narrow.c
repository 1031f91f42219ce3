/* SPDX-License-Identifier: MIT */
/* test_narrow.c - half.h and narrow.h against MPFR, bit for bit: every argument of a function and,
 * of the formats of 8 bits, every pair and every triple; for operations of wider formats, random
 * operands and those whose exact result lies next to a midpoint. Compiled for whichever kernel path
 * its flags select (see num/vec.h), which it prints. */
#include "num/half.h"
#include "num/narrow.h"
#include "num/sum/half_exact.h"
#include "num/sum/narrow_exact.h"

#include "laws.h"

/* ---- implementations ---------------------------------------------------------------------- */

enum { W = VF32 };
typedef struct row {
    double x[W];
} row;

enum { ADD, SUB, MUL, DIV, FMA, SQRT, TANH, EXP, LOG, ERF, ROUND, MIDPOINT, N_OPERATIONS };
static const char *const operation_names[] = {"a + b",   "a - b",   "a b",    "a / b",  "a b + c",
                                              "sqrt(a)", "tanh(a)", "exp(a)", "log(a)", "erf(a)"};

/* Numbers of a format are doubles here. Where `in_float`, an operand of ROUND is a float. */
typedef struct tested {
    const bf_format *f;
    bool in_float;
    row (*operate)(const bf_format *f, int operation, row a, row b, row c);
    row (*dot)(const bf_format *f, const row *a, const row *b, size_t n);
    double (*decode)(uint32_t w, const bf_format *f);
    uint32_t (*encode)(double x, const bf_format *f);
} tested;

static vf32 floats(row r) {
    vf32 v;
    for (int i = 0; i < W; i++)
        v[i] = (float)r.x[i];
    return v;
}

static row row_of(vf32 v) {
    row r;
    for (int i = 0; i < W; i++)
        r.x[i] = (double)v[i];
    return r;
}

static vf32 half_operation(int p, int operation, vf32 a, vf32 b, vf32 c) {
    vf32 r;
    switch (operation) {
    case ADD:
        return half_round(a + b, p);
    case SUB:
        return half_round(a - b, p);
    case MUL:
        return half_round(a * b, p);
    case DIV:
        return half_round(a / b, p);
    case FMA:
        return half_fma(a, b, c, p);
    case SQRT:
        return half_round(vf32_sqrt(a), p);
    case TANH:
        half_tanh_all(&r, &a, 1, p);
        return r;
    case EXP:
        return half_exp(a, p);
    case LOG:
        return half_log(a, p);
    case ERF:
        return half_erf(a, p);
    case ROUND:
        return half_round(a, p);
    default:
        return vf32_select(half_midpoint(a, p), vf32_of(1), vf32_of(0));
    }
}

static int which_half(const bf_format *f) {
    return strcmp(f->name, "bf16") == 0 ? BF16 : F16;
}

static row half_operate(const bf_format *f, int operation, row a, row b, row c) {
    return row_of(half_operation(which_half(f), operation, floats(a), floats(b), floats(c)));
}

enum { MOST_TERMS = 12 };

static row half_dot(const bf_format *f, const row *a, const row *b, size_t n) {
    vf32 va[MOST_TERMS], vb[MOST_TERMS];
    for (size_t k = 0; k < n; k++) {
        va[k] = floats(a[k]);
        vb[k] = floats(b[k]);
    }
    return row_of(half_exact_dot(va, 1, vb, 1, n, which_half(f)));
}

static double decode_half(uint32_t w, const bf_format *f) {
    return (double)half_decode((uint16_t)w, which_half(f));
}

static uint32_t encode_half(double x, const bf_format *f) {
    return half_encode((float)x, which_half(f));
}

static vf64 narrow_operation(const bf_format *f, int operation, vf64 a, vf64 b, vf64 c) {
    vf64 r;
    switch (operation) {
    case ADD:
        return narrow_round(a + b, f);
    case SUB:
        return narrow_round(a - b, f);
    case MUL:
        return narrow_round(a * b, f);
    case DIV:
        return narrow_round(a / b, f);
    case FMA:
        return narrow_fma(a, b, c, f);
    case SQRT:
        return narrow_round(vf64_sqrt(a), f);
    case TANH:
        narrow_tanh_all(&r, &a, 1, f);
        return r;
    case EXP:
        return narrow_exp(a, f);
    case LOG:
        return narrow_log(a, f);
    case ERF:
        return narrow_erf(a, f);
    case ROUND:
        return narrow_round(a, f);
    default:
        return vf64_select(narrow_midpoint(a, f), vf64_of(1), vf64_of(0));
    }
}

static vf64 doubles(const row *r, int half) {
    vf64 v;
    memcpy(&v, r->x + half * VF64, sizeof v);
    return v;
}

static row narrow_operate(const bf_format *f, int operation, row a, row b, row c) {
    row r;
    for (int half = 0; half < 2; half++) {
        const vf64 v =
            narrow_operation(f, operation, doubles(&a, half), doubles(&b, half), doubles(&c, half));
        memcpy(r.x + half * VF64, &v, sizeof v);
    }
    return r;
}

static row narrow_dot(const bf_format *f, const row *a, const row *b, size_t n) {
    vf64 va[MOST_TERMS], vb[MOST_TERMS];
    row r;
    for (int half = 0; half < 2; half++) {
        for (size_t k = 0; k < n; k++) {
            va[k] = doubles(&a[k], half);
            vb[k] = doubles(&b[k], half);
        }
        const vf64 v = narrow_exact_dot(va, 1, vb, 1, n, f);
        memcpy(r.x + half * VF64, &v, sizeof v);
    }
    return r;
}

#define HALF(name) \
    { &format_##name, true, half_operate, half_dot, decode_half, encode_half }
#define NARROW(name) \
    { &format_##name, false, narrow_operate, narrow_dot, narrow_decode, narrow_encode }
static const tested formats[] = {HALF(bf16),       HALF(f16),        NARROW(f16),  NARROW(bf16),
                                 NARROW(fp8_e4m3), NARROW(fp8_e5m2), NARROW(tf32), NARROW(f32)};

/* ---- the reference ------------------------------------------------------------------------ */

static void widest(void) {
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
}

static void enter(const bf_format *f) {
    mpfr_set_emin(f->emin);
    mpfr_set_emax(f->emax);
}

/* What an operation left in y, as a number of the format. FP8 E4M3 ends at 448, and there is no
 * infinity. */
static double finished(const bf_format *f, mpfr_t y, int ternary) {
    ternary = mpfr_check_range(y, ternary, MPFR_RNDN);
    mpfr_subnormalize(y, ternary, MPFR_RNDN);
    const double d = mpfr_get_d(y, MPFR_RNDN); /* exact */
    return strcmp(f->name, "fp8_e4m3") == 0 && fabs(d) > 448 ? (double)NAN : d;
}

static double reference(const bf_format *f, int operation, const mpfr_t a, const mpfr_t b,
                        const mpfr_t c, mpfr_t r) {
    int (*const binary[])(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t) = {mpfr_add, mpfr_sub,
                                                                             mpfr_mul, mpfr_div};
    int (*const unary[])(mpfr_ptr, mpfr_srcptr,
                         mpfr_rnd_t) = {[SQRT] = mpfr_sqrt, [TANH] = mpfr_tanh, [EXP] = mpfr_exp,
                                        [LOG] = mpfr_log,   [ERF] = mpfr_erf,   [ROUND] = mpfr_set};
    return finished(f, r,
                    operation < FMA    ? binary[operation](r, a, b, MPFR_RNDN)
                    : operation == FMA ? mpfr_fma(r, a, b, c, MPFR_RNDN)
                                       : unary[operation](r, a, MPFR_RNDN));
}

static bool same(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* A row of operations, computed both ways. */
static void compare(const tested *t, int operation, const row *a, const row *b, const row *c) {
    mpfr_t x, y, z, r;
    mpfr_inits2(53, x, y, z, (mpfr_ptr)0);
    mpfr_init2(r, t->f->precision);
    const row got = t->operate(t->f, operation, *a, *b, *c);
    for (int j = 0; j < W; j++) {
        widest();
        mpfr_set_d(x, a->x[j], MPFR_RNDN);
        mpfr_set_d(y, b->x[j], MPFR_RNDN);
        mpfr_set_d(z, c->x[j], MPFR_RNDN);
        enter(t->f);
        const double want = reference(t->f, operation, x, y, z, r);
        if (!same(got.x[j], want))
            fail_msg("%s: %s, a = %a, b = %a, c = %a: %a, not %a", t->f->name,
                     operation < ROUND ? operation_names[operation] : "rounding", a->x[j], b->x[j],
                     c->x[j], got.x[j], want);
    }
    mpfr_clears(x, y, z, r, (mpfr_ptr)0);
}

/* ---- encodings ---------------------------------------------------------------------------- */

static uint32_t sign_bit(const bf_format *f) {
    return UINT32_C(1) << (8 * f->bytes - 1);
}

/* Every number that is not negative, and then, of formats of 32 bits, every so many. */
static uint64_t all_places(const bf_format *f) {
    return UINT64_C(1) << (8 * f->bytes - 1 - (size_t)f->spare);
}

static uint64_t stride_of(const bf_format *f) {
    const bool quick = getenv("BITFATE_TEST_QUICK");
    return all_places(f) > 1 << 20 ? 39989 : quick && all_places(f) > 1 << 16 ? 7 : 1;
}

static double place(const tested *t, uint64_t i) {
    return t->decode((uint32_t)(i << t->f->spare), t->f);
}

static double rounded(const tested *t, double x) {
    row r;
    for (int j = 0; j < W; j++)
        r.x[j] = x;
    return t->operate(t->f, ROUND, r, r, r).x[W - 1];
}

/* As laws.h has them, by the letter of bitfate.h. */
static void encodings(void **state) {
    const tested *t = *state;
    mpfr_t x;
    widest();
    mpfr_init2(x, 53);
    for (uint64_t i = 0; i < all_places(t->f); i += stride_of(t->f))
        for (int s = 0; s < 2; s++) {
            const uint32_t w = (uint32_t)(i << t->f->spare) | (s ? sign_bit(t->f) : 0);
            uint8_t bytes[4];
            save_bytes(bytes, t->f->bytes, w);
            decode(t->f, bytes, x);
            const double d = t->decode(w, t->f), want = mpfr_get_d(x, MPFR_RNDN);
            if (!same(d, want) || !same(bf_to_double(t->f, bytes), want))
                fail_msg("%s: %08x is %a, not %a", t->f->name, w, d, want);
            if (isnan(d))
                continue;
            assert_int_equal(t->encode(d, t->f), w);
            assert_true(same(rounded(t, d), d)); /* a number of the format stays */
        }
    mpfr_clear(x);
}

static double beside(const tested *t, double x, double to) {
    return t->in_float ? (double)nextafterf((float)x, (float)to) : nextafter(x, to);
}

/* Next to every number, the midpoint and what surrounds it. */
static void rounding(void **state) {
    const tested *t = *state;
    for (uint64_t i = 0; isfinite(place(t, i)); i += stride_of(t->f)) {
        const double low = place(t, i), next = place(t, i + 1), below = place(t, i - (i > 0));
        /* Above the largest comes what would be the next. */
        const double high = isfinite(next) ? next : low + (low - below);
        const double middle = low + (high - low) / 2;
        const double near[] = {low,    beside(t, low, INFINITY),    beside(t, middle, 0),
                               middle, beside(t, middle, INFINITY), beside(t, high, 0)};
        for (size_t k = 0; k < LENGTH(near); k++)
            for (int s = 0; s < 2; s++) {
                row r;
                for (int j = 0; j < W; j++)
                    r.x[j] = s ? -near[k] : near[k];
                compare(t, ROUND, &r, &r, &r);
                const double is_middle = t->operate(t->f, MIDPOINT, r, r, r).x[0];
                assert_true((is_middle != 0) == (k == 3));
                if (!t->in_float)
                    continue;
                const vf64 v = vf64_of(r.x[0]);
                assert_true(same((double)half_narrow(v, v, which_half(t->f))[0],
                                 t->operate(t->f, ROUND, r, r, r).x[0]));
            }
    }
}

/* ---- every operand ------------------------------------------------------------------------ */

static void every_argument(void **state) {
    const tested *t = *state;
    for (int operation = SQRT; operation <= ERF; operation++)
        for (uint64_t i = 0; i < all_places(t->f); i += (W / 2) * stride_of(t->f)) {
            row a;
            for (uint64_t j = 0; j < W; j++)
                a.x[j] =
                    (j % 2 ? -1 : 1) * place(t, (i + j / 2 * stride_of(t->f)) % all_places(t->f));
            compare(t, operation, &a, &a, &a);
        }
}

/* Binary64 comes upon a midpoint once in 2^(53 - p) values: here one is put in its place. */
static void midpoints_are_computed_again(void **state) {
    const tested *t = *state;
    const bf_format *f = t->f;
    const double argument = place(t, t->encode(1, f) >> f->spare) / 2,
                 half = 1 + ldexp(1, -f->precision);
    const double want = bf_exp_slow(f, argument);
    widest();
    assert_true(want == rounded(t, exp(argument))); /* which is no hard case */
    assert_true(want != rounded(t, half));
    const double got = t->in_float
                           ? (double)half_finish(bf_exp_slow, vf32_of((float)argument),
                                                 vf32_of((float)half), which_half(f))[1]
                           : narrow_finish(bf_exp_slow, vf64_of(argument), vf64_of(half), f)[1];
    assert_true(got == want);
}

/* Of the formats of 8 bits. */
static void every_pair_and_triple(void **state) {
    const tested *t = *state;
    if (t->f->bytes > 1)
        return;
    const uint32_t step = getenv("BITFATE_TEST_QUICK") ? 5 : 1;
    mpfr_t numbers[256], r;
    double values[256];
    widest();
    mpfr_init2(r, t->f->precision);
    for (uint32_t i = 0; i < 256; i++) {
        values[i] = t->decode(i, t->f);
        mpfr_init2(numbers[i], t->f->precision);
        mpfr_set_d(numbers[i], values[i], MPFR_RNDN);
    }
    for (uint32_t i = 0; i < 256; i++)
        for (uint32_t j = 0; j < 256; j += W) {
            row a, b;
            for (uint32_t k = 0; k < W; k++) {
                a.x[k] = values[i];
                b.x[k] = values[j + k];
            }
            for (int operation = ADD; operation < FMA; operation++)
                compare(t, operation, &a, &b, &b);
        }
    enter(t->f);
    for (uint32_t i = 0; i < 256; i += step)
        for (uint32_t j = 0; j < 256; j++)
            for (uint32_t k = 0; k < 256; k += W) {
                row a, b, c;
                for (uint32_t l = 0; l < W; l++) {
                    a.x[l] = values[i];
                    b.x[l] = values[j];
                    c.x[l] = values[k + l];
                }
                const row got = t->operate(t->f, FMA, a, b, c);
                for (uint32_t l = 0; l < W; l++) {
                    const double want =
                        reference(t->f, FMA, numbers[i], numbers[j], numbers[k + l], r);
                    if (!same(got.x[l], want))
                        fail_msg("%s: %a %a + %a: %a, not %a", t->f->name, a.x[l], b.x[l], c.x[l],
                                 got.x[l], want);
                }
            }
    for (uint32_t i = 0; i < 256; i++)
        mpfr_clear(numbers[i]);
    mpfr_clear(r);
}

/* ---- operands next to midpoints ----------------------------------------------------------- */

/* Any bits. */
static double any_number(const tested *t) {
    double x;
    do
        x = t->decode((uint32_t)random_bits() >> t->f->spare << t->f->spare &
                          (uint32_t)(2 * (uint64_t)sign_bit(t->f) - 1),
                      t->f);
    while (isnan(x) && random_below(8) != 0);
    return x;
}

/* A number of the format, though x be none of a float. */
static double rounded_from(const tested *t, double x) {
    return narrow_round(vf64_of(x), t->f)[0];
}

/* A number near x: its ratio to x a small power of two, or its neighbour. */
static double near(const tested *t, double x) {
    const double m =
        1 + (double)random_below((size_t)1 << t->f->precision) * ldexp(1, -t->f->precision);
    const double y = ldexp(m, (int)random_below(49) - 24) * x;
    return rounded_from(t, random_bits() & 1 ? y : -y);
}

/* A midpoint near x, or the half unit beside it. */
static double middle(const tested *t, double x) {
    const double r = rounded_from(t, x);
    if (!isfinite(r) || r == 0)
        return ldexp(random_bits() & 1 ? -1 : 1, (int)t->f->emin - 2);
    const double next = t->decode(t->encode(r, t->f) + (UINT32_C(1) << t->f->spare), t->f);
    return isfinite(next) ? (r + next) / 2 : r;
}

typedef struct operands {
    double a, b, c;
} operands;

/* For a b + c near a midpoint: c from a b; or a b tiny, or next to half a unit of c. */
static operands three(const tested *t) {
    operands o = {any_number(t), any_number(t), any_number(t)};
    const double product = o.a * o.b;
    switch (random_below(6)) {
    case 0:
        break;
    case 1: /* a b + c is about as large as both */
        o.c = near(t, product);
        break;
    case 2: /* a b + c is next to a midpoint */
        o.c = rounded_from(t, middle(t, near(t, product)) - product);
        break;
    case 3: /* a b is next to half a unit of c */
        o.b = rounded_from(t, (middle(t, o.c) - o.c) / o.a);
        break;
    case 4: /* a b may be a midpoint, and c is tiny */
        o.a = near(t, 1);
        o.b = near(t, middle(t, near(t, 1)) / o.a);
        o.c = rounded_from(t, ldexp(near(t, 1), (int)t->f->emin - 2 + (int)random_below(20)));
        break;
    default: /* the ends of the range */
        o.b = rounded_from(
            t, ldexp(near(t, 1), (int)(random_bits() & 1 ? t->f->emax : t->f->emin)) / o.a);
        break;
    }
    return o;
}

static void operations(void **state) {
    const tested *t = *state;
    const size_t rounds = scaled(t->f->bytes > 1 ? 1000000 : 100000) / W;
    random_state = 1;
    for (size_t i = 0; i < rounds; i++) {
        const int operation = i % 3 == 0 ? (int)(i / 3 % FMA) : FMA;
        row a, b, c;
        for (int j = 0; j < W; j++) {
            const operands o = three(t);
            a.x[j] = o.a;
            b.x[j] = operation != FMA && j % 2 ? near(t, o.a) : o.b;
            c.x[j] = o.c;
        }
        compare(t, operation, &a, &b, &c);
    }
}

/* Products of the format's numbers on an accumulator of the wider one. */
static void wide_additions(void **state) {
    const tested *t = *state;
    bf_format wide;
    assert_true(bf_format_find(&wide, t->f->wide));
    if (t->in_float)
        return; /* a multiplication and an addition of binary32 */
    const bool f64 = wide.precision == 53;
    const tested accumulators = {&wide, false, narrow_operate, NULL, narrow_decode, narrow_encode};
    random_state = 3;
    for (size_t i = 0; i < scaled(200000) / W; i++) {
        row a, b, c;
        for (int j = 0; j < W; j++) {
            a.x[j] = any_number(t);
            b.x[j] = random_bits() & 1 ? any_number(t) : near(t, 1);
            const double product = a.x[j] * b.x[j];
            c.x[j] = f64 ? ldexp(product, (int)random_below(120) - 60) * 1.1
                     : random_bits() & 1
                         ? near(&accumulators, product)
                         : middle(&accumulators, near(&accumulators, product)) - product;
            c.x[j] = f64 ? c.x[j] : rounded_from(&accumulators, c.x[j]);
        }
        compare(&accumulators, FMA, &a, &b, &c);
    }
}

/* ---- exact sums --------------------------------------------------------------------------- */

/* Of up to 12 products, with cancellation, ranges that binary64 cannot hold, and what is not
 * finite; by mpfr_sum of products that MPFR multiplies exactly. */
static void exact_sums(void **state) {
    const tested *t = *state;
    const size_t rounds = scaled(200000) / W;
    mpfr_t x, products[MOST_TERMS], r;
    mpfr_ptr terms[MOST_TERMS];
    mpfr_init2(x, 53);
    mpfr_init2(r, t->f->precision);
    for (size_t k = 0; k < MOST_TERMS; k++) {
        mpfr_init2(products[k], 53);
        terms[k] = products[k];
    }
    random_state = 2;
    for (size_t i = 0; i < rounds; i++) {
        row a[MOST_TERMS], b[MOST_TERMS];
        const size_t n = random_below(MOST_TERMS + 1);
        const bool wild = i % 2;
        for (size_t k = 0; k < n; k++)
            for (int j = 0; j < W; j++) {
                const operands o = three(t);
                a[k].x[j] = wild ? o.a : near(t, 1);
                b[k].x[j] = wild ? o.b : near(t, 1);
                if (k > 0 && random_below(3) == 0) { /* take an earlier product away */
                    const size_t of = random_below(k);
                    a[k].x[j] = -a[of].x[j];
                    b[k].x[j] = b[of].x[j];
                }
            }
        const row got = t->dot(t->f, a, b, n);
        for (int j = 0; j < W; j++) {
            widest();
            for (size_t k = 0; k < n; k++) {
                mpfr_set_d(x, a[k].x[j], MPFR_RNDN);
                mpfr_mul_d(products[k], x, b[k].x[j], MPFR_RNDN);
            }
            const int ternary = mpfr_sum(r, terms, n, MPFR_RNDN);
            if (ternary == 0 && mpfr_zero_p(r))
                mpfr_set_zero(r, 1);
            enter(t->f);
            const double want = finished(t->f, r, ternary);
            if (!same(got.x[j], want))
                fail_msg("%s: a sum of %zu is %a, not %a", t->f->name, n, got.x[j], want);
        }
    }
    for (size_t k = 0; k < MOST_TERMS; k++)
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
                {"midpoints_are_computed_again", midpoints_are_computed_again},
                {"every_pair_and_triple", every_pair_and_triple},
                {"operations", operations},
                {"wide_additions", wide_additions},
                {"exact_sums", exact_sums}};
    struct CMUnitTest tests[LENGTH(formats) * LENGTH(each)];
    char names[LENGTH(tests)][48];
    for (size_t i = 0; i < LENGTH(tests); i++) {
        const tested *t = &formats[i / LENGTH(each)];
        snprintf(names[i], sizeof names[i], "%s%s: %s", t->f->name, t->in_float ? " in float" : "",
                 each[i % LENGTH(each)].name);
        tests[i] = (struct CMUnitTest){
            .name = names[i], .test_func = each[i % LENGTH(each)].test, .initial_state = (void *)t};
    }
    return _cmocka_run_group_tests("narrow", tests, LENGTH(tests), NULL, NULL);
}
