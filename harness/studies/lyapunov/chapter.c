/* SPDX-License-Identifier: MIT */
/* chapter.c - what a report says of Lyapunov exponents. */
#include "studies/lyapunov/report.h"
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

const lyapunov_spectrum *lyapunov_spectrum_of(const summary *sum) {
    return lyapunov_in(sum)->spectrum;
}

bool lyapunov_resolved(const lyapunov_spectrum *l) {
    return l->plan->n_blocks > 1;
}

size_t lyapunov_window_lengths(const lyapunov_spectrum *l) {
    return l->plan->x->lyapunov.n_windows;
}

uint64_t lyapunov_shortest(const lyapunov_spectrum *l) {
    return l->plan->x->lyapunov.windows[0];
}

uint64_t lyapunov_longest(const lyapunov_spectrum *l) {
    return l->plan->x->lyapunov.windows[lyapunov_window_lengths(l) - 1];
}

const char *lyapunov_subspace_name(const lyapunov_spectrum *l) {
    return l->plan->x->lyapunov.within;
}

static const lyapunov_exponent *sorted(const lyapunov_spectrum *l, size_t k) {
    return &l->exponents[l->plan->blocks[l->plan->n_blocks - 1].at + k];
}

/* The sign, where the interval settles it. */
static int sign_of(estimate e) {
    return e.low > 0 ? 1 : e.high < 0 ? -1 : 0;
}

static const char *sign_word(estimate e) {
    static const char *const words[] = {"negative", "indistinguishable from 0", "positive"};
    return words[1 + sign_of(e)];
}

void lyapunov_put_exponent(FILE *f, estimate e) {
    put_estimate(f, e, 3, "");
}

static void put_percent(FILE *f, estimate e) {
    put_estimate(f, (estimate){100 * e.value, 100 * e.low, 100 * e.high}, 1, NARROW_SPACE "%");
}

/* Three significant digits; two beside a power of ten. */
static void put_scaled(FILE *f, double x) {
    const double size = fabs(x);
    if (isnan(x))
        fputs("–", f);
    else if (size == 0 || isinf(x) || (size >= 1e-3 && size < 1e7))
        put_number(f, x, size == 0 || size >= 100 ? 0 : (int)(2 - floor(log10(size))));
    else {
        char text[32];
        snprintf(text, sizeof text, "%.2g", size);
        fputs(x < 0 ? "−" : "", f);
        put_eps(f, text);
    }
}

static void put_scaled_estimate(FILE *f, estimate e) {
    put_scaled(f, e.value);
    if (isnan(e.value))
        return;
    fputs(HARD_SPACE "[", f);
    put_scaled(f, e.low);
    fputs("," HARD_SPACE, f);
    put_scaled(f, e.high);
    fputs("]", f);
}

void lyapunov_put_cells(table *t, const char *const *texts) {
    for (; *texts; texts++)
        fputs(*texts, table_cell(t));
}

/* ---- 1: the spectrum ---------------------------------------------------------------------- */

static void put_list(FILE *f, const lyapunov_spectrum *l) {
    enum { MOST = 6 };
    const size_t all = lyapunov_sorted_count(l), n = all < MOST ? all : MOST;
    for (size_t k = 0; k < n; k++) {
        fputs(k > 0 ? ", " : "", f);
        put_number(f, sorted(l, k)->value.value, 3);
    }
    fputs(n < all ? ", …" : "", f);
}

/* Name, value and interval, after an article. */
static void put_named(FILE *f, const lyapunov_spectrum *l, const lyapunov_exponent *e) {
    put_exponent_name(f, l, e);
    fputs(" one, ", f);
    lyapunov_put_exponent(f, e->value);
}

