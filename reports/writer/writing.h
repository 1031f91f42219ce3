/* SPDX-License-Identifier: MIT */
/* writing.h - numbers as readers want them, in UTF-8. */
#ifndef WRITING_H
#define WRITING_H

#include "stats/stats.h"

#include <stdio.h>

/* Neither breaks a line. */
#define NARROW_SPACE "\u202f"
#define HARD_SPACE "\u00a0"

/* Thousands apart. */
void put_count(FILE *f, uint64_t n);
void put_number(FILE *f, double x, int decimals);
/* As many decimals as show the half width with two digits up to 35, with one above; at least so
 * many. */
int writing_decimals_of(estimate e, int least);
/* `4.91 % [4.50, 5.35]`: the unit, with its space, follows the value. A dash: there is none. */
void put_estimate(FILE *f, estimate e, int least_decimals, const char *unit);
/* The share k/n in per cent, with its interval. */
estimate writing_percent(uint64_t k, uint64_t n);
void put_share(FILE *f, uint64_t k, uint64_t n);
/* Without the interval, where none applies; with the same decimals. */
void put_bare_share(FILE *f, uint64_t k, uint64_t n);
void put_ratio(FILE *f, uint64_t k, uint64_t n);
void put_power_of_ten(FILE *f, long power);
/* `1e-16` as 10⁻¹⁶, `3.2e-8` as 3.2 × 10⁻⁸, any other text as it is. */
void put_eps(FILE *f, const char *text);
/* How a sweep's perturbation is spoken of, by its name: `BEFORE eps AFTER`, the axis of eps, and
 * what eps is where that does not go without saying (else NULL). */
typedef struct perturbation_words {
    const char *name, *before, *after, *axis, *meaning;
    bool counts; /* eps is a whole number */
} perturbation_words;
/* One that is not known here is called by its name: `before` is NULL. */
perturbation_words writing_perturbation(const char *name);
/* eps as put_eps does, or as a count. */
void put_scale(FILE *f, const perturbation_words *w, const char *eps);
/* `a perturbation of 10⁻³` */
void put_perturbation(FILE *f, const perturbation_words *w, const char *eps);
/* 10^log10_factor as a reader would say it. */
void put_factor(FILE *f, double log10_factor);
/* `value [low,high]` in ASCII, for a terminal. */
void put_plain(FILE *f, estimate e);

#endif
