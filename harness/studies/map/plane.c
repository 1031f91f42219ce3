/* SPDX-License-Identifier: MIT */
/* plane.c - the plane that an experiment's maps lie in. */
#include "studies/map/plane.h"

#include "experiment/subspace.h"
#include "run/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void map_plane_free(map_plane *p) {
    free(p->drawn);
    free(p->texts);
}

/* Whether training keeps it, put to the test by one step from p->u. */
static bf_status check_kept(const experiment *x, const subspace *sub, const map_plane *p,
                            bf_ensemble *e, uint8_t *theta, bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    bf_status s = BF_OK;
    for (size_t i = 0; i < p->n && s == BF_OK; i++)
        s = bf_number(f, p->u[i], theta + i * f->bytes, err);
    if (s != BF_OK)
        return s;
    bf_lane_start(e, 0, theta);
    bf_train(e, 1);
    bf_lane_theta(e, 0, theta);
    return subspace_maps(sub, p->n, f, theta, theta)
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
static bf_status draw_directions(const experiment *x, const subspace *sub, map_plane *p,
                                 bf_ensemble *e, bf_error *err) {
    const bf_format *f = bf_ensemble_format(e);
    uint8_t *theta = malloc(p->n * f->bytes);
    double *parts = malloc(2 * p->n * sizeof *parts);
    p->drawn = malloc(3 * p->n * sizeof *p->drawn);
    p->texts = malloc(2 * p->n * sizeof *p->texts);
    bf_status s =
        theta && parts && p->drawn && p->texts ? run_start(x, e, 0, theta, err) : bf_no_memory(err);
    if (s == BF_OK) {
        for (size_t i = 0; i < p->n; i++)
            parts[i] = parts[p->n + i] = bf_to_double(f, theta + i * f->bytes);
        subspace_project(sub, false, parts);
        subspace_project(sub, true, parts + p->n);
        s = check_directions(x, p->n, parts, err);
    }
    if (s == BF_OK) {
        for (size_t i = 0; i < 2 * p->n; i++) {
            snprintf(p->texts[i], sizeof *p->texts, "%a", parts[i]);
            p->drawn[i] = p->texts[i];
        }
        for (size_t i = 0; i < p->n; i++)
            p->drawn[2 * p->n + i] = "0";
        p->u = p->drawn;
        p->v = p->drawn + p->n;
        p->origin = p->drawn + 2 * p->n;
        s = check_kept(x, sub, p, e, theta, err);
    }
    free(theta);
    free(parts);
    return s;
}

/* By actual runs in binary64, whatever the map's arithmetic: the plane is one for all. */
static bf_status draw_plane(const experiment *x, map_plane *p, bf_error *err) {
    bf_arithmetic f64;
    bf_ensemble *e = NULL;
    subspace *sub = NULL;
    bf_status s = bf_arithmetic_parse(&f64, "f64", err);
    BF_TRY(s, run_ensemble(x, &f64, &limits_none, &e, err));
    BF_TRY(s, subspace_new(&sub, x->map.within, "map.within", e, err));
    if (s == BF_OK) {
        p->n = sub->n;
        s = draw_directions(x, sub, p, e, err);
    }
    subspace_free(sub);
    bf_ensemble_free(e);
    return s;
}

bf_status map_plane_find(map_plane *p, const experiment *x, bf_error *err) {
    *p = (map_plane){.n = x->map.n_u,
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

bf_status map_grid(bf_grid **out, const map_plane *p, const experiment_view *v, const bf_format *f,
                   bf_error *err) {
    const bf_axis u = {p->u, v->x[0], v->x[1], v->points};
    const bf_axis w = {p->v, v->y[0], v->y[1], v->points};
    return bf_grid_new(out, f, p->n, p->origin, &u, &w, err);
}
