/* SPDX-License-Identifier: MIT */
/* run.c - bitfate map: which start of a plane leads to which outcome?
 *
 * Every start of a view's grid is trained; rows go to a store as they are complete, and the picture
 * is drawn from there.
 */
#include "cli/command.h"
#include "cli/output.h"
#include "studies/map/map.h"
#include "studies/map/picture.h"
#include "run/run.h"
#include "store/sql.h"
#include "experiment/subspace.h"
#include "run/trials.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- one map ------------------------------------------------------------------------------ */

/* A start's result. */
typedef struct pixel {
    uint32_t column, row;
    map_cell cell;
} pixel;

/* origin + a u/|u| + b v/|v|: one number for each of n parameters. */
typedef struct plane {
    size_t n;
    const char *const *origin, *const *u, *const *v;
    const char **drawn; /* all of these, when they are not the experiment's; */
    char (*texts)[32];  /* where they are */
} plane;

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

static bf_status make_grid(bf_grid **out, const plane *p, const experiment_view *v,
                           const bf_format *f, bf_error *err) {
    const bf_axis u = {p->u, v->x[0], v->x[1], v->points};
    const bf_axis w = {p->v, v->y[0], v->y[1], v->points};
    return bf_grid_new(out, f, p->n, p->origin, &u, &w, err);
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

/* The map of a view: from the store, after what was missing there has been run. */
static bf_status make_map(map **out, const experiment *x, const plane *p,
                          const experiment_view *view, const char *arithmetic, store *st,
                          const options *o, bf_error *err) {
    experiment here = *x;
    here.train.rate = view->rate ? view->rate : x->train.rate;
    job j = {.x = &here, .limits = &o->limits, .view = view, .store = st};
    j.shade = strcmp(x->map.shade, "distance") == 0 ? DISTANCE
              : strcmp(x->map.shade, "step") == 0   ? STEP
                                                    : NONE;
    uint64_t n = 0;
    bf_status s = bf_arithmetic_parse(&j.arithmetic, arithmetic, err);
    BF_TRY(s, make_grid(&j.grid, p, view, &j.arithmetic.format, err));
    BF_TRY(s, map_open(st, x, view, j.arithmetic.name, &j.id, err));
    BF_TRY(s, find_todo(&j, &n, err));
    if (s == BF_OK && n > 0)
        s = run_rows(&j, n, err);
    BF_TRY(s, map_read(out, st, j.id, err));
    for (uint32_t i = 0; j.rows && i < view->points; i++)
        free(j.rows[i].cells);
    free(j.rows);
    free(j.todo);
    bf_grid_free(j.grid);
    return s;
}

/* ---- the plane ---------------------------------------------------------------------------- */

static void free_plane(plane *p) {
    free(p->drawn);
    free(p->texts);
}

/* Whether training keeps it, put to the test by one step from p->u. */
static bf_status check_kept(const experiment *x, const subspace *s, const plane *p, bf_ensemble *e,
                            uint8_t *theta, bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    bf_status status = BF_OK;
    for (size_t i = 0; i < p->n && status == BF_OK; i++)
        status = bf_number(f, p->u[i], theta + i * f->bytes, err);
    if (status != BF_OK)
        return status;
    bf_lane_start(e, 0, theta);
    bf_train(e, 1);
    bf_lane_theta(e, 0, theta);
    return subspace_maps(s, p->n, f, theta, theta)
               ? BF_OK
               : bf_fail(err, BF_EINPUT,
                         "map.within is %s, but training does not keep it: a first step leads out "
                         "of it; expected another subspace",
                         x->map.within);
}

/* Whether u and v are directions. */
static bf_status check_directions(const experiment *x, size_t n, const double *parts,
                                  bf_error *err) {
    bool some[2] = {false, false}, finite = true;
    for (size_t i = 0; i < 2 * n; i++) {
        some[i / n] |= parts[i] != 0;
        finite &= isfinite(parts[i]);
    }
    if (some[0] && some[1] && finite)
        return BF_OK;
    return bf_fail(err, BF_EINPUT,
                   "map.within: the experiment's start %s%s; expected another start",
                   !finite   ? "is too large"
                   : some[0] ? "lies within "
                   : some[1] ? "lies across "
                             : "is zero, in ",
                   finite ? x->map.within : "");
}

/* u and v: what the start has within the subspace, and across it. */
static bf_status draw_directions(const experiment *x, const subspace *s, plane *p, bf_ensemble *e,
                                 bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    uint8_t *theta = malloc(p->n * f->bytes);
    double *parts = malloc(2 * p->n * sizeof *parts);
    p->drawn = malloc(3 * p->n * sizeof *p->drawn);
    p->texts = malloc(2 * p->n * sizeof *p->texts);
    bf_status status =
        theta && parts && p->drawn && p->texts ? run_start(x, e, 0, theta, err) : bf_no_memory(err);
    if (status == BF_OK) {
        for (size_t i = 0; i < p->n; i++)
            parts[i] = parts[p->n + i] = bf_to_double(f, theta + i * f->bytes);
        subspace_project(s, false, parts);
        subspace_project(s, true, parts + p->n);
        status = check_directions(x, p->n, parts, err);
    }
    if (status == BF_OK) {
        for (size_t i = 0; i < 2 * p->n; i++) {
            snprintf(p->texts[i], sizeof *p->texts, "%a", parts[i]);
            p->drawn[i] = p->texts[i];
        }
        for (size_t i = 0; i < p->n; i++)
            p->drawn[2 * p->n + i] = "0";
        p->u = p->drawn;
        p->v = p->drawn + p->n;
        p->origin = p->drawn + 2 * p->n;
        status = check_kept(x, s, p, e, theta, err);
    }
    free(theta);
    free(parts);
    return status;
}

/* By actual runs in binary64, whatever the map's arithmetic: the plane is one for all. */
static bf_status draw_plane(const experiment *x, plane *p, bf_error *err) {
    bf_arithmetic f64;
    bf_ensemble *e = NULL;
    subspace *s = NULL;
    bf_status status = bf_arithmetic_parse(&f64, "f64", err);
    BF_TRY(status, run_ensemble(x, &f64, &limits_none, &e, err));
    BF_TRY(status, subspace_new(&s, x->map.within, "map.within", e, err));
    if (status == BF_OK) {
        p->n = s->n;
        status = draw_directions(x, s, p, e, err);
    }
    subspace_free(s);
    bf_ensemble_free(e);
    return status;
}

/* To be freed by free_plane, also after an error. */
static bf_status find_plane(const experiment *x, plane *p, bf_error *err) {
    *p = (plane){.n = x->map.n_u,
                 .origin = (const char *const *)x->init.values,
                 .u = (const char *const *)x->map.u,
                 .v = (const char *const *)x->map.v};
    if (x->map.within)
        return draw_plane(x, p, err);
    if (strcmp(x->init.distribution, "values") == 0)
        return BF_OK;
    return bf_fail(err, BF_EINPUT,
                   "init is %s; expected init.values, the origin of the map's plane, or map.within "
                   "in place of map.u and map.v",
                   x->init.distribution);
}

/* ---- what the user asked for -------------------------------------------------------------- */

static char *text_of(const char *format, ...) BF_PRINTF(1, 2);
static char *text_of(const char *format, ...) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    va_list ap;
    va_start(ap, format);
    vfprintf(f, format, ap);
    va_end(ap);
    return fclose(f) == 0 ? text : NULL;
}

