/* SPDX-License-Identifier: MIT */
/* figures.c - the attractor, the spectrum, a nudge beside its tangent, finite-time
 * distributions, and the growth of their inverse variance. */
#include "studies/lyapunov/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- what to show ------------------------------------------------------------------------- */

size_t lyapunov_sorted_count(const lyapunov_spectrum *l) {
    return l->plan->blocks[l->plan->n_blocks - 1].count;
}

size_t lyapunov_resolved_count(const lyapunov_spectrum *l) {
    const lyapunov_plan *p = l->plan;
    return p->n_blocks == 1 ? p->n_exponents : p->n_exponents - lyapunov_sorted_count(l);
}

const lyapunov_exponent *lyapunov_ranked(const lyapunov_spectrum *l, size_t k) {
    const lyapunov_plan *p = l->plan;
    if (p->n_blocks == 1)
        return &l->exponents[p->blocks[0].at + k];
    const lyapunov_exponent *a = l->exponents + p->blocks[0].at, *a_end = a + p->blocks[0].count,
                            *b = l->exponents + p->blocks[1].at, *b_end = b + p->blocks[1].count;
    const lyapunov_exponent *next = NULL;
    for (size_t i = 0; i <= k; i++)
        next = b == b_end || (a < a_end && a->value.value >= b->value.value) ? a++ : b++;
    return next;
}

const lyapunov_exponent *lyapunov_third(const lyapunov_spectrum *l) {
    const size_t n = lyapunov_sorted_count(l);
    return lyapunov_ranked(l, n < 3 ? n - 1 : 2);
}

const lyapunov_exponent *lyapunov_transverse(const lyapunov_spectrum *l) {
    return l->plan->n_blocks > 1 ? &l->exponents[l->plan->blocks[1].at] : NULL;
}

void put_exponent_name(FILE *f, const lyapunov_spectrum *l, const lyapunov_exponent *e) {
    static const char *const words[] = {"largest", "second", "third"}, *const endings[] = {
                                                                           "th", "st", "nd", "rd"};
    const size_t n = (size_t)(e - l->exponents) - e->block->at + 1, last = n % 10;
    if (n <= sizeof words / sizeof *words)
        fputs(words[n - 1], f);
    else
        fprintf(f, "%zu%s", n, endings[last < 4 && n / 10 % 10 != 1 ? last : 0]);
    fprintf(f, " %s", e->block->name);
}

size_t lyapunov_choose(const lyapunov_spectrum *l, size_t chosen[LYAPUNOV_SHOWN]) {
    const size_t all = l->plan->x->lyapunov.n_windows,
                 n = all < LYAPUNOV_SHOWN ? all : LYAPUNOV_SHOWN;
    for (size_t i = 0; i < n; i++)
        chosen[i] = n == 1 ? 0 : i * (all - 1) / (n - 1);
    return n;
}

static const lyapunov_spectrum *spectrum_of(const summary *sum) {
    return lyapunov_in(sum)->spectrum;
}

/* ---- the attractor ------------------------------------------------------------------------ */

/* Every so-many-th point of all trajectories. */
static void put_points(FILE *f, const lyapunov_results *l) {
    enum { MOST = 5000 };
    const uint64_t every = l->plan->x->lyapunov.windows[0];
    size_t all = 0, at = 0;
    for (size_t i = 0; i < l->n; i++)
        all += l->trajectories[i]->n_windows;
    const size_t stride = (all + MOST - 1) / MOST;
    fputs("$points << END\n", f);
    for (size_t i = 0; i < l->n; i++) {
        const lyapunov_trajectory *t = l->trajectories[i];
        for (size_t w = 0; w < t->n_windows; w++)
            if (at++ % stride == 0)
                fprintf(f, "%.5g %.5g %" PRIu64 "\n", t->points[2 * w], t->points[2 * w + 1],
                        t->first + w * every);
    }
    fputs("END\n", f);
}

static void attractor_script(FILE *f, const summary *sum) {
    put_terminal(f, 1000, 620);
    put_points(f, lyapunov_in(sum));
    fputs("set xlabel 'along e_1'\nset ylabel 'along e_2'\nunset key\n"
          "set cblabel 'step'\nset format cb '%.0f'\nset colorbox noborder\n"
          /* of middling lightness throughout, for light and dark ground */
          "set palette maxcolors 24 defined (0 '#2f7fd6', 0.5 '#b8479e', 1 '#ee8a34')\n"
          "plot $points using 1:2:3 with points pt 7 ps 0.22 lc palette\n",
          f);
}

