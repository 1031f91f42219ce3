/* SPDX-License-Identifier: MIT */
/* sums.c - exact sums as CBLAS would have them: arguments, strides, the environment. */
#include "bitfate.h"
#include "num/environment.h"
#include "arith/kernels.h"
#include "blas/kernel.h"

#define DECLARE(path) extern const struct sums_kernel bf_sums_kernel_##path;
KERNEL_PATHS(DECLARE)
#define ROW(path) &bf_sums_kernel_##path,
static const struct sums_kernel *const kernels[] = {KERNEL_PATHS(ROW)};

static const struct sums_kernel *kernel(void) {
    return kernels[bf_kernel_chosen()];
}

/* ---- vectors ------------------------------------------------------------------------------ */

/* Where element 0 of a vector lies, in elements: with a negative increment, at its end. */
static ptrdiff_t first(size_t n, ptrdiff_t inc) {
    return inc < 0 && n > 0 ? -(ptrdiff_t)(n - 1) * inc : 0;
}

void bf_acc_dot_f64(bf_acc *acc, size_t n, const double *x, ptrdiff_t incx, const double *y,
                    ptrdiff_t incy) {
    const environment found = environment_enter();
    kernel()->acc_f64(acc, n, x + first(n, incx), incx, y + first(n, incy), incy);
    environment_leave(found);
}

void bf_acc_dot_f32(bf_acc *acc, size_t n, const float *x, ptrdiff_t incx, const float *y,
                    ptrdiff_t incy) {
    const environment found = environment_enter();
    kernel()->acc_f32(acc, n, x + first(n, incx), incx, y + first(n, incy), incy);
    environment_leave(found);
}

double bf_exact_dot_f64(size_t n, const double *x, ptrdiff_t incx, const double *y,
                        ptrdiff_t incy) {
    const environment found = environment_enter();
    const double r = kernel()->dot_f64(n, x + first(n, incx), incx, y + first(n, incy), incy);
    environment_leave(found);
    return r;
}

float bf_exact_dot_f32(size_t n, const float *x, ptrdiff_t incx, const float *y, ptrdiff_t incy) {
    const environment found = environment_enter();
    const float r = kernel()->dot_f32(n, x + first(n, incx), incx, y + first(n, incy), incy);
    environment_leave(found);
    return r;
}

/* A sum of numbers is one of products with one. */
static const double one_f64 = 1;
static const float one_f32 = 1;

void bf_acc_sum_f64(bf_acc *acc, size_t n, const double *x, ptrdiff_t incx) {
    bf_acc_dot_f64(acc, n, x, incx, &one_f64, 0);
}

void bf_acc_sum_f32(bf_acc *acc, size_t n, const float *x, ptrdiff_t incx) {
    bf_acc_dot_f32(acc, n, x, incx, &one_f32, 0);
}

double bf_exact_sum_f64(size_t n, const double *x, ptrdiff_t incx) {
    return bf_exact_dot_f64(n, x, incx, &one_f64, 0);
}

float bf_exact_sum_f32(size_t n, const float *x, ptrdiff_t incx) {
    return bf_exact_dot_f32(n, x, incx, &one_f32, 0);
}

/* ---- matrices ----------------------------------------------------------------------------- */

/* Whether the elements of a column of op(X) lie `ld` apart, and those of a row side by side. */
static bool by_rows(bf_order order, bf_transpose trans) {
    return (order == BF_ROW_MAJOR) == (trans == BF_AS_IS);
}

/* op(X) is (rows, columns); `what` names X. */
static bf_status check_matrix(bf_order order, bf_transpose trans, size_t rows, size_t columns,
                              size_t ld, const char *what, bf_error *err) {
    if (order != BF_ROW_MAJOR && order != BF_COLUMN_MAJOR)
        return bf_fail(err, BF_EINPUT, "order %d; expected 101 (row-major) or 102 (column-major)",
                       (int)order);
    if (trans != BF_AS_IS && trans != BF_TRANSPOSED)
        return bf_fail(err, BF_EINPUT,
                       "transpose of %s %d; expected 111 (as is) or 112 (transposed)", what,
                       (int)trans);
    const size_t together = by_rows(order, trans) ? columns : rows;
    const size_t least = together > 1 ? together : 1;
    if (ld < least || ld > PTRDIFF_MAX)
        return bf_fail(err, BF_EINPUT, "leading dimension of %s %zu; expected at least %zu", what,
                       ld, least);
    return BF_OK;
}

/* The steps from row to row and from column to column of op(X). */
static ptrdiff_t row_step(bf_order order, bf_transpose trans, size_t ld) {
    return by_rows(order, trans) ? (ptrdiff_t)ld : 1;
}

