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

extern const chapter sweep_chapter;

#endif
