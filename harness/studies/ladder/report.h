/* SPDX-License-Identifier: MIT */
/* report.h - what the parts of a ladder's report share. */
#ifndef LADDER_REPORT_H
#define LADDER_REPORT_H

#include "studies/ladder/ladder.h"
#include "writer/chapter.h"
#include "writer/writing.h"

static inline const ladder *ladder_in(const summary *sum) {
    return sum->results;
}

extern const figure figure_share, figure_horizon;

/* What chapter.c and brief.c share. */
#define BITS HARD_SPACE "bits"

/* The points of the plateau's fit: the first, the last, and how many. */
typedef struct ladder_range {
    const ladder_point *from, *to;
    size_t n;
} ladder_range;

extern const question ladder_questions[];
const ladder_comparison *ladder_main_comparison(const summary *sum);
estimate ladder_mean_of(const ladder_comparison *v);
const ladder_comparison *ladder_next_comparison(const summary *sum, const ladder_comparison *v);
const ladder_point *ladder_next_point(const ladder_comparison *v, const ladder_point *p);
ladder_range ladder_plateau_of(const ladder_comparison *v);
const ladder_point *ladder_point_named(const ladder_comparison *v, const char *name);
void ladder_put_cliff(FILE *f, const ladder_comparison *v);
void ladder_put_nothing(FILE *f);
void ladder_put_plateau(FILE *f, const ladder_comparison *v);
void ladder_put_steps(FILE *f, const ladder_comparison *v);
const ladder_point *ladder_row_at(const summary *sum, size_t wanted);

extern const chapter ladder_chapter;

#endif
