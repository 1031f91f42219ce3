/* SPDX-License-Identifier: MIT */
/* figures.c - f(eps) of all arithmetics and of each, churn, exponents with their intervals. */
#include "studies/sweep/report.h"

#include <math.h>
#include <stdlib.h>

#include "writer/writing.h"

/* ---- f(eps) ------------------------------------------------------------------------------- */

/* Whether the point has a place on a logarithmic axis, with room beside it. */
static bool drawable(const sweep_point *p) {
    return p->value > 1e-290 && p->value < 1e290;
}

/* The bounds of what is drawn of f(eps): decades for f, values for eps. */
typedef struct frame {
    int low, high;
    double from, to;
    bool zeros, unmoved; /* whether there are such points */
} frame;

/* The points of one arithmetic that are drawn alike. */
typedef enum kind {
    RESOLVED,
    CHANCE,  /* not resolved, but the arithmetic gives no promise: with an interval */
    CERTAIN, /* not resolved, some starts unchanged: no interval applies */
    UNMOVED, /* no start and no outcome changed */
    KINDS
} kind;

static kind kind_of(const sweep_arithmetic *a, const sweep_point *p) {
    if (sweep_resolved(p))
        return RESOLVED;
    if (!a->determined)
        return CHANCE;
    return p->moved == 0 && p->changed == 0 ? UNMOVED : CERTAIN;
}

static frame frame_of(const summary *sum) {
    double low = 1, high = 0, from = INFINITY, to = 0;
    bool zeros = false, unmoved = false;
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        for (size_t j = 0; j < sweep_in(sum)->arithmetics[i].n_points; j++) {
            const sweep_point *p = &sweep_in(sum)->arithmetics[i].points[j];
            if (!drawable(p))
                continue;
            if (p->changed > 0)
                low = fmin(low, isnan(p->low) ? p->fraction : p->low);
            else if (!isnan(p->high))
                low = fmin(low, p->high / 2);
            high = fmax(high, isnan(p->high) ? p->fraction : p->high);
            bool still = kind_of(&sweep_in(sum)->arithmetics[i], p) == UNMOVED;
            unmoved |= still;
            zeros |= p->changed == 0 && !still;
            from = fmin(from, p->value);
            to = fmax(to, p->value);
        }
    int bottom = (int)floor(log10(fmin(low, 0.1))), top = (int)ceil(log10(fmax(high, 0.1)));
    return (frame){bottom, top > bottom ? top : bottom + 1, from, to, zeros, unmoved};
}

static bool fraction_empty(const summary *sum) {
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        for (size_t j = 0; j < sweep_in(sum)->arithmetics[i].n_points; j++)
            if (drawable(&sweep_in(sum)->arithmetics[i].points[j]))
                return false;
    return true;
}

/* How far in ln eps neighbouring points are, on average. */
static double spacing(const summary *sum, frame box) {
    size_t n = 1;
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        n = sweep_in(sum)->arithmetics[i].n_points > n ? sweep_in(sum)->arithmetics[i].n_points : n;
    return n > 1 ? (log(box.to) - log(box.from)) / (double)(n - 1) : 1;
}

/* One data block: eps (set aside by a factor), f, low, high. What is not above 0 goes to `zero`.
 * Returns whether it has points. */
static bool put_points(FILE *f, const sweep_arithmetic *a, size_t i, kind wanted, double aside,
                       double zero) {
    bool any = false;
    for (size_t j = 0; j < a->n_points; j++) {
        const sweep_point *p = &a->points[j];
        if (!drawable(p) || kind_of(a, p) != wanted)
            continue;
        if (!any)
            fprintf(f, "$points%zu_%d << END\n", i, (int)wanted);
        any = true;
        double fraction = p->changed > 0 ? p->fraction : zero;
        fprintf(f, "%.6g %.6g %.6g %.6g\n", p->value * aside, fraction,
                isnan(p->low)    ? fraction
                : p->changed > 0 ? p->low
                                 : zero,
                isnan(p->high) ? fraction : p->high);
    }
    fputs(any ? "END\n" : "", f);
    return any;
}

/* The fitted power law: its two ends. Returns whether there is one. */
static bool put_fit(FILE *f, const sweep_arithmetic *a, size_t i) {
    if (isnan(a->phi))
        return false;
    fprintf(f, "$fit%zu << END\n%.6g %.6g\n%.6g %.6g\nEND\n", i, a->fit_from,
            a->prefactor * pow(a->fit_from, a->phi), a->fit_to,
            a->prefactor * pow(a->fit_to, a->phi));
    return true;
}

