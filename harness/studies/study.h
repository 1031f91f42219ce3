/* SPDX-License-Identifier: MIT */
/* study.h - what is asked of an experiment or a program. A study is a folder that defines one of
 * these (study.c there), and a line in studies.c. Beside it in the folder stand, where they apply:
 *
 *   run.c      the computing      analyse.c  from rows to results     json.c     the document
 *   store.c    tables and rows    chapter.c  what a report says       figures.c  its figures
 */
#ifndef STUDY_H
#define STUDY_H

#include "cli/command.h"
#include "store/store.h"
#include "writer/chapter.h"

typedef struct study {
    const command *command; /* how it is asked for */

    /* The rest is NULL for a study that keeps no store; `check` and `run` also where a command goes
     * its own way to the store. */
    const store_kind *kind;
    const char *rows; /* what a store has: "trials" */
    bool optional;    /* whether it goes without -o, its rows being kept in memory */
    /* Whether the experiment, read from `path`, has what the study needs: before anything is run
     * or written. */
    bf_status (*check)(const experiment *x, const limits *l, const char *path, bf_error *err);
    /* Compute what the store lacks. BF_INCONCLUSIVE: out of time. */
    bf_status (*run)(const experiment *x, store *st, const limits *l, bf_error *err);
    /* What the store says, to be given back to `free`. It begins in a snapshot (sql.h) and ends
     * it when everything is read. */
    bf_status (*analyse)(void **out, store *st, const store_contents *c, bf_error *err);
    void (*free)(void *results);
    const chapter *chapter; /* the page, the terminal's table, JSON and CSV */
} study;

/* All of them, NULL after the last. */
extern const study *const studies[];

/* The command of a study with a store: load, check, open, run, analyse, print. */
BF_MUST_CHECK bf_status study_run(const study *of, const options *o, const char *path,
                                  bf_error *err);

/* What a store says. The overrides are as in contents.h. To be given back to study_forget, which
 * takes an empty one. */
BF_MUST_CHECK bf_status study_summarise(summary *out, store *st, const char *const *overrides,
                                        size_t n_overrides, bf_error *err);
void study_forget(summary *sum);
/* Print it: a table or, with --json, the document; nothing with --quiet. */
BF_MUST_CHECK bf_status study_print(const summary *sum, const options *o, bf_error *err);
/* How a run that went as `s` says ends, `path` being the store's (NULL: in memory): with what the
 * user should know of going on. */
bf_status study_end(bf_status s, const options *o, const char *path, bf_error *err);

#endif
