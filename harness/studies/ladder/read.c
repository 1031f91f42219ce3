/* SPDX-License-Identifier: MIT */
/* read.c - the runs of a ladder, out of a store. */
#include "studies/ladder/read.h"

#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

static bf_status damaged(bf_error *err) {
    return bf_fail(err, BF_EINPUT, "damaged store: a rung that no ladder leaves");
}

void ladder_data_free(ladder_data *d) {
    for (size_t m = 0; m < d->n_members; m++) {
        for (size_t l = 0; d->members[m].at && l < d->n_comparisons; l++) {
            ladder_runs *r = &d->members[m].at[l];
            for (size_t s = 0; r->theta && s < d->starts; s++)
                free(r->theta[s]);
            free(r->outcome);
            free(r->ended);
            free(r->theta);
            free(r->n_theta);
        }
        free(d->members[m].at);
        free(d->members[m].name);
    }
    for (int i = 0; i < d->n_labels; i++)
        free(d->labels[i]);
    free(d->members);
    free(d->labels);
    free(d->rates);
}

static bool new_runs(ladder_runs *r, size_t starts) {
    r->outcome = malloc((starts + 1) * sizeof *r->outcome);
    r->ended = calloc(starts + 1, sizeof *r->ended);
    r->theta = calloc(starts + 1, sizeof *r->theta);
    r->n_theta = calloc(starts + 1, sizeof *r->n_theta);
    for (size_t s = 0; r->outcome && s < starts; s++)
        r->outcome[s] = -1;
    return r->outcome && r->ended && r->theta && r->n_theta;
}

static unsigned place_in(const experiment *x, const char *name) {
    unsigned i = 0;
    while (i < x->n_arithmetics && strcmp(x->arithmetics[i], name) != 0)
        i++;
    return i;
}

static bf_status add_member(ladder_data *d, const experiment *x, sqlite3_stmt *row, bf_error *err) {
    ladder_member *grown = realloc(d->members, (d->n_members + 1) * sizeof *grown);
    if (!grown)
        return bf_no_memory(err);
    d->members = grown;
    ladder_member *m = &d->members[d->n_members++];
    *m = (ladder_member){.id = sqlite3_column_int64(row, 0)};
    const char *name = (const char *)sqlite3_column_text(row, 1);
    bf_arithmetic a;
    /* By its name alone: a store does not decide what is opened. */
    bf_status s = bf_arithmetic_parse(&a, name ? name : "", err);
    if (s != BF_OK)
        return s;
    m->name = strdup(a.name);
    m->format = a.format;
    m->strict = a.strict;
    m->plain = !strchr(a.name, '/');
    m->order = place_in(x, a.name);
    m->at = calloc(d->n_comparisons, sizeof *m->at);
    if (!m->name || !m->at)
        return bf_no_memory(err);
    for (size_t l = 0; l < d->n_comparisons; l++)
        if (!new_runs(&m->at[l], d->starts))
            return bf_no_memory(err);
    return BF_OK;
}

static int label_number(ladder_data *d, const char *label) {
    for (int i = 0; i < d->n_labels; i++)
        if (strcmp(d->labels[i], label) == 0)
            return i;
    char **grown = realloc(d->labels, ((size_t)d->n_labels + 1) * sizeof *grown);
    if (!grown)
        return -1;
    d->labels = grown;
    d->labels[d->n_labels] = strdup(label);
    return d->labels[d->n_labels] ? d->n_labels++ : -1;
}

