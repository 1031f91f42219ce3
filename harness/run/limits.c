/* SPDX-License-Identifier: MIT */
/* limits.c - what bounds work from outside. */
#include "run/limits.h"

#include <string.h>
#include <time.h>

#if defined _OPENMP
#include <omp.h>
#endif

const limits limits_none;

bool limits_interrupted(const limits *l) {
    return l->interrupted && l->interrupted(l->context);
}

bool limits_out_of_time(const limits *l) {
    return l->deadline > 0 && monotonic_seconds() >= l->deadline;
}

bool limits_allow(const limits *l, const char *library) {
    bool named = l->any_library;
    for (size_t i = 0; i < l->n_libraries; i++)
        named |= strcmp(l->libraries[i], library) == 0;
    return named;
}

int limits_threads(const limits *l) {
#if defined _OPENMP
    return l->threads > 0 ? l->threads : omp_get_max_threads();
#else
    (void)l;
    return 1;
#endif
}

double monotonic_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
