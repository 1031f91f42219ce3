/* SPDX-License-Identifier: MIT */
/* launch.h - how a cell of a matrix is run: words, environment, cores. */
#ifndef LAUNCH_H
#define LAUNCH_H

#include "studies/matrix/matrix.h"

/* Texts of its own; NULL after the last. */
typedef struct word_list {
    char **list;
    size_t n;
} word_list;

/* Zero-initialised by launch_cell. Functions return false when there is no memory. */
typedef struct launch {
    word_list words;       /* bitfate train ... */
    word_list changes;     /* NAME=value, or NAME to unset it */
    word_list environment; /* this process's with the changes */
    bool one_core;
    size_t trace; /* index of the word that names the trace; 0: none */
} launch;

/* The cell, by the plan. To be given back to launch_free whether or not it succeeds. */
bool launch_cell(launch *l, const matrix_plan *p, size_t cell);
bool launch_word(launch *l, const char *word);
bool launch_set_trace(launch *l, const char *path);
const char *launch_trace(const launch *l);
void launch_free(launch *l);

/* What does the same in a shell, to be freed; NULL: no memory. */
char *launch_command(const launch *l);

/* Whether this value of an environment variable may make a process load code: files come from
 * strangers. */
bool launch_loads_code(const char *name, const char *value);

#endif
