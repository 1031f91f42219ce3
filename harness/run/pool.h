/* SPDX-License-Identifier: MIT */
/* pool.h - child processes of this program, several at once, each with a time limit. */
#ifndef POOL_H
#define POOL_H

#include "run/limits.h"

/* One process of this very program. Standard input is empty. */
typedef struct pool_job {
    char *const *words;       /* its arguments, from argv[0]; NULL after the last */
    char *const *environment; /* NAME=value; NULL after the last */
    const char *out, *err;    /* files that take standard output and standard error */
    bool one_core;            /* bind it to pool_first_core */
} pool_job;

/* The first core that this process may use, and how many there are. */
size_t pool_first_core(void);
int pool_cores(void);

/* How it ended: as waitpid says, unless it was killed because its time was up. */
typedef void pool_ended(void *context, size_t job, int wait_status, bool overtime);

/* Run all n jobs, at most `at_once` at a time, none longer than `seconds`; `ended` is called by
 * this thread as each ends. BF_EINTERRUPTED, by the limits; BF_EMACHINE: no process could be
 * made; what runs is then killed. */
BF_MUST_CHECK bf_status pool_run(const pool_job *jobs, size_t n, int at_once, uint64_t seconds,
                                 const limits *l, pool_ended *ended, void *context, bf_error *err);

#endif