static void spectrum_headline(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const size_t n = lyapunov_sorted_count(l);
    if (n == l->plan->state)
        fputs("Sorted by size, the exponents are ", f);
    else if (n == 1)
        fprintf(f, "The largest of %zu exponents is ", l->plan->state);
    else
        fprintf(f, "Sorted by size, the %zu largest of %zu exponents are ", n, l->plan->state);
    put_list(f, l);
    fputs(" per step.", f);
    if (!lyapunov_resolved(l)) {
        fputs(" No invariant subspace was named, so none can be called longitudinal or transverse.",
              f);
        return;
    }
    fprintf(f, " Resolved by invariant subspace (%s), the %s of these is the ",
            lyapunov_subspace_name(l),
            n < 2   ? "first"
            : n < 3 ? "second"
                    : "third");
    put_named(f, l, lyapunov_third(l));
    const lyapunov_exponent *transverse = lyapunov_transverse(l);
    if (transverse != lyapunov_third(l)) {
        fprintf(f, "; the largest transverse one is %s, ", sign_word(transverse->value));
        lyapunov_put_exponent(f, transverse->value);
    }
    fputs(".", f);
}

static void spectrum_notes(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    fputs("Natural logarithms of growth, per training step. ", f);
    if (lyapunov_resolved(l))
        fprintf(
            f,
            "Training is symmetric about %s; so its linearisation there maps directions within %s "
            "(longitudinal) to such directions, and directions off it (transverse) to such. Each "
            "of the two blocks is orthonormalised by itself, which no rounding can mix. The sorted "
            "list is the plain iteration over all directions: rounding may mix the blocks, "
            "and the list does not say to which of them an exponent belongs. The table pairs the "
            "two by rank; where a difference is not small against the gaps between exponents, that "
            "is no identification.\n",
            lyapunov_subspace_name(l), lyapunov_subspace_name(l));
    fprintf(f,
            "Brackets are 95\u00a0%% intervals by a bootstrap over %zu batches of %d windows of "
            "%" PRIu64 " steps, which are taken to be independent of each other; with fewer than "
            "%d batches they are infinite.\n",
            l->batches, LYAPUNOV_BATCH, lyapunov_longest(l), STATS_FEWEST);
    if (lyapunov_resolved(l) && l->plan->state == 4 && lyapunov_sorted_count(l) == 4 &&
        lyapunov_third(l)->block == &l->plan->blocks[0])
        fputs("For the model of four weights, A. Ly and P. Gong (arXiv 2510.05606, figure 2) take "
              "the third of the sorted list for the transverse exponent. Resolved, it is "
              "longitudinal: it says how neighbours inside the subspace approach each other, and "
              "nothing about whether the subspace attracts.\n",
              f);
}

static void spectrum_table(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    table_columns(t, lyapunov_resolved(l) ? "rrrlr" : "rr");
    lyapunov_put_cells(t, (const char *const[]){"rank", "sorted, 95\u00a0% interval", NULL});
    if (lyapunov_resolved(l))
        lyapunov_put_cells(t, (const char *const[]){"resolved, 95\u00a0% interval", "which is",
                                                    "difference", NULL});
    for (size_t k = 0; k < lyapunov_sorted_count(l); k++) {
        fprintf(table_cell(t), "%zu", k + 1);
        lyapunov_put_exponent(table_cell(t), sorted(l, k)->value);
        if (!lyapunov_resolved(l))
            continue;
        const lyapunov_exponent *e = lyapunov_ranked(l, k);
        lyapunov_put_exponent(table_cell(t), e->value);
        put_exponent_name(table_cell(t), l, e);
        put_scaled(table_cell(t), sorted(l, k)->value.value - e->value.value);
    }
}

/* ---- 2: the attractor --------------------------------------------------------------------- */

static void put_divergence(FILE *f, const lyapunov_spectrum *l) {
    if (l->diverged == 0) {
        fputs("None of ", f);
        put_count(f, l->trajectories);
        fputs(" trajectories diverged.", f);
        return;
    }
    put_count(f, l->diverged);
    fputs(" of ", f);
    put_count(f, l->trajectories);
    fprintf(f, " trajectories diverged%s, ",
            l->diverged == l->trajectories ? "" : " before they were stopped");
    fputs(l->diverged == 1 ? "at step " : "at steps ", f);
    put_count(f, l->first_divergence);
    if (l->diverged > 1) {
        fputs(" to ", f);
        put_count(f, l->last_divergence);
        fputs(" (median ", f);
        put_count(f, l->median_divergence);
        fputs(")", f);
    }
    fputs(".", f);
}

