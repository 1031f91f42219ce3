/* SPDX-License-Identifier: MIT */
/* brief.c - Lyapunov exponents in short: a sentence, a table for a terminal, rows of data. */
#include "studies/lyapunov/report.h"

#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void lede(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    put_count(f, l->trajectories);
    fputs(" trajectories, ", f);
    put_count(f, l->used);
    fputs(" steps that count", f);
    if (lyapunov_resolved(l))
        fprintf(f, ", inside %s", lyapunov_subspace_name(l));
    fprintf(f, ": largest %sexponent ", lyapunov_resolved(l) ? "longitudinal " : "");
    lyapunov_put_exponent(f, l->exponents[0].value);
    fputs(" per step", f);
    if (lyapunov_resolved(l)) {
        fputs(", largest transverse exponent ", f);
        lyapunov_put_exponent(f, lyapunov_transverse(l)->value);
    }
    fputs(".", f);
}

static void incomplete(FILE *f, const summary *sum) {
    const uint64_t expected = sum->store->x->lyapunov.trajectories;
    if (lyapunov_in(sum)->n >= expected)
        return;
    fputs("Incomplete: the store holds ", f);
    put_count(f, lyapunov_in(sum)->n);
    fputs(" of ", f);
    put_count(f, expected);
    fputs(" trajectories. Everything here is about those it holds.", f);
}

static void brief(table *t, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    size_t chosen[LYAPUNOV_SHOWN];
    const size_t n = lyapunov_choose(l, chosen);
    table_columns(t, "lr");
    for (size_t i = 0; i < n; i++)
        table_columns(t, "r");
    table_columns(t, "r");
    lyapunov_put_cells(t, (const char *const[]){"subspace", "exponent per step", NULL});
    for (size_t i = 0; i < n; i++)
        fprintf(table_cell(t), "T=%" PRIu64, l->exponents[0].finite[chosen[i]].steps);
    fputs("1/variance per T", table_cell(t));
    for (size_t k = 0; k < l->plan->n_exponents; k++) {
        const lyapunov_exponent *e = &l->exponents[k];
        fputs(e->block->name, table_cell(t));
        put_plain(table_cell(t), e->value);
        for (size_t i = 0; i < n; i++)
            fprintf(table_cell(t), "%.1f%%", 100 * e->finite[chosen[i]].positive_fraction.value);
        put_plain(table_cell(t), e->slope);
    }
}

static void put_counts(FILE *f, const lyapunov_spectrum *l) {
    fprintf(f, "%zu trajectories, %" PRIu64 " steps, of which %" PRIu64 " count, in %zu batches\n",
            l->trajectories, l->steps, l->used, l->batches);
    if (l->diverged)
        fprintf(f, "%zu diverged, at steps %" PRIu64 " to %" PRIu64 ", median %" PRIu64 "\n",
                l->diverged, l->first_divergence, l->last_divergence, l->median_divergence);
}

static void put_nudges(FILE *f, const lyapunov_spectrum *l) {
    fprintf(f, "a nudge of " LYAPUNOV_NUDGE " %s%s grows by ",
            lyapunov_resolved(l) ? "off " : "in the leading direction",
            lyapunov_resolved(l) ? lyapunov_subspace_name(l) : "");
    put_plain(f, l->nudge);
    fprintf(f,
            " per step over %" PRIu64 " steps\n(%zu runs, " LYAPUNOV_NUDGE_ARITHMETIC
            "), in the first %" PRIu64 " differing from its tangent by at most %.0e per step\n",
            lyapunov_longest(l), l->nudges, lyapunov_shortest(l), l->nudge_difference);
    if (l->plan->restarts)
        fputs("all are runs of their own, begun there at step 0, not the rest of a trajectory\n",
              f);
}

