/* SPDX-License-Identifier: MIT */
/* brief.c - what is said of a ladder in short: one sentence, the terminal's table, rows for a
 * spreadsheet. */
#include "studies/ladder/report.h"
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void lede(FILE *f, const summary *sum) {
    const ladder_comparison *v = ladder_main_comparison(sum);
    if (!v) {
        ladder_put_nothing(f);
        return;
    }
    put_count(f, ladder_in(sum)->starts);
    fprintf(f, " starts under arithmetics of %d to %d" BITS ", compared after ", v->points[0].bits,
            ladder_in(sum)->reference_bits);
    ladder_put_steps(f, v);
    if (ladder_plateau_of(v).n > 0) {
        fputs(": a plateau ", f);
        ladder_put_plateau(f, v);
        fputs(", where ", f);
        put_estimate(f, ladder_mean_of(v), 1, NARROW_SPACE "%");
        fputs(" of outcomes differ", f);
    }
    fputs("; ", f);
    ladder_put_cliff(f, v);
    if (isfinite(v->horizon.value)) {
        fputs("; horizon at ", f);
        put_estimate(f, v->horizon, 0, BITS);
    }
    fputs(".", f);
}

/* How many starts there are to compare after all numbers of steps, and how many can be. */
static void count_compared(const summary *sum, uint64_t *have, uint64_t *want) {
    const ladder *l = ladder_in(sum);
    const experiment *x = sum->store->x;
    *have = 0;
    *want = (uint64_t)(x->n_arithmetics - 1) * x->ladder.starts * l->n_comparisons;
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));)
        for (unsigned i = 0; i < x->n_arithmetics; i++) {
            const ladder_point *p = ladder_point_named(v, x->arithmetics[i]);
            *have += p ? p->n : 0;
        }
}

static void incomplete(FILE *f, const summary *sum) {
    uint64_t have, want;
    count_compared(sum, &have, &want);
    if (have >= want)
        return;
    fputs("Incomplete: the store has ", f);
    put_count(f, have);
    fputs(" of ", f);
    put_count(f, want);
    fputs(" runs to compare with the reference. Everything here is about those it has.", f);
}

/* `33.3% [10,70] 2/6`; beside other comparisons, which have the same n, without the counts. */
static void put_differing(FILE *f, const summary *sum, const ladder_point *p) {
    fprintf(f, "%.1f%% [%.0f,%.0f]", 100 * p->fraction.value, 100 * p->fraction.low,
            100 * p->fraction.high);
    if (ladder_in(sum)->n_comparisons == 1)
        fprintf(f, " %" PRIu64 "/%" PRIu64, p->differ, p->n);
}

static void brief(table *t, const summary *sum) {
    const ladder_point *row;
    table_columns(t, "lr");
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));)
        table_columns(t, "r");
    fputs("arithmetic", table_cell(t));
    fputs("bits", table_cell(t));
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));)
        fprintf(table_cell(t), "T=%" PRIu64, v->steps);
    for (size_t i = 0; (row = ladder_row_at(sum, i)); i++) {
        fputs(row->arithmetic, table_cell(t));
        fprintf(table_cell(t), "%d", row->bits);
        for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));) {
            FILE *f = table_cell(t);
            const ladder_point *p = ladder_point_named(v, row->arithmetic);
            if (!p)
                fputs("-", f);
            else
                put_differing(f, sum, p);
        }
    }
}

static void put_line(FILE *f, const char *what, estimate e) {
    if (isnan(e.value))
        return;
    fprintf(f, "  %-33s", what);
    put_plain(f, e);
    fputc('\n', f);
}

static void brief_notes(FILE *f, const summary *sum) {
    const ladder *l = ladder_in(sum);
    uint64_t have, want;
    if (l->reference)
        fprintf(f,
                "Share of the %" PRIu64 " starts whose outcome differs from that under %s;\n"
                "[ ]: 95 %% interval, in per cent.\n",
                l->starts, l->reference);
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));) {
        if (!ladder_plateau_of(v).n && isnan(v->horizon.value) && isnan(v->predicted.value))
            continue;
        fprintf(f, "after %" PRIu64 " steps:\n", v->steps);
        put_line(f, "plateau, % that differ", ladder_mean_of(v));
        put_line(f, "bits to halve, on it", v->bits_to_halve);
        put_line(f, "half of it gone at, bits", v->half);
        put_line(f, "horizon, measured, bits", v->horizon);
        put_line(f, "horizon, lambda_1 T/ln 2, bits", v->predicted);
    }
    if (l->n_comparisons > 1)
        put_line(f, "horizon, measured, bits per step", l->horizon_per_step);
    count_compared(sum, &have, &want);
    if (have < want)
        fprintf(f, "Incomplete: the store has %" PRIu64 " of %" PRIu64 " runs to compare.\n", have,
                want);
}

/* ---- data --------------------------------------------------------------------------------- */

static void csv(FILE *f, const summary *sum) {
    for (const ladder_comparison *v = NULL; (v = ladder_next_comparison(sum, v));)
        for (const ladder_point *p = NULL; (p = ladder_next_point(v, p));) {
            put_csv_text(f, sum->store->name);
            fprintf(f, "%" PRIu64 ",", v->steps);
            put_csv_text(f, p->arithmetic);
            fprintf(f, "%d,%" PRIu64 ",%" PRIu64 ",", p->bits, p->n, p->differ);
            put_csv_number(f, p->fraction.value);
            put_csv_number(f, p->fraction.low);
            put_csv_number(f, p->fraction.high);
            put_csv_number(f, v->horizon.value);
            put_csv_number(f, v->predicted.value);
            fprintf(f, "%d\r\n", p->plateau);
        }
}

static struct json_t *json(const summary *sum) {
    return ladder_json(ladder_in(sum), sum->store);
}

/* After train.steps steps. */
static bool measure(const summary *sum, const char *name, measured *out) {
    const ladder_comparison *v = &ladder_in(sum)->comparisons[ladder_in(sum)->main];
    if (strcmp(name, "horizon") == 0)
        *out = (measured){v->horizon, BITS};
    else if (strcmp(name, "bits_to_halve") == 0)
        *out = (measured){v->bits_to_halve, BITS};
    else
        return false;
    return true;
}

const chapter ladder_chapter = {
    .lede = lede,
    .incomplete = incomplete,
    .questions = ladder_questions,
    .brief = brief,
    .brief_notes = brief_notes,
    .csv_head = "experiment,steps,arithmetic,bits,n,differ,fraction,low,high,"
                "horizon_measured,horizon_predicted,plateau",
    .csv = csv,
    .json = json,
    .measure = measure,
};
