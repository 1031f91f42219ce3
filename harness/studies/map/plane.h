/* SPDX-License-Identifier: MIT */
/* plane.h - the plane that an experiment's maps lie in. */
#ifndef MAP_PLANE_H
#define MAP_PLANE_H

#include "experiment/experiment.h"
#include "run/limits.h"
#include "store/store.h"

/* origin + a u/|u| + b v/|v|: one number for each of n parameters. */
typedef struct map_plane {
    size_t n;
    const char *const *origin, *const *u, *const *v;
    const char **drawn; /* all of these, when they are not the experiment's; */
    char (*texts)[32];  /* where they are */
} map_plane;

/* Given by the experiment, or drawn by its seed. To be freed also after an error. */
BF_MUST_CHECK bf_status map_plane_find(map_plane *p, const experiment *x, bf_error *err);
void map_plane_free(map_plane *p);

/* The starts of a view. */
BF_MUST_CHECK bf_status map_grid(bf_grid **out, const map_plane *p, const experiment_view *v,
                                 const bf_format *f, bf_error *err);

/* Run what the store lacks of a view's map: its id there. */
BF_MUST_CHECK bf_status map_run(const experiment *x, const map_plane *p,
                                const experiment_view *view, const char *arithmetic, store *st,
                                const limits *l, int64_t *id, bf_error *err);

#endif