/* The name without the ending .png. */
static int stem(const char *path) {
    const size_t n = strlen(path);
    return (int)(n > 4 && strcmp(path + n - 4, ".png") == 0 ? n - 4 : n);
}

static bool wanted(const options *o, const experiment_view *v) {
    return !o->view || strcmp(o->view, v->name) == 0;
}

static unsigned count_wanted(const options *o, const experiment *x) {
    unsigned n = 0;
    for (unsigned i = 0; i < x->map.n_views; i++)
        n += wanted(o, &x->map.views[i]);
    return n;
}

/* --zoom, --points and --shade as overrides, behind the user's own. */
typedef struct edits {
    char **all; /* the last n_own are to be freed */
    size_t n, n_own;
} edits;

static bool edit(edits *e, char *text) {
    if (text) {
        e->all[e->n++] = text;
        e->n_own++;
    }
    return text != NULL;
}

static bool edit_zoom(edits *e, unsigned view, const char *zoom, bf_status *s, bf_error *err) {
    int x0 = (int)strcspn(zoom, ":,"), y = (int)strcspn(zoom, ",");
    const char *x1 = zoom + x0 + 1, *y0 = zoom + y + 1;
    int to = (int)strcspn(zoom[y] ? y0 : "", ":,");
    if (zoom[x0] != ':' || zoom[y] != ',' || y0[to] != ':' || strpbrk(y0 + to + 1, ":,")) {
        *s = bf_fail(err, BF_EINPUT, "--zoom: expected X0:X1,Y0:Y1, got '%.60s'", zoom);
        return true;
    }
    return edit(e, text_of("map.views.%u.x=['%.*s', '%.*s']", view, x0, zoom, (int)(zoom + y - x1),
                           x1)) &&
           edit(e, text_of("map.views.%u.y=['%.*s', '%s']", view, to, y0, y0 + to + 1));
}

