/* SPDX-License-Identifier: MIT */
/* chapter.c - what a report says of destination maps. */
#include "studies/map/report.h"
#include "studies/map/picture.h"
#include "writer/writing.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define PERCENT NARROW_SPACE "%"

const map_measures *map_end_of(const summary *sum) {
    return maps_in(sum)->maps + maps_in(sum)->n;
}

uint64_t map_starts_of(const map *m) {
    return (uint64_t)m->points * m->points;
}

const basin_scaling *map_uncertain(const map_measures *m) {
    return &m->scaling[BASIN_UNCERTAIN_FRACTION];
}

/* ---- phrases ------------------------------------------------------------------------------ */

static void put_percent(FILE *f, estimate e) {
    put_estimate(f, (estimate){100 * e.value, 100 * e.low, 100 * e.high}, 1, PERCENT);
}

static void put_length(FILE *f, double length) {
    char text[32];
    snprintf(text, sizeof text, "%.3g", length);
    put_eps(f, text);
}

/* `8 × 6` in units of the plane. */
static void put_size(FILE *f, const map_measures *m) {
    put_length(f, m->width);
    fputs(HARD_SPACE "×" HARD_SPACE, f);
    put_length(f, m->height);
}

/* The cell that names a map: of the views of one name the box, arithmetic and grid tell. */
static void put_map(FILE *f, const map_measures *m) {
    fprintf(f, "%s\n", m->map->view->name);
    put_size(f, m);
    fprintf(f, ", %s, %" PRIu32, m->map->arithmetic, m->map->points);
    fputs(HARD_SPACE "×" HARD_SPACE, f);
    fprintf(f, "%" PRIu32, m->map->points);
    if (m->map->x->map.within)
        fprintf(f, ", %s", m->map->x->map.within);
}

const char map_none[] = "The store holds no map yet.";

/* ---- pictures ----------------------------------------------------------------------------- */

enum { PICTURE = 1024 }; /* starts along a side that a page has room for */

static uint32_t every(const map *m) {
    return (m->points + PICTURE - 1) / PICTURE;
}

static size_t count_pictures(const summary *sum) {
    return maps_in(sum)->n;
}

static bf_status put_picture(FILE *out, const summary *sum, size_t i, bf_error *err) {
    return map_picture_put(maps_in(sum)->maps[i].map, out, every(maps_in(sum)->maps[i].map), err);
}

static void put_caption(FILE *f, const summary *sum, size_t i) {
    const map *m = maps_in(sum)->maps[i].map;
    const experiment_view *v = m->view;
    fprintf(f,
            "View %s: the outcome after %" PRIu64 " steps of %" PRIu32 HARD_SPACE "×" HARD_SPACE
            "%" PRIu32 " starts of the box a from %s to %s, b from %s to %s; arithmetic %s, "
            "learning rate %s.",
            v->name, m->x->train.steps, m->points, m->points, v->x[0], v->x[1], v->y[0], v->y[1],
            m->arithmetic, map_rate(m));
    if (m->x->map.within)
        fprintf(f, " a: within %s, b: across it.", m->x->map.within);
    if (every(m) > 1)
        fprintf(f, " Drawn is one start in %" PRIu32 " along each axis; the numbers are of all.",
                every(m));
}

const pictures map_pictures = {count_pictures, put_picture, put_caption};

/* ---- 1: destinations ----------------------------------------------------------------------- */

/* `inf 62.8 % [..], P+ 21.6 % [..], ...`: the most frequent. */
void map_put_shares(FILE *f, const map_measures *m, uint32_t most) {
    for (uint32_t i = 0; i < m->map->n_labels && i < most; i++) {
        const uint32_t k = m->map->ranked[i];
        fprintf(f, "%s%s" HARD_SPACE, i > 0 ? ", " : "", m->map->labels[k]);
        put_percent(f, m->shares[k]);
    }
}

static void destination_headline(FILE *f, const summary *sum) {
    const map_measures *m = map_widest(sum);
    if (!m) {
        fputs(map_none, f);
        return;
    }
    fprintf(f, "The starts of view %s ", m->map->view->name);
    if (m->map->n_labels > 3)
        fprintf(f, "end in %" PRIu32 " different ways, most often as ", m->map->n_labels);
    else
        fputs("end as ", f);
    map_put_shares(f, m, 3);
    fputs(" (n" HARD_SPACE "=" HARD_SPACE, f);
    put_count(f, map_starts_of(m->map));
    fputs(").", f);
}

