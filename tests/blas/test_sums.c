/* SPDX-License-Identifier: MIT */
/* test_sums.c - laws of the exact sums of bitfate.h: sum, dot, gemv, gemm, accumulators.
 *
 * The law is one: the result has the bits of the exact real value rounded once, which MPFR computes
 * here with as many bits as it takes; so it does not depend on order, splitting, strides, kernel
 * path or the caller's floating-point environment. Numbers travel as doubles; those of binary32 are
 * exact in them. */
#include "laws.h"

#include <fenv.h>
#if defined __SSE2__
#include <xmmintrin.h>
#endif

struct format {
    const char *name;
    int precision, emin, emax; /* MPFR's convention: see bf_format */
    double greatest, least;    /* finite; positive */
};

static const struct format f64 = {"f64", 53, -1073, 1024, 0x1.fffffffffffffp1023, 0x1p-1074};
static const struct format f32 = {"f32", 24, -148, 128, 0x1.fffffep127, 0x1p-149};
static const struct format *const formats[] = {&f64, &f32};

/* A sum of triple products lies between 2^-3222 and 2^3072 times the number of terms. */
enum { EXACT_BITS = 6400, MAX_TERMS = 5000 };

static uint64_t encoding(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static int random_int(int low, int high) { /* both included */
    return low + (int)random_below((size_t)(high - low + 1));
}

static bool coin(void) {
    return random_bits() >> 63 != 0;
}

/* ---- what must come out ------------------------------------------------------------------- */

/* sum += a b, exactly. */
static void reference_addmul(mpfr_ptr sum, double a, double b) {
    mpfr_t x, y;
    mpfr_inits2(106, x, y, (mpfr_ptr)NULL);
    mpfr_set_d(x, a, MPFR_RNDN);
    const int inexact = mpfr_mul_d(y, x, b, MPFR_RNDN) | mpfr_add(sum, sum, y, MPFR_RNDN);
    assert_int_equal(inexact, 0);
    mpfr_clears(x, y, (mpfr_ptr)NULL);
}

/* The sum rounded once; zero is +0, NaN is NAN. Clears the sum. */
static double reference_round(const struct format *f, mpfr_ptr sum) {
    double x = NAN;
    if (mpfr_zero_p(sum)) {
        x = 0.0;
    } else if (!mpfr_nan_p(sum)) {
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
        x = mpfr_get_d(r, MPFR_RNDN);
        mpfr_clear(r);
    }
    mpfr_clear(sum);
    return x;
}

/* alpha sum_k a[k a_step] b[k b_step] + beta c, as bitfate.h has it. */
static double reference(const struct format *f, double alpha, size_t n, const double *a,
                        ptrdiff_t a_step, const double *b, ptrdiff_t b_step, double beta,
                        double c) {
    mpfr_t sum;
    mpfr_init2(sum, EXACT_BITS);
    mpfr_set_zero(sum, 1);
    if (alpha != 0 && n > 0) {
        for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
            reference_addmul(sum, a[k * a_step], b[k * b_step]);
        assert_int_equal(mpfr_mul_d(sum, sum, alpha, MPFR_RNDN), 0);
    }
    if (beta != 0)
        reference_addmul(sum, beta, c);
    return reference_round(f, sum);
}

static void assert_same(const struct format *f, double got, double expected, const char *what,
                        size_t n) {
    if (encoding(got) != encoding(expected))
        fail_msg("%s, %s, %zu terms: %a, expected %a", f->name, what, n, got, expected);
}

/* ---- the functions under test, for either format ------------------------------------------ */

/* n numbers in the format, in memory of their own: sanitizers see what is read beside them. */
static void *in_format(const struct format *f, const double *x, size_t n) {
    void *p = take(n + 1, f == &f64 ? sizeof(double) : sizeof(float));
    for (size_t i = 0; i < n; i++)
        if (f == &f64)
            ((double *)p)[i] = x[i];
        else
            ((float *)p)[i] = (float)x[i];
    void *exact = realloc(p, (n > 0 ? n : 1) * (f == &f64 ? sizeof(double) : sizeof(float)));
    assert_non_null(exact);
    return exact;
}

/* How many elements a vector of n with an increment takes. */
static size_t extent(size_t n, ptrdiff_t inc) {
    return n == 0 ? 0 : 1 + (n - 1) * (size_t)(inc < 0 ? -inc : inc);
}

/* Element 0 of such a vector. */
static size_t first(size_t n, ptrdiff_t inc) {
    return inc < 0 && n > 0 ? (n - 1) * (size_t)-inc : 0;
}

static double dot(const struct format *f, size_t n, const double *x, ptrdiff_t incx,
                  const double *y, ptrdiff_t incy) {
    void *a = in_format(f, x, extent(n, incx)), *b = in_format(f, y, extent(n, incy));
    const double r = f == &f64 ? bf_exact_dot_f64(n, a, incx, b, incy)
                               : (double)bf_exact_dot_f32(n, a, incx, b, incy);
    free(a);
    free(b);
    return r;
}

static double sum(const struct format *f, size_t n, const double *x, ptrdiff_t incx) {
    void *a = in_format(f, x, extent(n, incx));
    const double r =
        f == &f64 ? bf_exact_sum_f64(n, a, incx) : (double)bf_exact_sum_f32(n, a, incx);
    free(a);
    return r;
}

static void acc_dot(bf_acc *acc, const struct format *f, size_t n, const double *x, ptrdiff_t incx,
                    const double *y, ptrdiff_t incy) {
    void *a = in_format(f, x, extent(n, incx)), *b = in_format(f, y, extent(n, incy));
    if (f == &f64)
        bf_acc_dot_f64(acc, n, a, incx, b, incy);
    else
        bf_acc_dot_f32(acc, n, a, incx, b, incy);
    free(a);
    free(b);
}

static double acc_round(const bf_acc *acc, const struct format *f) {
    return f == &f64 ? bf_acc_round_f64(acc) : (double)bf_acc_round_f32(acc);
}

static bf_acc *new_acc(void) {
    bf_acc *acc;
    must(bf_acc_new(&acc, &err));
    return acc;
}

/* ---- sums made to be hard ----------------------------------------------------------------- */

struct terms {
    size_t n;
    double a[MAX_TERMS], b[MAX_TERMS];
};

static struct terms terms;

/* A number of the format with an exponent (of its leading bit) from low to high and at most so
 * many significant bits. */
static double number(const struct format *f, int low, int high, int bits) {
    const int e = random_int(low, high);
    double x =
        ldexp((double)(random_bits() >> (64 - bits) | UINT64_C(1) << (bits - 1)), e - bits + 1);
    if (f == &f32)
        x = (double)(float)x;
    return coin() ? -x : x;
}

static double any(const struct format *f, int low, int high) {
    return number(f, low, high, f->precision);
}

static void add_term(struct terms *t, double a, double b) {
    if (t->n == MAX_TERMS)
        return;
    t->a[t->n] = a;
    t->b[t->n] = b;
    t->n++;
}

static void shuffle(struct terms *t) {
    for (size_t k = t->n; k > 1; k--) {
        const size_t j = random_below(k);
        const double a = t->a[k - 1], b = t->b[k - 1];
        t->a[k - 1] = t->a[j];
        t->b[k - 1] = t->b[j];
        t->a[j] = a;
        t->b[j] = b;
    }
}

/* Terms that cancel to nothing, and one or a few far below them: the condition number goes beyond
 * 2^2000 in binary64. */
static void ill_conditioned(const struct format *f, struct terms *t, size_t n, int low, int high) {
    for (size_t k = 0; k < n / 2; k++) {
        const double a = any(f, (low + high) / 2, high), b = any(f, (low + high) / 2, high);
        add_term(t, a, b);
        add_term(t, coin() ? a : -a, 0);
        t->b[t->n - 1] = t->a[t->n - 1] == a ? -b : b;
    }
    for (int i = random_int(1, 3); i > 0; i--)
        add_term(t, any(f, low, (low + high) / 2), any(f, low, (low + high) / 2));
}

/* x and half its ulp, a tie; perhaps with a hair on one side, down to the least there is. The parts
 * of the tie may be split further. */
static void tie(const struct format *f, struct terms *t, double x) {
    const double half = ldexp(1.0, ilogb(x) - f->precision);
    add_term(t, x, 1);
    if (half < f->least || (f == &f32 && half < 0x1p-140)) {
        add_term(t, f->least, copysign(0.5, x));
    } else {
        add_term(t, copysign(half / 2, x), 1);
        add_term(t, copysign(half / 2, x), 1);
    }
    if (coin())
        add_term(t, coin() ? f->least : -f->least, coin() ? 1 : f->least);
}

/* About n terms of any kind. */
static void make_terms(const struct format *f, struct terms *t, size_t n) {
    const int low = f->emin - 1, high = f->emax - 1;
    t->n = 0;
    switch (random_int(0, 11)) {
    case 0: /* what one usually sums */
        while (t->n < n)
            add_term(t, any(f, -4, 4), any(f, -4, 4));
        break;
    case 1: /* all of the range */
        while (t->n < n)
            add_term(t, any(f, low, high), any(f, low, high));
        break;
    case 2: /* products that overflow, and cancel */
        ill_conditioned(f, t, n, 0, high);
        break;
    case 3:
        ill_conditioned(f, t, n, low, high);
        break;
    case 4:
        ill_conditioned(f, t, n, -random_int(1, 60), random_int(1, 60));
        break;
    case 5: /* integers, and sums that are zero exactly */
        while (t->n < n)
            add_term(t, random_int(-2, 2), random_int(-1, 1));
        break;
    case 6:
        tie(f, t, any(f, low, high - 1));
        break;
    case 7:
        tie(f, t, any(f, -2, 2));
        while (t->n < n) {
            const double a = number(f, -3, 3, 10), b = number(f, -3, 3, 10);
            add_term(t, a, b);
            add_term(t, -a, b);
        }
        break;
    case 8: /* subnormal numbers and products */
        while (t->n < n)
            add_term(t, any(f, low, low + 5), coin() ? 1 : any(f, -3, 2));
        break;
    case 9: /* products about the least number, and far below it */
        while (t->n < n)
            add_term(t, any(f, low / 2 - 60, low / 2 + 30), any(f, low / 2 - 60, low / 2 + 30));
        break;
    case 10: /* the largest number plus half its ulp or so */
        add_term(t, f->greatest, 1);
        add_term(t, ldexp(1.0, high - f->precision), coin() ? 1 : number(f, 0, 0, 5));
        if (coin())
            add_term(t, f->least, coin() ? -1 : 1);
        break;
    default: { /* infinities and NaN */
        const double special[] = {INFINITY, -INFINITY, NAN, -NAN, 0.0, -0.0, 1};
        while (t->n < n)
            add_term(t, any(f, coin() ? low : -3, coin() ? high : 3), any(f, -3, 3));
        for (int i = random_int(1, 3); n > 0 && i > 0; i--)
            (coin() ? t->a : t->b)[random_below(n)] = special[random_below(LENGTH(special))];
    }
    }
    for (size_t k = 0; k < t->n; k++) /* what left the format's range */
        if (f == &f32 && isfinite(t->a[k]) && isfinite(t->b[k])) {
            t->a[k] = fmax(fmin(t->a[k], f->greatest), -f->greatest);
            t->b[k] = fmax(fmin((double)(float)t->b[k], f->greatest), -f->greatest);
        }
    if (coin())
        shuffle(t);
}

/* Lengths around those of vectors and blocks, mostly short. */
static size_t random_length(void) {
    static const size_t lengths[] = {16, 100, 1023, 1024, 1025, 2048, 2500};
    return random_below(8) == 0 ? lengths[random_below(LENGTH(lengths))] : random_below(40);
}

/* ---- vectors ------------------------------------------------------------------------------ */

/* Each law on every kernel path. */
static void on_every_path(void (*law)(void)) {
    for (size_t i = 0; bf_kernel(i); i++) {
        must(bf_kernel_force(bf_kernel(i), &err));
        law();
    }
    must(bf_kernel_force(NULL, &err));
}

/* x with an increment: element i of n at the place CBLAS has it, NaN between. */
static void spread(double *out, const double *x, size_t n, ptrdiff_t inc) {
    for (size_t i = 0; i < extent(n, inc); i++)
        out[i] = NAN;
    for (size_t i = 0; i < n; i++)
        out[(ptrdiff_t)first(n, inc) + (ptrdiff_t)i * inc] = x[i];
}

static void sums_are_the_exact_value_rounded_once(void) {
    static double x[3 * MAX_TERMS], y[3 * MAX_TERMS];
    static const ptrdiff_t increments[] = {1, 1, -1, 2, -3};
    for (size_t i = 0; i < scaled(6000); i++) {
        const struct format *f = formats[i % 2];
        make_terms(f, &terms, random_length());
        const size_t n = terms.n;
        const double expected = reference(f, 1, n, terms.a, 1, terms.b, 1, 0, 0);
        const ptrdiff_t incx = increments[random_below(5)], incy = increments[random_below(5)];
        spread(x, terms.a, n, incx);
        spread(y, terms.b, n, incy);
        assert_same(f, dot(f, n, x, incx, y, incy), expected, "dot", n);
        assert_same(f, dot(f, n, y, incy, x, incx), expected, "dot, commuted", n);

        bf_acc *one = new_acc(), *all = new_acc();
        for (size_t k = 0; k < n; k++)
            bf_acc_addmul(one, terms.a[k], terms.b[k]);
        acc_dot(all, f, n, x, incx, y, incy);
        uint8_t bytes[2][BF_ACC_BYTES];
        bf_acc_write(one, bytes[0]);
        bf_acc_write(all, bytes[1]);
        assert_memory_equal(bytes[0], bytes[1], BF_ACC_BYTES);
        assert_same(f, acc_round(one, f), expected, "accumulator", n);
        assert_same(f, acc_round(all, f), expected, "accumulator of vectors", n);
        bf_acc_free(one);
        bf_acc_free(all);

        const double one_by = 1;
        assert_same(f, sum(f, n, x, incx), reference(f, 1, n, terms.a, 1, &one_by, 0, 0, 0), "sum",
                    n);
        if (n > 0)
            assert_same(f, dot(f, n, x, incx, y, 0), reference(f, 1, n, terms.a, 1, y, 0, 0, 0),
                        "dot with one number", n);
    }
}

static void test_sums_are_the_exact_value_rounded_once(void **state) {
    (void)state;
    on_every_path(sums_are_the_exact_value_rounded_once);
}

/* What the quick method decides only just, or not: sums next to a tie, of many terms. */
static void near_ties_are_decided(void) {
    for (size_t i = 0; i < scaled(3000); i++) {
        const struct format *f = formats[i % 2];
        struct terms *t = &terms;
        const size_t n = (size_t)random_int(4, 200);
        t->n = 0;
        while (t->n < n)
            add_term(t, any(f, -4, 4), any(f, -4, 4));
        /* The rounded sum, taken off and put back with a tie beside it: the exact one is left. */
        for (int more = 0; more < 4; more++) {
            const double s = reference(f, 1, t->n, t->a, 1, t->b, 1, 0, 0);
            if (s != 0)
                add_term(t, -s, 1);
        }
        const double x = any(f, -1, 1);
        add_term(t, x, 1);
        add_term(t, ldexp(copysign(1.0, x), ilogb(x) - f->precision), 1);
        if (coin())
            add_term(t, ldexp(coin() ? 1 : -1, -random_int(f->precision + 2, -f->emin)), 1);
        if (coin())
            shuffle(t);
        assert_same(f, dot(f, t->n, t->a, 1, t->b, 1),
                    reference(f, 1, t->n, t->a, 1, t->b, 1, 0, 0), "near a tie", t->n);
    }
}

static void test_near_ties_are_decided(void **state) {
    (void)state;
    on_every_path(near_ties_are_decided);
}

static void order_and_splitting_do_not_matter(void) {
    for (size_t i = 0; i < scaled(600); i++) {
        const struct format *f = formats[i % 2];
        make_terms(f, &terms, random_length());
        const size_t n = terms.n;
        const double expected = dot(f, n, terms.a, 1, terms.b, 1);
        bf_acc *part[4], *whole = new_acc(), *read = new_acc();
        acc_dot(whole, f, n, terms.a, 1, terms.b, 1);
        uint8_t bytes[2][BF_ACC_BYTES];
        bf_acc_write(whole, bytes[0]);

        shuffle(&terms);
        assert_same(f, dot(f, n, terms.a, 1, terms.b, 1), expected, "shuffled", n);
        for (int p = 0; p < 4; p++)
            part[p] = new_acc();
        for (size_t k = 0; k < n;) {
            const size_t count = 1 + random_below(n - k);
            acc_dot(part[random_below(4)], f, count, terms.a + k, 1, terms.b + k, 1);
            k += count;
        }
        for (int left = 3; left > 0; left--) { /* one of them by way of its bytes */
            const size_t into = random_below((size_t)left);
            bf_acc_write(part[left], bytes[1]);
            must(bf_acc_read(read, bytes[1], BF_ACC_BYTES, &err));
            must(bf_acc_merge(part[into], coin() ? read : part[left], &err));
        }
        bf_acc_write(part[0], bytes[1]);
        assert_memory_equal(bytes[0], bytes[1], BF_ACC_BYTES);
        assert_same(f, acc_round(part[0], f), expected, "merged", n);
        for (int p = 0; p < 4; p++)
            bf_acc_free(part[p]);
        bf_acc_free(whole);
        bf_acc_free(read);
    }
}

static void test_order_and_splitting_do_not_matter(void **state) {
    (void)state;
    on_every_path(order_and_splitting_do_not_matter);
}

static void test_threads_do_not_matter(void **state) {
    (void)state;
    enum { N = 100000 };
    double *x = take(N, sizeof *x), *y = take(N, sizeof *y);
    for (size_t k = 0; k < N; k++) {
        x[k] = any(&f64, -500, 500);
        y[k] = any(&f64, -500, 500);
    }
    const double expected = bf_exact_dot_f64(N, x, 1, y, 1);
    for (int threads = 1; threads <= 5; threads++) {
        bf_acc *total = new_acc();
        int failures = 0;
#pragma omp parallel for num_threads(threads) reduction(+ : failures)
        for (int part = 0; part < 16; part++) {
            bf_acc *mine = NULL;
            failures += bf_acc_new(&mine, NULL) != BF_OK;
            bf_acc_dot_f64(mine, N / 16, x + part * (N / 16), 1, y + part * (N / 16), 1);
#pragma omp critical
            failures += bf_acc_merge(total, mine, NULL) != BF_OK;
            bf_acc_free(mine);
        }
        assert_int_equal(failures, 0);
        assert_same(&f64, bf_acc_round_f64(total), expected, "threads", N);
        bf_acc_free(total);
    }
    free(x);
    free(y);
}

/* A long sum is more than one block; its exact value is known. */
static void long_sums_are_exact(void) {
    enum { N = 1 << 21 };
    static const double x = 0x1.23456789abcdep-3, y = -0x1.fedcba9876543p5;
    static const float z = 0x1.234566p-3f, w = -0x1.fedcbap5f;
    mpfr_t s;
    mpfr_init2(s, EXACT_BITS);
    mpfr_set_zero(s, 1);
    reference_addmul(s, x, y);
    mpfr_mul_ui(s, s, N + 3, MPFR_RNDN);
    assert_same(&f64, bf_exact_dot_f64(N + 3, &x, 0, &y, 0), reference_round(&f64, s), "long", N);
    mpfr_init2(s, EXACT_BITS);
    mpfr_set_zero(s, 1);
    reference_addmul(s, (double)z, (double)w);
    mpfr_mul_ui(s, s, N + 3, MPFR_RNDN);
    assert_same(&f32, (double)bf_exact_dot_f32(N + 3, &z, 0, &w, 0), reference_round(&f32, s),
                "long", N);
}

static void test_long_sums_are_exact(void **state) {
    (void)state;
    on_every_path(long_sums_are_exact);
}

/* ---- matrices ----------------------------------------------------------------------------- */

enum { MAX_SIDE = 40, MAX_ELEMENTS = 60000 };

struct matrix {
    double x[MAX_ELEMENTS];
    ptrdiff_t row, column; /* steps of op(X) */
    size_t ld, size;
    bf_transpose trans;
};

/* op(X) is (rows, columns), of any layout. */
static void lay_out(struct matrix *m, bf_order order, bf_transpose trans, size_t rows,
                    size_t columns) {
    const bool by_rows = (order == BF_ROW_MAJOR) == (trans == BF_AS_IS);
    const size_t together = by_rows ? columns : rows, apart = by_rows ? rows : columns;
    m->trans = trans;
    m->ld = together + 1 + (coin() ? 0 : random_below(4));
    m->size = apart * m->ld;
    m->row = by_rows ? (ptrdiff_t)m->ld : 1;
    m->column = by_rows ? 1 : (ptrdiff_t)m->ld;
    assert_true(m->size <= MAX_ELEMENTS);
    for (size_t i = 0; i < m->size; i++)
        m->x[i] = NAN; /* between the columns, never to be read */
}

static double *at(struct matrix *m, size_t i, size_t j) {
    return &m->x[(ptrdiff_t)i * m->row + (ptrdiff_t)j * m->column];
}

/* A number of any kind; what kind is decided for a matrix, and seldom for one of its numbers. */
static double element(const struct format *f, int kind) {
    static const double special[] = {INFINITY, -INFINITY, NAN, 0.0, -0.0};
    const int low = f->emin - 1, high = f->emax - 1;
    if (random_below(400) == 0)
        kind = random_int(0, 8);
    switch (kind) {
    case 1:
        return random_int(-3, 3);
    case 2:
        return any(f, low, high);
    case 3:
        return any(f, low, low + 10);
    case 4:
        return any(f, high / 2 - 10, high / 2 + 10);
    case 5:
        return number(f, -20, 20, random_int(1, f->precision));
    case 6:
        return any(f, low / 2 - 30, low / 2 + 30);
    case 7:
        return random_below(60) == 0 ? special[random_below(LENGTH(special))] : any(f, -4, 4);
    case 8:
        return coin() ? 0.0 : any(f, -4, 4);
    default:
        return any(f, -1, 1);
    }
}

/* Rows of A and columns of B with what makes dots hard, in step. */
static void harden(const struct format *f, struct matrix *a, struct matrix *b, size_t i, size_t j,
                   size_t k) {
    make_terms(f, &terms, k);
    for (size_t l = 0; l < k && l < terms.n; l++) {
        *at(a, i, l) = terms.a[l];
        *at(b, l, j) = terms.b[l];
    }
}

static double factor(const struct format *f) {
    static const double usual[] = {1, 1, 1, 0, 0, -1, 2, 0.5, -0.0};
    switch (random_below(8)) {
    case 0:
        return any(f, f->emin - 1, f->emax - 1);
    case 1:
        return random_below(10) == 0 ? (coin() ? INFINITY : NAN) : any(f, -60, 60);
    case 2:
    case 3:
        return any(f, -2, 2);
    default:
        return usual[random_below(LENGTH(usual))];
    }
}

static struct matrix ma, mb, mc;

static void check_gemm(const struct format *f, size_t m, size_t n, size_t k, bool hard) {
    const bf_order order = coin() ? BF_ROW_MAJOR : BF_COLUMN_MAJOR;
    const double alpha = factor(f), beta = factor(f);
    const int kind_a = random_int(0, 8), kind_b = coin() ? kind_a : random_int(0, 8);
    lay_out(&ma, order, coin() ? BF_AS_IS : BF_TRANSPOSED, m, k);
    lay_out(&mb, order, coin() ? BF_AS_IS : BF_TRANSPOSED, k, n);
    lay_out(&mc, order, BF_AS_IS, m, n);
    for (size_t i = 0; i < m; i++)
        for (size_t l = 0; l < k; l++)
            *at(&ma, i, l) = element(f, kind_a);
    for (size_t l = 0; l < k; l++)
        for (size_t j = 0; j < n; j++)
            *at(&mb, l, j) = element(f, kind_b);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            *at(&mc, i, j) = element(f, random_int(0, 8));
    for (size_t i = 0; hard && i < m && i < n; i++)
        harden(f, &ma, &mb, i, i, k);

    void *a = in_format(f, ma.x, ma.size), *b = in_format(f, mb.x, mb.size),
         *c = in_format(f, mc.x, mc.size);
    if (f == &f64)
        must(bf_exact_gemm_f64(order, ma.trans, mb.trans, m, n, k, alpha, a, ma.ld, b, mb.ld, beta,
                               c, mc.ld, &err));
    else
        must(bf_exact_gemm_f32(order, ma.trans, mb.trans, m, n, k, (float)alpha, a, ma.ld, b, mb.ld,
                               (float)beta, c, mc.ld, &err));
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const size_t p = (size_t)(at(&mc, i, j) - mc.x);
            const double got = f == &f64 ? ((double *)c)[p] : (double)((float *)c)[p];
            assert_same(f, got,
                        reference(f, alpha, k, at(&ma, i, 0), ma.column, at(&mb, 0, j), mb.row,
                                  beta, mc.x[p]),
                        "gemm", k);
        }
    free(a);
    free(b);
    free(c);
}

