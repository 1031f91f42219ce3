/* SPDX-License-Identifier: MIT */
/* progress.c - a progress bar. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int columns(void) {
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

static void draw(progress *p, bool last) {
    char head[128], tail[96], bar[64];
    const double elapsed = now() - p->began;
    const double rate = elapsed > 0 ? (double)p->done / elapsed : 0;
    const double left = last ? elapsed : rate > 0 ? (double)(p->total - p->done) / rate : 0;
    int h = snprintf(head, sizeof head, "%-12.40s", p->label);
    int t = snprintf(tail, sizeof tail, " %" PRIu64 "/%" PRIu64 " %s, %.3g/s, %d:%02d %s", p->done,
                     p->total, p->unit, rate, (int)(left / 60), (int)left % 60,
                     last ? "in all" : "left");
    int width = columns() - 1 - h - t - 3; /* of the bar, if there is room for one */
    width = width > 40 ? 40 : width;
    int n = 0;
    if (width >= 8) {
        int full = (int)((double)width * (double)p->done / (double)(p->total ? p->total : 1));
        bar[n++] = ' ';
        bar[n++] = '[';
        for (int i = 0; i < width; i++)
            bar[n++] = i < full ? '#' : '.';
        bar[n++] = ']';
    }
    bar[n] = '\0';
    char line[300];
    snprintf(line, sizeof line, "%s%s%s", head, bar, tail);
    fprintf(stderr, "\r%.*s\033[K%s", columns() - 1, line, last ? "\n" : "");
    fflush(stderr);
}

void progress_begin(progress *p, const char *label, const char *unit, uint64_t total, bool wanted) {
    *p = (progress){.label = label, .unit = unit, .total = total, .began = now()};
    p->visible = wanted && isatty(STDERR_FILENO);
    if (p->visible)
        draw(p, false);
}

void progress_add(progress *p, uint64_t n) {
    p->done += n;
    if (p->visible && now() - p->drawn > 0.1) {
        p->drawn = now();
        draw(p, false);
    }
}

void progress_end(progress *p) {
    if (p->visible)
        draw(p, true);
}
