/* SPDX-License-Identifier: MIT */
/* chapter.c - what a report says of a sweep.
 *
 * No fraction is written without its n, no exponent without its interval.
 */
#include "studies/sweep/report.h"
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void sweep_put_phi(FILE *f, const sweep_arithmetic *a) {
    put_estimate(f, (estimate){a->phi, a->phi_low, a->phi_high}, 0, "");
}

static void put_bits(FILE *f, const sweep_arithmetic *a) {
    put_estimate(f, (estimate){a->bits_to_halve, a->bits_low, a->bits_high}, 0, "");
}

/* ---- what to look at ---------------------------------------------------------------------- */

const sweep_arithmetic *sweep_next_arithmetic(const summary *sum, const sweep_arithmetic *a) {
    a = a ? a + 1 : sweep_in(sum)->arithmetics;
    return a && a < sweep_in(sum)->arithmetics + sweep_in(sum)->n_arithmetics ? a : NULL;
}

const sweep_point *sweep_next_point(const sweep_arithmetic *a, const sweep_point *p) {
    p = p ? p + 1 : a->points;
    return p && p < a->points + a->n_points ? p : NULL;
}

const sweep_point *sweep_first_resolved(const sweep_arithmetic *a) {
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
        if (sweep_resolved(p))
            return p;
    return NULL;
}

static const sweep_point *last_resolved(const sweep_arithmetic *a) {
    const sweep_point *last = NULL;
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
        if (sweep_resolved(p))
            last = p;
    return last;
}

bool sweep_all_unchanged(const sweep_arithmetic *a, const sweep_point *p) {
    return a->determined && p->moved == 0 && p->changed == 0;
}

const char *sweep_why_no_fit(const sweep_arithmetic *a) {
    uint64_t n = 0, changed = 0;
    size_t values = 0;
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
        if (p->fitted) {
            values++;
            n += p->n;
            changed += p->changed;
        }
    if (values == 0)
        return "resolves nothing in the range of the fit";
    if (values == 1)
        return "resolves only one size in the range of the fit";
    if (changed == 0)
        return "no change seen in the range of the fit";
    return changed == n ? "every outcome changed" : "changes seen at one end of the range only";
}

/* The arithmetic that stands for the experiment in a headline: the most precise strict one that
 * has an exponent, or else a point. NULL: none has. */
const sweep_arithmetic *sweep_lead(const summary *sum) {
    const sweep_arithmetic *best = NULL;
    int best_rank = 0;
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        int rank = !sweep_first_resolved(a) ? 0 : 1 + a->strict + 2 * !isnan(a->phi);
        if (rank > best_rank || (rank > 0 && rank == best_rank && a->precision > best->precision)) {
            best = a;
            best_rank = rank;
        }
    }
    return best;
}

sweep_repeats sweep_repeats_of(const summary *sum, bool strict) {
    sweep_repeats r = {0};
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        if (a->strict == strict) {
            r.runs += a->repeats;
            r.identical += a->identical;
        }
    return r;
}

/* ---- 1: identical runs -------------------------------------------------------------------- */

static void identical_headline(FILE *f, const summary *sum) {
    sweep_repeats strict = sweep_repeats_of(sum, true), loose = sweep_repeats_of(sum, false);
    if (strict.runs + loose.runs == 0)
        fputs("No run was repeated, so nothing is known about identical bits.", f);
    if (strict.runs > 0 && strict.identical == strict.runs) {
        fputs(strict.runs == 1 ? "Yes: the one repeated run" : "Yes: all ", f);
        if (strict.runs > 1) {
            put_count(f, strict.runs);
            fputs(" repeated runs", f);
        }
        fprintf(f, "%s gave the same bits at every step.",
                loose.runs > 0 ? " under arithmetics that promise it" : "");
    } else if (strict.runs > 0) {
        fputs("No: ", f);
        put_count(f, strict.runs - strict.identical);
        fputs(" of ", f);
        put_count(f, strict.runs);
        fputs(" repeated runs differed under arithmetics that promise bits.", f);
    }
    if (loose.runs > 0) {
        fputs(strict.runs > 0 ? " Of " : "Of ", f);
        put_count(f, loose.runs);
        fputs(" repeats under arithmetics that promise nothing, ", f);
        put_count(f, loose.runs - loose.identical);
        fputs(" differed.", f);
    }
}

