/* SPDX-License-Identifier: MIT */
/* report.c - bitfate report: what stores say, as a page or as data. */
#include "cli/output.h"
#include "studies/study.h"
#include "writer/report.h"

#include <stdlib.h>

typedef bf_status writer(FILE *out, const summary *all, size_t n, bf_error *err);

static bf_status summarise(const char *path, const options *o, summary *out, bf_error *err) {
    store *st;
    bf_status s = store_read(&st, path, err);
    if (s != BF_OK)
        return s;
    s = study_summarise(out, st, o->overrides, o->n_overrides, err);
    store_close(st);
    if (s == BF_OK && o->reproducible)
        store_contents_reproducible(out->store);
    return s;
}

static bf_status print_tables(FILE *out, const summary *all, size_t n, bf_error *err) {
    bf_status s = BF_OK;
    for (size_t i = 0; i < n && s == BF_OK; i++)
        s = report_table(out, &all[i], err);
    return s;
}

/* Made in memory first: a report that cannot be made leaves an old one as it was. */
static bf_status write_file(const char *path, writer *write, const summary *all, size_t n,
                            bf_error *err) {
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return bf_no_memory(err);
    bf_status s = write(memory, all, n, err);
    if (fclose(memory) != 0 && s == BF_OK)
        s = bf_no_memory(err);
    BF_TRY(s, write_output(path, text, size, err));
    free(text);
    return s;
}

static bf_status run_report(const options *o, int n, char **arguments, bf_error *err) {
    if (o->json + o->csv + o->md > 1)
        return bf_fail(err, BF_EINPUT, "expected one of --json, --csv, --md");
    summary *all = calloc((size_t)n, sizeof *all);
    if (!all)
        return bf_no_memory(err);
    bf_status s = BF_OK;
    for (int i = 0; o->output && i < n && s == BF_OK; i++)
        s = refuse_overwriting(o->output, arguments[i], err);
    for (int i = 0; i < n && s == BF_OK; i++)
        s = summarise(arguments[i], o, &all[i], err);
    /* What goes to standard output, and what to the file. */
    writer *data = o->json ? report_json : o->csv ? report_csv : o->md ? report_md : NULL;
    writer *file = data ? data : report_html;
    if (s == BF_OK && o->output)
        s = write_file(o->output, file, all, (size_t)n, err);
    else if (s == BF_OK)
        s = (data ? data : print_tables)(stdout, all, (size_t)n, err);
    if (s == BF_OK && !o->output)
        s = close_output(stdout, "-", err);
    for (int i = 0; i < n; i++)
        study_forget(&all[i]);
    free(all);
    return s;
}

const command command_report = {
    .name = "report",
    .arguments = "STORE...",
    .summary = "Write what stores say: one HTML page, or JSON, CSV, Markdown",
    .help = "With -o PAGE.html: one self-contained page. With --json, --csv or --md: that, on\n"
            "standard output or to the file given by -o. Otherwise a table. --set overrides what\n"
            "the trials do not depend on, such as sweep.fit.to=1e-6, the range of the fit.\n\n"
            "  bitfate report sweep.store -o report.html\n",
    .takes = "set output csv md reproducible",
    .output = "PAGE",
    .least = 1,
    .most = -1,
    .run = run_report,
};