static void gemm_is_the_exact_value_rounded_once(void) {
    for (size_t i = 0; i < scaled(800); i++)
        check_gemm(formats[i % 2], random_below(20), random_below(20), random_below(20), coin());
    for (size_t i = 0; i < scaled(16); i++)
        check_gemm(formats[i % 2], 17, 11, (size_t)random_int(100, 1100), coin());
}

static void test_gemm_is_the_exact_value_rounded_once(void **state) {
    (void)state;
    on_every_path(gemm_is_the_exact_value_rounded_once);
}

/* C takes away what the product rounds to: only what lies below is left. */
static void what_beta_c_leaves_is_exact(void) {
    for (size_t i = 0; i < scaled(4000); i++) {
        const struct format *f = formats[i % 2];
        const size_t k = 1 + random_below(4);
        double alpha = any(f, -9, 9), beta = coin() ? -1 : 1, a[4], b[4];
        float af[4], bf[4];
        for (size_t l = 0; l < k; l++) {
            af[l] = (float)(a[l] = any(f, -3, 3));
            bf[l] = (float)(b[l] = any(f, -3, 3));
        }
        double c = -beta * reference(f, alpha, k, a, 1, b, 1, 0, 0);
        const double expected = reference(f, alpha, k, a, 1, b, 1, beta, c);
        float cf = (float)c;
        if (f == &f64)
            must(bf_exact_gemm_f64(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, 1, 1, k, alpha, a, k, b, 1,
                                   beta, &c, 1, &err));
        else
            must(bf_exact_gemm_f32(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, 1, 1, k, (float)alpha, af, k,
                                   bf, 1, (float)beta, &cf, 1, &err));
        assert_same(f, f == &f64 ? c : (double)cf, expected, "what beta c leaves", k);
    }
}

