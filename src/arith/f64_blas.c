/* SPDX-License-Identifier: MIT */
/* f64_blas.c - binary64 with the sums of a CBLAS and the functions of libm. */
#define ARITHMETIC f64_blas
#define NUM_BITS 64
#include "num/scalar.h"
#include "net/train_tmpl.c"
