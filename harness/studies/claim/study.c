/* SPDX-License-Identifier: MIT */
/* study.c - bitfate claim: is what is claimed to be reproducible reproduced here? */
#include "studies/claim/claim.h"
#include "cli/output.h"
#include "studies/matrix/output.h"
#include "run/pool.h"
#include "studies/study.h"
#include "store/provenance.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *verdict_name(bf_status s) {
    return s == BF_OK ? "REPRODUCED" : s == BF_DIFFERENT ? "DIVERGED" : "INCONCLUSIVE";
}

/* What is found out for several, together: one that diverged decides, then one without an answer.
 */
static bf_status worse(bf_status a, bf_status b) {
    if (a == BF_DIFFERENT || b == BF_DIFFERENT)
        return BF_DIFFERENT;
    return a == BF_INCONCLUSIVE ? a : b;
}

/* Of all known axes, those on which the claim's cells do not differ. */
static json_t *untested(const claim *c) {
    json_t *list = json_array();
    for (int kind = 0; kind < AXIS_KINDS; kind++) {
        bool tested = false;
        for (unsigned i = 0; i < c->over.n; i++)
            tested |= (int)c->over.list[i].kind == kind && c->over.list[i].n > 1;
        if (!tested)
            json_array_append_new(list, json_string(axes_name((axis_kind)kind)));
    }
    return list;
}

/* Cells that run at once. */
static int at_once(const options *o) {
    return o->limits.threads ? o->limits.threads : pool_cores();
}

/* ---- one claim ---------------------------------------------------------------------------- */

/* One line for a claim under one arithmetic (NULL: the claim is over several), and what stands
 * against it. */
static void print_part(const claim *c, const char *arithmetic, const matrix *m, bf_status verdict) {
    printf("%-12s  %s%s%s: ", verdict_name(verdict), c->name, arithmetic ? ", " : "",
           arithmetic ? arithmetic : "");
    printf("%zu cell%s, %zu group%s\n", m->plan->axes->cells, m->plan->axes->cells == 1 ? "" : "s",
           m->n_groups, m->n_groups == 1 ? "" : "s");
    if (verdict == BF_OK)
        return;
    fputc('\n', stdout);
    matrix_print(m, stdout);
    fputc('\n', stdout);
}

static bf_status test_part(const claim_file *f, const claim *c, const experiment *x,
                           const char *arithmetic, const options *o, json_t *parts,
                           bf_status *verdict, bf_error *err) {
    char steps[48];
    const char *overrides[] = {steps};
    matrix m;
    const bool named = !axes_find(&c->over, "arithmetics");
    const matrix_plan plan = {.x = x,
                              .path = f->experiment,
                              .overrides = overrides,
                              .n_overrides = 1,
                              .axes = &c->over,
                              .arithmetic = arithmetic,
                              .kernel = o->isa,
                              .repeat = c->repeat,
                              .limit = c->limit,
                              .by_outcome = c->outcome,
                              .limits = &o->limits,
                              .at_once = at_once(o)};
    snprintf(steps, sizeof steps, "train.steps=%" PRIu64, x->train.steps);
    bf_status s = matrix_run(&m, &plan, err);
    if (s == BF_OK) {
        *verdict = matrix_verdict(&m);
        json_t *part = matrix_json(&m);
        json_object_set_new(part, "verdict", json_string(verdict_name(*verdict)));
        json_object_set_new(part, "arithmetic", named ? json_string(arithmetic) : json_null());
        json_array_append_new(parts, part);
        if (!o->json && !o->quiet)
            print_part(c, named ? arithmetic : NULL, &m, *verdict);
    }
    matrix_free(&m);
    return s;
}

static void print_untested(const json_t *list) {
    size_t i;
    json_t *name;
    printf("%14sNot tested:", "");
    json_array_foreach(list, i, name) printf("%s %s", i ? "," : "", json_string_value(name));
    puts(json_array_size(list) ? "" : " nothing that is known");
}