static void test_what_beta_c_leaves_is_exact(void **state) {
    (void)state;
    on_every_path(what_beta_c_leaves_is_exact);
}

/* Integers whose sum is a tie of floats and one more, at and beyond what a double holds. */
static void integers_are_summed_exactly(void) {
    for (int e = 20; e < 80; e++) {
        const double a[4] = {ldexp(1, e / 2), 3, ldexp(1, (e - 24) / 2), 1},
                     b[4] = {ldexp(1, e - e / 2), 0, ldexp(1, e - 24 - (e - 24) / 2), 1};
        float x[2][4], y[4][2], c[2][2];
        for (int l = 0; l < 4; l++) {
            x[0][l] = (float)a[l];
            x[1][l] = (float)-a[l];
            y[l][0] = y[l][1] = (float)b[l];
        }
        must(bf_exact_gemm_f32(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, 2, 2, 4, 1, *x, 4, *y, 2, 0, *c, 2,
                               &err));
        const double expected = reference(&f32, 1, 4, a, 1, b, 1, 0, 0);
        assert_same(&f32, (double)c[0][1], expected, "integers", 4);
        assert_same(&f32, (double)c[1][0], -expected, "integers", 4);
    }
}

static void test_integers_are_summed_exactly(void **state) {
    (void)state;
    on_every_path(integers_are_summed_exactly);
}

