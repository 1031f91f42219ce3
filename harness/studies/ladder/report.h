/* SPDX-License-Identifier: MIT */
/* report.h - what the parts of a ladder's report share. */
#ifndef LADDER_REPORT_H
#define LADDER_REPORT_H

#include "studies/ladder/ladder.h"
#include "writer/chapter.h"

static inline const ladder *ladder_in(const summary *sum) {
    return sum->results;
}

extern const figure figure_share, figure_horizon;

extern const chapter ladder_chapter;

#endif
