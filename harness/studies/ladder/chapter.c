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

#define BITS HARD_SPACE "bits"

/* ---- what to look at ---------------------------------------------------------------------- */

/* Iteration: the element after the given one, the first after NULL, NULL after the last. */
static const ladder_comparison *next_comparison(const summary *sum, const ladder_comparison *v) {
    const ladder *l = ladder_in(sum);
    v = v ? v + 1 : l->comparisons;
    return l->reference && v < l->comparisons + l->n_comparisons ? v : NULL;
}

static const ladder_point *next_point(const ladder_comparison *v, const ladder_point *p) {
    p = p ? p + 1 : v->points;
    return p && p < v->points + v->n_points ? p : NULL;
}

static const ladder_point *point_named(const ladder_comparison *v, const char *name) {
    for (const ladder_point *p = NULL; (p = next_point(v, p));)
        if (strcmp(p->arithmetic, name) == 0)
            return p;
    return NULL;
}

static const ladder_point *last_plain(const ladder_comparison *v) {
    const ladder_point *last = NULL;
    for (const ladder_point *p = NULL; (p = next_point(v, p));)
        if (p->plain)
            last = p;
    return last;
}

static const ladder_point *first_plain(const ladder_comparison *v) {
    for (const ladder_point *p = NULL; (p = next_point(v, p));)
        if (p->plain)
            return p;
    return NULL;
}

/* The points of the plateau's fit: the first, the last, and how many. */
typedef struct range {
    const ladder_point *from, *to;
    size_t n;
} range;

static range plateau_of(const ladder_comparison *v) {
    range r = {0};
    for (const ladder_point *p = NULL; (p = next_point(v, p));)
        if (p->plateau) {
            r.from = r.from ? r.from : p;
            r.to = p;
            r.n++;
        }
    return r;
}

/* The comparison that stands for the experiment; NULL: no two arithmetics have runs of one start.
 */
static const ladder_comparison *main_comparison(const summary *sum) {
    const ladder *l = ladder_in(sum);
    return l->reference && first_plain(&l->comparisons[l->main]) ? &l->comparisons[l->main] : NULL;
}

static estimate percent(estimate e) {
    return (estimate){100 * e.value, 100 * e.low, 100 * e.high};
}

/* The plateau's mean in per cent. Where no start differs a bootstrap sees no spread; as many starts
 * of which none differs at any of its precisions have Wilson's interval. */
static estimate mean_of(const ladder_comparison *v) {
    const ladder_point *p = plateau_of(v).from;
    return percent(p && v->plateau.value == 0 ? stats_share(0, p->n) : v->plateau);
}

static void put_steps(FILE *f, const ladder_comparison *v) {
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

static void put_nothing(FILE *f) {
    fputs("No start has been run under two arithmetics yet, so there is nothing to compare.", f);
}

/* ---- 1: the outcome ------------------------------------------------------------------------ */

static void put_plateau(FILE *f, const ladder_comparison *v) {
    const range r = plateau_of(v);
    if (r.n == 1)
        fprintf(f, "at %d" BITS, r.from->bits);
    else
        fprintf(f, "from %d to %d" BITS, r.from->bits, r.to->bits);
}

/* Where no start differs any more, or what is left at the highest precision. */
static void put_cliff(FILE *f, const ladder_comparison *v) {
    const ladder_point *last = last_plain(v);
    if (v->resolved_from == 0) {
        fprintf(f, "at %d" BITS " it is still ", last->bits);
        put_point(f, last);
        return;
    }
    for (const ladder_point *p = NULL; (p = next_point(v, p));)
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
    const ladder_comparison *v = main_comparison(sum);
    if (!v) {
        put_nothing(f);
        return;
    }
    if (plateau_of(v).n == 0) {
        fputs("No plateau is visible. After ", f);
        put_steps(f, v);
        fprintf(f, ", at %d" BITS ", ", first_plain(v)->bits);
        put_point(f, first_plain(v));
        fprintf(f, " end otherwise than under %s; ", ladder_in(sum)->reference);
        put_cliff(f, v);
        fputs(".", f);
        return;
    }
    fprintf(f, "%s. After ", verdict(v));
    put_steps(f, v);
    fputs(", ", f);
    put_plateau(f, v);
    fputs(", ", f);
    put_estimate(f, mean_of(v), 1, NARROW_SPACE "%");
    fprintf(f, " of starts (");
    put_n(f, plateau_of(v).from->n);
    fprintf(f, ") end otherwise than under %s; ", ladder_in(sum)->reference);
    put_cliff(f, v);
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
    put_steps(f, v);
    fprintf(f,
            " the predicted horizon, %.0f" BITS ", is beyond the reference itself (%d" BITS
            "): there the shares compare two runs that rounding has decided.\n",
            v->predicted.value, ladder_in(sum)->reference_bits);
}

static void outcome_notes(FILE *f, const summary *sum) {
    const ladder_comparison *v = main_comparison(sum);
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
    for (const ladder_comparison *each = NULL; (each = next_comparison(sum, each));)
        put_doubt(f, sum, each);
}

/* The point of the given row: all arithmetics in order of first appearance, comparison by
 * comparison. NULL: past the last. */
static const ladder_point *row_at(const summary *sum, size_t wanted) {
    size_t found = 0;
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));)
        for (const ladder_point *p = NULL; (p = next_point(v, p));) {
            bool seen = false;
            for (const ladder_comparison *w = NULL; !seen && (w = next_comparison(sum, w)) != v;)
                seen = point_named(w, p->arithmetic);
            if (!seen && found++ == wanted)
                return p;
        }
    return NULL;
}

