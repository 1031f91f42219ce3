/* SPDX-License-Identifier: MIT */
/* report.h - what one or several stores say, for readers: a page, a text, tables, data.
 *
 * Everything comes from summaries, so the same stores give the same bytes. Every function returns
 * BF_EMACHINE when `out` cannot be written; the page also when gnuplot cannot draw its figures.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "writer/chapter.h"

/* One self-contained HTML page, figures inlined as SVG; no scripts. */
BF_MUST_CHECK bf_status report_html(FILE *out, const summary *all, size_t n, bf_error *err);

/* The same sentences and tables as Markdown, without the figures. */
BF_MUST_CHECK bf_status report_md(FILE *out, const summary *all, size_t n, bf_error *err);

/* One row per experiment, arithmetic and eps (RFC 4180, with a header line). */
BF_MUST_CHECK bf_status report_csv(FILE *out, const summary *all, size_t n, bf_error *err);

/* One document: that of the chapter for one summary, {"experiments": [...]} for several. */
BF_MUST_CHECK bf_status report_json(FILE *out, const summary *all, size_t n, bf_error *err);

/* A table for a terminal: one line per arithmetic, f at a few eps, phi, bits to halve. */
BF_MUST_CHECK bf_status report_table(FILE *out, const summary *sum, bf_error *err);

#endif
