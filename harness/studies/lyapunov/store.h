/* SPDX-License-Identifier: MIT */
/* store.h - the trajectories of `bitfate lyapunov` in one SQLite file. One row each,
 * written once, in a transaction of its own: killed at any moment and started again, a command ends
 * with the same rows.
 *
 * The schema, beside the tables of every store:
 *
 *   exponent   (id INTEGER PRIMARY KEY, subspace TEXT, place INTEGER)
 *       the columns of growth, from 0: longitudinal, transverse or sorted, and the place
 *       among the vectors of its frame
 *   trajectory (id INTEGER PRIMARY KEY, steps, escaped, first, windows INTEGER,
 *               growth BLOB, points BLOB, mixing, nudge, nudge_short, nudge_tangent REAL)
 *       as in lyapunov_trajectory; id is its index. BLOBs are binary64 numbers, least significant
 *       byte first: growth (windows, exponents), points (windows, 2). NULL: no number.
 *
 * The finite-time exponents of T steps are the sums of T/windows[0] successive rows of growth,
 * divided by T. */
#ifndef STORE_LYAPUNOV_H
#define STORE_LYAPUNOV_H

#include "studies/lyapunov/lyapunov.h"
#include "store/store.h"

/* Create the file, or go on with one of the same experiment_lyapunov_hash. */
BF_MUST_CHECK bf_status store_open_lyapunov(store **out, const char *path, const lyapunov_plan *p,
                                            bf_error *err);
/* The trajectories below n that are there, into t[index]; the others stay as they are. */
BF_MUST_CHECK bf_status store_load_trajectories(store *s, const lyapunov_plan *p,
                                                lyapunov_trajectory **t, size_t n, bf_error *err);
BF_MUST_CHECK bf_status store_add_trajectory(store *s, const lyapunov_plan *p,
                                             const lyapunov_trajectory *t, bf_error *err);

#endif
