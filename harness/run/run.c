/* SPDX-License-Identifier: MIT */
/* run.c - from an experiment to runs. */
#include "run/run.h"

#include "store/provenance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The engine's view of the experiment; points into it. */
static bf_status problem_of(const experiment *x, bf_problem *out, bf_error *err) {
    const bf_data *train, *test;
    bf_status s = experiment_data(x, &train, &test, err);
    if (s != BF_OK)
        return s;
    *out = (bf_problem){.layers = x->model.layers,
                        .n_layers = x->model.n_layers,
                        .loss = x->model.loss,
                        .loss_settings = x->model.loss_settings,
                        .n_loss_settings = x->model.n_loss_settings,
                        .data = train,
                        .rate = x->train.rate,
                        .optimiser = x->train.optimiser,
                        .optimiser_settings = x->train.settings,
                        .n_optimiser_settings = x->train.n_settings,
                        .batch = (size_t)x->train.batch,
                        .seed = x->seed,
                        .phases = x->train.phases,
                        .n_phases = x->train.n_phases,
                        .bound = x->outcome.bound};
    return BF_OK;
}

bf_status run_ensemble(const experiment *x, const bf_arithmetic *a, const limits *l,
                       bf_ensemble **out, bf_error *err) {
    *out = NULL;
    bf_problem problem;
    if (a->library[0] && !limits_allow(l, a->library))
        return bf_fail(err, BF_EINPUT,
                       "%s: opening a library runs its code; expected --allow-library, or the "
                       "arithmetic on the command line",
                       a->name);
    bf_status s = problem_of(x, &problem, err);
    BF_TRY(s, bf_ensemble_new(out, a, &problem, err));
    if (s != BF_OK)
        return s;
    const size_t n = bf_n_parameters(*out);
    if (strcmp(x->init.distribution, "values") == 0 && x->init.n_values != n)
        s = bf_fail(err, BF_EINPUT,
                    "init.values has %u values; expected one for each of the "
                    "model's %zu parameters",
                    x->init.n_values, n);
    else if (strcmp(x->init.distribution, "planes") == 0 && n != 4)
        s = bf_fail(err, BF_EINPUT,
                    "init.planes is for the minimal model of 4 parameters; this "
                    "model has %zu",
                    n);
    if (s != BF_OK) {
        bf_ensemble_free(*out);
        *out = NULL;
    }
    return s;
}

bf_status run_test_ensemble(const experiment *x, const bf_arithmetic *a, bf_ensemble **out,
                            bf_error *err) {
    *out = NULL;
    const bf_data *train, *test;
    bf_problem problem;
    bf_status s = problem_of(x, &problem, err);
    BF_TRY(s, experiment_data(x, &train, &test, err));
    if (s != BF_OK || test->n == 0)
        return s;
    const size_t batch = problem.batch ? problem.batch : train->n;
    problem.batch = batch < test->n ? batch : test->n;
    problem.data = test;
    return bf_ensemble_new(out, a, &problem, err);
}

bf_status run_start(const experiment *x, const bf_ensemble *e, uint64_t trial, uint8_t *theta,
                    bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    if (strcmp(x->init.distribution, "planes") == 0)
        return bf_start_planes(f, theta, x->init.distance, x->seed, trial, err);
    if (strcmp(x->init.distribution, "uniform") == 0)
        return bf_start_uniform(f, bf_n_parameters(e), theta, x->init.low, x->init.high, x->seed,
                                trial, err);
    if (strcmp(x->init.distribution, "values") != 0)
        return bf_start_layers(e, theta, x->init.distribution, x->init.gain, x->seed, trial, err);
    bf_status s = BF_OK;
    for (unsigned i = 0; i < x->init.n_values && s == BF_OK; i++)
        s = bf_number(f, x->init.values[i], theta + i * f->bytes, err);
    return s;
}

const bf_perturbation *run_perturbation(const experiment *x) {
    size_t i = 0;
    while (strcmp(bf_perturbation_list(i)->name, x->sweep.perturb) != 0)
        i++;
    return bf_perturbation_list(i);
}

/* ---- one run ------------------------------------------------------------------------------ */

bf_status run_open(run *r, const experiment *x, const char *arithmetic, const limits *l,
                   bf_error *err) {
    *r = (run){.x = x, .limits = l};
    bf_status s = bf_arithmetic_parse(&r->arithmetic, arithmetic, err);
    BF_TRY(s, run_ensemble(x, &r->arithmetic, l, &r->e, err));
    uint8_t *theta = NULL;
    if (s == BF_OK && !(theta = malloc(bf_n_parameters(r->e) * r->arithmetic.format.bytes)))
        s = bf_no_memory(err);
    BF_TRY(s, run_start(x, r->e, 0, theta, err));
    if (s == BF_OK)
        bf_lane_start(r->e, 0, theta);
    else
        run_close(r);
    free(theta);
    return s;
}