/* A logarithmic x axis of eps with up to so many labels, on round powers of ten. */
static void put_eps_axis(FILE *f, frame box, double step, int labels) {
    static const int round[] = {1, 2, 5, 10, 20, 50, 100};
    double decades = log10(box.to) - log10(box.from);
    size_t i = 0;
    while (i + 1 < sizeof round / sizeof *round && decades / round[i] > labels)
        i++;
    fprintf(f,
            "set logscale x\nset format x '10^{%%T}'\nset mxtics 1\nset xrange [%.6g:%.6g]\n"
            "set xtics 1e-300,1e%d\n",
            box.from * exp(-step), box.to * exp(step), round[i]);
}

static void fraction_script(FILE *f, const summary *sum) {
    frame box = frame_of(sum);
    double step = spacing(sum, box), n = (double)sweep_in(sum)->n_arithmetics;
    double zero = pow(10, box.low - zero_strip), unmoved = pow(10, box.low - unmoved_strip);
    put_terminal(f, 1000, 560);
    put_percent_axis(f, box.low, box.high, box.zeros, box.unmoved);
    put_eps_axis(f, box, step, 12);
    fprintf(f,
            "set xlabel '%s'\n"
            "set ylabel 'outcomes changed, f(ε)'\n"
            "set key above noenhanced samplen 1.5\n",
            writing_perturbation(sum->store->x->sweep.perturb).axis);
    char *plot = NULL;
    size_t size = 0;
    FILE *p = open_memstream(&plot, &size);
    if (!p)
        return; /* no plot: reported as a figure that gnuplot did not draw */
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++) {
        const sweep_arithmetic *a = &sweep_in(sum)->arithmetics[i];
        double width = fmin(0.7 * step, 0.15 * log(10));
        double aside = exp(width * (((double)i + 0.5) / n - 0.5));
        for (kind k = CHANCE; k < KINDS; k++)
            if (put_points(f, a, i, k, aside, k == UNMOVED ? unmoved : zero))
                fprintf(p, ", $points%zu_%d with %s pt %d ps 0.6 lc rgb '%s' notitle", i, (int)k,
                        k == CHANCE ? "yerrorbars lw 0.8" : "points lw 1.8", shape(i) - 1,
                        colour(i));
        if (put_fit(f, a, i))
            fprintf(p, ", $fit%zu with lines dt 2 lw 0.8 lc rgb '%s' notitle", i, colour(i));
        if (put_points(f, a, i, RESOLVED, aside, zero))
            fprintf(p, ", $points%zu_0 with yerrorbars pt %d ps 0.65 lc rgb '%s' title ", i,
                    shape(i), colour(i));
        else /* a legend all the same */
            fprintf(p, ", NaN with points pt %d ps 0.65 lc rgb '%s' title ", shape(i) - 1,
                    colour(i));
        put_name(p, a->name);
    }
    fclose(p);
    fprintf(f, "plot %s\n", size > 2 ? plot + 2 : "");
    free(plot);
}

/* ---- small multiples: the resolved points, one panel per arithmetic ------------------------- */

static bool has_resolved(const sweep_arithmetic *a) {
    for (size_t j = 0; j < a->n_points; j++)
        if (drawable(&a->points[j]) && sweep_resolved(&a->points[j]))
            return true;
    return false;
}

static size_t count_panels(const summary *sum) {
    size_t n = 0;
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        n += has_resolved(&sweep_in(sum)->arithmetics[i]);
    return n;
}

static bool panels_empty(const summary *sum) {
    return count_panels(sum) == 0;
}

/* The largest fraction worth drawing: upper ends of the intervals of resolved points. */
static double highest_resolved(const summary *sum) {
    double high = 0;
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        for (size_t j = 0; j < sweep_in(sum)->arithmetics[i].n_points; j++)
            if (sweep_resolved(&sweep_in(sum)->arithmetics[i].points[j]))
                high = fmax(high, sweep_in(sum)->arithmetics[i].points[j].high);
    return high;
}