static void destination_notes(FILE *f, const summary *sum) {
    fputs("The starts of a grid are not drawn at random, and neighbours have the same outcome more "
          "often than not. So the 95\u00a0% intervals take the 16\u00a0×\u00a016 tiles of a map as "
          "the trials: they say how much a share would differ on another box with the same "
          "statistics. Of this very grid the counts are exact.\n",
          f);
    if (sum->store->x && strcmp(sum->store->x->outcome.rule, "planes") == 0)
        fprintf(f,
                "P+ and P-: nearer to the plane of that name than to the other one, and within %s "
                "of it; inf: a parameter has diverged; other: none of these, that is, undecided "
                "after so many steps.\n",
                sum->store->x->outcome.within);
    if (sum->store->x && strcmp(sum->store->x->outcome.rule, "vanished") == 0)
        fprintf(
            f,
            "An outcome says which hidden neurons have vanished, all of their weights within %s "
            "of zero: for each hidden layer a hexadecimal number, whose bit i is neuron i (or, where that is long, how many have, and a hash); "
            "origin: all have. An outcome mostly has one colour in all pictures; those beyond some two "
            "hundred share colours.\n",
            sum->store->x->outcome.within);
    if (sum->store->x && sum->store->x->map.within)
        fprintf(
            f,
            "A plane by an invariant subspace, such as %s, goes through zero and the experiment's "
            "start: a is the distance along what the start has within the subspace, b along what it "
            "has across it. Training that begins at b" HARD_SPACE "=" HARD_SPACE "0 stays in the "
            "subspace, unless it takes the sums of two equal neurons in different orders.\n",
            sum->store->x->map.within);
    fputs("Outcomes are those at the last step. A map does not say how many of them would change "
          "if training went on; a sweep measures that.\n",
          f);
}

enum { SHOWN = 12 }; /* outcomes of a map, in its table */

static void destination_rows(table *t, const map_measures *m) {
    uint64_t others = map_starts_of(m->map);
    for (uint32_t i = 0; i < m->map->n_labels && i < SHOWN; i++) {
        const uint32_t k = m->map->ranked[i];
        put_map(table_cell(t), m);
        fputs(m->map->labels[k], table_cell(t));
        put_ratio(table_cell(t), m->map->counts[k], map_starts_of(m->map));
        put_percent(table_cell(t), m->shares[k]);
        others -= m->map->counts[k];
    }
    if (m->map->n_labels <= SHOWN)
        return;
    put_map(table_cell(t), m);
    fprintf(table_cell(t), "%" PRIu32 " others", m->map->n_labels - SHOWN);
    put_ratio(table_cell(t), others, map_starts_of(m->map));
    put_bare_share(table_cell(t), others, map_starts_of(m->map));
}

static void destination_table(table *t, const summary *sum) {
    table_heads(t, "llrr",
                (const char *const[]){"view", "outcome", "starts", "share, 95\u00a0% interval"});
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++)
        destination_rows(t, m);
}

/* ---- 2: the boundary ----------------------------------------------------------------------- */

/* Why a map has no dimension. */
static const char *why_no_dimension(const map_measures *m) {
    return m->map->n_labels < 2           ? "has one outcome only, so no boundary"
           : map_uncertain(m)->scales < 2 ? "has fewer than 32 starts along a side, too few for a "
                                            "dimension"
                                          : "has too little boundary for a dimension";
}

static void put_dimension_verdict(FILE *f, estimate d) {
    if (d.low > 1 && d.high < 2)
        fputs(": over these scales it is rougher than a smooth one (1) and short of riddled basins "
              "(2)",
              f);
    else if (d.low > 1)
        fputs(": over these scales it is rougher than a smooth one (1), and riddled basins (2) are "
              "not excluded",
              f);
    else
        fputs("; a smooth boundary (1) is not excluded", f);
}

static void put_entropy_verdict(FILE *f, const map_measures *m) {
    const basin_entropies *e = &m->entropies;
    fputs(" Its boundary basin entropy S_bb" HARD_SPACE "=" HARD_SPACE, f);
    put_estimate(f, e->boundary, 2, "");
    if (e->fractal)
        fputs(" exceeds ln" HARD_SPACE "2 ≈ 0.693, which by itself says fractal.", f);
    else if (m->map->n_labels < 3)
        fputs("; the ln" HARD_SPACE "2 criterion takes three outcomes and does not apply.", f);
    else
        fputs(" does not exceed ln" HARD_SPACE "2 ≈ 0.693, so that this criterion, which is "
              "sufficient and not necessary, decides nothing.",
              f);
}