static bf_status edit_views(edits *e, const experiment *x, const options *o, bf_error *err) {
    bf_status s = BF_OK;
    bool ok = !o->shade || edit(e, text_of("map.shade='%s'", o->shade));
    for (unsigned i = 0; i < x->map.n_views && ok && s == BF_OK; i++) {
        if (wanted(o, &x->map.views[i]) && o->points)
            ok = edit(e, text_of("map.views.%u.points='%s'", i, o->points));
        if (wanted(o, &x->map.views[i]) && o->zoom && ok)
            ok = edit_zoom(e, i, o->zoom, &s, err);
    }
    return ok ? s : bf_no_memory(err);
}

/* The experiment as the options change it. */
static bf_status load_edited(experiment **x, const char *path, const options *o, bf_error *err) {
    edits e = {.all = calloc(o->n_overrides + 3 + 3 * (size_t)(*x)->map.n_views, sizeof *e.all)};
    if (!e.all)
        return bf_no_memory(err);
    for (size_t i = 0; i < o->n_overrides; i++)
        e.all[e.n++] = (char *)o->overrides[i];
    bf_status s = edit_views(&e, *x, o, err);
    if (s == BF_OK) {
        experiment_free(*x);
        *x = NULL;
        s = experiment_load(x, path, (const char *const *)e.all, e.n, o->limits.data_folder, err);
    }
    for (size_t i = e.n - e.n_own; i < e.n; i++)
        free(e.all[i]);
    free(e.all);
    return s;
}

static const char *arithmetic_of(const experiment *x, const options *o) {
    return o->arith ? o->arith : x->arithmetics[0];
}

/* Everything that can be wrong with what was asked for, before there is a store. */
static bf_status check(const experiment *x, const plane *p, const options *o, bf_error *err) {
    if (strcmp(x->map.shade, "distance") == 0 && strcmp(x->outcome.rule, "planes") != 0)
        return bf_fail(err, BF_EINPUT,
                       "map.shade distance is that from a plane; expected outcome.rule planes, or "
                       "the shade step");
    bf_arithmetic a;
    bf_ensemble *e = NULL;
    bf_status s = bf_arithmetic_parse(&a, arithmetic_of(x, o), err);
    BF_TRY(s, run_ensemble(x, &a, &o->limits, &e, err));
    BF_TRY(s, outcome_check(x, e, err));
    if (s == BF_OK && bf_n_parameters(e) != p->n)
        s = bf_fail(err, BF_EINPUT,
                    "map.u has %zu numbers; expected one for each of the model's %zu parameters",
                    p->n, bf_n_parameters(e));
    for (unsigned i = 0; i < x->map.n_views && s == BF_OK; i++) {
        bf_grid *g = NULL;
        s = make_grid(&g, p, &x->map.views[i], &a.format, err);
        bf_grid_free(g);
    }
    bf_ensemble_free(e);
    return s;
}