static bool attractor_empty(const summary *sum) {
    return lyapunov_in(sum)->plan->state < 2;
}

/* ---- the spectrum ------------------------------------------------------------------------- */

static double finite_or(double x, double otherwise) {
    return isfinite(x) ? x : otherwise;
}

static bool any_finite(const lyapunov_spectrum *l, const lyapunov_block *b) {
    bool any = false;
    for (size_t k = 0; k < b->count; k++)
        any |= isfinite(l->exponents[b->at + k].value.value);
    return any;
}

static bool spectrum_empty(const summary *sum) {
    const lyapunov_plan *p = spectrum_of(sum)->plan;
    bool any = false;
    for (size_t b = 0; b < p->n_blocks; b++)
        any |= any_finite(spectrum_of(sum), &p->blocks[b]);
    return !any;
}

/* Sorted below, each joined to the exponent of its rank in its block's row. */
static void spectrum_script(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = spectrum_of(sum);
    const lyapunov_plan *p = l->plan;
    const size_t rows = p->n_blocks, n = lyapunov_sorted_count(l);
    const bool values = n <= 8;
    put_terminal(f, 760, 110 + 60 * (int)rows);
    fprintf(f,
            "set yrange [-0.5:%zu.7]\nset offsets graph 0.08, graph 0.08, 0, 0\nunset key\n"
            "set xlabel 'exponent per step'\nset grid noytics\n"
            "set arrow from 0,graph 0 to 0,graph 1 nohead lw 1 lc rgb '" MUTED "'\n"
            "set ytics scale 0 (",
            rows - 1);
    for (size_t b = 0; b < rows; b++)
        fprintf(f, "%s\"%s\" %zu", b > 0 ? ", " : "", p->blocks[b].name, rows - 1 - b);
    fputs(")\n", f);
    for (size_t k = 0; rows > 1 && k < n; k++) {
        const lyapunov_exponent *e = lyapunov_ranked(l, k),
                                *sorted = &l->exponents[p->blocks[rows - 1].at + k];
        if (!isfinite(e->value.value) || !isfinite(sorted->value.value))
            continue;
        fprintf(f, "set arrow from %.6g,0 to %.6g,%zu nohead lw 0.7 dt 3 lc rgb '" MUTED "'\n",
                sorted->value.value, e->value.value, rows - 1 - (size_t)(e->block - p->blocks));
    }
    for (size_t b = 0; b < rows; b++) {
        fprintf(f, "$row%zu << END\n", b);
        for (size_t k = 0; k < p->blocks[b].count; k++) {
            const estimate e = l->exponents[p->blocks[b].at + k].value;
            if (isfinite(e.value))
                fprintf(f, "%.6g %zu %.6g %.6g \"%.3f\"\n", e.value, rows - 1 - b,
                        finite_or(e.low, e.value), finite_or(e.high, e.value), e.value);
        }
        fputs("END\n", f);
    }
    const char *before = "plot";
    for (size_t b = 0; b < rows; b++) {
        if (!any_finite(l, &p->blocks[b]))
            continue;
        fprintf(f, "%s $row%zu using 1:2:3:4 with xerrorbars pt 7 ps 0.9 lw 1.4 lc rgb '%s'",
                before, b, colour(b + 1 < rows ? b : 6));
        before = ",";
        if (values)
            fprintf(f, ", $row%zu using 1:2:5 with labels offset 0,1 font ',13'", b);
    }
    fputc('\n', f);
}

/* ---- a nudge beside its tangent ------------------------------------------------------------- */

/* Whether there is a point to draw. */
static bool was_nudged(const lyapunov_trajectory *t) {
    return isfinite(t->nudge_short) && isfinite(t->nudge_tangent);
}

static bool nudge_empty(const summary *sum) {
    const lyapunov_results *l = lyapunov_in(sum);
    for (size_t i = 0; i < l->n; i++)
        if (was_nudged(l->trajectories[i]))
            return false;
    return true;
}

