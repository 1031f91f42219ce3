/* SPDX-License-Identifier: MIT */
/* report.c - bitfate report: what stores say, as a page or as data. */
#include "cli/command.h"
#include "cli/output.h"
#include "writer/report.h"

#include <stdlib.h>

typedef bf_status writer(FILE *out, const summary *const *s, size_t n, bf_error *err);

static bf_status summarise(const char *path, const options *o, summary **out, bf_error *err) {
    store *st;
    bf_status s = store_read(&st, path, err);
    if (s != BF_OK)
        return s;
    s = summary_of(out, st, o->overrides, o->n_overrides, err);
    store_close(st);
    return s;
}

static bf_status print_tables(FILE *out, const summary *const *s, size_t n, bf_error *err) {
    bf_status status = BF_OK;
    for (size_t i = 0; i < n && status == BF_OK; i++)
        status = report_table(out, s[i], err);
    return status;
}

/* Made in memory first: a report that cannot be made leaves an old one as it was. */
static bf_status write_file(const char *path, writer *write, const summary *const *s, size_t n,
                            bf_error *err) {
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return bf_no_memory(err);
    bf_status status = write(memory, s, n, err);
    if (fclose(memory) != 0 && status == BF_OK)
        status = bf_no_memory(err);
    BF_TRY(status, write_output(path, text, size, err));
    free(text);
    return status;
}

static bf_status run_report(const options *o, int n, char **arguments, bf_error *err) {
    if (o->json + o->csv + o->md > 1)
        return bf_fail(err, BF_EINPUT, "expected one of --json, --csv, --md");
    summary **s = calloc((size_t)n, sizeof *s);
    if (!s)
        return bf_no_memory(err);
    bf_status status = BF_OK;
    for (int i = 0; o->output && i < n && status == BF_OK; i++)
        status = refuse_overwriting(o->output, arguments[i], err);
    for (int i = 0; i < n && status == BF_OK; i++)
        status = summarise(arguments[i], o, &s[i], err);
    for (int i = 0; i < n && status == BF_OK && o->reproducible; i++)
        summary_reproducible(s[i]);
    /* What goes to standard output, and what to the file. */
    writer *data = o->json ? report_json : o->csv ? report_csv : o->md ? report_md : NULL;
    writer *file = data ? data : report_html;
    const summary *const *all = (const summary *const *)s;
    if (status == BF_OK && o->output)
        status = write_file(o->output, file, all, (size_t)n, err);
    else if (status == BF_OK)
        status = (data ? data : print_tables)(stdout, all, (size_t)n, err);
    if (status == BF_OK && !o->output)
        status = close_output(stdout, "-", err);
    for (int i = 0; i < n; i++)
        summary_free(s[i]);
    free(s);
    return status;
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
