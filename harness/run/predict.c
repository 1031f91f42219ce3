/* SPDX-License-Identifier: MIT */
/* predict.c - what networks say of the experiment's test samples. */
#include "run/predict.h"

#include "run/run.h"

#include <math.h>
#include <stdlib.h>

struct predictor {
    bf_ensemble *e; /* its data are the test samples */
    size_t samples, outputs;
    uint8_t *output; /* (batch, outputs) of one lane, encoded */
    uint8_t *found;  /* (lanes, samples, PREDICTION_BYTES) */
};

static bf_status allocate(predictor *p, const bf_data *test, bf_error *err) {
    const size_t lanes = (size_t)bf_lanes(p->e);
    p->samples = test->n;
    p->outputs = test->outputs;
    p->output = malloc(bf_batch(p->e) * p->outputs * bf_ensemble_format(p->e)->bytes);
    p->found = calloc(lanes * p->samples, PREDICTION_BYTES);
    return p->output && p->found ? BF_OK : bf_no_memory(err);
}

bf_status predictor_new(predictor **out, const experiment *x, const bf_arithmetic *a,
                        bf_error *err) {
    *out = NULL;
    const bf_data *train, *test;
    bf_status s = experiment_data(x, &train, &test, err);
    if (s != BF_OK || test->n == 0)
        return s;
    if (test->outputs > 1 << 8 * PREDICTION_BYTES)
        return bf_fail(err, BF_EINPUT,
                       "the data have %zu outputs; expected at most %d where predictions are "
                       "compared, or data.test: 0",
                       test->outputs, 1 << 8 * PREDICTION_BYTES);
    predictor *p = calloc(1, sizeof *p);
    if (!p)
        return bf_no_memory(err);
    s = run_test_ensemble(x, a, &p->e, err);
    BF_TRY(s, allocate(p, test, err));
    if (s == BF_OK)
        *out = p;
    else
        predictor_free(p);
    return s;
}

void predictor_free(predictor *p) {
    if (!p)
        return;
    bf_ensemble_free(p->e);
    free(p->output);
    free(p->found);
    free(p);
}

void predictor_put(predictor *p, int lane, const uint8_t *theta, uint64_t number) {
    bf_lane_start(p->e, lane, theta);
    bf_lane_set_run(p->e, lane, number);
}

/* The index of the largest of n encoded values, each rounded to binary64; of equals the first; NaN
 * is below all. */
static size_t largest(const bf_format *f, const uint8_t *values, size_t n) {
    size_t best = 0;
    double most = bf_to_double(f, values);
    for (size_t i = 1; i < n; i++) {
        const double value = bf_to_double(f, values + i * f->bytes);
        if (value > most || (isnan(most) && !isnan(value))) {
            most = value;
            best = i;
        }
    }
    return best;
}

/* Of the batch that begins with sample `first`. */
static void read_lane(predictor *p, int lane, size_t first) {
    const bf_format *f = bf_ensemble_format(p->e);
    uint8_t *found = p->found + ((size_t)lane * p->samples + first) * PREDICTION_BYTES;
    bf_lane_output(p->e, lane, p->output);
    for (size_t i = 0; i < bf_batch(p->e); i++) {
        const size_t class = largest(f, p->output + i * p->outputs * f->bytes, p->outputs);
        for (int k = 0; k < PREDICTION_BYTES; k++)
            *found++ = (uint8_t)(class >> 8 * k);
    }
}

void predictor_run(predictor *p) {
    const size_t batch = bf_batch(p->e);
    for (size_t done = 0; done < p->samples; done += batch) {
        const size_t first = done + batch <= p->samples ? done : p->samples - batch;
        bf_forward(p->e, first);
        for (int lane = 0; lane < bf_lanes(p->e); lane++)
            if (bf_lane_running(p->e, lane))
                read_lane(p, lane, first);
    }
}

const uint8_t *predictor_found(const predictor *p, int lane) {
    return p->found + (size_t)lane * p->samples * PREDICTION_BYTES;
}
