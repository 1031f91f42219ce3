/* SPDX-License-Identifier: MIT */
/* answers.h - the questions a report answers, in order: sentences, figures and tables. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "figure.h"
#include "summary.h"
#include "table.h"

/* Sentences end with a full stop and no newline; notes are paragraphs, each ended by a newline. */
typedef void sentence(FILE *out, const summary *s);

/* A figure, and the table of its numbers. */
typedef struct exhibit {
    const figure *figure; /* NULL: none */
    const char *caption;
    void (*table)(table *t, const summary *s); /* NULL: the next exhibit's has the numbers */
    const char *title;
} exhibit;

typedef struct question {
    const char *id, *text;
    sentence *headline, *notes; /* notes may be NULL */
    exhibit exhibits[5];        /* up to the first with neither */
} question;

/* Up to the first without an id. */
extern const question questions[];

/* What a sentence says; NULL: no memory. The caller frees it. */
char *answers_said(sentence *what, const summary *s);

/* The whole summary in one sentence. */
sentence answers_lede;
/* What is missing from an interrupted sweep; empty when nothing is. */
sentence answers_incomplete;
/* One line per arithmetic, for a terminal; then, as lines of text, what it means and what is
 * missing in it. */
void answers_brief(table *t, const summary *s);
sentence answers_brief_notes;

#endif
