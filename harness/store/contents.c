/* SPDX-License-Identifier: MIT */
/* contents.c - what every store says, whatever its study. */
#include "store/contents.h"

#include "store/query.h"

#include <stdlib.h>
#include <string.h>

static bf_status add_fact(void *self, sqlite3_stmt *row, bf_error *err) {
    store_contents *c = self;
    const int64_t number = sqlite3_column_int64(row, 0);
    bf_status s;
    store_session *session = c->n_sessions ? &c->sessions[c->n_sessions - 1] : NULL;
    if (!session || session->number != number) {
        s = bf_array_grow(&c->sessions, &c->room, c->n_sessions + 1, sizeof *session, err);
        if (s != BF_OK)
            return s;
        session = &c->sessions[c->n_sessions++];
        *session = (store_session){.number = number};
    }
    s = bf_array_grow(&session->facts, &session->room, session->n_facts + 1, sizeof *session->facts,
                      err);
    if (s != BF_OK)
        return s;
    struct store_said *fact = &session->facts[session->n_facts++];
    *fact = (struct store_said){store_column_text(row, 1), store_column_text(row, 2)};
    return fact->key && fact->value ? BF_OK : bf_no_memory(err);
}

static const store_query sessions = {
    "itt", "SELECT session, key, value FROM provenance ORDER BY session, key", add_fact};

static bf_status read_experiment(store_contents *c, store *st, const store_kind *kind,
                                 const char *const *overrides, size_t n_overrides, bf_error *err) {
    const char *text = store_experiment(st, "resolved");
    bf_hash there;
    if (!text)
        return bf_fail(err, BF_EINPUT, "not a store of bitfate: it holds no experiment");
    bf_status s = experiment_parse(&c->x, text, strlen(text), "the store's experiment", 1,
                                   overrides, n_overrides, NULL, err);
    BF_TRY(s, store_identity(st, kind, &there, err));
    if (s != BF_OK)
        return s;
    const bf_hash h = kind->identity(c->x);
    if (n_overrides && !bf_hash_equal(&h, &there))
        return bf_fail(err, BF_EINPUT,
                       "the trials were run already; expected overrides of what they do not "
                       "depend on, such as sweep.fit.to");
    c->resolved = n_overrides ? experiment_resolved(c->x) : store_text(text);
    c->name = store_text(c->x->name);
    c->description = store_text(c->x->description);
    return c->resolved && c->name && c->description ? BF_OK : bf_no_memory(err);
}

bf_status store_contents_read(store_contents **out, store *st, const store_kind *kind,
                              const char *const *overrides, size_t n_overrides, bf_error *err) {
    *out = NULL;
    store_contents *c = calloc(1, sizeof *c);
    if (!c)
        return bf_no_memory(err);
    bf_status s = store_query_rows(st, &sessions, c, err);
    BF_TRY(s, read_experiment(c, st, kind, overrides, n_overrides, err));
    if (s == BF_OK)
        *out = c;
    else
        store_contents_free(c);
    return s;
}

static void free_facts(struct store_said *facts, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        free(facts[i].key);
        free(facts[i].value);
    }
}

void store_contents_reproducible(store_contents *c) {
    for (size_t i = 0; i < c->n_sessions; i++) {
        store_session *session = &c->sessions[i];
        size_t kept = 0;
        for (size_t j = 0; j < session->n_facts; j++)
            if (strcmp(session->facts[j].key, "command") == 0)
                session->facts[kept++] = session->facts[j];
            else
                free_facts(session->facts, j, j + 1);
        session->n_facts = kept;
    }
}

void store_contents_free(store_contents *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->n_sessions; i++) {
        free_facts(c->sessions[i].facts, 0, c->sessions[i].n_facts);
        free(c->sessions[i].facts);
    }
    free(c->sessions);
    experiment_free(c->x);
    free(c->name);
    free(c->resolved);
    free(c->description);
    free(c);
}