static void attractor_headline(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const estimate largest = l->exponents[0].value;
    if (lyapunov_resolved(l))
        fprintf(f, "Inside %s, ", lyapunov_subspace_name(l));
    if (sign_of(largest) > 0) {
        fprintf(f, "%sn a chaotic set: neighbouring trajectories part exponentially, at ",
                lyapunov_resolved(l) ? "o" : "O");
        lyapunov_put_exponent(f, largest);
        fputs(" per step, a factor of 2 every ", f);
        put_scaled(f, log(2) / largest.value);
        fputs(" steps. ", f);
    } else {
        fprintf(f, "%s exponent is %s: ",
                lyapunov_resolved(l) ? "the largest longitudinal" : "The largest",
                sign_word(largest));
        lyapunov_put_exponent(f, largest);
        fputs(" per step. ", f);
    }
    put_divergence(f, l);
}

static void attractor_notes(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const experiment *x = l->plan->x;
    fputs("A point is drawn at the beginning of a window, and of these every so-many-th. ", f);
    if (l->diverged > 0)
        fputs("The motion is a long chaotic transient, not an attractor: trajectories end, and "
              "when is itself chaotic, so that the step of a divergence depends on the last bit of "
              "the start. Only its order of magnitude means anything. ",
              f);
    fputs("The first ", f);
    put_count(f, x->lyapunov.transient);
    fputs(" steps do not count, nor do the last ", f);
    put_count(f, x->lyapunov.tail);
    fputs(" of each trajectory, in which a divergence takes place.\n", f);
}

static void divergence_table(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const experiment *x = l->plan->x;
    uint64_t counting = 0;
    for (size_t i = 0; i < lyapunov_in(sum)->n; i++)
        counting += lyapunov_in(sum)->trajectories[i]->n_windows > 0;
    const struct {
        const char *what;
        uint64_t value;
    } rows[] = {
        {"trajectories", l->trajectories},
        {"steps, at most, of each", x->lyapunov.steps},
        {"diverged", l->diverged},
        {"step of the first divergence", l->first_divergence},
        {"step of the median divergence", l->median_divergence},
        {"step of the last divergence", l->last_divergence},
        {"cut at the beginning of each, steps", x->lyapunov.transient},
        {"cut at the end of each, steps", x->lyapunov.tail},
        {"steps run", l->steps},
        {"trajectories with a window between the cuts", counting},
        {"steps that count", l->used},
        {"batches for the intervals", l->batches},
    };
    table_columns(t, "lr");
    lyapunov_put_cells(t, (const char *const[]){"", "number", NULL});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const bool of_divergence = strncmp(rows[i].what, "step of", 7) == 0;
        fputs(rows[i].what, table_cell(t));
        FILE *f = table_cell(t);
        if (of_divergence && l->diverged == 0)
            fputs("–", f);
        else
            put_count(f, rows[i].value);
    }
}

/* ---- 3: whether the subspace attracts ------------------------------------------------------- */

static void transverse_headline(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const estimate e = lyapunov_transverse(l)->value;
    static const char *const answers[] = {"Yes, on average", "Not settled",
                                          "No: on average it repels"};
    fprintf(f, "%s. The largest transverse exponent is ", answers[1 + sign_of(e)]);
    lyapunov_put_exponent(f, e);
    fputs(" per step (n" HARD_SPACE "=" HARD_SPACE, f);
    put_count(f, l->used);
    fputs(" steps)", f);
    if (l->nudges > 0) {
        fputs("; actual nudges of ", f);
        put_eps(f, LYAPUNOV_NUDGE);
        fprintf(f, " off %s grew at ", lyapunov_subspace_name(l));
        lyapunov_put_exponent(f, l->nudge);
        fprintf(f, " per step over %" PRIu64 " steps (n" HARD_SPACE "=" HARD_SPACE "%zu runs)",
                lyapunov_longest(l), l->nudges);
    }
    fputs(".", f);
}

/* What runs that begin at a point of a trajectory are. */
static void put_restarts(FILE *f, const lyapunov_spectrum *l) {
    if (l->plan->restarts)
        fputs("All begin there as runs do, with the optimiser's state zero and the order of "
              "samples and the phases at step 0: they tell of tangents, not of the rest of the "
              "trajectory.\n",
              f);
}

