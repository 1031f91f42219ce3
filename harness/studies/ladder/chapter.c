/* SPDX-License-Identifier: MIT */
/* chapter.c - what a report says of a ladder: both halves, the plateau and the cliff.
 *
 * No share is written without its n, no slope without its interval.
 */
#include "studies/ladder/report.h"
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- what to look at ---------------------------------------------------------------------- */

/* Iteration: the element after the given one, the first after NULL, NULL after the last. */
const ladder_comparison *ladder_next_comparison(const summary *sum, const ladder_comparison *v) {
    const ladder *l = ladder_in(sum);
    v = v ? v + 1 : l->comparisons;
    return l->reference && v < l->comparisons + l->n_comparisons ? v : NULL;
}

const ladder_point *ladder_next_point(const ladder_comparison *v, const ladder_point *p) {
    p = p ? p + 1 : v->points;
    return p && p < v->points + v->n_points ? p : NULL;
}

const ladder_point *ladder_point_named(const ladder_comparison *v, const char *name) {
    for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));)
        if (strcmp(p->arithmetic, name) == 0)
            return p;
    return NULL;
}

static const ladder_point *last_plain(const ladder_comparison *v) {
    const ladder_point *last = NULL;
    for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));)
        if (p->plain)
            last = p;
    return last;
}

static const ladder_point *first_plain(const ladder_comparison *v) {
    for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));)
        if (p->plain)
            return p;
    return NULL;
}

ladder_range ladder_plateau_of(const ladder_comparison *v) {
    ladder_range r = {0};
    for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));)
        if (p->plateau) {
            r.from = r.from ? r.from : p;
            r.to = p;
            r.n++;
        }
    return r;
}

/* The comparison that stands for the experiment; NULL: no two arithmetics have runs of one start.
 */
const ladder_comparison *ladder_main_comparison(const summary *sum) {
    const ladder *l = ladder_in(sum);
    return l->reference && first_plain(&l->comparisons[l->main]) ? &l->comparisons[l->main] : NULL;
}

static estimate percent(estimate e) {
    return (estimate){100 * e.value, 100 * e.low, 100 * e.high};
}

/* The plateau's mean in per cent. Where no start differs a bootstrap sees no spread; as many starts
 * of which none differs at any of its precisions have Wilson's interval. */
estimate ladder_mean_of(const ladder_comparison *v) {
    const ladder_point *p = ladder_plateau_of(v).from;
    return percent(p && v->plateau.value == 0 ? stats_share(0, p->n) : v->plateau);
}

void ladder_put_steps(FILE *f, const ladder_comparison *v) {
    put_count(f, v->steps);
    fputs(HARD_SPACE "steps", f);
}

static void put_n(FILE *f, uint64_t n) {
    fputs("n" HARD_SPACE "=" HARD_SPACE, f);
    put_count(f, n);
}

static void put_point(FILE *f, const ladder_point *p) {
    put_share(f, p->differ, p->n);
    fputs(" (", f);
    put_n(f, p->n);
    fputs(")", f);
}

void ladder_put_nothing(FILE *f) {
    fputs("No start has been run under two arithmetics yet, so there is nothing to compare.", f);
}

/* ---- 1: the outcome ------------------------------------------------------------------------ */

void ladder_put_plateau(FILE *f, const ladder_comparison *v) {
    const ladder_range r = ladder_plateau_of(v);
    if (r.n == 1)
        fprintf(f, "at %d" BITS, r.from->bits);
    else
        fprintf(f, "from %d to %d" BITS, r.from->bits, r.to->bits);
}

/* Where no start differs any more, or what is left at the highest precision. */
void ladder_put_cliff(FILE *f, const ladder_comparison *v) {
    const ladder_point *last = last_plain(v);
    if (v->resolved_from == 0) {
        fprintf(f, "at %d" BITS " it is still ", last->bits);
        put_point(f, last);
        return;
    }
    for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));)
        if (p->plain && p->bits == v->resolved_from) {
            fprintf(f, "%s %d" BITS "%s no start differs: ", p == last ? "at" : "from", p->bits,
                    p == last ? "" : " on");
            put_point(f, p);
            return;
        }
}

/* Both halves in one word or two. */
static const char *verdict(const ladder_comparison *v) {
    const bool resolved = v->resolved_from > 0, falls = v->slope.low > 0;
    if (resolved)
        return falls ? "Slowly below a horizon, wholly beyond it"
                     : "Not measurably below a horizon, wholly beyond it";
    return falls ? "Slowly, as far as the precisions run here go"
                 : "Not measurably, as far as the precisions run here go";
}