static void outcome_table(table *t, const summary *sum) {
    const ladder_point *row;
    table_columns(t, "lr");
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));)
        table_columns(t, "r");
    fputs("arithmetic", table_cell(t));
    fputs("bits", table_cell(t));
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));) {
        FILE *f = table_cell(t);
        fputs("after ", f);
        put_steps(f, v);
    }
    for (size_t i = 0; (row = row_at(sum, i)); i++) {
        fprintf(table_cell(t), "%s%s", row->arithmetic, row->strict ? "" : NARROW_SPACE "‡");
        fprintf(table_cell(t), "%d", row->bits);
        for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));) {
            FILE *f = table_cell(t);
            const ladder_point *p = point_named(v, row->arithmetic);
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
    const ladder_comparison *v = main_comparison(sum);
    if (!v) {
        put_nothing(f);
        return;
    }
    if (isnan(v->slope.phi) || isnan(v->bits_to_halve.low)) {
        fputs("Unknown: that takes at least two precisions on the plateau, and starts "
              "that differ.",
              f);
        return;
    }
    fputs("On the plateau, ", f);
    put_plateau(f, v);
    fputs(" after ", f);
    put_steps(f, v);
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
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));) {
        const range r = plateau_of(v);
        put_count(table_cell(t), v->steps);
        FILE *f = table_cell(t);
        if (r.n > 1)
            fprintf(f, "%d–%d", r.from->bits, r.to->bits);
        else if (r.n == 1)
            fprintf(f, "%d", r.from->bits);
        else
            fputs("–", f);
        fprintf(table_cell(t), "%zu", r.n);
        put_estimate(table_cell(t), mean_of(v), 1, NARROW_SPACE "%");
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
    const ladder_comparison *v = main_comparison(sum);
    if (!v) {
        put_nothing(f);
        return;
    }
    if (isnan(v->horizon.value)) {
        fputs("The horizon is not measured: under no precision below the reference's do runs stay "
              "close to it",
              f);
        if (isfinite(v->predicted.value)) {
            fputs("; predicted after ", f);
            put_steps(f, v);
            fputs(" are ", f);
            put_estimate(f, v->predicted, 0, BITS);
        }
        fputs(".", f);
        return;
    }
    fputs("After ", f);
    put_steps(f, v);
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
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));) {
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

static const question questions[] = {
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

/* ---- in short ------------------------------------------------------------------------------ */

static void lede(FILE *f, const summary *sum) {
    const ladder_comparison *v = main_comparison(sum);
    if (!v) {
        put_nothing(f);
        return;
    }
    put_count(f, ladder_in(sum)->starts);
    fprintf(f, " starts under arithmetics of %d to %d" BITS ", compared after ", v->points[0].bits,
            ladder_in(sum)->reference_bits);
    put_steps(f, v);
    if (plateau_of(v).n > 0) {
        fputs(": a plateau ", f);
        put_plateau(f, v);
        fputs(", where ", f);
        put_estimate(f, mean_of(v), 1, NARROW_SPACE "%");
        fputs(" of outcomes differ", f);
    }
    fputs("; ", f);
    put_cliff(f, v);
    if (isfinite(v->horizon.value)) {
        fputs("; horizon at ", f);
        put_estimate(f, v->horizon, 0, BITS);
    }
    fputs(".", f);
}

/* How many starts there are to compare after all numbers of steps, and how many can be. */
static void count_compared(const summary *sum, uint64_t *have, uint64_t *want) {
    const ladder *l = ladder_in(sum);
    const experiment *x = sum->store->x;
    *have = 0;
    *want = (uint64_t)(x->n_arithmetics - 1) * x->ladder.starts * l->n_comparisons;
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));)
        for (unsigned i = 0; i < x->n_arithmetics; i++) {
            const ladder_point *p = point_named(v, x->arithmetics[i]);
            *have += p ? p->n : 0;
        }
}

