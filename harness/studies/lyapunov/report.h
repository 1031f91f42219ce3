/* SPDX-License-Identifier: MIT */
/* report.h - what the parts of a report of Lyapunov exponents share. */
#ifndef LYAPUNOV_REPORT_H
#define LYAPUNOV_REPORT_H

#include "studies/lyapunov/lyapunov.h"
#include "writer/chapter.h"

static inline const lyapunov_results *lyapunov_in(const summary *sum) {
    return sum->results;
}

extern const figure figure_attractor, figure_spectrum, figure_nudge, figure_finite, figure_memory;

/* How many exponents there are in the sorted list; and resolved by subspace, which may be more when
 * only the largest of each block were computed. Without a subspace the same. */
size_t lyapunov_sorted_count(const lyapunov_spectrum *l);
size_t lyapunov_resolved_count(const lyapunov_spectrum *l);
/* The k-th largest (from 0, k < resolved count) of the exponents resolved by subspace, both blocks
 * together; without a subspace, of the sorted ones. */
const lyapunov_exponent *lyapunov_ranked(const lyapunov_spectrum *l, size_t k);
/* The third of these, or the last of fewer. */
const lyapunov_exponent *lyapunov_third(const lyapunov_spectrum *l);
/* NULL: no subspace. */
const lyapunov_exponent *lyapunov_transverse(const lyapunov_spectrum *l);

/* `largest transverse`, `second longitudinal`, `third sorted`. */
void put_exponent_name(FILE *out, const lyapunov_spectrum *l, const lyapunov_exponent *e);

/* Up to three window lengths, the shortest and the longest among them: their places, into `chosen`.
 * Returns how many. */
enum { LYAPUNOV_SHOWN = 3 };
size_t lyapunov_choose(const lyapunov_spectrum *l, size_t chosen[LYAPUNOV_SHOWN]);

/* What chapter.c and brief.c share. */
extern const question lyapunov_questions[];
const lyapunov_spectrum *lyapunov_spectrum_of(const summary *sum);
bool lyapunov_resolved(const lyapunov_spectrum *l);
size_t lyapunov_window_lengths(const lyapunov_spectrum *l);
uint64_t lyapunov_shortest(const lyapunov_spectrum *l);
uint64_t lyapunov_longest(const lyapunov_spectrum *l);
const char *lyapunov_subspace_name(const lyapunov_spectrum *l);
void lyapunov_put_exponent(FILE *f, estimate e);
/* Cells of texts, up to NULL. */
void lyapunov_put_cells(table *t, const char *const *texts);
/* The one about the subspace, or the one without. */
bool lyapunov_asks(const summary *sum, const question *q);

extern const chapter lyapunov_chapter;

#endif
