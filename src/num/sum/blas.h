/* SPDX-License-Identifier: MIT */
/* blas.h - a CBLAS, opened when it is needed: the default (configure --with-blas), or any other by
 * its path. */
#ifndef NUM_BLAS_H
#define NUM_BLAS_H

#include "bitfate.h"

/* The functions used, with CBLAS's enumerations as int: 101 row-major; 111 as it is, 112
 * transposed. */
typedef struct blas {
    void *handle; /* of dlopen */
    float (*sdot)(int n, const float *x, int incx, const float *y, int incy);
    double (*ddot)(int n, const double *x, int incx, const double *y, int incy);
    void (*sgemm)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                  int lda, const float *b, int ldb, float beta, float *c, int ldc);
    void (*dgemm)(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a,
                  int lda, const double *b, int ldb, double beta, double *c, int ldc);
} blas;

/* `library` empty: the default. BF_EINPUT when it cannot be opened. */
BF_MUST_CHECK bf_status bf_blas_open(blas *b, const char *library, bf_error *err);
void bf_blas_close(blas *b);
/* The default library in words: its configuration, once it has been opened. */
const char *bf_blas_default(void);

#endif