static void nudge_script(FILE *f, const summary *sum) {
    const lyapunov_results *l = lyapunov_in(sum);
    put_terminal(f, 760, 420);
    fputs("$nudges << END\n", f);
    for (size_t i = 0; i < l->n; i++)
        if (was_nudged(l->trajectories[i]))
            fprintf(f, "%.6g %.6g\n", l->trajectories[i]->nudge_tangent,
                    l->trajectories[i]->nudge_short);
    fprintf(f,
            "END\nset xlabel 'growth of the tangent, per step'\n"
            "set ylabel 'growth of the actual nudge, per step'\nunset key\n"
            "plot x with lines dt 2 lw 0.8 lc rgb '" MUTED "', "
            "$nudges with points pt 7 ps 0.7 lc rgb '%s'\n",
            colour(1));
}

/* ---- panels: one an exponent ---------------------------------------------------------------- */

static void put_panels(FILE *f, size_t n, size_t columns, int height) {
    const size_t rows = (n + columns - 1) / columns;
    put_terminal(f, 1000, height * (int)rows);
    fprintf(f,
            "set multiplot layout %zu,%zu\nset title offset 0,-0.6\nset tmargin 2\n"
            "set tics font ',13'\n",
            rows, columns);
}

static void put_title(FILE *f, const lyapunov_spectrum *l, const lyapunov_exponent *e) {
    fputs("set title '", f);
    put_exponent_name(f, l, e);
    fputs("'\n", f);
}

/* ---- finite-time distributions -------------------------------------------------------------- */

/* Bins of the histograms of one panel. */
typedef struct bins {
    double from, width;
} bins;
enum { BINS = 72 };

/* Whether there is a distribution to show. */
static bool has_finite(const lyapunov_exponent *e) {
    return e && isfinite(e->value.value) && e->finite[0].n > 0;
}

/* Four standard deviations of the shortest windows to either side, moved to have a bin's edge at 0;
 * wider where they hardly differ. */
static bins bins_of(const lyapunov_exponent *e) {
    const double reach = 4 * sqrt(e->finite[0].variance.value),
                 least = 1e-4 * fmax(fabs(e->value.value), 1e-2);
    const double width = fmax(reach > 0 ? 2 * reach / BINS : 1e-3, least);
    return (bins){width * floor((e->value.value - width * (BINS / 2)) / width), width};
}

/* A data block: lower edge of the bin, density. False: no memory. */
static bool put_histogram(FILE *f, const lyapunov_results *l, const lyapunov_exponent *e, size_t w,
                          bins b, size_t panel) {
    double *values = lyapunov_finite_values(l->spectrum, e, w, l->trajectories);
    if (!values)
        return false;
    uint64_t counts[BINS] = {0};
    for (uint64_t i = 0; i < e->finite[w].n; i++) {
        const double at = floor((values[i] - b.from) / b.width);
        if (at >= 0 && at < BINS)
            counts[(int)at]++;
    }
    free(values);
    fprintf(f, "$h%zu_%zu << END\n", panel, w);
    for (int i = 0; i < BINS; i++)
        fprintf(f, "%.6g %.6g\n", b.from + b.width * i,
                (double)counts[i] / ((double)e->finite[w].n * b.width));
    fprintf(f, "%.6g 0\nEND\n", b.from + b.width * BINS);
    return true;
}

/* Returns false when there is no memory: the script then draws nothing more. */
static bool finite_panel(FILE *f, const lyapunov_results *l, const lyapunov_exponent *e,
                         size_t panel) {
    size_t chosen[LYAPUNOV_SHOWN];
    const size_t n = lyapunov_choose(l->spectrum, chosen);
    const bins b = bins_of(e);
    for (size_t i = 0; i < n; i++)
        if (e->finite[chosen[i]].n > 0 && !put_histogram(f, l, e, chosen[i], b, panel))
            return false;
    put_title(f, l->spectrum, e);
    fprintf(f, "set xrange [%.6g:%.6g]\nplot ", b.from, b.from + BINS * b.width);
    for (size_t i = n; i-- > 0;) /* the widest, of the shortest windows, in front */
        if (e->finite[chosen[i]].n > 0)
            fprintf(f, "$h%zu_%zu with fillsteps fs transparent solid 0.16 lc rgb '%s' notitle, ",
                    panel, chosen[i], colour(i));
    for (size_t i = 0; i < n; i++)
        if (e->finite[chosen[i]].n > 0)
            fprintf(f, "%s$h%zu_%zu with steps lw 1.3 lc rgb '%s' title 'T = %" PRIu64 "'",
                    i > 0 ? ", " : "", panel, chosen[i], colour(i), e->finite[chosen[i]].steps);
    fputc('\n', f);
    return true;
}