static void outcome_headline(FILE *f, const summary *sum) {
    const ladder_comparison *v = ladder_main_comparison(sum);
    if (!v) {
        ladder_put_nothing(f);
        return;
    }
    if (ladder_plateau_of(v).n == 0) {
        fputs("No plateau is visible. After ", f);
        ladder_put_steps(f, v);
        fprintf(f, ", at %d" BITS ", ", first_plain(v)->bits);
        put_point(f, first_plain(v));
        fprintf(f, " end otherwise than under %s; ", ladder_in(sum)->reference);
        ladder_put_cliff(f, v);
        fputs(".", f);
        return;
    }
    fprintf(f, "%s. After ", verdict(v));
    ladder_put_steps(f, v);
    fputs(", ", f);
    ladder_put_plateau(f, v);
    fputs(", ", f);
    put_estimate(f, ladder_mean_of(v), 1, NARROW_SPACE "%");
    fprintf(f, " of starts (");
    put_n(f, ladder_plateau_of(v).from->n);
    fprintf(f, ") end otherwise than under %s; ", ladder_in(sum)->reference);
    ladder_put_cliff(f, v);
    fputs(".", f);
}

/* What is left of the plateau is no part of it. */
static void put_coarse(FILE *f, const ladder_comparison *v) {
    const ladder_point *p = first_plain(v);
    if (p->bits >= LADDER_FEWEST_BITS)
        return;
    fprintf(f, "Coarser formats are no part of the plateau; at %d" BITS " the share is ", p->bits);
    put_point(f, p);
    fputs(".\n", f);
}

/* A reference that the prediction puts below the horizon decides nothing itself. */
static void put_doubt(FILE *f, const summary *sum, const ladder_comparison *v) {
    if (!(v->predicted.value >= ladder_in(sum)->reference_bits))
        return;
    fputs("After ", f);
    ladder_put_steps(f, v);
    fprintf(f,
            " the predicted horizon, %.0f" BITS ", is beyond the reference itself (%d" BITS
            "): there the shares compare two runs that rounding has decided.\n",
            v->predicted.value, ladder_in(sum)->reference_bits);
}

static void outcome_notes(FILE *f, const summary *sum) {
    const ladder_comparison *v = ladder_main_comparison(sum);
    if (!v)
        return;
    fprintf(f,
            "The same starts are trained under every arithmetic, and the outcome of each run is "
            "compared with that of the same start under the most precise one, %s. Brackets are "
            "95\u00a0%% Wilson intervals, those of means over several precisions percentiles of a "
            "bootstrap over starts, because all precisions share their starts; for the same reason "
            "the points of a curve are not independent of each other.\n",
            ladder_in(sum)->reference);
    fputs("The curve is of arithmetics that sum in index order. Its plateau is what lies between "
          "24\u00a0bits and 0.6 times the measured horizon. The two halves belong together: that "
          "higher precision hardly helps, as has been published of such training, can be said of "
          "the plateau only; that it decides, only of precisions beyond the horizon, which moves "
          "out with every step. Where no start of n differs the interval says how many still "
          "may.\n",
          f);
    put_coarse(f, v);
    for (const ladder_comparison *each = NULL; (each = ladder_next_comparison(sum, each));)
        put_doubt(f, sum, each);
}

/* The point of the given row: all arithmetics in order of first appearance, comparison by
 * comparison. NULL: past the last. */
const ladder_point *ladder_row_at(const summary *sum, size_t wanted) {
    size_t found = 0;
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));)
        for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));) {
            bool seen = false;
            for (const ladder_comparison *w = NULL;
                 !seen && (w = ladder_next_comparison(sum, w)) != v;)
                seen = ladder_point_named(w, p->arithmetic);
            if (!seen && found++ == wanted)
                return p;
        }
    return NULL;
}

static void outcome_table(table *t, const summary *sum) {
    const ladder_point *row;
    table_columns(t, "lr");
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));)
        table_columns(t, "r");
    fputs("arithmetic", table_cell(t));
    fputs("bits", table_cell(t));
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));) {
        FILE *f = table_cell(t);
        fputs("after ", f);
        ladder_put_steps(f, v);
    }
    for (size_t i = 0; (row = ladder_row_at(sum, i)); i++) {
        fprintf(table_cell(t), "%s%s", row->arithmetic, row->strict ? "" : NARROW_SPACE "‡");
        fprintf(table_cell(t), "%d", row->bits);
        for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));) {
            FILE *f = table_cell(t);
            const ladder_point *p = ladder_point_named(v, row->arithmetic);
            if (!p) {
                fputs("–", f);
                continue;
            }
            put_share(f, p->differ, p->n);
            fputs(p->plateau ? NARROW_SPACE "*\n" : "\n", f);
            put_ratio(f, p->differ, p->n);
        }
    }
}

