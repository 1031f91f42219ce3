/* SPDX-License-Identifier: MIT */
/* figures.h - figures of Lyapunov exponents, and what they and the text choose to show. */
#ifndef LYAPUNOV_FIGURE_H
#define LYAPUNOV_FIGURE_H

#include "writer/figure.h"

extern const figure figure_attractor, figure_spectrum, figure_nudge, figure_finite, figure_memory;

/* How many exponents there are in the sorted list; and resolved by subspace, which may be more when
 * only the largest of each block were computed. Without a subspace the same. */
size_t lyapunov_sorted_count(const lyapunov_spectrum *s);
size_t lyapunov_resolved_count(const lyapunov_spectrum *s);
/* The k-th largest (from 0, k < resolved count) of the exponents resolved by subspace, both blocks
 * together; without a subspace, of the sorted ones. */
const lyapunov_exponent *lyapunov_ranked(const lyapunov_spectrum *s, size_t k);
/* The third of these, or the last of fewer. */
const lyapunov_exponent *lyapunov_third(const lyapunov_spectrum *s);
/* NULL: no subspace. */
const lyapunov_exponent *lyapunov_transverse(const lyapunov_spectrum *s);

/* `largest transverse`, `second longitudinal`, `third sorted`. */
void put_exponent_name(FILE *out, const lyapunov_spectrum *s, const lyapunov_exponent *e);

/* Up to three window lengths, the shortest and the longest among them: their places, into `chosen`.
 * Returns how many. */
enum { LYAPUNOV_SHOWN = 3 };
size_t lyapunov_choose(const lyapunov_spectrum *s, size_t chosen[LYAPUNOV_SHOWN]);

#endif