static void boundary_headline(FILE *f, const summary *sum) {
    const map_measures *m = map_widest(sum);
    if (!m) {
        fputs(map_none, f);
        return;
    }
    const basin_scaling *b = map_uncertain(m);
    if (isnan(b->dimension.value)) {
        fprintf(f, "View %s %s.", m->map->view->name, why_no_dimension(m));
        return;
    }
    fprintf(f, "The boundary of view %s has dimension D" HARD_SPACE "=" HARD_SPACE,
            m->map->view->name);
    put_estimate(f, b->dimension, 2, "");
    put_dimension_verdict(f, b->dimension);
    fputs(".", f);
    if (!isnan(m->entropies.boundary.value))
        put_entropy_verdict(f, m);
}

/* How many maps exclude that f does not depend on the scale, of those with an exponent. */
static void put_riddled(FILE *f, const summary *sum) {
    size_t n = 0, excluded = 0;
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++) {
        n += isnan(map_uncertain(m)->alpha.value) ? 0 : 1;
        excluded += map_uncertain(m)->alpha.low > 0 ? 1 : 0;
    }
    if (n == 0)
        return;
    fprintf(
        f,
        "Basins of training are published as riddled (A. Ly, P. Gong, arXiv 2510.05606): α near "
        "0 and D near 2 however small the scale. Over the scales measured here, %zu of %zu "
        "maps exclude α" HARD_SPACE "=" HARD_SPACE "0%s. A box with smooth parts in it has a "
        "larger α than its finest part, and no map sees below the distance of its starts: "
        "smaller scales are the business of a magnification, or of a sweep.\n",
        excluded, n, excluded > 0 ? ", so that these boxes as a whole are not riddled" : "");
}

static void boundary_notes(FILE *f, const summary *sum) {
    put_riddled(f, sum);
    fputs(
        "f(s) is the share of starts of which one of the four at distance s along an axis has "
        "another outcome, and goes like s to the power α; D" HARD_SPACE "=" HARD_SPACE
        "2" HARD_SPACE "−" HARD_SPACE
        "α.¹ Box counting² and the scaling of basin entropy³ give D in ways of "
        "their own: where the three differ by more than their intervals, no power law holds over "
        "the range. Below each D stands the range of s it was fitted over, in distances of "
        "neighbouring starts. Where f is as large as unrelated outcomes would give, D near 2 says "
        "only that the structure is finer than the grid.\n"
        "S_b and S_bb³: entropy of the outcomes, in nats, of boxes of 5\u00a0×\u00a05 starts: the "
        "mean of all, and of those with more than one outcome. S_bb above ln\u00a02 is sufficient "
        "for a fractal boundary, not necessary.\n"
        "Brackets: 95\u00a0% percentiles of a bootstrap over at most 16\u00a0×\u00a016 tiles, "
        "1000 resamples. They do not know of the bias of a finite grid. Infinite: fewer than 10 "
        "tiles hold boundary. Every label counts as an outcome.\n"
        "¹ S. W. McDonald, C. Grebogi, E. Ott, J. A. Yorke, Physica D 17 (1985) 125. "
        "² Share of boxes of side s that hold boundary. "
        "³ A. Daza, A. Wagemakers, B. Georgeot, D. Guéry-Odelin, M. A. F. Sanjuán, Sci. Rep. 6 "
        "(2016) 31416.\n",
        f);
}

static void put_dimension(FILE *f, const basin_scaling *b) {
    put_estimate(f, b->dimension, 2, "");
    if (!isnan(b->dimension.value))
        fprintf(f, "\ns = %zu to %zu", b->scale[0], b->scale[b->scales - 1]);
}

static void boundary_table(table *t, const summary *sum) {
    table_heads(t, "lrrrrrr",
                (const char *const[]){"view", "α¹", "D, uncertain fraction¹", "D, box counting²",
                                      "D, basin entropy³", "S_b³", "S_bb³"});
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++) {
        put_map(table_cell(t), m);
        put_estimate(table_cell(t), map_uncertain(m)->alpha, 2, "");
        put_dimension(table_cell(t), map_uncertain(m));
        put_dimension(table_cell(t), &m->scaling[BASIN_BOX_COUNTING]);
        put_dimension(table_cell(t), &m->scaling[BASIN_ENTROPY]);
        put_estimate(table_cell(t), m->entropies.entropy, 2, "");
        FILE *f = table_cell(t);
        put_estimate(f, m->entropies.boundary, 2, "");
        if (!isnan(m->entropies.boundary.value))
            fputs(m->entropies.fractal   ? "\nabove ln" HARD_SPACE "2"
                  : m->map->n_labels < 3 ? "\nln" HARD_SPACE "2: not applicable"
                                         : "\nnot above ln" HARD_SPACE "2",
                  f);
    }
}

