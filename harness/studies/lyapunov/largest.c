/* SPDX-License-Identifier: MIT */
/* largest.c - the largest exponent alone, over the first steps from many starts. */
#include "studies/lyapunov/worker.h"

#include "run/trials.h"

#include <math.h>
#include <stdlib.h>

/* Steps between two normalisations. */
enum { EVERY = 16 };

typedef struct job {
    const experiment *x;
    const uint8_t *starts;
    uint64_t steps;
    double *rates;
} job;

/* A start's. */
typedef struct growth {
    uint64_t start;
    double rate;
} growth;

/* A random tangent at a start, in this lane. */
static void begin(const job *j, bf_ensemble *e, int lane, uint64_t start, double *v) {
    const size_t n = bf_n_states(e);
    double unused = 0;
    for (size_t k = 0; k < n; k++)
        v[k] = (double)(int64_t)bf_random(j->x->seed, BF_STREAM_TANGENT, start, (uint32_t)k, 0) *
               0x1p-63;
    lyapunov_orthonormalise(1, n, v, &unused);
    bf_lane_start(e, lane, j->starts + start * bf_n_parameters(e) * 8);
    bf_lane_put_tangent(e, lane, v);
}

/* The runs of n starts, at most as many as the ensemble has lanes. v: (state). */
static void measure(const job *j, bf_ensemble *e, growth *of, size_t n, double *v) {
    for (size_t i = 0; i < n; i++) {
        begin(j, e, (int)i, of[i].start, v);
        of[i].rate = 0;
    }
    for (uint64_t done = 0; done < j->steps;) {
        const uint64_t stretch = j->steps - done < EVERY ? j->steps - done : EVERY;
        for (uint64_t within = 0; within < stretch;)
            within += bf_train(e, stretch - within);
        done += stretch;
        for (size_t i = 0; i < n; i++) {
            bf_lane_tangent(e, (int)i, v);
            lyapunov_orthonormalise(1, bf_n_states(e), v, &of[i].rate);
            bf_lane_put_tangent(e, (int)i, v);
        }
    }
    for (size_t i = 0; i < n; i++) {
        of[i].rate = bf_lane_diverged(e, (int)i) ? NAN : of[i].rate / (double)j->steps;
        bf_lane_stop(e, (int)i);
    }
}

/* One thread's: as many starts at once as an ensemble has lanes. */
static bf_status work(void *context, trials_queue *q, bf_error *err) {
    const job *j = context;
    bf_ensemble *e = NULL;
    bf_status s = lyapunov_tangent_ensemble(j->x, &e, err);
    if (s != BF_OK)
        return s;
    const size_t lanes = (size_t)bf_lanes(e);
    double *v = malloc(bf_n_states(e) * sizeof *v);
    growth *of = malloc(lanes * sizeof *of);
    s = v && of ? BF_OK : bf_no_memory(err);
    for (size_t n = 1; n > 0 && s == BF_OK && trials_go_on(q, &s, err);) {
        n = 0;
        while (n < lanes && trials_take(q, &of[n].start))
            n++;
        measure(j, e, of, n, v);
        s = trials_give(q, of, n, err);
    }
    free(of);
    free(v);
    bf_ensemble_free(e);
    return s;
}

static bf_status deliver(void *context, const void *results, size_t n, bf_error *err) {
    job *j = context;
    const growth *of = results;
    (void)err;
    for (size_t i = 0; i < n; i++)
        j->rates[of[i].start] = of[i].rate;
    return BF_OK;
}

bf_status lyapunov_largest(const experiment *x, const uint8_t *starts, size_t n, uint64_t steps,
                           const limits *l, double *rates, estimate *out, bf_error *err) {
    double *all = rates ? rates : malloc((n + 1) * sizeof *all);
    if (!all)
        return bf_no_memory(err);
    job j = {.x = x, .starts = starts, .steps = steps, .rates = all};
    const trials t = {.n = n,
                      .result_size = sizeof(growth),
                      .limits = l,
                      .context = &j,
                      .thread = work,
                      .deliver = deliver};
    bf_status s = trials_run(&t, err);
    if (s == BF_OK && !stats_mean(n, all, STATS_RESAMPLES, x->seed, out))
        s = bf_no_memory(err);
    if (!rates)
        free(all);
    return s;
}
