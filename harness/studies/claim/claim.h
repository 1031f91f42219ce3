/* SPDX-License-Identifier: MIT */
/* claim.h - claim files: what is said to be reproducible, over which axes.
 *
 *   experiment: ../minimal.yaml         beside the claim file, or an absolute path
 *   claims:
 *     - name: threads and kernels       default: claim 1, claim 2, ...
 *       bits: identical                 or `outcome: same`
 *       over: {threads: [1, 2], kernels: [plain, auto]}      see axes.h
 *       arithmetics: [f64, f64/exact]   claimed of each; default: the experiment's first
 *       steps: 1000                     default: the experiment's
 *       repeat: 2                       times that each cell is run
 *       limit: 60                       seconds for each run
 */
#ifndef CLAIM_H
#define CLAIM_H

#include "experiment/axes.h"
#include "bitfate.h"

typedef struct claim {
    char *name, *bits;
    char *outcome;  /* not NULL: it is claimed to be the same, not the bits to be identical */
    axes over;      /* may be none: a run repeats itself */
    axes each;      /* one axis, of arithmetics, or none */
    uint64_t steps; /* 0: the experiment's */
    uint64_t repeat, limit;
} claim;

typedef struct claim_file {
    char *experiment; /* path */
    claim *claims;
    unsigned n;
} claim_file;

/* On failure the error names file, line and what was expected. */
BF_MUST_CHECK bf_status claim_load(claim_file **out, const char *path, bf_error *err);
void claim_free(claim_file *f);

#endif