static void check_gemv(const struct format *f, size_t m, size_t n) {
    static const ptrdiff_t increments[] = {1, -1, 2, -3};
    static double x[3 * 1100], y[3 * 1100];
    const bf_order order = coin() ? BF_ROW_MAJOR : BF_COLUMN_MAJOR;
    const ptrdiff_t incx = increments[random_below(4)], incy = increments[random_below(4)];
    const double alpha = factor(f), beta = factor(f);
    const int kind = random_int(0, 8);
    lay_out(&ma, order, coin() ? BF_AS_IS : BF_TRANSPOSED, m, n); /* op(A) is (m, n) */
    for (size_t i = 0; i < m; i++)
        for (size_t l = 0; l < n; l++)
            *at(&ma, i, l) = element(f, kind);
    for (size_t l = 0; l < extent(n, incx); l++)
        x[l] = element(f, coin() ? kind : 0);
    for (size_t l = 0; l < extent(m, incy); l++)
        y[l] = element(f, kind);
    void *a = in_format(f, ma.x, ma.size), *p = in_format(f, x, extent(n, incx)),
         *q = in_format(f, y, extent(m, incy));
    const size_t rows = ma.trans == BF_AS_IS ? m : n, columns = ma.trans == BF_AS_IS ? n : m;
    if (f == &f64)
        must(bf_exact_gemv_f64(order, ma.trans, rows, columns, alpha, a, ma.ld, p, incx, beta, q,
                               incy, &err));
    else
        must(bf_exact_gemv_f32(order, ma.trans, rows, columns, (float)alpha, a, ma.ld, p, incx,
                               (float)beta, q, incy, &err));
    for (size_t i = 0; i < extent(m, incy); i++) {
        const double got = f == &f64 ? ((double *)q)[i] : (double)((float *)q)[i];
        const size_t step = (size_t)(incy < 0 ? -incy : incy), r = i / step;
        if (i % step != 0) { /* between the elements of y */
            assert_same(f, got, y[i], "beside y", n);
            continue;
        }
        assert_same(f, got,
                    reference(f, alpha, n, at(&ma, incy < 0 ? m - 1 - r : r, 0), ma.column,
                              x + first(n, incx), incx, beta, y[i]),
                    "gemv", n);
    }
    free(a);
    free(p);
    free(q);
}