/* ---- 2: bits to halve ---------------------------------------------------------------------- */

static void put_halving(FILE *f, const ladder_comparison *v) {
    const estimate e = v->bits_to_halve;
    if (isinf(e.low))
        fputs("no number of further bits is known to halve the share: it does not shrink with "
              "precision",
              f);
    else if (e.low <= 0)
        fputs("too few starts differ to say how many further bits halve the share", f);
    else if (isinf(e.high)) {
        fputs("at least ", f);
        put_number(f, e.low, e.low < 10 ? 1 : 0);
        fputs(" further bits halve the share, and it cannot be distinguished from never, as the "
              "interval of φ includes 0",
              f);
    } else {
        put_estimate(f, e, 0, "");
        fputs(" further bits halve the share", f);
    }
}

static void halve_headline(FILE *f, const summary *sum) {
    const ladder_comparison *v = ladder_main_comparison(sum);
    if (!v) {
        ladder_put_nothing(f);
        return;
    }
    if (isnan(v->slope.phi) || isnan(v->bits_to_halve.low)) {
        fputs("Unknown: that takes at least two precisions on the plateau, and starts "
              "that differ.",
              f);
        return;
    }
    fputs("On the plateau, ", f);
    ladder_put_plateau(f, v);
    fputs(" after ", f);
    ladder_put_steps(f, v);
    fputs(", ", f);
    put_halving(f, v);
    if (isfinite(v->half.value)) {
        fputs("; the cliff does it all the same: half of the plateau is gone at ", f);
        put_estimate(f, v->half, 0, BITS);
    }
    fputs(".", f);
}

static void halve_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs("On the plateau the share is taken to go like 2^(−φ·bits), with φ by maximum likelihood "
          "on the counts; 1/φ further bits halve it, one where φ" HARD_SPACE "=" HARD_SPACE
          "1. The interval, from a bootstrap over starts, says nothing of whether that is the "
          "right law, and none of it holds beyond the plateau. ∞: the interval of φ reaches 0.\n"
          "Half of the plateau is gone where the decreasing curve nearest to the points, linear "
          "between them, has fallen to half of the plateau's mean; this is no finer than the "
          "precisions that were run.\n",
          f);
}

static void halve_table(table *t, const summary *sum) {
    static const char *const heads[] = {"steps",
                                        "plateau, bits",
                                        "precisions",
                                        "mean share, 95\u00a0% interval",
                                        "φ, 95\u00a0% interval",
                                        "bits to halve",
                                        "half of it gone at, bits"};
    table_heads(t, "rrrrrrr", heads);
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));) {
        const ladder_range r = ladder_plateau_of(v);
        put_count(table_cell(t), v->steps);
        FILE *f = table_cell(t);
        if (r.n > 1)
            fprintf(f, "%d–%d", r.from->bits, r.to->bits);
        else if (r.n == 1)
            fprintf(f, "%d", r.from->bits);
        else
            fputs("–", f);
        fprintf(table_cell(t), "%zu", r.n);
        put_estimate(table_cell(t), ladder_mean_of(v), 1, NARROW_SPACE "%");
        put_estimate(table_cell(t), (estimate){v->slope.phi, v->slope.low, v->slope.high}, 0, "");
        put_estimate(table_cell(t), v->bits_to_halve, 0, "");
        put_estimate(table_cell(t), v->half, 0, "");
    }
}

/* ---- 3: the horizon ------------------------------------------------------------------------ */

static bool apart(estimate a, estimate b) {
    return a.low > b.high || b.low > a.high;
}

/* The predicted bits of horizon per step. */
static estimate predicted_per_step(const summary *sum) {
    const estimate e = ladder_in(sum)->lambda;
    return (estimate){e.value / log(2), e.low / log(2), e.high / log(2)};
}

static void put_against(FILE *f, estimate found, estimate predicted, const char *unit) {
    put_estimate(f, found, 0, unit);
    if (isnan(predicted.value))
        return;
    fputs(" (predicted: ", f);
    put_estimate(f, predicted, 0, unit);
    fprintf(f, "; the intervals %s)", apart(found, predicted) ? "are apart" : "overlap");
}