static void incomplete(FILE *f, const summary *sum) {
    uint64_t have, want;
    count_compared(sum, &have, &want);
    if (have >= want)
        return;
    fputs("Incomplete: the store has ", f);
    put_count(f, have);
    fputs(" of ", f);
    put_count(f, want);
    fputs(" runs to compare with the reference. Everything here is about those it has.", f);
}

/* `33.3% [10,70] 2/6`; beside other comparisons, which have the same n, without the counts. */
static void put_differing(FILE *f, const summary *sum, const ladder_point *p) {
    fprintf(f, "%.1f%% [%.0f,%.0f]", 100 * p->fraction.value, 100 * p->fraction.low,
            100 * p->fraction.high);
    if (ladder_in(sum)->n_comparisons == 1)
        fprintf(f, " %" PRIu64 "/%" PRIu64, p->differ, p->n);
}

static void brief(table *t, const summary *sum) {
    const ladder_point *row;
    table_columns(t, "lr");
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));)
        table_columns(t, "r");
    fputs("arithmetic", table_cell(t));
    fputs("bits", table_cell(t));
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));)
        fprintf(table_cell(t), "T=%" PRIu64, v->steps);
    for (size_t i = 0; (row = row_at(sum, i)); i++) {
        fputs(row->arithmetic, table_cell(t));
        fprintf(table_cell(t), "%d", row->bits);
        for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));) {
            FILE *f = table_cell(t);
            const ladder_point *p = point_named(v, row->arithmetic);
            if (!p)
                fputs("-", f);
            else
                put_differing(f, sum, p);
        }
    }
}

static void put_line(FILE *f, const char *what, estimate e) {
    if (isnan(e.value))
        return;
    fprintf(f, "  %-33s", what);
    put_plain(f, e);
    fputc('\n', f);
}

static void brief_notes(FILE *f, const summary *sum) {
    const ladder *l = ladder_in(sum);
    uint64_t have, want;
    if (l->reference)
        fprintf(f,
                "Share of the %" PRIu64 " starts whose outcome differs from that under %s;\n"
                "[ ]: 95 %% interval, in per cent.\n",
                l->starts, l->reference);
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));) {
        if (!plateau_of(v).n && isnan(v->horizon.value) && isnan(v->predicted.value))
            continue;
        fprintf(f, "after %" PRIu64 " steps:\n", v->steps);
        put_line(f, "plateau, % that differ", mean_of(v));
        put_line(f, "bits to halve, on it", v->bits_to_halve);
        put_line(f, "half of it gone at, bits", v->half);
        put_line(f, "horizon, measured, bits", v->horizon);
        put_line(f, "horizon, lambda_1 T/ln 2, bits", v->predicted);
    }
    if (l->n_comparisons > 1)
        put_line(f, "horizon, measured, bits per step", l->horizon_per_step);
    count_compared(sum, &have, &want);
    if (have < want)
        fprintf(f, "Incomplete: the store has %" PRIu64 " of %" PRIu64 " runs to compare.\n", have,
                want);
}

/* ---- data --------------------------------------------------------------------------------- */

static void csv(FILE *f, const summary *sum) {
    for (const ladder_comparison *v = NULL; (v = next_comparison(sum, v));)
        for (const ladder_point *p = NULL; (p = next_point(v, p));) {
            put_csv_text(f, sum->store->name);
            fprintf(f, "%" PRIu64 ",", v->steps);
            put_csv_text(f, p->arithmetic);
            fprintf(f, "%d,%" PRIu64 ",%" PRIu64 ",", p->bits, p->n, p->differ);
            put_csv_number(f, p->fraction.value);
            put_csv_number(f, p->fraction.low);
            put_csv_number(f, p->fraction.high);
            put_csv_number(f, v->horizon.value);
            put_csv_number(f, v->predicted.value);
            fprintf(f, "%d\r\n", p->plateau);
        }
}

static struct json_t *json(const summary *sum) {
    return ladder_json(ladder_in(sum), sum->store);
}

/* After train.steps steps. */
static bool measure(const summary *sum, const char *name, measured *out) {
    const ladder_comparison *v = &ladder_in(sum)->comparisons[ladder_in(sum)->main];
    if (strcmp(name, "horizon") == 0)
        *out = (measured){v->horizon, BITS};
    else if (strcmp(name, "bits_to_halve") == 0)
        *out = (measured){v->bits_to_halve, BITS};
    else
        return false;
    return true;
}

const chapter ladder_chapter = {
    .lede = lede,
    .incomplete = incomplete,
    .questions = questions,
    .brief = brief,
    .brief_notes = brief_notes,
    .csv_head = "experiment,steps,arithmetic,bits,n,differ,fraction,low,high,"
                "horizon_measured,horizon_predicted,plateau",
    .csv = csv,
    .json = json,
    .measure = measure,
};