static void gemv_is_the_exact_value_rounded_once(void) {
    for (size_t i = 0; i < scaled(1000); i++)
        check_gemv(formats[i % 2], random_below(40), random_below(40));
    for (size_t i = 0; i < scaled(20); i++)
        check_gemv(formats[i % 2], (size_t)random_int(1, 40), (size_t)random_int(900, 1100));
    for (size_t i = 0; i < scaled(20); i++)
        check_gemv(formats[i % 2], (size_t)random_int(900, 1100), (size_t)random_int(1, 40));
}

static void test_gemv_is_the_exact_value_rounded_once(void **state) {
    (void)state;
    on_every_path(gemv_is_the_exact_value_rounded_once);
}

/* ---- known answers ------------------------------------------------------------------------ */

#define MAX64 0x1.fffffffffffffp1023
#define MIN64 0x1p-1074

/* alpha sum a b + beta c in binary64. */
static const struct known {
    const char *what;
    double expected, alpha, beta, c;
    size_t n;
    double a[3], b[3];
} known_answers[] = {
    {"empty sum", 0.0, 1, 0, NAN, 0, {0}, {0}},
    {"beta 0 does not read c", 6, 1, 0, NAN, 1, {2}, {3}},
    {"alpha 0 does not read a, b", 8, 0, 2, 4, 1, {NAN}, {INFINITY}},
    {"no terms, no alpha", 8, NAN, 2, 4, 0, {0}, {0}},
    {"-0 in c becomes +0", 0.0, 0, 1, -0.0, 0, {0}, {0}},
    {"-1 (x - x) is +0", 0.0, -1, 0, 0, 2, {1, 1}, {3, -3}},
    {"x - x by beta is +0", 0.0, 2, -3, 4, 1, {2}, {3}},
    {"-tiny keeps its sign", -0.0, -1, 0, 0, 1, {MIN64}, {MIN64}},
    {"tiny times tiny times huge", MIN64, 0x1p1023, 0, 0, 1, {0x1p-1049}, {0x1p-1048}},
    {"tiny plus half the least", MIN64, 0.5, 0.5, MIN64, 1, {MIN64}, {MIN64}},
    {"huge huge tiny", MAX64, 0x1p-1023, 0, 0, 1, {MAX64}, {0x1p1023}},
    {"no overflow on the way", 0x1.fffffffffffffp0, MAX64, -MAX64, 4, 2, {4, 0x1p-1023}, {1, 1}},
    {"half an ulp above the largest", INFINITY, 1, 1, 0x1p970, 1, {MAX64}, {1}},
    {"less than that", MAX64, 1, 1, 0x1.fffffffffffffp969, 1, {MAX64}, {1}},
    {"a hair less than that", MAX64, 1, -MIN64, MIN64, 2, {MAX64, 0x1p970}, {1, 1}},
    {"one rounding of three products",
     0x1.0000000000001p0,
     0.5,
     MIN64,
     MIN64,
     2,
     {2, 0x1p-52},
     {1, 1}},
    {"inf 0", NAN, INFINITY, 0, 0, 2, {1, 1}, {1, -1}},
    {"inf (1 - 2)", -INFINITY, INFINITY, 1, 5, 2, {1, 1}, {1, -2}},
    {"inf - inf", NAN, INFINITY, -1, INFINITY, 1, {1}, {1}},
    {"inf + inf", INFINITY, INFINITY, 1, INFINITY, 1, {1}, {1}},
    {"-2 inf", -INFINITY, -2, 0, 0, 1, {INFINITY}, {1}},
    {"NaN alpha", NAN, NAN, 0, 0, 1, {1}, {1}},
    {"-NaN is NaN", NAN, 1, 0, 0, 1, {-NAN}, {1}},
    {"inf - inf inside", NAN, 1, 0, 0, 2, {INFINITY, INFINITY}, {1, -1}},
    {"inf c", -INFINITY, 1, -1, INFINITY, 1, {1}, {1}},
};

