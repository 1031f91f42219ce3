/* SPDX-License-Identifier: MIT */
/* train.c - bitfate train: one run. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/perturbed_environment.h"
#include "stats/json.h"
#include "experiment/outcome.h"
#include "run/run.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct result {
    char label[OUTCOME_SIZE], hash[33];
    uint64_t steps;
    bool diverged;
    double loss;
    char *loss_text;
    char **theta; /* one text a parameter */
    size_t n;
} result;

static char *value_text(const bf_format *f, const uint8_t *value) {
    const size_t size = (size_t)f->precision + 64;
    char *text = malloc(size);
    if (text)
        (f->ieee ? bf_to_hex : bf_to_decimal)(f, value, text, size);
    return text;
}

static bf_status describe(const run *r, const bf_hash *final, result *out, bf_error *err) {
    const bf_ensemble *e = r->e;
    const bf_format *f = bf_ensemble_format(e);
    const size_t n = bf_n_parameters(e);
    uint8_t loss[BF_MAX_BYTES], *theta = malloc(n * f->bytes);
    out->theta = calloc(n, sizeof *out->theta);
    if (!theta || !out->theta) {
        free(theta);
        return bf_no_memory(err);
    }
    out->n = n;
    bf_lane_theta(e, 0, theta);
    out->diverged = bf_lane_diverged(e, 0);
    out->steps = bf_lane_step(e, 0);
    outcome_label(r->x, r->e, theta, out->diverged, out->label);
    bf_hash_text(final, out->hash);
    bf_status s = BF_OK;
    if (out->diverged)
        s = bf_number(f, "nan", loss, err); /* not evaluated where a run ended */
    else
        bf_lane_loss(e, 0, loss);
    out->loss = bf_to_double(f, loss);
    out->loss_text = value_text(f, loss);
    bool whole = out->loss_text != NULL;
    for (size_t i = 0; i < n; i++)
        whole &= (out->theta[i] = value_text(f, theta + i * f->bytes)) != NULL;
    free(theta);
    return s == BF_OK && !whole ? bf_no_memory(err) : s;
}

static void free_result(result *r) {
    for (size_t i = 0; r->theta && i < r->n; i++)
        free(r->theta[i]);
    free(r->theta);
    free(r->loss_text);
}

static json_t *result_json(const result *r, const bf_arithmetic *a) {
    json_t *theta = json_array();
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(theta, json_string(r->theta[i]));
    return json_pack(
        "{s:s, s:I, s:s, s:o, s:s, s:o, s:s, s:o, s:s}", "arithmetic", a->name, "steps",
        (json_int_t)r->steps, "outcome", r->label, "loss", json_number(r->loss), "loss_exact",
        r->loss_text, "theta", theta, "hash", r->hash, "diverged_at",
        r->diverged ? json_integer((json_int_t)r->steps) : json_null(), "kernel", a->kernel);
}

/* Parameters in the table, at most. */
enum { SHOWN = 8 };

static void print_result(const result *r, const bf_arithmetic *a, FILE *f) {
    char loss[32] = "nan";
    if (!isnan(r->loss))
        snprintf(loss, sizeof loss, "%.17g", r->loss);
    fprintf(f, "arithmetic  %s\nsteps       %" PRIu64 "%s\noutcome     %s\nloss        %s\n",
            a->name, r->steps, r->diverged ? " (diverged here)" : "", r->label, loss);
    for (size_t i = 0; i < r->n && i < SHOWN; i++)
        fprintf(f, "%s%s\n", i ? "            " : "theta       ", r->theta[i]);
    if (r->n > SHOWN)
        fprintf(f, "            ... %zu parameters: all with --json\n", r->n);
    fprintf(f, "hash        %s\n", r->hash);
}

/* The trace and the weights, as far as they are asked for. */
static bf_status write_run(run *r, const options *o, bf_hash *final, bf_error *err) {
    FILE *trace = NULL;
    bf_status s = outcome_check(r->x, r->e, err);
    if (s == BF_OK && o->weights)
        s = open_output(&r->weights, o->weights, err);
    if (s == BF_OK && o->trace)
        s = open_output(&trace, o->trace, err);
    BF_TRY(s, run_write(r, trace, NULL, final, err));
    s = end_output(trace, o->trace, s, err);
    return end_output(r->weights, o->weights, s, err);
}

/* Train, calling the engine from the environment that --rounding and --flush ask for. */
static bf_status execute(run *r, const experiment *x, const options *o, bf_hash *final,
                         bf_error *err) {
    fenv_t found;
    bf_status s = perturbed_environment(o->rounding, o->flush, &found, err);
    if (s != BF_OK)
        return s;
    s = run_open(r, x, o->arith ? o->arith : x->arithmetics[0], &o->limits, err);
    if (s == BF_OK) {
        r->every = o->record_every;
        s = write_run(r, o, final, err);
        if (s != BF_OK)
            run_close(r);
    }
    fesetenv(&found);
    return s;
}

static bf_status report(const run *r, const bf_hash *final, const options *o, bf_error *err) {
    result out = {.theta = NULL};
    bf_status s = describe(r, final, &out, err);
    const bool busy = o->trace && strcmp(o->trace, "-") == 0; /* the trace has standard output */
    if (s == BF_OK && o->json) {
        s = print_json(result_json(&out, &r->arithmetic), err);
    } else if (s == BF_OK && !o->quiet) {
        print_result(&out, &r->arithmetic, busy ? stderr : stdout);
        s = close_output(stdout, "-", err);
    }
    free_result(&out);
    return s;
}

static bf_status check_outputs(const options *o, const char *file, bf_error *err) {
    bf_status s = o->trace ? refuse_overwriting(o->trace, file, err) : BF_OK;
    if (s == BF_OK && o->weights)
        s = refuse_overwriting(o->weights, file, err);
    BF_TRY(s, refuse_same_output(o->trace, o->weights, err));
    if (s == BF_OK && o->json && o->trace && strcmp(o->trace, "-") == 0)
        s = bf_fail(err, BF_EINPUT, "--json and --trace - both want standard output");
    return s;
}

static bf_status run_train(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    experiment *x;
    bf_status s = check_outputs(o, arguments[0], err);
    BF_TRY(s, experiment_load(&x, arguments[0], o->overrides, o->n_overrides, o->limits.data_folder,
                              err));
    if (s != BF_OK)
        return s;
    run r;
    bf_hash final;
    s = execute(&r, x, o, &final, err);
    if (s == BF_OK) {
        s = report(&r, &final, o, err);
        run_close(&r);
    }
    experiment_free(x);
    return s;
}

const command command_train = {
    .name = "train",
    .arguments = "EXPERIMENT",
    .summary = "Train one run; print outcome, loss, parameters and final hash",
    .help =
        "The arithmetic is the experiment's first, or --arith A. The hash is chained over every\n"
        "step: two runs with the same hash had the same bits throughout. With --record-every N the\n"
        "trace is smaller, and the hash is chained over the steps that it records; diff still finds\n"
        "the exact step of a difference, by replaying both runs.\n\n"
        "JSON: arithmetic, steps, outcome, loss, loss_exact, theta (hex floats; decimal strings\n"
        "that read back exactly for mpfr:P), hash, diverged_at (step or null), kernel.\n\n"
        "  bitfate train experiments/minimal.yaml --arith f64/exact --trace run.trace\n",
    .takes = "set arith trace weights allow-library rounding flush record-every",
    .least = 1,
    .most = 1,
    .run = run_train,
};
