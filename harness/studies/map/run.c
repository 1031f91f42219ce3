/* SPDX-License-Identifier: MIT */
/* run.c - one map: every start of a view's grid is trained; rows go to the store as they are
 * complete. */
#include "experiment/outcome.h"
#include "run/trials.h"
#include "store/sql.h"
#include "studies/map/map.h"
#include "studies/map/plane.h"

#include <stdlib.h>
#include <string.h>

/* A start's result. */
typedef struct pixel {
    uint32_t column, row;
    map_cell cell;
} pixel;

typedef struct job {
    const experiment *x; /* at the view's learning rate */
    const limits *limits;
    const experiment_view *view;
    bf_arithmetic arithmetic;
    enum { NONE, DISTANCE, STEP } shade;
    bf_grid *grid;
    store *store;
    int64_t id;
    uint32_t *todo; /* rows that are missing */
    struct {
        map_cell *cells; /* NULL: none yet, or in the store */
        uint32_t done;
    } * rows; /* of all */
} job;

static bf_status begin_pixel(void *context, uint64_t i, const bf_ensemble *e, uint8_t *theta,
                             void *result, bf_error *err) {
    const job *j = context;
    pixel *p = result;
    (void)e, (void)err;
    p->column = (uint32_t)(i % j->view->points);
    p->row = j->todo[i / j->view->points];
    bf_grid_start(j->grid, p->column, p->row, theta);
    return BF_OK;
}

/* The upper half of the binary32 nearest to x >= 0 or NaN, rounded to nearest. */
static uint16_t bfloat16_bits(double x) {
    const float f = (float)x;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return f < __FLT_MAX__ ? (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16) : 0x7f80;
}

static void observe_pixel(void *context, const trials_view *v, void *result) {
    const job *j = context;
    map_cell *cell = &((pixel *)result)->cell;
    if (j->shade == STEP && strcmp(cell->label, v->label) != 0)
        cell->shade = (uint16_t)v->stop;
    if (j->shade == DISTANCE)
        cell->shade =
            v->diverged ? 0x7f80 : bfloat16_bits(outcome_distance(&j->arithmetic.format, v->theta));
    strcpy(cell->label, v->label);
}

/* Returns whether there is memory for it. */
static bool collect(job *j, const pixel *p) {
    map_cell **cells = &j->rows[p->row].cells;
    if (!*cells && !(*cells = malloc(j->view->points * sizeof **cells)))
        return false;
    (*cells)[p->column] = p->cell;
    j->rows[p->row].done++;
    return true;
}

/* Collect cells; rows that are complete go to the store. */
static bf_status store_pixels(void *context, const void *results, size_t n, bf_error *err) {
    job *j = context;
    const uint32_t points = j->view->points;
    for (size_t i = 0; i < n; i++)
        if (!collect(j, (const pixel *)results + i))
            return bf_no_memory(err);
    bool begun = false;
    bf_status s = BF_OK;
    for (uint32_t row = 0; row < points && s == BF_OK; row++) {
        if (!j->rows[row].cells || j->rows[row].done < points)
            continue;
        if (!begun)
            s = store_begin(j->store, err);
        if (s != BF_OK)
            return s;
        begun = true;
        s = map_add_row(j->store, j->id, row, j->rows[row].cells, points, j->shade != NONE, err);
        free(j->rows[row].cells);
        j->rows[row].cells = NULL;
    }
    return begun ? store_end(j->store, s, err) : s;
}

/* Train the starts of n rows. */
static bf_status run_rows(job *j, uint64_t n, bf_error *err) {
    uint64_t stops[MAP_STOPS];
    const uint64_t steps = j->x->train.steps;
    for (uint64_t i = 1; i <= MAP_STOPS; i++) /* ceil(i steps / MAP_STOPS), below 2^64 */
        stops[i - 1] = (i * steps + MAP_STOPS - 1) / MAP_STOPS;
    progress bar;
    trials t = {.x = j->x,
                .arithmetic = &j->arithmetic,
                .n = n * j->view->points,
                .result_size = sizeof(pixel),
                .stops = j->shade == STEP ? stops : &stops[MAP_STOPS - 1],
                .n_stops = j->shade == STEP ? MAP_STOPS : 1,
                .limits = j->limits,
                .context = j,
                .bar = &bar,
                .start = begin_pixel,
                .observe = observe_pixel,
                .deliver = store_pixels};
    progress_begin(&bar, j->limits, j->view->name, "starts", t.n);
    bf_status s = trials_run(&t, err);
    progress_end(&bar);
    return s;
}

static bf_status find_todo(job *j, uint64_t *n, bf_error *err) {
    const uint32_t points = j->view->points;
    bool *missing = malloc(points * sizeof *missing);
    j->todo = malloc(points * sizeof *j->todo);
    j->rows = calloc(points, sizeof *j->rows);
    bf_status s = missing && j->todo && j->rows ? map_missing(j->store, j->id, points, missing, err)
                                                : bf_no_memory(err);
    *n = 0;
    for (uint32_t i = 0; i < points && s == BF_OK; i++)
        if (missing[i])
            j->todo[(*n)++] = i;
    free(missing);
    return s;
}

bf_status map_run(const experiment *x, const map_plane *p, const experiment_view *view,
                  const char *arithmetic, store *st, const limits *l, int64_t *id, bf_error *err) {
    experiment here = *x;
    here.train.rate = view->rate ? view->rate : x->train.rate;
    job j = {.x = &here, .limits = l, .view = view, .store = st};
    j.shade = strcmp(x->map.shade, "distance") == 0 ? DISTANCE
              : strcmp(x->map.shade, "step") == 0   ? STEP
                                                    : NONE;
    uint64_t n = 0;
    bf_status s = bf_arithmetic_parse(&j.arithmetic, arithmetic, err);
    BF_TRY(s, map_grid(&j.grid, p, view, &j.arithmetic.format, err));
    BF_TRY(s, map_open(st, x, view, j.arithmetic.name, &j.id, err));
    BF_TRY(s, find_todo(&j, &n, err));
    if (s == BF_OK && n > 0)
        s = run_rows(&j, n, err);
    for (uint32_t i = 0; j.rows && i < view->points; i++)
        free(j.rows[i].cells);
    free(j.rows);
    free(j.todo);
    bf_grid_free(j.grid);
    *id = j.id;
    return s;
}
