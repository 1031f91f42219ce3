/* SPDX-License-Identifier: MIT */
/* run.c - the trajectories that a store lacks. */
#include "run/progress.h"
#include "studies/lyapunov/lyapunov.h"

#include <stdlib.h>

typedef struct job {
    const lyapunov_plan *plan;
    store *store;
    progress bar;
} job;

static bf_status keep(void *self, const lyapunov_trajectory *t, bf_error *err) {
    job *j = self;
    return lyapunov_add(j->store, j->plan, t, err);
}

static bf_status compute(job *j, lyapunov_trajectory **t, size_t n, const limits *l,
                         bf_error *err) {
    bf_status s = lyapunov_load(j->store, j->plan, t, n, err);
    if (s != BF_OK)
        return s;
    size_t missing = 0;
    for (size_t i = 0; i < n; i++)
        missing += t[i] == NULL;
    const lyapunov_watch watch = {.done = keep, .self = j, .limits = l, .bar = &j->bar};
    progress_begin(&j->bar, l, "lyapunov", "trajectories", missing);
    s = lyapunov_run(j->plan, t, &watch, err);
    progress_end(&j->bar);
    return s;
}

bf_status lyapunov_check(const experiment *x, const limits *l, const char *path, bf_error *err) {
    (void)l;
    if (x->lyapunov.trajectories == 0)
        return bf_fail(err, BF_EINPUT,
                       "%s: has no section lyapunov; expected for example lyapunov: "
                       "{trajectories: 32}",
                       path);
    lyapunov_plan *p;
    bf_status s = lyapunov_plan_new(&p, x, err);
    BF_TRY(s, lyapunov_check_symmetry(p, err));
    lyapunov_plan_free(p);
    return s;
}

bf_status lyapunov_compute(const experiment *x, store *st, const limits *l, bf_error *err) {
    lyapunov_plan *p;
    bf_status s = lyapunov_plan_new(&p, x, err);
    if (s != BF_OK)
        return s;
    job j = {.plan = p, .store = st};
    const size_t n = (size_t)x->lyapunov.trajectories;
    lyapunov_trajectory **t = calloc(n, sizeof(lyapunov_trajectory *));
    s = t ? compute(&j, t, n, l, err) : bf_no_memory(err);
    for (size_t i = 0; t && i < n; i++)
        lyapunov_trajectory_free(t[i]);
    free(t);
    lyapunov_plan_free(p);
    return s;
}
