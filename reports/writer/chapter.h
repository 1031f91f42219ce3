/* SPDX-License-Identifier: MIT */
/* chapter.h - what a report says of a store, by its kind: questions with their answers, which are
 * sentences, figures and tables. */
#ifndef CHAPTER_H
#define CHAPTER_H

#include "stats/stats.h"
#include "store/contents.h"
#include "writer/figure.h"
#include "writer/table.h"

/* What a report is made from: a store's contents, and what its study found in it, of which only the
 * study's own chapter knows the type. */
struct summary {
    const struct chapter *chapter;
    store_contents *store;
    void *results;
};

/* Sentences end with a full stop and no newline; notes are paragraphs, each ended by a newline.
 * They need not look whether `out` takes them: whoever opened it does. */
typedef void sentence(FILE *out, const summary *sum);

/* Pictures made of pixels, as many as a store has. */
typedef struct pictures {
    size_t (*count)(const summary *sum);
    /* The i-th as a PNG; what it shows, in one line of sentences. */
    bf_status (*png)(FILE *out, const summary *sum, size_t i, bf_error *err);
    void (*caption)(FILE *out, const summary *sum, size_t i);
} pictures;

/* A figure, and the table of its numbers. */
typedef struct exhibit {
    const figure *figure; /* NULL: none */
    const char *caption;
    void (*table)(table *t, const summary *sum); /* NULL: the next exhibit's has the numbers */
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
    sentence *lede;            /* everything in one sentence */
    sentence *incomplete;      /* what is missing; nothing when nothing is */
    const pictures *pictures;  /* on the page before the questions; NULL: none */
    const question *questions; /* up to the first without an id */
    /* Whether the store has what a question is about; NULL: always. */
    bool (*asks)(const summary *sum, const question *q);
    /* For a terminal: a table, and what it means as lines of text. */
    void (*brief)(table *t, const summary *sum);
    sentence *brief_notes;
    const char *csv_head;                        /* columns, */
    const char *(*csv_more)(const summary *sum); /* further ones, ""; NULL: none, */
    void (*csv)(FILE *f, const summary *sum);    /* and rows, each ended by CR LF */
    struct json_t *(*json)(const summary *sum);  /* NULL: no memory */
    /* What an experiment may set beside a published value, by name; may be NULL. Returns whether
     * there is such a measure. */
    bool (*measure)(const summary *sum, const char *name, measured *out);
} chapter;

/* Published values beside what was measured; for experiments that have any. */
extern const char published_question[];
void published_table(table *t, const summary *sum);

/* Whether the report has this question of the chapter. */
bool chapter_asks(const summary *sum, const question *q);
/* What a sentence says; NULL: no memory. The caller frees it. */
char *chapter_said(sentence *what, const summary *sum);

/* A field of a CSV row (RFC 4180), and the comma after it; a number that is NaN is empty. */
void put_csv_text(FILE *out, const char *text);
void put_csv_number(FILE *out, double x);

#endif