static ptrdiff_t column_step(bf_order order, bf_transpose trans, size_t ld) {
    return by_rows(order, trans) ? 1 : (ptrdiff_t)ld;
}

/* y is a matrix of one column, as is x. */
static bf_status gemv(struct gemm *g, bf_order order, bf_transpose trans, size_t m, size_t n,
                      size_t lda, ptrdiff_t incx, ptrdiff_t incy, bf_error *err) {
    g->m = trans == BF_AS_IS ? m : n;
    g->n = 1;
    g->k = trans == BF_AS_IS ? n : m;
    g->a_row = row_step(order, trans, lda);
    g->a_k = column_step(order, trans, lda);
    g->b_k = incx;
    g->c_row = incy;
    if (incx == 0 || incy == 0)
        return bf_fail(err, BF_EINPUT, "increment of %s 0; expected another",
                       incx == 0 ? "x" : "y");
    return check_matrix(order, trans, g->m, g->k, lda, "A", err);
}

static bf_status gemm(struct gemm *g, bf_order order, bf_transpose trans_a, bf_transpose trans_b,
                      size_t lda, size_t ldb, size_t ldc, bf_error *err) {
    g->a_row = row_step(order, trans_a, lda);
    g->a_k = column_step(order, trans_a, lda);
    g->b_k = row_step(order, trans_b, ldb);
    g->b_column = column_step(order, trans_b, ldb);
    g->c_row = row_step(order, BF_AS_IS, ldc);
    g->c_column = column_step(order, BF_AS_IS, ldc);
    bf_status s = check_matrix(order, trans_a, g->m, g->k, lda, "A", err);
    BF_TRY(s, check_matrix(order, trans_b, g->k, g->n, ldb, "B", err));
    BF_TRY(s, check_matrix(order, BF_AS_IS, g->m, g->n, ldc, "C", err));
    return s;
}

#define RUN(type, suffix)                                                                       \
    static bf_status run_##suffix(const struct gemm *g, type alpha, type beta, bf_error *err) { \
        const environment found = environment_enter();                                          \
        const bool done = kernel()->gemm_##suffix(g, alpha, beta);                              \
        environment_leave(found);                                                               \
        return done ? BF_OK : bf_no_memory(err);                                                \
    }
RUN(double, f64)
RUN(float, f32)
#undef RUN

bf_status bf_exact_gemv_f64(bf_order order, bf_transpose trans, size_t m, size_t n, double alpha,
                            const double *a, size_t lda, const double *x, ptrdiff_t incx,
                            double beta, double *y, ptrdiff_t incy, bf_error *err) {
    struct gemm g = {.a = a};
    const bf_status s = gemv(&g, order, trans, m, n, lda, incx, incy, err);
    if (s != BF_OK)
        return s;
    g.b = x + first(g.k, incx);
    g.c = y + first(g.m, incy);
    return run_f64(&g, alpha, beta, err);
}

bf_status bf_exact_gemm_f64(bf_order order, bf_transpose trans_a, bf_transpose trans_b, size_t m,
                            size_t n, size_t k, double alpha, const double *a, size_t lda,
                            const double *b, size_t ldb, double beta, double *c, size_t ldc,
                            bf_error *err) {
    struct gemm g = {.m = m, .n = n, .k = k, .a = a, .b = b, .c = c};
    const bf_status s = gemm(&g, order, trans_a, trans_b, lda, ldb, ldc, err);
    if (s != BF_OK)
        return s;
    return run_f64(&g, alpha, beta, err);
}

bf_status bf_exact_gemv_f32(bf_order order, bf_transpose trans, size_t m, size_t n, float alpha,
                            const float *a, size_t lda, const float *x, ptrdiff_t incx, float beta,
                            float *y, ptrdiff_t incy, bf_error *err) {
    struct gemm g = {.a = a};
    const bf_status s = gemv(&g, order, trans, m, n, lda, incx, incy, err);
    if (s != BF_OK)
        return s;
    g.b = x + first(g.k, incx);
    g.c = y + first(g.m, incy);
    return run_f32(&g, alpha, beta, err);
}

bf_status bf_exact_gemm_f32(bf_order order, bf_transpose trans_a, bf_transpose trans_b, size_t m,
                            size_t n, size_t k, float alpha, const float *a, size_t lda,
                            const float *b, size_t ldb, float beta, float *c, size_t ldc,
                            bf_error *err) {
    struct gemm g = {.m = m, .n = n, .k = k, .a = a, .b = b, .c = c};
    const bf_status s = gemm(&g, order, trans_a, trans_b, lda, ldb, ldc, err);
    if (s != BF_OK)
        return s;
    return run_f32(&g, alpha, beta, err);
}
