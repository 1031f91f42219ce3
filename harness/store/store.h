/* SPDX-License-Identifier: MIT */
/* store.h - results in one SQLite file.
 *
 * A result is written once; results are written in blocks of rows, each one transaction, so that a
 * store killed at any moment holds whole blocks and can be resumed. Rows have no time stamps and no
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
struct store_extension;

/* What a store is of: the store's side of a study. */
typedef struct store_kind {
    const char *name;   /* of the command that writes it */
    const char *schema; /* of its own tables, in SQL */
    /* What defines its results: a store is extended by experiments that agree in it. */
    bf_hash (*identity)(const experiment *x);
    bf_status (*fill)(store *st, const experiment *x, bf_error *err); /* a new one; may be NULL */
    /* Of an earlier program's store that is extended: what its tables hold of hashes of experiments
     * becomes that of the present rules. NULL: nothing. */
    bf_status (*renew)(store *st, bf_error *err);
    /* When one is extended: the fields, beside the arithmetics, of which the store's experiment
     * keeps the larger number, by store_keep. NULL: none. */
    void (*extend)(struct store_extension *to, const experiment *now, const experiment *old);
} store_kind;
/* `path`: of the field, such as sweep.starts. At most STORE_KEPT of them. */
enum { STORE_KEPT = 4 };
void store_keep(struct store_extension *to, const char *path, uint64_t now, uint64_t old);

/* Open for writing: create the file, or go on with one of this kind and identity. `path` NULL: in
 * memory, until it is closed. */
BF_MUST_CHECK bf_status store_open(store **out, const char *path, const store_kind *kind,
                                   const experiment *x, bf_error *err);
/* Open an existing store for reading. */
BF_MUST_CHECK bf_status store_read(store **out, const char *path, bf_error *err);
void store_close(store *st);
/* Of the file; of one in memory as SQLite names it. */
const char *store_path(const store *st);

/* The identity of what it holds, by the present rules, from the resolved experiment. What the store
 * itself says is that of the program that wrote it, which may have known fewer fields. */
BF_MUST_CHECK bf_status store_identity(store *st, const store_kind *kind, bf_hash *out,
                                       bf_error *err);
/* Whether what it says is by other rules than the present ones. */
bool store_is_earlier(store *st, const store_kind *kind);

/* The sqlite3 handle, for queries. */
struct sqlite3 *store_db(store *st);
/* A value of the experiment table; NULL when absent. Valid until the store is closed. */
const char *store_experiment(store *st, const char *key);

/* The id of an arithmetic, made when it is new. */
BF_MUST_CHECK bf_status store_arithmetic(store *st, const bf_arithmetic *a, int *id, bf_error *err);
/* What describes this process (provenance.h) becomes a session with the first block of rows. The
 * command line must outlive the store. */
void store_describe(store *st, const char *command, int threads);

#endif
