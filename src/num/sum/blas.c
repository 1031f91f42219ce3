/* SPDX-License-Identifier: MIT */
/* blas.c - opens a CBLAS. */
#include "config.h"

#include "base/assumptions.h"
#include "num/sum/blas.h"

#include <dlfcn.h>
#include <fenv.h>
#include <string.h>

/* The library's own functions before those of a BLAS that the program has: where a cblas_dgemm
 * calls dgemm_, or OpenBLAS its kernels, it must be its own. AddressSanitizer does not allow it. */
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
            bf_blas_close(b);                                                                     \
            return bf_fail(err, BF_EINPUT, "%s is not a CBLAS: it has no cblas_" #name, library); \
        }                                                                                         \
        memcpy(&(b)->name, &symbol, sizeof symbol);                                               \
    } while (0)

/* What the default library says of itself, once it is open. */
static _Atomic(const char *) default_config;

static void note_default(const blas *b) {
    void *const symbol = dlsym(b->handle, "openblas_get_config");
    char *(*config)(void);
    memcpy(&config, &symbol, sizeof config);
    default_config = config ? config() : "CBLAS " BLAS_LIBRARY;
}

const char *bf_blas_default(void) {
    return default_config ? default_config : "CBLAS " BLAS_LIBRARY " (not opened)";
}

/* A library stays when it is closed: it may have started threads, which takes long and does not
 * outlive it. */
static void *open_library(const char *library) {
    fenv_t found; /* a library linked with -ffast-math sets flush-to-zero as it is loaded */
    fegetenv(&found);
    void *const handle = dlopen(library, RTLD_NOW | RTLD_NODELETE | SCOPE);
    fesetenv(&found);
    return handle;
}

bf_status bf_blas_open(blas *b, const char *library, bf_error *err) {
    const bool given = *library;
    if (!given)
        library = BLAS_LIBRARY;
    *b = (blas){.handle = open_library(library)};
    if (!b->handle)
        return bf_fail(err, BF_EINPUT, "cannot open the CBLAS: %s%s", dlerror(),
                       given ? "" : "; expected it, or another's path as in f64/blas:LIBRARY.so");
    FIND(b, sdot);
    FIND(b, ddot);
    FIND(b, sgemm);
    FIND(b, dgemm);
    if (!given)
        note_default(b);
    return BF_OK;
}

void bf_blas_close(blas *b) {
    if (b->handle)
        dlclose(b->handle);
    b->handle = NULL;
}

/* The shared object that holds a function, as the dynamic linker finds it from `handle`. */
static bf_status object_of(void *handle, const char *function, char *path, size_t size,
                           bf_error *err) {
    Dl_info info;
    void *symbol = dlsym(handle, function);
    if (!symbol || dladdr(symbol, &info) == 0 || !info.dli_fname)
        return bf_fail(err, BF_EMACHINE, "cannot find the shared object that holds %s", function);
    if (snprintf(path, size, "%s", info.dli_fname) >= (int)size)
        return bf_fail(err, BF_EMACHINE, "%.60s...: the path is too long", path);
    return BF_OK;
}

bf_status bf_blas_inspect(const bf_arithmetic *a, bf_blas_info *out, bf_error *err) {
    *out = (bf_blas_info){.threads = 0};
    blas b;
    bf_status s = bf_blas_open(&b, a->library, err);
    if (s != BF_OK)
        return s;
    s = object_of(b.handle, "cblas_ddot", out->cblas, sizeof out->cblas, err);
    BF_TRY(s, object_of(RTLD_DEFAULT, "tanh", out->libm, sizeof out->libm, err));
    void *const symbols[] = {dlsym(b.handle, "openblas_get_corename"),
                             dlsym(b.handle, "openblas_get_num_threads")};
    char *(*core)(void);
    int (*threads)(void);
    memcpy(&core, &symbols[0], sizeof core);
    memcpy(&threads, &symbols[1], sizeof threads);
    if (core)
        snprintf(out->core, sizeof out->core, "%s", core());
    if (threads)
        out->threads = threads();
    bf_blas_close(&b);
    return s;
}
