/* SPDX-License-Identifier: MIT */
/* figure.c - figures drawn by gnuplot, as SVG to be inlined in a page.
 *
 * Scripts go to gnuplot as its standard input and hold numbers and cleaned names only, so that no
 * text of a store is ever read as a command. Of the SVG that comes back, colours become custom
 * properties of the page, fonts are left to the page, and ids get a prefix.
 */
#include "writer/figure.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stats/stats.h"
#include "writer/table.h"
#include "writer/writing.h"

extern char **environ;

/* ---- palette ------------------------------------------------------------------------------ */

/* Okabe and Ito's colours (without yellow, unreadable on white), as a script names them and as
 * gnuplot writes them. Arithmetics take them in turn, and shapes in turn, so that 42 differ. */
static const struct {
    const char *script, *svg, *page;
} palette[] = {
    {"#0072B2", "rgb(  0, 114, 178)", "var(--c0)"}, {"#D55E00", "rgb(213,  94,   0)", "var(--c1)"},
    {"#009E73", "rgb(  0, 158, 115)", "var(--c2)"}, {"#CC79A7", "rgb(204, 121, 167)", "var(--c3)"},
    {"#E69F00", "rgb(230, 159,   0)", "var(--c4)"}, {"#56B4E9", "rgb( 86, 180, 233)", "var(--c5)"},
    {"#101010", "rgb( 16,  16,  16)", "var(--c6)"},
};
/* gnuplot's filled points; the hollow one of each is one less. */
static const int shapes[] = {7, 5, 9, 13, 11, 15};

const char *colour(size_t i) {
    return palette[i % (sizeof palette / sizeof *palette)].script;
}

int shape(size_t i) {
    return shapes[i % (sizeof shapes / sizeof *shapes)];
}

/* ---- scripts ------------------------------------------------------------------------------ */

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
static const double unmoved_strip = 0.65, strips_end = 0.9;

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