static void known_answers_are_given(void) {
    for (size_t i = 0; i < LENGTH(known_answers); i++) {
        const struct known *q = &known_answers[i];
        double c = q->c;
        assert_same(&f64, reference(&f64, q->alpha, q->n, q->a, 1, q->b, 1, q->beta, q->c),
                    q->expected, q->what, q->n);
        must(bf_exact_gemm_f64(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, 1, 1, q->n, q->alpha, q->a, 3,
                               q->b, 1, q->beta, &c, 1, &err));
        assert_same(&f64, c, q->expected, q->what, q->n);
    }
}

static void test_known_answers(void **state) {
    (void)state;
    on_every_path(known_answers_are_given);
}

/* ---- accumulators ------------------------------------------------------------------------- */

static void test_accumulators_are_written_as_documented(void **state) {
    (void)state;
    uint8_t bytes[BF_ACC_BYTES];
    bf_acc *acc = new_acc();
    bf_acc_write(acc, bytes);
    assert_memory_equal(bytes, "bfacc1\0\0", 8);
    for (size_t i = 8; i < BF_ACC_BYTES; i++)
        assert_int_equal(bytes[i], 0);
    bf_acc_add(acc, 1); /* bit 2176 */
    bf_acc_write(acc, bytes);
    for (size_t i = 8; i < BF_ACC_BYTES; i++)
        assert_int_equal(bytes[i], i == 8 + 2176 / 8);
    bf_acc_zero(acc);
    bf_acc_addmul(acc, -0x1p-1074, 0x1p-1074); /* -2^28 */
    bf_acc_write(acc, bytes);
    for (size_t i = 8; i < BF_ACC_BYTES; i++)
        assert_int_equal(bytes[i], i < 11 ? 0 : i == 11 ? 0xf0 : 0xff);
    assert_same(&f64, bf_acc_round_f64(acc), -0.0, "-2^-2148", 1);
    bf_acc_add(acc, -INFINITY);
    bf_acc_write(acc, bytes);
    assert_memory_equal(bytes, "bfacc1\0\2", 8);
    for (size_t i = 8; i < BF_ACC_BYTES; i++)
        assert_int_equal(bytes[i], 0);
    bf_acc_addmul(acc, INFINITY, 0x1p-1074);
    bf_acc_write(acc, bytes);
    assert_memory_equal(bytes, "bfacc1\0\3", 8);
    bf_acc_free(acc);
}

