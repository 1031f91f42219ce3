/* SPDX-License-Identifier: MIT */
/* provenance.c - where a store's rows came from, and how to make them again. */
#include "writer/provenance.h"

#include <string.h>

const char provenance_question[] = "Where do these numbers come from?";

static const char *fact(const store_session *session, const char *key) {
    for (size_t i = 0; i < session->n_facts; i++)
        if (strcmp(session->facts[i].key, key) == 0)
            return session->facts[i].value;
    return NULL;
}

/* Whether two texts are the same; either may be NULL. */
static bool same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether an earlier session has this fact with this value, or (value NULL) at all. */
static bool said_before(const summary *sum, size_t session, const char *key, const char *value) {
    for (size_t i = 0; i < session; i++) {
        const char *earlier = fact(&sum->store->sessions[i], key);
        if (earlier && (!value || same(earlier, value)))
            return true;
    }
    return false;
}

void provenance_headline(FILE *out, const summary *sum) {
    fprintf(out, "%zu session%s added these runs.", sum->store->n_sessions,
            sum->store->n_sessions == 1 ? "" : "s");
}

void provenance_commands(FILE *out, const summary *sum) {
    for (size_t i = 0; i < sum->store->n_sessions; i++) {
        const char *command = fact(&sum->store->sessions[i], "command");
        if (command && !said_before(sum, i, "command", command))
            fprintf(out, "%s\n", command);
    }
}

static bool same_facts(const store_session *a, const store_session *b) {
    if (a->n_facts != b->n_facts)
        return false;
    for (size_t i = 0; i < a->n_facts; i++)
        if (!same(a->facts[i].key, b->facts[i].key) || !same(a->facts[i].value, b->facts[i].value))
            return false;
    return true;
}

/* The session after the run of equal ones that starts at `first`. */
static size_t run_end(const summary *sum, size_t first) {
    size_t end = first + 1;
    while (end < sum->store->n_sessions &&
           same_facts(&sum->store->sessions[first], &sum->store->sessions[end]))
        end++;
    return end;
}

static void put_row(table *t, const summary *sum, const char *key) {
    fputs(key, table_cell(t));
    for (size_t i = 0; i < sum->store->n_sessions; i = run_end(sum, i)) {
        const char *value = fact(&sum->store->sessions[i], key);
        fputs(value ? value : "–", table_cell(t));
    }
}

void provenance_table(table *t, const summary *sum) {
    table_columns(t, "l");
    for (size_t i = 0; i < sum->store->n_sessions; i = run_end(sum, i))
        table_columns(t, "l");
    fputs("session", table_cell(t));
    for (size_t i = 0, end; i < sum->store->n_sessions; i = end) {
        end = run_end(sum, i);
        FILE *f = table_cell(t);
        fprintf(f, "%lld", (long long)sum->store->sessions[i].number);
        if (end > i + 1)
            fprintf(f, "–%lld", (long long)sum->store->sessions[end - 1].number);
    }
    for (size_t i = 0; i < sum->store->n_sessions; i++)
        for (size_t j = 0; j < sum->store->sessions[i].n_facts; j++)
            if (!said_before(sum, i, sum->store->sessions[i].facts[j].key, NULL))
                put_row(t, sum, sum->store->sessions[i].facts[j].key);
}
