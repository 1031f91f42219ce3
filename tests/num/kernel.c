/* SPDX-License-Identifier: MIT */
/* kernel.c - linked into tests that are compiled once per kernel path: on a machine that cannot
 * run the path, the test is skipped before it begins. */
#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77 }; /* automake's exit status for it */

__attribute__((constructor)) static void skip_unless_runnable(void) {
#if defined __AVX512F__
    int can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#elif defined __AVX2__
    int can = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    int can = 1;
#endif
    if (!can) {
        puts("skipped: this machine cannot run the kernel path");
        exit(SKIPPED);
    }
}
