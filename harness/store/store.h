/* SPDX-License-Identifier: MIT */
/* store.h - results in one SQLite file.
 *
 * A result is written once; results are written in batches, each one transaction, so that a store
 * killed at any moment holds whole batches and can be resumed. Rows have no time stamps and no
 * order of arrival: the same experiment leaves the same rows whatever the threads and
 * interruptions.
 */
#ifndef STORE_H
#define STORE_H

#include "experiment/experiment.h"

/* PRAGMA application_id of every store ("bitf"), and user_version of this schema. */
enum { STORE_APPLICATION_ID = 0x62697466, STORE_VERSION = 3 };

/* The tables of every store:
 *
 *   experiment (key TEXT PRIMARY KEY, value TEXT)
 *       one row each: name, resolved (YAML), kind, identity (a hash)
 *   arithmetic (id INTEGER PRIMARY KEY, name TEXT UNIQUE, precision INTEGER, strict INTEGER)
 *   provenance (session INTEGER, key TEXT, value TEXT, PRIMARY KEY (session, key))
 *       sessions count from 1: every process that added results describes itself
 */
typedef struct store store;

/* What a store is of. */
typedef struct store_kind {
    const char *name;   /* of the command that writes it */
    const char *schema; /* of its own tables, in SQL */
    /* What defines its results: a store is extended by experiments that agree in it. */
    bf_hash (*identity)(const experiment *x);
    bf_status (*fill)(store *s, const experiment *x, bf_error *err); /* a new one; may be NULL */
    /* Of an earlier program's store that is extended: what its tables hold of hashes of experiments
     * becomes that of the present rules; may be NULL. */
    bf_status (*renew)(store *s, bf_error *err);
} store_kind;
extern const store_kind store_sweep, store_ladder, store_lyapunov, store_map;

/* Open for writing: create the file, or go on with one of this kind and identity. */
BF_MUST_CHECK bf_status store_open(store **out, const char *path, const store_kind *kind,
                                   const experiment *x, bf_error *err);
/* Open an existing store for reading. */
BF_MUST_CHECK bf_status store_read(store **out, const char *path, bf_error *err);
void store_close(store *s);
/* Of the file. */
const char *store_path(const store *s);
/* What it is of. */
const store_kind *store_kind_of(store *s);

/* The identity of what it holds, by the present rules, from the resolved experiment. What the store
 * itself says is that of the program that wrote it, which may have known fewer fields. */
BF_MUST_CHECK bf_status store_identity(store *s, bf_hash *out, bf_error *err);
/* Whether what it says is by other rules than the present ones. */
bool store_is_earlier(store *s);

/* The sqlite3 handle, for queries. */
struct sqlite3 *store_db(store *s);
/* A value of the experiment table; NULL when absent. Valid until the store is closed. */
const char *store_experiment(store *s, const char *key);

/* The id of an arithmetic, made when it is new. */
BF_MUST_CHECK bf_status store_arithmetic(store *s, const bf_arithmetic *a, int *id, bf_error *err);
/* What describes this process (provenance.h) becomes a session with the first batch. The command
 * line must outlive the store. */
void store_describe(store *s, const char *command, int threads);

/* ---- sweeps -------------------------------------------------------------------------------
 *
 *   eps    (id INTEGER PRIMARY KEY, text TEXT UNIQUE, value REAL)
 *       id 0 is "0", the unperturbed reference; ids 1.. increase with eps
 *   trial  (arithmetic, eps, start, outcome TEXT, later TEXT, step, moved, hash BLOB,
 *           predictions BLOB)
 *       PRIMARY KEY (arithmetic, eps, start) WITHOUT ROWID
 *       outcome at `steps`; later: the outcome at stability * steps, for eps 0 only, else NULL;
 *       step: where the run ended (below `steps` when it diverged); moved: whether the
 *       perturbation changed any parameter; hash: of the final parameters;
 *       predictions: for each test sample the index of its largest output, in two bytes, the least
 *       significant first; NULL: there are no test data, or the run has diverged
 *   repeat (arithmetic, start, first BLOB, second BLOB)
 *       PRIMARY KEY (arithmetic, start) WITHOUT ROWID
 *       chained trajectory hashes of two identical runs
 */
typedef struct store_trial {
    unsigned eps; /* index: 0 the reference */
    uint64_t start, step;
    char outcome[40], later[40]; /* later: "" when there is none */
    bool moved;
    bf_hash hash;
    size_t n_predictions; /* bytes; 0: none */
    const uint8_t *predictions;
} store_trial;

typedef struct store_repeat {
    uint64_t start;
    bf_hash first, second;
} store_repeat;

/* Which starts below n are still missing for (arithmetic, eps): missing[i] = true. */
BF_MUST_CHECK bf_status store_missing_trials(store *s, int arithmetic, unsigned eps, uint64_t n,
                                             bool *missing, bf_error *err);
BF_MUST_CHECK bf_status store_missing_repeats(store *s, int arithmetic, uint64_t n, bool *missing,
                                              bf_error *err);
/* Add a batch in one transaction, which is on disk when this returns. Trials that are there
 * already (from another process at the same time) stay: they are the same. */
BF_MUST_CHECK bf_status store_add(store *s, int arithmetic, const store_trial *trials,
                                  size_t n_trials, const store_repeat *repeats, size_t n_repeats,
                                  bf_error *err);

/* ---- ladders ------------------------------------------------------------------------------
 *
 *   rung (arithmetic, steps, start, outcome TEXT, step, theta BLOB)
 *       PRIMARY KEY (arithmetic, steps, start) WITHOUT ROWID
 *       the run from a start after `steps` steps; step: where it ended (below `steps` when it
 *       diverged); theta: its first parameters there, at most STORE_SKETCH, in canonical encoding
 *   growth (start INTEGER PRIMARY KEY, rate REAL)
 *       of a tangent, per step, over train.steps steps in binary64; NULL: the run diverged
 */
enum { STORE_SKETCH = 8 };
typedef struct store_rung {
    uint64_t start, steps, step;
    char outcome[40];
    size_t n_theta; /* bytes */
    uint8_t *theta;
} store_rung;

BF_MUST_CHECK bf_status store_missing_rungs(store *s, int arithmetic, uint64_t steps, uint64_t n,
                                            bool *missing, bf_error *err);
BF_MUST_CHECK bf_status store_missing_growth(store *s, uint64_t n, bool *missing, bf_error *err);
/* As store_add. */
BF_MUST_CHECK bf_status store_add_growth(store *s, const double *rates, size_t n, bf_error *err);
BF_MUST_CHECK bf_status store_add_rungs(store *s, int arithmetic, const store_rung *rungs, size_t n,
                                        bf_error *err);

#endif
