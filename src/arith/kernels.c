/* SPDX-License-Identifier: MIT */
/* kernels.c - which kernel path runs. */
#include "arith/kernels.h"

#include "bitfate.h"

#include <stdio.h>
#include <string.h>

static bool has_plain(void) {
    return true;
}
#if defined HAVE_KERNEL_AVX2
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif
#if defined HAVE_KERNEL_AVX512
static bool has_avx512(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

static const struct {
    const char *name;
    bool (*runs_here)(void);
} paths[] = {
#define PATH(path) {#path, has_##path},
    KERNEL_PATHS(PATH)
#undef PATH
};
enum { N_PATHS = sizeof paths / sizeof *paths };

static const char *forced;

const char *bf_kernel(size_t i) {
    for (size_t k = 0; k < N_PATHS; k++)
        if (paths[k].runs_here() && i-- == 0)
            return paths[k].name;
    return NULL;
}

bf_status bf_kernel_force(const char *name, bf_error *err) {
    forced = NULL;
    if (!name || strcmp(name, "auto") == 0)
        return BF_OK;
    const char *k;
    for (size_t i = 0; (k = bf_kernel(i)); i++)
        if (strcmp(name, k) == 0) {
            forced = k;
            return BF_OK;
        }
    char known[128] = "auto";
    for (size_t i = 0; (k = bf_kernel(i)); i++) {
        size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, ", %s", k);
    }
    return bf_fail(err, BF_EINPUT,
                   "kernel path '%.40s' is not one this machine can run; expected one of %s", name,
                   known);
}

size_t bf_kernel_chosen(void) {
    const char *wanted = forced ? forced : bf_kernel(0);
    size_t k = 0;
    while (strcmp(paths[k].name, wanted) != 0)
        k++;
    return k;
}
