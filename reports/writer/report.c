/* SPDX-License-Identifier: MIT */
/* report.c - the report as Markdown, CSV, JSON and a terminal's table. */
#include "writer/report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "writer/chapter.h"
#include "writer/provenance.h"

static bf_status written(FILE *out, bf_error *err) {
    if (fflush(out) == 0 && !ferror(out))
        return BF_OK;
    return bf_fail(err, BF_EMACHINE, "cannot write the report: %s", strerror(errno));
}

/* ---- Markdown ----------------------------------------------------------------------------- */

static bf_status md_table(FILE *out, void (*fill)(table *t, const summary *sum), const summary *sum,
                          bf_error *err) {
    table t;
    if (!table_new(&t))
        return bf_no_memory(err);
    fill(&t, sum);
    bool good = table_markdown(out, &t);
    table_free(&t);
    return good ? BF_OK : bf_no_memory(err);
}

/* A block of code, fenced by more backticks than it could end with. */
static void md_code(FILE *out, const char *text) {
    size_t longest = 2, length = 0;
    for (const char *p = text; *p; p++) {
        length = *p == '`' ? length + 1 : 0;
        longest = length > longest ? length : longest;
    }
    for (int end = 0; end < 2; end++) {
        for (size_t i = 0; i <= longest; i++)
            fputc('`', out);
        fputc('\n', out);
        if (end == 0)
            fprintf(out, "%s%s", text, *text && text[strlen(text) - 1] != '\n' ? "\n" : "");
    }
    fputc('\n', out);
}

/* Each line of what is said as a paragraph, marked on both sides. */
static bf_status md_said(FILE *out, sentence *what, const char *mark, const summary *sum,
                         bf_error *err) {
    char *text = chapter_said(what, sum);
    if (!text)
        return bf_no_memory(err);
    for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest));) {
        fputs(mark, out);
        put_markdown(out, line);
        fprintf(out, "%s\n\n", mark);
    }
    free(text);
    return BF_OK;
}

static bf_status md_question(FILE *out, const question *q, const summary *sum, bf_error *err) {
    fprintf(out, "## %s\n\n", q->text);
    bf_status s = md_said(out, q->headline, "**", sum, err);
    for (const exhibit *e = q->exhibits; s == BF_OK && (e->figure || e->table); e++) {
        if (!e->table)
            continue;
        fprintf(out, "%s:\n\n", e->title);
        s = md_table(out, e->table, sum, err);
    }
    if (s == BF_OK && q->notes)
        s = md_said(out, q->notes, "", sum, err);
    return s;
}

static bf_status md_provenance(FILE *out, const summary *sum, bf_error *err) {
    fprintf(out, "## %s\n\n", provenance_question);
    bf_status s = md_said(out, provenance_headline, "**", sum, err);
    char *commands = chapter_said(provenance_commands, sum);
    if (!commands)
        return bf_no_memory(err);
    if (*commands)
        md_code(out, commands);
    free(commands);
    md_code(out, sum->store->resolved);
    if (s == BF_OK && sum->store->n_sessions > 0)
        s = md_table(out, provenance_table, sum, err);
    return s;
}

static bf_status md_summary(FILE *out, const summary *sum, bf_error *err) {
    fputs("# ", out);
    put_markdown(out, sum->store->name);
    fputs("\n\n", out);
    put_markdown(out, sum->store->description);
    fputs(*sum->store->description ? "\n\n" : "", out);
    bf_status s = md_said(out, sum->chapter->lede, "", sum, err);
    BF_TRY(s, md_said(out, sum->chapter->incomplete, "**", sum, err));
    for (const question *q = sum->chapter->questions; s == BF_OK && q->id; q++)
        if (chapter_asks(sum, q))
            s = md_question(out, q, sum, err);
    if (s == BF_OK && sum->store->x->n_published > 0) {
        fprintf(out, "## %s\n\n", published_question);
        s = md_table(out, published_table, sum, err);
    }
    return s == BF_OK ? md_provenance(out, sum, err) : s;
}

bf_status report_md(FILE *out, const summary *all, size_t n, bf_error *err) {
    bf_status s = BF_OK;
    for (size_t i = 0; s == BF_OK && i < n; i++)
        s = md_summary(out, &all[i], err);
    return s == BF_OK ? written(out, err) : s;
}

/* ---- CSV ---------------------------------------------------------------------------------- */

static const char *more_columns(const summary *sum) {
    const chapter *c = sum->chapter;
    return c->csv_more ? c->csv_more(sum) : "";
}

bf_status report_csv(FILE *out, const summary *all, size_t n, bf_error *err) {
    for (size_t i = 0; i < n; i++) {
        const chapter *c = all[i].chapter;
        const char *more = more_columns(&all[i]);
        if (i == 0 || c != all[i - 1].chapter ||
            strcmp(more, more_columns(&all[i - 1])) != 0) /* another table */
            fprintf(out, "%s%s%s\r\n", i > 0 ? "\r\n" : "", c->csv_head, more);
        c->csv(out, &all[i]);
    }
    return written(out, err);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *all_json(const summary *all, size_t n) {
    if (n == 1)
        return all[0].chapter->json(&all[0]);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (json_array_append_new(list, all[i].chapter->json(&all[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return json_pack("{s:o}", "experiments", list);
}

bf_status report_json(FILE *out, const summary *all, size_t n, bf_error *err) {
    json_t *document = all_json(all, n);
    if (!document)
        return bf_no_memory(err);
    json_dumpf(document, out, JSON_INDENT(2));
    json_decref(document);
    fputc('\n', out);
    return written(out, err);
}

/* ---- a terminal --------------------------------------------------------------------------- */

bf_status report_table(FILE *out, const summary *sum, bf_error *err) {
    table t;
    if (!table_new(&t))
        return bf_no_memory(err);
    sum->chapter->brief(&t, sum);
    bool good = table_text(out, &t);
    table_free(&t);
    if (!good)
        return bf_no_memory(err);
    fputc('\n', out);
    sum->chapter->brief_notes(out, sum);
    return written(out, err);
}
