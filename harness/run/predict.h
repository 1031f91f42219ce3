/* SPDX-License-Identifier: MIT */
/* predict.h - what networks say of the experiment's test samples. */
#ifndef PREDICT_H
#define PREDICT_H

#include "experiment/experiment.h"

/* Parameters in lanes, as in an ensemble, and their predictions: of each test sample the index of
 * its largest output (doc/numerics.md, section 3). It belongs to one thread at a time. */
typedef struct predictor predictor;

/* Bytes of a prediction, the least significant first. */
enum { PREDICTION_BYTES = 2 };

/* With as many lanes as the experiment's ensembles under this arithmetic; NULL when there are no
 * test data. BF_EINPUT: more outputs than a prediction can name. */
BF_MUST_CHECK bf_status predictor_new(predictor **out, const experiment *x, const bf_arithmetic *a,
                                      bf_error *err);
void predictor_free(predictor *p);

/* Put a run's parameters (parameters * bytes, canonical encoding) and its number into a lane. */
void predictor_put(predictor *p, int lane, const uint8_t *theta, uint64_t number);
/* Predict every test sample, in all lanes. */
void predictor_run(predictor *p);
/* What the last predictor_run found in a lane: (test samples, PREDICTION_BYTES). */
const uint8_t *predictor_found(const predictor *p, int lane);

#endif
