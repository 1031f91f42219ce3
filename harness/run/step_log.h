/* SPDX-License-Identifier: MIT */
/* step_log.h - what the operations of one training step gave in one lane, under a hash tree: two
 * steps are compared from the root down. */
#ifndef STEP_LOG_H
#define STEP_LOG_H

#include "bitfate.h"

/* A block of an operation's values. */
typedef struct step_block {
    bf_operation what; /* its `values` are not kept there, but in the log, from `offset` on */
    size_t offset;
} step_block;

typedef struct step_log {
    size_t bytes; /* of a value: to be set before the first use; all else zero */
    step_block *blocks;
    bf_hash *leaves; /* hash of each block's values */
    size_t n, most;  /* blocks, and room for them */
    uint8_t *values;
    size_t size, room; /* bytes */
    bool full;         /* no memory: the log is not whole */
} step_log;

/* A bf_observer; the context is the log. */
void step_log_observe(void *log, const bf_operation *o);
/* Empty it, for another step. */
void step_log_clear(step_log *log);
void step_log_free(step_log *log);

/* Whether two blocks are of one operation, and of the same shape. */
bool step_log_same_shape(const bf_operation *a, const bf_operation *b);

/* The first block in which two steps of one format differ, in shape or in value; SIZE_MAX: they are
 * the same. `compared` (may be NULL): pairs of hashes looked at. BF_EMACHINE: no memory, now or
 * when the step was taken down. */
BF_MUST_CHECK bf_status step_log_compare(const step_log *a, const step_log *b, size_t *block,
                                         size_t *compared, bf_error *err);

#endif