static bf_status test_claim(const claim_file *f, const claim *c, const options *o, json_t *claims,
                            bf_status *verdict, bf_error *err) {
    char steps[48];
    const char *overrides[] = {steps};
    experiment *x;
    snprintf(steps, sizeof steps, "train.steps=%" PRIu64, c->steps);
    bf_status s =
        experiment_load(&x, f->experiment, overrides, c->steps ? 1 : 0, o->limits.data_folder, err);
    if (s != BF_OK)
        return s;
    json_t *parts = json_array(), *missing = untested(c);
    *verdict = BF_OK;
    for (unsigned i = 0; i < (c->each.n ? c->each.list[0].n : 1) && s == BF_OK; i++) {
        bf_status part;
        s = test_part(f, c, x, c->each.n ? c->each.list[0].values[i] : x->arithmetics[0], o, parts,
                      &part, err);
        if (s == BF_OK)
            *verdict = worse(*verdict, part);
    }
    if (s == BF_OK && !o->json && !o->quiet)
        print_untested(missing);
    json_array_append_new(claims,
                          json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}", "name", c->name, "claimed",
                                    c->outcome ? "outcome: same" : "bits: identical", "verdict",
                                    verdict_name(*verdict), "steps", (json_int_t)x->train.steps,
                                    "not_tested", missing, "parts", parts));
    experiment_free(x);
    return s;
}

/* ---- all ---------------------------------------------------------------------------------- */

static bf_status write_evidence(const json_t *evidence, const char *path, bf_error *err) {
    FILE *f;
    bf_status s = open_output(&f, path, err);
    if (s != BF_OK)
        return s;
    (void)json_dumpf(evidence, f, JSON_INDENT(2)); /* close_output says what failed */
    fputc('\n', f);
    return close_output(f, path, err);
}

/* Every claim is tested, whatever comes of the others. */
static bf_status test_all(const claim_file *f, const options *o, json_t *claims, bf_status *verdict,
                          bf_error *err) {
    bf_status s = BF_OK;
    *verdict = BF_OK;
    for (unsigned i = 0; i < f->n && s == BF_OK; i++) {
        bf_status one = BF_OK;
        s = test_claim(f, &f->claims[i], o, claims, &one, err);
        *verdict = worse(*verdict, one);
    }
    return s;
}

static bf_status check_outputs(const options *o, const char *file, const claim_file *f,
                               bf_error *err) {
    if (!o->output)
        return BF_OK;
    if (o->json && strcmp(o->output, "-") == 0)
        return bf_fail(err, BF_EINPUT, "--json and -o - both want standard output");
    bf_status s = refuse_overwriting(o->output, file, err);
    return s == BF_OK ? refuse_overwriting(o->output, f->experiment, err) : s;
}

static bf_status run(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    claim_file *f;
    bf_status verdict = BF_OK, s = claim_load(&f, arguments[0], err);
    if (s != BF_OK)
        return s;
    json_t *claims = json_array(), *evidence = NULL;
    s = check_outputs(o, arguments[0], f, err);
    BF_TRY(s, test_all(f, o, claims, &verdict, err));
    if (s == BF_OK) {
        evidence = json_pack("{s:s, s:s, s:O, s:o}", "file", arguments[0], "verdict",
                             verdict_name(verdict), "claims", claims, "provenance",
                             provenance_json(o->command_line, at_once(o)));
        if (!evidence)
            s = bf_no_memory(err);
    }
    if (s == BF_OK && o->output)
        s = write_evidence(evidence, o->output, err);
    if (s == BF_OK && o->json) {
        s = print_json(json_incref(evidence), err);
    } else if (s == BF_OK && !(o->output && strcmp(o->output, "-") == 0)) {
        if (!o->quiet)
            printf("%s\n", verdict_name(verdict));
        s = close_output(stdout, "-", err);
    }
    json_decref(evidence);
    json_decref(claims);
    claim_free(f);
    return s == BF_OK ? verdict : s;
}

static const command entry = {
    .name = "claim",
    .arguments = "FILE",
    .summary = "Test what a file claims to be reproducible",
    .help =
        "FILE names an experiment and claims `bits: identical` or `outcome: same` over axes (those\n"
        "of matrix), for so many steps. Each claim is REPRODUCED, DIVERGED, or INCONCLUSIVE: an\n"
        "axis has a value that could not be run here, or a run crashed or took too long. Axes that\n"
        "were not tested are listed; other machines and compilers are never tested by one run.\n"
        "The evidence has every cell with its hash and the command that runs it again.\n"
        "Exit status: 0 all reproduced, 1 one diverged, 4 none diverged, one is inconclusive.\n\n"
        "JSON: file, verdict, claims (name, claimed, verdict, steps, not_tested, parts: a matrix\n"
        "for each arithmetic), provenance.\n\n"
        "  bitfate claim experiments/claims/minimal.yaml -o evidence.json\n",
    .takes = "output allow-library",
    .output = "EVIDENCE",
    .least = 1,
    .most = 1,
    .run = run,
};

extern const study study_claim;
const study study_claim = {.command = &entry};
