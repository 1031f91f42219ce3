/* SPDX-License-Identifier: MIT */
/* sums.c - the engine's exact dot, gemv and gemm beside those of the BLAS it is linked with, for
 * bench to measure. Numbers are uniform in (-1, 1), matrices row-major. */
#include "bitfate.h"
#include "peers/peer.h"

#include <cblas.h>

enum { LONGEST = 1000000, LARGEST = 1024 * 1024 };

enum operation { DOT, GEMV, GEMV_TRANSPOSED, GEMM };

static const struct {
    const char *name;
    enum operation operation;
    size_t n; /* length of a sum */
} measured[] = {
    {"dot 10^6", DOT, LONGEST},
    {"gemv 1024", GEMV, 1024},
    {"gemv 1024, transposed", GEMV_TRANSPOSED, 1024},
    {"gemm 64", GEMM, 64},
    {"gemm 512", GEMM, 512},
};
enum { N_MEASURED = sizeof measured / sizeof *measured };

static double *a64, *b64, *c64;
static float *a32, *b32, *c32;

typedef struct sums_case {
    enum operation operation;
    size_t n;
    bool exact;
} sums_case;

/* Of n products each. */
static uint64_t sums_in(const sums_case *s) {
    return s->operation == DOT ? 1 : s->operation == GEMM ? (uint64_t)s->n * s->n : s->n;
}

static void must(bf_status s) {
    if (s != BF_OK)
        exit(3);
}

static uint64_t work_f64(void *state) {
    const sums_case *s = state;
    const size_t n = s->n;
    const int m = (int)n;
    const bool transposed = s->operation == GEMV_TRANSPOSED;
    switch (s->operation) {
    case DOT:
        *c64 = s->exact ? bf_exact_dot_f64(n, a64, 1, b64, 1) : cblas_ddot(m, a64, 1, b64, 1);
        break;
    case GEMV:
    case GEMV_TRANSPOSED:
        if (s->exact)
            must(bf_exact_gemv_f64(BF_ROW_MAJOR, transposed ? BF_TRANSPOSED : BF_AS_IS, n, n, 1,
                                   a64, n, b64, 1, 0, c64, 1, NULL));
        else
            cblas_dgemv(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, m, m, 1, a64, m, b64,
                        1, 0, c64, 1);
        break;
    case GEMM:
        if (s->exact)
            must(bf_exact_gemm_f64(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, n, n, n, 1, a64, n, b64, n, 0,
                                   c64, n, NULL));
        else
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, m, m, 1, a64, m, b64, m, 0,
                        c64, m);
    }
    return sums_in(s) * n;
}

static uint64_t work_f32(void *state) {
    const sums_case *s = state;
    const size_t n = s->n;
    const int m = (int)n;
    const bool transposed = s->operation == GEMV_TRANSPOSED;
    switch (s->operation) {
    case DOT:
        *c32 = s->exact ? bf_exact_dot_f32(n, a32, 1, b32, 1) : cblas_sdot(m, a32, 1, b32, 1);
        break;
    case GEMV:
    case GEMV_TRANSPOSED:
        if (s->exact)
            must(bf_exact_gemv_f32(BF_ROW_MAJOR, transposed ? BF_TRANSPOSED : BF_AS_IS, n, n, 1,
                                   a32, n, b32, 1, 0, c32, 1, NULL));
        else
            cblas_sgemv(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, m, m, 1, a32, m, b32,
                        1, 0, c32, 1);
        break;
    case GEMM:
        if (s->exact)
            must(bf_exact_gemm_f32(BF_ROW_MAJOR, BF_AS_IS, BF_AS_IS, n, n, n, 1, a32, n, b32, n, 0,
                                   c32, n, NULL));
        else
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, m, m, 1, a32, m, b32, m, 0,
                        c32, m);
    }
    return sums_in(s) * n;
}

int main(void) {
    static sums_case states[N_MEASURED][2];
    static peer_case cases[2 * N_MEASURED * 2];
    a64 = peer_memory(LARGEST * sizeof *a64);
    b64 = peer_memory(LARGEST * sizeof *b64);
    c64 = peer_memory(LARGEST * sizeof *c64);
    a32 = peer_memory(LARGEST * sizeof *a32);
    b32 = peer_memory(LARGEST * sizeof *b32);
    c32 = peer_memory(LARGEST * sizeof *c32);
    uint64_t random = 1;
    for (size_t i = 0; i < LARGEST; i++) {
        a32[i] = (float)(a64[i] = 2 * peer_uniform(&random) - 1);
        b32[i] = (float)(b64[i] = 2 * peer_uniform(&random) - 1);
    }
    peer_case *c = cases;
    for (int narrow = 0; narrow < 2; narrow++)
        for (int i = 0; i < N_MEASURED; i++)
            for (int exact = 0; exact < 2; exact++, c++) {
                states[i][exact] = (sums_case){measured[i].operation, measured[i].n, exact};
                c->work = narrow ? work_f32 : work_f64;
                c->state = &states[i][exact];
                snprintf(c->about, sizeof c->about,
                         "{\"group\": \"sums %s\", \"name\": \"%s, %s\", \"to\": \"%s, OpenBLAS\"}",
                         narrow ? "f32" : "f64", measured[i].name, exact ? "exact" : "OpenBLAS",
                         measured[i].name);
            }
    return peer_serve(cases, 2 * N_MEASURED * 2);
}
