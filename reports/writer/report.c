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

static bf_status md_table(FILE *out, void (*fill)(table *t, const summary *s), const summary *s,
                          bf_error *err) {
    table t;
    if (!table_new(&t))
        return bf_no_memory(err);
    fill(&t, s);
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
static bf_status md_said(FILE *out, sentence *what, const char *mark, const summary *s,
                         bf_error *err) {
    char *text = chapter_said(what, s);
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

static bf_status md_question(FILE *out, const question *q, const summary *s, bf_error *err) {
    fprintf(out, "## %s\n\n", q->text);
    bf_status status = md_said(out, q->headline, "**", s, err);
    for (const exhibit *e = q->exhibits; status == BF_OK && (e->figure || e->table); e++) {
        if (!e->table)
            continue;
        fprintf(out, "%s:\n\n", e->title);
        status = md_table(out, e->table, s, err);
    }
    if (status == BF_OK && q->notes)
        status = md_said(out, q->notes, "", s, err);
    return status;
}

static bf_status md_provenance(FILE *out, const summary *s, bf_error *err) {
    fprintf(out, "## %s\n\n", provenance_question);
    bf_status status = md_said(out, provenance_headline, "**", s, err);
    char *commands = chapter_said(provenance_commands, s);
    if (!commands)
        return bf_no_memory(err);
    if (*commands)
        md_code(out, commands);
    free(commands);
    md_code(out, s->resolved);
    if (status == BF_OK && s->n_sessions > 0)
        status = md_table(out, provenance_table, s, err);
    return status;
}

static bf_status md_summary(FILE *out, const summary *s, bf_error *err) {
    fputs("# ", out);
    put_markdown(out, s->name);
    fputs("\n\n", out);
    put_markdown(out, s->description);
    fputs(*s->description ? "\n\n" : "", out);
    bf_status status = md_said(out, chapter_of(s)->lede, "", s, err);
    BF_TRY(status, md_said(out, chapter_of(s)->incomplete, "**", s, err));
    for (const question *q = chapter_of(s)->questions; status == BF_OK && q->id; q++)
        if (chapter_asks(s, q))
            status = md_question(out, q, s, err);
    if (status == BF_OK && s->x->n_published > 0) {
        fprintf(out, "## %s\n\n", published_question);
        status = md_table(out, published_table, s, err);
    }
    return status == BF_OK ? md_provenance(out, s, err) : status;
}

bf_status report_md(FILE *out, const summary *const *s, size_t n, bf_error *err) {
    bf_status status = BF_OK;
    for (size_t i = 0; status == BF_OK && i < n; i++)
        status = md_summary(out, s[i], err);
    return status == BF_OK ? written(out, err) : status;
}

/* ---- CSV ---------------------------------------------------------------------------------- */

static const char *more_columns(const summary *s) {
    const chapter *c = chapter_of(s);
    return c->csv_more ? c->csv_more(s) : "";
}

bf_status report_csv(FILE *out, const summary *const *s, size_t n, bf_error *err) {
    for (size_t i = 0; i < n; i++) {
        const chapter *c = chapter_of(s[i]);
        const char *more = more_columns(s[i]);
        if (i == 0 || c != chapter_of(s[i - 1]) ||
            strcmp(more, more_columns(s[i - 1])) != 0) /* another table */
            fprintf(out, "%s%s%s\r\n", i > 0 ? "\r\n" : "", c->csv_head, more);
        c->csv(out, s[i]);
    }
    return written(out, err);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *all_json(const summary *const *s, size_t n) {
    if (n == 1)
        return chapter_of(s[0])->json(s[0]);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (json_array_append_new(list, chapter_of(s[i])->json(s[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return json_pack("{s:o}", "experiments", list);
}

bf_status report_json(FILE *out, const summary *const *s, size_t n, bf_error *err) {
    json_t *document = all_json(s, n);
    if (!document)
        return bf_no_memory(err);
    json_dumpf(document, out, JSON_INDENT(2));
    json_decref(document);
    fputc('\n', out);
    return written(out, err);
}

/* ---- a terminal --------------------------------------------------------------------------- */

bf_status report_table(FILE *out, const summary *s, bf_error *err) {
    table t;
    if (!table_new(&t))
        return bf_no_memory(err);
    chapter_of(s)->brief(&t, s);
    bool good = table_text(out, &t);
    table_free(&t);
    if (!good)
        return bf_no_memory(err);
    fputc('\n', out);
    chapter_of(s)->brief_notes(out, s);
    return written(out, err);
}
