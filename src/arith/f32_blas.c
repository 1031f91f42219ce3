/* SPDX-License-Identifier: MIT */
/* f32_blas.c - binary32 with the sums of a CBLAS and the functions of libm. */
#define ARITHMETIC f32_blas
#define NUM_BITS 32
#include "num/scalar.h"
#include "net/train_tmpl.c"
