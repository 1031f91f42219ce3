/* SPDX-License-Identifier: MIT */
/* options.h - what the user typed. An option is one row of the table in options.c and a field here;
 * a command names the options that it takes. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "run/limits.h"

#include <stdio.h>

/* Zero or NULL: not given. */
typedef struct options {
    bool json, quiet, csv, md, allow_library, reproducible, help, raw, flush;
    uint64_t threads, record_every; /* record_every: steps */
    double max_time;                /* seconds */
    const char *isa, *arith, *trace, *traces, *weights, *output, *why;
    const char *view, *zoom, *points, *shade, *store;
    const char *rounding, *junit, *sarif, *scope;
    const char **overrides; /* options_free frees the list */
    size_t n_overrides;
    const char *command_line; /* as typed, quoted for a shell */
    limits limits;            /* what follows from them, and the interrupt signal */
} options;

struct command;

/* Fill `o` from argv[1] on; the arguments behind the options begin at *first. BF_EINPUT: something
 * that the command does not take. After --help nothing else is looked at. To be given back to
 * options_free whether or not it succeeds. */
BF_MUST_CHECK bf_status options_parse(options *o, const struct command *c, int argc, char **argv,
                                      int *first, bf_error *err);
void options_free(options *o);

/* The part of a command's help that lists its options. */
void options_print(const struct command *c, FILE *f);

#endif