static bf_status add_rung(ladder_data *d, sqlite3_stmt *row, bf_error *err) {
    ladder_member *m = d->members;
    while (m < d->members + d->n_members && m->id != sqlite3_column_int64(row, 0))
        m++;
    size_t place = 0;
    while (place < d->n_comparisons && (int64_t)d->steps[place] != sqlite3_column_int64(row, 1))
        place++;
    const int64_t start = sqlite3_column_int64(row, 2);
    const char *label = (const char *)sqlite3_column_text(row, 3);
    const int n = sqlite3_column_bytes(row, 5);
    if (m == d->members + d->n_members || start < 0 || !label || n < 0 ||
        (size_t)n % m->format.bytes != 0 || (size_t)n > LADDER_PREFIX * m->format.bytes)
        return damaged(err);
    if (place == d->n_comparisons || (uint64_t)start >= d->starts)
        return BF_OK; /* of a longer ladder */
    ladder_runs *r = &m->at[place];
    r->outcome[start] = label_number(d, label);
    r->ended[start] = sqlite3_column_int64(row, 4) < sqlite3_column_int64(row, 1);
    free(r->theta[start]);
    r->theta[start] = malloc((size_t)n + 1);
    if (!r->theta[start] || r->outcome[start] < 0)
        return bf_no_memory(err);
    if (n > 0)
        memcpy(r->theta[start], sqlite3_column_blob(row, 5), (size_t)n);
    r->n_theta[start] = n;
    return BF_OK;
}

static bf_status read_rows(store *st, ladder_data *d, const experiment *x, const char *sql,
                           bool rungs, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s = store_prepare(st, sql, &q, err);
    int code = SQLITE_DONE;
    while (s == BF_OK && (code = sqlite3_step(q)) == SQLITE_ROW)
        s = rungs ? add_rung(d, q, err) : add_member(d, x, q, err);
    if (s == BF_OK && code != SQLITE_DONE)
        s = store_failed(st, err);
    sqlite3_finalize(q);
    return s;
}

static int by_bits(const void *a, const void *b) {
    const ladder_member *m = a, *n = b;
    if (m->format.precision != n->format.precision)
        return m->format.precision < n->format.precision ? -1 : 1;
    return m->order < n->order ? -1 : m->order > n->order;
}

static bool has_runs(const ladder_member *m, const ladder_data *d) {
    for (size_t l = 0; l < d->n_comparisons; l++)
        for (size_t s = 0; s < d->starts; s++)
            if (m->at[l].outcome[s] >= 0)
                return true;
    return false;
}

static bf_status read_rates(ladder_data *d, store *st, bf_error *err) {
    sqlite3_stmt *q;
    bf_status s =
        store_prepare(st, "SELECT rate FROM growth WHERE rate IS NOT NULL ORDER BY start", &q, err);
    if (s != BF_OK)
        return s;
    d->rates = malloc((d->starts + 1) * sizeof *d->rates);
    int code = SQLITE_ROW;
    while (d->rates && d->n_rates < d->starts && (code = sqlite3_step(q)) == SQLITE_ROW)
        d->rates[d->n_rates++] = sqlite3_column_double(q, 0);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        s = store_failed(st, err);
    sqlite3_finalize(q);
    return d->rates || s != BF_OK ? s : bf_no_memory(err);
}

bf_status ladder_read(ladder_data *d, store *st, const experiment *x, bf_error *err) {
    *d = (ladder_data){.starts = (size_t)x->ladder.starts,
                       .steps = x->ladder.steps,
                       .n_comparisons = x->ladder.n_steps};
    bf_status s = read_rows(st, d, x, "SELECT id, name FROM arithmetic ORDER BY id", false, err);
    BF_TRY(s, read_rows(st, d, x, "SELECT arithmetic, steps, start, outcome, step, theta FROM rung",
                        true, err));
    BF_TRY(s, read_rates(d, st, err));
    if (s != BF_OK)
        return s;
    if (d->n_members > 0)
        qsort(d->members, d->n_members, sizeof *d->members, by_bits);
    /* The highest precision; of several with the same, a plain one, else the first. */
    for (size_t i = 0; i < d->n_members; i++) {
        const ladder_member *m = &d->members[i], *r = d->reference;
        if (has_runs(m, d) &&
            (!r || m->format.precision > r->format.precision || (m->plain && !r->plain)))
            d->reference = m;
    }
    return BF_OK;
}
