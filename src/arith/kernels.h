/* SPDX-License-Identifier: MIT */
/* kernels.h - kernel paths: the same sources compiled for several instruction sets.
 *
 * What is compiled once per path ends its external names in the path's name. A table over the paths
 * is written KERNEL_PATHS(ROW) and indexed by bf_kernel_chosen(). */
#ifndef ARITH_KERNELS_H
#define ARITH_KERNELS_H

#include "config.h"

#include <stddef.h>

#if defined HAVE_KERNEL_AVX512
#define KERNEL_AVX512(X) X(avx512)
#else
#define KERNEL_AVX512(X)
#endif
#if defined HAVE_KERNEL_AVX2
#define KERNEL_AVX2(X) X(avx2)
#else
#define KERNEL_AVX2(X)
#endif

/* Those that are built, best first; the last runs everywhere. */
#define KERNEL_PATHS(X) KERNEL_AVX512(X) KERNEL_AVX2(X) X(plain)

/* The index of the best path that this machine has, or of the one forced. */
size_t bf_kernel_chosen(void);

#endif
