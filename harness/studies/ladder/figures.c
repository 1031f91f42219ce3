/* SPDX-License-Identifier: MIT */
/* figures.c - the figures of a ladder: outcome against precision, horizon against steps. */
#include "studies/ladder/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Colours; other sums than those in index order share PLATEAU - OTHERS. */
enum { PLAIN, PREDICTED, OTHERS, PLATEAU = 6 };

static bool bounded(estimate e) {
    return isfinite(e.low) && isfinite(e.value) && isfinite(e.high);
}

/* ---- share that differs, against bits ------------------------------------------------------- */

/* The bounds of all panels: decades of the share, and bits. */
typedef struct frame {
    int low, high;
    double bits;
    bool zeros; /* whether there is a share of 0 */
} frame;

static frame frame_of(const ladder *l) {
    double low = 0.1, high = 0.1, bits = l->reference_bits;
    bool zeros = false;
    for (size_t i = 0; i < l->n_comparisons; i++)
        for (size_t j = 0; j < l->comparisons[i].n_points; j++) {
            const ladder_point *p = &l->comparisons[i].points[j];
            zeros |= p->differ == 0;
            low = fmin(low, p->differ > 0 ? p->fraction.low : p->fraction.high / 2);
            high = fmax(high, p->fraction.high);
        }
    int bottom = (int)floor(log10(low)), top = (int)ceil(log10(high));
    return (frame){bottom, top > bottom ? top : bottom + 1, 1.04 * bits, zeros};
}

static size_t count_panels(const ladder *l) {
    size_t n = 0;
    for (size_t i = 0; i < l->n_comparisons; i++)
        n += l->comparisons[i].n_points > 0;
    return n;
}

static bool share_empty(const summary *sum) {
    return count_panels(ladder_in(sum)) == 0;
}

/* How an arithmetic sums: what follows the format's name, NULL for in index order. */
static const char *sum_of(const ladder_point *p) {
    const char *slash = strchr(p->arithmetic, '/');
    return slash ? slash + 1 : NULL;
}

