/* SPDX-License-Identifier: MIT */
/* chapter.h - what a report says of a store, by its kind: questions with their answers, which are
 * sentences, figures and tables. */
#ifndef CHAPTER_H
#define CHAPTER_H

#include "writer/figure.h"
#include "studies/summary.h"
#include "writer/table.h"

/* Sentences end with a full stop and no newline; notes are paragraphs, each ended by a newline. */
typedef void sentence(FILE *out, const summary *s);

/* Pictures made of pixels, as many as a store has. */
typedef struct pictures {
    size_t (*count)(const summary *s);
    /* The i-th as a PNG; what it shows, in one line of sentences. */
    bf_status (*png)(FILE *out, const summary *s, size_t i, bf_error *err);
    void (*caption)(FILE *out, const summary *s, size_t i);
} pictures;

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

typedef struct measured {
    estimate value;
    const char *unit; /* with its space */
} measured;

typedef struct chapter {
    const store_kind *kind;
    sentence *lede;            /* everything in one sentence */
    sentence *incomplete;      /* what is missing; nothing when nothing is */
    const pictures *pictures;  /* on the page before the questions; NULL: none */
    const question *questions; /* up to the first without an id */
    /* Whether the store has what a question is about; NULL: always. */
    bool (*asks)(const summary *s, const question *q);
    /* For a terminal: a table, and what it means as lines of text. */
    void (*brief)(table *t, const summary *s);
    sentence *brief_notes;
    const char *csv_head;                      /* columns, */
    const char *(*csv_more)(const summary *s); /* further ones, ""; NULL: none, */
    void (*csv)(FILE *f, const summary *s);    /* and rows, each ended by CR LF */
    struct json_t *(*json)(const summary *s);  /* NULL: no memory */
    /* What an experiment may set beside a published value, by name; may be NULL. Returns whether
     * there is such a measure. */
    bool (*measure)(const summary *s, const char *name, measured *out);
} chapter;

/* Each is a file. */
extern const chapter chapter_sweep, chapter_ladder, chapter_lyapunov, chapter_map;
/* That of a store's kind. */
const chapter *chapter_of(const summary *s);

/* Published values beside what was measured; for experiments that have any. */
extern const char published_question[];
void published_table(table *t, const summary *s);

/* Whether the report has this question of the chapter. */
bool chapter_asks(const summary *s, const question *q);
/* What a sentence says; NULL: no memory. The caller frees it. */
char *chapter_said(sentence *what, const summary *s);

/* A field of a CSV row (RFC 4180), and the comma after it; a number that is NaN is empty. */
void put_csv_text(FILE *out, const char *text);
void put_csv_number(FILE *out, double x);

#endif