/* ---- 3: Wada ------------------------------------------------------------------------------- */

/* The two outcomes whose boundaries are farthest apart. */
static void farthest(const basin_wada *w, uint16_t label[2]) {
    double most = -1;
    for (size_t i = 0; i < w->outcomes; i++)
        for (size_t j = i + 1; j < w->outcomes; j++)
            if (w->distance[i][j] > most) {
                most = w->distance[i][j];
                label[0] = w->label[i];
                label[1] = w->label[j];
            }
}

static void put_pair(FILE *f, const map_measures *m) {
    uint16_t label[2] = {0};
    farthest(&m->wada, label);
    for (int i = 0; i < 2; i++) {
        fprintf(f, "%s%s" HARD_SPACE "(", i > 0 ? " and " : "", m->map->labels[label[i]]);
        put_count(f, m->map->counts[label[i]]);
        fputs(i > 0 ? ")" : HARD_SPACE "starts)", f);
    }
}

/* Why the test does not apply. */
static const char *why_no_wada(const map_measures *m) {
    return m->wada.outcomes < 3 ? "fewer than three" : "too many to merge";
}

static void wada_headline(FILE *f, const summary *sum) {
    const map_measures *m = map_widest(sum);
    if (!m) {
        fputs(map_none, f);
        return;
    }
    const basin_wada *w = &m->wada;
    if (w->verdict == BASIN_NOT_APPLICABLE) {
        fprintf(f, "The Wada merging test does not apply: view %s has %zu outcome%s, %s.",
                m->map->view->name, w->outcomes, w->outcomes == 1 ? "" : "s", why_no_wada(m));
        return;
    }
    const bool wada = w->verdict == BASIN_WADA;
    fprintf(f,
            wada
                ? "Yes, at a radius of %g starts: in view %s the boundary of each of the %zu "
                  "outcomes lies within %.1f starts of every other one."
                : "No, not at a radius of %g starts: in view %s the boundaries of the %zu outcomes "
                  "are up to %.1f starts apart",
            w->radius, m->map->view->name, w->outcomes, w->needed);
    if (wada)
        return;
    fputs(" (", f);
    put_pair(f, m);
    fputs("). Of all that is boundary, ", f);
    put_percent(f, w->share);
    fputs(" lies within the radius of every outcome's.", f);
}

static void wada_notes(FILE *f, const summary *sum) {
    (void)sum;
    fprintf(f,
            "Basins are Wada when every boundary point is a boundary point of them all. The "
            "merging test takes each outcome against all others merged, and asks whether every one "
            "of these boundaries lies in every other one fattened by r" HARD_SPACE "=" HARD_SPACE
            "%d distances of neighbouring starts (A. Daza, A. Wagemakers, M. A. F. Sanjuán, Sci. "
            "Rep. 8 (2018) 9954). The verdict is about one grid and one radius: of Wada basins the "
            "radius that is needed stays a few starts as the grid is refined, of others it grows "
            "with the grid. One lone start of a rare outcome can decide it, which is why the share "
            "of the boundary that passes is given with it, with a 95\u00a0%% interval over tiles. "
            "The test takes 3 to %d outcomes; every label is one, what ends nowhere named (other) "
            "too.\n",
            MAP_WADA_RADIUS, BASIN_MAX_WADA);
}

static void wada_table(table *t, const summary *sum) {
    table_heads(t, "lrlrrl",
                (const char *const[]){"view", "outcomes", "verdict", "radius needed",
                                      "boundary within r, 95\u00a0% interval", "farthest apart"});
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++) {
        const basin_wada *w = &m->wada;
        const bool applies = w->verdict != BASIN_NOT_APPLICABLE;
        put_map(table_cell(t), m);
        fprintf(table_cell(t), "%zu", w->outcomes);
        FILE *f = table_cell(t);
        if (applies)
            fprintf(f, "%s at r" HARD_SPACE "=" HARD_SPACE "%g",
                    w->verdict == BASIN_WADA ? "Wada" : "not Wada", w->radius);
        else
            fprintf(f, "not applicable: %s", why_no_wada(m));
        f = table_cell(t);
        if (applies)
            fprintf(f, "%.1f", w->needed);
        f = table_cell(t);
        if (applies)
            put_percent(f, w->share);
        f = table_cell(t);
        if (applies)
            put_pair(f, m);
    }
}

/* ---- 4: magnification ---------------------------------------------------------------------- */

