/* SPDX-License-Identifier: MIT */
/* progress.h - a progress bar with rate and time left, on a terminal's standard error only. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    const char *label, *unit;
    uint64_t done, total;
    double began, drawn; /* seconds */
    bool visible;
} progress;

/* Nothing is drawn unless `wanted` and standard error is a terminal. */
void progress_begin(progress *p, const char *label, const char *unit, uint64_t total, bool wanted);
void progress_add(progress *p, uint64_t n);
/* Leave a line that says what was done. */
void progress_end(progress *p);

#endif