/* Bytes that are read are written again, to the bit; others are refused, and change nothing. */
static void test_damaged_accumulators_are_refused(void **state) {
    (void)state;
    bf_acc *acc = new_acc(), *read = new_acc();
    size_t accepted = 0;
    for (size_t i = 0; i < scaled(40000); i++) {
        uint8_t bytes[BF_ACC_BYTES + 1], before[BF_ACC_BYTES], after[BF_ACC_BYTES];
        make_terms(&f64, &terms, random_below(10));
        bf_acc_zero(acc);
        for (size_t k = 0; k < terms.n; k++)
            bf_acc_addmul(acc, terms.a[k], terms.b[k]);
        bf_acc_write(acc, bytes);
        for (size_t hits = random_below(4); hits > 0; hits--) {
            const size_t edge = random_below(12);
            bytes[coin()   ? edge
                  : coin() ? BF_ACC_BYTES - 1 - edge
                           : random_below(BF_ACC_BYTES)] ^= (uint8_t)(1U << random_below(8));
        }
        bf_acc_write(read, before);
        const size_t size = random_below(20) == 0 ? random_below(BF_ACC_BYTES + 2) : BF_ACC_BYTES;
        const bf_status s = bf_acc_read(read, bytes, size, &err);
        bf_acc_write(read, after);
        if (s == BF_OK)
            assert_memory_equal(after, bytes, BF_ACC_BYTES);
        else
            assert_memory_equal(after, before, BF_ACC_BYTES);
        assert_true(s == BF_OK || s == BF_EINPUT);
        accepted += s == BF_OK;
        bf_acc_add(read, 1); /* it is fit for use */
        if (bf_acc_merge(read, acc, &err) == BF_OK)
            (void)bf_acc_round_f64(read);
    }
    assert_true(accepted > scaled(40000) / 8);
    bf_acc_free(acc);
    bf_acc_free(read);
}

static void test_impossible_accumulators_are_refused(void **state) {
    (void)state;
    enum { KIND = 7, FIRST = 8, LAST = BF_ACC_BYTES - 1 };
    static const struct {
        size_t at;
        uint8_t byte;
        bf_status status;
    } cases[] = {
        {0, 'B', BF_EINPUT},      {5, '2', BF_EINPUT},     {6, 1, BF_EINPUT},
        {KIND, 0, BF_OK},         {KIND, 1, BF_EINPUT},    {KIND, 3, BF_EINPUT},
        {KIND, 4, BF_EINPUT},     {FIRST, 1, BF_EINPUT},   {FIRST + 3, 0x08, BF_EINPUT},
        {FIRST + 3, 0x10, BF_OK}, {LAST - 4, 0x80, BF_OK}, {LAST - 3, 1, BF_EINPUT},
        {LAST, 1, BF_EINPUT},     {LAST, 0xff, BF_EINPUT},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        uint8_t bytes[BF_ACC_BYTES];
        bf_acc *acc = new_acc();
        bf_acc_add(acc, 3);
        bf_acc_write(acc, bytes);
        bytes[cases[i].at] = cases[i].byte;
        const bf_status s = bf_acc_read(acc, bytes, BF_ACC_BYTES, &err);
        if (s != cases[i].status)
            fail_msg("byte %zu = %d: %d", cases[i].at, cases[i].byte, (int)s);
        bf_acc_free(acc);
    }
}

/* More than 2^64 of the largest products; the last that fits can still be added to. */
static void test_accumulators_know_their_limit(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        bf_acc *acc = new_acc();
        int doublings = 0;
        bf_acc_addmul(acc, MAX64, sign * MAX64);
        while (bf_acc_merge(acc, acc, &err) == BF_OK)
            doublings++;
        assert_int_equal(err.status, BF_EINPUT);
        assert_int_equal(doublings, 64);
        bf_acc_addmul(acc, MAX64, sign * MAX64);
        assert_same(&f64, bf_acc_round_f64(acc), sign * (double)INFINITY, "largest", 1);
        bf_acc_free(acc);
    }
}

/* ---- the caller --------------------------------------------------------------------------- */