static void horizon_headline(FILE *f, const summary *sum) {
    const ladder_comparison *v = ladder_main_comparison(sum);
    if (!v) {
        ladder_put_nothing(f);
        return;
    }
    if (isnan(v->horizon.value)) {
        fputs("The horizon is not measured: under no precision below the reference's do runs stay "
              "close to it",
              f);
        if (isfinite(v->predicted.value)) {
            fputs("; predicted after ", f);
            ladder_put_steps(f, v);
            fputs(" are ", f);
            put_estimate(f, v->predicted, 0, BITS);
        }
        fputs(".", f);
        return;
    }
    fputs("After ", f);
    ladder_put_steps(f, v);
    fputs(", at ", f);
    put_against(f, v->horizon, v->predicted, BITS);
    if (!isnan(ladder_in(sum)->horizon_per_step.value)) {
        fputs(". Each further step costs ", f);
        put_against(f, ladder_in(sum)->horizon_per_step, predicted_per_step(sum), BITS);
    }
    fputs(".", f);
}

static void horizon_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs("A rounding error of 2^−p grows by a factor e^λ₁ a step, so that after T steps it has "
          "reached the size of the weights when p is below λ₁T/ln\u00a02: the predicted horizon. "
          "λ₁ is the largest Lyapunov exponent over the training from these starts, from tangents "
          "in binary64, the mean over runs that do not diverge; where the numbers of steps differ, "
          "it is that of the experiment's own.\n"
          "The measured horizon takes no exponent and no outcome: it is p plus the binary "
          "logarithm of the distance of the final weights from those of the reference, relative to "
          "their norm, at the highest precision below the reference's, as long as that distance is "
          "below 2^−10: the bits that a run has lost. It is the median over the n starts of which "
          "that is known, with a bootstrap interval over starts; half of them lose more bits "
          "and half fewer, so that the share falls before the horizon, and some outcomes may "
          "differ beyond it. The prediction leaves out how rounding errors add up over the steps, "
          "is a mean where this is a median, and leaves out runs that diverge; intervals that are "
          "apart are to be expected where they are narrow.\n"
          "Bits per step are the least-squares slope of the measured horizon over the numbers of "
          "steps.\n",
          f);
}

static void horizon_table(table *t, const summary *sum) {
    static const char *const heads[] = {"steps",
                                        "horizon, measured, bits",
                                        "n",
                                        "predicted, λ₁T/ln\u00a02, bits",
                                        "half of the plateau gone at, bits",
                                        "no start differs from, bits"};
    table_heads(t, "rrrrrr", heads);
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));) {
        put_count(table_cell(t), v->steps);
        put_estimate(table_cell(t), v->horizon, 0, "");
        put_count(table_cell(t), v->n_horizon);
        put_estimate(table_cell(t), v->predicted, 0, "");
        put_estimate(table_cell(t), v->half, 0, "");
        FILE *f = table_cell(t);
        if (v->resolved_from > 0)
            fprintf(f, "%d", v->resolved_from);
        else
            fputs("–", f);
    }
}

static void rate_table(table *t, const summary *sum) {
    table_columns(t, "lr");
    fputs("quantity", table_cell(t));
    fputs("value, 95\u00a0% interval", table_cell(t));
    fputs("largest Lyapunov exponent λ₁, per step", table_cell(t));
    put_estimate(table_cell(t), ladder_in(sum)->lambda, 0, "");
    fputs("predicted, λ₁/ln\u00a02, bits per step", table_cell(t));
    put_estimate(table_cell(t), predicted_per_step(sum), 0, "");
    fputs("measured, bits per step", table_cell(t));
    put_estimate(table_cell(t), ladder_in(sum)->horizon_per_step, 0, "");
}

/* ---- the questions ------------------------------------------------------------------------- */

const question ladder_questions[] = {
    {"outcome",
     "Does more precision decide the outcome?",
     outcome_headline,
     outcome_notes,
     {{&figure_share,
       "Share of starts whose outcome differs from the reference's, against precision. One panel "
       "for each number of steps. Below the axis: none differs; the bar ends where the interval "
       "does. Hollow: other ways to sum, set aside to the right for legibility. Grey band: "
       "95\u00a0% interval of the measured horizon.",
       outcome_table,
       "Starts whose outcome differs, by arithmetic (*: on the plateau; ‡: promises no bits)"}}},
    {"halve",
     "How many more bits halve it?",
     halve_headline,
     halve_notes,
     {{NULL, NULL, halve_table, "The plateau, by number of steps"}}},
    {"horizon",
     "Where does precision begin to resolve outcomes?",
     horizon_headline,
     horizon_notes,
     {{&figure_horizon,
       "Horizon against the number of steps. Dashed: λ₁T/ln\u00a02, the prediction, and its "
       "interval. Hollow: the precision at which half of the plateau is gone.",
       horizon_table, "Horizons, measured and predicted"},
      {NULL, NULL, rate_table, "What a further step costs"}}},
    {0},
};
