/* SPDX-License-Identifier: MIT */
/* replay.h - two traces' runs, run again side by side to their first difference. */
#ifndef REPLAY_H
#define REPLAY_H

#include "run/difference.h"
#include "run/limits.h"

/* Run both sides again, each from the experiment that its trace holds, to the step d->step at which
 * the traces differ. Finds the exact step, where not all were recorded, its tensor or the loss, the
 * element, and the first operation that differs. What cannot be found, because a side gives other
 * bits here than its trace recorded, is not known, and says why. BF_EMACHINE, BF_EINTERRUPTED. */
BF_MUST_CHECK bf_status replay_traces(const bf_trace *a, const char *path_a, const bf_trace *b,
                                      const char *path_b, const limits *l, bf_difference *d,
                                      difference_element *x, difference_operation *o,
                                      bf_error *err);

#endif
