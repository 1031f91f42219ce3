/* SPDX-License-Identifier: MIT */
/* blas.h - a CBLAS: the one linked, or any other, opened by path. */
#ifndef NUM_BLAS_H
#define NUM_BLAS_H

#include "bitfate.h"

/* The functions used, with CBLAS's enumerations as int: 101 row-major; 111 as it is, 112
 * transposed. */
typedef struct blas {
    void *handle; /* of dlopen; NULL: linked */
    float (*sdot)(int n, const float *x, int incx, const float *y, int incy);
    double (*ddot)(int n, const double *x, int incx, const double *y, int incy);
    void (*sgemm)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                  int lda, const float *b, int ldb, float beta, float *c, int ldc);
    void (*dgemm)(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a,
                  int lda, const double *b, int ldb, double beta, double *c, int ldc);
} blas;

/* `library` empty: the one linked. */
BF_MUST_CHECK bf_status bf_blas_open(blas *b, const char *library, bf_error *err);
void bf_blas_close(blas *b);

#endif