static bool same_tensors(const bf_ensemble *e, const bf_trace *t) {
    bool same = bf_n_tensors(e) == t->n_tensors;
    for (size_t i = 0; same && i < t->n_tensors; i++)
        same = strcmp(bf_tensor_at(e, i)->name, t->tensors[i]) == 0;
    return same;
}

bf_status run_reopen(run *r, const bf_trace *t, const char *path, const limits *l, bf_error *err) {
    *r = (run){.x = NULL};
    experiment *x;
    bf_status s = experiment_parse(&x, t->experiment, strlen(t->experiment), path,
                                   t->experiment_line, NULL, 0, l->data_folder, err);
    if (s != BF_OK)
        return s;
    bf_error why;
    s = run_open(r, x, t->arithmetic, l, &why);
    if (s == BF_OK) {
        r->own = x;
        if (x->train.steps == t->steps && bf_format_same(&r->arithmetic.format, &t->format) &&
            same_tensors(r->e, t))
            return BF_OK;
        run_close(r);
        return bf_fail(err, BF_EINPUT,
                       "%s: the steps, format or tensors named there are not those of its "
                       "experiment and arithmetic",
                       path);
    }
    experiment_free(x);
    return bf_fail(err, s, "%s: %s", path, why.text);
}

void run_close(run *r) {
    bf_ensemble_free(r->e);
    experiment_free(r->own);
    *r = (run){.x = NULL};
}

/* A line of run.weights; step UINT64_MAX: the header. */
static bf_status write_weights(run *r, uint64_t step, bf_error *err) {
    const bf_format *f = bf_ensemble_format(r->e);
    const size_t n = bf_n_parameters(r->e), size = (size_t)f->precision / 3 + 64;
    uint8_t *theta = malloc(n * f->bytes);
    char *text = malloc(size);
    if (theta && text && step == UINT64_MAX) {
        fputs("step", r->weights);
        for (size_t t = 0; t < bf_n_tensors(r->e); t++)
            for (size_t i = 0; i < bf_tensor_at(r->e, t)->count; i++)
                fprintf(r->weights, ",%s[%zu]", bf_tensor_at(r->e, t)->name, i);
    } else if (theta && text) {
        bf_lane_theta(r->e, 0, theta);
        fprintf(r->weights, "%" PRIu64, step);
        for (size_t i = 0; i < n; i++) {
            bf_to_decimal(f, theta + i * f->bytes, text, size);
            fprintf(r->weights, ",%s", text);
        }
    }
    fputs("\r\n", r->weights);
    const bool room = theta && text;
    free(theta);
    free(text);
    return room ? BF_OK : bf_no_memory(err);
}

static bf_status record_steps(run *r, bf_recorder *recorder, bf_error *err) {
    bf_ensemble *e = r->e;
    bf_status s = r->weights ? write_weights(r, UINT64_MAX, err) : BF_OK;
    for (uint64_t done = 0; s == BF_OK; done++) {
        if (limits_interrupted(r->limits))
            return bf_fail(err, BF_EINTERRUPTED, "interrupted at step %" PRIu64, done);
        if (!bf_lane_diverged(e, 0))
            bf_gradient(e); /* also after the last step, for the loss */
        const bool last = done == r->x->train.steps || bf_lane_diverged(e, 0);
        if (last || r->every == 0 || done % r->every == 0)
            bf_record(recorder);
        if (r->weights)
            s = write_weights(r, done, err);
        if (last)
            return s;
        bf_update(e);
    }
    return s;
}

bf_status run_write(run *r, FILE *file, const blessing *b, bf_hash *final, bf_error *err) {
    bf_recorder *recorder = NULL;
    char by[PROVENANCE_LINE];
    provenance_line(by);
    char *resolved = experiment_resolved(r->x);
    bf_status s = resolved ? bf_recorder_new(&recorder, r->e, 0, file, err) : bf_no_memory(err);
    if (s == BF_OK) {
        bf_trace_header header = {.name = r->x->name,
                                  .arithmetic = r->arithmetic.name,
                                  .experiment = resolved,
                                  .by = by,
                                  .steps = r->x->train.steps};
        if (b) {
            header.why = b->why;
            header.replaces = b->replaces;
            header.final = b->final;
            header.scope = b->scope;
        }
        bf_recorder_header(recorder, &header);
        s = record_steps(r, recorder, err);
    }
    if (s == BF_OK) {
        bf_recorder_end(recorder);
        *final = bf_recorder_hash(recorder);
    }
    bf_recorder_free(recorder);
    free(resolved);
    return s;
}
