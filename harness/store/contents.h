/* SPDX-License-Identifier: MIT */
/* contents.h - what every store says, whatever its study: the experiment and the sessions. */
#ifndef STORE_CONTENTS_H
#define STORE_CONTENTS_H

#include "store/store.h"

/* What one process that added results said about itself. */
typedef struct store_session {
    int64_t number;
    struct store_said {
        char *key, *value;
    } * facts; /* by key */
    size_t n_facts, room;
} store_session;

typedef struct store_contents {
    char *name, *resolved, *description; /* of the experiment; resolved: as YAML */
    experiment *x;
    store_session *sessions;
    size_t n_sessions, room;
} store_contents;

/* The overrides (see experiment.h) are of what does not define the results, such as sweep.fit;
 * BF_EINPUT for others. `kind`: the store's. */
BF_MUST_CHECK bf_status store_contents_read(store_contents **out, store *st, const store_kind *kind,
                                            const char *const *overrides, size_t n_overrides,
                                            bf_error *err);
void store_contents_free(store_contents *c);
/* Forget of the sessions what may differ where the results do not: all but their commands. */
void store_contents_reproducible(store_contents *c);

#endif