static bool same_sum(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* The i-th other way to sum, in order of appearance; NULL: past the last. */
static const char *other_sum(const ladder *l, size_t wanted) {
    const char *seen[PLATEAU - OTHERS];
    size_t n = 0;
    for (size_t i = 0; i < l->n_comparisons; i++)
        for (size_t j = 0; j < l->comparisons[i].n_points && n < PLATEAU - OTHERS; j++) {
            const char *sum = sum_of(&l->comparisons[i].points[j]);
            size_t k = 0;
            while (k < n && !same_sum(sum, seen[k]))
                k++;
            if (sum && k == n)
                seen[n++] = sum;
        }
    return wanted < n ? seen[wanted] : NULL;
}

/* How many arithmetics with other sums come before this one at the same precision, and this. */
static int place_aside(const ladder_comparison *v, const ladder_point *p) {
    int n = 0;
    for (const ladder_point *q = v->points; q <= p; q++)
        n += q->bits == p->bits && sum_of(q) != NULL;
    return n;
}

/* One data block: bits, set aside by some for other sums, share, low, high. Returns whether it has
 * points. */
static bool put_points(FILE *f, const ladder_comparison *v, const char *name, const char *sum,
                       const frame *box) {
    const double zero = pow(10, box->low - zero_strip), aside = box->bits / 150;
    bool any = false;
    for (size_t i = 0; i < v->n_points; i++) {
        const ladder_point *p = &v->points[i];
        if (!same_sum(sum_of(p), sum))
            continue;
        if (!any)
            fprintf(f, "$%s << END\n", name);
        any = true;
        fprintf(f, "%.6g %.6g %.6g %.6g\n", p->bits + (sum ? aside * place_aside(v, p) : 0),
                p->differ > 0 ? p->fraction.value : zero, p->differ > 0 ? p->fraction.low : zero,
                p->fraction.high);
    }
    fputs(any ? "END\n" : "", f);
    return any;
}

/* The plateau's fit or, without one, its mean, over the points it is of. */
static bool put_plateau(FILE *f, const ladder_comparison *v) {
    int from = 0, to = 0;
    for (size_t i = 0; i < v->n_points; i++)
        if (v->points[i].plateau) {
            from = from ? from : v->points[i].bits;
            to = v->points[i].bits;
        }
    if (to <= from)
        return false;
    bool fitted = !isnan(v->slope.phi);
    const double phi = fitted ? v->slope.phi : 0,
                 at_0 = fitted ? v->slope.prefactor : v->plateau.value;
    if (!(at_0 > 0))
        return false;
    fprintf(f, "$plateau << END\n%d %.6g\n%d %.6g\nEND\n", from, at_0 * exp2(-phi * from), to,
            at_0 * exp2(-phi * to));
    return true;
}

/* An upright line at a number of bits, and its interval as a band behind. */
static void put_upright(FILE *f, estimate e, const char *dash, const char *line_colour,
                        double end) {
    if (bounded(e) && e.low < end)
        fprintf(f,
                "set object rectangle from %.6g,graph 0 to %.6g,graph 1 behind fc rgb '%s' "
                "fillstyle transparent solid 0.22 noborder\n",
                fmax(e.low, 0), fmin(e.high, end), line_colour);
    if (e.value > 0 && e.value < end)
        fprintf(f, "set arrow from %.6g,graph 0 to %.6g,graph 1 nohead %s lw 1.2 lc rgb '%s'\n",
                e.value, e.value, dash, line_colour);
}

/* Elements to plot that draw nothing but their entry in the legend. */
static void put_legend(FILE *f, const ladder *l) {
    const char *sum;
    fprintf(f, ", NaN with linespoints lw 0.6 pt %d ps 0.8 lc rgb '%s' title 'sums in index order'",
            shape(PLAIN), colour(PLAIN));
    fprintf(f, ", NaN with lines dt 3 lw 1.8 lc rgb '%s' title 'fit of the plateau'",
            colour(PLATEAU));
    fputs(", NaN with lines lw 1.2 lc rgb '" MUTED "' title 'horizon, measured'", f);
    fprintf(f, ", NaN with lines dt 2 lw 1.2 lc rgb '%s' title 'horizon, predicted'",
            colour(PREDICTED));
    for (size_t i = 0; (sum = other_sum(l, i)); i++) {
        fprintf(f, ", NaN with points pt %d ps 0.7 lc rgb '%s' title ", shape(OTHERS + i) - 1,
                colour(OTHERS + i));
        put_name(f, sum);
    }
}

static void put_panel(FILE *f, const ladder *l, const ladder_comparison *v, const frame *box,
                      bool legend) {
    const char *sum;
    char *plot = NULL;
    size_t size = 0;
    FILE *p = open_memstream(&plot, &size);
    if (!p)
        return; /* no plot: reported as a figure that gnuplot did not draw */
    fputs("NaN with lines lc rgb '" MUTED "' notitle", p);
    fprintf(f,
            "unset object\nunset arrow\n"
            "set label 1 'after %" PRIu64 " steps' at graph 0.99,graph 0.9 right\n",
            v->steps);
    put_percent_axis(f, box->low, box->high, box->zeros, false);
    put_upright(f, v->horizon, "dt 1", MUTED, box->bits);
    put_upright(f, (estimate){v->predicted.value, NAN, NAN}, "dt 2", colour(PREDICTED), box->bits);
    for (size_t i = 0; (sum = other_sum(l, i)); i++) {
        char name[32];
        snprintf(name, sizeof name, "other%zu", i);
        if (put_points(f, v, name, sum, box))
            fprintf(p, ", $%s with yerrorbars pt %d ps 0.7 lw 0.9 lc rgb '%s' notitle", name,
                    shape(OTHERS + i) - 1, colour(OTHERS + i));
    }
    if (put_points(f, v, "plain", NULL, box))
        fprintf(p,
                ", $plain with lines lw 0.6 lc rgb '%s' notitle"
                ", $plain with yerrorbars pt %d ps 0.8 lc rgb '%s' notitle",
                colour(PLAIN), shape(PLAIN), colour(PLAIN));
    if (put_plateau(f, v))
        fprintf(p, ", $plateau with lines dt 3 lw 1.8 lc rgb '%s' notitle", colour(PLATEAU));
    if (legend)
        put_legend(p, l);
    fclose(p);
    fprintf(f, "plot %s\n", plot);
    free(plot);
}

static void share_script(FILE *f, const summary *sum) {
    enum { PANEL = 215, TOP = 74, BOTTOM = 74, BETWEEN = 44, MOST = 40 };
    const ladder *l = ladder_in(sum);
    const size_t n = count_panels(l), rows = n < MOST ? n : MOST;
    const frame box = frame_of(l);
    const int height = (int)rows * PANEL + ((int)rows - 1) * BETWEEN + TOP + BOTTOM;
    put_terminal(f, 1000, height);
    fprintf(
        f,
        "set multiplot layout %zu,1 margins 0.085,0.985,%.6g,%.6g spacing 0,%.6g\n"
        "set key at screen 0.54,screen 0.995 center top horizontal Left reverse noenhanced samplen 1.5\n"
        "set xrange [0:%.6g]\n",
        rows, (double)BOTTOM / height, 1 - (double)TOP / height, (double)BETWEEN / height,
        box.bits);
    size_t panel = 0;
    for (size_t i = 0; i < l->n_comparisons && panel < rows; i++) {
        if (l->comparisons[i].n_points == 0)
            continue;
        if (panel + 1 == rows)
            fputs("set xlabel 'precision, bits'\n", f);
        put_panel(f, l, &l->comparisons[i], &box, panel++ == 0);
    }
    fputs("unset multiplot\n", f);
}

const figure figure_share = {share_script, share_empty};

/* ---- horizon against steps ------------------------------------------------------------------ */

static bool horizon_empty(const summary *sum) {
    const ladder *l = ladder_in(sum);
    for (size_t i = 0; l->reference && i < l->n_comparisons; i++)
        if (isfinite(l->comparisons[i].horizon.value))
            return false;
    return true;
}

/* Steps (set aside by some), bits, low, high of each comparison that has them. Returns whether any.
 */
static bool put_bits(FILE *f, const ladder *l, const char *name, bool half, double aside,
                     double top) {
    fprintf(f, "$%s << END\n", name);
    bool any = false;
    for (size_t i = 0; i < l->n_comparisons; i++) {
        const ladder_comparison *v = &l->comparisons[i];
        const estimate e = half ? v->half : v->horizon;
        if (half ? !bounded(e) : !isfinite(e.value))
            continue;
        any = true;
        fprintf(f, "%.9g %.6g %.6g %.6g\n", (double)v->steps + aside, e.value, fmax(e.low, 0),
                fmin(e.high, top));
    }
    fputs("END\n", f);
    return any;
}

static void horizon_script(FILE *f, const summary *sum) {
    const ladder *l = ladder_in(sum);
    double steps = 0, top = l->reference_bits;
    for (size_t i = 0; i < l->n_comparisons; i++)
        steps = fmax(steps, (double)l->comparisons[i].steps);
    const double end = 1.08 * steps;
    put_terminal(f, 760, 460);
    fprintf(f,
            "set xrange [0:%.9g]\nset yrange [0:%.6g]\nset xlabel 'training steps'\n"
            "set ylabel 'bits'\nset key left top Left reverse samplen 2\n",
            end, 1.05 * top);
    put_bits(f, l, "measured", false, 0, top);
    bool half = put_bits(f, l, "half", true, steps / 90, top);
    fputs("plot ", f);
    if (bounded(l->lambda))
        fprintf(f,
                "'+' using 1:(%.9g*$1):(%.9g*$1) with filledcurves fc rgb '%s' "
                "fs transparent solid 0.22 notitle, ",
                l->lambda.low / log(2), l->lambda.high / log(2), colour(PREDICTED));
    if (isfinite(l->lambda.value))
        fprintf(f, "%.9g*x with lines dt 2 lc rgb '%s' title 'predicted, λ_1T/ln 2', ",
                l->lambda.value / log(2), colour(PREDICTED));
    fprintf(f, "$measured with yerrorbars pt %d ps 0.9 lc rgb '%s' title 'horizon, measured'",
            shape(PLAIN), colour(PLAIN));
    if (half)
        fprintf(f,
                ", $half with yerrorbars pt %d ps 0.9 lc rgb '%s' title 'half of the plateau is "
                "gone'",
                shape(OTHERS) - 1, colour(OTHERS));
    fputc('\n', f);
}

const figure figure_horizon = {horizon_script, horizon_empty};
