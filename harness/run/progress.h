/* SPDX-License-Identifier: MIT */
/* progress.h - how far work has come, and when to show it. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "run/limits.h"

typedef struct progress {
    const char *label, *unit;
    uint64_t done, total;
    double began, shown; /* of monotonic_seconds() */
    void (*show)(const struct progress *p, bool last);
} progress;

void progress_begin(progress *p, const limits *l, const char *label, const char *unit,
                    uint64_t total);
/* Shown about ten times a second. */
void progress_add(progress *p, uint64_t n);
void progress_end(progress *p);

#endif