static void transverse_notes(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    fputs("Evidence that the blocks are blocks: between two orthonormalisations, the largest part "
          "of a longitudinal tangent that training turned into a transverse one, or the other way "
          "round, was ",
          f);
    put_scaled(f, l->mixing);
    fputs(" of its length before or after, whichever is greater.\n", f);
    if (l->nudges > 0)
        fprintf(
            f,
            "Evidence that the tangent tells of actual runs: a run begun " LYAPUNOV_NUDGE
            " off %s, along the leading transverse direction, was trained under " LYAPUNOV_NUDGE_ARITHMETIC
            " and its distance from %s measured. Over the first %" PRIu64
            " steps its growth differs from the tangent's by at most %.0e per step.\n",
            lyapunov_subspace_name(l), lyapunov_subspace_name(l), lyapunov_shortest(l),
            l->nudge_difference);
    if (l->nudges > 0 && !l->plan->restarts)
        fprintf(f,
                "Over %" PRIu64 " steps the runs also count, each as one sample of the finite-time "
                "exponent, which is why that interval is wider.\n",
                lyapunov_longest(l));
    put_restarts(f, l);
    fputs("A riddled basin, in the sense of J. C. Alexander et al. (Int. J. Bifurcation Chaos 2 "
          "(1992) 795), takes a set that attracts on average, its largest transverse exponent "
          "being negative, though some stretches repel. ",
          f);
    if (sign_of(lyapunov_transverse(l)->value) > 0)
        fputs("These trajectories do not show one: the exponent is positive, though some stretches "
              "attract. How often a perturbation changes an outcome is another "
              "question, which a sweep answers.",
              f);
    else
        fputs("The exponent's sign is one of its conditions, not all of them.", f);
    fputs("\n", f);
}

/* Of both questions about nudges. */
static void nudge_rows(table *t, const lyapunov_spectrum *l) {
    fprintf(table_cell(t), "growth of an actual nudge per step, over %" PRIu64 " steps",
            lyapunov_longest(l));
    lyapunov_put_exponent(table_cell(t), l->nudge);
    fputs("runs with a nudge", table_cell(t));
    put_count(table_cell(t), l->nudges);
    fprintf(table_cell(t), "largest difference from the tangent per step, over %" PRIu64 " steps",
            lyapunov_shortest(l));
    put_scaled(table_cell(t), l->nudges > 0 ? l->nudge_difference : NAN);
}

static void evidence_table(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    table_columns(t, "lr");
    lyapunov_put_cells(t, (const char *const[]){"", "value", NULL});
    fputs("largest transverse exponent per step, from tangents", table_cell(t));
    lyapunov_put_exponent(table_cell(t), lyapunov_transverse(l)->value);
    nudge_rows(t, l);
    fputs("largest part of a tangent that left its block, relative", table_cell(t));
    put_scaled(table_cell(t), l->mixing);
}

/* ---- 4: without a subspace, whether a nudge grows as its tangent --------------------------- */

static void nudge_headline(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    if (l->nudges == 0) {
        fputs("Not known: no run with a nudge lasted.", f);
        return;
    }
    fputs("Actual nudges of ", f);
    put_eps(f, LYAPUNOV_NUDGE);
    fputs(" in the leading direction grew at ", f);
    lyapunov_put_exponent(f, l->nudge);
    fprintf(f,
            " per step over %" PRIu64 " steps (n" HARD_SPACE "=" HARD_SPACE
            "%zu runs), and over the first %" PRIu64
            " as their tangents did, with a difference of at most %.0e per step.",
            lyapunov_longest(l), l->nudges, lyapunov_shortest(l), l->nudge_difference);
}

static void nudge_notes(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    fputs(
        "From the end of the transient of each trajectory two runs were trained under " LYAPUNOV_NUDGE_ARITHMETIC
        ", one from the trajectory's parameters, the other from " LYAPUNOV_NUDGE
        " off them along the leading tangent's, and their distance measured: "
        "growth that no derivative enters.\n",
        f);
    if (!l->plan->restarts)
        fputs("Each counts as one sample of the finite-time exponent.\n", f);
    put_restarts(f, l);
}

static void nudge_table(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    table_columns(t, "lr");
    lyapunov_put_cells(t, (const char *const[]){"", "value", NULL});
    fputs("largest exponent per step, from tangents", table_cell(t));
    lyapunov_put_exponent(table_cell(t), l->exponents[0].value);
    nudge_rows(t, l);
}