static void panels_script(FILE *f, const summary *sum) {
    size_t n = count_panels(sum), columns = n == 4 ? 2 : n < 3 ? n : 3;
    size_t rows = (n + columns - 1) / columns;
    frame box = frame_of(sum);
    double step = spacing(sum, box);
    put_terminal(f, 1000, 260 * (int)(rows < 40 ? rows : 40));
    put_eps_axis(f, box, step, columns < 3 ? 8 : 5);
    fprintf(f,
            "set multiplot layout %zu,%zu\nset yrange [0:%.6g]\n"
            "set format y '%%g %%%%'\nunset key\nset title noenhanced offset 0,-0.6\n"
            "set tmargin 2\nset tics font ',13'\n",
            rows, columns, 112 * highest_resolved(sum));
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++) {
        const sweep_arithmetic *a = &sweep_in(sum)->arithmetics[i];
        if (!put_points(f, a, i, RESOLVED, 1, 0))
            continue;
        bool fitted = put_fit(f, a, i);
        fputs("set title ", f);
        put_name(f, a->name);
        fprintf(f,
                "\nplot $points%zu_0 using 1:(100*$2):(100*$3):(100*$4) with yerrorbars pt %d "
                "ps 0.5 lc rgb '%s'",
                i, shape(i), colour(i));
        if (fitted)
            fprintf(f, ", $fit%zu using 1:(100*$2) with lines dt 2 lw 0.9 lc rgb '#101010'", i);
        fputc('\n', f);
    }
    fputs("unset multiplot\n", f);
}

/* ---- churn: the resolved points, all arithmetics on one linear scale ------------------------- */

/* Whether the point's churn has an interval to draw. */
static bool churn_drawable(const sweep_point *p) {
    return drawable(p) && !isnan(p->churn_high);
}

static double highest_churn(const summary *sum) {
    double high = NAN;
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        for (size_t j = 0; j < sweep_in(sum)->arithmetics[i].n_points; j++)
            if (churn_drawable(&sweep_in(sum)->arithmetics[i].points[j]))
                high = fmax(high, sweep_in(sum)->arithmetics[i].points[j].churn_high);
    return high;
}

static bool churn_empty(const summary *sum) {
    return isnan(highest_churn(sum));
}

/* One data block: eps (set aside by a factor), churn, low, high in per cent; the first point has no
 * place and keeps the block from being empty. */
static void put_churns(FILE *f, const sweep_arithmetic *a, size_t i, double aside) {
    fprintf(f, "$churn%zu << END\nNaN NaN NaN NaN\n", i);
    for (size_t j = 0; j < a->n_points; j++) {
        const sweep_point *p = &a->points[j];
        if (churn_drawable(p))
            fprintf(f, "%.6g %.6g %.6g %.6g\n", p->value * aside, 100 * p->churn,
                    100 * p->churn_low, 100 * p->churn_high);
    }
    fputs("END\n", f);
}

static void churn_script(FILE *f, const summary *sum) {
    const frame box = frame_of(sum);
    const double step = spacing(sum, box), width = fmin(0.7 * step, 0.15 * log(10));
    const double high = highest_churn(sum), n = (double)sweep_in(sum)->n_arithmetics;
    put_terminal(f, 1000, 420);
    put_eps_axis(f, box, step, 12);
    fprintf(f,
            "set xlabel '%s'\nset ylabel 'predictions changed'\n"
            "set yrange [0:%.6g]\nset format y '%%g %%%%'\n"
            "set key above noenhanced samplen 1.5\n",
            writing_perturbation(sum->store->x->sweep.perturb).axis, high > 0 ? 110 * high : 1);
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        put_churns(f, &sweep_in(sum)->arithmetics[i], i,
                   exp(width * (((double)i + 0.5) / n - 0.5)));
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++) {
        fprintf(f, "%s$churn%zu with yerrorbars pt %d ps 0.65 lc rgb '%s' title ",
                i > 0 ? ", " : "plot ", i, shape(i), colour(i));
        put_name(f, sweep_in(sum)->arithmetics[i].name);
    }
    fputc('\n', f);
}

/* ---- forests: one estimate with its interval per arithmetic --------------------------------- */

typedef struct forest {
    const char *label;
    estimate (*of)(const sweep_arithmetic *a); /* NAN: not drawn; an endless side: an arrow */
} forest;

static bool forest_empty(const summary *sum, const forest *what) {
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++)
        if (!isnan(what->of(&sweep_in(sum)->arithmetics[i]).value))
            return false;
    return true;
}

