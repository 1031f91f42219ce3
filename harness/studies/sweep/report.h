/* SPDX-License-Identifier: MIT */
/* report.h - what the parts of a sweep's report share. */
#ifndef SWEEP_REPORT_H
#define SWEEP_REPORT_H

#include "studies/sweep/sweep.h"
#include "writer/chapter.h"

static inline const sweep_results *sweep_in(const summary *sum) {
    return sum->results;
}

extern const figure figure_fraction, figure_panels, figure_relabelled, figure_exponent, figure_bits;
extern const figure figure_churn; /* with test data */

/* What chapter.c and brief.c share. */
extern const question sweep_questions[];
void sweep_put_phi(FILE *f, const sweep_arithmetic *a);
/* Iteration: the element after the given one, the first after NULL, NULL after the last. */
const sweep_arithmetic *sweep_next_arithmetic(const summary *sum, const sweep_arithmetic *a);
const sweep_point *sweep_next_point(const sweep_arithmetic *a, const sweep_point *p);
const sweep_point *sweep_first_resolved(const sweep_arithmetic *a);
/* A perturbation below the format's resolution that moved no start: the runs are the references. */
bool sweep_all_unchanged(const sweep_arithmetic *a, const sweep_point *p);
/* Why an arithmetic has no exponent. */
const char *sweep_why_no_fit(const sweep_arithmetic *a);
/* The arithmetic that stands for the experiment in a headline: the most precise strict one that
 * has an exponent, or else a point. NULL: none has. */
const sweep_arithmetic *sweep_lead(const summary *sum);
/* Totals over the arithmetics that promise bits, or over those that do not. */
typedef struct sweep_repeats {
    uint64_t runs, identical;
} sweep_repeats;
sweep_repeats sweep_repeats_of(const summary *sum, bool strict);
void sweep_put_changed(FILE *f, const sweep_point *p);
/* `a perturbation of 10⁻³` */
void sweep_put_perturbed(FILE *f, const summary *sum, const char *eps);
const sweep_point *sweep_point_at(const sweep_arithmetic *a, const char *eps);
/* The smallest eps of any arithmetic above that of the given point, or of all after NULL; NULL
 * after the last. */
const sweep_point *sweep_next_eps(const summary *sum, const sweep_point *after);
/* The first point of resolved perturbations whose predictions are compared, or the last. */
const sweep_point *sweep_compared(const sweep_arithmetic *a, bool last);
bool sweep_asks(const summary *sum, const question *q);

extern const chapter sweep_chapter;

#endif
