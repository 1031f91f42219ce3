/* SPDX-License-Identifier: MIT */
/* figure.c - figures drawn by gnuplot, as SVG to be inlined in a page.
 *
 * Scripts go to gnuplot as its standard input and hold numbers and cleaned names only, so that no
 * text of a store is ever read as a command.
 */
#include "writer/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "writer/gnuplot.h"
#include "writer/svg.h"

void put_name(FILE *f, const char *name) {
    enum { HEAD = 9, TAIL = 12 };
    size_t length = strlen(name);
    fputc('"', f);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
                     strchr("/:._+-", c) != NULL;
        if (i == HEAD && length > HEAD + TAIL + 1) {
            fputs("…", f);
            i = length - TAIL - 1;
        } else
            fputc(plain ? c : '?', f);
    }
    fputc('"', f);
}

void put_terminal(FILE *f, int width, int height) {
    fprintf(f,
            "set encoding utf8\n"
            "set terminal svg size %d,%d dynamic enhanced font 'Arial,15' linewidth 1.4\n"
            "set border 0\n"
            "set tics nomirror scale 0.5\n"
            "set grid lc rgb '" MUTED "' lw 0.35 dt solid\n"
            "set errorbars 0\n",
            width, height);
}

const double zero_strip = 0.3;
const double unmoved_strip = 0.65;
static const double strips_end = 0.9;

void put_percent_axis(FILE *f, int low, int high, bool zeros, bool unmoved) {
    bool few = high - low <= 2;
    double end = low - (unmoved ? strips_end : zeros ? (zero_strip + unmoved_strip) / 2 : 0);
    fprintf(f, "set logscale y\nset yrange [%.6g:1e%d]\nset ytics (", pow(10, end), high);
    for (int d = low; d <= high; d++)
        for (int m = 1; m < 10 && (d < high || m == 1); m++) {
            bool labelled = m == 1 || (few && (m == 2 || m == 5));
            fputs(d > low || m > 1 ? ", \"" : "\"", f);
            if (labelled)
                fprintf(f, "%.*f %%%%", d < -2 ? -2 - d : 0, m * pow(10, d + 2));
            fprintf(f, "\" %de%d %d", m, d, !labelled);
        }
    if (zeros || unmoved)
        fprintf(f, ", \"0\" %.6g", pow(10, low - zero_strip));
    if (unmoved)
        fprintf(f, ", \"start\\nunchanged\" %.6g", pow(10, low - unmoved_strip));
    fputs(")\n", f);
    if (zeros || unmoved) /* the break */
        fprintf(f, "set arrow from graph 0, first 1e%d to graph 1, first 1e%d nohead lw 1\n", low,
                low);
}

typedef struct drawing {
    const figure *figure;
    const summary *sum;
} drawing;

static void put_script(FILE *out, const void *self) {
    const drawing *d = self;
    d->figure->script(out, d->sum);
}

bf_status figure_svg(FILE *out, const figure *f, const summary *sum, unsigned number,
                     const char *label, bf_error *err) {
    const drawing d = {f, sum};
    char *svg;
    bf_status s = gnuplot_draw(&svg, put_script, &d, err);
    if (s == BF_OK)
        svg_put(out, svg, number, label);
    free(svg);
    return s;
}