/* Whether the point has a place on a logarithmic axis, with room beside it. */
static bool drawable(const summary_point *p) {
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

static kind kind_of(const summary_arithmetic *a, const summary_point *p) {
    if (summary_resolved(p))
        return RESOLVED;
    if (!a->determined)
        return CHANCE;
    return p->moved == 0 && p->changed == 0 ? UNMOVED : CERTAIN;
}

static frame frame_of(const summary *s) {
    double low = 1, high = 0, from = INFINITY, to = 0;
    bool zeros = false, unmoved = false;
    for (size_t i = 0; i < s->n_arithmetics; i++)
        for (size_t j = 0; j < s->arithmetics[i].n_points; j++) {
            const summary_point *p = &s->arithmetics[i].points[j];
            if (!drawable(p))
                continue;
            if (p->changed > 0)
                low = fmin(low, isnan(p->low) ? p->fraction : p->low);
            else if (!isnan(p->high))
                low = fmin(low, p->high / 2);
            high = fmax(high, isnan(p->high) ? p->fraction : p->high);
            bool still = kind_of(&s->arithmetics[i], p) == UNMOVED;
            unmoved |= still;
            zeros |= p->changed == 0 && !still;
            from = fmin(from, p->value);
            to = fmax(to, p->value);
        }
    int bottom = (int)floor(log10(fmin(low, 0.1))), top = (int)ceil(log10(fmax(high, 0.1)));
    return (frame){bottom, top > bottom ? top : bottom + 1, from, to, zeros, unmoved};
}

static bool fraction_empty(const summary *s) {
    for (size_t i = 0; i < s->n_arithmetics; i++)
        for (size_t j = 0; j < s->arithmetics[i].n_points; j++)
            if (drawable(&s->arithmetics[i].points[j]))
                return false;
    return true;
}

/* How far in ln eps neighbouring points are, on average. */
static double spacing(const summary *s, frame box) {
    size_t n = 1;
    for (size_t i = 0; i < s->n_arithmetics; i++)
        n = s->arithmetics[i].n_points > n ? s->arithmetics[i].n_points : n;
    return n > 1 ? (log(box.to) - log(box.from)) / (double)(n - 1) : 1;
}

/* One data block: eps (set aside by a factor), f, low, high. What is not above 0 goes to `zero`.
 * Returns whether it has points. */
static bool put_points(FILE *f, const summary_arithmetic *a, size_t i, kind wanted, double aside,
                       double zero) {
    bool any = false;
    for (size_t j = 0; j < a->n_points; j++) {
        const summary_point *p = &a->points[j];
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
static bool put_fit(FILE *f, const summary_arithmetic *a, size_t i) {
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

static void fraction_script(FILE *f, const summary *s) {
    frame box = frame_of(s);
    double step = spacing(s, box), n = (double)s->n_arithmetics;
    double zero = pow(10, box.low - zero_strip), unmoved = pow(10, box.low - unmoved_strip);
    put_terminal(f, 1000, 560);
    put_percent_axis(f, box.low, box.high, box.zeros, box.unmoved);
    put_eps_axis(f, box, step, 12);
    fprintf(f,
            "set xlabel '%s'\n"
            "set ylabel 'outcomes changed, f(ε)'\n"
            "set key above noenhanced samplen 1.5\n",
            writing_perturbation(s->x->sweep.perturb)->axis);
    char *plot = NULL;
    size_t size = 0;
    FILE *p = open_memstream(&plot, &size);
    if (!p)
        return; /* no plot: reported as a figure that gnuplot did not draw */
    for (size_t i = 0; i < s->n_arithmetics; i++) {
        const summary_arithmetic *a = &s->arithmetics[i];
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

static bool has_resolved(const summary_arithmetic *a) {
    for (size_t j = 0; j < a->n_points; j++)
        if (drawable(&a->points[j]) && summary_resolved(&a->points[j]))
            return true;
    return false;
}

static size_t count_panels(const summary *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_arithmetics; i++)
        n += has_resolved(&s->arithmetics[i]);
    return n;
}

static bool panels_empty(const summary *s) {
    return count_panels(s) == 0;
}

/* The largest fraction worth drawing: upper ends of the intervals of resolved points. */
static double highest_resolved(const summary *s) {
    double high = 0;
    for (size_t i = 0; i < s->n_arithmetics; i++)
        for (size_t j = 0; j < s->arithmetics[i].n_points; j++)
            if (summary_resolved(&s->arithmetics[i].points[j]))
                high = fmax(high, s->arithmetics[i].points[j].high);
    return high;
}

static void panels_script(FILE *f, const summary *s) {
    size_t n = count_panels(s), columns = n == 4 ? 2 : n < 3 ? n : 3;
    size_t rows = (n + columns - 1) / columns;
    frame box = frame_of(s);
    double step = spacing(s, box);
    put_terminal(f, 1000, 260 * (int)(rows < 40 ? rows : 40));
    put_eps_axis(f, box, step, columns < 3 ? 8 : 5);
    fprintf(f,
            "set multiplot layout %zu,%zu\nset yrange [0:%.6g]\n"
            "set format y '%%g %%%%'\nunset key\nset title noenhanced offset 0,-0.6\n"
            "set tmargin 2\nset tics font ',13'\n",
            rows, columns, 112 * highest_resolved(s));
    for (size_t i = 0; i < s->n_arithmetics; i++) {
        const summary_arithmetic *a = &s->arithmetics[i];
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
static bool churn_drawable(const summary_point *p) {
    return drawable(p) && !isnan(p->churn_high);
}

static double highest_churn(const summary *s) {
    double high = NAN;
    for (size_t i = 0; i < s->n_arithmetics; i++)
        for (size_t j = 0; j < s->arithmetics[i].n_points; j++)
            if (churn_drawable(&s->arithmetics[i].points[j]))
                high = fmax(high, s->arithmetics[i].points[j].churn_high);
    return high;
}

static bool churn_empty(const summary *s) {
    return isnan(highest_churn(s));
}

/* One data block: eps (set aside by a factor), churn, low, high in per cent; the first point has no
 * place and keeps the block from being empty. */
static void put_churns(FILE *f, const summary_arithmetic *a, size_t i, double aside) {
    fprintf(f, "$churn%zu << END\nNaN NaN NaN NaN\n", i);
    for (size_t j = 0; j < a->n_points; j++) {
        const summary_point *p = &a->points[j];
        if (churn_drawable(p))
            fprintf(f, "%.6g %.6g %.6g %.6g\n", p->value * aside, 100 * p->churn,
                    100 * p->churn_low, 100 * p->churn_high);
    }
    fputs("END\n", f);
}

static void churn_script(FILE *f, const summary *s) {
    const frame box = frame_of(s);
    const double step = spacing(s, box), width = fmin(0.7 * step, 0.15 * log(10));
    const double high = highest_churn(s), n = (double)s->n_arithmetics;
    put_terminal(f, 1000, 420);
    put_eps_axis(f, box, step, 12);
    fprintf(f,
            "set xlabel '%s'\nset ylabel 'predictions changed'\n"
            "set yrange [0:%.6g]\nset format y '%%g %%%%'\n"
            "set key above noenhanced samplen 1.5\n",
            writing_perturbation(s->x->sweep.perturb)->axis, high > 0 ? 110 * high : 1);
    for (size_t i = 0; i < s->n_arithmetics; i++)
        put_churns(f, &s->arithmetics[i], i, exp(width * (((double)i + 0.5) / n - 0.5)));
    for (size_t i = 0; i < s->n_arithmetics; i++) {
        fprintf(f, "%s$churn%zu with yerrorbars pt %d ps 0.65 lc rgb '%s' title ",
                i > 0 ? ", " : "plot ", i, shape(i), colour(i));
        put_name(f, s->arithmetics[i].name);
    }
    fputc('\n', f);
}

/* ---- forests: one estimate with its interval per arithmetic --------------------------------- */

typedef struct forest {
    const char *label;
    estimate (*of)(const summary_arithmetic *a); /* NAN: not drawn; an endless side: an arrow */
} forest;

static bool forest_empty(const summary *s, const forest *what) {
    for (size_t i = 0; i < s->n_arithmetics; i++)
        if (!isnan(what->of(&s->arithmetics[i]).value))
            return false;
    return true;
}

static double within(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

/* The axis of a forest: its ends, and the distance of its marks. */
typedef struct axis {
    double left, right, step;
} axis;

static axis axis_of(const summary *s, const forest *what) {
    axis x = {0, 0, 1};
    for (size_t i = 0; i < s->n_arithmetics; i++) {
        estimate e = what->of(&s->arithmetics[i]);
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
        put_arrow(f, within(e.low, x->left, x->right - shortest), x->right, row, i);
    if (isinf(e.low) && e.low < 0)
        put_arrow(f, within(e.high, x->left + shortest, x->right), x->left, row, i);
}

/* The data block of one row; a single point that is not drawn keeps it from being empty. */
static void put_row(FILE *f, estimate e, const axis *x, size_t row, size_t i) {
    fprintf(f, "$row%zu << END\n", i);
    if (isfinite(e.value))
        fprintf(f, "%.9g %zu %.9g %.9g\n", e.value, row, within(e.low, x->left, x->right),
                within(e.high, x->left, x->right));
    else
        fprintf(f, "NaN %zu NaN NaN\n", row);
    fputs("END\n", f);
}

static void forest_script(FILE *f, const summary *s, const forest *what) {
    size_t n = s->n_arithmetics;
    axis x = axis_of(s, what);
    put_terminal(f, 760, 100 + 34 * (int)(n < 100 ? n : 100));
    fprintf(f,
            "set xrange [%.9g:%.9g]\nset xtics %.9g\nset yrange [-0.6:%zu.6]\nset xlabel '%s'\n"
            "unset key\nset grid noytics\n"
            "set arrow from 0,graph 0 to 0,graph 1 nohead lw 1 lc rgb '" MUTED "'\n"
            "set ytics scale 0 noenhanced (",
            x.left, x.right, x.step, n - 1, what->label);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ", " : "", f);
        put_name(f, s->arithmetics[i].name);
        fprintf(f, " %zu", n - 1 - i);
    }
    fputs(")\n", f);
    for (size_t i = 0; i < n; i++) {
        estimate e = what->of(&s->arithmetics[i]);
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

static estimate relabelled_of(const summary_arithmetic *a) {
    return percent(a->later - a->stable, a->later);
}

static estimate exponent_of(const summary_arithmetic *a) {
    return (estimate){a->phi, a->phi_low, a->phi_high};
}

static estimate bits_of(const summary_arithmetic *a) {
    return (estimate){a->bits_to_halve, a->bits_low, a->bits_high};
}

#define FOREST(name, label)                                 \
    static const forest name##_forest = {label, name##_of}; \
    static void name##_script(FILE *f, const summary *s) {  \
        forest_script(f, s, &name##_forest);                \
    }                                                       \
    static bool name##_empty(const summary *s) {            \
        return forest_empty(s, &name##_forest);             \
    }                                                       \
    const figure figure_##name = {name##_script, name##_empty};

FOREST(relabelled, "references that change label, %")
FOREST(exponent, "uncertainty exponent φ")
FOREST(bits, "further bits that halve f, 1/φ")

const figure figure_fraction = {fraction_script, fraction_empty};
const figure figure_churn = {churn_script, churn_empty};
const figure figure_panels = {panels_script, panels_empty};

/* ---- gnuplot ------------------------------------------------------------------------------ */

static bf_status machine(bf_error *err, const char *what) {
    return bf_fail(err, BF_EMACHINE, "cannot draw a figure: %s: %s", what, strerror(errno));
}

/* A gnuplot at work: temporary files as its standard input, output and error. */
typedef struct job {
    FILE *stream[3];
} job;

static bool job_new(job *j) {
    bool good = true;
    for (int i = 0; i < 3; i++)
        good = (j->stream[i] = tmpfile()) && good;
    return good;
}

static void job_free(job *j) {
    for (int i = 0; i < 3; i++)
        if (j->stream[i])
            fclose(j->stream[i]);
}

static int spawn(pid_t *pid, const job *j) {
    posix_spawn_file_actions_t actions;
    char *const arguments[] = {"gnuplot", "--default-settings", "-", NULL};
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    for (int i = 0; i < 3 && !failed; i++)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(j->stream[i]), i);
    if (!failed)
        failed = posix_spawnp(pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Everything in a file; NULL: no memory, or it cannot be read. The caller frees it. */
static char *read_all(FILE *f) {
    char *text = NULL, block[4096];
    size_t size = 0, n;
    FILE *all = open_memstream(&text, &size);
    if (!all)
        return NULL;
    rewind(f);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        fwrite(block, 1, n, all);
    bool good = !ferror(f) && !ferror(all);
    if (fclose(all) == 0 && good)
        return text;
    free(text);
    return NULL;
}

/* The line of gnuplot's complaint that says what is wrong: the last one. */
static bf_status complain(const job *j, bf_error *err) {
    char *all = read_all(j->stream[2]), *last = NULL;
    for (char *rest = all, *line; all && (line = strtok_r(rest, "\r\n", &rest));)
        last = line + strspn(line, " \t");
    bf_status status =
        bf_fail(err, BF_EMACHINE, "gnuplot (Debian package gnuplot-nox) did not draw a figure%s%s",
                last ? ": " : "", last ? last : "");
    free(all);
    return status;
}

/* Run gnuplot on the script in its input. */
static bf_status run(char **svg, const job *j, bf_error *err) {
    pid_t pid;
    int how, failed = spawn(&pid, j);
    if (failed)
        return bf_fail(err, BF_EMACHINE,
                       "cannot run gnuplot: %s; figures need it (Debian package gnuplot-nox)",
                       strerror(failed));
    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return machine(err, "waitpid");
    *svg = read_all(j->stream[1]);
    if (!*svg)
        return machine(err, "temporary file");
    bool drawn = WIFEXITED(how) && WEXITSTATUS(how) == 0 && strstr(*svg, "</svg>");
    return drawn ? BF_OK : complain(j, err);
}

/* The SVG that gnuplot makes of a figure's script. The caller frees it, whatever happened. */
static bf_status draw(char **svg, const figure *f, const summary *s, bf_error *err) {
    job j;
    bf_status status = BF_OK;
    *svg = NULL;
    if (!job_new(&j))
        status = machine(err, "temporary file");
    if (status == BF_OK) {
        FILE *script = j.stream[0];
        f->script(script, s);
        /* the child shares the file's offset */
        if (ferror(script) || fflush(script) != 0 || lseek(fileno(script), 0, SEEK_SET) != 0)
            status = machine(err, "temporary file");
    }
    BF_TRY(status, run(svg, &j, err));
    job_free(&j);
    return status;
}

/* ---- from gnuplot's SVG to the page's ------------------------------------------------------- */

/* What is replaced in the SVG; "@" stands for the prefix of ids. */
static const struct {
    const char *from, *to;
} replacements[] = {
    {"xlink:href='#", "href='#@"},       {"id='", "id='@"},
    {"id=\"gnuplot", "class=\"gnuplot"}, {"url(#", "url(#@"},
    {" font-family=\"Arial\" >", ">"},   {" font-family=\"Arial\" ", " "},
    {" font-family=\"Arial\"", ""},      {"'black'", "'currentColor'"},
    {"\"black\"", "\"currentColor\""},   {"'white'", "'transparent'"},
    {"\"white\"", "\"transparent\""},    {"rgb(128, 128, 128)", "var(--muted)"},
    {"\"gray\"", "\"var(--muted)\""},
};

static void put_replaced(FILE *out, const char *to, const char *prefix) {
    for (; *to; to++)
        if (*to == '@')
            fputs(prefix, out);
        else
            fputc(*to, out);
}

/* Write the replacement of what stands at p; returns how much that was, 0 when nothing matches. */
static size_t replace(FILE *out, const char *p, const char *prefix) {
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++) {
        size_t length = strlen(replacements[i].from);
        if (strncmp(p, replacements[i].from, length) == 0) {
            put_replaced(out, replacements[i].to, prefix);
            return length;
        }
    }
    for (size_t i = 0; i < sizeof palette / sizeof *palette; i++) {
        size_t length = strlen(palette[i].svg);
        if (strncmp(p, palette[i].svg, length) == 0) {
            fputs(palette[i].page, out);
            return length;
        }
    }
    return 0;
}

/* Length of an element at p that the page does without, 0 when there is none. */
static size_t dropped(const char *p) {
    static const struct {
        const char *open, *close;
    } elements[] = {{"<title>", "</title>"}, {"<desc>", "</desc>"}, {"<filter ", "</filter>"}};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strncmp(p, elements[i].open, strlen(elements[i].open)) == 0) {
            const char *end = strstr(p, elements[i].close);
            return end ? (size_t)(end - p) + strlen(elements[i].close) : 0;
        }
    return 0;
}

static void put_svg(FILE *out, const char *svg, unsigned number, const char *label) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "fig%u-", number);
    const char *box = strstr(svg, "viewBox=\""), *p = strstr(svg, "<g id=\"gnuplot_canvas\"");
    if (!box || !p)
        return;
    box += strlen("viewBox=\"");
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.*s\" role=\"img\" "
            "aria-labelledby=\"%stitle\"><title id=\"%stitle\">",
            (int)strcspn(box, "\""), box, prefix, prefix);
    put_html(out, label);
    fputs("</title>\n", out);
    while (*p) {
        size_t skip = dropped(p);
        if (skip == 0)
            skip = replace(out, p, prefix);
        if (skip == 0)
            fputc(*p++, out);
        p += skip;
    }
}

bf_status figure_svg(FILE *out, const figure *f, const summary *s, unsigned number,
                     const char *label, bf_error *err) {
    char *svg;
    bf_status status = draw(&svg, f, s, err);
    if (status == BF_OK)
        put_svg(out, svg, number, label);
    free(svg);
    return status;
}
