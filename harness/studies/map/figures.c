/* SPDX-License-Identifier: MIT */
/* figures.c - the figures of a map store. */
#include "studies/map/report.h"

#include <math.h>
#include <string.h>

const map_measures *map_widest(const summary *sum) {
    const map_measures *best = NULL;
    for (const map_measures *m = maps_in(sum)->maps; m < maps_in(sum)->maps + maps_in(sum)->n; m++)
        if (!best || m->width > best->width ||
            (m->width == best->width && m->map->points > best->map->points))
            best = m;
    return best;
}

bool map_comparable(const map_measures *a, const map_measures *b) {
    return strcmp(a->map->arithmetic, b->map->arithmetic) == 0 &&
           strcmp(map_rate(a->map), map_rate(b->map)) == 0;
}

double map_spacing(const map_measures *m) {
    return m->width / (m->map->points - 1);
}

/* ---- the uncertain fraction against distance ------------------------------------------------ */

static const basin_scaling *fractions(const map_measures *m) {
    return &m->scaling[BASIN_UNCERTAIN_FRACTION];
}

static bool scaling_empty(const summary *sum) {
    for (size_t i = 0; i < maps_in(sum)->n; i++)
        if (!isnan(fractions(&maps_in(sum)->maps[i])->alpha.value))
            return false;
    return true;
}

/* An end of an interval as it can be drawn: one that is infinite or not there is the value. */
static double end_of(double end, double value) {
    return isfinite(end) && end > 0 ? end : value;
}

static void put_fractions(FILE *f, const map_measures *m, size_t i) {
    const basin_scaling *b = fractions(m);
    fprintf(f, "$u%zu << END\n", i);
    for (size_t j = 0; j < b->scales; j++)
        if (b->value[j].value > 0)
            fprintf(f, "%.6g %.6g %.6g %.6g\n", (double)b->scale[j] * map_spacing(m),
                    100 * b->value[j].value, 100 * end_of(b->value[j].low, b->value[j].value),
                    100 * end_of(b->value[j].high, b->value[j].value));
    fputs("END\n", f);
}

/* The regression line's two ends: it goes through the means of the logarithms. */
static void put_line(FILE *f, const map_measures *m, size_t i) {
    const basin_scaling *b = fractions(m);
    double x = 0, y = 0, n = 0, first = INFINITY, last = 0;
    for (size_t j = 0; j < b->scales; j++)
        if (b->value[j].value > 0) {
            const double distance = (double)b->scale[j] * map_spacing(m);
            x += log(distance);
            y += log(b->value[j].value);
            n++;
            first = fmin(first, distance);
            last = distance;
        }
    const double at_1 = y / n - b->alpha.value * x / n;
    fprintf(f, "$line%zu << END\n%.6g %.6g\n%.6g %.6g\nEND\n", i, first,
            100 * exp(at_1 + b->alpha.value * log(first)), last,
            100 * exp(at_1 + b->alpha.value * log(last)));
}

static void scaling_script(FILE *f, const summary *sum) {
    put_terminal(f, 1000, 480);
    fputs("set logscale xy\nset format x '10^{%T}'\nset format y '%g %%'\nset mxtics 1\n"
          "set xlabel 'distance of two starts in the plane'\n"
          "set ylabel 'pairs with different outcomes near, f'\n"
          "set yrange [*<50:100<*]\nset key above noenhanced samplen 1.5\n",
          f);
    for (size_t i = 0; i < maps_in(sum)->n; i++)
        if (!isnan(fractions(&maps_in(sum)->maps[i])->alpha.value)) {
            put_fractions(f, &maps_in(sum)->maps[i], i);
            put_line(f, &maps_in(sum)->maps[i], i);
        }
    fputs("plot NaN notitle", f);
    for (size_t i = 0; i < maps_in(sum)->n; i++) {
        if (isnan(fractions(&maps_in(sum)->maps[i])->alpha.value))
            continue;
        fprintf(f,
                ", $line%zu with lines dt 2 lw 0.9 lc rgb '%s' notitle"
                ", $u%zu with yerrorbars pt %d ps 0.8 lc rgb '%s' title ",
                i, colour(i), i, shape(i), colour(i));
        put_name(f, maps_in(sum)->maps[i].map->view->name);
    }
    fputc('\n', f);
}

const figure figure_scaling = {scaling_script, scaling_empty};

/* ---- measures against the width of the box -------------------------------------------------- */

static estimate counted(const map_measures *m) {
    return m->scaling[BASIN_BOX_COUNTING].dimension;
}

static estimate uncertain(const map_measures *m) {
    return m->scaling[BASIN_UNCERTAIN_FRACTION].dimension;
}

static estimate boundary_entropy(const map_measures *m) {
    return m->entropies.boundary;
}

static const struct {
    const char *name, *title;
    estimate (*of)(const map_measures *m);
} measures[] = {
    {"uncertain", "from the uncertain fraction", uncertain},
    {"counted", "from box counting", counted},
    {"entropy", "", boundary_entropy},
};

static bool magnification_empty(const summary *sum) {
    const map_measures *widest = map_widest(sum);
    size_t n = 0;
    for (const map_measures *m = maps_in(sum)->maps; m < maps_in(sum)->maps + maps_in(sum)->n; m++)
        n += map_comparable(m, widest) && m->width < widest->width && !isnan(uncertain(m).value);
    return n == 0;
}

/* The measure of every map under the widest's arithmetic; a point that is not drawn keeps the
 * block from being empty. */
static void put_measure(FILE *f, const summary *sum, size_t i) {
    fprintf(f, "$%s << END\nNaN NaN NaN NaN\n", measures[i].name);
    for (const map_measures *m = maps_in(sum)->maps; m < maps_in(sum)->maps + maps_in(sum)->n;
         m++) {
        const estimate e = measures[i].of(m);
        if (map_comparable(m, map_widest(sum)) && !isnan(e.value))
            fprintf(f, "%.6g %.6g %.6g %.6g\n", m->width, e.value, end_of(e.low, e.value),
                    end_of(e.high, e.value));
    }
    fputs("END\n", f);
}

static void magnification_script(FILE *f, const summary *sum) {
    put_terminal(f, 1000, 360);
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        put_measure(f, sum, i);
    fputs("set multiplot layout 1,2\nset logscale x\nset format x '10^{%T}'\nset mxtics 1\n"
          "set xrange [*:*] reverse\nset offsets graph 0.06, graph 0.06, 0, 0\n"
          "set xlabel 'width of the box'\n"
          "set key above noenhanced samplen 1.5\n"
          "set ylabel 'dimension D of the boundary'\nset yrange [1:2.05]\nset ytics 0.2\nplot",
          f);
    for (size_t i = 0; i < 2; i++)
        fprintf(f, "%s $%s with yerrorbars pt %d ps 0.9 lc rgb '%s' title '%s'", i > 0 ? "," : "",
                measures[i].name, shape(i), colour(i), measures[i].title);
    fprintf(f,
            "\nset ylabel 'boundary basin entropy S_{bb}'\nset yrange [0:0.8<*]\n"
            "plot log(2) with lines dt 2 lw 1 lc rgb '" MUTED "' title 'ln 2', "
            "$%s with yerrorbars pt %d ps 0.9 lc rgb '%s' notitle\nunset multiplot\n",
            measures[2].name, shape(2), colour(2));
}

const figure figure_magnification = {magnification_script, magnification_empty};
