/* SPDX-License-Identifier: MIT */
/* brief.c - what is said of a map in short: one sentence, the terminal's table, rows for a
 * spreadsheet. */
#include "studies/map/report.h"
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>

static void lede(FILE *f, const summary *sum) {
    const map_measures *m = map_widest(sum);
    uint64_t starts = 0;
    if (!m) {
        fputs(map_none, f);
        return;
    }
    for (const map_measures *i = maps_in(sum)->maps; i < map_end_of(sum); i++)
        starts += map_starts_of(i->map);
    put_count(f, starts);
    fprintf(f, " starts in %zu map%s; of those of view %s, ", maps_in(sum)->n,
            maps_in(sum)->n == 1 ? "" : "s", m->map->view->name);
    if (m->map->n_labels > MAP_MANY)
        fprintf(f, "with %" PRIu32 " different outcomes, ", m->map->n_labels);
    map_put_shares(f, m, 3);
    if (!isnan(map_uncertain(m)->dimension.value)) {
        fputs("; its boundary has dimension ", f);
        put_estimate(f, map_uncertain(m)->dimension, 2, "");
    }
    fputs(".", f);
}

/* A map that is not complete cannot be read. */
static void incomplete(FILE *f, const summary *sum) {
    (void)f, (void)sum;
}

static void brief(table *t, const summary *sum) {
    table_heads(
        t, "llrlrrl",
        (const char *const[]){"view", "arithmetic", "starts", "outcomes", "D", "S_bb", "Wada"});
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++) {
        fputs(m->map->view->name, table_cell(t));
        fputs(m->map->arithmetic, table_cell(t));
        fprintf(table_cell(t), "%" PRIu64, map_starts_of(m->map));
        FILE *f = table_cell(t);
        for (uint32_t i = 0; i < m->map->n_labels && i < 3; i++) {
            const uint32_t k = m->map->ranked[i];
            fprintf(f, "%s%s %.1f%%", i > 0 ? ", " : "", m->map->labels[k],
                    100 * m->shares[k].value);
        }
        if (m->map->n_labels > MAP_MANY)
            fprintf(f, ", ... (%" PRIu32 ")", m->map->n_labels);
        else
            fputs(m->map->n_labels > 3 ? ", ..." : "", f);
        put_plain(table_cell(t), map_uncertain(m)->dimension);
        put_plain(table_cell(t), m->entropies.boundary);
        fputs(m->wada.verdict == BASIN_NOT_APPLICABLE ? "-"
              : m->wada.verdict == BASIN_WADA         ? "yes"
                                                      : "no",
              table_cell(t));
    }
}

static void brief_notes(FILE *f, const summary *sum) {
    (void)sum;
    fprintf(
        f,
        "D: dimension of the boundary, 2 less the uncertainty exponent, 1 smooth, 2 riddled;\n"
        "S_bb: boundary basin entropy, boxes of %d x %d starts: fractal if above ln 2 = 0.693;\n"
        "Wada: by the merging test at a radius of %d starts; -: does not apply;\n"
        "[ ]: 95 %% interval, bootstrap over tiles\n",
        MAP_BASIN_BOX, MAP_BASIN_BOX, MAP_WADA_RADIUS);
}

/* ---- data --------------------------------------------------------------------------------- */

/* `outcome` may be empty, `scale` 0 and n 0: there is none. */
static void csv_row(FILE *f, const summary *sum, const map_measures *m, const char *quantity,
                    const char *outcome, size_t scale, uint64_t n, estimate e) {
    const experiment_view *v = m->map->view;
    put_csv_text(f, sum->store->name);
    put_csv_text(f, v->name);
    put_csv_text(f, m->map->arithmetic);
    put_csv_text(f, map_rate(m->map));
    fprintf(f, "%" PRIu32 ",", m->map->points);
    put_csv_text(f, v->x[0]);
    put_csv_text(f, v->x[1]);
    put_csv_text(f, v->y[0]);
    put_csv_text(f, v->y[1]);
    put_csv_text(f, quantity);
    put_csv_text(f, outcome);
    put_csv_number(f, scale > 0 ? (double)scale : NAN);
    put_csv_number(f, n > 0 ? (double)n : NAN);
    put_csv_number(f, e.value);
    put_csv_number(f, e.low);
    if (!isnan(e.high))
        fprintf(f, "%.17g", e.high);
    fputs("\r\n", f);
}

static void csv_scaling(FILE *f, const summary *sum, const map_measures *m, basin_law law) {
    const basin_scaling *b = &m->scaling[law];
    char name[40];
    for (size_t i = 0; i < b->scales; i++)
        csv_row(f, sum, m, basin_law_name(law), "", b->scale[i], b->total[i], b->value[i]);
    snprintf(name, sizeof name, "%s_alpha", basin_law_name(law));
    csv_row(f, sum, m, name, "", 0, 0, b->alpha);
}

static void csv(FILE *f, const summary *sum) {
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++) {
        for (uint32_t i = 0; i < m->map->n_labels; i++)
            csv_row(f, sum, m, "share", m->map->labels[i], 0, map_starts_of(m->map), m->shares[i]);
        for (basin_law law = BASIN_BOX_COUNTING; law <= BASIN_ENTROPY; law++)
            csv_scaling(f, sum, m, law);
        const basin_entropies *e = &m->entropies;
        csv_row(f, sum, m, "entropy", "", e->box, e->boxes, e->entropy);
        csv_row(f, sum, m, "boundary_entropy", "", e->box, e->boundary_boxes, e->boundary);
        if (m->wada.verdict != BASIN_NOT_APPLICABLE) {
            csv_row(f, sum, m, "wada_radius_needed", "", 0, 0,
                    (estimate){m->wada.needed, NAN, NAN});
            csv_row(f, sum, m, "wada_share", "", MAP_WADA_RADIUS, m->wada.pixels, m->wada.share);
        }
    }
}

static struct json_t *json(const summary *sum) {
    return map_json(maps_in(sum), sum->store);
}

const chapter map_chapter = {
    .lede = lede,
    .incomplete = incomplete,
    .pictures = &map_pictures,
    .questions = map_questions,
    .brief = brief,
    .brief_notes = brief_notes,
    .csv_head = "experiment,view,arithmetic,rate,points,x_from,x_to,y_from,y_to,quantity,outcome,"
                "scale,n,value,low,high",
    .csv = csv,
    .json = json,
};