static void identical_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs("Two runs are identical when the chained hash of all their parameters agrees at every "
          "step. Each repeat is two unperturbed runs of one start by one thread of one process: "
          "first alone, then among other runs side by side in the lanes of the same vectors, as a "
          "rule in another lane. So this shows that neither the lane nor the neighbours matter; it "
          "says nothing about other machines, compilers or libraries, which is what golden traces "
          "are for (bitfate verify). A strict arithmetic promises identical bits; the 95\u00a0% "
          "Wilson intervals say what so many repeats can show.\n",
          f);
}

static void identical_table(table *t, const summary *sum) {
    static const char *const heads[] = {"arithmetic", "precision", "promises bits", "identical",
                                        "share, 95\u00a0% interval"};
    table_heads(t, "lrlrr", heads);
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        fputs(a->name, table_cell(t));
        fprintf(table_cell(t), "%d", a->precision);
        fputs(a->strict ? "yes" : "no", table_cell(t));
        put_ratio(table_cell(t), a->identical, a->repeats);
        put_share(table_cell(t), a->identical, a->repeats);
    }
}

/* ---- 2: changed outcomes ------------------------------------------------------------------- */

void sweep_put_changed(FILE *f, const sweep_point *p) {
    put_share(f, p->changed, p->n);
    fputs(", n" HARD_SPACE "=" HARD_SPACE, f);
    put_count(f, p->n);
}

static perturbation_words words(const summary *sum) {
    return writing_perturbation(sum->store->x->sweep.perturb);
}

static void put_eps_of(FILE *f, const summary *sum, const char *eps) {
    const perturbation_words w = words(sum);
    put_scale(f, &w, eps);
}

void sweep_put_perturbed(FILE *f, const summary *sum, const char *eps) {
    const perturbation_words w = words(sum);
    put_perturbation(f, &w, eps);
}

static void fraction_headline(FILE *f, const summary *sum) {
    const sweep_arithmetic *a = sweep_lead(sum);
    if (!a) {
        fputs("No perturbation large enough for the format has been run yet.", f);
        return;
    }
    const sweep_point *small = sweep_first_resolved(a), *large = last_resolved(a);
    fprintf(f, "Under %s, ", a->name);
    sweep_put_perturbed(f, sum, small->eps);
    fputs(" changes the outcome of ", f);
    sweep_put_changed(f, small);
    if (large != small) {
        fputs("; one ", f);
        if (small->value > 0 && large->value > 0) {
            put_factor(f, log10(large->value) - log10(small->value));
            fputs(" times larger, of ", f);
        } else
            fputs("of the largest size, of ", f);
        sweep_put_changed(f, large);
    }
    fputs(".", f);
}

static void put_relabelled(FILE *f, const summary *sum, const sweep_arithmetic *a) {
    double later = sweep_in(sum)->stability * (double)sum->store->x->train.steps;
    fprintf(f, "Labels are not final: from step %" PRIu64 " to step %.0f, ",
            sum->store->x->train.steps, later);
    put_share(f, a->later - a->stable, a->later);
    fprintf(f, " of the references under %s change theirs (n" HARD_SPACE "=" HARD_SPACE, a->name);
    put_count(f, a->later);
    fputs("). A reader should weigh f against that.\n", f);
}

static bool any_unresolved(const summary *sum) {
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
            if (!sweep_resolved(p))
                return true;
    return false;
}

static void fraction_notes(FILE *f, const summary *sum) {
    fputs("The uncertain fraction f is the share of perturbed runs whose outcome differs from that "
          "of the unperturbed run from the same start, with its 95\u00a0% Wilson interval.\n",
          f);
    if (words(sum).meaning)
        fprintf(f, "%s\n", words(sum).meaning);
    if (any_unresolved(sum))
        fputs(
            "†: fewer than 99\u00a0% of these perturbations change the start at all, because they "
            "are below the resolution of the format. What looks like predictability there is "
            "rounding of the start: under a strict arithmetic a run from an unchanged start is the "
            "unperturbed run itself, so no interval applies. These points take no part in the "
            "exponent.\n",
            f);
    const sweep_arithmetic *a = sweep_lead(sum);
    if (a && a->later > 0)
        put_relabelled(f, sum, a);
}