static bf_status load(experiment **x, plane *p, const char *path, const options *o, bf_error *err) {
    bf_status s =
        experiment_load(x, path, o->overrides, o->n_overrides, o->limits.data_folder, err);
    if (s != BF_OK)
        return s;
    const unsigned n = count_wanted(o, *x);
    if ((*x)->map.n_views == 0)
        s = bf_fail(err, BF_EINPUT,
                    "%s: has no map; expected for example map: {u: [1, 0], v: [0, 1], "
                    "views: [{name: all, x: [-1, 1], y: [-1, 1], points: 500}]}",
                    path);
    else if (n == 0)
        s = bf_fail(err, BF_EINPUT, "%s: has no view '%.60s'; expected one of map.views", path,
                    o->view);
    else if (o->zoom && n > 1)
        s = bf_fail(err, BF_EINPUT, "--zoom changes one view, but %s has %u; expected --view NAME",
                    path, n);
    else
        s = load_edited(x, path, o, err);
    *p = (plane){0};
    BF_TRY(s, find_plane(*x, p, err));
    BF_TRY(s, check(*x, p, o, err));
    if (s != BF_OK) {
        free_plane(p);
        experiment_free(*x);
    }
    return s;
}

/* ---- what it is told ---------------------------------------------------------------------- */

/* `whole  f64  P+ 40.21%  P- 38.90%  map.png`, the most frequent outcomes first. */
static void print_line(const map *m, const char *path) {
    enum { SHOWN = 8 };
    printf("%-10s %s", m->view->name, m->arithmetic);
    for (uint32_t i = 0; i < m->n_labels && i < SHOWN; i++)
        printf("  %s %.2f%%", m->labels[m->ranked[i]],
               100 * (double)m->counts[m->ranked[i]] / ((double)m->points * m->points));
    if (m->n_labels > SHOWN)
        printf("  ... (%" PRIu32 " outcomes)", m->n_labels);
    printf("  %s\n", path);
}

static json_t *map_json(const map *m, const char *path) {
    json_t *outcomes = json_object();
    for (uint32_t i = 0; i < m->n_labels; i++)
        json_object_set_new(outcomes, m->labels[i], json_integer((json_int_t)m->counts[i]));
    char hash[33];
    bf_hash_text(&m->hash, hash);
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:{s:[s, s], s:[s, s]}, s:s, s:s, s:o, s:s}",
                     "view", m->view->name, "file", path, "arithmetic", m->arithmetic, "width",
                     (int)m->points, "height", (int)m->points, "box", "x", m->view->x[0],
                     m->view->x[1], "y", m->view->y[0], m->view->y[1], "rate",
                     m->view->rate ? m->view->rate : m->x->train.rate, "shade", m->x->map.shade,
                     "outcomes", outcomes, "hash", hash);
}

/* ---- the command -------------------------------------------------------------------------- */

/* Drawn in memory first. */
static bf_status write_picture(const map *m, const char *path, bool raw, bf_error *err) {
    char *png = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&png, &size);
    if (!memory)
        return bf_no_memory(err);
    bf_status s = map_picture(m, memory, raw, err);
    if (fclose(memory) != 0 && s == BF_OK)
        s = bf_no_memory(err);
    BF_TRY(s, write_output(path, png, size, err));
    free(png);
    return s;
}

static bf_status map_view(const experiment *x, const plane *p, const experiment_view *view,
                          store *st, const options *o, json_t *list, bf_error *err) {
    map *m = NULL;
    const int n = stem(o->output);
    char *path = count_wanted(o, x) == 1
                     ? strdup(o->output)
                     : text_of("%.*s-%s%s", n, o->output, view->name, o->output + n);
    bf_status s = path ? refuse_overwriting(path, store_path(st), err) : bf_no_memory(err);
    BF_TRY(s, make_map(&m, x, p, view, arithmetic_of(x, o), st, o, err));
    BF_TRY(s, write_picture(m, path, o->raw, err));
    if (s == BF_OK && o->json)
        json_array_append_new(list, map_json(m, path));
    else if (s == BF_OK && !o->quiet)
        print_line(m, path);
    free(path);
    map_free(m);
    return s;
}

