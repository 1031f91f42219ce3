/* SPDX-License-Identifier: MIT */
/* terminal.c - a progress bar with rate and time left. */
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int columns(void) {
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* 950, 5.3k, 12M: at most five characters. */
static void put_rate(char *out, size_t size, double x) {
    static const char units[] = " kMGT";
    int i = 0;
    for (; x >= 999.5 && units[i + 1]; i++)
        x /= 1000;
    snprintf(out, size, x < 9.95 && (i > 0 || x < 1) ? "%.1f%.1s" : "%.0f%.1s", x,
             i ? units + i : "");
}

/* `f64  [####....]  1200/9000 trials  5.3k/s  0:12 left`, with less where there is less room. */
void terminal_show(const progress *p, bool last) {
    enum { BAR = 40, NARROWEST = 8 };
    const double elapsed = monotonic_seconds() - p->began;
    const double rate = elapsed > 0 ? (double)p->done / elapsed : 0;
    const double time_left = rate > 0 ? (double)(p->total - p->done) / rate : 0;
    const double seconds = last ? elapsed : time_left;
    char count[64], speed[16], rate_text[8], left[32], line[320];
    snprintf(count, sizeof count, "  %" PRIu64 "/%" PRIu64 " %s", p->done, p->total, p->unit);
    put_rate(rate_text, sizeof rate_text, rate);
    snprintf(speed, sizeof speed, "  %s/s", rate_text);
    snprintf(left, sizeof left, "  %d:%02d %s", (int)(seconds / 60), (int)seconds % 60,
             last ? "in all" : "left");
    const int room = columns() - 1;
    const char *parts[] = {count, left, speed}; /* the most useful first */
    int n = snprintf(line, sizeof line, "%-10.40s", p->label);
    bool shown[3] = {false};
    int used = n;
    for (int i = 0; i < 3 && used + (int)strlen(parts[i]) <= room; i++) {
        shown[i] = true;
        used += (int)strlen(parts[i]);
    }
    int width = room - used - 4;
    width = width > BAR ? BAR : width;
    if (width >= NARROWEST) {
        const int full = (int)((double)width * (double)p->done / (double)(p->total ? p->total : 1));
        n += snprintf(line + n, sizeof line - (size_t)n, "  [");
        for (int i = 0; i < width; i++)
            line[n++] = i < full ? '#' : '.';
        line[n++] = ']';
        line[n] = '\0';
    }
    static const int order[] = {0, 2, 1};
    for (int i = 0; i < 3; i++)
        if (shown[order[i]])
            n += snprintf(line + n, sizeof line - (size_t)n, "%s", parts[order[i]]);
    fprintf(stderr, "\r%.*s\033[K%s", room, line, last ? "\n" : "");
    fflush(stderr);
}