static bool finite_empty(const summary *sum) {
    const lyapunov_spectrum *l = spectrum_of(sum);
    return !has_finite(lyapunov_third(l)) && !has_finite(lyapunov_transverse(l));
}

static void finite_script(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = spectrum_of(sum);
    const lyapunov_exponent *third = lyapunov_third(l), *transverse = lyapunov_transverse(l);
    const lyapunov_exponent *shown[2] = {has_finite(third) ? third : transverse, transverse};
    const size_t n = has_finite(third) && has_finite(transverse) && transverse != third ? 2 : 1;
    put_panels(f, n, n, 400);
    fputs("set xlabel 'finite-time exponent λ^T per step'\nset ylabel 'density'\n"
          "set yrange [0:*]\nset key top right samplen 1.5\n"
          "set arrow from 0,graph 0 to 0,graph 1 nohead lw 1 lc rgb '" MUTED "' front\n",
          f);
    for (size_t i = 0; i < n && finite_panel(f, lyapunov_in(sum), shown[i], i);)
        i++;
    fputs("unset multiplot\n", f);
}

/* ---- inverse variance ----------------------------------------------------------------------- */

/* Whether the exponent fluctuates by more than rounding. */
static bool varies(const lyapunov_spectrum *l, const lyapunov_exponent *e) {
    for (size_t w = 0; w < l->plan->x->lyapunov.n_windows; w++)
        if (isfinite(e->value.value) && e->finite[w].variance.value > 1e-24)
            return true;
    return false;
}

static bool memory_empty(const summary *sum) {
    const lyapunov_spectrum *l = spectrum_of(sum);
    for (size_t k = 0; k < lyapunov_resolved_count(l); k++)
        if (varies(l, lyapunov_ranked(l, k)))
            return l->plan->x->lyapunov.n_windows < 2;
    return true;
}

static void memory_panel(FILE *f, const lyapunov_spectrum *l, size_t rank) {
    const lyapunov_exponent *e = lyapunov_ranked(l, rank);
    fprintf(f, "$v%zu << END\n", rank);
    for (size_t w = 0; w < l->plan->x->lyapunov.n_windows; w++) {
        const estimate v = e->finite[w].variance;
        if (!(v.value > 0 && isfinite(v.value)))
            continue;
        fprintf(f, "%" PRIu64 " %.6g %.6g %.6g\n", e->finite[w].steps, 1 / v.value,
                isfinite(v.high) ? 1 / v.high : 1 / v.value, v.low > 0 ? 1 / v.low : 1 / v.value);
    }
    fputs("END\n", f);
    put_title(f, l, e);
    fprintf(f, "plot ");
    if (isfinite(e->slope.value) && isfinite(e->intercept))
        fprintf(f, "%.9g + %.9g*x with lines dt 2 lw 0.9 lc rgb '#101010', ", e->intercept,
                e->slope.value);
    fprintf(f, "$v%zu with yerrorbars pt 7 ps 0.6 lc rgb '%s'\n", rank,
            colour((size_t)(e->block - l->plan->blocks)));
}

static void memory_script(FILE *f, const summary *sum) {
    enum { MOST = 8 };
    const lyapunov_spectrum *l = spectrum_of(sum);
    const size_t all = lyapunov_resolved_count(l);
    size_t shown[MOST], n = 0;
    for (size_t k = 0; k < all && n < MOST; k++)
        if (varies(l, lyapunov_ranked(l, k)))
            shown[n++] = k;
    put_panels(f, n, n < 2 ? 1 : 2, 290);
    fprintf(f,
            "set xlabel 'T, steps'\nset ylabel '1/variance of λ^T'\nunset key\n"
            "set xrange [0:%.9g]\nset yrange [0:*]\n",
            1.06 * (double)l->plan->x->lyapunov.windows[l->plan->x->lyapunov.n_windows - 1]);
    for (size_t k = 0; k < n; k++)
        memory_panel(f, l, shown[k]);
    fputs("unset multiplot\n", f);
}

const figure figure_attractor = {attractor_script, attractor_empty};
const figure figure_spectrum = {spectrum_script, spectrum_empty};
const figure figure_nudge = {nudge_script, nudge_empty};
const figure figure_finite = {finite_script, finite_empty};
const figure figure_memory = {memory_script, memory_empty};