const sweep_point *sweep_point_at(const sweep_arithmetic *a, const char *eps) {
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
        if (strcmp(p->eps, eps) == 0)
            return p;
    return NULL;
}

/* The smallest eps of any arithmetic above that of the given point, or of all after NULL; NULL
 * after the last. */
const sweep_point *sweep_next_eps(const summary *sum, const sweep_point *after) {
    const sweep_point *next = NULL;
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
            if ((!after || p->value > after->value) && (!next || p->value < next->value))
                next = p;
    return next;
}

/* A cell: the share, and below it the counts. */
static void put_point(FILE *f, const sweep_arithmetic *a, const sweep_point *p) {
    if (sweep_all_unchanged(a, p)) {
        fputs("start unchanged" NARROW_SPACE "†", f);
        return;
    }
    (isnan(p->low) ? put_bare_share : put_share)(f, p->changed, p->n);
    fputs(sweep_resolved(p) ? "\n" : NARROW_SPACE "†\n", f);
    put_ratio(f, p->changed, p->n);
    if (!sweep_resolved(p)) {
        fputs("; moved ", f);
        put_bare_share(f, p->moved, p->n);
    }
}

/* A row for every eps, a column for every arithmetic. */
static void eps_table(table *t, const summary *sum,
                      void (*put)(FILE *, const sweep_arithmetic *, const sweep_point *)) {
    table_columns(t, "l");
    fputs("ε", table_cell(t));
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        table_columns(t, "r");
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        fputs(a->name, table_cell(t));
    for (const sweep_point *row = NULL; (row = sweep_next_eps(sum, row));) {
        put_eps_of(table_cell(t), sum, row->eps);
        for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
            FILE *f = table_cell(t);
            const sweep_point *p = sweep_point_at(a, row->eps);
            if (!p) {
                fputs("–", f);
                continue;
            }
            put(f, a, p);
        }
    }
}

static void fraction_table(table *t, const summary *sum) {
    eps_table(t, sum, put_point);
}

static void relabelled_table(table *t, const summary *sum) {
    table_columns(t, "lrr");
    fputs("arithmetic", table_cell(t));
    fputs("references that change label", table_cell(t));
    fputs("share, 95\u00a0% interval", table_cell(t));
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        fputs(a->name, table_cell(t));
        put_ratio(table_cell(t), a->later - a->stable, a->later);
        put_share(table_cell(t), a->later - a->stable, a->later);
    }
}

/* Every label that a reference of any arithmetic has, in order of appearance: the i-th, or NULL. */
static const char *label_at(const summary *sum, size_t wanted) {
    size_t found = 0;
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        for (size_t i = 0; i < a->n_outcomes; i++) {
            bool seen = false;
            for (const sweep_arithmetic *b = sweep_in(sum)->arithmetics; b < a && !seen; b++)
                for (size_t j = 0; j < b->n_outcomes && !seen; j++)
                    seen = strcmp(a->outcomes[i].label, b->outcomes[j].label) == 0;
            if (!seen && found++ == wanted)
                return a->outcomes[i].label;
        }
    return NULL;
}

static uint64_t references_with(const sweep_arithmetic *a, const char *label) {
    for (size_t i = 0; i < a->n_outcomes; i++)
        if (strcmp(a->outcomes[i].label, label) == 0)
            return a->outcomes[i].n;
    return 0;
}

static void put_outcome(FILE *f, uint64_t k, uint64_t references) {
    put_share(f, k, references);
    fputs("\n", f);
    put_count(f, k);
}

