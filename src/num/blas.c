/* SPDX-License-Identifier: MIT */
/* blas.c - opens a CBLAS. */
#include "num/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <fenv.h>
#include <string.h>

/* The library's own functions before those of the BLAS that is linked: where a cblas_dgemm calls
 * dgemm_, or OpenBLAS its kernels, it must be its own. AddressSanitizer does not allow it. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined RTLD_DEEPBIND && !defined __SANITIZE_ADDRESS__ && !defined SANITIZED
enum { SCOPE = RTLD_LOCAL | RTLD_DEEPBIND };
#else
enum { SCOPE = RTLD_LOCAL };
#endif

/* A pointer to function from dlsym's pointer to object, without a cast that ISO C lacks. */
#define FIND(b, name)                                                                             \
    do {                                                                                          \
        void *symbol = dlsym((b)->handle, "cblas_" #name);                                        \
        if (!symbol) {                                                                            \
            blas_close(b);                                                                        \
            return bf_fail(err, BF_EINPUT, "%s is not a CBLAS: it has no cblas_" #name, library); \
        }                                                                                         \
        memcpy(&(b)->name, &symbol, sizeof symbol);                                               \
    } while (0)

static void linked_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha,
                         const float *a, int lda, const float *b, int ldb, float beta, float *c,
                         int ldc) {
    cblas_sgemm((enum CBLAS_ORDER)order, (enum CBLAS_TRANSPOSE)ta, (enum CBLAS_TRANSPOSE)tb, m, n,
                k, alpha, a, lda, b, ldb, beta, c, ldc);
}

static void linked_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha,
                         const double *a, int lda, const double *b, int ldb, double beta, double *c,
                         int ldc) {
    cblas_dgemm((enum CBLAS_ORDER)order, (enum CBLAS_TRANSPOSE)ta, (enum CBLAS_TRANSPOSE)tb, m, n,
                k, alpha, a, lda, b, ldb, beta, c, ldc);
}

bf_status blas_open(blas *b, const char *library, bf_error *err) {
    if (!*library) {
        *b = (blas){
            .sdot = cblas_sdot, .ddot = cblas_ddot, .sgemm = linked_sgemm, .dgemm = linked_dgemm};
        return BF_OK;
    }
    fenv_t found; /* a library linked with -ffast-math sets flush-to-zero as it is loaded */
    fegetenv(&found);
    *b = (blas){.handle = dlopen(library, RTLD_NOW | SCOPE)};
    fesetenv(&found);
    if (!b->handle)
        return bf_fail(err, BF_EINPUT, "cannot open the CBLAS: %s", dlerror());
    FIND(b, sdot);
    FIND(b, ddot);
    FIND(b, sgemm);
    FIND(b, dgemm);
    return BF_OK;
}

void blas_close(blas *b) {
    if (b->handle)
        dlclose(b->handle);
    b->handle = NULL;
}