static void brief_notes(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    put_counts(f, l);
    if (lyapunov_sorted_count(l) < l->plan->state)
        fprintf(f, "computed: of each the largest, at most %zu; the whole spectrum has %zu\n",
                lyapunov_sorted_count(l), l->plan->state);
    if (lyapunov_resolved(l))
        fprintf(f, "largest part of a tangent that left its subspace, relative: %.1e\n", l->mixing);
    if (l->nudges > 0)
        put_nudges(f, l);
    fputs("T=: share of windows of so many steps whose own exponent is positive;\n"
          "1/variance per T: how fast that of these exponents grows with T;\n"
          "[ ]: 95 % interval, bootstrap over batches (the nudge's: over runs)\n",
          f);
    if (lyapunov_in(sum)->n < sum->store->x->lyapunov.trajectories)
        fprintf(f, "Incomplete: the store holds %zu of %" PRIu64 " trajectories.\n",
                lyapunov_in(sum)->n, sum->store->x->lyapunov.trajectories);
}

/* ---- data --------------------------------------------------------------------------------- */

static void put_csv_estimate(FILE *f, estimate e) {
    put_csv_number(f, e.value);
    put_csv_number(f, e.low);
    put_csv_number(f, e.high);
}

static void csv(FILE *f, const summary *sum) {
    const lyapunov_spectrum *l = lyapunov_spectrum_of(sum);
    for (size_t k = 0; k < l->plan->n_exponents; k++) {
        const lyapunov_exponent *e = &l->exponents[k];
        for (size_t w = 0; w < lyapunov_window_lengths(l); w++) {
            const lyapunov_finite *finite = &e->finite[w];
            put_csv_text(f, sum->store->name);
            put_csv_text(f, lyapunov_subspace_name(l));
            put_csv_text(f, e->block->name);
            fprintf(f, "%zu,", k - e->block->at + 1);
            put_csv_estimate(f, e->value);
            fprintf(f, "%" PRIu64 ",", finite->steps);
            put_csv_estimate(f, finite->positive_fraction);
            put_csv_estimate(f, finite->variance);
            fprintf(f, "%" PRIu64 ",%" PRIu64 "\r\n", finite->n, finite->positive);
        }
    }
}

static struct json_t *json(const summary *sum) {
    return lyapunov_json(lyapunov_spectrum_of(sum));
}

/* `longitudinal.2`: the second exponent of a block; `longitudinal.2.positive.32`: the share of its
 * finite-time exponents over 32 steps that are positive. */
static bool measure(const summary *sum, const char *name, measured *out) {
    const lyapunov_spectrum *l = lyapunov_in(sum)->spectrum;
    for (size_t b = 0; b < l->plan->n_blocks; b++) {
        const lyapunov_block *block = &l->plan->blocks[b];
        for (size_t i = 0; i < block->count; i++) {
            const lyapunov_exponent *e = &l->exponents[block->at + i];
            char text[96];
            snprintf(text, sizeof text, "%s.%zu", block->name, i + 1);
            if (strcmp(name, text) == 0) {
                *out = (measured){e->value, ""};
                return true;
            }
            for (unsigned w = 0; w < sum->store->x->lyapunov.n_windows; w++) {
                const estimate p = e->finite[w].positive_fraction;
                snprintf(text, sizeof text, "%s.%zu.positive.%" PRIu64, block->name, i + 1,
                         e->finite[w].steps);
                if (strcmp(name, text) == 0) {
                    *out = (measured){{100 * p.value, 100 * p.low, 100 * p.high}, NARROW_SPACE "%"};
                    return true;
                }
            }
        }
    }
    return false;
}

const chapter lyapunov_chapter = {
    .lede = lede,
    .incomplete = incomplete,
    .questions = lyapunov_questions,
    .asks = lyapunov_asks,
    .brief = brief,
    .brief_notes = brief_notes,
    .csv_head = "experiment,within,subspace,rank,exponent,exponent_low,exponent_high,T,positive_"
                "fraction,low,high,variance,variance_low,variance_high,n,positive",
    .csv = csv,
    .json = json,
    .measure = measure,
};