/* The narrowest map with a dimension that differs from the widest by box and grid only; NULL: there
 * is none narrower. */
static const map_measures *narrowest(const summary *sum) {
    const map_measures *widest = map_widest(sum), *best = widest;
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++)
        if (map_comparable(m, widest) && m->width < best->width &&
            !isnan(map_uncertain(m)->dimension.value))
            best = m;
    return best == widest ? NULL : best;
}

static void put_change(FILE *f, estimate from, estimate to) {
    put_estimate(f, from, 2, "");
    fputs(" to ", f);
    put_estimate(f, to, 2, "");
    fputs(to.low > from.high   ? ", a rise"
          : to.high < from.low ? ", a fall"
                               : ", no change is resolved",
          f);
}

static void magnification_headline(FILE *f, const summary *sum) {
    const map_measures *wide = map_widest(sum), *narrow = narrowest(sum);
    if (!wide || !narrow || isnan(map_uncertain(wide)->dimension.value)) {
        fputs("Nothing is known: that takes views of different widths that all have a dimension.",
              f);
        return;
    }
    const estimate from = map_uncertain(wide)->dimension, to = map_uncertain(narrow)->dimension;
    fputs("Magnified ", f);
    put_factor(f, log10(wide->width / narrow->width));
    fprintf(f, " times, from view %s to view %s, the boundary %s: D goes from ",
            wide->map->view->name, narrow->map->view->name,
            to.low > 1     ? "is rougher than a smooth one still"
            : from.low > 1 ? "is no longer known to be rougher than a smooth one"
                           : "is not known to be rougher than a smooth one");
    put_change(f, from, to);
    fputs(".", f);
    if (isnan(wide->entropies.boundary.value) || isnan(narrow->entropies.boundary.value))
        return;
    fputs(" S_bb goes from ", f);
    put_change(f, wide->entropies.boundary, narrow->entropies.boundary);
    fputs(".", f);
}

static void magnification_notes(FILE *f, const summary *sum) {
    (void)sum;
    fputs("A smooth boundary comes nearer to D" HARD_SPACE "=" HARD_SPACE "1 the more it is "
          "magnified; a fractal one does not. Compared are the views under the arithmetic and the "
          "learning rate of the widest. Where to magnify was somebody's choice, as a rule of a "
          "place that looks complicated: D of a view is about that view.\n",
          f);
}

static void magnification_table(table *t, const summary *sum) {
    table_heads(t, "lrrrrr",
                (const char *const[]){"view", "width", "magnification", "distance of starts",
                                      "f at one distance, 95\u00a0% interval", "D"});
    const map_measures *widest = map_widest(sum);
    for (const map_measures *m = maps_in(sum)->maps; m < map_end_of(sum); m++) {
        if (!map_comparable(m, widest))
            continue;
        put_map(table_cell(t), m);
        put_length(table_cell(t), m->width);
        put_factor(table_cell(t), log10(widest->width / m->width));
        put_length(table_cell(t), map_spacing(m));
        FILE *f = table_cell(t);
        if (map_uncertain(m)->scales > 0)
            put_percent(f, map_uncertain(m)->value[0]);
        put_estimate(table_cell(t), map_uncertain(m)->dimension, 2, "");
    }
}

/* ---- the questions ------------------------------------------------------------------------- */

const question map_questions[] = {
    {"destinations",
     "Which start leads where?",
     destination_headline,
     destination_notes,
     {{NULL, NULL, destination_table, "Outcomes of the starts"}}},
    {"boundary",
     "Is the boundary between the outcomes fractal?",
     boundary_headline,
     boundary_notes,
     {{&figure_scaling,
       "Uncertain fraction f against distance. Share of starts of which one of the four at that "
       "distance has another outcome, with its 95\u00a0% interval over tiles. Dashed: the power "
       "law, whose exponent is α. Each view has scales of its own; views that magnify one another "
       "go on where the wider one ends.",
       NULL, NULL},
      {NULL, NULL, boundary_table, "Measures of the basins and their boundary"}}},
    {"wada",
     "Do all outcomes share one boundary?",
     wada_headline,
     wada_notes,
     {{NULL, NULL, wada_table, "The Wada merging test"}}},
    {"magnification",
     "Does the boundary become simpler when magnified?",
     magnification_headline,
     magnification_notes,
     {{&figure_magnification,
       "Measures against the width of the box. Magnification grows to the right. Left: dimension "
       "of the boundary, 1 for a smooth one, 2 for riddled basins. Right: boundary basin entropy.",
       magnification_table, "Views by magnification"}}},
    {0},
};
