/* SPDX-License-Identifier: MIT */
/* request.c - the maps that the options ask for. */
#include "studies/map/request.h"

#include "experiment/outcome.h"
#include "run/run.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

bool map_requested(const options *o, const experiment_view *v) {
    return !o->view || strcmp(o->view, v->name) == 0;
}

static unsigned count_wanted(const options *o, const experiment *x) {
    unsigned n = 0;
    for (unsigned i = 0; i < x->map.n_views; i++)
        n += map_requested(o, &x->map.views[i]);
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
        if (map_requested(o, &x->map.views[i]) && o->points)
            ok = edit(e, text_of("map.views.%u.points='%s'", i, o->points));
        if (map_requested(o, &x->map.views[i]) && o->zoom && ok)
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

static bf_status check(const map_request *r, const options *o, bf_error *err) {
    const experiment *x = r->x;
    if (strcmp(x->map.shade, "distance") == 0 && strcmp(x->outcome.rule, "planes") != 0)
        return bf_fail(err, BF_EINPUT,
                       "map.shade distance is that from a plane; expected outcome.rule planes, or "
                       "the shade step");
    bf_arithmetic a;
    bf_ensemble *e = NULL;
    bf_status s = bf_arithmetic_parse(&a, r->arithmetic, err);
    BF_TRY(s, run_ensemble(x, &a, &o->limits, &e, err));
    BF_TRY(s, outcome_check(x, e, err));
    if (s == BF_OK && bf_n_parameters(e) != r->plane.n)
        s = bf_fail(err, BF_EINPUT,
                    "map.u has %zu numbers; expected one for each of the model's %zu parameters",
                    r->plane.n, bf_n_parameters(e));
    for (unsigned i = 0; i < x->map.n_views && s == BF_OK; i++) {
        bf_grid *g = NULL;
        s = map_grid(&g, &r->plane, &x->map.views[i], &a.format, err);
        bf_grid_free(g);
    }
    bf_ensemble_free(e);
    return s;
}

static bf_status load(experiment **x, const char *path, const options *o, bf_error *err) {
    bf_status s =
        experiment_load(x, path, o->overrides, o->n_overrides, o->limits.data_folder, err);
    if (s != BF_OK)
        return s;
    const unsigned n = count_wanted(o, *x);
    if ((*x)->map.n_views == 0)
        return bf_fail(err, BF_EINPUT,
                       "%s: has no map; expected for example map: {u: [1, 0], v: [0, 1], "
                       "views: [{name: all, x: [-1, 1], y: [-1, 1], points: 500}]}",
                       path);
    if (n == 0)
        return bf_fail(err, BF_EINPUT, "%s: has no view '%.60s'; expected one of map.views", path,
                       o->view);
    if (o->zoom && n > 1)
        return bf_fail(err, BF_EINPUT,
                       "--zoom changes one view, but %s has %u; expected --view NAME", path, n);
    return load_edited(x, path, o, err);
}

bf_status map_request_load(map_request *r, const char *path, const options *o, bf_error *err) {
    *r = (map_request){0};
    bf_status s = load(&r->x, path, o, err);
    BF_TRY(s, map_plane_find(&r->plane, r->x, err));
    if (s == BF_OK)
        r->arithmetic = o->arith ? o->arith : r->x->arithmetics[0];
    BF_TRY(s, check(r, o, err));
    if (s != BF_OK)
        map_request_free(r);
    return s;
}

void map_request_free(map_request *r) {
    map_plane_free(&r->plane);
    experiment_free(r->x);
}

char *map_request_file(const map_request *r, const options *o, const experiment_view *v) {
    const int n = stem(o->output);
    return count_wanted(o, r->x) == 1 ? strdup(o->output)
                                      : text_of("%.*s-%s%s", n, o->output, v->name, o->output + n);
}

char *map_request_store(const options *o) {
    return o->store ? strdup(o->store) : text_of("%.*s.store", stem(o->output), o->output);
}