/* ---- 5: finite times ---------------------------------------------------------------------- */

/* `25.3 % [..] of windows of T = 32 steps (n = ..), ...`, or the shares alone. */
static void put_shares(FILE *f, const lyapunov_spectrum *l, const lyapunov_exponent *e,
                       bool lengths) {
    size_t chosen[LYAPUNOV_SHOWN];
    const size_t n = lyapunov_choose(l, chosen);
    for (size_t i = 0; i < n; i++) {
        const lyapunov_finite *finite = &e->finite[chosen[i]];
        fputs(i == 0 ? "" : i + 1 < n ? ", " : " and ", f);
        put_percent(f, finite->positive_fraction);
        if (!lengths)
            continue;
        fprintf(f, " of %sT" HARD_SPACE "=" HARD_SPACE "%" PRIu64 "%s (n" HARD_SPACE "=" HARD_SPACE,
                i == 0 ? "windows of " : "", finite->steps, i == 0 ? " steps" : "");
        put_count(f, finite->n);
        fputs(")", f);
    }
}

static void finite_headline(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const lyapunov_exponent *third = lyapunov_third(l), *transverse = lyapunov_transverse(l);
    fputs("The ", f);
    put_exponent_name(f, l, third);
    fprintf(f, " exponent%s is positive in ",
            lyapunov_resolved(l) && lyapunov_sorted_count(l) > 2 ? ", third of the sorted list,"
                                                                 : "");
    put_shares(f, l, third, true);
    if (transverse && transverse != third) {
        fputs("; the largest transverse one in ", f);
        put_shares(f, l, transverse, false);
    }
    fputs(".", f);
}

static void finite_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs("A finite-time exponent is the growth rate over one window of T steps. Windows do not "
          "overlap, but neighbouring ones are correlated: the 95\u00a0% intervals are Wilson's for "
          "n reduced by the design effect of the batches.\n",
          f);
}

static void finite_table(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    table_columns(t, "l");
    for (size_t w = 0; w < lyapunov_window_lengths(l); w++)
        table_columns(t, "r");
    lyapunov_put_cells(t, (const char *const[]){"exponent", NULL});
    for (size_t w = 0; w < lyapunov_window_lengths(l); w++) {
        FILE *f = table_cell(t);
        fprintf(f,
                "positive, T" HARD_SPACE "=" HARD_SPACE "%" PRIu64 "\nn" HARD_SPACE "=" HARD_SPACE,
                l->exponents[0].finite[w].steps);
        put_count(f, l->exponents[0].finite[w].n);
    }
    for (size_t k = 0; k < lyapunov_resolved_count(l); k++) {
        const lyapunov_exponent *e = lyapunov_ranked(l, k);
        put_exponent_name(table_cell(t), l, e);
        for (size_t w = 0; w < lyapunov_window_lengths(l); w++)
            put_percent(table_cell(t), e->finite[w].positive_fraction);
    }
}

/* ---- 6: inverse variance ------------------------------------------------------------------ */

static void memory_headline(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    const lyapunov_exponent *third = lyapunov_third(l);
    if (isnan(third->slope.value)) {
        fputs("Not known: that takes windows of two lengths or more.", f);
        return;
    }
    fputs("For the ", f);
    put_exponent_name(f, l, third);
    fputs(" exponent 1/variance grows by ", f);
    put_scaled_estimate(f, third->slope);
    fputs(" for every step of T", f);
    if (lyapunov_window_lengths(l) < 3) {
        fputs("; two lengths cannot show whether in a straight line.", f);
        return;
    }
    fputs("; a straight line explains ", f);
    put_number(f, 100 * third->r2, 2);
    double least = 1;
    for (size_t k = 0; k < lyapunov_resolved_count(l); k++)
        least = fmin(least, lyapunov_ranked(l, k)->r2);
    fputs(NARROW_SPACE "% of it, and at least ", f);
    put_number(f, 100 * least, 2);
    fputs(NARROW_SPACE "% for every exponent.", f);
}

