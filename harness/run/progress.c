/* SPDX-License-Identifier: MIT */
/* progress.c - how far work has come, and when to show it. */
#include "run/progress.h"

static void show(progress *p, bool last) {
    if (!p->show)
        return;
    p->shown = monotonic_seconds();
    p->show(p, last);
}

void progress_begin(progress *p, const limits *l, const char *label, const char *unit,
                    uint64_t total) {
    *p = (progress){.label = label,
                    .unit = unit,
                    .total = total,
                    .began = monotonic_seconds(),
                    .show = l->show};
    show(p, false);
}

void progress_add(progress *p, uint64_t n) {
    p->done += n;
    if (monotonic_seconds() - p->shown > 0.1)
        show(p, false);
}

void progress_end(progress *p) {
    show(p, true);
}