static void outcome_table(table *t, const summary *sum) {
    enum { SHOWN = 12 }; /* more labels than a reader can compare */
    const char *labels[SHOWN];
    size_t n = 0;
    while (n < SHOWN && (labels[n] = label_at(sum, n)))
        n++;
    bool more = n == SHOWN && label_at(sum, n);
    table_columns(t, more ? "lrr" : "lr");
    for (size_t i = 0; i < n; i++)
        table_columns(t, "r");
    fputs("arithmetic", table_cell(t));
    fputs("references", table_cell(t));
    for (size_t i = 0; i < n; i++)
        fputs(labels[i], table_cell(t));
    if (more)
        fputs("all others", table_cell(t));
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        uint64_t others = a->references;
        fputs(a->name, table_cell(t));
        put_count(table_cell(t), a->references);
        for (size_t i = 0; i < n; i++) {
            uint64_t k = references_with(a, labels[i]);
            others -= k;
            put_outcome(table_cell(t), k, a->references);
        }
        if (more)
            put_outcome(table_cell(t), others, a->references);
    }
}

/* ---- 3: the exponent ----------------------------------------------------------------------- */

static size_t exponents(const summary *sum) {
    size_t n = 0;
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        n += isnan(a->phi) ? 0 : 1;
    return n;
}

/* Whether some value of phi lies in every interval. */
static bool exponents_compatible(const summary *sum) {
    double low = -INFINITY, high = INFINITY;
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        if (!isnan(a->phi)) {
            low = fmax(low, a->phi_low);
            high = fmin(high, a->phi_high);
        }
    return low <= high;
}

/* The text of the fitted point that has this value. */
static const char *eps_text(const sweep_arithmetic *a, double value) {
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
        if (p->fitted && p->value == value)
            return p->eps;
    return "?";
}

static void put_range(FILE *f, const summary *sum, const sweep_arithmetic *a) {
    put_eps_of(f, sum, eps_text(a, a->fit_from));
    fputs(HARD_SPACE "≤" HARD_SPACE "ε" HARD_SPACE "≤" HARD_SPACE, f);
    put_eps_of(f, sum, eps_text(a, a->fit_to));
}

static void exponent_headline(FILE *f, const summary *sum) {
    const sweep_arithmetic *a = sweep_lead(sum);
    if (!a || isnan(a->phi)) {
        fputs("No exponent can be fitted yet: that takes changed outcomes at two values of ε or "
              "more.",
              f);
        return;
    }
    bool level = a->phi_low <= 0 && 0 <= a->phi_high;
    fprintf(f,
            level ? "Under %s, no dependence of f on ε is resolved: "
                  : "Under %s, f goes like ε to the power ",
            a->name);
    fputs("φ" HARD_SPACE "=" HARD_SPACE, f);
    sweep_put_phi(f, a);
    fputs(" over ", f);
    put_range(f, sum, a);
    fputs(level ? "; 0 is not excluded." : ".", f);
    if (exponents(sum) > 1)
        fprintf(f,
                exponents_compatible(sum)
                    ? " The exponents of %zu arithmetics are compatible with one another: some "
                      "value lies in every interval."
                    : " No value lies in the intervals of all %zu arithmetics.",
                exponents(sum));
}

static void exponent_notes(FILE *f, const summary *sum) {
    fputs(
        "φ is the slope of f against ε on logarithmic scales: 1 for a smooth boundary, 0 where no "
        "finite precision predicts the outcome. It is fitted as f = C·ε^φ by maximum likelihood "
        "on the counts, over the stated range of ε, and holds there only.\n"
        "Brackets are 95\u00a0% percentiles of a bootstrap over starts, because all ε share their "
        "starts: 1000 times over, as many starts as there are were drawn with replacement, each "
        "with all its runs, and φ was fitted again. That takes the starts to be independent of "
        "each other, and many: where few of them ever change the interval is too narrow, and where "
        "fewer than 10 do it is left infinite. The arithmetics share their starts too, so their "
        "intervals are not independent of each other. Whether f is a power law at all the interval "
        "does not say; the dashed lines above show how well one fits.\n",
        f);
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        if (isnan(a->phi))
            fprintf(f, "No exponent for %s: %s.\n", a->name, sweep_why_no_fit(a));
}

