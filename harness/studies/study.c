/* SPDX-License-Identifier: MIT */
/* study.c - what the commands of all studies with a store do in the same way. */
#include "studies/study.h"

#include "cli/output.h"
#include "store/sql.h"
#include "writer/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* NULL: none. */
static const study *study_of(store *st) {
    const char *kind = store_experiment(st, "kind");
    for (const study *const *i = studies; kind && *i; i++)
        if ((*i)->kind && strcmp((*i)->kind->name, kind) == 0)
            return *i;
    return NULL;
}

/* Say which file an error is about. */
static void name_file(store *st, bf_error *err) {
    if (!err)
        return;
    const bf_error plain = *err;
    bf_fail(err, plain.status, "%.300s: %.600s", store_path(st), plain.text);
}

static bf_status summarise(summary *out, const study *of, store *st, const char *const *overrides,
                           size_t n_overrides, bf_error *err) {
    *out = (summary){.chapter = of->chapter};
    bf_status s = store_snapshot(st, err);
    BF_TRY(s, store_contents_read(&out->store, st, of->kind, overrides, n_overrides, err));
    BF_TRY(s, of->analyse(&out->results, st, out->store, err));
    store_snapshot_end(st);
    return s;
}

bf_status study_summarise(summary *out, store *st, const char *const *overrides, size_t n_overrides,
                          bf_error *err) {
    const study *of = study_of(st);
    *out = (summary){0};
    bf_status s = of ? summarise(out, of, st, overrides, n_overrides, err)
                     : bf_fail(err, BF_EINPUT, "a store of no study that this program knows");
    if (s == BF_OK)
        return s;
    name_file(st, err);
    study_forget(out);
    return s;
}

void study_forget(summary *sum) {
    for (const study *const *i = studies; sum->results && *i; i++)
        if ((*i)->chapter == sum->chapter)
            (*i)->free(sum->results);
    store_contents_free(sum->store);
    *sum = (summary){0};
}

bf_status study_print(const summary *sum, const options *o, bf_error *err) {
    if (o->json)
        return print_json(sum->chapter->json(sum), err);
    bf_status s = o->quiet ? BF_OK : report_table(stdout, sum, err);
    BF_TRY(s, close_output(stdout, "-", err));
    return s;
}

bf_status study_end(bf_status s, const options *o, const char *path, bf_error *err) {
    if (s == BF_EINTERRUPTED && path)
        return bf_fail(err, s, "interrupted; the same command goes on from here (%s)", path);
    if (s == BF_INCONCLUSIVE && path)
        return stopped_in_time(o, path);
    if (s == BF_INCONCLUSIVE && !o->quiet)
        fputs("bitfate: out of time; with -o STORE the same command could go on\n", stderr);
    return s;
}

/* Run and say what there is then, which out of time is not all. */
static bf_status run_store(const study *of, const experiment *x, const options *o, bf_error *err) {
    store *st;
    bf_status s = store_open(&st, o->output, of->kind, x, err);
    if (s != BF_OK)
        return s;
    store_describe(st, o->command_line, limits_threads(&o->limits));
    s = of->run(x, st, &o->limits, err);
    const bool stopped = s == BF_INCONCLUSIVE;
    summary sum = {0};
    if (s == BF_OK || stopped)
        s = study_summarise(&sum, st, NULL, 0, err);
    store_close(st);
    if (s == BF_OK)
        s = study_print(&sum, o, err);
    else if (stopped && s == BF_EINPUT)
        s = BF_OK; /* too little to say anything of */
    study_forget(&sum);
    return study_end(s == BF_OK && stopped ? BF_INCONCLUSIVE : s, o, o->output, err);
}

bf_status study_run(const study *of, const options *o, const char *path, bf_error *err) {
    if (!o->output && !of->optional)
        return bf_fail(err, BF_EINPUT, "expected -o STORE, the file for the %s", of->rows);
    experiment *x;
    bf_status s = o->output ? refuse_overwriting(o->output, path, err) : BF_OK;
    BF_TRY(s, experiment_load(&x, path, o->overrides, o->n_overrides, o->limits.data_folder, err));
    if (s != BF_OK)
        return s;
    s = of->check(x, &o->limits, path, err);
    BF_TRY(s, run_store(of, x, o, err));
    experiment_free(x);
    return s;
}
