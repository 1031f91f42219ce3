/* SPDX-License-Identifier: MIT */
/* limits.h - what bounds work from outside. Whoever starts it passes it in: nothing below the
 * commands knows options, signals or terminals. */
#ifndef LIMITS_H
#define LIMITS_H

#include "bitfate.h"

struct progress;

/* All zero: nothing bounds the work, no library may be opened, nothing is shown. */
typedef struct limits {
    double deadline; /* of monotonic_seconds(); 0: none. After it no run begins; those begun end */
    /* Called by any thread; NULL: never. Work then stops at the next safe point. */
    bool (*interrupted)(void *context);
    void *context;
    int threads; /* 0: one per processor */
    /* An arithmetic such as f64/blas:LIBRARY.so opens its library, which runs the library's code,
     * and files come from strangers: these may be opened, or any. */
    const char *const *libraries;
    size_t n_libraries;
    bool any_library;
    const char *data_folder; /* of idx files, where an experiment names none; NULL: none */
    /* Shows how far the work has come; `last` when it has ended. NULL: nowhere. */
    void (*show)(const struct progress *p, bool last);
} limits;

/* For work that names no library and ends soon. */
extern const limits limits_none;

bool limits_interrupted(const limits *l);
bool limits_out_of_time(const limits *l);
/* Whether this very library, or variable that loads one, was named. */
bool limits_allow(const limits *l, const char *library);
/* At least 1. */
int limits_threads(const limits *l);

/* Seconds, from some beginning, of a clock that is never set back. */
double monotonic_seconds(void);

#endif
