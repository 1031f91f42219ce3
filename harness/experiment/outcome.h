/* SPDX-License-Identifier: MIT */
/* outcome.h - the label of a run: which of the possible outcomes it has. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "experiment/experiment.h"

enum { OUTCOME_SIZE = 40 };

/* The name of the i-th rule, or NULL, and what it does. */
const char *outcome_rule(size_t i, const char **summary);

/* Whether the experiment's rule can label runs of the ensemble's model. */
BF_MUST_CHECK bf_status outcome_check(const experiment *x, const bf_ensemble *e, bf_error *err);

/* Label the run of this ensemble's model whose parameters are theta. The label is computed in
 * double precision, each operation rounded once, from parameters rounded to doubles. A diverged run
 * is "inf". */
void outcome_label(const experiment *x, const bf_ensemble *e, const uint8_t *theta, bool diverged,
                   char label[OUTCOME_SIZE]);

/* How far the run is from the nearer of the minimal model's invariant planes: the smaller of d+ and
 * d- (doc/numerics.md), in the units of the parameters; infinite or NaN when they are. n is 4. */
double outcome_distance(const bf_format *f, const uint8_t *theta);

#endif
