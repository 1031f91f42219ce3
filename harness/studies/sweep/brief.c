/* SPDX-License-Identifier: MIT */
/* brief.c - a sweep in short: a sentence, a table for a terminal, rows of data. */
#include "studies/sweep/report.h"

#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void lede(FILE *f, const summary *sum) {
    sweep_repeats strict = sweep_repeats_of(sum, true);
    const sweep_arithmetic *a = sweep_lead(sum);
    put_count(f, sweep_in(sum)->n);
    fprintf(f, " runs under %zu arithmetic%s", sweep_in(sum)->n_arithmetics,
            sweep_in(sum)->n_arithmetics == 1 ? "" : "s");
    if (strict.runs > 0) {
        fputs(": ", f);
        put_count(f, strict.identical);
        fputs(" of ", f);
        put_count(f, strict.runs);
        fprintf(f, " repeats bit-identical%s",
                sweep_repeats_of(sum, false).runs > 0 ? " where that is promised" : "");
    }
    if (a) {
        const sweep_point *p = sweep_first_resolved(a);
        fputs("; ", f);
        sweep_put_perturbed(f, sum, p->eps);
        fputs(" changes the outcome of ", f);
        sweep_put_changed(f, p);
    }
    if (a && !isnan(a->phi)) {
        fputs("; φ" HARD_SPACE "=" HARD_SPACE, f);
        sweep_put_phi(f, a);
    }
    fputs(".", f);
}

static void incomplete(FILE *f, const summary *sum) {
    if (sweep_in(sum)->n >= sweep_in(sum)->expected)
        return;
    fputs("Incomplete: the store holds ", f);
    put_count(f, sweep_in(sum)->n);
    fputs(" of ", f);
    put_count(f, sweep_in(sum)->expected);
    fputs(" runs. Everything here is about those it holds.", f);
}

/* `12` or, when the points differ, `3..12`. */
static void put_n_range(FILE *f, const sweep_arithmetic *a) {
    uint64_t low = UINT64_MAX, high = 0;
    for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));) {
        low = p->n < low ? p->n : low;
        high = p->n > high ? p->n : high;
    }
    if (high > 0 && low < high)
        fprintf(f, "%" PRIu64 "..", low);
    fprintf(f, "%" PRIu64, high);
}

/* The smallest eps that every arithmetic resolves which resolves any. */
static double resolved_by_all(const summary *sum) {
    double eps = 0;
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        const sweep_point *p = sweep_first_resolved(a);
        eps = p ? fmax(eps, p->value) : eps;
    }
    return eps;
}

/* Up to `most` eps from the smallest to the largest, evenly spread except for one that every
 * arithmetic resolves. */
static size_t some_eps(const summary *sum, const char **eps, size_t most) {
    size_t all = 0, common = 0, n = 0, place = 0, nearest = SIZE_MAX;
    double resolved = resolved_by_all(sum);
    for (const sweep_point *p = NULL; (p = sweep_next_eps(sum, p)); all++)
        common += p->value < resolved;
    most = all < most ? all : most;
    for (size_t i = 1; i + 1 < most; i++) { /* the column that gives way */
        size_t at = i * (all - 1) / (most - 1), away = at < common ? common - at : at - common;
        if (away < nearest) {
            nearest = away;
            place = i;
        }
    }
    bool give_way = place > 0 && common > 0 && common + 1 < all;
    size_t i = 0;
    for (const sweep_point *p = NULL; (p = sweep_next_eps(sum, p)) && n < most; i++) {
        size_t wanted = most < 2 ? 0 : n * (all - 1) / (most - 1);
        if (i == (give_way && n == place ? common : wanted))
            eps[n++] = p->eps;
    }
    return n;
}

/* The line below an arithmetic's: how many predictions change at n eps. */
static void brief_churn(table *t, const sweep_arithmetic *a, const char *const *eps, size_t n) {
    fputs("  churn", table_cell(t));
    table_cell(t);
    for (size_t i = 0; i < n; i++) {
        FILE *f = table_cell(t);
        const sweep_point *p = sweep_point_at(a, eps[i]);
        if (!p || isnan(p->churn))
            fputs("-", f);
        else if (sweep_all_unchanged(a, p))
            fputs("unmoved", f);
        else
            fprintf(f, "%.1f%%", 100 * p->churn);
    }
    for (int i = 0; i < 3; i++)
        table_cell(t);
}