static void memory_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs(
        "The variance is the mean squared fluctuation of a finite-time exponent about its mean. If what training "
        "does to a tangent is forgotten within fewer steps than T, growth adds up like "
        "independent terms and 1/variance grows linearly with T. The line is that of least "
        "squares, all lengths counting alike; slopes and variances have 95\u00a0% bootstrap "
        "intervals over batches. A straight line for an exponent says nothing about the subspace "
        "it belongs to.\n",
        f);
}

static void memory_table(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    table_columns(t, "lrr");
    for (size_t w = 0; w < lyapunov_window_lengths(l); w++)
        table_columns(t, "r");
    lyapunov_put_cells(t, (const char *const[]){"exponent", "slope, 95\u00a0% interval",
                                                "explained by the line", NULL});
    for (size_t w = 0; w < lyapunov_window_lengths(l); w++)
        fprintf(table_cell(t), "1/variance, T" HARD_SPACE "=" HARD_SPACE "%" PRIu64,
                l->exponents[0].finite[w].steps);
    for (size_t k = 0; k < lyapunov_resolved_count(l); k++) {
        const lyapunov_exponent *e = lyapunov_ranked(l, k);
        put_exponent_name(table_cell(t), l, e);
        put_scaled_estimate(table_cell(t), e->slope);
        FILE *f = table_cell(t);
        if (isnan(e->r2))
            fputs("–", f);
        else {
            put_number(f, 100 * e->r2, 2);
            fputs(NARROW_SPACE "%", f);
        }
        for (size_t w = 0; w < lyapunov_window_lengths(l); w++) {
            const estimate v = e->finite[w].variance;
            put_scaled_estimate(table_cell(t), (estimate){1 / v.value, 1 / v.high, 1 / v.low});
        }
    }
}

/* ---- the questions ------------------------------------------------------------------------ */

const question lyapunov_questions[] = {
    {"spectrum",
     "What are the Lyapunov exponents, and whose are they?",
     spectrum_headline,
     spectrum_notes,
     {{&figure_spectrum,
       "Lyapunov exponents with 95\u00a0% intervals. Below, the sorted list; above, resolved by "
       "invariant subspace. Dotted: exponents of the same rank.",
       NULL, NULL},
      {NULL, NULL, spectrum_table, "The sorted list beside the resolved spectrum"}}},
    {"attractor",
     "Where does training go?",
     attractor_headline,
     attractor_notes,
     {{&figure_attractor,
       "The trajectories, by step. Coordinates along the first two directions; for the model of "
       "four weights (w1, w2, v1, v2) within P+ these are e1 = (1, 1, 0, 0)/√2 and "
       "e2 = (0, 0, 1, 1)/√2, the whole of the plane.",
       divergence_table, "Trajectories and where they diverged"}}},
    {"transverse",
     "Does the subspace attract?",
     transverse_headline,
     transverse_notes,
     {{&figure_nudge,
       "Growth of an actual nudge off the subspace, against that of its tangent. One point a "
       "trajectory, over the shortest window. Dashed: equality.",
       NULL, NULL},
      {NULL, NULL, evidence_table, "The evidence"}}},
    {"nudge",
     "Does an actual nudge grow as its tangent?",
     nudge_headline,
     nudge_notes,
     {{&figure_nudge,
       "Growth of an actual nudge in the leading direction, against that of its tangent. One point "
       "a trajectory, over the shortest window. Dashed: equality.",
       nudge_table, "The evidence"}}},
    {"finite",
     "How often has an exponent the other sign for a while?",
     finite_headline,
     finite_notes,
     {{&figure_finite,
       "Distributions of finite-time exponents over windows of T steps. What lies to the right of "
       "0 is the positive fraction.",
       NULL, NULL},
      {NULL, NULL, finite_table, "Share of windows with a positive exponent"}}},
    {"memory",
     "Do the fluctuations average out over longer times?",
     memory_headline,
     memory_notes,
     {{&figure_memory,
       "Inverse variance of the finite-time exponents against T. Dashed: the line of least "
       "squares.",
       memory_table, "Inverse variance of the finite-time exponents"}}},
    {0},
};

bool lyapunov_asks(const summary *sum, const question *q) {
    return strcmp(q->id, lyapunov_resolved(lyapunov_spectrum_of(sum)) ? "nudge" : "transverse") !=
           0;
}