static void exponent_table(table *t, const summary *sum) {
    static const char *const heads[] = {"arithmetic", "φ, 95\u00a0% interval", "range of ε",
                                        "values of ε", "C"};
    table_heads(t, "lrlrr", heads);
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        bool fitted = !isnan(a->phi);
        fputs(a->name, table_cell(t));
        sweep_put_phi(table_cell(t), a);
        FILE *f = table_cell(t);
        if (fitted)
            put_range(f, sum, a);
        else
            fputs(sweep_why_no_fit(a), f);
        fprintf(table_cell(t), "%zu", a->n_fitted);
        f = table_cell(t);
        if (fitted)
            fprintf(f, "%.3g", a->prefactor);
    }
}

/* ---- 4: bits to halve ---------------------------------------------------------------------- */

static void bits_headline(FILE *f, const summary *sum) {
    const sweep_arithmetic *a = sweep_lead(sum);
    if (!a || isnan(a->phi)) {
        fputs("Without an exponent, nothing can be said about further bits.", f);
        return;
    }
    if (isinf(a->bits_low)) {
        fprintf(f,
                "Never, as far as these runs show: under %s the uncertain fraction does not "
                "shrink with ε.",
                a->name);
    } else if (a->bits_low <= 0) {
        fprintf(f,
                "Too few starts change under %s to say how many further bits halve the "
                "uncertain fraction.",
                a->name);
    } else if (isinf(a->bits_high)) {
        fputs("At least ", f);
        put_number(f, a->bits_low, a->bits_low < 10 ? 1 : 0);
        fprintf(f,
                " bits under %s, and it cannot be distinguished from never: the interval of φ "
                "includes 0.",
                a->name);
    } else {
        put_bits(f, a);
        fprintf(f,
                " further bits of the start halve the uncertain fraction under %s: a start "
                "known ",
                a->name);
        put_factor(f, a->bits_to_halve * log10(2));
        fputs(" times more precisely.", f);
    }
}

static void bits_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs("1/φ is the number of further bits of the start that halve f. For comparison: a double "
          "holds 53 bits, and where f is proportional to ε one bit is enough. ∞: the "
          "interval of φ reaches 0, so no number of bits is known to suffice. This is measured "
          "inside the range of ε of the fit; it does not say what happens below, where a "
          "perturbation too small to grow within the training cannot change the outcome.\n",
          f);
}

static void bits_table(table *t, const summary *sum) {
    table_columns(t, "lrr");
    fputs("arithmetic", table_cell(t));
    fputs("bits to halve f, 95\u00a0% interval", table_cell(t));
    fputs("that is, a start more precise by", table_cell(t));
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        fputs(a->name, table_cell(t));
        put_bits(table_cell(t), a);
        FILE *f = table_cell(t);
        if (isnan(a->phi))
            fputs("–", f);
        else if (isinf(a->bits_to_halve))
            fputs("∞", f);
        else {
            fputs("× ", f);
            put_factor(f, a->bits_to_halve * log10(2));
        }
    }
}

/* ---- 5: changed predictions ---------------------------------------------------------------- */

static void put_churn(FILE *f, const sweep_point *p) {
    const estimate e = {100 * p->churn, 100 * p->churn_low, 100 * p->churn_high};
    if (!isnan(e.low) || isnan(e.value))
        put_estimate(f, e, 1, NARROW_SPACE "%");
    else {
        put_number(f, e.value, 1);
        fputs(NARROW_SPACE "%", f);
    }
}

const sweep_point *sweep_compared(const sweep_arithmetic *a, bool last) {
    const sweep_point *found = NULL;
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));)
        if (sweep_resolved(p) && p->compared > 0 && (last || !found))
            found = p;
    return found;
}

static void churn_headline(FILE *f, const summary *sum) {
    const sweep_arithmetic *a = sweep_lead(sum);
    const sweep_point *small = a ? sweep_compared(a, false) : NULL;
    if (!small) {
        fputs("No predictions after a perturbation large enough for the format are compared yet.",
              f);
        return;
    }
    const sweep_point *large = sweep_compared(a, true);
    fprintf(f, "Under %s, ", a->name);
    sweep_put_perturbed(f, sum, small->eps);
    fputs(" changes ", f);
    put_churn(f, small);
    fputs(" of the predictions, n" HARD_SPACE "=" HARD_SPACE, f);
    put_count(f, small->compared);
    fputs(small->compared == 1 ? " start" : " starts", f);
    if (large != small) {
        fputs("; one of ", f);
        put_eps_of(f, sum, large->eps);
        fputs(", ", f);
        put_churn(f, large);
        fputs(", n" HARD_SPACE "=" HARD_SPACE, f);
        put_count(f, large->compared);
    }
    fputs(".", f);
}