static void brief(table *t, const summary *sum) {
    enum { SHOWN = 4 };
    const char *eps[SHOWN];
    size_t n = some_eps(sum, eps, SHOWN);
    table_columns(t, "lr");
    fputs("arithmetic", table_cell(t));
    fputs("n/eps", table_cell(t));
    for (size_t i = 0; i < n; i++)
        table_columns(t, "r");
    table_columns(t, "rrr");
    for (size_t i = 0; i < n; i++)
        fprintf(table_cell(t), i == 0 ? "f(%s)" : "%s", eps[i]);
    fputs("phi", table_cell(t));
    fputs("bits", table_cell(t));
    fputs("same", table_cell(t));
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));) {
        fputs(a->name, table_cell(t));
        put_n_range(table_cell(t), a);
        for (size_t i = 0; i < n; i++) {
            FILE *f = table_cell(t);
            const sweep_point *p = sweep_point_at(a, eps[i]);
            if (!p)
                fputs("-", f);
            else if (sweep_all_unchanged(a, p))
                fputs("unmoved", f);
            else {
                estimate e = writing_percent(p->changed, p->n);
                fprintf(f, "%.*f%%%s", writing_decimals_of(e, 1), e.value,
                        sweep_resolved(p) ? "" : "*");
            }
        }
        put_plain(table_cell(t), (estimate){a->phi, a->phi_low, a->phi_high});
        put_plain(table_cell(t), (estimate){a->bits_to_halve, a->bits_low, a->bits_high});
        fprintf(table_cell(t), "%" PRIu64 "/%" PRIu64, a->identical, a->repeats);
        if (sweep_in(sum)->churns)
            brief_churn(t, a, eps, n);
    }
}

static void brief_notes(FILE *f, const summary *sum) {
    fputs(
        "f: share of outcomes changed by a perturbation of that size; n/eps: runs per size;\n"
        "unmoved: below the format's resolution, every start unchanged; *: fewer than 99 % moved;\n"
        "[ ]: 95 % interval, bootstrap over starts; bits: of the start, that halve f;\n"
        "same: repeated runs with the same bits, both by one thread of one process\n",
        f);
    if (sweep_in(sum)->churns)
        fputs("churn: share of the test samples that are predicted differently, mean over starts\n",
              f);
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        if (isnan(a->phi))
            fprintf(f, "No fit for %s: %s.\n", a->name, sweep_why_no_fit(a));
    if (sweep_in(sum)->n < sweep_in(sum)->expected)
        fprintf(f, "Incomplete: the store holds %" PRIu64 " of %" PRIu64 " runs.\n",
                sweep_in(sum)->n, sweep_in(sum)->expected);
}

/* ---- data --------------------------------------------------------------------------------- */

static void csv_point(FILE *out, const char *name, const sweep_arithmetic *a,
                      const sweep_point *p) {
    put_csv_text(out, name);
    put_csv_text(out, a->name);
    put_csv_text(out, p->eps);
    fprintf(out, "%" PRIu64 ",%" PRIu64 ",", p->n, p->changed);
    put_csv_number(out, p->fraction);
    put_csv_number(out, p->low);
    put_csv_number(out, p->high);
    fprintf(out, "%" PRIu64 ",%d", p->moved, p->fitted);
}

static const char *csv_more(const summary *sum) {
    return sweep_in(sum)->churns ? ",churn,churn_low,churn_high,compared" : "";
}

static void csv_churn(FILE *out, const sweep_point *p) {
    fputc(',', out);
    put_csv_number(out, p->churn);
    put_csv_number(out, p->churn_low);
    put_csv_number(out, p->churn_high);
    fprintf(out, "%" PRIu64, p->compared);
}

static void csv(FILE *f, const summary *sum) {
    for (const sweep_arithmetic *a = NULL; (a = sweep_next_arithmetic(sum, a));)
        for (const sweep_point *p = NULL; (p = sweep_next_point(a, p));) {
            csv_point(f, sum->store->name, a, p);
            if (sweep_in(sum)->churns)
                csv_churn(f, p);
            fputs("\r\n", f);
        }
}

/* `phi`, of the lead; `phi.ARITHMETIC`. */
static bool measure(const summary *sum, const char *name, measured *out) {
    const sweep_arithmetic *a = strcmp(name, "phi") == 0 ? sweep_lead(sum) : NULL;
    if (strncmp(name, "phi.", 4) == 0)
        while ((a = sweep_next_arithmetic(sum, a)) && strcmp(a->name, name + 4) != 0)
            ;
    if (!a)
        return false;
    *out = (measured){{a->phi, a->phi_low, a->phi_high}, ""};
    return true;
}

static struct json_t *json(const summary *sum) {
    return sweep_json(sweep_in(sum), sum->store);
}

const chapter sweep_chapter = {
    .lede = lede,
    .incomplete = incomplete,
    .questions = sweep_questions,
    .asks = sweep_asks,
    .brief = brief,
    .brief_notes = brief_notes,
    .csv_head = "experiment,arithmetic,eps,n,changed,fraction,low,high,moved,fitted",
    .csv_more = csv_more,
    .csv = csv,
    .json = json,
    .measure = measure,
};
