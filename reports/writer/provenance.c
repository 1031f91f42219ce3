/* SPDX-License-Identifier: MIT */
/* provenance.c - where a store's rows came from, and how to make them again. */
#include "writer/provenance.h"

#include <string.h>

const char provenance_question[] = "Where do these numbers come from?";

static const char *fact(const summary_session *session, const char *key) {
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
static bool said_before(const summary *s, size_t session, const char *key, const char *value) {
    for (size_t i = 0; i < session; i++) {
        const char *earlier = fact(&s->sessions[i], key);
        if (earlier && (!value || same(earlier, value)))
            return true;
    }
    return false;
}

void provenance_headline(FILE *out, const summary *s) {
    fprintf(out, "%zu session%s added these runs.", s->n_sessions, s->n_sessions == 1 ? "" : "s");
}

void provenance_commands(FILE *out, const summary *s) {
    for (size_t i = 0; i < s->n_sessions; i++) {
        const char *command = fact(&s->sessions[i], "command");
        if (command && !said_before(s, i, "command", command))
            fprintf(out, "%s\n", command);
    }
}

static bool same_facts(const summary_session *a, const summary_session *b) {
    if (a->n_facts != b->n_facts)
        return false;
    for (size_t i = 0; i < a->n_facts; i++)
        if (!same(a->facts[i].key, b->facts[i].key) || !same(a->facts[i].value, b->facts[i].value))
            return false;
    return true;
}

/* The session after the run of equal ones that starts at `first`. */
static size_t run_end(const summary *s, size_t first) {
    size_t end = first + 1;
    while (end < s->n_sessions && same_facts(&s->sessions[first], &s->sessions[end]))
        end++;
    return end;
}

static void put_row(table *t, const summary *s, const char *key) {
    fputs(key, table_cell(t));
    for (size_t i = 0; i < s->n_sessions; i = run_end(s, i)) {
        const char *value = fact(&s->sessions[i], key);
        fputs(value ? value : "–", table_cell(t));
    }
}

void provenance_table(table *t, const summary *s) {
    table_columns(t, "l");
    for (size_t i = 0; i < s->n_sessions; i = run_end(s, i))
        table_columns(t, "l");
    fputs("session", table_cell(t));
    for (size_t i = 0, end; i < s->n_sessions; i = end) {
        end = run_end(s, i);
        FILE *f = table_cell(t);
        fprintf(f, "%lld", (long long)s->sessions[i].number);
        if (end > i + 1)
            fprintf(f, "–%lld", (long long)s->sessions[end - 1].number);
    }
    for (size_t i = 0; i < s->n_sessions; i++)
        for (size_t j = 0; j < s->sessions[i].n_facts; j++)
            if (!said_before(s, i, s->sessions[i].facts[j].key, NULL))
                put_row(t, s, s->sessions[i].facts[j].key);
}