static void churn_notes(FILE *f, const summary *sum) {
    fputs(
        "Functional churn of two networks is the share of test samples whose prediction, the "
        "index of the largest output, differs. Here one is the unperturbed run and the other the "
        "perturbed one from the same start; the value is the mean over starts, with the 95\u00a0% "
        "percentiles of a bootstrap over starts, which fewer than 10 starts leave at 0\u00a0% to "
        "100\u00a0%. n counts the starts that are compared; those of which one of the two runs has "
        "diverged predict nothing and are left out. The same bits give the same predictions, but "
        "the same predictions do not need the same bits, nor does the same outcome imply them.\n",
        f);
    if (any_unresolved(sum))
        fputs("†: fewer than 99\u00a0% of these perturbations change the start; see above.\n", f);
}

/* A cell: the churn, and below it the counts. */
static void put_churn_point(FILE *f, const sweep_arithmetic *a, const sweep_point *p) {
    if (sweep_all_unchanged(a, p)) {
        fputs("start unchanged" NARROW_SPACE "†", f);
        return;
    }
    put_churn(f, p);
    fputs(sweep_resolved(p) ? "\n" : NARROW_SPACE "†\n", f);
    fputs("n" HARD_SPACE "=" HARD_SPACE, f);
    put_count(f, p->compared);
    if (p->compared < p->n) {
        fputs("; diverged ", f);
        put_count(f, p->n - p->compared);
    }
}

static void churn_table(table *t, const summary *sum) {
    eps_table(t, sum, put_churn_point);
}

/* ---- the questions ------------------------------------------------------------------------- */

const question sweep_questions[] = {
    {"identical",
     "Did identical runs give identical bits?",
     identical_headline,
     identical_notes,
     {{NULL, NULL, identical_table, "Repeated runs with the same bits at every step"}}},
    {"fraction",
     "How often does a perturbation change the outcome?",
     fraction_headline,
     fraction_notes,
     {{&figure_fraction,
       "Uncertain fraction f against the size ε of the perturbation. Dashed: the fitted power law. "
       "Hollow: below the resolution of the format, so that some starts are unchanged, which under "
       "a strict arithmetic leaves no room for an interval. Below the axis: no outcome changed; "
       "lowest, no start either. The points of one ε stand side by side for legibility, within "
       "0.15 decades.",
       NULL, NULL},
      {&figure_panels,
       "The same on a linear scale, without the points below the resolution of the format.",
       fraction_table, "Outcomes changed, by size of the perturbation"},
      {&figure_relabelled,
       "Label stability. Share of unperturbed runs whose label changes when training goes on.",
       relabelled_table, "Unperturbed runs whose label changes when training goes on"},
      {NULL, NULL, outcome_table, "Outcomes of the unperturbed runs"}}},
    {"exponent",
     "What is the uncertainty exponent?",
     exponent_headline,
     exponent_notes,
     {{&figure_exponent, "Uncertainty exponent φ with its 95\u00a0% interval.", exponent_table,
       "Exponents"}}},
    {"bits",
     "How many more bits halve the uncertainty?",
     bits_headline,
     bits_notes,
     {{&figure_bits,
       "Further bits of the start that halve the uncertain fraction. Arrow: no end in sight.",
       bits_table, "Bits to halve f"}}},
    {"churn",
     "How many predictions does a perturbation change?",
     churn_headline,
     churn_notes,
     {{&figure_churn,
       "Predictions changed against the size ε of the perturbation, with 95\u00a0% intervals, "
       "without the points below the resolution of the format. The points of one ε stand side by "
       "side for legibility, within 0.15 decades.",
       churn_table, "Test samples that are predicted differently, by size of the perturbation"}}},
    {0},
};

bool sweep_asks(const summary *sum, const question *q) {
    return sweep_in(sum)->churns || strcmp(q->id, "churn") != 0;
}
