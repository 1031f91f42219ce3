/* SPDX-License-Identifier: MIT */
/* kernel.h - exact sums in vectors: what is compiled once per kernel path. */
#ifndef SUMS_KERNEL_H
#define SUMS_KERNEL_H

#include "num/sum/superacc.h"

#include <stdbool.h>
#include <stddef.h>

/* C <- alpha A B + beta C, each element rounded once. A is (m, k), B is (k, n), C is (m, n), all
 * double or all float; strides count elements and may be negative; a_row or a_k is 1. */
struct gemm {
    size_t m, n, k;
    const void *a, *b;
    void *c;
    ptrdiff_t a_row, a_k, b_k, b_column, c_row, c_column;
};

/* Element i < n of a vector x is x[i incx]. The default floating-point environment is set. */
struct sums_kernel {
    /* acc += sum of x_i y_i */
    void (*acc_f64)(struct superacc *acc, size_t n, const double *x, ptrdiff_t incx,
                    const double *y, ptrdiff_t incy);
    void (*acc_f32)(struct superacc *acc, size_t n, const float *x, ptrdiff_t incx, const float *y,
                    ptrdiff_t incy);
    /* that sum, rounded */
    double (*dot_f64)(size_t n, const double *x, ptrdiff_t incx, const double *y, ptrdiff_t incy);
    float (*dot_f32)(size_t n, const float *x, ptrdiff_t incx, const float *y, ptrdiff_t incy);
    /* false: out of memory, and nothing done; not when n = 1 */
    bool (*gemm_f64)(const struct gemm *g, double alpha, double beta);
    bool (*gemm_f32)(const struct gemm *g, float alpha, float beta);
};

#endif