/* Whatever the caller's environment is, it has no influence, and is left as it was. */
static void test_the_environment_does_not_matter(void **state) {
    (void)state;
    static const int roundings[] = {FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
    double x[50], y[50], expected[6], got[6];
    float z[50], expected_f32[2], got_f32[2];
    const float large = 0x1p100F;
    for (size_t i = 0; i < 50; i++) {
        x[i] = any(&f64, -300, 300);
        y[i] = any(&f64, -1074, -700);
        z[i] = (float)any(&f32, -149, -130);
    }
    for (size_t pass = 0; pass <= LENGTH(roundings); pass++) {
        bf_acc *acc = new_acc();
        if (pass > 0) {
            assert_int_equal(fesetround(roundings[pass - 1]), 0);
#if defined __SSE2__
            _mm_setcsr(_mm_getcsr() | 0x8040); /* flush subnormals, in and out */
#endif
        }
        got[0] = bf_exact_sum_f64(50, y, 1);
        got[1] = bf_exact_dot_f64(50, x, 1, y, 1);
        got_f32[0] = bf_exact_sum_f32(50, z, 1);
        bool done = bf_exact_gemm_f64(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, 1, 1, 50, 0.3, x, 50, y, 1,
                                      0, &got[2], 1, NULL) == BF_OK;
        done &= bf_exact_gemv_f64(BF_ROW_MAJOR, BF_AS_IS, 1, 50, 0x1p-1074, x, 50, x, 1, 0, &got[3],
                                  1, NULL) == BF_OK;
        done &= bf_exact_gemv_f32(BF_ROW_MAJOR, BF_AS_IS, 1, 1, 0x1p-149F, &large, 1, &large, 1, 0,
                                  &got_f32[1], 1, NULL) == BF_OK;
        bf_acc_addmul(acc, INFINITY, 0x1p-1074);
        got[4] = bf_acc_round_f64(acc);
        bf_acc_zero(acc);
        bf_acc_add(acc, 0x1p-1074);
        bf_acc_dot_f64(acc, 50, x, 1, y, 1);
        got[5] = bf_acc_round_f64(acc);
        if (pass > 0) {
            assert_int_equal(fegetround(), roundings[pass - 1]);
#if defined __SSE2__
            assert_int_equal(_mm_getcsr() & 0x8040, 0x8040);
            _mm_setcsr(_mm_getcsr() & ~0x8040U);
#endif
            assert_int_equal(fesetround(FE_TONEAREST), 0);
        }
        assert_true(done);
        if (pass == 0) {
            memcpy(expected, got, sizeof expected);
            memcpy(expected_f32, got_f32, sizeof expected_f32);
        }
        assert_memory_equal(got_f32, expected_f32, sizeof expected_f32);
        assert_memory_equal(got, expected, sizeof expected);
        bf_acc_free(acc);
    }
    assert_same(&f64, expected[0], reference(&f64, 1, 50, y, 1, (double[]){1}, 0, 0, 0), "sum", 50);
}

static void test_bad_arguments_are_refused(void **state) {
    (void)state;
    double a[12] = {0}, b[12] = {0}, c[12] = {7};
    enum { R = BF_ROW_MAJOR, C = BF_COLUMN_MAJOR, N = BF_AS_IS, T = BF_TRANSPOSED };
    static const struct {
        int order, ta, tb;
        size_t m, n, k, lda, ldb, ldc;
        bf_status status;
    } gemms[] = {
        {R, N, N, 2, 3, 4, 4, 3, 3, BF_OK},
        {R, N, N, 2, 3, 4, 3, 3, 3, BF_EINPUT},
        {R, N, N, 2, 3, 4, 4, 2, 3, BF_EINPUT},
        {R, N, N, 2, 3, 4, 4, 3, 2, BF_EINPUT},
        {C, N, N, 2, 3, 4, 2, 4, 2, BF_OK},
        {C, N, N, 2, 3, 4, 1, 4, 2, BF_EINPUT},
        {C, N, N, 2, 3, 4, 2, 3, 2, BF_EINPUT},
        {C, N, N, 2, 3, 4, 2, 4, 1, BF_EINPUT},
        {R, T, T, 2, 3, 4, 2, 4, 3, BF_OK},
        {R, T, T, 2, 3, 4, 1, 4, 3, BF_EINPUT},
        {R, T, T, 2, 3, 4, 2, 3, 3, BF_EINPUT},
        {0, N, N, 1, 1, 1, 1, 1, 1, BF_EINPUT},
        {R, 113, N, 1, 1, 1, 1, 1, 1, BF_EINPUT},
        {R, N, 0, 1, 1, 1, 1, 1, 1, BF_EINPUT},
        {R, N, N, 0, 0, 0, 0, 1, 1, BF_EINPUT},
        {R, N, N, 0, 0, 0, 1, 1, 1, BF_OK},
        {R, N, N, 1, 2, SIZE_MAX / 2, SIZE_MAX / 2, 2, 2, BF_EMACHINE},
    };
    for (size_t i = 0; i < LENGTH(gemms); i++) {
        const bf_status s =
            bf_exact_gemm_f64((bf_order)gemms[i].order, (bf_transpose)gemms[i].ta,
                              (bf_transpose)gemms[i].tb, gemms[i].m, gemms[i].n, gemms[i].k, 1, a,
                              gemms[i].lda, b, gemms[i].ldb, 0, c, gemms[i].ldc, &err);
        if (s != gemms[i].status)
            fail_msg("gemm %zu: %d, expected %d", i, (int)s, (int)gemms[i].status);
    }
    assert_int_equal(bf_exact_gemv_f64(BF_ROW_MAJOR, BF_AS_IS, 2, 3, 1, a, 3, b, 1, 0, c, 1, &err),
                     BF_OK);
    assert_int_equal(bf_exact_gemv_f64(BF_ROW_MAJOR, BF_AS_IS, 2, 3, 1, a, 2, b, 1, 0, c, 1, &err),
                     BF_EINPUT);
    assert_int_equal(bf_exact_gemv_f64(BF_ROW_MAJOR, BF_AS_IS, 2, 3, 1, a, 3, b, 0, 0, c, 1, &err),
                     BF_EINPUT);
    assert_int_equal(bf_exact_gemv_f64(BF_ROW_MAJOR, BF_AS_IS, 2, 3, 1, a, 3, b, 1, 0, c, 0, &err),
                     BF_EINPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_sums_are_the_exact_value_rounded_once),
        cmocka_unit_test(test_near_ties_are_decided),
        cmocka_unit_test(test_order_and_splitting_do_not_matter),
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_long_sums_are_exact),
        cmocka_unit_test(test_gemm_is_the_exact_value_rounded_once),
        cmocka_unit_test(test_what_beta_c_leaves_is_exact),
        cmocka_unit_test(test_integers_are_summed_exactly),
        cmocka_unit_test(test_gemv_is_the_exact_value_rounded_once),
        cmocka_unit_test(test_accumulators_are_written_as_documented),
        cmocka_unit_test(test_damaged_accumulators_are_refused),
        cmocka_unit_test(test_impossible_accumulators_are_refused),
        cmocka_unit_test(test_accumulators_know_their_limit),
        cmocka_unit_test(test_the_environment_does_not_matter),
        cmocka_unit_test(test_bad_arguments_are_refused),
    };
    return cmocka_run_group_tests_name("sums", tests, NULL, NULL);
}
