/* SPDX-License-Identifier: MIT */
/* libraries.c - the versions of the libraries at work. */
#include "bitfate.h"
#include "num/sum/blas.h"

#include <gmp.h>
#include <mpfr.h>
#include <xxhash.h>

const char *bf_libraries(void) {
    static _Thread_local char text[256];
    const unsigned x = XXH_versionNumber();
    snprintf(text, sizeof text, "MPFR %s, GMP %s, xxHash %u.%u.%u, %s", mpfr_get_version(),
             gmp_version, x / 10000, x / 100 % 100, x % 100, bf_blas_default());
    return text;
}