static bf_status map_views(const experiment *x, const plane *p, const char *path, const options *o,
                           bf_error *err) {
    store *st;
    bf_status s = store_open(&st, path, &store_map, x, err);
    if (s != BF_OK)
        return s;
    json_t *list = json_array();
    store_describe(st, o->command_line, limits_threads(&o->limits));
    for (unsigned i = 0; i < x->map.n_views && s == BF_OK; i++)
        if (wanted(o, &x->map.views[i]))
            s = map_view(x, p, &x->map.views[i], st, o, list, err);
    store_close(st);
    if (s == BF_EINTERRUPTED)
        s = bf_fail(err, s, "interrupted; the same command goes on from here (%s)", path);
    if (s == BF_INCONCLUSIVE)
        s = stopped_in_time(o, path);
    if (s == BF_OK && o->json)
        return print_json(
            json_pack("{s:s, s:s, s:o}", "name", x->name, "store", path, "maps", list), err);
    json_decref(list);
    return s == BF_OK ? close_output(stdout, "-", err) : s;
}

static bf_status run_map(const options *o, int n, char **arguments, bf_error *err) {
    (void)n;
    if (!o->output)
        return bf_fail(err, BF_EINPUT, "expected -o PNG, the file for the picture");
    bf_status s = refuse_overwriting(o->output, arguments[0], err);
    experiment *x;
    plane p;
    BF_TRY(s, load(&x, &p, arguments[0], o, err));
    if (s != BF_OK)
        return s;
    char *path = o->store ? strdup(o->store) : text_of("%.*s.store", stem(o->output), o->output);
    s = path ? map_views(x, &p, path, o, err) : bf_no_memory(err);
    free(path);
    free_plane(&p);
    experiment_free(x);
    return s;
}

const command command_map = {
    .name = "map",
    .arguments = "EXPERIMENT",
    .summary = "Draw which start of a plane leads to which outcome",
    .help =
        "Trains every start of the grids that the experiment's map.views name, under one\n"
        "arithmetic: --arith, or the first of the experiment. One view: one PNG. Several: one\n"
        "each, the view's name behind that of -o. The plane is that of the directions map.u and map.v\n"
        "from init.values, or (map.within) that through zero and the experiment's start: a within an\n"
        "invariant subspace, b across it: vanished:LAYER.NEURON, where that neuron is no more; equal: or\n"
        "opposite:LAYER.NEURON+LAYER.NEURON; P+ or P-, equal or opposite, of the first two neurons.\n"
        "LAYER counts all entries of model.layers and NEURON its outputs, from 0.\n\n"
        "The outcomes are kept in a store, one SQLite file. Interrupted or killed at any moment, or\n"
        "out of --max-time (no picture then), the same command goes on where it stopped and draws\n"
        "the same picture; what the store has is not run again. --zoom needs one view (--view); its\n"
        "numbers may have as many digits as the zoom needs.\n\n"
        "--shade distance: near its plane bright, far dark. --shade step: bright where the label\n"
        "is final early; of 64 evenly spaced steps the first from which it does not change.\n\n"
        "JSON: name, store, maps [{view, file, arithmetic, width, height, box {x, y}, rate, shade,\n"
        "outcomes {label: starts}, hash}].\n\n"
        "  bitfate map experiments/minimal-map.yaml --points 200 -o map.png\n"
        "  bitfate map experiments/minimal-map.yaml --view whole --zoom 2:2.5,1:1.5 -o zoom.png\n",
    .takes = "set arith output allow-library view zoom points shade raw store max-time",
    .output = "PNG",
    .least = 1,
    .most = 1,
    .run = run_map,
};