static double clamp(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

/* The axis of a forest: its ends, and the distance of its marks. */
typedef struct axis {
    double left, right, step;
} axis;

static axis axis_of(const summary *sum, const forest *what) {
    axis x = {0, 0, 1};
    for (size_t i = 0; i < sweep_in(sum)->n_arithmetics; i++) {
        estimate e = what->of(&sweep_in(sum)->arithmetics[i]);
        const double ends[] = {e.value, e.low, e.high};
        for (size_t j = 0; j < 3; j++)
            if (isfinite(ends[j])) {
                x.left = fmin(x.left, ends[j] * 1.15);
                x.right = fmax(x.right, ends[j] * 1.15);
            }
    }
    if (!(x.right > x.left))
        x.right = x.left + 1;
    double rough = (x.right - x.left) / 8, power = pow(10, floor(log10(rough)));
    x.step = rough <= power       ? power
             : rough <= 2 * power ? 2 * power
             : rough <= 5 * power ? 5 * power
                                  : 10 * power;
    return x;
}

/* An interval without an end: an arrow to the edge of the axis. */
static void put_arrow(FILE *f, double from, double to, size_t row, size_t i) {
    fprintf(f, "set arrow from %.9g,%zu to %.9g,%zu size screen 0.015,20 filled lc rgb '%s' lw 1\n",
            from, row, to, row, colour(i));
}

static void put_endless(FILE *f, estimate e, const axis *x, size_t row, size_t i) {
    double shortest = (x->right - x->left) / 30;
    if (isinf(e.high) && e.high > 0)
        put_arrow(f, clamp(e.low, x->left, x->right - shortest), x->right, row, i);
    if (isinf(e.low) && e.low < 0)
        put_arrow(f, clamp(e.high, x->left + shortest, x->right), x->left, row, i);
}

/* The data block of one row; a single point that is not drawn keeps it from being empty. */
static void put_row(FILE *f, estimate e, const axis *x, size_t row, size_t i) {
    fprintf(f, "$row%zu << END\n", i);
    if (isfinite(e.value))
        fprintf(f, "%.9g %zu %.9g %.9g\n", e.value, row, clamp(e.low, x->left, x->right),
                clamp(e.high, x->left, x->right));
    else
        fprintf(f, "NaN %zu NaN NaN\n", row);
    fputs("END\n", f);
}

static void forest_script(FILE *f, const summary *sum, const forest *what) {
    size_t n = sweep_in(sum)->n_arithmetics;
    axis x = axis_of(sum, what);
    put_terminal(f, 760, 100 + 34 * (int)(n < 100 ? n : 100));
    fprintf(f,
            "set xrange [%.9g:%.9g]\nset xtics %.9g\nset yrange [-0.6:%zu.6]\nset xlabel '%s'\n"
            "unset key\nset grid noytics\n"
            "set arrow from 0,graph 0 to 0,graph 1 nohead lw 1 lc rgb '" MUTED "'\n"
            "set ytics scale 0 noenhanced (",
            x.left, x.right, x.step, n - 1, what->label);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", f);
        put_name(f, sweep_in(sum)->arithmetics[i].name);
        fprintf(f, " %zu", n - 1 - i);
    }
    fputs(")\n", f);
    for (size_t i = 0; i < n; i++) {
        estimate e = what->of(&sweep_in(sum)->arithmetics[i]);
        put_row(f, e, &x, n - 1 - i, i);
        if (!isnan(e.value))
            put_endless(f, e, &x, n - 1 - i, i);
    }
    fputs("plot NaN notitle", f);
    for (size_t i = 0; i < n; i++)
        fprintf(f, ", $row%zu with xerrorbars pt %d ps 1.1 lw 1.4 lc rgb '%s'", i, shape(i),
                colour(i));
    fputc('\n', f);
}

static estimate percent(uint64_t k, uint64_t n) {
    estimate e = stats_share(k, n);
    return (estimate){100 * e.value, 100 * e.low, 100 * e.high};
}

static estimate relabelled_of(const sweep_arithmetic *a) {
    return percent(a->later - a->stable, a->later);
}

static estimate exponent_of(const sweep_arithmetic *a) {
    return (estimate){a->phi, a->phi_low, a->phi_high};
}

static estimate bits_of(const sweep_arithmetic *a) {
    return (estimate){a->bits_to_halve, a->bits_low, a->bits_high};
}

#define FOREST(name, label)                                  \
    static const forest name##_forest = {label, name##_of};  \
    static void name##_script(FILE *f, const summary *sum) { \
        forest_script(f, sum, &name##_forest);               \
    }                                                        \
    static bool name##_empty(const summary *sum) {           \
        return forest_empty(sum, &name##_forest);            \
    }                                                        \
    const figure figure_##name = {name##_script, name##_empty};

FOREST(relabelled, "references that change label, %")
FOREST(exponent, "uncertainty exponent φ")
FOREST(bits, "further bits that halve f, 1/φ")

const figure figure_fraction = {fraction_script, fraction_empty};
const figure figure_churn = {churn_script, churn_empty};
const figure figure_panels = {panels_script, panels_empty};
