/* SPDX-License-Identifier: MIT */
/* study.c - bitfate matrix: does anything matter that should not? */
#include "cli/output.h"
#include "studies/matrix/output.h"
#include "run/pool.h"
#include "studies/study.h"
#include "store/provenance.h"

#include <jansson.h>
#include <string.h>

/* Nothing that is written may lie where the experiment is read from, or two things in one place. */
static bf_status check_outputs(const options *o, const char *file, bf_error *err) {
    bf_status s = o->junit ? refuse_overwriting(o->junit, file, err) : BF_OK;
    if (s == BF_OK && o->sarif)
        s = refuse_overwriting(o->sarif, file, err);
    BF_TRY(s, refuse_same_output(o->junit, o->sarif, err));
    const int wanted = (o->json ? 1 : 0) + (o->junit && strcmp(o->junit, "-") == 0) +
                       (o->sarif && strcmp(o->sarif, "-") == 0);
    if (s == BF_OK && wanted > 1)
        s = bf_fail(err, BF_EINPUT, "--json, --junit - and --sarif - all want standard output");
    return s;
}

static json_t *document(const matrix *m, const options *o) {
    json_t *d = matrix_json(m);
    json_object_set_new(d, "reference", json_integer((json_int_t)m->plan->x->matrix.reference));
    json_object_set_new(d, "provenance", provenance_json(o->command_line, m->plan->at_once));
    return d;
}

static bf_status report(const matrix *m, const options *o, bf_error *err) {
    const bool busy =
        (o->junit && strcmp(o->junit, "-") == 0) || (o->sarif && strcmp(o->sarif, "-") == 0);
    bf_status s = BF_OK;
    if (o->junit)
        s = matrix_junit(m, m->plan->x->matrix.reference, o->junit, err);
    if (s == BF_OK && o->sarif)
        s = matrix_sarif(m, o->sarif, err);
    if (s == BF_OK && o->json)
        return print_json(document(m, o), err);
    if (s == BF_OK && !o->quiet && !busy) {
        matrix_print(m, stdout);
        s = close_output(stdout, "-", err);
    }
    return s;
}

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    experiment *x;
    bf_status s = check_outputs(o, arguments[0], err);
    BF_TRY(s, experiment_load(&x, arguments[0], o->overrides, o->n_overrides, o->limits.data_folder,
                              err));
    if (s != BF_OK)
        return s;
    if (x->matrix.repeat == 0) {
        experiment_free(x);
        return bf_fail(err, BF_EINPUT,
                       "%s: has no section matrix; expected one, or --set 'matrix.threads=[1, 2]'",
                       arguments[0]);
    }
    const matrix_plan plan = {.x = x,
                              .path = arguments[0],
                              .overrides = o->overrides,
                              .n_overrides = o->n_overrides,
                              .axes = &x->matrix.axes,
                              .arithmetic = o->arith ? o->arith : x->arithmetics[0],
                              .kernel = o->isa,
                              .repeat = x->matrix.repeat,
                              .limit = x->matrix.limit,
                              .limits = &o->limits,
                              .at_once = o->limits.threads ? o->limits.threads : pool_cores()};
    matrix m;
    s = matrix_run(&m, &plan, err);
    if (s == BF_OK) {
        s = report(&m, o, err);
        BF_TRY(s, matrix_verdict(&m));
    }
    matrix_free(&m);
    experiment_free(x);
    return s;
}

static const command entry = {
    .name = "matrix",
    .arguments = "EXPERIMENT",
    .summary = "Train over a product of axes; say which of them change the bits",
    .help =
        "The experiment's section matrix lists axes and their values: arithmetics, threads,\n"
        "kernels, libraries ({NAME: PATH}, or linked), coretypes, affinity (all, one), flush\n"
        "(off, on), rounding (nearest, up, down, zero), environment ({VARIABLE: [VALUE, ...]},\n"
        "unset). Each cell of their product is the experiment's run (trial 0, as train does it) in\n"
        "a process of its own, `repeat` times (2), none longer than `limit` seconds (60); a crash\n"
        "is a result. Cells are grouped by their last chained hash. An explanation is the smallest\n"
        "set of axes such that cells that agree on it agree in every bit; of several, the first in\n"
        "the file's order. --threads: cells at once. For a library: --allow-library.\n"
        "Exit status: 0 one group, 1 several or a cell that varies, 4 a cell without a result.\n\n"
        "JSON: experiment, file, compared, steps, repeat, limit, axes, groups, explained,\n"
        "explained_by, differences (as diff's, with the two groups), cells (values, state, group,\n"
        "hash, outcome, steps, reason, varies, command), reference, provenance.\n\n"
        "  bitfate matrix experiments/minimal-matrix.yaml --junit matrix.xml\n",
    .takes = "set arith allow-library junit sarif",
    .least = 1,
    .most = 1,
    .run = run,
};

extern const study study_matrix;
const study study_matrix = {.command = &entry};
